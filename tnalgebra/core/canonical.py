"""One exact canonical form for diagrams, from the canonical order of their connected components.

Two diagrams have the same code exactly when they are equal up to the names of nodes and summed
indices and the allowed order of ports.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import sympy

from tnalgebra.core.facts import PortGroup
from tnalgebra.core.labelling import ColouredGraph, canonical_order
from tnalgebra.core.nodes import Box, Tensor, node_group
from tnalgebra.core.spaces import Space
from tnalgebra.core.spider import SpiderForm

Code = tuple[Any, ...]
Order = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Nodes, classes and groups in some order."""


@dataclass(frozen=True)
class CanonicalForm:
    """The code of a spider form, and the orders of its nodes and classes that produce it.

    nodes[k] is the position in the spider form of the node that stands k-th; `classes` and `groups`
    likewise.
    The code says nothing of the coefficient and holds the loops as dimensions of the scalar.
    sign: -1 where the form is the negative of what its code says, by an odd number of exchanges of
    antisymmetric legs; 0 where it is its own negative, so that the diagram is zero. `twin` then has
    all in an order that reads the same, and shows that together with the first.
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


def label_key(node: Tensor | Box) -> str:
    """What of a tensor or box takes part in equality, apart from where its ports lead."""
    if isinstance(node, Tensor):
        facts = ";".join(f"{fact.kind}{fact.sides}" for fact in node.facts)
        entries = "" if node.entries is None else sympy.srepr(node.entries)
        return f"tensor {node.name} {node.mark} {node.rank} {facts} {entries}"
    function = "" if node.function is None else f"{node.function.name}{node.function.along}"
    return f"box {function} {node.content.content_digest()}"


def canonical_form(form: SpiderForm) -> CanonicalForm:
    """The canonical form of a whole diagram: its components, each canonical, in sorted order."""
    free_at: list[tuple[int, ...]] = [()] * len(form.spaces)
    for position, index in enumerate(form.free):
        free_at[index] += (position,)
    declared = {space.name for space in form.spaces if space.declared}
    node_keys = _label_keys(form.labels)
    sizes = _size_names(form)
    class_keys = [
        (space_key(space, declared, sizes), at)
        for space, at in zip(form.spaces, free_at, strict=True)
    ]
    groups = [node_group(label) for label in form.labels]
    graph = _graph(form, groups, node_keys, class_keys)
    count = len(form.labels)
    first_group = count + len(class_keys)
    parts = []
    sign = 1

    def split(order: Sequence[int]) -> Order:
        classes = tuple(v - count for v in order if count <= v < first_group)
        last = first_group + len(form.groups)
        reshapes = tuple(v - first_group for v in order if first_group <= v < last)
        return tuple(v for v in order if v < count), classes, reshapes

    for part in graph.parts(range(len(graph.colours)), graph.colours):
        found, automorphisms = canonical_order(part.graph)
        order = twin = [part.members[v] for v in found]
        if any(v < count and groups[v].is_signed for v in order):
            moved = (
                {part.members[v]: part.members[w] for v, w in one.items()} for one in automorphisms
            )
            own, twin = _signed(form, groups, order, moved)
            sign *= own
        nodes, classes, reshapes = split(order)
        name = {index: k for k, index in enumerate(classes)}
        rows = tuple(
            (node_keys[v], groups[v].least([name[index] for index in form.ports[v]])) for v in nodes
        )
        joins = tuple(tuple(name[index] for index in form.group_ports[v]) for v in reshapes)
        code = (rows, joins, tuple(class_keys[index] for index in classes))
        parts.append((code, order, twin))
    parts.sort(key=lambda part: part[0])
    whole = tuple(code for code, _, _ in parts)
    nodes, classes, reshapes = split([v for _, order, _ in parts for v in order])
    twins = None if sign else split([v for _, _, twin in parts for v in twin])
    return CanonicalForm(whole, nodes, classes, reshapes, sign, twins)


def _signed(
    form: SpiderForm,
    groups: Sequence[PortGroup],
    order: list[int],
    automorphisms: Iterable[Mapping[int, int]],
) -> tuple[int, list[int]]:
    """The sign of a component read in this order, and an order that shows where it is 0.

    It is that of bringing every node's ports to their least arrangement, and 0 where an
    automorphism changes it.
    """
    count = len(form.labels)

    def sign(order: Sequence[int]) -> int:
        place = {v: k for k, v in enumerate(order)}
        result = 1
        for v in order:
            if v < count and groups[v].is_signed:
                result *= groups[v].settled([place[count + c] for c in form.ports[v]])[1]
        return result

    own = sign(order)
    for moved in automorphisms if own else ():
        other = [moved.get(v, v) for v in order]
        if sign(other) != own:
            return 0, other
    return own, order


def _graph(
    form: SpiderForm,
    groups: Sequence[PortGroup],
    node_keys: Sequence[str],
    class_keys: Sequence[tuple[str, tuple[int, ...]]],
) -> ColouredGraph:
    """The graph whose vertices are nodes, index classes, groups, then what symmetries need.

    An edge is labelled by the port, equal for ports that may change places. Sides of several legs
    that may change places have a vertex each, between their node and their classes; where such
    blocks overlap, each allowed order of the ports has one.
    """
    keys: list[Any] = [(0, key) for key in node_keys]
    keys += [(1, *key) for key in class_keys]
    keys += [(3,) for _ in form.groups]
    edges: list[list[tuple[int, int]]] = [[] for _ in keys]

    def join(first: int, second: int, label: int) -> None:
        edges[first].append((label, second))
        edges[second].append((label, first))

    def vertex_at(node: int, block: int) -> int:
        keys.append((2,))
        edges.append([])
        join(node, len(keys) - 1, -1 - block)
        return len(keys) - 1

    for node, (row, group) in enumerate(zip(form.ports, groups, strict=True)):
        at = [index + len(form.labels) for index in row]
        if not group.is_separate:
            for element in group.elements():
                order = vertex_at(node, 0)
                for label, port in enumerate(element):
                    join(order, at[port], label)
            continue
        grouped: set[int] = set()
        for block, sides in enumerate(group.blocks):
            for side in sides if len(sides[0]) > 1 else ():
                owner = vertex_at(node, block)
                for port in side:
                    join(owner, at[port], group.orbits[port])
                grouped.update(side)
        for port, (index, label) in enumerate(zip(at, group.orbits, strict=True)):
            if port not in grouped:
                join(node, index, label)
    for reshape, row in enumerate(form.group_ports, len(form.labels) + len(class_keys)):
        for port, index in enumerate(row):
            join(reshape, index + len(form.labels), port)
    rank = {key: k for k, key in enumerate(sorted(set(keys)))}
    return ColouredGraph([rank[key] for key in keys], edges)


def _label_keys(labels: Sequence[Tensor | Box]) -> list[str]:
    known: dict[int, str] = {}
    return [
        known[id(label)] if id(label) in known else known.setdefault(id(label), label_key(label))
        for label in labels
    ]
