"""A diagram under construction: nodes over wires that may still be joined, then one frozen graph.

Everything that makes diagrams (the parser, composition, rewriting) makes them here, so the schema
of the graph is known in this file alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import networkx as nx
import sympy

from tnalgebra.core.nodes import Box, Delta, Free, Group, Inner, Node, Tensor, node_spaces
from tnalgebra.core.scalars import expression
from tnalgebra.core.spaces import Space
from tnalgebra.core.words import check_name
from tnalgebra.errors import GraphError, SpaceError


class Draft:
    """Nodes, wires and free legs; a wire may join any number of ends until it is finished."""

    def __init__(self) -> None:
        self.nodes: list[Inner] = []
        self.ports: list[list[int]] = []
        self.free: list[tuple[str, int]] = []
        self.coefficient: sympy.Expr = sympy.Integer(1)
        self._spaces: list[Space] = []
        self._joined: list[int] = []

    def wire(self, space: Space) -> int:
        """A new wire of the given space."""
        self._spaces.append(space)
        self._joined.append(len(self._joined))
        return len(self._joined) - 1

    def root(self, wire: int) -> int:
        """The wire that now stands for `wire`."""
        while self._joined[wire] != wire:
            self._joined[wire] = self._joined[self._joined[wire]]
            wire = self._joined[wire]
        return wire

    def space(self, wire: int) -> Space:
        """The space of a wire."""
        return self._spaces[self.root(wire)]

    def join(self, first: int, second: int) -> int:
        """Make two wires one; their spaces must agree."""
        a, b = sorted((self.root(first), self.root(second)))
        if self._spaces[a] != self._spaces[b]:
            raise SpaceError(
                f"a leg of space {self._spaces[a].name!r} cannot join "
                f"a leg of space {self._spaces[b].name!r}"
            )
        self._joined[b] = a
        return a

    def replace_spaces(self, changed: Mapping[Space, Space]) -> None:
        """Put other spaces on all wires."""
        self._spaces = [changed.get(space, space) for space in self._spaces]

    def add(self, node: Inner, wires: Sequence[int]) -> None:
        """Put a node, its port k on wire k."""
        self.nodes.append(node)
        self.ports.append(list(wires))

    def absorb(self, graph: nx.MultiGraph) -> list[int]:
        """Copy a finished graph in, its coefficient too; returns the wires of its free legs.

        Its free legs are not made free here: the caller decides what becomes of them.
        """
        wires: dict[tuple[Hashable, int], int] = {}
        for _, _, data in graph.edges(data=True):
            wire = self.wire(data["space"])
            for end in data["ends"]:
                wires[end] = wire
        free: dict[int, int] = {}
        for n, data in graph.nodes(data=True):
            node = data["node"]
            if isinstance(node, Free):
                free[node.position] = wires[(n, 0)]
            elif isinstance(node, Delta):
                self.add(node, [wires[(n, port)] for port in range(graph.degree(n))])
            else:
                self.add(node, [wires[(n, port)] for port in range(node.rank)])
        self.coefficient *= graph.graph["coefficient"]
        return [free[position] for position in range(len(free))]

    def graph(self) -> nx.MultiGraph:
        """The finished, frozen graph: nodes numbered in order, then deltas a wire needs, then ends.

        A wire with other than two ends gets a delta; an open wire between two free legs gets the
        two-legged delta that says so.
        """
        nodes: list[Node] = list(self.nodes)
        ends: dict[int, list[tuple[int, int]]] = {}
        for number, row in enumerate(self.ports):
            for port, wire in enumerate(row):
                ends.setdefault(self.root(wire), []).append((number, port))
        open_at: dict[int, list[int]] = {}
        for position, (_, wire) in enumerate(self.free):
            open_at.setdefault(self.root(wire), []).append(position)
        used = list(dict.fromkeys([*ends, *open_at]))
        split: dict[int, int] = {}
        for wire in used:
            inner, outer = len(ends.get(wire, ())), len(open_at.get(wire, ()))
            if inner + outer != 2 or outer == 2:
                split[wire] = len(nodes)
                nodes.append(Delta(self._spaces[wire]))
        first_free = len(nodes)
        nodes.extend(Free(name, position) for position, (name, _) in enumerate(self.free))
        edges: list[tuple[int, int, dict[str, Any]]] = []
        for wire in used:
            both = ends.get(wire, []) + [(first_free + p, 0) for p in open_at.get(wire, ())]
            space = self._spaces[wire]
            if wire in split:
                for port, end in enumerate(both):
                    pair = (end, (split[wire], port))
                    edges.append((end[0], split[wire], {"ends": pair, "space": space}))
            else:
                pair = (both[0], both[1])
                edges.append((both[0][0], both[1][0], {"ends": pair, "space": space}))
        return frozen_graph(nodes, edges, self.coefficient)


def frozen_graph(
    nodes: Sequence[Node],
    edges: Sequence[tuple[int, int, dict[str, Any]]],
    coefficient: sympy.Expr,
) -> nx.MultiGraph:
    """A networkx multigraph of these nodes and edges that nobody can change."""
    graph = nx.MultiGraph()
    graph.add_nodes_from((number, {"node": node}) for number, node in enumerate(nodes))
    graph.add_edges_from(edges)
    for number in graph._node:
        graph._node[number] = MappingProxyType(graph._node[number])
    for neighbours in graph._adj.values():
        for parallel in neighbours.values():
            for key, data in parallel.items():
                if isinstance(data, dict):
                    parallel[key] = MappingProxyType(data)
    graph.graph = MappingProxyType({"coefficient": sympy.sympify(coefficient)})
    return nx.freeze(graph)


def checked_copy(graph: nx.MultiGraph) -> nx.MultiGraph:
    """A frozen copy of a user's graph, nodes renumbered; raises GraphError."""
    if not isinstance(graph, nx.MultiGraph) or graph.is_directed():
        raise GraphError(f"a diagram's graph is an undirected networkx.MultiGraph, not {graph!r}")
    nodes: dict[Hashable, Node] = {}
    for n, data in graph.nodes(data=True):
        node = data.get("node")
        if not isinstance(node, Node):
            raise GraphError(f"node {n!r} has no 'node' attribute of the kinds Node lists")
        nodes[n] = node
    ordered = sorted(nodes, key=lambda n: isinstance(nodes[n], Free))
    number = {n: k for k, n in enumerate(ordered)}
    used: dict[tuple[Hashable, int], Space] = {}
    edges = []
    for u, v, data in graph.edges(data=True):
        ends, space = data.get("ends"), data.get("space")
        if not isinstance(space, Space):
            raise GraphError(f"the edge {u!r} - {v!r} has no 'space'")
        if not _is_two_ends(ends) or {end[0] for end in ends} != {u, v}:
            raise GraphError(f"the edge {u!r} - {v!r} has ends {ends!r}, which are not its own")
        for end in ends:
            if end in used:
                raise GraphError(f"port {end[1]} of node {end[0]!r} is used by two edges")
            used[end] = space
        (a, p), (b, q) = ends
        pair = ((number[a], p), (number[b], q))
        edges.append((number[a], number[b], {"ends": pair, "space": space}))
    for n, node in nodes.items():
        _check_ports(n, node, graph.degree(n), used)
    _check_tensors([node for node in nodes.values() if isinstance(node, Tensor)])
    positions = sorted(node.position for node in nodes.values() if isinstance(node, Free))
    if positions != list(range(len(positions))):
        raise GraphError(f"free legs have the positions {positions}, not 0 to {len(positions) - 1}")
    names = [node.name for node in nodes.values() if isinstance(node, Free)]
    if len(set(names)) != len(names):
        raise GraphError(f"free legs share a name: {names}")
    coefficient = graph.graph.get("coefficient", 1)
    if not isinstance(coefficient, int | sympy.Expr):
        raise GraphError(f"the coefficient is an integer or a sympy expression: {coefficient!r}")
    _check_names(nodes.values(), set(used.values()))
    return frozen_graph([nodes[n] for n in ordered], edges, expression(coefficient))


