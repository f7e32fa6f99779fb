"""One exact canonical form for diagrams, from the canonical order of their connected components.

Two diagrams have the same code exactly when they are equal up to the names of nodes and summed
indices and the allowed order of ports.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from operator import itemgetter
from typing import Any, TypeVar

import sympy

from tnalgebra.core.incidence import ClassKey, Incidence
from tnalgebra.core.labelling import canonical_order
from tnalgebra.core.nodes import Box, Tensor, node_group
from tnalgebra.core.spaces import Space
from tnalgebra.core.spider import SpiderForm

Code = tuple[Any, ...]
Order = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Nodes, classes and groups in some order."""

Found = TypeVar("Found")


@dataclass(frozen=True)
class CanonicalForm:
    """The code of a spider form, and the orders of its nodes and classes that produce it.

    nodes[k] is the position in the spider form of the node that stands k-th; `classes` and `groups`
    likewise. The code says nothing of the coefficient and holds the loops as dimensions of the
    scalar. sign: -1 where the form is the negative of what its code says, by an odd number of
    exchanges of antisymmetric legs; 0 where it is its own negative, so that the diagram is zero.
    `twin` then has all in an order that reads the same, and shows that together with the first.
    """

    code: Code
    nodes: tuple[int, ...]
    classes: tuple[int, ...]
    groups: tuple[int, ...] = ()
    sign: int = 1
    twin: Order | None = None

    @property
    def digest(self) -> str:
        """A short stable fingerprint of the code, the same in every process."""
        return blake2b(repr(self.code).encode(), digest_size=16).hexdigest()


def space_key(
    space: Space, declared: Container[str], sizes: Mapping[sympy.Expr, sympy.Expr]
) -> str:
    """What of a space takes part in equality: its size, and its name if a user chose that.

    sizes: for the sizes of unnamed spaces, names that say what ranges over them.
    """
    name = space.name if space.name in declared else ""
    return name if space.size is None else f"{name}={space.dimension.xreplace(dict(sizes))}"


def _size_names(form: SpiderForm) -> dict[sympy.Expr, sympy.Expr]:
    """Names for the sizes of unnamed spaces that formulas are made of, by what ranges over them."""
    wanted = {symbol for space in form.spaces if space.size for symbol in _symbols(space)}
    if not wanted:
        return {}
    found: dict[Space, list[str]] = {}
    for label in form.labels:
        if isinstance(label, Tensor) and not label.is_builtin:
            for port, space in enumerate(label.base().spaces()):
                found.setdefault(space, []).append(f"{label.name}.{port}")
    for position, index in enumerate(form.free):
        found.setdefault(form.spaces[index], [f".{position}"])
    named = {
        space.dimension: sympy.Symbol(min(names), integer=True, positive=True)
        for space, names in found.items()
        if space.size is None and not space.declared
    }
    declared = {space.dimension for space in form.spaces if space.declared}
    nothing = sympy.Symbol("", integer=True, positive=True)
    inner = {s.dimension for s in form.spaces if s.size is None} - declared
    return {symbol: named.get(symbol, nothing) for symbol in wanted & (inner | named.keys())}


def _symbols(space: Space) -> set[sympy.Expr]:
    return set(space.dimension.free_symbols)


def _entries_key(base: Tensor) -> str:
    """The entries of an unmarked tensor, the sizes of its own unnamed legs called by port."""
    own = {
        space.dimension: sympy.Symbol(f"dim.{port}", integer=True, positive=True)
        for port, space in enumerate(base.spaces())
        if space.size is None and not space.declared
    }
    assert base.entries is not None
    return str(sympy.srepr(base.entries.xreplace(own)))


def label_key(node: Tensor | Box) -> str:
    """What of a tensor or box takes part in equality, apart from where its ports lead."""
    if isinstance(node, Tensor):
        facts = ";".join(f"{fact.kind}{fact.sides}" for fact in node.facts)
        entries = "" if node.entries is None else _entries_key(node.base())
        return f"tensor {node.name} {node.mark} {node.rank} {facts} {entries}"
    function = "" if node.function is None else f"{node.function.name}{node.function.along}"
    return f"box {function} {node.content.content_digest()}"


