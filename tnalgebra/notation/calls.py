"""Elaboration of calls: functions, dimensions, explicit sums and matrix shorthand."""

from __future__ import annotations

import sympy

from tnalgebra.core.functions import FUNCTIONS
from tnalgebra.core.marks import combine
from tnalgebra.core.scalars import function as scalar_function
from tnalgebra.notation.advice import KNOWN_FUNCTIONS, naming, of_unknown_function
from tnalgebra.notation.bubbles import bubble, unwrapped
from tnalgebra.notation.open_terms import (
    BoxPart,
    DeltaPart,
    OneHotPart,
    OpenLeg,
    OpenTerm,
    Piece,
    Settled,
    TensorPart,
    inside_out,
)
from tnalgebra.notation.reshapes import kron, reshape
from tnalgebra.notation.scope import Scope
from tnalgebra.notation.trees import Call, Name, Number, Span


def call(scope: Scope, tree: Call) -> Piece:
    """The open value of `function(...)`."""
    function = tree.function
    if function in ("group", "split"):
        return reshape(scope, tree)
    if function not in KNOWN_FUNCTIONS:
        place = (tree.span[0], tree.span[0] + len(function))
        names, in_entries = scope.names, bool(scope.bound)
        hint = of_unknown_function(
            scope.text, tree, names.ranks, names.indices, in_entries=in_entries
        )
        scope.fail(f"unknown function {function!r}", place, hint)
    if tree.groups:
        (thick, _), *_ = tree.groups
        scope.fail(f"{function} has no argument {thick.name}=(...)", thick.span)
    if function == "dim":
        return _dim(scope, tree)
    if function == "onehot":
        return onehot(scope, tree)
    if function in FUNCTIONS and not FUNCTIONS[function].of_matrix:
        return bubble(scope, tree)
    if function == "sum":
        return _explicit_sum(scope, tree)
    if function == "kron":
        return kron(scope, tree)
    if function == "eq":
        return _equal(scope, tree)
    return _of_one_argument(scope, tree)


def onehot(scope: Scope, tree: Call) -> OpenTerm:
    """A unit vector, its leg still without a name."""
    number = tree.arguments[0] if len(tree.arguments) == 1 else None
    if not isinstance(number, Number) or not number.value.is_Integer:
        scope.fail("onehot takes a whole number, as in onehot(3)[i]", tree.span)
    wire = scope.new_wire()
    return OpenTerm([(OneHotPart(int(number.value), tree.span), [wire])], [(None, wire)])


def conj(scope: Scope, piece: Settled, span: Span) -> Settled:
    """The complex conjugate; refused through a function that does not allow it."""
    done: dict[int, Settled] = {}
    for one in inside_out(piece):
        done[id(one)] = one.conjugated(scope, span, done)
    return done[id(piece)]


def _of_one_argument(scope: Scope, tree: Call) -> Piece:
    function, span = tree.function, tree.span
    if len(tree.arguments) != 1:
        scope.fail(f"{function} takes one argument, not {len(tree.arguments)}", span)
    piece = scope.piece(tree.arguments[0])
    if function == "conj":
        return conj(scope, piece.resolved(scope), span)
    if function in ("inv", "pinv"):
        return _inverse(scope, piece.resolved(scope), function, span)
    if function == "tr":
        return _trace(scope, scope.matrix(piece, "tr", span), span)
    if function == "diag":
        return _diag(scope, piece.resolved(scope), span)
    with scope.at(span):
        return OpenTerm.scalar(scalar_function(function, scope.scalar(piece, span, function)))


def _equal(scope: Scope, tree: Call) -> OpenTerm:
    """`eq(a, b)`: 1 where two numbers are equal, else 0."""
    if len(tree.arguments) != 2:
        scope.fail("eq compares two numbers: eq(i, j + 1)", tree.span)
    first, second = (scope.scalar(scope.piece(one), one.span, "eq") for one in tree.arguments)
    return OpenTerm.scalar(sympy.KroneckerDelta(first, second))


