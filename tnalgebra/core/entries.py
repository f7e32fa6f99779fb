"""Entries that a user gives: whether they have the facts declared beside them, by sympy."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import prod
from typing import TypeAlias

import sympy

from tnalgebra.core.facts import SIGNS, Fact
from tnalgebra.core.nodes import Tensor

Numbers: TypeAlias = sympy.ImmutableDenseNDimArray


def places(rank: int) -> tuple[sympy.Symbol, ...]:
    """The symbols that a formula of entries has for the index values of the ports."""
    return tuple(sympy.Symbol(f"_{k}", integer=True) for k in range(rank))


def violated(tensor: Tensor) -> Fact | None:
    """The first fact of an unmarked tensor that its entries are not known to have.

    A formula is written out where all sizes are numbers; else it is known to have facts only where
    it injects one leg into a larger one.
    """
    entries = tensor.entries
    if isinstance(entries, sympy.Lambda) and not tensor.is_builtin and tensor.facts:
        shape = [space.dimension for space in tensor.spaces()]
        if not all(size.is_Integer for size in shape):
            allowed = {"isometry", "real"} if _injects(tensor, entries) else set()
            return next((fact for fact in tensor.known if fact.kind not in allowed), None)
        numbers = [entries(*place) for place in product(*(range(int(n)) for n in shape))]
        entries = sympy.ImmutableDenseNDimArray(numbers, [int(size) for size in shape])
    if not isinstance(entries, sympy.ImmutableDenseNDimArray):
        return None
    return next((fact for fact in tensor.known if not _holds(fact, tensor, entries)), None)


def _injects(tensor: Tensor, entries: sympy.Lambda) -> bool:
    """Whether the entries are 1 where port 0 counts on from a place, with room left for port 1."""
    formula = entries.expr
    if tensor.rank != 2 or not isinstance(formula, sympy.KroneckerDelta):
        return False
    outer, inner = entries.variables
    offset = next((b - inner for a, b in (formula.args, formula.args[::-1]) if a == outer), None)
    large, small = (space.dimension for space in tensor.spaces())
    isometry = Fact("isometry", ((0,), (1,)))
    return (
        offset is not None
        and not {outer, inner} & offset.free_symbols
        and offset.is_nonnegative is True
        and sympy.expand(large - small - offset).is_nonnegative is True
        and all(fact == isometry for fact in tensor.known if fact.kind == "isometry")
    )


def _holds(fact: Fact, tensor: Tensor, entries: Numbers) -> bool:
    if fact.kind in SIGNS:
        sign = SIGNS[fact.kind]
        return all(
            _is_zero(entries - sign * sympy.permutedims(entries, _swap(tensor.rank, first, second)))
            for first, second in zip(fact.sides, fact.sides[1:], strict=False)
        )
    if fact.kind == "real":
        return _is_zero(entries - entries.applyfunc(sympy.conjugate))
    if fact.kind == "onehot":
        return sorted(map(str, sympy.flatten(entries))) == sorted(
            ["1", *["0"] * (entries.shape[0] - 1)]
        )
    if fact.kind not in MATRIX_FACTS:
        return True  # what is said by other facts, which are checked one by one
    rows, columns = fact.sides
    matrix = _matrix(entries, rows, columns)
    return matrix is not None and MATRIX_FACTS[fact.kind](matrix)


def _swap(rank: int, first: tuple[int, ...], second: tuple[int, ...]) -> list[int]:
    order = list(range(rank))
    for a, b in zip(first, second, strict=True):
        order[a], order[b] = b, a
    return order


def _matrix(
    entries: Numbers, rows: tuple[int, ...], columns: tuple[int, ...]
) -> sympy.Matrix | None:
    if sorted(rows + columns) != list(range(entries.rank())):
        return None
    moved = sympy.permutedims(entries, [*rows, *columns])
    shape = [prod(entries.shape[port] for port in side) for side in (rows, columns)]
    return sympy.Matrix(*shape, list(sympy.flatten(moved)))


def _is_zero(found: object) -> bool:
    return all(sympy.simplify(one) == 0 for one in sympy.flatten(found))


def _unit(matrix: sympy.Matrix) -> bool:
    return _is_zero((matrix - sympy.eye(matrix.rows)).tolist())


MATRIX_FACTS: dict[str, Callable[[sympy.Matrix], bool]] = {
    "isometry": lambda a: _unit(a.H * a),
    "invertible": lambda a: a.rows == a.cols and sympy.simplify(a.det()).is_zero is False,
    "right_invertible": lambda a: sympy.simplify((a * a.H).det()).is_zero is False,
    "hermitian": lambda a: _is_zero((a - a.H).tolist()),
    "idempotent": lambda a: _is_zero((a * a - a).tolist()),
    "diagonal": lambda a: a.is_diagonal(),
    "stochastic": lambda a: _is_zero([sum(a.row(k)) - 1 for k in range(a.rows)]),
    "permutation": lambda a: all(entry in (0, 1) for entry in a),
}
"""The facts of matrices that follow from no other; the rest are implied, and checked as those."""
