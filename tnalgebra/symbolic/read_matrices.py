"""Matrix expressions of sympy, read one head at a time."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.dotproduct import DotProduct

from tnalgebra.core import build, compose, nesting
from tnalgebra.core.nodes import Tensor, causal_tensor, onehot_tensor
from tnalgebra.core.spaces import Leg
from tnalgebra.core.values import Diagram
from tnalgebra.errors import LimitError
from tnalgebra.symbolic.functions import CAUSAL, onehot_position
from tnalgebra.symbolic.parts import (
    Part,
    add,
    axis_name,
    axis_space,
    combine,
    grouping,
    renamed,
    zero,
)

if TYPE_CHECKING:
    from tnalgebra.symbolic.read import Reader

MOST_FACTORS = 1000
"""The highest power that is written out."""


def _symbol(reader: Reader, one: sympy.MatrixSymbol) -> Part:
    return reader.tensor(one.name, one.shape, matrix=True)


def _product(reader: Reader, one: sympy.MatMul) -> Part:
    return chain(reader.parts(one.args))


def chain(parts: Sequence[Part]) -> Part:
    """The product of numbers and matrices in their order."""
    rows: list[list[int]] = []
    label = 0
    for part in parts:
        rows.append([label, label + 1] if part.rank else [])
        label += 1 if part.rank else 0
    return combine(parts, rows, [0, label])


def _sum(reader: Reader, one: sympy.MatAdd) -> Part:
    return add(reader.parts(one.args))


def _power(reader: Reader, one: sympy.MatPow) -> Part:
    exponent = whole(reader, one, one.exp)
    if exponent == 0:
        return identity(reader, one.base.shape[0])
    base = reader.part(one.base) if exponent > 0 else _inverted(reader, one.base)
    return chain([base] * abs(exponent))


def whole(reader: Reader, one: sympy.Expr, exponent: sympy.Expr) -> int:
    """An exponent as a number of factors."""
    if not exponent.is_Integer:
        raise reader.refusal(one, f"a diagram cannot say the power {exponent}: no whole number")
    if abs(exponent) > MOST_FACTORS:
        raise LimitError(f"the power {exponent} has more than {MOST_FACTORS} factors")
    return int(exponent)


def _hadamard_power(reader: Reader, one: sympy.HadamardPower) -> Part:
    return _ones(reader, one) if one.exp == 0 else power_of_entries(reader, one)


def power_of_entries(reader: Reader, one: sympy.HadamardPower | sympy.Pow) -> Part:
    """The power of each entry; the exponent is a whole number or a half, and not 0."""
    base = reader.part(one.base)
    halves = 2 * sympy.Abs(one.exp)
    if not halves.is_Integer:
        raise reader.refusal(one, f"a diagram cannot say the power {one.exp} of {one.base}")
    if halves % 2:
        base = Part(build.bubble("sqrt", base.value), base.axes)
    count = whole(reader, one, halves if halves % 2 else halves / 2)
    labels = list(range(base.rank))
    power = combine([base] * count, [labels] * count, labels)
    return power if one.exp > 0 else Part(build.bubble("reciprocal", power.value), power.axes)


def _hadamard_product(reader: Reader, one: sympy.HadamardProduct) -> Part:
    parts = reader.parts(one.args)
    return combine(parts, [[0, 1]] * len(parts), [0, 1])


def _transpose(reader: Reader, one: sympy.Transpose) -> Part:
    return transposed(reader.part(one.arg))


def transposed(part: Part) -> Part:
    """The two axes the other way round."""
    return combine([part], [[0, 1]], [1, 0])


def conjugated(part: Part) -> Part:
    """The complex conjugate, where functions inside allow it."""
    return Part(nesting.conj(part.value), part.axes)


def _adjoint(reader: Reader, one: sympy.Adjoint) -> Part:
    return transposed(conjugated(reader.part(one.arg)))


def _trace(reader: Reader, one: sympy.Trace) -> Part:
    return combine([reader.part(one.arg)], [[0, 0]], [])


def _inverse(reader: Reader, one: sympy.Inverse) -> Part:
    return _inverted(reader, one.arg)


def _inverted(reader: Reader, one: sympy.Expr) -> Part:
    """The inverse of a product of square matrices; of nothing else that is not one matrix."""
    if isinstance(one, sympy.MatrixSymbol) and one.shape != (1, 1):
        reader.invert(one.name)
        part = reader.part(one)
        assert isinstance(part.value, Diagram)
        (tensor,) = part.value.tensors
        return Part(build.symbol(tensor.inverse(), [axis_name(0), axis_name(1)]), part.axes)
    if isinstance(one, sympy.Transpose):
        return transposed(_inverted(reader, one.arg))
    if isinstance(one, sympy.Adjoint):
        return transposed(conjugated(_inverted(reader, one.arg)))
    if isinstance(one, sympy.Inverse):
        return reader.part(one.arg)
    if isinstance(one, sympy.MatPow):
        exponent = whole(reader, one, one.exp)
        if exponent == 0:
            return identity(reader, one.base.shape[0])
        base = _inverted(reader, one.base) if exponent > 0 else reader.part(one.base)
        return chain([base] * abs(exponent))
    if isinstance(one, sympy.Identity):
        return reader.part(one)
    if isinstance(one, sympy.MatMul):
        scale, factors = one.as_coeff_matrices()
        number = reader.part(scale).number
        square = all(factor.shape[0] == factor.shape[1] for factor in factors)
        if number is not None and number != 0 and square:
            inverses = [_inverted(reader, factor) for factor in reversed(factors)]
            return chain([reader.part(1 / scale), *inverses])
    raise reader.refusal(
        one,
        f"a diagram cannot say the inverse of {one}",
        "only matrices and products of square matrices can be inverted",
    )


def identity(reader: Reader, size: sympy.Expr) -> Part:
    """The identity matrix."""
    if size == 1:
        return Part(reader.number(sympy.Integer(1)).value, (None, None))
    axes = (axis_name(0), axis_name(1))
    return Part(build.delta(reader.space(size), axes), axes)


def _identity(reader: Reader, one: sympy.Identity) -> Part:
    return identity(reader, one.shape[0])


def _zero(reader: Reader, one: sympy.ZeroMatrix) -> Part:
    return zero([None if size == 1 else reader.space(size) for size in one.shape])


def _ones(reader: Reader, one: sympy.MatrixExpr) -> Part:
    parts = []
    for size in one.shape:
        if size == 1:
            parts.append(Part(compose.scalar(sympy.Integer(1)), (None,)))
        else:
            parts.append(Part(build.delta(reader.space(size), [axis_name(0)]), (axis_name(0),)))
    return combine(parts, [[0], [1]], [0, 1])


def _diagonal_matrix(reader: Reader, one: DiagMatrix) -> Part:
    vector = reader.part(one.args[0])
    if all(axis is None for axis in vector.axes):
        return vector
    label = 0 if vector.axes[0] is not None else 1
    space = axis_space(vector, label)
    assert space is not None
    axes = tuple(map(axis_name, range(3)))
    copy = Part(build.delta(space, axes), axes)
    return combine([vector, copy], [[0, 1], [label, 2, 3]], [2, 3])


def _only_diagonal(reader: Reader, one: DiagonalMatrix) -> Part:
    if one.arg.shape[0] != one.arg.shape[1]:
        raise reader.refusal(one, "the diagonal of a matrix that is not square")
    square = reader.part(one.arg)
    if square.axes[0] is None:
        return square
    return combine([square, identity(reader, one.shape[0])], [[0, 1], [0, 1]], [0, 1])


def _diagonal_of(reader: Reader, one: DiagonalOf) -> Part:
    if one.arg.shape[0] != one.arg.shape[1]:
        raise reader.refusal(one, "the diagonal of a matrix that is not square")
    vector = combine([reader.part(one.arg)], [[0, 0]], [0])
    return Part(vector.value, (*vector.axes, None))


def _kronecker(reader: Reader, one: sympy.KroneckerProduct) -> Part:
    """Rows grouped and columns grouped; the index of the last factor is the fastest."""
    parts = reader.parts(one.args)
    rows: list[list[Hashable]] = [[(k, 0), (k, 1)] for k in range(len(parts))]
    out: list[Hashable] = []
    groups: list[tuple[Part, list[Hashable]]] = []
    for side in (0, 1):
        wide = [k for k, part in enumerate(parts) if part.axes[side] is not None]
        if len(wide) < 2:
            out.append((wide[0] if wide else 0, side))
            continue
        spaces = [space for k in wide if (space := axis_space(parts[k], side)) is not None]
        thick = reader.space(sympy.expand(one.shape[side]))
        groups.append((grouping(thick, spaces), [side, *((k, side) for k in wide)]))
        out.append(side)
    parts = [*parts, *(part for part, _ in groups)]
    return combine(parts, [*rows, *(row for _, row in groups)], out)


def _dot(reader: Reader, one: DotProduct) -> Part:
    rows = [[0, 1] if argument.shape[1] == 1 else [1, 0] for argument in one.args]
    return combine(reader.parts(one.args), rows, [])


def elementwise(reader: Reader, one: Any) -> Part:
    """A function of each entry: its body is read with the entry for its variable."""
    inner = reader.part(one.expr)
    (variable,) = one.function.variables
    names = {axis: f"entry{len(reader.known)}_{k}''" for k, axis in enumerate(inner.axes) if axis}
    entry = sympy.Dummy("entry")
    reader.known[entry] = renamed(inner, names, ())
    body = reader.part(one.function.expr.xreplace({variable: entry}))
    missing = [name for name in names.values() if name not in body.indices()]
    if missing:
        spaces = reader.known[entry].indices()
        extra = [Part(build.delta(spaces[name], [name])) for name in missing]
        body = combine([body, *extra], [[]] * (1 + len(extra)), [])
    result = renamed(body, {name: axis for axis, name in names.items()}, inner.axes)
    return combine([result], [list(range(inner.rank))], list(range(inner.rank)))


def _formula(reader: Reader, one: sympy.FunctionMatrix) -> Part:
    """A matrix by a formula of its indices: a unit vector, the causal mask, or one of its own."""
    function = one.args[2]
    i, j = sympy.symbols("i j", integer=True)
    formula = function(i, j)
    if one.shape[0] == 1 or one.shape[1] == 1:
        place = i if one.shape[1] == 1 else j
        formula = formula.subs({i: 0, j: 0} if one.shape == (1, 1) else {j if place is i else i: 0})
        variables: tuple[sympy.Symbol, ...] = () if one.shape == (1, 1) else (place,)
    else:
        variables = (i, j)
    if loose := formula.free_symbols - set(variables):
        raise reader.refusal(one, f"a formula of entries holds the symbol {min(map(str, loose))!r}")
    if not variables:
        return Part(reader.number(formula).value, (None, None))
    axes = tuple(None if size == 1 else axis_name(k) for k, size in enumerate(one.shape))
    kept = [axis for axis in axes if axis is not None]
    position = onehot_position(formula, variables)
    text = sympy.srepr(sympy.Lambda(variables, formula))
    name = f"f_{blake2b(text.encode(), digest_size=4).hexdigest()}"
    letters = ("i", "j")
    legs = tuple(
        Leg(letters[k], reader.space(size, f"{letters[k]}_{name}"))
        for k, size in enumerate(one.shape)
        if size != 1
    )
    if position is not None:
        tensor = onehot_tensor(position, Leg("i", reader.space(one.shape[axes.index(kept[0])])))
    elif len(legs) == 2 and one.shape[0] == one.shape[1] and formula == CAUSAL(i, j):
        tensor = causal_tensor(legs[0], Leg("j", legs[0].space))
    else:
        tensor = Tensor(name, legs, (), "none", sympy.Lambda(variables, formula))
    return Part(build.symbol(tensor, kept), axes)


READERS: tuple[tuple[Any, Any], ...] = (
    (sympy.MatrixSymbol, _symbol),
    (sympy.MatMul, _product),
    (sympy.MatAdd, _sum),
    (sympy.Inverse, _inverse),
    (sympy.MatPow, _power),
    (sympy.HadamardPower, _hadamard_power),
    (sympy.HadamardProduct, _hadamard_product),
    (sympy.Transpose, _transpose),
    (sympy.Adjoint, _adjoint),
    (sympy.Trace, _trace),
    (sympy.Identity, _identity),
    (sympy.ZeroMatrix, _zero),
    (sympy.OneMatrix, _ones),
    (DiagMatrix, _diagonal_matrix),
    (DiagonalMatrix, _only_diagonal),
    (DiagonalOf, _diagonal_of),
    (sympy.KroneckerProduct, _kronecker),
    (DotProduct, _dot),
    (ElementwiseApplyFunction, elementwise),
    (sympy.FunctionMatrix, _formula),
)
