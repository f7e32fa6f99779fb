"""Formulas of several factors or sizes that say one thing: softmax, and a place in a thick leg."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import sympy

from tnalgebra.core import build
from tnalgebra.core.spaces import Space
from tnalgebra.symbolic.functions import masked
from tnalgebra.symbolic.parts import Part, combine, grouping, index_label

if TYPE_CHECKING:
    from tnalgebra.symbolic.read import Reader


def softmaxes(reader: Reader, factors: Sequence[sympy.Expr]) -> tuple[list[Part], list[sympy.Expr]]:
    """The softmaxes among the factors of a product, and the factors that are left.

    One is an exponential, perhaps under the causal mask, over its sum along one of its indices.
    """
    found, rest = list[Part](), list(factors)
    for total in factors:
        if _is_total(total):
            for weight in [one for one in rest if isinstance(one, sympy.exp)]:
                if (part := _softmax(reader, weight, total.base, rest)) is not None:
                    found.append(part)
                    rest.remove(weight)
                    rest.remove(total)
                    break
    return found, rest


def _is_total(factor: sympy.Expr) -> bool:
    is_inverse = isinstance(factor, sympy.Pow) and factor.exp == -1
    return is_inverse and isinstance(factor.base, sympy.Sum) and len(factor.base.limits) == 1


def _softmax(
    reader: Reader, weight: sympy.exp, total: sympy.Sum, rest: list[sympy.Expr]
) -> Part | None:
    """The softmax of this weight; the mask that it uses is taken out of the other factors."""
    ((other, *ends),) = total.limits
    indices = weight.free_symbols & set(reader.survey.indices)
    if len(ends) != 2 or ends[0] != 0 or other in indices:
        return None
    masks = [one for one in sympy.Mul.make_args(total.function) if masked(one) is not None]
    for key in sorted(indices - total.free_symbols, key=str):
        wanted = weight.xreplace({key: other}) * sympy.Mul(*masks)
        if wanted != total.function or len(masks) > 1:
            continue
        names = [reader.survey.indices[key]]
        if masks:
            own = masks[0].xreplace({other: key})
            pair = masked(own)
            if pair is None or pair[1] != key or pair[0] not in indices or not _used(own, rest):
                continue
            names = [reader.survey.indices[pair[0]], *names]
        inside = reader.part(weight.args[0])
        ranges = {names[-1]: reader.space(sympy.expand(ends[1] + 1))}
        inside = combine([inside], [[]], [], ranges=ranges)
        name = "causal_softmax" if masks else "softmax"
        return Part(build.bubble(name, inside.value, *names))
    return None


def _used(mask: sympy.Expr, rest: list[sympy.Expr]) -> bool:
    """Take a mask out of the factors, once; whether it is there."""
    for k, factor in enumerate(rest):
        base, count = factor.as_base_exp()
        if base == mask and count.is_Integer and count > 0:
            rest[k : k + 1] = [mask ** (count - 1)] if count > 1 else []
            return True
    return False


def thick_place(reader: Reader, one: sympy.Expr, leg: str, place: sympy.Expr, thick: Space) -> Part:
    """1 where an index counts the places of others, the last fastest: `n*i + j` of size `m*n`."""
    known = reader.survey.indices
    indices = sorted(place.free_symbols & set(known), key=str)
    steps = {index: sympy.expand(place).coeff(index) for index in indices}
    rest = sympy.expand(place - sum(step * index for index, step in steps.items()))
    names, spaces = [leg], list[Space]()
    size = thick.dimension.xreplace({own: given for given, own in reader.survey.sizes.items()})
    is_place = rest == 0 and not any(step.free_symbols & set(known) for step in steps.values())
    while is_place and steps:
        # the slowest index has the step that all others divide
        first = [i for i in steps if all(_divides(steps[k], steps[i]) for k in steps)]
        is_place = len(first) == 1 and _divides(steps[first[0]], size)
        if is_place:
            step = steps.pop(first[0])
            spaces.append(reader.space(sympy.expand(sympy.cancel(size / step))))
            names.append(known[first[0]])
            size = step
    if not is_place or size != 1:
        raise reader.refusal(
            one,
            f"the place {place} does not count indices in an axis of size {thick.dimension}",
            "a reshape of i and j is KroneckerDelta(ij, n*i + j, (0, m*n - 1))",
        )
    return combine([grouping(thick, spaces)], [[index_label(name) for name in names]], [])


def _divides(one: sympy.Expr, other: sympy.Expr) -> bool:
    return bool(sympy.fraction(sympy.cancel(other / one))[1] == 1)
