"""Which boxes are drawn as a name with a definition below the picture, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable

from tnalgebra.core.nodes import Box, Delta, Tensor
from tnalgebra.core.values import Diagram, Value, terms_of
from tnalgebra.draw.style import Style
from tnalgebra.draw.text import Label, name_label


class Shared:
    """Finds the contents of boxes without a function that are large, deep or used several times.

    diagonals: the vectors that sit on a copy tensor somewhere, which are drawn alike everywhere.
    """

    def __init__(self, values: Iterable[Value], style: Style) -> None:
        self.style = style
        self.contents: list[Value] = []
        self.diagonals: set[str] = set()
        self._uses: dict[int, int] = {}
        self._sizes: dict[int, int] = {}
        self._kept: list[Value] = []
        self._names: dict[int, int] = {}
        for value in values:
            self._measure(value)

    def _measure(self, value: Value) -> int:
        if id(value) in self._sizes:
            return self._sizes[id(value)]
        self._kept.append(value)
        size = 0
        for term in terms_of(value):
            size += len(term.own_tensors)
            self.diagonals.update(_vectors_on_dots(term))
            for box in term.boxes:
                size += 1 + self._measure(box.content)
                self._uses[id(box.content)] = self._uses.get(id(box.content), 0) + 1
        self._sizes[id(value)] = size
        return size

    def collapsed(self, box: Box, depth: int) -> bool:
        """Whether a box at this depth of nesting (0: not in another box) is drawn as a name."""
        if box.function is not None:
            return False
        if id(box.content) in self._names:
            return True
        size = self._sizes[id(box.content)]
        if size <= 1:
            return False
        repeated = self._uses[id(box.content)] > 1
        return repeated or depth >= self.style.collapse_depth or size > self.style.collapse_size

    def label(self, box: Box) -> Label:
        """The name of a collapsed box; the same content has the same name."""
        if id(box.content) not in self._names:
            self._names[id(box.content)] = len(self.contents) + 1
            self.contents.append(box.content)
        number = self._names[id(box.content)]
        return name_label(f"r{number}", self.style.node_font, self.style)


def _vectors_on_dots(term: Diagram) -> set[str]:
    graph = term.graph
    return {
        node.name
        for n, node in graph.nodes(data="node")
        if isinstance(node, Tensor) and node.rank == 1
        for other in graph.neighbors(n)
        if isinstance(graph.nodes[other]["node"], Delta) and graph.degree(other) > 2
    }
