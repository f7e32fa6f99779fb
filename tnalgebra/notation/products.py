"""Elaboration of products and sums: which factors meet by name, which by position."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import sympy

from tnalgebra.notation.bubbles import reciprocal
from tnalgebra.notation.open_terms import (
    OpenLeg,
    OpenNode,
    OpenTerm,
    PendingSum,
    Piece,
    Settled,
)
from tnalgebra.notation.scope import Scope
from tnalgebra.notation.trees import Addition, Product, Span


def product(scope: Scope, tree: Product) -> Piece:
    """Factors joined by `*` (legs meet by name), `@` (last leg to first) and `/`."""
    start = tree.factors[0][1].span[0]
    waiting, chain = [scope.piece(tree.factors[0][1])], None
    for operator, factor in tree.factors[1:]:
        piece = scope.piece(factor)
        if operator == "@":
            if chain is None or len(waiting) > 1:
                left = _times(scope, waiting, (start, factor.span[0])).resolved(scope)
                chain = _chain(scope, left, factor.span)
            _extend(scope, chain, piece.resolved(scope), factor.span)
            waiting = [chain]
        elif operator == "/":
            waiting.append(reciprocal(scope, piece, factor.span))
        else:
            waiting.append(piece)
    return _times(scope, waiting, tree.span)


def addition(scope: Scope, tree: Addition) -> Piece:
    """The signed terms of a sum; it stays pending, so that a later `->` reaches into each term."""
    pieces = [scope.piece(term).scaled(sign) for sign, term in tree.terms]
    if len(pieces) == 1:
        return pieces[0]
    values = [piece.as_scalar() for piece in pieces]
    numbers = [value for value in values if value is not None]
    if len(numbers) == len(values):
        return OpenTerm.scalar(sympy.Add(*numbers))
    return PendingSum(pieces, [term for _, term in tree.terms])


def _times(scope: Scope, pieces: Sequence[Piece], span: Span) -> Piece:
    """The product of pieces whose indices have not been summed yet."""
    if len(pieces) == 1:
        return pieces[0]
    values = [piece.as_scalar() for piece in pieces]
    scalar = sympy.Mul(*[value for value in values if value is not None])
    tensors = [piece for piece, value in zip(pieces, values, strict=True) if value is None]
    if not tensors:
        return OpenTerm.scalar(scalar)
    if len(tensors) == 1:
        return tensors[0].scaled(scalar)
    factors = [piece.as_factor(scope) for piece in tensors]
    if any(None in f.leg_names() for f in factors) and sum(bool(f.legs) for f in factors) > 1:
        scope.fail(
            "'*' joins legs by name, and a factor here has none",
            span,
            "use @ for matrices, or name the legs: A[i,j]*B[j,k]",
        )
    _check_private(scope, factors, span)
    nodes: list[OpenNode] = []
    legs: list[OpenLeg] = []
    joins: list[tuple[int, int]] = []
    for factor in factors:
        nodes.extend(factor.nodes)
        legs.extend(factor.legs)
        joins.extend(factor.joins)
    coefficient = sympy.Mul(scalar, *[f.coefficient for f in factors if f.coefficient != 1])
    summed = frozenset[str]().union(*(factor.summed for factor in factors))
    return OpenTerm(nodes, legs, coefficient, summed, joins)


def _check_private(scope: Scope, factors: Sequence[OpenTerm], span: Span) -> None:
    """Refuse an index that one factor has already summed and another still uses."""
    if not any(factor.summed for factor in factors):
        return
    inside = Counter(name for factor in factors for name in factor.summed)
    for factor in factors:
        own = factor.summed
        clash = {name for name in own if inside[name] > 1}
        clash |= {name for name in factor.leg_names() if name and inside[name] > (name in own)}
        if clash:
            scope.fail(
                f"the index {min(clash)!r} is already summed inside one factor",
                span,
                "use another name, or say what stays free with ->",
            )


def _chain(scope: Scope, left: Settled, span: Span) -> OpenTerm:
    """The start of a matrix product, a copy that `_extend` may add to."""
    if not 1 <= len(left.legs) <= 2:
        scope.fail(f"@ joins vectors and matrices, not {len(left.legs)} legs", span)
    term = left.as_factor(scope)
    legs: list[OpenLeg] = [(None, wire) for _, wire in term.legs]
    return OpenTerm(list(term.nodes), legs, term.coefficient, frozenset(), list(term.joins))


def _extend(scope: Scope, chain: OpenTerm, right: Settled, span: Span) -> None:
    """Multiply one more matrix or vector onto a chain, in place."""
    if not 1 <= len(right.legs) <= 2 or not chain.legs:
        scope.fail(f"@ joins vectors and matrices, not {len(right.legs)} legs", span)
    term = right.as_factor(scope)
    (_, last), (_, first) = chain.legs.pop(), term.legs[0]
    scope.table.join(last, first, span)
    chain.nodes.extend(term.nodes)
    chain.joins.extend([*term.joins, (last, first)])
    chain.legs.extend((None, wire) for _, wire in term.legs[1:])
    if term.coefficient != 1:
        chain.coefficient = chain.coefficient * term.coefficient
