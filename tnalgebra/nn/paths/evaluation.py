"""All terms of an expansion as numbers, from shared subterms, with the completeness residual."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tnalgebra.errors import ArrayError, LimitError
from tnalgebra.nn.paths.address import count_text
from tnalgebra.nn.shapes import Array, check_arrays
from tnalgebra.nn.transformer import Transformer

if TYPE_CHECKING:
    import torch

    from tnalgebra.nn.paths.expansion import PathExpansion

MAX_BYTES = 2**32


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The terms [count, pos, hidden or vocab], in the expansion's order and in float64.

    `arrays` are those that the terms' diagrams need, recorded patterns included.
    """

    expansion: PathExpansion
    terms: Array
    arrays: Mapping[str, Array]

    @cached_property
    def total(self) -> Array:
        """The sum of all terms."""
        result: Array = self.terms.sum(0)
        return result

    @cached_property
    def forward(self) -> Array:
        """The value of the model's own diagram, which knows nothing of the expansion.

        Raises ArrayError where it is not finite.
        """
        from tnalgebra.numeric.evaluate import evaluate

        transformer = self.expansion.transformer
        needed = {name: self.arrays[name] for name in transformer.tensors}
        result: Array = evaluate(transformer.diagram(), needed)
        if not np.isfinite(result).all():
            raise _too_large("own diagram")
        return result

    @property
    def residual(self) -> float:
        """Completeness: the largest entry of |sum of terms - forward pass|."""
        return float(np.abs(self.total - self.forward).max())

    @property
    def relative_residual(self) -> float:
        """The residual over the largest entry of the forward pass; 0 where both are 0."""
        scale = float(np.abs(self.forward).max())
        if not scale:
            return math.inf if self.residual else 0.0
        return self.residual / scale

    def __str__(self) -> str:
        x = self.expansion
        split = ", heads split" if x.split_heads else ""
        return (
            f"{x.mode} expansion of {x.transformer.layers} layers{split}: "
            f"{count_text(x.count)} terms\n"
            f"completeness residual: max |sum of terms - forward pass| = {self.residual:.2e} "
            f"(relative {self.relative_residual:.2e})"
        )


def evaluate_terms(
    expansion: PathExpansion, arrays: Mapping[str, Any], device: str = "cpu"
) -> Evaluation:
    """Evaluate every term from the projections and patterns of all sources, layer by layer.

    Raises ArrayError for arrays that do not fit, for a device that cannot be used and for a forward
    pass that is not finite, and LimitError above MAX_BYTES of memory.
    """
    import torch

    transformer = expansion.transformer
    _check_device(device)
    checked, sizes = check_arrays(transformer.tensors, arrays, "this transformer")
    _check_memory(expansion, sizes)
    tensors = {name: torch.from_numpy(array).to(device) for name, array in checked.items()}
    recorded: dict[str, Array] = {}
    if expansion.mode == "frozen" and transformer.pattern != "frozen":
        patterns = _patterns(transformer, tensors)
        tensors |= {f"A{layer}": pattern for layer, pattern in enumerate(patterns)}
        recorded = {f"A{layer}": pattern.cpu().numpy() for layer, pattern in enumerate(patterns)}
    sources = _embedding(transformer, tensors)[None]
    _check_finite(sources, "embedding")
    for layer in range(transformer.layers):
        own = _Layer(layer, tensors)
        if expansion.mode == "frozen":
            fresh = own.frozen(sources, expansion.split_heads)
        else:
            pattern = own.differences(sources, transformer.pattern)
            fresh = own.three_slots(pattern, sources, expansion.split_heads)
        _check_finite(fresh, f"layer {layer}")
        sources = torch.cat([sources, fresh])
    if transformer.vocab is not None:
        sources = sources @ tensors["W_U"]
        _check_finite(sources, "unembedding")
    _check_finite(sources.sum(0), "sum of terms")
    return Evaluation(expansion, sources.cpu().numpy(), {**checked, **recorded})


def record_patterns(transformer: Transformer, arrays: Mapping[str, Any]) -> list[Array]:
    """The pattern [heads, query, key] of each layer in the forward pass."""
    import torch

    checked, _ = check_arrays(transformer.tensors, arrays, "this transformer")
    tensors = {name: torch.from_numpy(array) for name, array in checked.items()}
    return [pattern.numpy() for pattern in _patterns(transformer, tensors)]


def _patterns(transformer: Transformer, tensors: Mapping[str, torch.Tensor]) -> list[torch.Tensor]:
    stream = _embedding(transformer, tensors)[None]
    patterns = []
    for layer in range(transformer.layers):
        own = _Layer(layer, tensors)
        if transformer.pattern == "frozen":
            pattern = tensors[f"A{layer}"]
        else:
            pattern = own.differences(stream, transformer.pattern)[0, 0]
        _check_finite(pattern, f"pattern of layer {layer}")
        patterns.append(pattern)
        stream = stream + own.three_slots(pattern[None, None], stream, split=False)
    return patterns


