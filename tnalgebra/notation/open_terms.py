"""Values under elaboration: indices are named but not yet summed, over numbered wires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn, Protocol, TypeAlias, Union

import sympy

from tnalgebra.core.functions import FUNCTIONS
from tnalgebra.core.marks import combine
from tnalgebra.notation.advice import named, spread, with_legs
from tnalgebra.notation.inference import SpaceTable
from tnalgebra.notation.trees import Name, Span, Tree

OpenLeg: TypeAlias = tuple[str | None, int]
Settled: TypeAlias = Union["OpenTerm", "OpenSum"]
Piece: TypeAlias = Union["OpenTerm", "OpenSum", "PendingSum"]


class Context(Protocol):
    """What elaboration lends to its terms: wires, spaces, and a place to complain."""

    text: str
    table: SpaceTable
    places: dict[int, Span]

    def wire_like(self, wire: int) -> int: ...
    def fail(self, message: str, span: Span, hint: str | None = None) -> NoReturn: ...


@dataclass(frozen=True)
class TensorPart:
    """One occurrence of a tensor."""

    name: str
    mark: str


@dataclass(frozen=True)
class DeltaPart:
    """A copy tensor in the space of `wire`."""

    wire: int


@dataclass(frozen=True)
class OneHotPart:
    """A unit vector, and where it is written."""

    position: int
    span: Span


@dataclass(frozen=True)
class CausalPart:
    """The causal mask, its second index at most its first."""


@dataclass(frozen=True)
class GroupPart:
    """A reshape: the thick wire first, then its parts."""


@dataclass(frozen=True, eq=False)
class BoxPart:
    """A function of a content, or a shared or summed content alone."""

    function: str | None
    along: tuple[int, ...]
    content: Settled


UNDECLARED = (
    "a bare name is a number; declare a tensor in `where`: C: tensor(i, j)\n"
    "a number is not added to every entry: write 2*ones[i], or 2*eye"
)
"""What to say where a number stands in the place of a tensor."""

Part = TensorPart | DeltaPart | OneHotPart | CausalPart | GroupPart | BoxPart
OpenNode: TypeAlias = tuple[Part, list[int]]


@dataclass(eq=False, slots=True)
class OpenTerm:
    """A product of parts; `legs` lists every index occurrence until `resolved` sums the pairs."""

    nodes: list[OpenNode] = field(default_factory=list)
    legs: list[OpenLeg] = field(default_factory=list)
    coefficient: sympy.Expr = sympy.S.One
    summed: frozenset[str] = frozenset()
    joins: list[tuple[int, int]] = field(default_factory=list)

    @staticmethod
    def scalar(value: sympy.Expr) -> OpenTerm:
        """A number."""
        return OpenTerm(coefficient=value)

    def as_scalar(self) -> sympy.Expr | None:
        """The number this is, or None where it holds a tensor."""
        return None if self.nodes or self.legs else self.coefficient

    def is_zero(self) -> bool:
        """Whether this is the plain number 0."""
        return bool(self.as_scalar() == 0)

    def leg_names(self) -> list[str | None]:
        """The names of all legs, in order."""
        return [name for name, _ in self.legs]

    def with_legs(self, legs: list[OpenLeg]) -> OpenTerm:
        """The same term with other legs."""
        return OpenTerm(self.nodes, legs, self.coefficient, self.summed, self.joins)

    def scaled(self, factor: sympy.Expr | int) -> OpenTerm:
        """The term times a number."""
        scaled = self.with_legs(self.legs)
        scaled.coefficient = self.coefficient * factor
        return scaled

    def occurrences(self) -> dict[str, list[int]]:
        """The wires at which each named index occurs."""
        found: dict[str, list[int]] = {}
        for name, wire in self.legs:
            if name is not None:
                found.setdefault(name, []).append(wire)
        return found

    def resolved(self, context: Context) -> OpenTerm:
        """Sum every index that occurs twice; one that occurs more often is an error."""
        named = [name for name, _ in self.legs if name is not None]
        if len(set(named)) == len(named):
            return self
        found = self.occurrences()
        for name, wires in found.items():
            if len(wires) > 2:
                others = ", ".join(n for n, places in found.items() if len(places) == 1)
                keep = f"... -> {others}" if others else f"... -> {name} (or nothing after ->)"
                context.fail(
                    f"the index {name!r} occurs {len(wires)} times",
                    context.places.get(wires[2], (0, 0)),
                    f"say which indices stay free: {keep}\nor join them in a copy tensor: "
                    f"delta[{','.join(f'{name}{k}' for k in range(1, len(wires) + 1))}]",
                )
        joins = self.joins + [(w[0], w[1]) for w in found.values() if len(w) == 2]
        legs = [(n, w) for n, w in self.legs if n is None or len(found[n]) == 1]
        summed = self.summed | {name for name, wires in found.items() if len(wires) == 2}
        return OpenTerm(self.nodes, legs, self.coefficient, summed, joins)

    def keeping(self, names: Sequence[str], context: Context, span: Span, tree: Tree) -> OpenTerm:
        """Keep exactly these indices, in this order, and sum all others; `tree` is this term's."""
        if None in self.leg_names():
            way = named(context.text, tree, len(self.legs), names)
            context.fail("'->' needs named legs", span, way)
        found = self.occurrences()
        for name in names:
            if name not in found:
                there = f"they are {', '.join(found)}" if found else "this has no free leg"
                is_bare = isinstance(tree, Name) and not self.nodes
                way = f"a bare name is a number: write {with_legs(context.text, tree, names)}"
                context.fail(f"{name!r} is no index here; {there}", span, way if is_bare else None)
        joins = self.joins + [(w[0], other) for w in found.values() for other in w[1:]]
        kept: list[OpenLeg] = [(name, found[name][0]) for name in names]
        return OpenTerm(self.nodes, kept, self.coefficient, frozenset(), joins)

    def as_factor(self, context: Context) -> OpenTerm:
        """The term as a factor of a product: itself."""
        return self

    def joined(self, first: int, second: int) -> OpenTerm:
        """Join two of the legs, given by their wires."""
        legs = [(n, w) for n, w in self.legs if w not in (first, second)]
        joins = [*self.joins, (first, second)]
        return OpenTerm(self.nodes, legs, self.coefficient, self.summed, joins)

    def reordered(self, order: Sequence[int]) -> OpenTerm:
        """The legs in another order."""
        return self.with_legs([self.legs[k] for k in order])

    def ordered(self, names: Sequence[str | None]) -> OpenTerm:
        """The legs in the order of `names`."""
        place = {name: k for k, (name, _) in enumerate(self.legs)}
        return self.reordered([place[name] for name in names])

    def renamed(self, names: Sequence[str | None]) -> OpenTerm:
        """The legs under other names, in order."""
        return self.with_legs([(n, w) for n, (_, w) in zip(names, self.legs, strict=True)])

    def conjugated(self, context: Context, span: Span, done: dict[int, Settled]) -> OpenTerm:
        """The complex conjugate; `done` holds what the contents of boxes became."""
        nodes: list[OpenNode] = []
        for part, wires in self.nodes:
            if isinstance(part, TensorPart):
                nodes.append((TensorPart(part.name, combine(part.mark, "conj")), wires))
            elif isinstance(part, BoxPart):
                if part.function and not FUNCTIONS[part.function].commutes_with_conj:
                    context.fail(f"conj does not pass through {part.function}", span)
                nodes.append((BoxPart(part.function, part.along, done[id(part.content)]), wires))
            else:
                nodes.append((part, wires))
        coefficient = sympy.conjugate(self.coefficient)
        return OpenTerm(nodes, self.legs, coefficient, self.summed, self.joins)


