"""One exact canonical form for diagrams: individualisation-refinement over the spider form.

Two diagrams have the same code exactly when they are equal up to the names of nodes and summed
indices and the allowed order of ports. Refinement narrows the choice, a search over what it leaves
open decides, and automorphisms found on the way prune it (McKay, "Practical graph isomorphism").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import sympy

from tnalgebra.core.nodes import Box, Tensor, node_group
from tnalgebra.core.spaces import Space, UnionFind
from tnalgebra.core.spider import SpiderForm

Code = tuple[Any, ...]


@dataclass(frozen=True)
class CanonicalForm:
    """The code of a spider form, and the orders of its nodes and classes that produce it.

    nodes[k] is the position in the spider form of the node that stands k-th; `classes` likewise.
    The code says nothing of the coefficient and holds the loops as dimensions of the scalar.
    """

    code: Code
    nodes: tuple[int, ...]
    classes: tuple[int, ...]

    @property
    def digest(self) -> str:
        """A short stable fingerprint of the code, the same in every process."""
        return blake2b(repr(self.code).encode(), digest_size=16).hexdigest()


def space_key(space: Space, declared: Container[str]) -> str:
    """What of a space takes part in equality: its size, and its name if a user chose that."""
    name = space.name if space.name in declared else ""
    return name if space.size is None else f"{name}={space.size}"


def label_key(node: Tensor | Box) -> str:
    """What of a tensor or box takes part in equality, apart from where its ports lead."""
    if isinstance(node, Tensor):
        facts = ";".join(f"{fact.kind}{fact.sides}" for fact in node.facts)
        entries = "" if node.entries is None else sympy.srepr(node.entries)
        return f"tensor {node.name} {node.mark} {node.rank} {facts} {entries}"
    function = "" if node.function is None else f"{node.function.name}{node.function.along}"
    return f"box {function} {node.content.content_digest()}"


def canonical_form(form: SpiderForm) -> CanonicalForm:
    """The canonical form of a whole diagram: its components, each canonical, in sorted order."""
    union = UnionFind()
    for number, row in enumerate(form.ports):
        union.add(("n", number))
        for index in row:
            union.union(("n", number), ("c", index))
    for index in form.free:
        union.add(("c", index))
    free_at: dict[int, list[int]] = defaultdict(list)
    for position, index in enumerate(form.free):
        free_at[index].append(position)
    keys = _label_keys(form.labels)
    declared = {space.name for space in form.spaces if space.declared}
    space_keys = [space_key(space, declared) for space in form.spaces]
    parts = []
    for members in union.groups().values():
        pairs = [member for member in members if isinstance(member, tuple)]
        nodes = [number for kind, number in pairs if kind == "n"]
        classes = [number for kind, number in pairs if kind == "c"]
        search = _Search(form, nodes, classes, keys, space_keys, free_at)
        parts.append(search.run())
    parts.sort(key=lambda part: part[0])
    return CanonicalForm(
        tuple(part[0] for part in parts),
        tuple(node for part in parts for node in part[1]),
        tuple(index for part in parts for index in part[2]),
    )


def _label_keys(labels: Sequence[Tensor | Box]) -> list[str]:
    known: dict[int, str] = {}
    return [
        known[id(label)] if id(label) in known else known.setdefault(id(label), label_key(label))
        for label in labels
    ]


@dataclass
class _Frame:
    """One node of the search tree: a colouring, what was individualised, what is left to try."""

    colours: list[int]
    path: tuple[int, ...]
    cell: list[int]
    is_leaf: bool
    tried: list[int] = field(default_factory=list)


class _Search:
    """The canonical labelling of one connected component.

    Vertices 0..n-1 are nodes, n.. are index classes; `colours` orders them ever more finely.
    """

    def __init__(
        self,
        form: SpiderForm,
        nodes: Sequence[int],
        classes: Sequence[int],
        keys: Sequence[str],
        space_keys: Sequence[str],
        free_at: dict[int, list[int]],
    ) -> None:
        self.nodes, self.classes = list(nodes), list(classes)
        count = len(nodes)
        self.count = count
        place = {index: count + k for k, index in enumerate(classes)}
        self.rows = [tuple(place[index] for index in form.ports[n]) for n in nodes]
        self.groups = [node_group(form.labels[n]) for n in nodes]
        self.node_keys = [keys[n] for n in nodes]
        self.class_keys = [(space_keys[i], tuple(free_at.get(i, ()))) for i in classes]
        self.touching: list[list[tuple[int, int]]] = [[] for _ in classes]
        for k, row in enumerate(self.rows):
            for port, vertex in enumerate(row):
                self.touching[vertex - count].append((k, self.groups[k].orbits[port]))

    def run(self) -> tuple[Code, list[int], list[int]]:
        """The least code over all labellings the search has to tell apart, and one that has it."""
        start: list[Any] = [(0, key) for key in self.node_keys]
        start += [(1, *key) for key in self.class_keys]
        best: tuple[Code, list[int], tuple[int, ...]] | None = None
        automorphisms: list[list[int]] = []
        frames = [self._frame(self._refine(_rank(start)), ())]
        while frames:
            frame = frames[-1]
            if frame.is_leaf:
                frames.pop()
                code, order = self._leaf(frame.colours)
                if best is None or code < best[0]:
                    best = (code, order, frame.path)
                elif code == best[0]:
                    automorphisms.append(_mapping(best[1], order))
                    common = _common_prefix(frame.path, best[2])
                    while frames and len(frames[-1].path) > common:
                        frames.pop()
            elif not frame.cell:
                frames.pop()
            else:
                vertex = frame.cell.pop(0)
                if not _is_image(vertex, frame, automorphisms):
                    frame.tried.append(vertex)
                    split = [2 * colour + 1 for colour in frame.colours]
                    split[vertex] -= 1
                    frames.append(self._frame(self._refine(_rank(split)), (*frame.path, vertex)))
        assert best is not None
        code, order, _ = best
        return (
            code,
            [self.nodes[v] for v in order if v < self.count],
            [self.classes[v - self.count] for v in order if v >= self.count],
        )

    def _frame(self, colours: list[int], path: tuple[int, ...]) -> _Frame:
        cells: dict[int, list[int]] = defaultdict(list)
        for vertex, colour in enumerate(colours):
            cells[colour].append(vertex)
        open_cells = [(len(cell), colour) for colour, cell in cells.items() if len(cell) > 1]
        if not open_cells:
            return _Frame(colours, path, [], is_leaf=True)
        return _Frame(colours, path, cells[min(open_cells)[1]], is_leaf=False)

    def _refine(self, colours: list[int]) -> list[int]:
        """Split colours by neighbourhood until nothing changes."""
        distinct = len(set(colours))
        while distinct < len(colours):
            signs: list[Any] = []
            for k, row in enumerate(self.rows):
                signs.append((colours[k], self.groups[k].least([colours[v] for v in row])))
            for k, touching in enumerate(self.touching):
                seen = sorted((colours[node], orbit) for node, orbit in touching)
                signs.append((colours[self.count + k], tuple(seen)))
            colours = _rank(signs)
            fresh = len(set(colours))
            if fresh == distinct:
                break
            distinct = fresh
        return colours

    def _leaf(self, colours: list[int]) -> tuple[Code, list[int]]:
        order = sorted(range(len(colours)), key=colours.__getitem__)
        name = {vertex: k for k, vertex in enumerate(v for v in order if v >= self.count)}
        nodes = tuple(
            (self.node_keys[v], self.groups[v].least([name[c] for c in self.rows[v]]))
            for v in order
            if v < self.count
        )
        classes = tuple(self.class_keys[v - self.count] for v in order if v >= self.count)
        return (nodes, classes), order


def _rank(signs: Sequence[Any]) -> list[int]:
    """Each sign replaced by its place among the distinct signs, in sorted order."""
    place = {sign: k for k, sign in enumerate(sorted(set(signs)))}
    return [place[sign] for sign in signs]


def _mapping(source: Sequence[int], target: Sequence[int]) -> list[int]:
    image = [0] * len(source)
    for a, b in zip(source, target, strict=True):
        image[a] = b
    return image


def _common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    length = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        length += 1
    return length


def _is_image(vertex: int, frame: _Frame, automorphisms: Sequence[Sequence[int]]) -> bool:
    """Whether a known automorphism that keeps the frame's path moves `vertex` to a tried one."""
    if not frame.tried:
        return False
    union = UnionFind()
    for image in automorphisms:
        if all(image[v] == v for v in frame.path):
            for v, w in enumerate(image):
                if v != w:
                    union.union(v, w)
    return any(union.find(vertex) == union.find(other) for other in frame.tried)
