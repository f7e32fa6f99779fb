"""Elements, sums over indices, and the arithmetic of numbers and entries, read head by head."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import sympy
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.array.expressions.array_expressions import ArrayElement

from tnalgebra.core import build
from tnalgebra.core.nodes import causal_tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.symbolic.functions import HEADS, function_of, masked
from tnalgebra.symbolic.parts import (
    ONE,
    Part,
    add,
    axis_name,
    axis_space,
    combine,
    index_label,
    ones,
)
from tnalgebra.symbolic.read_matrices import chain, conjugated, power_of_entries, whole
from tnalgebra.symbolic.read_patterns import softmaxes, thick_place

if TYPE_CHECKING:
    from tnalgebra.symbolic.read import Reader


def _matrix_element(reader: Reader, one: MatrixElement) -> Part:
    return _element(reader, one, reader.part(one.parent), one.indices)


def _array_element(reader: Reader, one: ArrayElement) -> Part:
    return _element(reader, one, reader.part(one.name), one.indices)


def _indexed(reader: Reader, one: sympy.Indexed) -> Part:
    shape = tuple(one.base.shape) if one.base.shape else (None,) * one.rank
    base = reader.tensor(str(one.base.label), shape, matrix=False)
    return _element(reader, one, base, one.indices)


def _element(reader: Reader, one: sympy.Expr, base: Part, indices: Sequence[sympy.Expr]) -> Part:
    """The entries of a part: a symbol is an open index, a number picks its place."""
    parts, row = [base], list[Hashable]()
    rows: list[list[int]] = []
    ranges: dict[str, Space] = {}
    for axis, index in enumerate(indices):
        space = axis_space(base, axis)
        assert space is not None
        if index in reader.survey.indices:
            leg = reader.survey.indices[index]
            row.append(index_label(leg))
            if base.axes[axis] is None:
                parts.append(ones(ONE, leg))
                rows.append([])
            ranges.update(_range(reader, index, leg))
        elif index.is_Integer and index >= 0:
            row.append(axis)
            if base.axes[axis] is not None:
                parts.append(Part(build.onehot(int(index), space, axis_name(0)), (axis_name(0),)))
                rows.append([axis])
            elif index != 0:
                raise reader.refusal(one, f"the place {index} of an axis of size 1")
        else:
            raise reader.refusal(one, f"the index {index} is neither a symbol nor a place")
    return combine(parts, [row, *rows], [], ranges=ranges)


def _range(reader: Reader, index: sympy.Expr, leg: str) -> dict[str, Space]:
    """What an Idx says that it ranges over."""
    if not isinstance(index, sympy.Idx) or index.upper is None:
        return {}
    if index.lower != 0:
        raise reader.refusal(index, f"the index {index} does not begin at 0")
    return {leg: reader.space(sympy.expand(index.upper + 1))}


def _delta(reader: Reader, one: sympy.KroneckerDelta) -> Part:
    known = reader.survey.indices
    first, second = sorted(one.args[:2], key=lambda index: index not in known)
    if first not in known:
        raise reader.refusal(one)
    leg = known[first]
    space = Space(f"range_{leg.rstrip(chr(39))}")
    ranges = _range(reader, first, leg)
    if len(one.args) > 2:
        if one.args[2][0] != 0:
            raise reader.refusal(one, f"the range of {one} does not begin at 0")
        ranges = {leg: reader.space(sympy.expand(one.args[2][1] + 1)), **ranges}
    if second in known:
        ranges |= _range(reader, second, known[second])
        part = Part(build.delta(space, [leg, known[second]]))
    elif second.is_Integer and second >= 0:
        part = Part(build.onehot(int(second), space, leg))
    elif leg in ranges and second.is_Add:
        return thick_place(reader, one, leg, second, ranges[leg])
    else:
        raise reader.refusal(one, f"the index {second} is neither a symbol nor a place")
    return combine([part], [[]], [], ranges=ranges)


def _mask(reader: Reader, one: sympy.Piecewise) -> Part:
    """Something times the causal mask: it counts where one index is at most another, else 0."""
    (body, relation), *others = one.args
    is_mask = len(others) == 1 and tuple(others[0]) == (0, sympy.true)
    if is_mask and isinstance(relation, sympy.Ge | sympy.Le):
        query, key = relation.gts, relation.lts
        if query in reader.survey.indices and key in reader.survey.indices:
            inner = reader.part(body)
            labels = list(range(inner.rank))
            return combine([_causal(reader, query, key), inner], [[], labels], labels)
    raise reader.refusal(one)


def _causal(reader: Reader, query: sympy.Expr, key: sympy.Expr) -> Part:
    names = [reader.survey.indices[query], reader.survey.indices[key]]
    leg = Leg("i", Space(f"range_{names[0].rstrip(chr(39))}"))
    ranges = _range(reader, query, names[0]) | _range(reader, key, names[1])
    return combine([Part(build.symbol(causal_tensor(leg, leg), names))], [[]], [], ranges=ranges)


def _sum_over(reader: Reader, one: sympy.Sum) -> Part:
    """Sums over whole axes; what does not depend on the index counts once for each place."""
    part = reader.part(one.function)
    for limit in one.limits:
        if len(limit) != 3 or limit[1] != 0:
            raise reader.refusal(
                one, "a sum over an index begins at 0 and ends at the last place of the axis"
            )
        variable, _, last = limit
        if last.free_symbols & set(reader.survey.indices):
            raise reader.refusal(one, f"the end {last} of a sum depends on an index")
        size = sympy.expand(last + 1)
        leg, space = reader.survey.indices[variable], reader.space(size)
        labels = list(range(part.rank))
        if leg in part.indices():
            part = combine([part], [labels], labels, drop=[leg], ranges={leg: space})
        else:
            part = combine([part, reader.number(size)], [labels, []], labels)
    return part


def _plus(reader: Reader, one: sympy.Add) -> Part:
    parts = reader.parts(one.args)
    if len({part.rank for part in parts}) > 1:
        raise reader.refusal(one, "a sum of an array and a number")
    return reader.number(one) if _are_numbers(parts) else add(parts)


def _times(reader: Reader, one: sympy.Mul) -> Part:
    found, rest = softmaxes(reader, one.args)
    parts = [*found, *reader.parts(rest)]
    if _are_numbers(parts):
        return reader.number(one)
    wide = [part for part in parts if part.rank]
    if len(wide) <= 1:
        rank = wide[0].rank if wide else 0
        return combine(parts, [list(range(part.rank)) for part in parts], list(range(rank)))
    if all(getattr(factor, "is_Matrix", False) for factor in rest if reader.part(factor).rank):
        return chain(parts)
    raise reader.refusal(one, "a product of two arrays", hint="use ArrayTensorProduct")


def _power(reader: Reader, one: sympy.Pow) -> Part:
    if isinstance(one.base, sympy.Abs) and one.exp.is_even and one.exp.is_positive:
        inner = reader.part(one.base.args[0])
        if _are_numbers([inner]):
            return reader.number(one)
        count = whole(reader, one, one.exp) // 2
        return combine([inner, conjugated(inner)] * count, [[]] * 2 * count, [])
    base = reader.part(one.base)
    if _are_numbers([base, reader.part(one.exp)]):
        return reader.number(one)
    if getattr(one.base, "is_Matrix", False) and one.exp.is_Integer and one.exp > 0:
        return chain([base] * whole(reader, one, one.exp))
    if base.rank:
        raise reader.refusal(one, f"a diagram cannot say the power {one.exp} of {one.base}")
    return power_of_entries(reader, one)


def _conjugate(reader: Reader, one: sympy.conjugate) -> Part:
    part = reader.part(one.args[0])
    return reader.number(one) if _are_numbers([part]) else conjugated(part)


def _real_part(reader: Reader, one: sympy.re) -> Part:
    part = reader.part(one.args[0])
    if _are_numbers([part]):
        return reader.number(one)
    return _scaled(add([part, conjugated(part)]), sympy.Rational(1, 2))


def _imaginary_part(reader: Reader, one: sympy.im) -> Part:
    part = reader.part(one.args[0])
    if _are_numbers([part]):
        return reader.number(one)
    other = _scaled(conjugated(part), sympy.Integer(-1))
    return _scaled(add([part, other]), -sympy.I / 2)


def _scaled(part: Part, scale: sympy.Expr) -> Part:
    return Part(part.value * scale, part.axes)


def _function(reader: Reader, one: sympy.Expr) -> Part:
    """A function of an entry or a closed diagram; of a matrix it would not mean its entries."""
    if (pair := masked(one)) is not None and set(pair) <= set(reader.survey.indices):
        return _causal(reader, *pair)
    if _are_numbers(reader.parts(one.args)):
        return reader.number(one)
    found = function_of(one)
    if found is None:
        words = sorted(head.__name__ for head in HEADS)
        raise reader.refusal(one, hint=f"functions of entries are: {', '.join(words)}")
    name, argument = found
    part = reader.part(argument)
    if part.rank:
        raise reader.refusal(
            one, f"{name} of a whole matrix", hint="elementwise: M.applyfunc(sympy.exp)"
        )
    return Part(build.bubble(name, part.value))


def _are_numbers(parts: Sequence[Part]) -> bool:
    return all(part.number is not None and not part.rank for part in parts)


READERS: tuple[tuple[Any, Any], ...] = (
    (MatrixElement, _matrix_element),
    (ArrayElement, _array_element),
    (sympy.Indexed, _indexed),
    (sympy.KroneckerDelta, _delta),
    (sympy.Piecewise, _mask),
    (sympy.Sum, _sum_over),
    (sympy.Add, _plus),
    (sympy.Mul, _times),
    (sympy.Pow, _power),
    (sympy.conjugate, _conjugate),
    (sympy.re, _real_part),
    (sympy.im, _imaginary_part),
    (tuple(HEADS), _function),
)
