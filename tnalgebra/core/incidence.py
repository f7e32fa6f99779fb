"""The coloured graph of a spider form: what its canonical order is computed on, and read from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tnalgebra.core.colouring import ColouredGraph
from tnalgebra.core.facts import PortGroup
from tnalgebra.core.spider import SpiderForm


class Incidence:
    """A graph whose vertices are nodes, groups, what symmetries need, and index classes.

    A class that joins two ports and is not free is an edge, any other one a vertex. The label of an
    edge says the ports at both its ends, equal for ports that may change places, and its space.
    Sides of several legs that may change places have a vertex each, between their node and their
    classes; where such blocks overlap, each allowed order of the ports has one.

    A vertex below `nodes` is that node, one below `nodes + groups` a group.
    """

    def __init__(
        self,
        form: SpiderForm,
        symmetries: Sequence[PortGroup],
        kinds: Sequence[int],
        class_colours: Sequence[int],
    ) -> None:
        self.form = form
        self.symmetries = symmetries
        self.nodes, self.groups = len(form.labels), len(form.groups)
        self._exchanges: dict[int, int] = {}
        self._class_at: dict[int, int] = {}
        most = max(kinds, default=0)
        self._colours = [*kinds] + [most + 1] * self.groups
        self._side_colour = most + 2
        self._edges: list[list[tuple[int, int]]] = [[] for _ in self._colours]
        # Where ports are unordered, the label, the other end and the class of every edge.
        self._unordered: dict[int, list[tuple[int, int, int]]] = {
            v: [] for v, group in enumerate(symmetries) if not group.trivial
        }
        self._join(class_colours)
        self.graph = ColouredGraph(self._colours, self._edges)

    def _join(self, class_colours: Sequence[int]) -> None:
        """Make the edges, and the vertices of the classes that need one."""
        ends: list[list[tuple[int, int]]] = [[] for _ in class_colours]
        for vertex, label, index in self._ports():
            ends[index].append((vertex, label))
        count, free = 1 + max(class_colours, default=0), set(self.form.free)
        most = 1 + max((label for row in ends for _, label in row), default=0)
        edges, first_colour = self._edges, self._side_colour + 1
        is_signed = any(group.is_signed for group in self.symmetries)
        parallel: dict[tuple[int, ...], list[int]] = {}
        for index, (colour, row) in enumerate(zip(class_colours, ends, strict=True)):
            if len(row) == 2 and index not in free:
                (u, a), (w, b) = row
                there = most + (a * most + b) * count + colour
                back = most + (b * most + a) * count + colour
                edges[u].append((there, w))
                edges[w].append((back, u))
                if u in self._unordered:
                    self._unordered[u].append((there, w, index))
                if w in self._unordered:
                    self._unordered[w].append((back, u, index))
                if is_signed:
                    parallel.setdefault((colour, *min(row), *max(row)), []).append(index)
                continue
            vertex = len(edges)
            self._class_at[vertex] = index
            self._colours.append(first_colour + colour)
            edges.append([(label, v) for v, label in row])
            for v, label in row:
                edges[v].append((label, vertex))
                if v in self._unordered:
                    self._unordered[v].append((label, vertex, index))
        self._exchanges = dict(pair for same in parallel.values() for pair in pairwise(same))

    def exchanges_at(self, classes: Sequence[int]) -> list[tuple[int, int]]:
        """Pairs among some classes that join the same ports, so that they may change places."""
        known = self._exchanges
        return [(index, known[index]) for index in classes if index in known]

    def _ports(self) -> Iterator[tuple[int, int, int]]:
        """Every vertex with the label and the class at each of its ports; makes the sides."""
        for node, (row, group) in enumerate(zip(self.form.ports, self.symmetries, strict=True)):
            if group.trivial:
                for port, index in enumerate(row):
                    yield node, port, index
                continue
            if not group.is_separate:
                for element in group.elements():
                    order = self._side(node, 0)
                    for label, port in enumerate(element):
                        yield order, label, row[port]
                continue
            grouped: set[int] = set()
            for block, sides in enumerate(group.blocks):
                for ports in sides if len(sides[0]) > 1 else ():
                    owner = self._side(node, block)
                    for port in ports:
                        yield owner, group.orbits[port], row[port]
                    grouped.update(ports)
            for port, (index, label) in enumerate(zip(row, group.orbits, strict=True)):
                if port not in grouped:
                    yield node, label, index
        for vertex, row in enumerate(self.form.group_ports, self.nodes):
            for port, index in enumerate(row):
                yield vertex, port, index

    def _side(self, node: int, block: int) -> int:
        vertex = len(self._edges)
        self._colours.append(self._side_colour)
        self._edges.append([(-1 - block, node)])
        self._edges[node].append((-1 - block, vertex))
        self._unordered[vertex] = []
        return vertex

    def classes(self, order: Sequence[int]) -> list[int]:
        """The classes at some vertices, in an order that follows from that of the vertices.

        Only classes that join the same ports stand in arbitrary order.
        """
        found: dict[int, None] = {}
        place: dict[int, int] = {}
        for v in order:
            if v in self._unordered:
                place = place or {w: k for k, w in enumerate(order)}
                row = sorted((label, place[w], index) for label, w, index in self._unordered[v])
                found.update((index, None) for _, _, index in row)
            elif v < self.nodes:
                found.update(dict.fromkeys(self.form.ports[v]))
            elif v < self.nodes + self.groups:
                found.update(dict.fromkeys(self.form.group_ports[v - self.nodes]))
            else:
                found[self._class_at[v]] = None
        return list(found)
