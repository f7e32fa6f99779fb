"""Syntax trees to values: names become tensors, indices become wires, sides meet leg by leg."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import sympy

from tnalgebra.core.entries import places
from tnalgebra.core.facts import same_space_ports, sides_apart
from tnalgebra.core.nesting import check_symbols
from tnalgebra.core.scalars import power
from tnalgebra.core.spaces import Space
from tnalgebra.core.validity import sides_met
from tnalgebra.core.values import Equation, Value
from tnalgebra.core.words import CONSTANTS, RESERVED
from tnalgebra.errors import DeclarationError, SpaceError
from tnalgebra.notation.advice import of_power
from tnalgebra.notation.calls import call, conj, onehot
from tnalgebra.notation.declarations import Declarations, TensorDeclaration
from tnalgebra.notation.definitions import Entries, Formula, needed
from tnalgebra.notation.inference import Variable
from tnalgebra.notation.misplaced import check_used
from tnalgebra.notation.open_terms import (
    UNDECLARED,
    BoxPart,
    CausalPart,
    DeltaPart,
    OneHotPart,
    OpenLeg,
    OpenSum,
    OpenTerm,
    Piece,
    Settled,
    TensorPart,
)
from tnalgebra.notation.products import addition, product
from tnalgebra.notation.realize import Realizer
from tnalgebra.notation.scope import Scope
from tnalgebra.notation.trees import (
    Addition,
    Arrow,
    Attribute,
    Call,
    IndexName,
    Name,
    Number,
    Power,
    Product,
    Program,
    Span,
    Subscript,
    Tree,
)


def elaborate(
    program: Program, declarations: Declarations, groups: Mapping[str, Sequence[str]] | None = None
) -> Value | Equation:
    """The value of a parsed text; `groups` spells out the starred leg groups of a rule."""
    trees = [*program.sides, *(tree for _, tree in program.shared)]
    defined = needed(trees, declarations.definitions)
    if defined:
        first = tuple((Name(name, (0, 0)), one.tree) for name, one in defined)
        program = Program(program.text, (*first, *program.shared), program.sides)
    return _Elaborator(program, declarations, groups or {}).run()


class _Elaborator(Scope):
    def run(self) -> Value | Equation:
        """The finished value, or equation, of the whole text."""
        check_used(self.names, self.declarations)
        for name in self.names.ranks:
            self.declare_ports(name)
        for name in self.names.ranks:
            self.keep_sides_apart(name)
        for target, tree in self.program.shared:
            if target.name in self.shared or target.name in self.names.ranks:
                self.fail(f"{target.name!r} is named twice", target.span)
            definition = self.declarations.definitions.get(target.name)
            self.target = target.name
            with self.reading(self.text if definition is None else definition.text):
                piece = self.piece(tree).resolved(self)
            if None in piece.leg_names() and definition is None:
                self.fail("a shared value names its legs", tree.span, "write (A @ B)[i,k]")
            self.shared[target.name] = piece
        sides = [self.piece(tree).resolved(self) for tree in self.program.sides]
        if len(sides) == 2:
            sides = self.aligned(sides[0], sides[1], self.program.sides[1].span)
        entries = {
            name: self.entries(one)
            for name, one in self.declarations.entries.items()
            if name in self.names.ranks
        }
        realizer = Realizer(self.declarations, self.names, self.table, self.dimensions, entries)
        values = realizer.values(sides)
        with self.at((0, len(self.text))):
            check_symbols(values)
        return values[0] if len(values) == 1 else Equation(values[0], values[1])

    def declare_ports(self, name: str) -> None:
        """Put the ports of a declared tensor in the spaces that its declaration says."""
        declared = self.declarations.tensors.get(name)
        entries = self.declarations.entries.get(name)
        try:
            if declared is not None:
                self._join_ports(declared)
            for port, size in enumerate(entries.shape if isinstance(entries, Entries) else ()):
                self.table.resize(("port", name, port), sympy.Integer(size), name)
        except SpaceError as error:
            raise SpaceError(
                f"{name}: {error.message}",
                text=self.declarations.text,
                span=self.declarations.places.get(name),
                hint=error.hint,
            ) from None

    def keep_sides_apart(self, name: str) -> None:
        """Let only the user put the two sides of an arrow of a declared tensor in one space."""
        declared = self.declarations.tensors.get(name)
        if declared is None or declared.legs is None:
            return
        place = self.declarations.places.get(name)
        for fact, a, b in sides_apart(declared.facts):
            refusal = partial(
                sides_met, name, fact, declared.legs, a, b, self.declarations.text, place
            )
            self.table.keep_apart(("port", name, a), ("port", name, b), refusal)

    def entries(self, declared: Entries | Formula) -> list[sympy.Expr]:
        """Every entry of a tensor that declares them, row by row; of a formula, the formula."""
        if isinstance(declared, Formula):
            self.bound = dict(zip(declared.indices, places(declared.rank), strict=True))
            with self.reading(declared.text):
                formula = self.scalar(self.piece(declared.tree), declared.tree.span, "an entry")
            self.bound = {}
            return [formula]
        found = []
        for tree, text in declared.trees:
            with self.reading(text):
                found.append(self.scalar(self.piece(tree), tree.span, "an entry"))
        return found

    def _join_ports(self, declared: TensorDeclaration) -> None:
        name = declared.name
        if declared.legs is not None:
            rank = self.names.ranks[name]
            if len(declared.legs) != rank:
                raise DeclarationError(
                    f"{name} has {rank} legs, its declaration {len(declared.legs)}",
                    text=self.declarations.text,
                    span=self.declarations.places.get(name),
                )
            for port, leg in enumerate(declared.legs):
                self.table.join(("port", name, port), ("index", leg))
        for fact in declared.facts:
            for a, b in same_space_ports(fact):
                self.table.join(("port", name, a), ("port", name, b))

    def aligned(self, left: Settled, right: Settled, span: Span) -> list[Settled]:
        """Both sides of an equation with the same free legs in the same order."""
        if left.is_zero() != right.is_zero():
            other = right if left.is_zero() else left
            zero = OpenSum([], [(name, self.wire_like(wire)) for name, wire in other.legs])
            return [zero, other] if left.is_zero() else [other, zero]
        mine, theirs = left.leg_names(), right.leg_names()
        named = None not in mine and None not in theirs
        if len(mine) != len(theirs) or (named and set(mine) != set(theirs)):
            shown = [", ".join(name or "_" for name in names) for names in (mine, theirs)]
            number = left.as_scalar() is not None or right.as_scalar() is not None
            self.fail(
                f"the free legs differ: [{shown[0]}] on the left, [{shown[1]}] on the right",
                span,
                UNDECLARED if number else self.arrow_hint(mine, theirs),
            )
        if named:
            right = right.ordered(mine)
        elif None in mine and None not in theirs:
            left = left.renamed(theirs)
        else:
            right = right.renamed(mine)
        for (_, a), (_, b) in zip(left.legs, right.legs, strict=True):
            self.table.join(a, b, span)
        return [left, right]

    def arrow_hint(self, mine: Sequence[object], theirs: Sequence[object]) -> str | None:
        """What to say where one side alone keeps its indices."""
        kept = [isinstance(side, Arrow) for side in self.program.sides]
        if kept[0] == kept[1] or (mine and theirs):
            return None
        return "`->` speaks of its own side alone; say it on both: (... -> i) == (... -> i)"

    def piece(self, tree: Tree) -> Piece:
        """The open value of one syntax tree."""
        match tree:
            case Number(value):
                return OpenTerm.scalar(value)
            case Name(name, span):
                return self.name(name, span)
            case Subscript():
                return self.subscript(tree)
            case Attribute(base, name, span):
                piece = self.matrix(self.piece(base), f".{name}", span)
                if name == "H":
                    piece = conj(self, piece, span)
                return piece.reordered([1, 0])
            case Call():
                return call(self, tree)
            case Product():
                return product(self, tree)
            case Addition():
                return addition(self, tree)
            case Power(base, exponent):
                low, high = self.piece(base), self.piece(exponent)
                way = of_power(self.text, base, high.as_scalar())
                number = self.scalar(low, base.span, "**", way)
                up = self.scalar(high, exponent.span, "**", "exp(log(2)*x[i]) is 2**x[i]")
                with self.at((base.span[0], exponent.span[1])):
                    return OpenTerm.scalar(power(number, up))
            case Arrow(body, keep):
                return self.arrow(self.piece(body), keep, body)

    def name(self, name: str, span: Span) -> Piece:
        """A bare name: a shared value, a tensor, an identity, a constant or a symbol."""
        if name in self.bound:
            return OpenTerm.scalar(self.bound[name])
        if name in self.shared:
            return self.use(name)
        if name in self.names.ranks:
            return self.tensor(name)
        if name in self.targets:
            message = f"{name!r} is used before it is named"
            if name == self.target:
                message = f"{name!r} is used in its own definition"
            self.fail(message, span, "a shared value speaks of those named before it")
        if name in ("eye", "delta", "causal"):
            wire = self.new_wire()
            wires = [wire, self.wire_like(wire)]
            legs: list[OpenLeg] = [(None, wire) for wire in wires]
            return OpenTerm([(CausalPart() if name == "causal" else DeltaPart(wire), wires)], legs)
        if name in CONSTANTS:
            return OpenTerm.scalar(CONSTANTS[name])
        if name in RESERVED:
            self.fail(f"{name!r} stands with indices or arguments", span)
        if name in self.names.written and name not in self.declarations.named_spaces():
            self.fail(
                f"{name!r} is an index here, and no number",
                span,
                f"its size is dim({name}); the numbers 0, 1, 2, ... along it are a tensor, "
                f"declared by p[{name}] = {name}",
            )
        if name in self.declarations.size_symbols:
            return OpenTerm.scalar(Space(name).dimension)
        real = True if name in self.declarations.real else None
        return OpenTerm.scalar(sympy.Symbol(name, real=real))

    def tensor(self, name: str) -> OpenTerm:
        """One occurrence of a tensor, its legs still without names."""
        if name not in self.ports:
            own: list[Variable] = [("port", name, port) for port in range(self.names.ranks[name])]
            self.ports[name] = (TensorPart(name, "none"), own)
        part, ports = self.ports[name]
        wires = [self.wire(port) for port in ports]
        return OpenTerm([(part, wires)], [(None, wire) for wire in wires])

    def use(self, name: str) -> OpenTerm:
        """One use of a shared value: a box with wires of its own."""
        content = self.shared[name]
        wires = [self.wire_like(wire) for _, wire in content.legs]
        is_named = name not in self.declarations.definitions
        legs: list[OpenLeg] = [
            (leg if is_named else None, wire)
            for (leg, _), wire in zip(content.legs, wires, strict=True)
        ]
        return OpenTerm([(BoxPart(None, (), content), wires)], legs)

    def subscript(self, tree: Subscript) -> Piece:
        """`base[i, j]`: names for the legs of a base, integers for slices."""
        indices = self.expanded(tree.indices)
        if isinstance(tree.base, Name) and tree.base.name in ("delta", "eye", "ones"):
            return self.delta(tree.base.name, indices, tree)
        if isinstance(tree.base, Call) and tree.base.function == "onehot":
            base: Settled = onehot(self, tree.base)
        else:
            base = self.piece(tree.base).resolved(self)
        if len(base.legs) != len(indices):
            what = "index" if len(indices) == 1 else "indices"
            self.fail(f"{len(indices)} {what} for {len(base.legs)} legs", tree.span)
        term = base.as_factor(self)
        nodes = list(term.nodes)
        legs: list[OpenLeg] = []
        for (_, wire), index in zip(term.legs, indices, strict=True):
            if index.slice is not None:
                nodes.append((OneHotPart(index.slice, index.span), [wire]))
            else:
                self.table.join(("index", index.name), wire, index.span)
                self.places[wire] = index.span
                legs.append((index.name, wire))
        return OpenTerm(nodes, legs, term.coefficient, term.summed, term.joins)

    def delta(self, what: str, indices: list[IndexName], tree: Subscript) -> OpenTerm:
        """`delta[i,j,k]`, `ones[i]`, `eye[i,j]` or `eye[*x, *y]`."""
        if what == "eye":
            half = len(indices) // 2
            if len(indices) % 2 or not indices:
                self.fail("eye has two legs, or two groups of equal length", tree.span)
            parts = [
                self.spider([a, b]) for a, b in zip(indices[:half], indices[half:], strict=True)
            ]
            nodes = [node for part in parts for node in part.nodes]
            ends = [part.legs[0] for part in parts] + [part.legs[1] for part in parts]
            return OpenTerm(nodes, ends)
        if not indices:
            self.fail(f"{what} needs at least one index; the number is dim(i)", tree.span)
        if what == "ones" and len(indices) != 1:
            self.fail("ones has one leg", tree.span)
        return self.spider(indices)

    def spider(self, indices: Sequence[IndexName]) -> OpenTerm:
        """One copy tensor over the given indices."""
        wires: list[int] = []
        for index in indices:
            if index.slice is not None:
                self.fail("a delta has no slices", index.span, "multiply by onehot(n)[i]")
            wires.append(self.wire(wires[0] if wires else ("index", index.name)))
            self.places[wires[-1]] = index.span
            self.table.join(("index", index.name), wires[0], index.span)
        legs: list[OpenLeg] = [
            (index.name, wire) for index, wire in zip(indices, wires, strict=True)
        ]
        return OpenTerm([(DeltaPart(wires[0]), wires)], legs)

    def arrow(self, piece: Piece, keep: Sequence[IndexName], body: Tree) -> Piece:
        """`piece -> i, j`."""
        names = self.expanded(keep)
        seen: set[str] = set()
        for index in names:
            if index.name in seen:
                self.fail(f"{index.name!r} is kept twice", index.span)
            seen.add(index.name)
        span = (names[0].span[0], names[-1].span[1]) if names else (0, 0)
        return piece.keeping([index.name for index in names], self, span, body)
