"""What a picture shows of one diagram: items with ports, and links between them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from tnalgebra.core.nodes import Box, Delta, Free, Node
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram
from tnalgebra.draw.scene import Bounds, Drawing
from tnalgebra.draw.text import Label

EAST, NORTH, WEST, SOUTH = 0, 1, 2, 3
VECTORS: tuple[tuple[int, int], ...] = ((1, 0), (0, -1), (-1, 0), (0, 1))
# How far along the reading order each side comes: west first, then north, south and east.
READING = (3, 1, 0, 2)


def opposite(side: int) -> int:
    """The side across."""
    return (side + 2) % 4


@dataclass
class Item:
    """One thing on the grid.

    kind: "circle", "square", "triangle", "diagonal", "data", "shared", "dot", "ring", "frame" or
    "end" (of a free leg). left, top, right, bottom: how far it reaches from its anchor. base,
    depth, across: the ports on a triangle's base, half of what it measures along and across.
    fixed, border, caption: the side of each port of a frame and the offset along it, the border's
    box, and where its name starts.
    prefers: the side an open end goes to: west (the first), east (the last), south, or -1 for any.
    ambiguous: whether two ports have one space, so that only where they stand tells them apart.
    in_row: whether a matrix stands among matrices and vectors alone, where its transpose shows.
    """

    key: str
    kind: str
    rank: int
    node: Node | None = None
    names: tuple[Hashable, ...] = ()
    label: Label = field(default_factory=Label)
    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    depth: float = 0.0
    across: float = 0.0
    base: tuple[int, ...] = ()
    fixed: tuple[tuple[int, float], ...] = ()
    position: int = -1
    prefers: int = -1
    ambiguous: bool = False
    in_row: bool = True
    border: Bounds = (0.0, 0.0, 0.0, 0.0)
    caption: float = 0.0
    inner: Drawing | None = None

    def reach(self, half_width: float, half_height: float) -> None:
        """Set how far the item reaches, alike to both sides of its anchor."""
        self.left = self.right = half_width
        self.top = self.bottom = half_height


@dataclass(frozen=True)
class Link:
    """A leg between two ports (item number, port); `covers` are the graph's edges it stands for."""

    key: str
    ends: tuple[tuple[int, int], tuple[int, int]]
    space: Space
    covers: tuple[str, ...]
    deltas: tuple[Hashable, ...] = ()


@dataclass
class Picture:
    """The items and links of one diagram; `rings` are links without ends."""

    items: list[Item]
    links: list[Link]
    rings: list[tuple[Item, Link]]


def picture(diagram: Diagram, prefix: str) -> Picture:
    """The items (unsized) and links of a diagram; two-legged deltas are drawn as plain lines."""
    graph = diagram.graph
    nodes: dict[Hashable, Node] = {n: data["node"] for n, data in graph.nodes(data=True)}
    degree = dict(graph.degree())
    plain = {n for n, node in nodes.items() if isinstance(node, Delta) and degree[n] == 2}
    edges = [(data["ends"], data["space"]) for _, _, data in graph.edges(data=True)]
    at: dict[tuple[Hashable, int], int] = {}
    for number, (ends, _) in enumerate(edges):
        for end in ends:
            at[end] = number
    index: dict[Hashable, int] = {}
    items: list[Item] = []
    for n, node in nodes.items():
        if n in plain:
            continue
        index[n] = len(items)
        items.append(_item(n, node, degree[n], prefix))
    seen: set[int] = set()
    links: list[Link] = []
    rings: list[tuple[Item, Link]] = []

    def follow(
        end: tuple[Hashable, int], number: int
    ) -> tuple[tuple[Hashable, int] | None, list[int], list[Hashable]]:
        passed, through = [number], []
        while end[0] in plain:
            through.append(end[0])
            other = at[(end[0], 1 - end[1])]
            if other in passed:
                return None, passed, through
            passed.append(other)
            first, second = edges[other][0]
            end = second if first == (end[0], 1 - end[1]) else first
        return end, passed, through

    for number, (ends, space) in enumerate(edges):
        if number in seen:
            continue
        last, passed, through = follow(ends[1], number)
        key = f"{prefix}e{number}"
        if last is None:
            seen.update(passed)
            covers = tuple(f"{prefix}e{k}" for k in sorted(passed))
            ring = Item(f"{prefix}n{through[0]}", "ring", 0, names=tuple(through))
            rings.append((ring, Link(key, ((-1, 0), (-1, 0)), space, covers, tuple(through))))
            continue
        first, more, across = follow(ends[0], number)
        assert first is not None
        passed, through = passed + more[1:], through + across
        seen.update(passed)
        covers = tuple(f"{prefix}e{k}" for k in sorted(passed))
        both = ((index[first[0]], first[1]), (index[last[0]], last[1]))
        links.append(Link(key, both, space, covers, tuple(through)))
    return Picture(items, links, rings)


def _item(n: Hashable, node: Node, degree: int, prefix: str) -> Item:
    key = f"{prefix}n{n}"
    if isinstance(node, Free):
        return Item(key, "end", 1, node, (n,), position=node.position)
    if isinstance(node, Delta):
        return Item(key, "dot", degree, node, (n,))
    kind = "frame" if isinstance(node, Box) else "circle"
    return Item(key, kind, node.rank, node, (n,))


def components(shown: Picture) -> list[list[int]]:
    """The connected parts: closed ones in item order, then the others by their first free leg."""
    near: dict[int, list[int]] = {m: [] for m in range(len(shown.items))}
    for link in shown.links:
        (a, _), (b, _) = link.ends
        near[a].append(b)
        near[b].append(a)
    seen: set[int] = set()
    parts: list[list[int]] = []
    for start in near:
        if start in seen:
            continue
        part, fresh = [start], [start]
        seen.add(start)
        while fresh:
            for other in near[fresh.pop()]:
                if other not in seen:
                    seen.add(other)
                    part.append(other)
                    fresh.append(other)
        parts.append(sorted(part))

    def first_leg(part: list[int]) -> int:
        return min((e.position for m in part if (e := shown.items[m]).kind == "end"), default=-1)

    return sorted(parts, key=first_leg)


def prefer_sides(shown: Picture, part: Sequence[int]) -> None:
    """Say where the open ends of a part go: the first left, the last right, others down.

    The legs of a tensor train, one or two a site, all go up or down.
    """
    items = shown.items
    ends = sorted((items[m] for m in part if items[m].kind == "end"), key=lambda e: e.position)
    last = sum(1 for item in shown.items if item.kind == "end") - 1
    for number, end in enumerate(ends):
        if len(ends) == 1:
            end.prefers = -1 if last == 0 else {0: WEST, last: EAST}.get(end.position, -1)
        elif number == 0:
            end.prefers = WEST
        else:
            end.prefers = EAST if number == len(ends) - 1 else SOUTH
    inside = set(part)
    owners: dict[int, int] = {}
    bonds: dict[int, set[int]] = {}
    for link in shown.links:
        for (a, _), (b, _) in (link.ends, link.ends[::-1]):
            if a in inside and items[b].kind == "end":
                owners[a] = owners.get(a, 0) + 1
            elif a in inside:
                bonds.setdefault(a, set()).add(b)
    sites = [m for m in part if items[m].kind != "end"]
    if (
        len(sites) >= 3
        and all(owners.get(m, 0) == owners.get(sites[0], 0) for m in sites)
        and owners.get(sites[0], 0) in (1, 2)
        and all(len(bonds.get(m, ())) <= 2 for m in sites)
    ):
        for end in ends:
            end.prefers = SOUTH