@dataclass(eq=False)
class OpenSum:
    """Terms with the same legs in the same order."""

    terms: list[OpenTerm]
    legs: list[OpenLeg]
    summed: frozenset[str] = frozenset()

    def as_scalar(self) -> None:
        """A sum that holds a tensor is no number."""
        return

    def is_zero(self) -> bool:
        """Whether this is the plain number 0, which a sum never is."""
        return False

    def leg_names(self) -> list[str | None]:
        """The names of all legs, in order."""
        return [name for name, _ in self.legs]

    def resolved(self, context: Context) -> OpenSum:
        """The sum itself: its terms are resolved."""
        return self

    def keeping(self, names: Sequence[str], context: Context, span: Span, tree: Tree) -> OpenTerm:
        """Keep exactly these legs of the whole sum, and sum all others."""
        return self.as_factor(context).keeping(names, context, span, tree)

    def scaled(self, factor: sympy.Expr | int) -> OpenSum:
        """The sum times a number."""
        return OpenSum([term.scaled(factor) for term in self.terms], self.legs, self.summed)

    def as_factor(self, context: Context) -> OpenTerm:
        """The sum as one box of a product."""
        wires = [context.wire_like(wire) for _, wire in self.legs]
        legs = [(name, wire) for (name, _), wire in zip(self.legs, wires, strict=True)]
        return OpenTerm([(BoxPart(None, (), self), wires)], list(legs), summed=self.summed)

    def reordered(self, order: Sequence[int]) -> OpenSum:
        """The legs in another order."""
        terms = [term.reordered(order) for term in self.terms]
        return OpenSum(terms, [self.legs[k] for k in order], self.summed)

    def ordered(self, names: Sequence[str | None]) -> OpenSum:
        """The legs in the order of `names`."""
        place = {name: k for k, (name, _) in enumerate(self.legs)}
        return self.reordered([place[name] for name in names])

    def renamed(self, names: Sequence[str | None]) -> OpenSum:
        """The legs under other names, in order."""
        legs = [(n, w) for n, (_, w) in zip(names, self.legs, strict=True)]
        return OpenSum([term.renamed(names) for term in self.terms], legs, self.summed)

    def conjugated(self, context: Context, span: Span, done: dict[int, Settled]) -> OpenSum:
        """The complex conjugate."""
        terms = [term.conjugated(context, span, done) for term in self.terms]
        return OpenSum(terms, self.legs, self.summed)


