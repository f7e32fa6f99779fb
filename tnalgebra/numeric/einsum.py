"""The einsum of explicit arrays by our own contraction: the same kind of array out as in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from tnalgebra.errors import ArrayError, LimitError
from tnalgebra.numeric.arrays import (
    Array,
    is_torch,
    object_array,
    owned,
    plain,
    quiet,
    whole_type,
)
from tnalgebra.numeric.contraction import Arithmetic, FloatArithmetic, contract
from tnalgebra.numeric.inputs import MAX_AXES, check_types
from tnalgebra.numeric.symbolic import SympyArithmetic, is_sympy, to_sympy

Rows = Sequence[Sequence[str]]


class IntegerArithmetic(FloatArithmetic):
    """Integer arithmetic of numpy or torch that keeps the type of its arrays.

    It wraps round as theirs does, which is exact where the results fit: see `check_range`.
    """

    def matmul(self, first: Array, second: Array) -> Array:
        """The batched matrix product; CUDA has none for integers."""
        if is_torch(first) and first.device.type != "cpu":
            return (first.unsqueeze(-1) * second.unsqueeze(1)).sum(2, dtype=first.dtype)
        return first @ second

    def add_up(self, array: Array, axes: tuple[int, ...]) -> Array:
        """The sum over some axes, in the type of the array."""
        return array.sum(axes, dtype=array.dtype)


def einsum(rows: Rows, output: Sequence[str], operands: Sequence[Any]) -> Any:
    """The contraction of arrays over named indices: numpy in, numpy out; torch and sympy likewise.

    rows: the index of each axis of each operand; output: those kept, in order, each once. Integer
    arrays of one type stay of that type. Raises ArrayError for arrays that do not fit each other,
    and LimitError where integers may overflow.

    >>> import numpy as np
    >>> einsum(["ij", "j"], "i", [np.array([[1, 2], [3, 4]]), np.array([1, 1])])
    array([3, 7])
    """
    names = [f"operands[{number}]" for number in range(len(operands))]
    exact = [is_sympy(operand) for operand in operands]
    if any(exact) and not all(exact):
        other = names[exact.index(False)]
        raise ArrayError(
            f"{names[exact.index(True)]!r} is a sympy array, and {other!r} is none",
            hint=f"bring them to one kind: sympy.Array({other}.tolist()), say",
        )
    arrays = {
        name: object_array(operand) if any(exact) else plain(operand, name)
        for name, operand in zip(names, operands, strict=True)
    }
    if not any(exact):
        check_types(arrays, integers=True)
    sizes = _sizes(rows, arrays)
    if len(output) > MAX_AXES:
        raise ArrayError(f"an array has at most {MAX_AXES} axes, not {len(output)}")
    number = {index: place for place, index in enumerate(sizes)}
    inputs = [tuple(number[index] for index in row) for row in rows]
    kept = tuple(number[index] for index in output)
    arithmetic = _arithmetic(arrays, prod(sizes[i] for i in sizes if i not in output), any(exact))
    with quiet():
        result = contract(inputs, kept, tuple(sizes.values()), list(arrays.values()), arithmetic)
    return to_sympy(result) if any(exact) else owned(result, arrays.values())


def _sizes(rows: Rows, arrays: Mapping[str, Array]) -> dict[str, int]:
    """The size of each index, in the order of their first appearance."""
    sizes: dict[str, int] = {}
    first: dict[str, str] = {}
    for row, (name, array) in zip(rows, arrays.items(), strict=True):
        if len(row) != array.ndim:
            raise ArrayError(
                f"{name!r} has {array.ndim} axes, the string gives it {len(row)} ({' '.join(row)})"
            )
        for index, size in zip(row, array.shape, strict=True):
            if sizes.setdefault(index, int(size)) != size:
                raise ArrayError(
                    f"index {index!r} has size {size} in {name!r}, "
                    f"but size {sizes[index]} in {first[index]!r}",
                    hint="sizes are never broadcast, not even 1; give arrays of equal size there",
                )
            first.setdefault(index, name)
    return sizes


def _arithmetic(arrays: Mapping[str, Array], summed: int, exact: bool) -> Arithmetic:
    if exact:
        return SympyArithmetic()
    kind = whole_type(next(iter(arrays.values())))
    if kind is None:
        return FloatArithmetic()
    check_range(arrays, summed, kind)
    return IntegerArithmetic()


def check_range(arrays: Mapping[str, Array], summed: int, kind: str) -> None:
    """Raise LimitError where sums of `summed` products of integers may leave their type's range."""
    most = summed
    for array in arrays.values():
        most *= max(abs(int(array.min())), abs(int(array.max()))) if prod(array.shape) else 0
    bits = int(kind.lstrip("uint")) - (not kind.startswith("u"))
    if most >= 2**bits:
        raise LimitError(
            f"entries of the result may reach {most}, which {kind} does not hold",
            hint="give a wider integer type, floating-point arrays, or sympy arrays",
        )
