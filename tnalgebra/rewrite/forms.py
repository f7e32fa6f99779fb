"""What the matcher sees of a diagram: nodes over classes, fused or exactly as typed."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

from tnalgebra.core.nodes import Box, Delta, Free, Tensor
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram


@dataclass(frozen=True)
class Form:
    """Nodes with the class at each port, and the class of each free leg.

    Fused: classes are those of the spider normal form and `deltas[c]` names the copy tensors that
    make up class c. As typed: copy tensors are nodes and every edge is a class of its own.
    """

    ids: tuple[Hashable, ...]
    labels: tuple[Tensor | Box | Delta, ...]
    ports: tuple[tuple[int, ...], ...]
    spaces: tuple[Space, ...]
    free: tuple[int, ...]
    deltas: tuple[tuple[Hashable, ...], ...]

    @cached_property
    def ends(self) -> list[list[tuple[int, int]]]:
        """For each class, the (node, port) pairs on it."""
        found: list[list[tuple[int, int]]] = [[] for _ in self.spaces]
        for node, row in enumerate(self.ports):
            for port, index in enumerate(row):
                found[index].append((node, port))
        return found


class Subject:
    """A diagram under the matcher's eyes: each form and its ends are made once for all rules."""

    def __init__(self, diagram: Diagram) -> None:
        self._diagram = diagram

    @cached_property
    def fused(self) -> Form:
        """The spider normal form."""
        return fused_form(self._diagram)

    @cached_property
    def typed(self) -> Form:
        """The graph as typed."""
        return typed_form(self._diagram)


def fused_form(diagram: Diagram) -> Form:
    """The spider normal form."""
    form = diagram.spider
    return Form(form.ids, form.labels, form.ports, form.spaces, form.free, form.deltas)


def typed_form(diagram: Diagram) -> Form:
    """The graph as typed: each edge a class."""
    graph = diagram.graph
    place: dict[tuple[Hashable, int], int] = {}
    spaces = []
    for number, (_, _, data) in enumerate(graph.edges(data=True)):
        spaces.append(data["space"])
        place.update(dict.fromkeys(data["ends"], number))
    ids, labels, ports = [], [], []
    free: dict[int, int] = {}
    for n, data in graph.nodes(data=True):
        node = data["node"]
        if isinstance(node, Free):
            free[node.position] = place[(n, 0)]
            continue
        ids.append(n)
        labels.append(node)
        ports.append(tuple(place[(n, port)] for port in range(graph.degree(n))))
    return Form(
        tuple(ids),
        tuple(labels),
        tuple(ports),
        tuple(spaces),
        tuple(free[position] for position in range(len(free))),
        ((),) * len(spaces),
    )
