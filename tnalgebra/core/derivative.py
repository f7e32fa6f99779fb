"""Derivatives by a tensor: a hole for each of its occurrences, through boxes by the chain rule.

Post, section on derivatives: a network linear in T, with T removed, is its derivative by T; if T
occurs several times, the sum of all such holes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import sympy
from sympy.core.function import AppliedUndef

from tnalgebra.core import build, compose
from tnalgebra.core.draft import Draft
from tnalgebra.core.functions import FUNCTIONS, X, Y
from tnalgebra.core.nesting import all_tensors, contents, leg_spaces
from tnalgebra.core.nodes import Box, Free, Tensor
from tnalgebra.core.spaces import Leg
from tnalgebra.core.words import numbered
from tnalgebra.errors import NotationError

if TYPE_CHECKING:
    from tnalgebra.core.values import Diagram, Sum, Value

MOST_BOXES = 8
"""A content's derivative of one term with more boxes is shared: each level would repeat it."""


def derivative(value: Value, name: str) -> Value:
    """The derivative by a tensor's entries: the legs of the value, then those of the tensor.

    The tensor's legs are called as in its declaration, numbered where a leg is called so already.
    conj(A) is held constant, unless A is declared real; of a symmetric tensor each entry is varied
    by itself. Raises NotationError for a tensor that is not there, has declared entries, or stands
    under a pseudo-inverse or a function without a derivative here.
    """
    base = _wanted(value, name)
    inside = [leg.name for one in [*contents(value), value] for leg in one.legs]
    holes = _fresh([leg.name for leg in base.legs], set(inside))
    state = _Holes(base, [Leg(n, leg.space) for n, leg in zip(holes, base.legs, strict=True)])
    for one in contents(value):
        state.enter(one)
    found = state.found(value)
    names = _fresh([leg.name for leg in base.legs], {leg.name for leg in value.legs})
    return found[tuple([leg.name for leg in value.legs] + names)]


def _wanted(value: Value, name: str) -> Tensor:
    tensors = {tensor.name: tensor.base() for tensor in all_tensors(value)}
    base = tensors.get(name)
    if base is None:
        known = ", ".join(tensors) or "none"
        raise NotationError(f"no tensor is called {name!r}; there are: {known}")
    if base.entries is not None:
        raise NotationError(f"{name!r} has entries of its own, so there is nothing to vary")
    return base


def _fresh(names: Sequence[str], taken: set[str]) -> list[str]:
    result: list[str] = []
    for name in names:
        fresh, number = name, 0
        stem = re.sub(r"\d+('*)\Z", r"\1", name) or name
        while fresh in taken or fresh in result:
            number += 1
            fresh = numbered(stem, number)
        result.append(fresh)
    return result


class _Holes:
    """The derivatives of contents that are not constant, innermost first; each is made once."""

    def __init__(self, base: Tensor, holes: Sequence[Leg]) -> None:
        self.base = base
        self.holes = list(holes)
        self._known: dict[int, Diagram | Sum] = {}

    def enter(self, value: Value) -> None:
        """Differentiate and note one content whose own contents have been."""
        from tnalgebra.core.values import Diagram

        found = self.found(value)
        if isinstance(found, Diagram):
            self._known[id(value)] = build.shared(found) if len(found.boxes) > MOST_BOXES else found
        elif found.terms:
            self._known[id(value)] = found

    def found(self, value: Value) -> Diagram | Sum:
        """The derivative of a value whose contents have been entered."""
        from tnalgebra.core.values import Sum, terms_of

        terms = [hole for term in terms_of(value) for hole in self._term(term)]
        if terms and not any(term.graph for term in terms):
            # Numbers alone are one number: in a box, text would not keep their sum apart.
            terms = [compose.scalar(sympy.Add(*(term.coefficient for term in terms)))]
        return terms[0] if len(terms) == 1 else Sum(terms, [*value.legs, *self.holes])

    def _term(self, term: Diagram) -> list[Diagram]:
        """One term for each occurrence: the others stay, the hole takes its place."""
        nodes = (data["node"] for _, data in term.graph.nodes(data=True))
        found = []
        for number, node in enumerate(node for node in nodes if not isinstance(node, Free)):
            if isinstance(node, Tensor) and node.name == self.base.name:
                found += self._tensor(term, number, node)
            elif isinstance(node, Box) and id(node.content) in self._known:
                found.append(self._box(term, number, node))
        return found

    def _tensor(self, term: Diagram, number: int, node: Tensor) -> list[Diagram]:
        is_real = any(fact.kind == "real" for fact in self.base.known)
        if node.is_conj and not is_real:
            return []
        if node.mark.endswith("pinv"):
            raise NotationError(f"the derivative of pinv({node.name}) is not known here")
        draft, ends, own = _without(term, number)
        if not node.is_inverse:
            return [_finished(draft, term, ends, self.holes, own)]
        # d inv(A)[b,a] / d A[k,l] = - inv(A)[b,k]*inv(A)[l,a]
        row, column = (draft.wire(space) for space in self.base.spaces())
        draft.add(node, [own[0], row])
        draft.add(node, [column, own[1]])
        draft.coefficient = -draft.coefficient
        return [_finished(draft, term, ends, self.holes, [row, column])]

    def _box(self, term: Diagram, number: int, node: Box) -> Diagram:
        from tnalgebra.core.values import Diagram

        inner: Value = self._known[id(node.content)]
        if node.function is not None:
            inner = _chained(node, inner, self.holes)
        draft, ends, own = _without(term, number)
        if isinstance(inner, Diagram):
            made = draft.absorb(inner.graph)
        else:
            made = [draft.wire(space) for space in leg_spaces(inner)]
            draft.add(Box(None, inner.legs, inner), made)
        for mine, other in zip(own, made, strict=False):
            draft.join(mine, other)
        return _finished(draft, term, ends, self.holes, made[len(own) :])


