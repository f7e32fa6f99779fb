"""Plain numpy samples of each fact that fixes the form of a matrix or vector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tnalgebra.core.nodes import Tensor
from tnalgebra.numeric.matrices import Grouping

Numbers = np.ndarray[Any, Any]
Maker = Callable[[Callable[..., Numbers], int, int, np.random.Generator], Numbers]


def special_array(
    tensor: Tensor,
    shape: tuple[int, ...],
    is_complex: bool,
    generator: np.random.Generator,
    *,
    whole: bool = False,
) -> Numbers | None:
    """An array for the first declared fact in MAKERS, or None; other facts are not looked at.

    whole: in small whole numbers; else normally distributed where the fact leaves a choice.
    """
    fact = next((fact for fact in tensor.facts if fact.kind in MAKERS), None)
    if fact is None:
        return None
    rows, columns = fact.sides if len(fact.sides) == 2 else (fact.sides[0], ())
    grouping = Grouping(rows, columns, shape)

    def drawn(*size: int) -> Numbers:
        if whole:
            array: Numbers = generator.integers(-1, 3, size)
            return array + 1j * generator.integers(-1, 2, size) if is_complex else array
        array = generator.standard_normal(size)
        return array + 1j * generator.standard_normal(size) if is_complex else array

    matrix = MAKERS[fact.kind](drawn, *grouping.shape, generator)
    result: Numbers = np.ascontiguousarray(grouping.tensor(matrix[None])[0])
    return result


def _hermitian(
    drawn: Callable[..., Numbers], n: int, _: int, generator: np.random.Generator
) -> Numbers:
    matrix = drawn(n, n)
    result: Numbers = matrix + matrix.conj().T
    return result


def _diagonal(
    drawn: Callable[..., Numbers], n: int, _: int, generator: np.random.Generator
) -> Numbers:
    return np.diag(drawn(n))


def _stochastic(
    drawn: Callable[..., Numbers], rows: int, columns: int, generator: np.random.Generator
) -> Numbers:
    matrix = drawn(rows, columns)
    matrix[:, -1] = 1 - matrix[:, :-1].sum(1)
    return matrix


def _right_invertible(
    drawn: Callable[..., Numbers], rows: int, columns: int, generator: np.random.Generator
) -> Numbers:
    return drawn(rows, columns)


def _projector(
    drawn: Callable[..., Numbers], n: int, _: int, generator: np.random.Generator
) -> Numbers:
    """V V^H for some orthonormal columns of V; of the unit matrix, so that it stays whole."""
    columns = np.flatnonzero(generator.integers(0, 2, n))
    matrix = drawn(n, n)
    unit = np.eye(n, dtype=int) if _is_whole(matrix) else np.linalg.qr(matrix)[0]
    result: Numbers = unit[:, columns] @ unit[:, columns].conj().T
    return result


def _is_whole(matrix: Numbers) -> bool:
    return bool(np.all(matrix == np.rint(matrix)))


def _idempotent(
    drawn: Callable[..., Numbers], n: int, _: int, generator: np.random.Generator
) -> Numbers:
    """X D inv(X); X upper triangular of determinant 1 where whole numbers have to stay whole."""
    matrix = drawn(n, n)
    kept = np.diag(generator.integers(0, 2, n))
    if not _is_whole(matrix):
        found: Numbers = matrix @ kept @ np.linalg.inv(matrix)
        return found
    upper = np.triu(generator.integers(-1, 2, (n, n)), 1) + np.eye(n, dtype=int)
    result: Numbers = upper @ kept @ np.rint(np.linalg.inv(upper)).astype(int)
    return result


def _permutation(
    drawn: Callable[..., Numbers], n: int, _: int, generator: np.random.Generator
) -> Numbers:
    return np.eye(n, dtype=int)[generator.permutation(n)]


def _onehot(
    drawn: Callable[..., Numbers], n: int, _: int, generator: np.random.Generator
) -> Numbers:
    return np.eye(n, dtype=int)[:, generator.integers(n)][:, None]


MAKERS: dict[str, Maker] = {
    "hermitian": _hermitian,
    "diagonal": _diagonal,
    "stochastic": _stochastic,
    "right_invertible": _right_invertible,
    "idempotent": _idempotent,
    "projector": _projector,
    "permutation": _permutation,
    "onehot": _onehot,
}
