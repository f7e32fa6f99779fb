"""Elaboration of reshapes: `group`, `split` and `kron`."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from tnalgebra.notation.advice import naming
from tnalgebra.notation.open_terms import GroupPart, OpenLeg, OpenNode, OpenTerm, Piece
from tnalgebra.notation.scope import Scope
from tnalgebra.notation.trees import Call, IndexName, Span


def reshape(scope: Scope, tree: Call) -> Piece:
    """`group(X, ij=(i, j))`: a thick leg where its first part stood; `split` undoes it."""
    function = tree.function
    if len(tree.arguments) != 1 or not tree.groups:
        scope.fail(f"{function} is written {function}(X, ij=(i, j))", tree.span)
    term = scope.piece(tree.arguments[0]).resolved(scope).as_factor(scope)
    if None in term.leg_names():
        found = [
            one
            for thick, parts in tree.groups
            for one in (parts if function == "group" else [thick])
        ]
        hint = naming(scope.text, tree.arguments[0], len(term.legs), found)
        scope.fail(f"{function} needs named legs", tree.span, hint)
    for thick, parts in tree.groups:
        _check_names(scope, function, term, thick, parts)
        make = _grouped if function == "group" else _split
        term = make(scope, term, thick, parts)
    return term


def _check_names(
    scope: Scope, function: str, term: OpenTerm, thick: IndexName, parts: Sequence[IndexName]
) -> None:
    for item in (thick, *parts):
        if item.slice is not None or item.starred:
            scope.fail(
                f"{function} names legs, not {item.name!r}",
                item.span,
                f"name a leg, and say its size in `where`: h = {item.name}",
            )
    if len(parts) < 2:
        scope.fail(f"{thick.name!r} needs two parts or more", thick.span)
    known = term.leg_names()
    taken, fresh = (parts, [thick]) if function == "group" else ([thick], parts)
    for item in taken:
        if item.name not in known:
            legs = ", ".join(str(name) for name in known)
            scope.fail(f"{item.name!r} is no free leg here; they are [{legs}]", item.span)
    names = [name for name in known if name not in {item.name for item in taken}]
    for item in fresh:
        if item.name in names:
            scope.fail(f"a free leg is called {item.name!r} already", item.span)
        names.append(item.name)
    if len({item.name for item in parts}) != len(parts):
        scope.fail(f"a part of {thick.name!r} is named twice", thick.span)


def _grouped(
    scope: Scope, term: OpenTerm, thick: IndexName, parts: Sequence[IndexName]
) -> OpenTerm:
    wires = dict(term.legs)
    inner = [wires[item.name] for item in parts]
    outer = _new(scope, thick)
    scope.table.split(outer, inner, thick.span)
    names = {item.name for item in parts}
    first = min(k for k, (name, _) in enumerate(term.legs) if name in names)
    legs: list[OpenLeg] = [leg for leg in term.legs if leg[0] not in names]
    legs.insert(first, (thick.name, outer))
    return _with(term, [(GroupPart(), [outer, *inner])], legs)


def _split(scope: Scope, term: OpenTerm, thick: IndexName, parts: Sequence[IndexName]) -> OpenTerm:
    place, outer = next((k, w) for k, (name, w) in enumerate(term.legs) if name == thick.name)
    inner = [_new(scope, item) for item in parts]
    scope.table.split(outer, inner, thick.span)
    legs = list(term.legs)
    legs[place : place + 1] = [(item.name, wire) for item, wire in zip(parts, inner, strict=True)]
    return _with(term, [(GroupPart(), [outer, *inner])], legs)


def _new(scope: Scope, item: IndexName) -> int:
    wire = scope.wire(("index", item.name))
    scope.places[wire] = item.span
    return wire


def _with(term: OpenTerm, nodes: list[OpenNode], legs: list[OpenLeg]) -> OpenTerm:
    return OpenTerm([*term.nodes, *nodes], legs, term.coefficient, term.summed, term.joins)


def kron(scope: Scope, tree: Call) -> Piece:
    """`kron(A, B)`: the legs of the factors grouped one by one, the last factor's index fastest."""
    if len(tree.arguments) < 2:
        scope.fail("kron takes two factors or more", tree.span)
    factors = [scope.piece(one).resolved(scope).as_factor(scope) for one in tree.arguments]
    rank = len(factors[0].legs)
    for factor, argument in zip(factors, tree.arguments, strict=True):
        if not factor.legs or len(factor.legs) != rank:
            legs = ", ".join(str(len(one.legs)) for one in factors)
            scope.fail(f"kron takes factors of equally many legs, not {legs}", argument.span)
    return _kron(scope, factors, tree.span)


def _kron(scope: Scope, factors: Sequence[OpenTerm], span: Span) -> OpenTerm:
    nodes: list[OpenNode] = [node for factor in factors for node in factor.nodes]
    legs: list[OpenLeg] = []
    for k in range(len(factors[0].legs)):
        inner = [factor.legs[k][1] for factor in factors]
        outer = scope.new_wire()
        scope.table.split(outer, inner, span)
        nodes.append((GroupPart(), [outer, *inner]))
        legs.append((None, outer))
    joins = [join for factor in factors for join in factor.joins]
    coefficient = sympy.Mul(*[factor.coefficient for factor in factors])
    return OpenTerm(nodes, legs, coefficient, frozenset(), joins)
