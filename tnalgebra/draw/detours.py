"""Ways round for a leg whose usual stroke would run through shapes or along another leg."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import hypot

from tnalgebra.draw.model import VECTORS
from tnalgebra.draw.placement import Placed
from tnalgebra.draw.scene import Point, hull, overlap

_SAMPLE = 3.0
_NEAR = 2.0
_START = 8.0
_SLANTS: tuple[Point, ...] = ((0.71, -0.71), (-0.71, -0.71), (-0.71, 0.71), (0.71, 0.71))


def sampled(points: Sequence[Point]) -> list[Point]:
    """Points along a polyline, at most a few px apart."""
    found: list[Point] = []
    for (ax, ay), (bx, by) in pairwise(points):
        count = max(1, int(hypot(bx - ax, by - ay) / _SAMPLE))
        found += [(ax + (bx - ax) * k / count, ay + (by - ay) * k / count) for k in range(count)]
    return [*found, points[-1]]


def covered(points: Sequence[Point], placed: Placed, ends: tuple[int, int]) -> int:
    """How many items a stroke runs through, labels of open ends included."""
    around = hull(points)
    count = 0
    for m in placed.members:
        kind = placed.items[m].kind
        if m in ends and kind in ("dot", "end"):
            continue
        if m in ends and kind == "frame":
            item, (x, y) = placed.items[m], placed.anchors[m]
            start, base = x + item.caption, y + item.border[1] - 4.0
            stop, upper = start + item.label.width, base - item.label.height
            count += any(start < u < stop and upper < v < base for u, v in points)
            continue
        left, top, right, bottom = placed.box(m, -2.5 if m in ends else 1.0)
        if not overlap(around, (left, top, right, bottom)):
            continue
        inner = [(x, y) for x, y in points if left < x < right and top < y < bottom]
        if m in ends:
            inner = [
                (x, y)
                for x, y in inner
                if all(hypot(x - u, y - v) > _START for u, v in (points[0], points[-1]))
            ]
        count += bool(inner)
    return count


def shared_length(points: Sequence[Point], drawn: Sequence[Sequence[Point]]) -> float:
    """How far a stroke runs along strokes that are drawn already, in px."""
    steps = [
        (x, y, (u - x) / far, (v - y) / far, far)
        for (x, y), (u, v) in pairwise(points)
        if (far := hypot(u - x, v - y)) > 0.01
    ]
    around = hull(points)
    total = 0.0
    for other in drawn:
        if not overlap(around, _grown(hull(other))):
            continue
        for (ax, ay), (bx, by) in pairwise(other):
            length = hypot(bx - ax, by - ay)
            if length < 0.01:
                continue
            ex, ey = (bx - ax) / length, (by - ay) / length
            for x, y, dx, dy, far in steps:
                along = (x - ax) * ex + (y - ay) * ey
                aside = abs((x - ax) * ey - (y - ay) * ex)
                if aside < _NEAR and 0.0 <= along <= length and abs(dx * ey - dy * ex) < 0.25:
                    total += far
    return total


def _grown(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    return (box[0] - _NEAR, box[1] - _NEAR, box[2] + _NEAR, box[3] + _NEAR)


def directions(kind: str, side: int) -> list[Point]:
    """Where a leg may leave an item: a dot on all sides and at a slant, others on their side."""
    first = (float(VECTORS[side][0]), float(VECTORS[side][1]))
    if kind != "dot":
        return [first]
    straight = [(float(dx), float(dy)) for dx, dy in VECTORS]
    return [first, *(way for way in straight if way != first), *_SLANTS]


def polylines(
    placed: Placed, one: Point, leave: Point, two: Point, arrive: Point, out: float
) -> Iterator[list[Point]]:
    """Level and upright strokes between two ports, past the edges of the items."""
    if 0.0 not in leave or 0.0 not in arrive:
        return
    boxes = [placed.box(m) for m in placed.members]
    if leave[1]:
        boxes = [(top, left, bottom, right) for left, top, right, bottom in boxes]
        for turned in _level(boxes, one[::-1], leave[::-1], two[::-1], arrive[::-1], out):
            yield [(x, y) for y, x in turned]
    else:
        yield from _level(boxes, one, leave, two, arrive, out)


def _level(
    boxes: Sequence[tuple[float, float, float, float]],
    one: Point,
    leave: Point,
    two: Point,
    arrive: Point,
    out: float,
) -> Iterator[list[Point]]:
    reaches = (0.6 * out, out, 1.5 * out)
    lanes = sorted(
        {
            edge + far
            for box in boxes
            for edge, sign in ((box[1], -1), (box[3], 1))
            for far in (sign * 9.0, sign * out, sign * 1.6 * out)
        }
    )
    for reach in reaches:
        x = one[0] + leave[0] * reach
        for other in reaches:
            if arrive[1]:
                y = two[1] + arrive[1] * other
                yield [one, (x, one[1]), (x, y), (two[0], y), two]
                continue
            z = two[0] + arrive[0] * other
            for y in lanes:
                yield [one, (x, one[1]), (x, y), (z, y), (z, two[1]), two]
