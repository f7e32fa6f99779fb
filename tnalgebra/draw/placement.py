"""From grid cells to px: port offsets, column and row distances, open ends pulled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tnalgebra.draw.layout import Grid
from tnalgebra.draw.model import EAST, NORTH, VECTORS, Item, Link, opposite
from tnalgebra.draw.scene import Bounds, Point, overlap
from tnalgebra.draw.shapes import port_point, turn
from tnalgebra.draw.style import Style

_STEP = 26.0


@dataclass
class Placed:
    """One connected part in px: anchors, port sides and port points of its items."""

    items: Sequence[Item]
    members: list[int]
    anchors: dict[int, Point]
    sides: dict[int, dict[int, int]]
    offsets: dict[tuple[int, int], float]
    baseline: float

    def box(self, m: int, room: float = 0.0) -> Bounds:
        """The box an item fills, grown by `room`."""
        item, (x, y) = self.items[m], self.anchors[m]
        return (
            x - item.left - room,
            y - item.top - room,
            x + item.right + room,
            y + item.bottom + room,
        )

    def port(self, m: int, port: int) -> Point:
        """Where a port lies."""
        item, (x, y) = self.items[m], self.anchors[m]
        sides = self.sides[m]
        dx, dy = port_point(item, sides[port], self.offsets.get((m, port), 0.0), sides)
        return (x + dx, y + dy)


def place(
    items: Sequence[Item],
    links: Sequence[Link],
    members: list[int],
    grid: Grid,
    style: Style,
    room: Mapping[str, float],
) -> Placed:
    """Coordinates for a part; `room` is the length that a link's label needs along the leg."""
    sides = {m: dict(grid.sides.get(m, {})) for m in members}
    for m in members:
        for port, (side, _) in enumerate(items[m].fixed):
            sides[m][port] = side
    mine = [link for link in links if link.ends[0][0] in sides]
    offsets = _offsets(items, mine, grid, sides, style)
    owner: dict[int, tuple[int, int]] = {}
    for link in mine:
        for (a, p), (b, _) in (link.ends, link.ends[::-1]):
            if items[b].kind == "end":
                owner[b] = (a, p)
    for m in members:
        turn(items[m], sides[m])
    _size_ends(items, grid, sides, offsets, owner, style)
    gaps = _gaps(items, mine, style, room)
    xs = _columns(items, members, grid, style, gaps)
    ys = _rows(items, members, grid, style, xs, gaps)
    anchors: dict[int, Point] = {}
    for m in members:
        c, r = grid.cells[m]
        anchors[m] = (xs[c], ys[r])
    placed = Placed(items, members, anchors, sides, offsets, _baseline(items, mine, grid, ys))
    _settle_ends(placed, owner, style)
    return placed


def _offsets(
    items: Sequence[Item],
    links: Sequence[Link],
    grid: Grid,
    sides: Mapping[int, Mapping[int, int]],
    style: Style,
) -> dict[tuple[int, int], float]:
    """How far each port lies from the middle of its side; straight legs keep to the middle.

    The ports of a side stand in their declared order, left to right or top to bottom, whatever
    their legs lead to: where wires are swapped, their legs cross.
    """
    straight: set[tuple[int, int]] = set()
    for link in links:
        for (a, p), (b, q) in (link.ends, link.ends[::-1]):
            side = sides[a][p]
            (c, r), (e, s) = grid.cells[a], grid.cells[b]
            ahead = (s == r and VECTORS[side][0] * (e - c) > 0) or (
                e == c and VECTORS[side][1] * (s - r) > 0
            )
            if ahead and sides[b][q] == opposite(side):
                straight.add((a, p))
    offsets: dict[tuple[int, int], float] = {}
    for a, own in sides.items():
        item = items[a]
        if item.kind in ("dot", "end"):
            continue
        if item.kind == "frame":
            offsets.update({(a, p): offset for p, (_, offset) in enumerate(item.fixed)})
            continue
        for side in range(4):
            ports = sorted(p for p, taken in own.items() if taken == side)
            middles = [k for k, p in enumerate(ports) if (a, p) in straight]
            centre = (middles[0] + middles[-1]) / 2 if middles else (len(ports) - 1) / 2
            for k, p in enumerate(ports):
                offsets[(a, p)] = (k - centre) * style.port_spacing
    return offsets


def _size_ends(
    items: Sequence[Item],
    grid: Grid,
    sides: Mapping[int, Mapping[int, int]],
    offsets: Mapping[tuple[int, int], float],
    owner: Mapping[int, tuple[int, int]],
    style: Style,
) -> None:
    """Let each open end reach as far as its label does, outward from the end of the leg."""
    for m, (a, p) in owner.items():
        item = items[m]
        outward = opposite(sides[m][0])
        label = item.label
        far = style.label_gap + label.width if label.width else 0.0
        tall = style.label_gap + label.height if label.width else 0.0
        shift = offsets.get((a, p), 0.0) if _in_line(grid, m, a) else 0.0
        if VECTORS[outward][0]:
            item.left, item.right = (0.0, far) if outward == EAST else (far, 0.0)
            half = max(label.height / 2, 3.0)
            item.top, item.bottom = half - shift, half + shift
        else:
            item.top, item.bottom = (tall, 0.0) if outward == NORTH else (0.0, tall)
            half = max(label.width / 2, 3.0)
            item.left, item.right = half - shift, half + shift