def _without(term: Diagram, number: int) -> tuple[Draft, list[int], list[int]]:
    """A draft of a term without one of its nodes; the wires of its free legs and of that node."""
    draft = Draft()
    ends = draft.absorb(term.graph)
    draft.nodes.pop(number)
    own = draft.ports.pop(number)
    return draft, ends, own


def _finished(
    draft: Draft, term: Diagram, ends: Sequence[int], holes: Sequence[Leg], wires: Sequence[int]
) -> Diagram:
    from tnalgebra.core.values import Diagram

    draft.free = [(leg.name, wire) for leg, wire in zip(term.legs, ends, strict=True)]
    draft.free += [(leg.name, wire) for leg, wire in zip(holes, wires, strict=True)]
    return Diagram(draft.graph(), summed=term.summed)


def _chained(box: Box, inner: Value, holes: Sequence[Leg]) -> Value:
    """The derivative of a function's value, from that of its content."""
    function = box.function
    assert function is not None
    names = [leg.name for leg in box.legs]
    whole = [*names, *(leg.name for leg in holes)]
    value = build.boxed(function, box.content)
    if function.name in ("softmax", "causal_softmax"):
        along = names[function.along[-1]]
        mixed = build.contract_within(value, inner, keep=[name for name in whole if name != along])
        whole_part = build.contract_within(value, inner, keep=whole)
        return _sum((1, whole_part), (-1, build.contract_within(value, mixed, keep=whole)))
    if function.name == "inv":
        return _inverse(value, inner, names, holes)
    slope = FUNCTIONS[function.name].slope
    if slope is None:
        raise NotationError(f"the derivative of {function.name} is not known here")
    steep = _written(slope, build.shared(box.content), value)
    return build.contract_within(steep, inner, keep=whole)


def _inverse(value: Value, inner: Value, names: Sequence[str], holes: Sequence[Leg]) -> Value:
    """Of Y = inv(X), which has the legs of X: dY[i,j] = - Y[k,j]*dX[k,l]*Y[i,l]."""
    own = [leg.name for leg in holes]
    i, j = names
    k, m = _fresh(names, {*names, *own})
    parts = (value[k, j], inner[(k, m, *own)], value[i, m])
    return _sum((-1, build.contract_within(*parts, keep=[i, j, *own])))


def _sum(*parts: tuple[sympy.Expr | int, Value]) -> Value:
    """A linear combination of values with the same legs, of parts of one value."""
    from tnalgebra.core.values import Sum, terms_of

    terms = [
        term
        for factor, value in parts
        for term in terms_of(compose.scaled(value, sympy.sympify(factor)))
    ]
    return terms[0] if len(terms) == 1 else Sum(terms, parts[0][1].legs)


def _times(*values: Value) -> Value:
    """The elementwise product of values with the same legs."""
    return build.contract_within(*values, keep=[leg.name for leg in values[0].legs])


def _ones(value: Value) -> Value:
    """One at every entry."""
    if not value.legs:
        return compose.scalar(sympy.Integer(1))
    parts = [
        build.delta(space, [leg.name])
        for leg, space in zip(value.legs, leg_spaces(value), strict=True)
    ]
    return build.contract_within(*parts, keep=[leg.name for leg in value.legs])


def _written(formula: sympy.Expr, content: Value, value: Value) -> Value:
    """A slope's formula as a value: X is the content of the function, Y its value."""
    if formula in (X, Y):
        return content if formula == X else value
    if formula.is_number:
        return _sum((formula, _ones(content)))
    if formula.is_Add:
        return _sum(*((1, _written(part, content, value)) for part in formula.args))
    if formula.is_Mul:
        number, others = formula.as_coeff_mul(X, Y, *formula.atoms(AppliedUndef))
        return _sum((number, _times(*(_written(other, content, value) for other in others))))
    if formula.is_Pow and formula.exp.is_Integer:
        power = _times(*[_written(formula.base, content, value)] * abs(int(formula.exp)))
        return power if formula.exp > 0 else build.bubble("reciprocal", power)
    assert isinstance(formula, AppliedUndef)
    return build.bubble(formula.func.__name__, _written(formula.args[0], content, value))
