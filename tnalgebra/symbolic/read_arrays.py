"""Array expressions of sympy, and arrays and matrices of explicit entries, read head by head."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import sympy
from sympy.tensor.array.expressions.array_expressions import (
    ArrayAdd,
    ArrayContraction,
    ArrayDiagonal,
    ArrayElementwiseApplyFunc,
    ArraySymbol,
    ArrayTensorProduct,
    OneArray,
    PermuteDims,
    Reshape,
    ZeroArray,
)

from tnalgebra.core import build
from tnalgebra.symbolic.parts import (
    Part,
    add,
    axis_name,
    axis_space,
    combine,
    grouping,
    with_all_axes,
    zero,
)
from tnalgebra.symbolic.read_matrices import elementwise

if TYPE_CHECKING:
    from tnalgebra.symbolic.read import Reader


def _symbol(reader: Reader, one: ArraySymbol) -> Part:
    return reader.tensor(one.name.name, tuple(one.shape), matrix=False)


def _product(reader: Reader, one: ArrayTensorProduct) -> Part:
    parts = reader.parts(one.args)
    rows, count = [], 0
    for part in parts:
        rows.append(list(range(count, count + part.rank)))
        count += part.rank
    return combine(parts, rows, list(range(count)))


def _contraction(reader: Reader, one: ArrayContraction) -> Part:
    part = reader.part(one.expr)
    row = list(range(part.rank))
    for group in one.contraction_indices:
        for axis in group:
            row[axis] = int(group[0])
    summed = {int(axis) for group in one.contraction_indices for axis in group}
    return combine([part], [row], [axis for axis in range(part.rank) if axis not in summed])


def _diagonal(reader: Reader, one: ArrayDiagonal) -> Part:
    part = reader.part(one.expr)
    row = list(range(part.rank))
    for group in one.diagonal_indices:
        for axis in group:
            row[axis] = int(group[0])
    used = {int(axis) for group in one.diagonal_indices for axis in group}
    out = [axis for axis in range(part.rank) if axis not in used]
    return combine([part], [row], out + [int(group[0]) for group in one.diagonal_indices])


def _permuted(reader: Reader, one: PermuteDims) -> Part:
    part = reader.part(one.expr)
    order = [int(axis) for axis in one.permutation.array_form]
    order += range(len(order), part.rank)
    return combine([part], [list(range(part.rank))], order)


def _reshaped(reader: Reader, one: Reshape) -> Part:
    """All axes as one thick one, and that taken apart again: the last axis is the fastest."""
    part = with_all_axes(reader.part(one.expr))
    old = [space for axis in range(part.rank) if (space := axis_space(part, axis)) is not None]
    new = [reader.space(sympy.sympify(size)) for size in one.shape]
    if not old or not new:
        raise reader.refusal(one, "a reshape from or to no axes at all")
    size = sympy.expand(sympy.prod([space.dimension for space in old]))
    thick = old[0] if len(old) == 1 else new[0] if len(new) == 1 else reader.space(size)
    labels, fresh = list(range(part.rank)), list(range(part.rank + 1, part.rank + 1 + len(new)))
    parts, rows = [part], [[part.rank] if len(old) == 1 else labels]
    if len(old) != 1:
        parts.append(grouping(thick, old))
        rows.append([part.rank, *labels])
    if len(new) != 1:
        parts.append(grouping(thick, new))
        rows.append([part.rank, *fresh])
    return combine(parts, rows, fresh if len(new) != 1 else [part.rank])


def _sum(reader: Reader, one: ArrayAdd) -> Part:
    return add(reader.parts(one.args))


def _zero(reader: Reader, one: ZeroArray) -> Part:
    return zero([reader.space(size) for size in one.shape])


def _ones(reader: Reader, one: OneArray) -> Part:
    parts = [
        Part(build.delta(reader.space(size), [axis_name(0)]), (axis_name(0),)) for size in one.shape
    ]
    return combine(parts, [[k] for k in range(len(parts))], list(range(len(parts))))


def _explicit(reader: Reader, one: Any) -> Part:
    """Entries written out: a sum of unit vectors, each with its entry."""
    is_matrix = isinstance(one, sympy.MatrixBase)
    spaces = [
        None if is_matrix and size == 1 else reader.space(sympy.Integer(size)) for size in one.shape
    ]
    axes = tuple(None if space is None else axis_name(k) for k, space in enumerate(spaces))
    terms = []
    for place in product(*(range(size) for size in one.shape)):
        entry = one[place] if place else one[()]
        if entry == 0:
            continue
        units = [
            Part(build.onehot(at, space, axis_name(0)), (axis_name(0),))
            for at, space in zip(place, spaces, strict=True)
            if space is not None
        ]
        kept = [k for k, space in enumerate(spaces) if space is not None]
        rows = [[], *([k] for k in kept)]
        terms.append(combine([reader.part(entry), *units], rows, list(range(len(spaces)))))
    return add(terms) if terms else Part(zero(spaces).value, axes)


READERS: tuple[tuple[Any, Any], ...] = (
    (ArraySymbol, _symbol),
    (ArrayTensorProduct, _product),
    (ArrayContraction, _contraction),
    (ArrayDiagonal, _diagonal),
    (PermuteDims, _permuted),
    (Reshape, _reshaped),
    (ArrayAdd, _sum),
    (ZeroArray, _zero),
    (OneArray, _ones),
    (ArrayElementwiseApplyFunc, elementwise),
    (sympy.MatrixBase, _explicit),
    (sympy.NDimArray, _explicit),
)
