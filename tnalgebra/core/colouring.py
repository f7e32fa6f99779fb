"""Coloured graphs, their connected parts, and colourings that are only ever made finer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Code: TypeAlias = tuple[tuple[int, tuple[tuple[int, int], ...]], ...]


@dataclass(frozen=True)
class ColouredGraph:
    """Vertices 0 to n-1; `edges[v]` lists (label, other end) for each edge at v.

    Colours and labels are numbers that an isomorphism has to keep.
    """

    colours: Sequence[int]
    edges: Sequence[Sequence[tuple[int, int]]]

    def components(self, among: Iterable[int]) -> list[list[int]]:
        """The connected parts of the graph on the vertices `among`."""
        is_new = dict.fromkeys(among, True)
        left = len(is_new)
        found = []
        for first in is_new:
            if not is_new[first]:
                continue
            is_new[first] = False
            members = [first]
            for v in members:
                if len(members) == left:
                    break
                for _, w in self.edges[v]:
                    if is_new.get(w):
                        is_new[w] = False
                        members.append(w)
            left -= len(members)
            found.append(members)
        return found

    def parts(self, components: Sequence[list[int]], colours: Sequence[int]) -> list[Part]:
        """Each of these components as a graph of its own, with other colours."""
        if len(components) == 1 and len(components[0]) == len(self.edges):
            return [Part(list(range(len(self.edges))), ColouredGraph(colours, self.edges))]
        found = []
        for members in components:
            place = {v: k for k, v in enumerate(members)}
            edges = [[(lb, place[w]) for lb, w in self.edges[v] if w in place] for v in members]
            found.append(Part(members, ColouredGraph([colours[v] for v in members], edges)))
        return found

    def code(self, order: Sequence[int]) -> Code:
        """The graph written down with its vertices in this order."""
        place = [0] * len(order)
        for k, v in enumerate(order):
            place[v] = k
        return tuple(
            (self.colours[v], tuple(sorted((label, place[w]) for label, w in self.edges[v])))
            for v in order
        )


@dataclass(frozen=True)
class Part:
    """A connected part of a graph: vertex k of its own graph is members[k] of the whole."""

    members: list[int]
    graph: ColouredGraph


class Partition:
    """A colouring that is only ever made finer; colours are numbered 0 to k-1."""

    def __init__(self, colours: list[int], cells: list[set[int]]) -> None:
        self.colours, self.cells = colours, cells

    @classmethod
    def refined(cls, graph: ColouredGraph) -> Partition:
        """The coarsest colouring of a graph in which equal colours see equal neighbours."""
        number = {colour: k for k, colour in enumerate(sorted(set(graph.colours)))}
        cells: list[set[int]] = [set() for _ in number]
        for v, colour in enumerate(graph.colours):
            cells[number[colour]].add(v)
        partition = cls([number[colour] for colour in graph.colours], cells)
        partition.refine(graph, range(len(graph.colours)))
        return partition

    def single_out(self, graph: ColouredGraph, vertex: int) -> Partition:
        """The refined colouring in which one vertex has a colour of its own."""
        result = Partition(list(self.colours), [set(cell) for cell in self.cells])
        result.cells[self.colours[vertex]].remove(vertex)
        result.colours[vertex] = len(self.cells)
        result.cells.append({vertex})
        result.refine(graph, [vertex])
        return result

    def refine(self, graph: ColouredGraph, changed: Iterable[int]) -> None:
        """Split colours by neighbourhood until nothing changes.

        Equal colours saw equal neighbours before, so only edges to changed colours can differ.
        """
        colours, cells = self.colours, self.cells
        while changed and len(cells) < len(colours):
            signs: dict[int, list[tuple[int, int]]] = {}
            for w in changed:
                colour = colours[w]
                for label, v in graph.edges[w]:
                    if len(cells[colours[v]]) > 1:
                        signs.setdefault(v, []).append((colour, label))
            touched: dict[int, dict[tuple[tuple[int, int], ...], list[int]]] = {}
            for v, sign in signs.items():
                sign.sort()
                touched.setdefault(colours[v], {}).setdefault(tuple(sign), []).append(v)
            changed = [
                v
                for colour in sorted(touched)
                for v in self._split(colour, [part for _, part in sorted(touched[colour].items())])
            ]

    def _split(self, colour: int, parts: list[list[int]]) -> list[int]:
        """Give new colours to all parts of a cell but the largest; returns whose colour changed."""
        cell = self.cells[colour]
        largest = max(parts, key=len)
        rest = len(cell) - sum(map(len, parts))
        if rest < len(largest):
            others = [part for part in parts if part is not largest]
            if rest:
                others.insert(0, list(cell.difference(*parts)))
            parts = others
        changed = []
        for part in parts:
            for v in part:
                self.colours[v] = len(self.cells)
            self.cells.append(set(part))
            cell.difference_update(part)
            changed += part
        return changed
