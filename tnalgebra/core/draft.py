"""A diagram under construction: nodes over wires that may still be joined, then one frozen graph.

Everything that makes diagrams (the parser, composition, rewriting) makes them here, so the schema
of the graph is known in this file alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from types import MappingProxyType
from typing import Any, TypeAlias

import networkx as nx
import sympy

from tnalgebra.core.nodes import Box, Delta, Free, Group, Inner, Node, Tensor, node_spaces
from tnalgebra.core.scalars import checked, expression
from tnalgebra.core.spaces import Space, sizes_of
from tnalgebra.core.validity import check_box, check_formulas, check_tensors
from tnalgebra.core.words import check_name
from tnalgebra.errors import GraphError, SpaceError

End: TypeAlias = tuple[int, int]
"""A node's number and one of its ports."""


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
        a, b = self.root(first), self.root(second)
        if a > b:
            a, b = b, a
        one, other = self._spaces[a], self._spaces[b]
        if one is not other and one != other:
            raise SpaceError(
                f"a leg of space {one.name!r} cannot join a leg of space {other.name!r}"
            )
        self._joined[b] = a
        return a

    def add(self, node: Inner, wires: Sequence[int]) -> None:
        """Put a node, its port k on wire k."""
        self.nodes.append(node)
        self.ports.append(list(wires))

    def absorb(
        self, graph: nx.MultiGraph, changed: Mapping[Space, Space] = MappingProxyType({})
    ) -> list[int]:
        """Copy a finished graph in, its coefficient too; returns the wires of its free legs.

        Its free legs are not made free here: the caller decides what becomes of them. changed:
        other spaces for the wires and their sizes; the nodes come as they are.
        """
        wires: dict[tuple[Hashable, int], int] = {}
        for (first, second), space in edges_of(graph):
            space = changed.get(space, space) if changed else space
            wires[first] = wires[second] = self.wire(space)
        free: dict[int, int] = {}
        for n, node in nodes_of(graph):
            if isinstance(node, Free):
                free[node.position] = wires[(n, 0)]
            else:
                rank = graph.degree(n) if isinstance(node, Delta) else node.rank
                self.add(node, [wires[(n, port)] for port in range(rank)])
        coefficient = graph.graph["coefficient"]
        if coefficient is not sympy.S.One:
            self.coefficient *= resized(coefficient, changed)
        return [free[position] for position in range(len(free))]

    def graph(self) -> nx.MultiGraph:
        """The finished, frozen graph: nodes numbered in order, then deltas a wire needs, then ends.

        A wire with other than two ends gets a delta; an open wire between two free legs gets the
        two-legged delta that says so.
        """
        nodes: list[Node] = list(self.nodes)
        # A wire is joined to an older one alone, whose root is known by then.
        roots: list[int] = []
        for wire, older in enumerate(self._joined):
            roots.append(wire if older == wire else roots[older])
        ends: dict[int, list[End]] = {}
        for number, row in enumerate(self.ports):
            for port, wire in enumerate(row):
                ends.setdefault(roots[wire], []).append((number, port))
        open_at: dict[int, list[int]] = {}
        for position, (_, wire) in enumerate(self.free):
            open_at.setdefault(roots[wire], []).append(position)
            ends.setdefault(roots[wire], [])
        split: dict[int, int] = {}
        for wire, inner in ends.items():
            outer = len(open_at.get(wire, ()))
            if len(inner) + outer != 2 or outer == 2:
                split[wire] = len(nodes)
                nodes.append(Delta(self._spaces[wire]))
        first_free = len(nodes)
        nodes.extend(Free(name, position) for position, (name, _) in enumerate(self.free))
        edges: list[tuple[End, End, Space]] = []
        for wire, both in ends.items():
            both += [(first_free + position, 0) for position in open_at.get(wire, ())]
            space = self._spaces[wire]
            if wire in split:
                edges += [(end, (split[wire], port), space) for port, end in enumerate(both)]
            else:
                edges.append((both[0], both[1], space))
        return frozen_graph(nodes, edges, self.coefficient)


def resized(coefficient: sympy.Expr, changed: Mapping[Space, Space]) -> sympy.Expr:
    """A coefficient with the sizes of other spaces in it; raises NotationError where it is none."""
    if not changed or coefficient.is_Rational:
        return coefficient
    return checked(coefficient.xreplace(sizes_of(changed)))


def frozen_graph(
    nodes: Sequence[Node], edges: Iterable[tuple[End, End, Space]], coefficient: sympy.Expr
) -> nx.MultiGraph:
    """A networkx multigraph of these nodes, numbered in order, and edges that nobody can change.

    networkx's own methods would copy every dictionary of attributes.
    """
    graph = nx.MultiGraph()
    graph._node.update((n, MappingProxyType({"node": node})) for n, node in enumerate(nodes))
    neighbours: list[dict[int, dict[int, Any]]] = [{} for _ in nodes]
    graph._adj.update(enumerate(neighbours))
    for first, second, space in edges:
        u, v = first[0], second[0]
        parallel = neighbours[u].get(v)
        if parallel is None:
            parallel = neighbours[u][v] = neighbours[v][u] = {}
        attributes = {"ends": (first, second), "space": space}
        parallel[len(parallel)] = MappingProxyType(attributes)
    graph.graph = MappingProxyType({"coefficient": sympy.sympify(coefficient)})
    return nx.freeze(graph)


def nodes_of(graph: nx.MultiGraph) -> Iterator[tuple[Hashable, Node]]:
    """Every node of a finished graph with what stands there."""
    for n, attributes in graph._node.items():
        yield n, attributes["node"]


def edges_of(graph: nx.MultiGraph) -> Iterator[tuple[tuple[End, End], Space]]:
    """The two ends and the space of every edge of a finished graph, in networkx's order.

    Its nodes are numbered in order, so that an edge is met first at its lower end. networkx's own
    views cost several times as much as reading its dictionaries.
    """
    for n, neighbours in graph._adj.items():
        for other, parallel in neighbours.items():
            if other >= n:
                for attributes in parallel.values():
                    yield attributes["ends"], attributes["space"]


def free_legs(graph: nx.MultiGraph) -> list[tuple[str, Space]]:
    """The name and the space of every free leg of a finished graph, in order."""
    found = []
    for n, node in nodes_of(graph):
        if isinstance(node, Free):
            (parallel,) = graph._adj[n].values()
            (attributes,) = parallel.values()
            found.append((node.position, node.name, attributes["space"]))
    found.sort(key=itemgetter(0))
    return [(name, space) for _, name, space in found]


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
        edges.append(((number[a], p), (number[b], q), space))
    for n, node in nodes.items():
        _check_ports(n, node, graph.degree(n), used)
    check_tensors(node for node in nodes.values() if isinstance(node, Tensor))
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
    known: dict[str, Space] = {}
    for space in spaces:
        check_name(space.name, "space")
        if known.setdefault(space.name, space) != space:
            raise GraphError(f"two different spaces are called {space.name!r}")
    check_formulas(known.values())
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
    if isinstance(node, Box):
        check_box(node)
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
