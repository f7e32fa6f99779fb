"""Elaborated terms to finished values: spaces get their names, wires become edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import sympy

from tnalgebra.core.draft import Draft
from tnalgebra.core.entries import places
from tnalgebra.core.facts import Fact, closure
from tnalgebra.core.nodes import (
    Box,
    Delta,
    Function,
    Group,
    Inner,
    Tensor,
    causal_tensor,
    onehot_tensor,
)
from tnalgebra.core.scalars import checked
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.validity import check_possible
from tnalgebra.core.values import Diagram, Sum, Value
from tnalgebra.core.words import numbered, words_in
from tnalgebra.errors import DeclarationError, SpaceError
from tnalgebra.notation.declarations import Declarations
from tnalgebra.notation.definitions import Formula
from tnalgebra.notation.inference import SpaceTable
from tnalgebra.notation.names import Names
from tnalgebra.notation.open_terms import (
    BoxPart,
    DeltaPart,
    GroupPart,
    OneHotPart,
    OpenSum,
    OpenTerm,
    Part,
    TensorPart,
    inside_out,
)


def unique(names: Sequence[str]) -> list[str]:
    """The names, later repetitions numbered: m, m -> m, m1."""
    taken, result = set(names), dict[str, None]()
    if len(taken) == len(names):
        return list(names)
    for name in names:
        fresh, number = name, 0
        while fresh in result:
            number += 1
            fresh = other if (other := numbered(name, number)) not in taken else fresh
        result[fresh] = None
    return list(result)


class Realizer:
    """Makes the values of one text, all in one set of spaces."""

    def __init__(
        self,
        declarations: Declarations,
        names: Names,
        table: SpaceTable,
        dimensions: Mapping[sympy.Symbol, str],
        entries: Mapping[str, Sequence[sympy.Expr]],
    ) -> None:
        self.declarations = declarations
        self.names = names
        self._entries = entries
        self._text = table.text
        # A space that is called like a symbol of a declared size or entry would have its size.
        taken = {*names.ranks, *names.bare, *names.indices, *words_in(declarations.text)}
        self.spaces = table.spaces(taken)
        self.owner = table.owner
        self._counted = {
            symbol: self.spaces[("index", name)] for symbol, name in dimensions.items()
        }
        self._tensors: dict[str, Tensor] = {}
        self._marked: dict[TensorPart, Tensor] = {}
        self._contents: dict[int, Value] = {}

    def space(self, wire: int) -> Space:
        """The space of a wire."""
        return self.spaces[self.owner(wire)]

    def values(self, sides: Sequence[OpenTerm | OpenSum]) -> list[Value]:
        """The finished value of each side."""
        for side in sides:
            for one in inside_out(side)[:-1]:
                self._contents[id(one)] = self.value(one)
        return [self.value(side) for side in sides]

    def value(self, piece: OpenTerm | OpenSum) -> Value:
        """One finished value."""
        spaces = [self.space(wire) for _, wire in piece.legs]
        fallback = unique(
            [name or space.name for (name, _), space in zip(piece.legs, spaces, strict=True)]
        )
        if isinstance(piece, OpenTerm):
            return self.diagram(piece, fallback)
        terms = [self.diagram(term, fallback) for term in piece.terms]
        legs = [Leg(name, space) for name, space in zip(fallback, spaces, strict=True)]
        return Sum(terms, legs, named=None not in piece.leg_names(), summed=piece.summed)

    def diagram(self, term: OpenTerm, names: Sequence[str]) -> Diagram:
        """One finished term whose free legs are called `names`."""
        draft = Draft()
        own: dict[int, int] = {}
        for part, wires in term.nodes:
            for number in wires:
                if number not in own:
                    own[number] = draft.wire(self.space(number))
            draft.add(self.node(part, wires), [own[number] for number in wires])
        for a, b in term.joins:
            draft.join(own[a], own[b])
        draft.free = [(name, own[w]) for name, (_, w) in zip(names, term.legs, strict=True)]
        draft.coefficient = self.coefficient(term.coefficient)
        named = None not in term.leg_names()
        return Diagram(draft.graph(), named=named, summed=term.summed)

    def node(self, part: Part, wires: Sequence[int]) -> Inner:
        """What a part on these wires becomes."""
        if isinstance(part, TensorPart):
            return self.marked(part)
        if isinstance(part, DeltaPart):
            return Delta(self.space(part.wire))
        if isinstance(part, GroupPart):
            thick, *parts = map(self.space, wires)
            return Group(tuple(parts), thick)
        if isinstance(part, BoxPart):
            content = self._contents[id(part.content)]
            function = Function(part.function, part.along) if part.function else None
            return Box(function, content.legs, content)
        space = self.space(wires[0])
        if isinstance(part, OneHotPart):
            return self.onehot(part, space)
        return causal_tensor(Leg("q", space), Leg("k", space))

    def onehot(self, part: OneHotPart, space: Space) -> Tensor:
        """A unit vector; SpaceError, shown in the text, where its space has no such position."""
        try:
            return onehot_tensor(part.position, Leg(space.name, space))
        except SpaceError as error:
            raise SpaceError(
                error.message, text=self._text, span=part.span, hint=error.hint
            ) from None

    def coefficient(self, value: sympy.Expr) -> sympy.Expr:
        """A coefficient with its dimensions put in."""
        value = checked(value)
        if value.is_Rational:
            return value
        known = {symbol: self._space_of_size(symbol) for symbol in value.free_symbols}
        return value.xreplace({symbol: space.dimension for symbol, space in known.items() if space})

    def _space_of_size(self, symbol: sympy.Symbol) -> Space | None:
        """The space whose size a symbol of the text says, by `dim(i)` or by the space's name."""
        if symbol in self._counted:
            return self._counted[symbol]
        return self._by_name.get(symbol.name) if symbol == sympy.Symbol(symbol.name) else None

    @cached_property
    def _by_name(self) -> dict[str, Space]:
        return {space.name: space for space in self.spaces.values()}

    def marked(self, part: TensorPart) -> Tensor:
        """One occurrence of a tensor; occurrences under the same mark are one object."""
        if part not in self._marked:
            self._marked[part] = self.tensor(part.name).marked(part.mark)
        return self._marked[part]

    def tensor(self, name: str) -> Tensor:
        """The unmarked tensor of this name, with its facts."""
        if name not in self._tensors:
            spaces = [self.spaces[("port", name, port)] for port in range(self.names.ranks[name])]
            declared = self.declarations.tensors.get(name)
            facts = list(declared.facts) if declared else []
            if name in self.declarations.real:
                facts.append(Fact("real"))
            invertible = Fact("invertible", ((0,), (1,)))
            if name in self.names.inverted and invertible not in closure(facts):
                facts.append(invertible)
            legs = (
                list(declared.legs)
                if declared and declared.legs
                else unique([space.name for space in spaces])
            )
            made = Tensor(
                name,
                tuple(Leg(leg, space) for leg, space in zip(legs, spaces, strict=True)),
                tuple(sorted(facts)),
                entries=self._array(name),
            )
            self._check(made)
            self._tensors[name] = made
        return self._tensors[name]

    def _array(self, name: str) -> sympy.Lambda | sympy.ImmutableDenseNDimArray | None:
        """The entries that a tensor declares, with the sizes in them put in."""
        if name not in self._entries:
            return None
        declared = self.declarations.entries[name]
        numbers = [self.coefficient(entry) for entry in self._entries[name]]
        if isinstance(declared, Formula):
            return sympy.Lambda(places(declared.rank), numbers[0])
        return sympy.ImmutableDenseNDimArray(numbers, declared.shape)

    def _check(self, tensor: Tensor) -> None:
        """Refuse facts and sizes that leave no tensor but zero."""
        try:
            check_possible(tensor)
        except DeclarationError as error:
            raise DeclarationError(
                error.message,
                text=self.declarations.text,
                span=self.declarations.places.get(tensor.name),
                hint=error.hint,
            ) from None