def _dim(scope: Scope, tree: Call) -> OpenTerm:
    argument = tree.arguments[0] if len(tree.arguments) == 1 else None
    if not isinstance(argument, Name):
        scope.fail("dim takes the name of one index or space", tree.span)
    if not scope.names.knows_index(argument.name):
        scope.fail(f"no index is called {argument.name!r}", argument.span)
    symbol = sympy.Dummy(f"dim({argument.name})", integer=True, positive=True)
    scope.table.add(("index", argument.name))
    scope.dimensions[symbol] = argument.name
    return OpenTerm.scalar(symbol)


def _explicit_sum(scope: Scope, tree: Call) -> Piece:
    if len(tree.arguments) < 2:
        scope.fail("sum names its legs: sum(X, n)", tree.span)
    piece = scope.piece(tree.arguments[0]).resolved(scope)
    keep = piece.leg_names()
    for argument in tree.arguments[1:]:
        if not isinstance(argument, Name) or argument.name not in keep:
            hint = None
            if isinstance(argument, Name) and argument.name in piece.summed:
                hint = "an index that occurs twice is summed already"
            elif None in keep:
                hint = naming(scope.text, tree.arguments[0], len(keep), [argument])
            scope.fail("sum goes over a free leg of its argument", argument.span, hint)
        keep.remove(argument.name)
    return piece.keeping([str(name) for name in keep], scope, tree.span, tree)


def _inverse(scope: Scope, piece: Settled, function: str, span: Span) -> OpenTerm:
    if len(piece.legs) != 2:
        scope.fail(f"{function} takes a matrix, and this has {len(piece.legs)} legs", span)
    alone = isinstance(piece, OpenTerm) and len(piece.nodes) == 1 and piece.coefficient == 1
    part, own = piece.nodes[0] if isinstance(piece, OpenTerm) and alone else (None, list[int]())
    if not isinstance(part, TensorPart) or len(own) != 2 or {w for _, w in piece.legs} != {*own}:
        return _inverse_box(scope, piece, function, span)
    try:
        mark = combine(part.mark, function)
    except ValueError:
        scope.fail(f"{function} of {part.mark} is no tensor with one mark", span)
    ends = [own.index(wire) for _, wire in piece.legs]
    wires = own[::-1]
    if function == "inv":
        scope.names.inverted.add(part.name)
        scope.table.join(("port", part.name, 0), ("port", part.name, 1), span)
    legs: list[OpenLeg] = [(None, wires[1 - end]) for end in reversed(ends)]
    return OpenTerm([(TensorPart(part.name, mark), wires)], legs)


def _inverse_box(scope: Scope, piece: Settled, function: str, span: Span) -> OpenTerm:
    """The inverse of a contracted value, its two legs exchanged and still without names."""
    content = unwrapped(piece)
    if None in content.leg_names():
        content = content.renamed([f"_{k}" for k in range(2)])
    wires = [scope.wire_like(wire) for _, wire in content.legs]
    if function == "inv":
        scope.table.join(wires[0], wires[1], span)
    outer: list[OpenLeg] = [(None, wire) for wire in reversed(wires)]
    return OpenTerm([(BoxPart(function, (), content), wires)], outer, summed=piece.summed)


def _trace(scope: Scope, piece: Settled, span: Span) -> OpenTerm:
    term = piece.as_factor(scope)
    (_, a), (_, b) = term.legs
    scope.table.join(a, b, span)
    return term.joined(a, b)


def _diag(scope: Scope, piece: Settled, span: Span) -> OpenTerm:
    if len(piece.legs) != 1:
        scope.fail(f"diag takes a vector, this has {len(piece.legs)} legs", span)
    term = piece.as_factor(scope)
    inner = term.legs[0][1]
    wires = [inner, scope.wire_like(inner), scope.wire_like(inner)]
    legs: list[OpenLeg] = [(None, wire) for wire in wires[1:]]
    nodes = [*term.nodes, (DeltaPart(inner), wires)]
    return OpenTerm(nodes, legs, term.coefficient, term.summed, term.joins)
