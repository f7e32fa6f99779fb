"""Legs as strokes: straight where ports face, else one cubic; rounded rectangles for traces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import hypot

from tnalgebra.draw.detours import covered, directions, polylines, sampled, shared_length
from tnalgebra.draw.model import NORTH, VECTORS, WEST, Link, opposite
from tnalgebra.draw.placement import Placed
from tnalgebra.draw.scene import Path, Point, hull, overlap
from tnalgebra.draw.style import Style

Commands = tuple[tuple[str, tuple[Point, ...]], ...]
_KAPPA = 0.5523
_CLOSE = 0.05


def rounded(points: Sequence[Point], corner: float) -> Commands:
    """A polyline whose corners are rounded."""
    commands: list[tuple[str, tuple[Point, ...]]] = [("M", (points[0],))]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        first = hypot(here[0] - before[0], here[1] - before[1])
        second = hypot(after[0] - here[0], after[1] - here[1])
        radius = min(corner, first / 2, second / 2)
        if radius < _CLOSE:
            commands.append(("L", (here,)))
            continue
        start = _toward(here, before, radius / first)
        stop = _toward(here, after, radius / second)
        commands.append(("L", (start,)))
        handle = _toward(start, here, _KAPPA), _toward(stop, here, _KAPPA)
        commands.append(("C", (*handle, stop)))
    commands.append(("L", (points[-1],)))
    return tuple(commands)


def _toward(a: Point, b: Point, t: float) -> Point:
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t)


def cubic(a: Point, leave: int, b: Point, arrive: int, arms: tuple[float, float]) -> Commands:
    """One cubic that leaves both ends at right angles to their sides."""
    return _cubic(a, VECTORS[leave], b, VECTORS[arrive], arms)


def _cubic(a: Point, leave: Point, b: Point, arrive: Point, arms: tuple[float, float]) -> Commands:
    (ax, ay), (bx, by), (dx, dy), (ex, ey) = a, b, leave, arrive
    return (
        ("M", (a,)),
        (
            "C",
            (
                (ax + dx * arms[0], ay + dy * arms[0]),
                (bx + ex * arms[1], by + ey * arms[1]),
                b,
            ),
        ),
    )


class Router:
    """Draws the legs of one placed part, each once, straight ones first."""

    def __init__(self, placed: Placed, style: Style) -> None:
        self.placed = placed
        self.style = style
        self.lanes: list[tuple[int, float, float, float]] = []
        self.drawn: list[list[Point]] = []

    def route(self, links: Sequence[Link], light: dict[str, str]) -> list[Path]:
        """A path for each link, in the order of the links."""
        routes: dict[str, Commands] = {}
        waiting: list[tuple[float, int, Link]] = []
        for number, link in enumerate(links):
            (a, p), (b, q) = link.ends
            one, two = self.placed.port(a, p), self.placed.port(b, q)
            if self._straight(link, one, two):
                routes[link.key] = (("M", (one,)), ("L", (two,)))
                self.drawn.append([one, two])
            else:
                waiting.append((hypot(one[0] - two[0], one[1] - two[1]), number, link))
        for _, _, link in sorted(waiting, key=lambda entry: entry[:2]):
            commands = self._clear_of_all(link, self._bent(link))
            routes[link.key] = commands
            self.drawn.append(_points(commands))
        style = self.style
        paths = []
        for link in links:
            mark = light.get(link.key, "")
            css = f"leg hl {mark}" if mark else "leg"
            colour, width = style.leg_colour(link.space), style.leg_width
            if mark:
                colour = style.redex if mark == "redex" else style.result
                width = style.highlight_width
            paths.append(Path(link.key, css, routes[link.key], colour, width, link.covers))
        return paths

    def _clear_of_all(self, link: Link, usual: Commands) -> Commands:
        """The usual stroke, or the best way round where it runs over a shape or another leg."""
        (a, p), (b, q) = link.ends
        if self._faults(usual, (a, b)) == 0.0:
            return usual
        placed, out = self.placed, self.style.loop_out
        one, two = placed.port(a, p), placed.port(b, q)
        distance = hypot(two[0] - one[0], two[1] - one[1])
        ways: list[tuple[float, Commands]] = [(0.0, usual)]
        starts = directions(placed.items[a].kind, placed.sides[a][p])
        stops = directions(placed.items[b].kind, placed.sides[b][q])
        arms = [max(16.0, f * distance) for f in (0.3, 0.45, 0.65, 0.9, 1.3)] + [3 * out, 5 * out]
        for i, leave in enumerate(starts):
            for j, arrive in enumerate(stops):
                for n, first in enumerate(arms):
                    for m, second in enumerate(arms):
                        if len(starts) * len(stops) == 1 or n == m:
                            least = 0.02 * (n + m) + 0.03 * (i + j)
                            way = _cubic(one, leave, two, arrive, (first, second))
                            ways.append((least, way))
                for points in polylines(placed, one, leave, two, arrive, out):
                    far = sum(hypot(c - x, d - y) for (x, y), (c, d) in pairwise(points))
                    least = 0.3 + 0.001 * far + 0.03 * (i + j)
                    ways.append((least, rounded(points, self.style.loop_corner)))
        best: tuple[float, Commands] | None = None
        for least, commands in sorted(ways, key=lambda way: way[0]):
            if best is not None and least >= best[0]:
                break
            cost = least + self._faults(commands, (a, b))
            if best is None or cost < best[0] - 1e-9:
                cost += 0.4 * self._crossings(_points(commands))
                if best is None or cost < best[0] - 1e-9:
                    best = (cost, commands)
        assert best is not None
        return best[1]

    def _faults(self, commands: Commands, ends: tuple[int, int]) -> float:
        """What a stroke costs for the shapes that it runs through and the legs it runs along."""
        points = sampled(_points(commands))
        along = shared_length(points, self.drawn)
        return 3.0 * covered(points, self.placed, ends) + (0.2 * along if along > 9.0 else 0.0)

    def _straight(self, link: Link, one: Point, two: Point) -> bool:
        (a, p), (b, q) = link.ends
        side, other = self.placed.sides[a][p], self.placed.sides[b][q]
        if a == b or other != opposite(side):
            return False
        dx, dy = VECTORS[side]
        ahead = (two[0] - one[0]) * dx + (two[1] - one[1]) * dy
        aside = abs(two[1] - one[1]) if dx else abs(two[0] - one[0])
        return ahead > 0 and aside < _CLOSE and not self._hits([one, two], (a, b))

    def _bent(self, link: Link) -> Commands:
        (a, p), (b, q) = link.ends
        one, two = self.placed.port(a, p), self.placed.port(b, q)
        side, other = self.placed.sides[a][p], self.placed.sides[b][q]
        level = abs(self.placed.anchors[a][1] - self.placed.anchors[b][1]) < 1.0
        upright = abs(self.placed.anchors[a][0] - self.placed.anchors[b][0]) < 1.0
        if other == opposite(side):
            dx, dy = VECTORS[side]
            behind = (two[0] - one[0]) * dx + (two[1] - one[1]) * dy <= 0
            if behind and ((level and dx) or (upright and dy)):
                return self._closure(link, one, side, two, other)
        if side == other and ((level and VECTORS[side][1]) or (upright and VECTORS[side][0])):
            return self._arc(link, one, two, side)
        if a == b:
            return self._corner_loop(one, side, two, other)
        return self._curve(link, one, side, two, other)

    def _closure(self, link: Link, one: Point, side: int, two: Point, other: int) -> Commands:
        """Round the outside of everything between the ends, above or below (left or right)."""
        style = self.style
        flip = bool(VECTORS[side][1])
        if flip:
            one, two = one[::-1], two[::-1]
        (left, right) = (one, two) if one[0] <= two[0] else (two, one)
        out = style.loop_out
        nested = sum(1 for lane in self.lanes if lane[0] == 4 + flip and abs(lane[1]) >= 0)
        x0, x1 = left[0] - out - nested * 0.5 * out, right[0] + out + nested * 0.5 * out
        up = self._lane(x0, x1, min(left[1], right[1]), -1, style.loop_clear, flip)
        down = self._lane(x0, x1, max(left[1], right[1]), 1, style.loop_clear, flip)
        y = up if left[1] - up <= down - left[1] + 8.0 else down
        self.lanes.append((4 + flip, y, x0, x1))
        points = [left, (x0, left[1]), (x0, y), (x1, y), (x1, right[1]), right]
        if left is not one:
            points.reverse()
        if flip:
            points = [(v, u) for u, v in points]
        return rounded(points, style.loop_corner)

    def _arc(self, link: Link, one: Point, two: Point, side: int) -> Commands:
        """Out of two items of one row on the same side, over what stands between them."""
        flip = bool(VECTORS[side][0])
        if flip:
            one, two = one[::-1], two[::-1]
        sign = -1 if side in (NORTH, WEST) else 1
        start = min(one[1], two[1]) if sign < 0 else max(one[1], two[1])
        x0, x1 = min(one[0], two[0]), max(one[0], two[0])
        y = self._lane(x0, x1, start, sign, self.style.loop_out, flip)
        self.lanes.append((4 + flip, y, x0, x1))
        points = [one, (one[0], y), (two[0], y), two]
        if flip:
            points = [(v, u) for u, v in points]
        return rounded(points, self.style.loop_corner)

    def _lane(
        self, x0: float, x1: float, start: float, sign: int, clear: float, flip: bool
    ) -> float:
        """The nearest free height beyond `start` for a stroke from x0 to x1."""
        boxes = [self.placed.box(m) for m in self.placed.members]
        if flip:
            boxes = [(t, lo, b, hi) for lo, t, hi, b in boxes]
        boxes = [box for box in boxes if box[0] < x1 and x0 < box[2]]
        level = [box for box in boxes if box[1] <= start <= box[3]]
        edge = [box[1] if sign < 0 else box[3] for box in level] or [start]
        y = (min(edge) if sign < 0 else max(edge)) + sign * clear
        moved = True
        while moved:
            moved = False
            for box in boxes:
                if box[1] - 6.0 < y < box[3] + 6.0:
                    y = (box[1] if sign < 0 else box[3]) + sign * self.style.loop_out
                    moved = True
            for kind, at, lo, hi in self.lanes:
                if kind == 4 + flip and lo < x1 and x0 < hi and abs(at - y) < 8.0:
                    y = at + sign * self.style.loop_nested
                    moved = True
        return y

    def _corner_loop(self, one: Point, side: int, two: Point, other: int) -> Commands:
        """A loop from one item to itself that leaves on neighbouring sides, or on the same."""
        out = 2.2 * self.style.loop_out
        (dx, dy), (ex, ey) = VECTORS[side], VECTORS[other]
        if side == other:
            spread = 0.7 * out
            across = (
                (dy, dx) if (two[0] - one[0]) * dy + (two[1] - one[1]) * dx >= 0 else (-dy, -dx)
            )
            first = (one[0] + dx * out - across[0] * spread, one[1] + dy * out - across[1] * spread)
            second = (
                two[0] + dx * out + across[0] * spread,
                two[1] + dy * out + across[1] * spread,
            )
        else:
            first = (one[0] + dx * out + ex * 0.2 * out, one[1] + dy * out + ey * 0.2 * out)
            second = (two[0] + ex * out + dx * 0.2 * out, two[1] + ey * out + dy * 0.2 * out)
        return (("M", (one,)), ("C", (first, second, two)))

    def _curve(self, link: Link, one: Point, side: int, two: Point, other: int) -> Commands:
        """The cubic that meets the fewest shapes; a dot may be left on any side."""
        (a, _), (b, _) = link.ends
        items = self.placed.items
        distance = hypot(two[0] - one[0], two[1] - one[1])
        lengths = [max(16.0, f * distance) for f in (0.45, 0.3, 0.65, 0.9, 1.3)]
        starts = [side, *(s for s in range(4) if s != side)] if items[a].kind == "dot" else [side]
        stops = [other, *(s for s in range(4) if s != other)] if items[b].kind == "dot" else [other]
        ways = [
            (0.01 * (i + j) + 0.05 * abs(i - j) + (0.6 if count else 0.0), s, t, first, second)
            for count, (s, t) in enumerate((s, t) for s in starts for t in stops)
            for i, first in enumerate(lengths)
            for j, second in enumerate(lengths)
        ]
        best: tuple[float, Commands] | None = None
        for least, s, t, first, second in sorted(ways, key=lambda way: way[0]):
            if best is not None and least >= best[0]:
                break
            commands = cubic(one, s, two, t, (first, second))
            points = _points(commands)
            cost = least + 3.0 * self._hits(points, (a, b)) + 0.5 * self._crossings(points)
            if best is None or cost < best[0] - 1e-9:
                best = (cost, commands)
        assert best is not None
        return best[1]

    def _hits(self, points: Sequence[Point], ends: tuple[int, int]) -> int:
        """How many shapes, other than the two it joins, a stroke passes through."""
        around = hull(points)
        count = 0
        for m in self.placed.members:
            room = 3.0 if m not in ends else -1.5
            box = self.placed.box(m, room)
            if not overlap(around, box):
                continue
            if m in ends:
                inside = points[2:-2]
                if self.placed.items[m].kind in ("dot", "end"):
                    continue
            else:
                inside = points
            if len(inside) == 2 or any(
                box[0] < x < box[2] and box[1] < y < box[3] for x, y in inside
            ):
                count += 1
        return count

    def _crossings(self, points: Sequence[Point]) -> int:
        return sum(1 for other in self.drawn if _cross(points, other))


def _points(commands: Commands) -> list[Point]:
    return Path("", "", commands, "", 0.0).points()


def _cross(one: Sequence[Point], two: Sequence[Point]) -> bool:
    """Whether two polylines meet elsewhere than at their ends."""
    if not overlap(hull(one), hull(two)):
        return False
    for a, b in pairwise(one):
        box = hull((a, b))
        for c, d in pairwise(two):
            if not overlap(box, hull((c, d))):
                continue
            p = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
            q = (b[0] - a[0]) * (d[1] - a[1]) - (b[1] - a[1]) * (d[0] - a[0])
            r = (d[0] - c[0]) * (a[1] - c[1]) - (d[1] - c[1]) * (a[0] - c[0])
            s = (d[0] - c[0]) * (b[1] - c[1]) - (d[1] - c[1]) * (b[0] - c[0])
            if p * q < 0 and r * s < 0:
                return True
    return False
