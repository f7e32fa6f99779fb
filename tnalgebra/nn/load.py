"""Real weights: the shipped model or an .npz file, with the diagram they belong to."""

from __future__ import annotations

import lzma
import operator
import os
import re
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from tnalgebra.core.nesting import all_tensors
from tnalgebra.core.values import Diagram, Value
from tnalgebra.errors import ArrayError, NotationError
from tnalgebra.nn.shapes import Array, check_arrays
from tnalgebra.nn.transformer import Transformer
from tnalgebra.numeric.arrays import is_torch

if TYPE_CHECKING:
    from tnalgebra.nn.paths.expansion import PathExpansion

SHIPPED = ("induction",)

_UNREADABLE = (
    *(ArithmeticError, EOFError, LookupError, OSError, RuntimeError, SyntaxError, TypeError),
    *(ValueError, lzma.LZMAError, struct.error, tokenize.TokenError, zipfile.BadZipFile),
    zlib.error,
)
"""What zipfile and numpy raise on files whose bytes are damaged."""

_LAYER = re.compile(r"W_[QKVO](0|[1-9][0-9]*)")


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """A transformer together with the weights of its tensors, in float64.

    >>> m = load("induction")
    >>> m.transformer.layers, m.forward([3, 1, 4]).shape
    (2, (3, 64))
    """

    transformer: Transformer
    weights: Mapping[str, Array]
    name: str = ""

    def __post_init__(self) -> None:
        weights = {name: array.view() for name, array in self.weights.items()}
        for array in weights.values():
            array.flags.writeable = False
        object.__setattr__(self, "weights", MappingProxyType(weights))

    def __reduce__(self) -> tuple[Any, ...]:
        return Model, (self.transformer, dict(self.weights), self.name)

    def __repr__(self) -> str:
        t = self.transformer
        return (
            f"<model {self.name!r}: {t.layers} layers, {t.heads} heads, d_model {t.d_model}, "
            f"d_head {t.d_head}, vocab {t.vocab}, context {self.context}, {t.pattern} attention>"
        )

    @property
    def context(self) -> int:
        """The greatest number of positions."""
        return int(self.weights["W_pos"].shape[0])

    def diagram(self) -> Diagram:
        """The forward pass, with the free legs (pos, vocab)."""
        return self.transformer.diagram()

    def arrays(self, tokens: Sequence[int], of: Value | None = None) -> dict[str, Array]:
        """The array of every tensor of the model at these tokens; of a term's alone with `of`.

        tokens: their numbers, at most `context` of them. Raises ArrayError where they do not fit.
        """
        numbers = self._checked(tokens)
        arrays = {name: self.weights[name] for name in self.transformer.tensors if name != "tokens"}
        arrays["tokens"] = np.eye(self.weights["W_E"].shape[0])[numbers]
        arrays["W_pos"] = self.weights["W_pos"][: len(numbers)]
        if of is not None:
            used = {tensor.name for tensor in all_tensors(of)}
            arrays = {name: array for name, array in arrays.items() if name in used}
        return arrays

    def _checked(self, tokens: Sequence[int]) -> np.ndarray[Any, Any]:
        numbers = _token_numbers(tokens)
        if not numbers:
            raise ArrayError("a prompt is a non-empty sequence of token numbers")
        if len(numbers) > self.context:
            raise ArrayError(
                f"the prompt has {len(numbers)} tokens, and the model's context is {self.context}",
                hint=f"give at most {self.context} tokens",
            )
        vocab = self.weights["W_E"].shape[0]
        wrong = [number for number in numbers if not 0 <= number < vocab]
        if wrong:
            raise ArrayError(
                f"token {wrong[0]} is out of range",
                hint=f"tokens are numbers from 0 to {vocab - 1}",
            )
        if self.transformer.pattern == "frozen" and self.transformer.layers:
            recorded = self.weights["A0"].shape[1]
            if len(numbers) != recorded:
                raise ArrayError(
                    f"the prompt has {len(numbers)} tokens, and attention was frozen at {recorded}",
                    hint=f"give {recorded} tokens, or freeze again",
                )
        return np.array(numbers)

    def forward(self, tokens: Sequence[int]) -> Array:
        """The logits [pos, vocab]: the value of `diagram()`."""
        from tnalgebra.numeric.evaluate import evaluate

        result: Array = evaluate(self.diagram(), self.arrays(tokens))
        return result

    def patterns(self, tokens: Sequence[int]) -> list[Array]:
        """The attention pattern [heads, query, key] of each layer."""
        from tnalgebra.nn.paths.evaluation import record_patterns

        return record_patterns(self.transformer, self.arrays(tokens))

    def with_pattern(self, pattern: str) -> Model:
        """The same weights with "softmax" or "linear" (masked, otherwise unchanged) attention."""
        if pattern == "frozen" or self.transformer.pattern == "frozen":
            raise NotationError(
                "frozen attention belongs to a prompt", hint="use m.freeze_attention(tokens)"
            )
        return Model(self.transformer.with_pattern(pattern), self.weights, self.name)

    def freeze_attention(self, tokens: Sequence[int]) -> Model:
        """The model with the patterns at this prompt as constants A0, A1, ...: linear in its input.

        It runs on any prompt of the same length.
        """
        patterns = {f"A{layer}": a for layer, a in enumerate(self.patterns(tokens))}
        kept = {k: a for k, a in self.weights.items() if not k.startswith(("W_Q", "W_K"))}
        return Model(self.transformer.freeze_attention(), {**kept, **patterns}, self.name)

    def path_expansion(
        self, mode: str, *, split_heads: bool = False, split_positions: bool = False
    ) -> PathExpansion:
        """The terms of the forward pass; see `PathExpansion`."""
        from tnalgebra.nn.paths.expansion import PathExpansion

        return PathExpansion(
            self.transformer,
            mode,
            split_heads=split_heads,
            split_positions=split_positions,
            model=self,
        )


