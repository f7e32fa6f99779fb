"""The spider normal form: tensors and boxes over index classes, every delta fused away.

This is the einsum form of a diagram, computed once per value; equality, matching and contraction
all read it (Bonchi et al., "String diagram rewrite theory I", arXiv 2012.01847).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import networkx as nx
import sympy

from tnalgebra.core.draft import edges_of, nodes_of
from tnalgebra.core.nodes import Box, Delta, Free, Group, Node, Tensor
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
    """Fuse all deltas of a finished graph; linear in its size."""
    nodes = [node for _, node in nodes_of(graph)]
    # The edge at each port; an edge at a delta is fused with the others there.
    rows = [[] if isinstance(node, Delta) else [-1] * _rank(node) for node in nodes]
    edge_spaces: list[Space] = []
    parent: list[int] = []
    for ends, space in edges_of(graph):
        edge = len(parent)
        edge_spaces.append(space)
        parent.append(edge)
        for n, port in ends:
            row = rows[n]
            if not isinstance(nodes[n], Delta):
                row[port] = edge
            elif row:
                parent[_root(parent, edge)] = _root(parent, row[0])
            else:
                row.append(edge)
    class_of = [-1] * len(parent)
    spaces: list[Space] = []

    def classes(row: Sequence[int]) -> tuple[int, ...]:
        found = []
        for edge in row:
            root = edge if parent[edge] == edge else _root(parent, edge)
            if class_of[root] < 0:
                class_of[root] = len(spaces)
                spaces.append(edge_spaces[edge])
            found.append(class_of[root])
        return tuple(found)

    ids = [n for n, node in enumerate(nodes) if isinstance(node, Tensor | Box)]
    labels = [node for node in nodes if isinstance(node, Tensor | Box)]
    ports = [classes(rows[n]) for n in ids]
    groups = [node for node in nodes if isinstance(node, Group)]
    group_ids = [n for n, node in enumerate(nodes) if isinstance(node, Group)]
    group_ports = [classes(rows[n]) for n in group_ids]
    free = {node.position: classes(rows[n])[0] for n, node in _of(nodes, Free)}
    deltas: list[list[int]] = [[] for _ in spaces]
    loops: dict[int, Space] = {}
    for n, delta in _of(nodes, Delta):
        root = _root(parent, rows[n][0]) if rows[n] else -1 - n
        if root >= 0 and class_of[root] >= 0:
            deltas[class_of[root]].append(n)
        else:
            loops.setdefault(root, delta.space)
    return SpiderForm(
        tuple(ids),
        tuple(labels),
        tuple(ports),
        tuple(spaces),
        tuple(free[position] for position in range(len(free))),
        tuple(loops.values()),
        tuple(map(tuple, deltas)),
        tuple(groups),
        tuple(group_ids),
        tuple(group_ports),
    )


Kind = TypeVar("Kind", Delta, Free)


def _of(nodes: Sequence[Node], kind: type[Kind]) -> Iterator[tuple[int, Kind]]:
    """The nodes of one kind with their numbers."""
    return ((n, node) for n, node in enumerate(nodes) if isinstance(node, kind))


def _rank(node: Tensor | Box | Group | Free) -> int:
    return 1 if isinstance(node, Free) else node.rank


def _root(parent: list[int], edge: int) -> int:
    while parent[edge] != edge:
        parent[edge] = parent[parent[edge]]
        edge = parent[edge]
    return edge


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
