"""Small whole-number arrays that satisfy declared facts: what a person can check by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tnalgebra.core.nodes import Tensor
from tnalgebra.numeric.matrices import Checks, Grouping, holds, isometry_grouping, symmetrized
from tnalgebra.numeric.matrix_arrays import special_array

Numbers = np.ndarray[Any, Any]
_EXACT = Checks(
    np.matmul,
    lambda first, second: bool(np.all(first == second)),
    np.eye,
    lambda matrices: bool((np.abs(np.linalg.det(matrices)) > 0.5).all()),
)


def small_arrays(
    tensors: Sequence[Tensor], sizes: Mapping[str, int], *, real: bool, seed: int
) -> dict[str, Numbers] | None:
    """Arrays with entries 0, +-1, +-i, 2 that satisfy all declared facts exactly, by tensor name.

    tensors: unmarked, those with declared entries are passed over; sizes: by space name. `real`
    keeps every entry real. Inverses of invertible matrices are whole numbers too. None where this
    draw satisfies the facts of some tensor at no try.
    """
    generator = np.random.default_rng(seed % 2**63)
    result = {}
    for tensor in tensors:
        if tensor.entries is not None:
            continue
        shape = tuple(sizes[space.name] for space in tensor.spaces())
        for _ in range(8):
            array = _draw(tensor, shape, real or tensor_is_real(tensor), generator)
            if array is not None and _satisfies(tensor, array):
                result[tensor.name] = array
                break
        else:
            return None
    return result


def tensor_is_real(tensor: Tensor) -> bool:
    """Whether the declared facts make a tensor real."""
    return any(fact.kind == "real" for fact in tensor.known)


def _satisfies(tensor: Tensor, array: Numbers) -> bool:
    return all(
        holds(fact, tensor, array[None], array.conj()[None], _EXACT) for fact in tensor.known
    )


def _draw(
    tensor: Tensor, shape: tuple[int, ...], real: bool, generator: np.random.Generator
) -> Numbers | None:
    kinds = {fact.kind for fact in tensor.known}
    special = special_array(tensor, shape, not real, generator, whole=True)
    if special is not None:
        return special
    if "isometry" in kinds:
        grouping = isometry_grouping(tensor, shape)
        return None if grouping is None else _monomial(grouping, real, generator)
    if "invertible" in kinds and len(shape) == 2:
        lower = np.tril(generator.integers(-1, 2, shape), -1) + np.eye(shape[0], dtype=int)
        upper = np.triu(generator.integers(-1, 2, shape), 1) + np.eye(shape[0], dtype=int)
        return lower @ (lower.T if "symmetric" in kinds else upper)
    drawn = generator.integers(-1, 3, (1, *shape))
    if not real:
        drawn = drawn + 1j * generator.integers(-1, 2, (1, *shape))
    array: Numbers = symmetrized(tensor, drawn)[0]
    return array


def _monomial(grouping: Grouping, real: bool, generator: np.random.Generator) -> Numbers | None:
    """An isometry with one entry of modulus 1 in each column, in different rows."""
    rows, columns = grouping.shape
    if rows < columns:
        return None
    phases = np.array([1, -1]) if real else np.array([1, -1, 1j, -1j])
    matrix = np.zeros((1, rows, columns), dtype=phases.dtype)
    matrix[0, generator.permutation(rows)[:columns], np.arange(columns)] = generator.choice(
        phases, columns
    )
    array: Numbers = np.ascontiguousarray(grouping.tensor(matrix)[0])
    return array