def _in_line(grid: Grid, m: int, a: int) -> bool:
    (c, r), (e, s) = grid.cells[m], grid.cells[a]
    return c == e or r == s


def _gaps(
    items: Sequence[Item], links: Sequence[Link], style: Style, room: Mapping[str, float]
) -> dict[tuple[int, int], float]:
    """The space that certain pairs of neighbours need between them."""
    gaps: dict[tuple[int, int], float] = {}
    for link in links:
        (a, _), (b, _) = link.ends
        need = max(_gap(items[a], items[b], style), room.get(link.key, 0.0))
        for pair in ((a, b), (b, a)):
            gaps[pair] = max(gaps.get(pair, 0.0), need)
    return gaps


def _gap(a: Item, b: Item, style: Style) -> float:
    if "end" in (a.kind, b.kind):
        if a.kind == b.kind:
            return 2 * style.stub
        return style.stub
    return style.gap


def _columns(
    items: Sequence[Item],
    members: Sequence[int],
    grid: Grid,
    style: Style,
    gaps: Mapping[tuple[int, int], float],
) -> dict[int, float]:
    xs: dict[int, float] = {}
    last: dict[int, list[int]] = {}
    previous: float | None = None
    for c in sorted({grid.cells[m][0] for m in members}):
        here = [m for m in members if grid.cells[m][0] == c]
        x = 0.0 if previous is None else previous + _STEP
        for m in here:
            for n in last.get(grid.cells[m][1], ()):
                gap = gaps.get((n, m), _gap(items[n], items[m], style))
                x = max(x, xs[grid.cells[n][0]] + items[n].right + gap + items[m].left)
        xs[c] = previous = x
        for m in here:
            last.setdefault(grid.cells[m][1], []).append(m)
    return xs


def _rows(
    items: Sequence[Item],
    members: Sequence[int],
    grid: Grid,
    style: Style,
    xs: Mapping[int, float],
    gaps: Mapping[tuple[int, int], float],
) -> dict[int, float]:
    ys: dict[int, float] = {}
    above: list[int] = []
    previous: float | None = None
    for r in sorted({grid.cells[m][1] for m in members}):
        here = [m for m in members if grid.cells[m][1] == r]
        y = 0.0 if previous is None else previous + _STEP
        for m in here:
            x = xs[grid.cells[m][0]]
            for n in above:
                z = xs[grid.cells[n][0]]
                if z - items[n].left < x + items[m].right + style.corner and (
                    x - items[m].left < z + items[n].right + style.corner
                ):
                    gap = gaps.get((n, m), _gap(items[n], items[m], style))
                    y = max(y, ys[grid.cells[n][1]] + items[n].bottom + gap + items[m].top)
        ys[r] = previous = y
        above.extend(here)
    return ys


def _baseline(
    items: Sequence[Item], links: Sequence[Link], grid: Grid, ys: Mapping[int, float]
) -> float:
    """The row with most that is not a pendant; midway where several rows are as full."""
    degree: dict[int, int] = {}
    for link in links:
        for m, _ in link.ends:
            degree[m] = degree.get(m, 0) + 1
    weight: dict[int, int] = dict.fromkeys(ys, 0)
    for m, (_, r) in grid.cells.items():
        kind = items[m].kind
        if kind == "end":
            weight[r] += 1
        elif degree.get(m, 0) > 1 or len(grid.cells) <= 2:
            weight[r] += 2 if kind == "dot" else 4
    full = max(weight.values())
    chosen = [ys[r] for r, count in weight.items() if count == full]
    return (min(chosen) + max(chosen)) / 2


def _settle_ends(placed: Placed, owner: Mapping[int, tuple[int, int]], style: Style) -> None:
    """Line each open end up with its port, and shorten its leg where nothing is in the way."""
    items = placed.items
    for m, (a, p) in owner.items():
        side = placed.sides[a][p]
        inward = placed.sides[m][0]
        if inward != opposite(side):
            continue
        px, py = placed.port(a, p)
        x, y = placed.anchors[m]
        dx, dy = VECTORS[side]
        moved = (x, py) if dx else (px, y)
        shift = (py - y) if dx else (px - x)
        item = items[m]
        if dx:
            item.top, item.bottom = item.top + shift, item.bottom - shift
        else:
            item.left, item.right = item.left + shift, item.right - shift
        placed.anchors[m] = moved
        if items[a].kind == "end":
            continue
        near = (px + dx * style.stub, moved[1]) if dx else (moved[0], py + dy * style.stub)
        if (moved[0] - near[0]) * dx + (moved[1] - near[1]) * dy < 1.0:
            continue
        placed.anchors[m] = near
        box = placed.box(m, 4.0)
        if any(overlap(box, placed.box(n)) for n in placed.members if n != m):
            placed.anchors[m] = moved