def _check_names(nodes: Iterable[Node], spaces: Iterable[Space]) -> None:
    for node in nodes:
        if isinstance(node, Free):
            check_name(node.name, "free leg")
        elif isinstance(node, Tensor) and not node.is_builtin:
            check_name(node.name, "tensor")
        elif isinstance(node, Tensor) and node.entries is None:
            raise GraphError(f"{node.name!r} is a tensor of the notation, with entries of its own")
    for space in spaces:
        check_name(space.name, "space")
    for node in nodes:
        if isinstance(node, Group):
            node.check()


def _is_two_ends(ends: object) -> bool:
    return (
        isinstance(ends, tuple)
        and len(ends) == 2
        and all(isinstance(end, tuple) and len(end) == 2 for end in ends)
        and all(isinstance(port, int) for _, port in ends)
    )


def _check_tensors(tensors: Sequence[Tensor]) -> None:
    """One name is one tensor: its facts, spaces and entries are the same wherever it stands."""
    known: dict[str, Tensor] = {}
    for tensor in tensors:
        base = tensor.base()
        if tensor.is_builtin:
            continue
        base.group.check()
        other = known.setdefault(tensor.name, base)
        if (other.spaces(), other.facts, other.entries) != (
            base.spaces(),
            base.facts,
            base.entries,
        ):
            raise GraphError(f"the tensor {tensor.name!r} stands for two different tensors")


def _check_ports(
    n: Hashable, node: Node, degree: int, used: Mapping[tuple[Hashable, int], Space]
) -> None:
    if isinstance(node, Delta):
        spaces: Sequence[Space] = [node.space] * degree
    elif isinstance(node, Free):
        spaces = [used[(n, 0)]] if (n, 0) in used else []
        if degree != 1 or not spaces:
            raise GraphError(f"the free leg {node.name!r} must end exactly one edge, at port 0")
    else:
        spaces = node_spaces(node)
    if isinstance(node, Box) and [leg.space for leg in node.content.legs] != list(spaces):
        raise GraphError(f"box {n!r} has other legs than its content: {node.content.legs}")
    if degree != len(spaces):
        raise GraphError(f"node {n!r} has {len(spaces)} ports and {degree} edge ends")
    for port, space in enumerate(spaces):
        if (n, port) not in used:
            raise GraphError(f"port {port} of node {n!r} has no edge")
        if used[(n, port)] != space:
            raise GraphError(
                f"port {port} of node {n!r} has space {space.name!r}, "
                f"its edge {used[(n, port)].name!r}"
            )
