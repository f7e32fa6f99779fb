"""The forward pass as a lazily indexed sequence of terms, in a mode that adds up exactly."""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tnalgebra.core.values import Diagram
from tnalgebra.errors import LimitError, NotationError
from tnalgebra.nn.paths.address import MODES, Address, Numbering, count_text
from tnalgebra.nn.paths.terms import TermBuilder
from tnalgebra.nn.transformer import Transformer

if TYPE_CHECKING:
    from tnalgebra.nn.load import Model
    from tnalgebra.nn.paths.evaluation import Evaluation


class Term:
    """One term of an expansion; `index` is its place."""

    def __init__(self, builder: TermBuilder, address: Address) -> None:
        self._builder = builder
        self.address = address
        self.index: int = address.index

    @property
    def label(self) -> str:
        """Such as "L1(L0,x,x)": query, key and value source; L0 inside stands for L0(x,x,x)."""
        return self.address.label

    @property
    def order(self) -> int:
        """The number of attention occurrences, with multiplicity."""
        return self.address.order

    @property
    def kind(self) -> str:
        """Which slots of the last layer do not hold the input: "none", "Q", ..., "QKV"."""
        return self.address.kind

    @property
    def heads(self) -> tuple[str, ...]:
        """Such as ("L1H5", "L0H2"), in the label's order; empty where heads are not split."""
        return self.address.heads

    @cached_property
    def diagram(self) -> Diagram:
        """The term's value, with the free legs (pos, hidden), or (pos, vocab) after unembedding."""
        return self._builder.diagram(self.address)

    def __repr__(self) -> str:
        index = count_text(self.index)
        return f"Term({index}, {self.label!r}, kind={self.kind!r}, order={self.order})"


class PathExpansion:
    """All terms whose sum is the forward pass; counted and indexed without being listed.

    mode "linear" needs pattern="linear": literal terms. "telescoped" needs softmax: mixed
    differences over prefix sums of the sources in `order_of_sources`, which the terms depend on.
    "frozen": each pattern a constant tensor A0, A1, ..., recorded at the prompt. Raises
    NotationError for a mode that the model's pattern does not allow, or that does not add up.
    (Post, C1, C2 and C5.)

    >>> from tnalgebra.nn import Transformer
    >>> x = Transformer(layers=2, heads=8).path_expansion(mode="telescoped")
    >>> [term.label for term in x][:4], x[-1].kind
    (['x', 'L0(x,x,x)', 'L1(x,x,x)', 'L1(x,x,L0)'], 'QKV')
    """

    def __init__(
        self,
        transformer: Transformer,
        mode: str,
        *,
        split_heads: bool = False,
        split_positions: bool = False,
        model: Model | None = None,
    ) -> None:
        _check_mode(mode, transformer.pattern)
        if split_positions:
            raise NotationError(
                "split_positions=True is not offered", hint="split_heads=True splits by head"
            )
        heads = transformer.heads if split_heads else 1
        if not isinstance(heads, int):
            raise NotationError(
                f"split_heads=True needs a number of heads, not {heads!r}",
                hint="give Transformer(heads=8), say",
            )
        self.transformer = transformer
        self.mode = mode
        self.split_heads = split_heads
        self.model = model
        slots = 1 if mode == "frozen" else 3
        self.numbering = Numbering(transformer.layers, heads, slots=slots, split=split_heads)
        self._builder = TermBuilder(
            transformer.freeze_attention() if mode == "frozen" else transformer, self.numbering
        )

    @property
    def count(self) -> int:
        """The number of terms, of any size; `len` is limited by the machine's word."""
        return self.numbering.count

    @property
    def order_of_sources(self) -> str:
        """The order of the terms, and so of every layer's sources, in words."""
        head = "head, then " if self.split_heads else ""
        slots = "value source" if self.mode == "frozen" else "query, key and value source"
        return (
            "the input x, then layer by layer; "
            f"within a layer by {head}{slots} in this same order, the last fastest"
        )

    def __len__(self) -> int:
        if self.count > sys.maxsize:
            raise LimitError(
                f"{count_text(self.count)} terms are more than len() can say",
                hint="read x.count instead",
            )
        return self.count

    def __getitem__(self, index: int) -> Term:
        place = operator.index(index)
        if place < 0:
            place += self.count
        if not 0 <= place < self.count:
            raise IndexError(
                f"term {count_text(operator.index(index))} of {count_text(self.count)}"
            )
        return Term(self._builder, self.numbering.address(place))

    def __iter__(self) -> Iterator[Term]:
        place = 0
        while place < self.count:
            yield self[place]
            place += 1

    def __repr__(self) -> str:
        split = ", heads split" if self.split_heads else ""
        layers = self.transformer.layers
        count = count_text(self.count)
        return f"<{self.mode} expansion of {layers} layers{split}: {count} terms>"

    def evaluate(
        self,
        tokens: Sequence[int] | None = None,
        *,
        arrays: Mapping[str, Any] | None = None,
        device: str = "cpu",
    ) -> Evaluation:
        """Every term as numbers, batched in float64, with the completeness residual.

        Give `tokens` for a model with weights, `arrays` (by tensor name, see
        `Transformer.tensors`) for a symbolic one. Raises ArrayError for an array that is missing or
        misshapen, an unknown device and a forward pass that is not finite, and LimitError where the
        terms would not fit the stated limit.
        """
        from tnalgebra.nn.paths.evaluation import evaluate_terms

        if (tokens is None) == (arrays is None):
            raise NotationError("evaluate needs either tokens or arrays=")
        if tokens is not None:
            if self.model is None:
                raise NotationError(
                    "a symbolic transformer has no weights to run tokens through",
                    hint="give arrays=..., or use tn.nn.load",
                )
            arrays = self.model.arrays(tokens)
        assert arrays is not None
        return evaluate_terms(self, arrays, device)


def _check_mode(mode: str, pattern: str) -> None:
    if mode == "moebius":
        raise NotationError(
            'mode="moebius" is not offered', hint="at two layers it equals telescoped"
        )
    if mode == "substitution":
        raise NotationError(
            'mode="substitution" is refused: softmax is not additive in its arguments, so '
            "substituting the sources into it term by term does not add up to the forward pass",
            hint='use mode="telescoped" or mode="frozen"',
        )
    if mode not in MODES:
        raise NotationError(f"unknown mode {mode!r}; known are {', '.join(MODES)}")
    wanted = {"linear": ("linear",), "telescoped": ("softmax",), "frozen": ("softmax", "frozen")}
    if pattern not in wanted[mode]:
        raise NotationError(
            f'mode="{mode}" needs pattern="{wanted[mode][0]}", and this model has "{pattern}"',
            hint=f'use with_pattern("{wanted[mode][0]}")',
        )
