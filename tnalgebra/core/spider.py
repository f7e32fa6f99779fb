"""The spider normal form: tensors and boxes over index classes, every delta fused away.

This is the einsum form of a diagram, computed once per value; equality, matching and contraction
all read it (Bonchi et al., "String diagram rewrite theory I", arXiv 2012.01847).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import networkx as nx
import sympy

from tnalgebra.core.nodes import Box, Delta, Free, Group, Tensor
from tnalgebra.core.regroup import regroup
from tnalgebra.core.spaces import Space


@dataclass(frozen=True)
class SpiderForm:
    """Compact arrays of one diagram.

    ids[k], labels[k], ports[k]: the graph node, its tensor or box, and the index class at each of
    its ports. spaces[c]: the space of class c. free[p]: the class of free leg p. loops: the space
    of every closed component that holds no tensor; each is worth its dimension. deltas[c]: the
    delta nodes that were fused into class c. groups, group_ids, group_ports: the same of groups.
    """

    ids: tuple[Hashable, ...]
    labels: tuple[Tensor | Box, ...]
    ports: tuple[tuple[int, ...], ...]
    spaces: tuple[Space, ...]
    free: tuple[int, ...]
    loops: tuple[Space, ...]
    deltas: tuple[tuple[Hashable, ...], ...]
    groups: tuple[Group, ...] = ()
    group_ids: tuple[Hashable, ...] = ()
    group_ports: tuple[tuple[int, ...], ...] = ()

    @property
    def scalar(self) -> sympy.Expr:
        """The product of the dimensions of all loops."""
        return sympy.prod([space.dimension for space in self.loops])

    def degrees(self) -> list[int]:
        """How many ports and free legs each class joins."""
        degrees = [0] * len(self.spaces)
        for row in (*self.ports, *self.group_ports):
            for index in row:
                degrees[index] += 1
        for index in self.free:
            degrees[index] += 1
        return degrees


def spider_form(graph: nx.MultiGraph) -> SpiderForm:
    """Fuse all deltas of a diagram's graph; linear in its size."""
    nodes = {n: data["node"] for n, data in graph.nodes(data=True)}
    parent: dict[object, object] = {}

    def find(item: object) -> object:
        root = item
        while (up := parent.get(root, root)) != root:
            root = up
        while (up := parent.get(item, item)) != root:
            parent[item], item = root, up
        return root

    port_key: dict[tuple[Hashable, int], object] = {}
    space_of: dict[object, Space] = {}
    for number, (_, _, data) in enumerate(graph.edges(data=True)):
        edge: object = ("edge", number)
        space_of[edge] = data["space"]
        for end in data["ends"]:
            node, port = end
            if isinstance(nodes[node], Delta):
                parent[find(edge)] = find(("delta", node))
            else:
                port_key[(node, port)] = edge
    class_of: dict[object, int] = {}
    spaces: list[Space] = []

    def index(end: tuple[Hashable, int]) -> int:
        root = find(port_key[end])
        if root not in class_of:
            class_of[root] = len(spaces)
            spaces.append(space_of[port_key[end]])
        return class_of[root]

    ids, labels, ports = [], [], []
    groups: list[tuple[Group, Hashable, tuple[int, ...]]] = []
    free: dict[int, int] = {}
    for n, node in nodes.items():
        if isinstance(node, Tensor | Box):
            ids.append(n)
            labels.append(node)
            ports.append(tuple(index((n, port)) for port in range(node.rank)))
    for n, node in nodes.items():
        if isinstance(node, Group):
            groups.append((node, n, tuple(index((n, port)) for port in range(node.rank))))
    for n, node in nodes.items():
        if isinstance(node, Free):
            free[node.position] = index((n, 0))
    deltas: list[list[Hashable]] = [[] for _ in spaces]
    loops: dict[object, Space] = {}
    for n, node in nodes.items():
        if isinstance(node, Delta):
            root = find(("delta", n))
            if root in class_of:
                deltas[class_of[root]].append(n)
            else:
                loops.setdefault(root, node.space)
    return SpiderForm(
        tuple(ids),
        tuple(labels),
        tuple(ports),
        tuple(spaces),
        tuple(free[position] for position in range(len(free))),
        tuple(loops.values()),
        tuple(map(tuple, deltas)),
        tuple(group for group, _, _ in groups),
        tuple(n for _, n, _ in groups),
        tuple(row for _, _, row in groups),
    )


def regrouped(form: SpiderForm) -> SpiderForm:
    """The form with the laws of groups applied; itself where it has no group."""
    if not form.groups:
        return form
    kinds = [group.spaces() for group in form.groups]
    found = regroup(kinds, form.group_ports, form.degrees())
    number: dict[int, int] = {}

    def row(indices: Sequence[int]) -> tuple[int, ...]:
        roots = [found.same[index] for index in indices]
        return tuple(number.setdefault(root, len(number)) for root in roots)

    ports = tuple(row(one) for one in form.ports)
    group_ports = tuple(row(indices) for _, _, indices in found.kept)
    free = row(form.free)
    deltas: list[tuple[Hashable, ...]] = [()] * len(number)
    for index, nodes in enumerate(form.deltas):
        if (own := number.get(found.same[index])) is not None:
            deltas[own] += nodes
    return SpiderForm(
        form.ids,
        form.labels,
        ports,
        tuple(form.spaces[root] for root in number),
        free,
        form.loops + tuple(form.spaces[index] for index in found.loops),
        tuple(deltas),
        tuple(Group(spaces[1:], spaces[0]) for _, spaces, _ in found.kept),
        tuple(form.group_ids[group] for group, _, _ in found.kept),
        group_ports,
    )
