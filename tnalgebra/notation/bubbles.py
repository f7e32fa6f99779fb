"""Elaboration of functions of contracted values, and of division, which is one of them."""

from __future__ import annotations

from tnalgebra.core.functions import FUNCTIONS
from tnalgebra.core.scalars import function as scalar_function
from tnalgebra.notation.advice import naming
from tnalgebra.notation.open_terms import BoxPart, OpenLeg, OpenTerm, Piece, Settled
from tnalgebra.notation.scope import Scope
from tnalgebra.notation.trees import Call, Name, Span


def bubble(scope: Scope, tree: Call) -> OpenTerm:
    """A function of a contracted value, along the legs it names; sympy's of a plain number."""
    kind = FUNCTIONS[tree.function]
    if len(tree.arguments) != 1 + kind.along:
        legs = ", ".join(["X", *"qk"[2 - kind.along :]])
        scope.fail(f"{tree.function} is written {tree.function}({legs})", tree.span)
    written = scope.piece(tree.arguments[0]).resolved(scope)
    names = unwrapped(written).leg_names()
    along = []
    for argument in tree.arguments[1:]:
        if not isinstance(argument, Name) or argument.name not in names:
            legs = ", ".join(name or "_" for name in names)
            hint = None
            if not names or None in names:
                hint = naming(scope.text, tree.arguments[0], len(names) or 2, tree.arguments[1:])
            scope.fail(
                f"{tree.function} goes along a free leg; they are [{legs}]", argument.span, hint
            )
        along.append(names.index(argument.name))
    if len(set(along)) != len(along):
        scope.fail(f"{tree.function} goes along different legs", tree.span)
    return _applied(scope, tree.function, along, written, tree.span)


def reciprocal(scope: Scope, divisor: Piece, span: Span) -> OpenTerm:
    """What a division multiplies by: a number, or the reciprocal of each entry."""
    settled = divisor.resolved(scope)
    if settled.as_scalar() == 0:
        scope.fail("division by zero", span)
    if None in settled.leg_names():
        scope.fail(
            "the divisor has legs without names",
            span,
            "name them; entry by entry is (x[i]/y[i] -> i), and inv(...) an inverse",
        )
    return _applied(scope, "reciprocal", [], settled, span)


def _applied(
    scope: Scope, function: str, along: list[int], written: Settled, span: Span
) -> OpenTerm:
    content = unwrapped(written)
    value = content.as_scalar()
    if value is not None and FUNCTIONS[function].is_of_numbers:
        with scope.at(span):
            return OpenTerm.scalar(scalar_function(function, value))
    wires = [scope.wire_like(wire) for _, wire in content.legs]
    outer: list[OpenLeg] = list(zip(content.leg_names(), wires, strict=True))
    part = BoxPart(function, tuple(along), content)
    return OpenTerm([(part, wires)], outer, summed=written.summed)


def unwrapped(piece: Settled) -> Settled:
    """A shared value that stands alone is itself the content, under the names of this use."""
    if not isinstance(piece, OpenTerm) or len(piece.nodes) != 1 or piece.coefficient != 1:
        return piece
    part, wires = piece.nodes[0]
    if not isinstance(part, BoxPart) or part.function is not None or piece.joins:
        return piece
    same = wires == [wire for _, wire in piece.legs] and len(wires) == len(part.content.legs)
    named = same and piece.leg_names() == part.content.leg_names()
    return part.content if named else piece