def _embedding(transformer: Transformer, tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
    if transformer.vocab is None:
        return tensors["x"]
    return tensors["tokens"] @ tensors["W_E"] + tensors["W_pos"]


class _Layer:
    """One layer's weights, applied to all sources [T, pos, hidden] at once."""

    def __init__(self, layer: int, tensors: Mapping[str, torch.Tensor]) -> None:
        self.layer = layer
        self.tensors = tensors

    def _project(self, sources: torch.Tensor, name: str) -> torch.Tensor:
        """[T, pos, hidden] by [heads, hidden, head_size] to [heads, T, pos, head_size]."""
        count, positions, width = sources.shape
        weight = self.tensors[f"{name}{self.layer}"]
        flat = sources.reshape(1, count * positions, width) @ weight
        return flat.reshape(len(weight), count, positions, -1)

    def differences(self, sources: torch.Tensor, pattern: str) -> torch.Tensor:
        """D [T, T, heads, query, key]: mixed differences of patterns over prefix sums.

        Linear patterns are those of the sources themselves: the differences of their prefix sums.
        """
        import torch

        inputs = sources.cumsum(0) if pattern == "softmax" else sources
        query, key = self._project(inputs, "W_Q"), self._project(inputs, "W_K")
        query = query / math.sqrt(query.shape[-1])
        scores = query[:, :, None] @ key[:, None].transpose(-1, -2)
        place = torch.arange(scores.shape[-1], device=scores.device)
        future = place > place[:, None]
        if pattern == "linear":
            return scores.masked_fill_(future, 0).permute(1, 2, 0, 3, 4)
        result = scores.masked_fill_(future, -math.inf).softmax(-1)
        for axis in (1, 2):
            first = result.narrow(axis, 0, 1)
            result = torch.cat([first, result.diff(dim=axis)], axis)
        return result.permute(1, 2, 0, 3, 4)

    def three_slots(
        self, pattern: torch.Tensor, sources: torch.Tensor, split: bool
    ) -> torch.Tensor:
        """Every pattern [T, T, heads, query, key] on every value source, in the terms' order."""
        import torch

        value = self._project(sources, "W_V")
        mixed = torch.einsum("ijnqk,nvke->nijvqe", pattern, value)
        return self._out(mixed.flatten(1, 3), split)

    def frozen(self, sources: torch.Tensor, split: bool) -> torch.Tensor:
        """The recorded pattern on every value source, in the terms' order."""
        import torch

        value = self._project(sources, "W_V")
        mixed = torch.einsum("nqk,nvke->nvqe", self.tensors[f"A{self.layer}"], value)
        return self._out(mixed, split)

    def _out(self, mixed: torch.Tensor, split: bool) -> torch.Tensor:
        """[heads, terms, pos, head_size] to [terms, pos, hidden], or heads * terms of them."""
        weight = self.tensors[f"W_O{self.layer}"]
        heads, count, positions, size = mixed.shape
        if split:
            flat = mixed.reshape(heads, count * positions, size) @ weight
            return flat.reshape(heads * count, positions, -1)
        joined = mixed.permute(1, 2, 0, 3).reshape(count * positions, heads * size)
        return (joined @ weight.flatten(0, 1)).reshape(count, positions, -1)


def _check_memory(expansion: PathExpansion, sizes: Mapping[str, int]) -> None:
    """Raise LimitError where the terms and patterns would take more than MAX_BYTES."""
    positions, heads = sizes["pos"], sizes.get("heads", 1)
    widest = max(sizes["hidden"], sizes.get("vocab", 1), heads * sizes.get("head_size", 1))
    sources = expansion.numbering.counts[-2] if expansion.transformer.layers else 1
    patterns = 1 if expansion.mode == "frozen" else sources**2
    needed = 8 * 3 * positions * (expansion.count * widest + patterns * heads * positions)
    if needed > MAX_BYTES:
        raise LimitError(
            f"{count_text(expansion.count)} terms are too many to evaluate at once: they need "
            f"{count_text(-(-needed // 2**30))} GiB, and the limit is {MAX_BYTES // 2**30} GiB",
            hint="evaluate single terms by their diagrams, split less, or give a shorter prompt",
        )


def _check_finite(array: torch.Tensor, where: str) -> None:
    if not bool(array.isfinite().all()):
        raise _too_large(where)


def _too_large(where: str) -> ArrayError:
    return ArrayError(
        f"the forward pass is not finite: numbers too large for float64 arise ({where})",
        hint="give smaller weights or a smaller input",
    )


def _check_device(device: str) -> None:
    """Raise ArrayError unless one number can go to the device in float64 and come back."""
    import torch

    try:
        torch.zeros((), dtype=torch.float64, device=device).item()
    except (AssertionError, NotImplementedError, RuntimeError, TypeError) as error:
        raise ArrayError(
            f"cannot compute on the device {device!r}: {str(error).splitlines()[0]}",
            hint='use device="cpu", or "cuda" where torch finds a CUDA device',
        ) from error