def canonical_form(form: SpiderForm) -> CanonicalForm:
    """The canonical form of a whole diagram: its components, each canonical, in sorted order."""
    node_keys = _each(form.labels, label_key)
    class_keys = _class_keys(form)
    groups = _each(form.labels, node_group)
    incidence = Incidence(form, groups, node_keys, class_keys)
    parts = []
    sign = 1
    graph = incidence.graph
    for part in graph.parts(graph.components(range(len(graph.colours))), graph.colours):
        found, automorphisms = canonical_order(part.graph)
        order = [part.members[v] for v in found]
        nodes, classes, reshapes = own_order = twin = _order(incidence, order)
        if any(groups[v].is_signed for v in nodes):
            moved = (
                {part.members[v]: part.members[w] for v, w in one.items()} for one in automorphisms
            )
            own, twin = _signed(incidence, order, moved)
            sign *= own
        name = {index: k for k, index in enumerate(classes)}
        rows = tuple(
            (node_keys[v], groups[v].least([name[index] for index in form.ports[v]])) for v in nodes
        )
        joins = tuple(tuple(name[index] for index in form.group_ports[k]) for k in reshapes)
        code = (rows, joins, tuple(class_keys[index] for index in classes))
        parts.append((code, own_order, twin))
    parts.sort(key=itemgetter(0))
    whole = tuple(part[0] for part in parts)
    twins = None if sign else _joined([part[2] for part in parts])
    return CanonicalForm(whole, *_joined([part[1] for part in parts]), sign, twins)


def _joined(orders: Sequence[Order]) -> Order:
    nodes, classes, groups = (
        tuple(chain.from_iterable(order[k] for order in orders)) for k in range(3)
    )
    return nodes, classes, groups


def _order(incidence: Incidence, vertices: Sequence[int]) -> Order:
    """The nodes, classes and groups in the order of vertices of the incidence graph."""
    count, last = incidence.nodes, incidence.nodes + incidence.groups
    return (
        tuple(v for v in vertices if v < count),
        tuple(incidence.classes(vertices)),
        tuple(v - count for v in vertices if count <= v < last),
    )


def _each(labels: Sequence[Tensor | Box], read: Callable[[Tensor | Box], Found]) -> list[Found]:
    """What is read off every label; one that stands in many places is read once."""
    known = {id(label): label for label in labels}
    found = {number: read(label) for number, label in known.items()}
    return [found[id(label)] for label in labels]


def _class_keys(form: SpiderForm) -> list[ClassKey]:
    """What of each index class takes part in equality: its space and the free legs at it."""
    declared = {space.name for space in form.spaces if space.declared}
    sizes = _size_names(form)
    inner = {id(space): space for space in form.spaces}
    keys = {number: (space_key(space, declared, sizes), ()) for number, space in inner.items()}
    found: list[ClassKey] = [keys[id(space)] for space in form.spaces]
    for position, index in enumerate(form.free):
        name, at = found[index]
        found[index] = (name, (*at, position))
    return found


def _signed(
    incidence: Incidence, order: list[int], automorphisms: Iterable[Mapping[int, int]]
) -> tuple[int, Order]:
    """The sign of a component read in this order, and an order to show it.

    The sign is that of bringing every node's ports to their least arrangement. It is 0 where an
    automorphism changes it, which the order that comes back reads as well as the first.
    """
    form, symmetries = incidence.form, incidence.symmetries

    def nodes(order: Iterable[int]) -> list[int]:
        return [v for v in order if v < incidence.nodes]

    def sign(order: Sequence[int], classes: Sequence[int]) -> int:
        place = {index: k for k, index in enumerate(classes)}
        result = 1
        for v in nodes(order):
            if symmetries[v].is_signed:
                result *= symmetries[v].settled([place[index] for index in form.ports[v]])[1]
        return result

    classes = incidence.classes(order)
    own = sign(order, classes)
    if own:
        for moved in automorphisms:
            other = [moved.get(v, v) for v in order]
            if sign(other, incidence.classes(other)) != own:
                return 0, _order(incidence, other)
        for one, two in incidence.exchanges_at(classes):
            exchange = {one: two, two: one}
            swapped = [exchange.get(index, index) for index in classes]
            if sign(order, swapped) != own:
                vertices, _, groups = _order(incidence, order)
                return 0, (vertices, tuple(swapped), groups)
    return own, _order(incidence, order)
