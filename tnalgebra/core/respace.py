"""Values with other spaces: everywhere in them, what is shared among them staying shared."""

from __future__ import annotations

from collections.abc import Iterable, KeysView, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import sympy

from tnalgebra.core.draft import Draft
from tnalgebra.core.inventory import inventory
from tnalgebra.core.nesting import all_spaces, leg_spaces, parts
from tnalgebra.core.nodes import Box, Delta, Group, Inner, Tensor
from tnalgebra.core.spaces import Leg, Space, is_size, sizes_of, with_formulas
from tnalgebra.core.validity import check_possible, check_sides

if TYPE_CHECKING:
    from tnalgebra.core.values import Diagram, Value

Changes = Mapping[Space, Space]
"""What becomes of the spaces of one value; those that stay are not listed."""


def replace_spaces(values: Sequence[Value], changed: Changes) -> list[Value]:
    """The values with spaces replaced everywhere, shared contents staying shared.

    A size that is a formula of replaced sizes changes with them.
    """
    if not changed:
        return list(values)
    everywhere = with_formulas(changed, all_spaces(*values))
    return replace_each(values, [everywhere] * len(values))


def with_numbers(value: Value, given: Iterable[tuple[Space, Space]]) -> Value:
    """The value where its own spaces without a size have the number that a given one says.

    given: each own space with the one that the user puts in its place. Two legs that get one space
    then have each a size of their own, which is the user's word that they may be one.
    """
    sizes: dict[Space, Space] = {}
    for own, space in given:
        if own.size is None and space.dimension.is_Integer:
            sizes.setdefault(own, Space(own.name, space.size, own.declared))
    return replace_spaces([value], sizes)[0]


def replace_each(values: Sequence[Value], changes: Sequence[Changes]) -> list[Value]:
    """The values, each with its own spaces replaced; what two values share changes alike in both.

    A value or content without any such space stays the object it is.
    """
    respaced = Respaced()
    return [respaced.value(*pair) for pair in zip(values, changes, strict=True)]


class Respaced:
    """Values and nodes whose spaces were replaced; a tensor or content is replaced once."""

    def __init__(self) -> None:
        self._tensors: dict[int, Tensor] = {}
        self._done: dict[int, Value] = {}

    def value(self, value: Value, changed: Changes) -> Value:
        """The value with its spaces replaced."""
        if not changed:
            return value
        sizes = sizes_of(changed).keys()
        for one in parts([value]):
            if id(one) not in self._done:
                stays = self._stays(one, changed, sizes)
                self._done[id(one)] = one if stays else self._rebuilt(one, changed)
        return self._done[id(value)]

    def absorb(self, draft: Draft, value: Value, changed: Changes) -> list[int]:
        """Put a value into a draft, a sum as one box, with its spaces replaced on the way."""
        from tnalgebra.core.values import Diagram

        if not isinstance(value, Diagram):
            value = self.value(value, changed)
            wires = [draft.wire(space) for space in leg_spaces(value)]
            draft.add(Box(None, value.legs, value), wires)
            return wires
        if not changed:
            return draft.absorb(value.graph)
        for content in inventory(value).contents.values():
            if id(content) not in self._done:
                self.value(content, changed)
        first = len(draft.nodes)
        wires = draft.absorb(value.graph, changed)
        draft.nodes[first:] = [self._node(node, changed) for node in draft.nodes[first:]]
        return wires

    def _stays(self, one: Value, changed: Changes, sizes: KeysView[sympy.Expr]) -> bool:
        stock = inventory(one)
        return (
            not any(space in changed for space in stock.spaces.values())
            and sizes.isdisjoint(stock.symbols)
            and all(self._done[id(content)] is content for content in stock.contents.values())
        )

    def _rebuilt(self, one: Value, changed: Changes) -> Value:
        from tnalgebra.core.values import Diagram, Sum, terms_of

        terms = [self._term(term, changed) for term in terms_of(one)]
        if isinstance(one, Diagram):
            return terms[0]
        return Sum(terms, _legs(one.legs, changed), named=one.named, summed=one.summed)

    def _term(self, term: Diagram, changed: Changes) -> Diagram:
        from tnalgebra.core.values import Diagram

        draft = Draft()
        wires = draft.absorb(term.graph, changed)
        draft.nodes = [self._node(node, changed) for node in draft.nodes]
        draft.free = [(leg.name, wire) for leg, wire in zip(term.legs, wires, strict=True)]
        return Diagram(draft.graph(), named=term.named, summed=term.summed)

    def _node(self, old: Inner, changed: Changes) -> Inner:
        if isinstance(old, Tensor):
            # A builtin tensor may be one object in values where its space becomes different ones.
            found = None if old.is_builtin else self._tensors.get(id(old))
            if found is None:
                found = _tensor(old, changed)
                self._tensors[id(old)] = found
            return found
        if isinstance(old, Box):
            content = self._done.get(id(old.content), old.content)
            return Box(old.function, _legs(old.legs, changed), content)
        if isinstance(old, Group):
            thick, *inner = (changed.get(space, space) for space in old.spaces())
            return Group(tuple(inner), thick)
        return Delta(changed.get(old.space, old.space))


def _tensor(old: Tensor, changed: Changes) -> Tensor:
    """A tensor with other spaces.

    Raises DeclarationError and SpaceError where its facts cannot hold there.
    """
    legs, entries = _legs(old.legs, changed), old.entries
    if entries is not None and not old.is_builtin and any(map(is_size, entries.free_symbols)):
        entries = entries.xreplace(sizes_of(changed))
    if legs is old.legs and entries == old.entries:
        return old
    new = replace(old, legs=legs, entries=entries)
    if new.facts:
        check_sides(new.base(), old.base().spaces())
        check_possible(new.base())
    return new


def _legs(legs: tuple[Leg, ...], changed: Changes) -> tuple[Leg, ...]:
    """The legs with their spaces replaced; the same object where none is."""
    spaces = [leg.space and changed.get(leg.space) for leg in legs]
    if not any(spaces):
        return legs
    return tuple(
        Leg(leg.name, space) if space else leg for leg, space in zip(legs, spaces, strict=True)
    )
