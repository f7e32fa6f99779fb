"""An attention-only transformer as a diagram of O(layers) nodes, its residual streams shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import sympy

from tnalgebra.core.build import onehot
from tnalgebra.core.nodes import Tensor, causal_tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Diagram
from tnalgebra.errors import NotationError
from tnalgebra.nn.product import Part, applied, product, shared, summed

if TYPE_CHECKING:
    from tnalgebra.nn.paths.expansion import PathExpansion

Size: TypeAlias = int | sympy.Expr | None

PATTERNS = ("softmax", "linear", "frozen")


@dataclass(frozen=True, kw_only=True)
class Transformer:
    """A symbolic attention-only transformer without layer norms, biases or MLPs.

    Each size is an int, a sympy expression, or None where it is free. Without `vocab` the input is
    one tensor x [pos, hidden]; with it, tokens @ W_E + W_pos, and W_U follows the last layer.
    `pattern` is what attention does with its scores: "softmax" is the causal softmax, "linear"
    keeps those with key <= query as they are, "frozen" has constant tensors A0, A1, ... instead.
    Layers and heads count from 0. Raises NotationError. (Elhage et al. 2021, *A Mathematical
    Framework for Transformer Circuits*.)

    >>> m = Transformer(layers=2, heads=8, d_model=256, d_head=32)
    >>> [leg.name for leg in m.diagram().legs], len(m.path_expansion(mode="telescoped"))
    (['pos', 'hidden'], 10)
    """

    layers: int = 2
    heads: Size = None
    d_model: Size = None
    d_head: Size = None
    attention_only: bool = True
    pattern: str = "softmax"
    vocab: Size = None

    def __post_init__(self) -> None:
        if not self.attention_only:
            raise NotationError(
                "only attention-only transformers are offered",
                hint="leave attention_only=True; layer norms and MLPs have no diagram here",
            )
        if self.pattern not in PATTERNS:
            raise NotationError(
                f"unknown pattern {self.pattern!r}; known are {', '.join(PATTERNS)}"
            )
        if isinstance(self.layers, bool) or not isinstance(self.layers, int) or self.layers < 0:
            raise NotationError(f"layers is a number of layers, not {self.layers!r}")
        for name in ("heads", "d_model", "d_head", "vocab"):
            object.__setattr__(self, name, _checked_size(name, getattr(self, name)))

    def __getstate__(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def spaces(self) -> Mapping[str, Space]:
        """What the legs range over: pos, hidden, heads, head_size and vocab, by name."""
        sizes = {
            "pos": None,
            "hidden": self.d_model,
            "heads": self.heads,
            "head_size": self.d_head,
            "vocab": self.vocab,
        }
        return MappingProxyType({name: Space(name, size, True) for name, size in sizes.items()})

    @cached_property
    def tensors(self) -> Mapping[str, Tensor]:
        """Every tensor that needs an array, by name: input, weights, frozen patterns."""
        shapes: dict[str, tuple[str, ...]] = {}
        if self.vocab is None:
            shapes["x"] = ("p:pos", "d:hidden")
        else:
            shapes["tokens"] = ("p:pos", "v:vocab")
            shapes["W_E"] = ("v:vocab", "d:hidden")
            shapes["W_pos"] = ("p:pos", "d:hidden")
            shapes["W_U"] = ("d:hidden", "v:vocab")
        inward = ("n:heads", "d:hidden", "e:head_size")
        for layer in range(self.layers):
            if self.pattern == "frozen":
                shapes[f"A{layer}"] = ("n:heads", "q:pos", "k:pos")
            else:
                shapes[f"W_Q{layer}"] = shapes[f"W_K{layer}"] = inward
            shapes[f"W_V{layer}"] = inward
            shapes[f"W_O{layer}"] = ("n:heads", "e:head_size", "d:hidden")
        return MappingProxyType({name: self._tensor(name, legs) for name, legs in shapes.items()})

    def _tensor(self, name: str, legs: tuple[str, ...]) -> Tensor:
        pairs = [leg.split(":") for leg in legs]
        return Tensor(name, tuple(Leg(leg, self.spaces[space]) for leg, space in pairs))

    @cached_property
    def causal_mask(self) -> Tensor:
        """The constant tensor [q, k] that is 1 where key <= query and 0 elsewhere."""
        pos = self.spaces["pos"]
        return causal_tensor(Leg("q", pos), Leg("k", pos))

    def head(self, number: int) -> Diagram:
        """The unit vector [n] that picks one head."""
        return onehot(number, self.spaces["heads"], "n")

    def scores(self, layer: int, query: Part, key: Part) -> Diagram:
        """The scaled scores [n, q, k] of two inputs [pos, hidden] (post, G3)."""
        masked = [(self.causal_mask, "q k")] if self.pattern == "linear" else []
        return product(
            (query, "q d"),
            (self.tensors[f"W_Q{layer}"], "n d e"),
            (self.tensors[f"W_K{layer}"], "n c e"),
            (key, "k c"),
            *masked,
            keep="n q k",
            coefficient=1 / sympy.sqrt(self.spaces["head_size"].dimension),
        )

    def attention_pattern(self, layer: int, query: Part, key: Part) -> Part:
        """The pattern [n, q, k] that a query input and a key input [pos, hidden] make."""
        if self.pattern == "frozen":
            return self.tensors[f"A{layer}"]
        scores = self.scores(layer, query, key)
        return applied("causal_softmax", scores, (1, 2)) if self.pattern == "softmax" else scores

    def attention(
        self, layer: int, pattern: Part, value: Part, heads: Part | None = None
    ) -> Diagram:
        """The output [pos, hidden] of a pattern [n, q, k] on a value input [pos, hidden].

        `heads`, where given, is a vector [n] that weighs the heads (post, G4).
        """
        return product(
            (pattern, "n pos k"),
            (value, "k d"),
            (self.tensors[f"W_V{layer}"], "n d e"),
            (self.tensors[f"W_O{layer}"], "n e hidden"),
            *([] if heads is None else [(heads, "n")]),
            keep="pos hidden",
        )

    def stream(self, layer: int) -> Part:
        """The shared residual stream [pos, hidden] before a layer; layer=layers is the last."""
        streams = self._streams
        while len(streams) <= layer:
            last, before = streams[-1], len(streams) - 1
            out = self.attention(before, self.attention_pattern(before, last, last), last)
            streams.append(shared(summed(_opened(last), out)))
        return streams[layer]

    @cached_property
    def _streams(self) -> list[Part]:
        if self.vocab is None:
            return [self.tensors["x"]]
        embedded = product(
            (self.tensors["tokens"], "pos v"), (self.tensors["W_E"], "v hidden"), keep="pos hidden"
        )
        return [shared(summed(embedded, _opened(self.tensors["W_pos"])))]

    def unembed(self, value: Part) -> Diagram:
        """The logits [pos, vocab] of a stream [pos, hidden]; the stream itself without a vocab."""
        if self.vocab is None:
            return _opened(value)
        return product((value, "pos d"), (self.tensors["W_U"], "d vocab"), keep="pos vocab")

    def diagram(self) -> Diagram:
        """The whole forward pass, [pos, hidden] or [pos, vocab], in O(layers) distinct nodes."""
        return self._diagram

    @cached_property
    def _diagram(self) -> Diagram:
        return self.unembed(self.stream(self.layers))

    def with_pattern(self, pattern: str) -> Transformer:
        """The same transformer with another pattern."""
        return replace(self, pattern=pattern)

    def freeze_attention(self) -> Transformer:
        """The same transformer with constant patterns A0, A1, ...: linear in its input."""
        return self.with_pattern("frozen")

    def path_expansion(
        self, mode: str, *, split_heads: bool = False, split_positions: bool = False
    ) -> PathExpansion:
        """The terms of the forward pass; see `PathExpansion`."""
        from tnalgebra.nn.paths.expansion import PathExpansion

        return PathExpansion(self, mode, split_heads=split_heads, split_positions=split_positions)


def _checked_size(name: str, size: Size) -> Size:
    """The size, an int where it is known; raises NotationError if it cannot be one."""
    if isinstance(size, sympy.Integer):
        size = int(size)
    if size is None or (isinstance(size, int) and not isinstance(size, bool) and size > 0):
        return size
    if isinstance(size, sympy.Expr) and size.free_symbols:
        could_be = (size.is_integer, size.is_positive, size.is_finite, size.is_commutative)
        if False not in could_be:
            return size
    raise NotationError(
        f"{name} is a positive int, a sympy expression of symbols or None, not {size!r}"
    )


def _opened(stream: Part) -> Diagram:
    """A stream as a diagram with the free legs (pos, hidden)."""
    if isinstance(stream, Diagram):
        return stream
    return product((stream, "pos hidden"), keep="pos hidden")
