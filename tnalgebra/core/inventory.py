"""What one value holds at its own level, found once: spaces, tensors, groups, contents, symbols."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import sympy

from tnalgebra.core.draft import nodes_of
from tnalgebra.core.nodes import Box, Delta, Group, Tensor, node_spaces
from tnalgebra.core.spaces import Leg, Space, has_formula

if TYPE_CHECKING:
    from tnalgebra.core.values import Diagram, Value


class Inventory(NamedTuple):
    """The things in a value's own terms, by name; the contents of its boxes are not entered.

    tensors: one of each name, with any mark, builtin ones left out. held: the names of the spaces
    that these tensors have. formulas: the spaces whose size is a formula. symbols: those of
    coefficients and entries. contents: by their id.
    """

    spaces: dict[str, Space]
    tensors: dict[str, Tensor]
    held: set[str]
    formulas: tuple[Space, ...]
    groups: tuple[Group, ...]
    contents: dict[int, Value]
    symbols: set[sympy.Symbol]


def inventory(value: Value) -> Inventory:
    """The inventory of a value, kept with it; nobody may change it."""
    found: Inventory | None = vars(value).get("_inventory")
    if found is None:
        from tnalgebra.core.values import Diagram, Sum

        if isinstance(value, Sum):
            found = gathered(value.legs, value.terms)
        else:
            assert isinstance(value, Diagram)
            found = _taken(value)
        keep_inventory(value, found)
    return found


def keep_inventory(value: Value, found: Inventory) -> None:
    """Keep a value's inventory with it."""
    vars(value)["_inventory"] = found


def _taken(value: Diagram) -> Inventory:
    spaces = {leg.space.name: leg.space for leg in value.legs if leg.space is not None}
    tensors: dict[str, Tensor] = {}
    held: set[str] = set()
    groups: list[Group] = []
    contents: dict[int, Value] = {}
    symbols: set[sympy.Symbol] = set(value.coefficient.free_symbols)
    # Every edge ends at a node that has its space, so the nodes tell all spaces.
    for _, node in nodes_of(value.graph):
        if isinstance(node, Tensor):
            if node.name in tensors:
                continue
            own = {space.name: space for space in node.spaces()}
            if not node.is_builtin:
                tensors[node.name] = node
                held.update(own)
                if node.entries is not None:
                    symbols |= node.entries.free_symbols
        elif isinstance(node, Delta):
            own = {node.space.name: node.space}
        elif isinstance(node, Box | Group):
            own = {space.name: space for space in node_spaces(node)}
            if isinstance(node, Box):
                contents[id(node.content)] = node.content
            else:
                groups.append(node)
        else:
            continue
        spaces.update(own)
    formulas = tuple(space for space in spaces.values() if has_formula(space))
    return Inventory(spaces, tensors, held, formulas, tuple(groups), contents, symbols)


def gathered(legs: Iterable[Leg], values: Sequence[Value]) -> Inventory:
    """The inventory of a sum of these values with these legs."""
    spaces = {leg.space.name: leg.space for leg in legs if leg.space is not None}
    found = Inventory(spaces, {}, set(), (), (), {}, set())
    groups: list[Group] = []
    for one in map(inventory, values):
        spaces.update(one.spaces)
        found.tensors.update(one.tensors)
        found.held.update(one.held)
        found.contents.update(one.contents)
        found.symbols.update(one.symbols)
        groups += one.groups
    formulas = tuple(space for space in spaces.values() if has_formula(space))
    return found._replace(formulas=formulas, groups=tuple(groups))