def inside_out(piece: Settled) -> list[Settled]:
    """All contents of a piece, each once, the innermost first, and the piece itself.

    Who walks them in this order need not recurse, however long a chain of shared values is.
    """
    done: dict[int, Settled] = {}
    waiting: list[tuple[Settled, bool]] = [(piece, False)]
    while waiting:
        one, ready = waiting.pop()
        if ready:
            done[id(one)] = one
        elif id(one) not in done:
            waiting.append((one, True))
            terms = one.terms if isinstance(one, OpenSum) else [one]
            parts = [part for term in terms for part, _ in term.nodes]
            waiting.extend((part.content, False) for part in parts if isinstance(part, BoxPart))
    return list(done.values())


@dataclass(eq=False)
class PendingSum:
    """A sum as written: a later `->` may still say which indices of its terms stay free."""

    pieces: list[Piece]
    trees: list[Tree]

    def as_scalar(self) -> None:
        """A sum that holds a tensor is no number."""
        return

    def scaled(self, factor: sympy.Expr | int) -> PendingSum:
        """The sum times a number."""
        return PendingSum([piece.scaled(factor) for piece in self.pieces], self.trees)

    def resolved(self, context: Context) -> OpenSum:
        """Sum the pairs within each term, then align the terms."""
        return self._aligned([piece.resolved(context) for piece in self.pieces], context)

    def keeping(self, names: Sequence[str], context: Context, span: Span, tree: Tree) -> OpenSum:
        """Keep exactly these indices in every term, then align the terms."""
        shorthand = [
            p for p in self.pieces if not isinstance(p, PendingSum) and None in p.leg_names()
        ]
        if len(shorthand) == len(self.pieces):
            way = named(context.text, tree, len(shorthand[0].legs), names)
            context.fail("'->' needs named legs", span, way)
        self._check_kept(names, context)
        kept = [
            OpenTerm.scalar(sympy.S.Zero)
            if piece.as_scalar() == 0
            else piece.keeping(names, context, term.span, term)
            for piece, term in zip(self.pieces, self.trees, strict=True)
        ]
        return self._aligned(kept, context)

    def as_factor(self, context: Context) -> OpenTerm:
        """The sum as one box of a product."""
        return self.resolved(context).as_factor(context)

    def _aligned(self, pieces: Sequence[Settled], context: Context) -> OpenSum:
        kept = [
            (piece, tree)
            for piece, tree in zip(pieces, self.trees, strict=True)
            if not piece.is_zero()
        ]
        names = next((p.leg_names() for p, _ in kept if None not in p.leg_names()), None)
        first = kept[0][0]
        if names is None or len(names) != len(first.legs):
            names = first.leg_names()
        terms: list[OpenTerm] = []
        summed: set[str] = set()
        legs: list[OpenLeg] = []
        for piece, tree in kept:
            own = piece.leg_names()
            positional = None in own or None in names
            if len(own) != len(names) or (not positional and set(own) != set(names)):
                shown = [", ".join(str(n or "_") for n in one) for one in (names, own)]
                hint = None if own and names else UNDECLARED
                if None not in (*own, *names, *first.leg_names()):
                    if set(own) > set(names):
                        tree, own, names = kept[0][1], names, own
                    if set(own) < set(names):
                        hint = spread(context.text, tree, own, names)
                context.fail(
                    f"the terms of a sum have different free legs: [{shown[0]}] and [{shown[1]}]",
                    tree.span,
                    hint,
                )
            piece = piece.renamed(names) if positional else piece.ordered(names)
            legs = legs or list(piece.legs)
            for (_, a), (_, b) in zip(legs, piece.legs, strict=True):
                context.table.join(a, b, tree.span)
            terms.extend(piece.terms if isinstance(piece, OpenSum) else [piece])
            summed |= piece.summed
        return OpenSum(terms, legs, frozenset(summed))

    def _check_kept(self, names: Sequence[str], context: Context) -> None:
        """Refuse a term that lacks an index which is kept, where another term has all of them."""
        flat = [
            (piece.leg_names(), tree)
            for piece, tree in zip(self.pieces, self.trees, strict=True)
            if not isinstance(piece, PendingSum) and not piece.is_zero()
        ]
        if not any(set(names) <= set(own) for own, _ in flat):
            return
        for own, tree in flat:
            if None not in own and not set(names) <= set(own):
                shown = ", ".join(dict.fromkeys(str(name) for name in own)) or "none"
                context.fail(
                    f"this term lacks a leg that is kept; its indices are: {shown}",
                    tree.span,
                    spread(context.text, tree, own, names),
                )