def _token_numbers(tokens: Any) -> list[int]:
    """The token numbers as ints; none at all where an entry is no whole number, or a bool."""
    entries = tokens.tolist() if isinstance(tokens, np.ndarray) or is_torch(tokens) else tokens
    if not isinstance(entries, Sequence) or isinstance(entries, str | bytes):
        return []
    if any(isinstance(entry, bool | np.bool_) for entry in entries):
        return []
    try:
        return [operator.index(entry) for entry in entries]
    except TypeError:
        return []


def load(model: str | os.PathLike[str]) -> Model:
    """The shipped model of a name ("induction"), or the weights of an .npz file.

    The file holds W_E [vocab, hidden], W_pos [pos, hidden], W_U [hidden, vocab] and for each layer
    l, from 0, W_Ql, W_Kl, W_Vl [heads, hidden, head_size] and W_Ol [heads, head_size, hidden].
    Raises NotationError for an unknown name and ArrayError for weights that are missing, extra or
    misshapen, by name.
    """
    if not isinstance(model, str | os.PathLike):
        raise NotationError(
            f"cannot load a model from {type(model).__name__!r}",
            hint=f"give one of {', '.join(SHIPPED)}, or the path of an .npz file",
        )
    if model in SHIPPED:
        shipped = files("tnalgebra.nn").joinpath("weights", f"{model}.npz")
        with shipped.open("rb") as file:
            return _model(_arrays(file, str(model)), str(model))
    path = Path(model)
    if not path.is_file():
        raise NotationError(
            f"no model is called {str(model)!r}, and it is no file either",
            hint=f"give one of {', '.join(SHIPPED)}, or the path of an .npz file",
        )
    with path.open("rb") as file:
        return _model(_arrays(file, path.name), path.stem)


def _arrays(file: Any, name: str) -> dict[str, np.ndarray[Any, Any]]:
    try:
        archive = np.load(file, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ArrayError(f"{name!r} holds one array, not named weights", hint="use numpy.savez")
        with archive:
            return {key: archive[key] for key in archive.files}
    except _UNREADABLE as error:
        raise ArrayError(f"{name!r} is not a readable .npz file: {error}") from None


def _model(arrays: Mapping[str, np.ndarray[Any, Any]], name: str) -> Model:
    numbers = [int(found[1]) for key in arrays if (found := _LAYER.fullmatch(key))]
    layers = min(max(numbers, default=-1) + 1, len(arrays))
    free = Transformer(layers=layers, vocab=sympy.Symbol("vocab", integer=True, positive=True))
    wanted = {key: one for key, one in free.tensors.items() if key != "tokens"}
    weights, sizes = check_arrays(wanted, arrays, f"the model {name!r}")
    transformer = Transformer(
        layers=layers,
        heads=sizes.get("heads"),
        d_model=sizes["hidden"],
        d_head=sizes.get("head_size"),
        vocab=sizes["vocab"],
    )
    return Model(transformer, weights, name)
