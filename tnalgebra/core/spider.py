"""The spider normal form: tensors and boxes over index classes, every delta fused away.

This is the einsum form of a diagram, computed once per value; equality, matching and contraction
all read it (Bonchi et al., "String diagram rewrite theory I", arXiv 2012.01847).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import networkx as nx
import sympy

from tnalgebra.core.draft import edges_of, nodes_of
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
    """Fuse all deltas of a finished graph; linear in its size."""
    ids: list[int] = []
    labels: list[Tensor | Box] = []
    group_ids: list[int] = []
    groups: list[Group] = []
    free_at: list[tuple[int, int]] = []
    deltas_at: list[tuple[int, Delta]] = []
    rows: list[list[int]] = []  # the edge at each port
    for n, (key, node) in enumerate(nodes_of(graph)):
        if isinstance(node, (Tensor, Box)):
            ids.append(n)
            labels.append(node)
            rows.append([-1] * len(node.legs))
        elif isinstance(node, Delta):
            deltas_at.append((n, node))
            rows.append([-1] * graph.degree[key])
        elif isinstance(node, Free):
            free_at.append((node.position, n))
            rows.append([-1])
        else:
            group_ids.append(n)
            groups.append(node)
            rows.append([-1] * node.rank)
    edge_spaces: list[Space] = []
    for edge, (((one, port), (two, other)), space) in enumerate(edges_of(graph)):
        rows[one][port] = rows[two][other] = edge
        edge_spaces.append(space)
    roots = _fused(len(edge_spaces), [rows[n] for n, _ in deltas_at])
    class_of = [-1] * len(roots)
    spaces: list[Space] = []

    def classes(nodes: Iterable[int]) -> tuple[tuple[int, ...], ...]:
        found = []
        for n in nodes:
            row = []
            for edge in rows[n]:
                root = roots[edge]
                index = class_of[root]
                if index < 0:
                    index = class_of[root] = len(spaces)
                    spaces.append(edge_spaces[edge])
                row.append(index)
            found.append(tuple(row))
        return tuple(found)

    ports = classes(ids)
    group_ports = classes(group_ids)
    free = classes(n for _, n in sorted(free_at))
    fused: dict[int, list[int]] = {}
    loops: dict[int, Space] = {}
    for n, delta in deltas_at:
        root = roots[rows[n][0]] if rows[n] else -1 - n
        if root >= 0 and class_of[root] >= 0:
            fused.setdefault(class_of[root], []).append(n)
        else:
            loops.setdefault(root, delta.space)
    deltas: list[tuple[int, ...]] = [()] * len(spaces)
    for index, nodes in fused.items():
        deltas[index] = tuple(nodes)
    return SpiderForm(
        tuple(ids),
        tuple(labels),
        ports,
        tuple(spaces),
        tuple(index for (index,) in free),
        tuple(loops.values()),
        tuple(deltas),
        tuple(groups),
        tuple(group_ids),
        group_ports,
    )


def _fused(count: int, deltas: Sequence[Sequence[int]]) -> list[int]:
    """For each edge, the one that stands for all that the deltas fuse it with."""
    parent = list(range(count))
    for row in deltas:
        for edge in row[1:]:
            parent[_root(parent, edge)] = _root(parent, row[0])
    return [_root(parent, edge) for edge in range(count)] if deltas else parent


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
