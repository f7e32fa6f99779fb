"""The canonical order of a coloured graph's vertices: walk it where it is rigid, else search.

Refinement narrows the choice, what it settles splits the rest into parts that are ordered on their
own, a search decides what is left open, and automorphisms found on the way prune it
(McKay and Piperno, "Practical graph isomorphism II", 2014).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from tnalgebra.core.colouring import Code, ColouredGraph, Part, Partition
from tnalgebra.core.spaces import UnionFind

Automorphism: TypeAlias = dict[int, int]

_DEEPEST = 50


def canonical_order(graph: ColouredGraph) -> tuple[list[int], list[Automorphism]]:
    """The vertices of a connected graph in an order that equal graphs share; its automorphisms.

    Two graphs are isomorphic exactly if they read the same in their canonical orders. The
    automorphisms generate all there are; each lists the vertices it moves.
    """
    walked = _walk_order(graph)
    if walked is not None:
        return walked
    found = _Search(graph, 0).run()
    return found.order, found.automorphisms


def _walk_order(graph: ColouredGraph) -> tuple[list[int], list[Automorphism]] | None:
    """The least of the walks from the rarest vertices, or None where a walk could lose its way.

    A walk knows where to go at a vertex whose edges differ in label or in the colour they lead to,
    and at one with two edges, having come by one of them.
    """
    starts, rows = [], []
    colours = graph.colours
    for v, edges in enumerate(graph.edges):
        if len({label for label, _ in edges}) == len(edges):
            starts.append(v)
            rows.append(sorted(edges))
            continue
        rows.append(sorted(edges, key=lambda edge: (edge[0], colours[edge[1]])))
        if len({(label, colours[w]) for label, w in edges}) == len(edges):
            starts.append(v)
        elif len(edges) > 2:
            return None
    if not starts:
        return None
    starts = _rarest(starts, colours)
    if len(starts) > 1:
        starts = _rarest(starts, Partition.refined(graph).colours)
    union = UnionFind()
    walk = _Walk(colours, rows)
    if len(starts) == 1:
        return walk.order_from(starts[0]), []
    walk.run(starts[0])
    tried = [starts[0]]
    automorphisms: list[Automorphism] = []
    for start in starts[1:]:
        if any(union.find(start) == union.find(other) for other in tried):
            continue
        best = walk.order
        if walk.run(start):
            moved = dict(zip(best, walk.order, strict=True))
            automorphisms.append(moved)
            for v, w in moved.items():
                union.union(v, w)
        tried.append(start)
    return walk.order, automorphisms


def _rarest(vertices: Sequence[int], colours: Sequence[int]) -> list[int]:
    groups: dict[int, list[int]] = defaultdict(list)
    for v in vertices:
        groups[colours[v]].append(v)
    return min(groups.items(), key=lambda item: (len(item[1]), item[0]))[1]


class _Walk:
    """The least breadth-first walk so far; a worse one is left at its first difference."""

    def __init__(self, colours: Sequence[int], edges: Sequence[Sequence[tuple[int, int]]]) -> None:
        self.colours, self.edges = colours, edges
        self.order: list[int] = []
        self.rows: list[tuple[int, list[tuple[int, int]]]] = []

    def order_from(self, start: int) -> list[int]:
        """The walk from `start`, where there is no other to compare it with."""
        order, is_seen = [start], [False] * len(self.edges)
        is_seen[start] = True
        for v in order:
            for _, w in self.edges[v]:
                if not is_seen[w]:
                    is_seen[w] = True
                    order.append(w)
        return order

    def run(self, start: int) -> bool:
        """Walk from `start`; keep the walk if it is as good as the best. Says if they are equal."""
        order, place = [start], {start: 0}
        rows: list[tuple[int, list[tuple[int, int]]]] = []
        is_equal = bool(self.rows)
        for v in order:
            row = []
            for label, w in self.edges[v]:
                if w not in place:
                    place[w] = len(order)
                    order.append(w)
                row.append((label, place[w]))
            row.sort()
            entry = (self.colours[v], row)
            if is_equal and (best := self.rows[len(rows)]) != entry:
                if best < entry:
                    return False
                is_equal = False
            rows.append(entry)
        self.order, self.rows = order, rows
        return is_equal


@dataclass(frozen=True)
class _Labelling:
    """A canonical order, the code it gives, and some automorphisms (the vertices they move)."""

    order: list[int]
    code: Code
    automorphisms: list[Automorphism]


@dataclass
class _Frame:
    """One node of the search tree: a colouring, what was singled out, the cell to choose from."""

    partition: Partition
    path: tuple[int, ...]
    trace: tuple[int, ...]
    leaf: list[int] | None = None
    cell: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    tried: list[int] = field(default_factory=list)
    orbits: UnionFind = field(default_factory=UnionFind)
    read: int = 0


class _Search:
    """The canonical order of one connected graph by individualisation and refinement."""

    def __init__(self, graph: ColouredGraph, depth: int) -> None:
        self.graph = graph
        self.depth = depth
        self.automorphisms: list[Automorphism] = []

    def run(self) -> _Labelling:
        """The least code over all orders the search has to tell apart, and one that has it."""
        best: tuple[tuple[int, ...], Code] | None = None
        order: list[int] = []
        path: tuple[int, ...] = ()
        frames = [self._frame(Partition.refined(self.graph), (), ())]
        while frames:
            frame = frames[-1]
            if best is not None and frame.trace > best[0][: len(frame.trace)]:
                frames.pop()
            elif frame.leaf is not None:
                frames.pop()
                found = (frame.trace, self.graph.code(frame.leaf))
                if best is None or found < best:
                    best, order, path = found, frame.leaf, frame.path
                elif found == best:
                    pairs = zip(order, frame.leaf, strict=True)
                    self.automorphisms.append({v: w for v, w in pairs if v != w})
                    common = _common_prefix(frame.path, path)
                    while frames and len(frames[-1].path) > common:
                        frames.pop()
            elif not frame.left:
                frames.pop()
            else:
                vertex = frame.left.pop()
                if not self._is_image(vertex, frame) and not self._exchanged(vertex, frame):
                    frame.tried.append(vertex)
                    finer = frame.partition.single_out(self.graph, vertex)
                    frames.append(self._frame(finer, (*frame.path, vertex), frame.trace))
        assert best is not None
        return _Labelling(order, best[1], self.automorphisms)

    def _frame(self, partition: Partition, path: tuple[int, ...], trace: tuple[int, ...]) -> _Frame:
        frame = _Frame(partition, path, (*trace, len(partition.cells)))
        cells = [cell for cell in partition.cells if len(cell) > 1]
        if not cells:
            frame.leaf = [v for (v,) in partition.cells]
        elif self.depth < _DEEPEST:
            components = self.graph.components(v for cell in cells for v in cell)
            if len(components) > 1:
                frame.leaf = [v for cell in partition.cells if len(cell) == 1 for v in cell]
                frame.leaf += self._order_parts(self.graph.parts(components, partition.colours))
        if frame.leaf is None:
            smallest = min(cells, key=len)
            frame.cell = list(smallest)
            frame.left = list(frame.cell)
        return frame

    def _order_parts(self, parts: Sequence[Part]) -> list[int]:
        """Order each part on its own: what is settled around them tells equal parts no further."""
        found = []
        for part in parts:
            labelling = _Search(part.graph, self.depth + 1).run()
            members = part.members
            for moved in labelling.automorphisms:
                self.automorphisms.append({members[v]: members[w] for v, w in moved.items()})
            found.append((labelling.code, [members[v] for v in labelling.order]))
        found.sort(key=lambda item: item[0])
        for (code, first), (other, second) in pairwise(found):
            if code == other:
                pairs = list(zip(first, second, strict=True))
                self.automorphisms.append(dict(pairs) | {w: v for v, w in pairs})
        return [v for _, order in found for v in order]

    def _exchanged(self, vertex: int, frame: _Frame) -> bool:
        """Whether `vertex` and a tried one change places, with the neighbours they do not share.

        The way down to a leaf would find this automorphism too, at a much higher price.
        """
        for other in frame.tried:
            moved = _exchange(self.graph, frame.partition.colours, vertex, other)
            if moved is not None:
                self.automorphisms.append(moved)
                return True
        return False

    def _is_image(self, vertex: int, frame: _Frame) -> bool:
        """Whether an automorphism that keeps the frame's path moves `vertex` to a tried one."""
        if not frame.tried:
            return False
        for moved in self.automorphisms[frame.read :]:
            if not any(v in moved for v in frame.path):
                # It keeps the colours, so what it does to other cells tells nothing about this one.
                for v in frame.cell:
                    if v in moved:
                        frame.orbits.union(v, moved[v])
        frame.read = len(self.automorphisms)
        orbits = frame.orbits
        return any(orbits.find(vertex) == orbits.find(other) for other in frame.tried)


def _exchange(graph: ColouredGraph, colours: Sequence[int], v: int, w: int) -> Automorphism | None:
    """The automorphism that exchanges v and w, and the neighbours of one with those of the other.

    It keeps all other vertices and all colours; None where there is none.
    """
    near_v, near_w = ({x for _, x in graph.edges[u]} - {v, w} for u in (v, w))
    movable = near_v ^ near_w
    moved = {v: w, w: v}

    def seen(x: int, to: Automorphism) -> tuple[int, tuple[tuple[int, int], ...]]:
        around = ((label, -1 if y in movable else to.get(y, y)) for label, y in graph.edges[x])
        return colours[x], tuple(sorted(around))

    unused: dict[object, list[int]] = {}
    for x in near_w - near_v:
        unused.setdefault(seen(x, {}), []).append(x)
    for x in near_v - near_w:
        images = unused.get(seen(x, {v: w, w: v}))
        if not images:
            return None
        y = images.pop()
        moved |= {x: y, y: x}
    for x, y in moved.items():
        row = sorted((label, moved.get(z, z)) for label, z in graph.edges[x])
        if row != sorted(graph.edges[y]):
            return None
    return moved


def _common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    length = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        length += 1
    return length
