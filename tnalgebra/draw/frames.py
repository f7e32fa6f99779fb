"""Bubbles and groups: a border round a drawing, its open ends led out through the border."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from tnalgebra.core.nodes import Box
from tnalgebra.core.values import Diagram
from tnalgebra.draw.legs import rounded
from tnalgebra.draw.model import EAST, NORTH, SOUTH, VECTORS, WEST, Item
from tnalgebra.draw.scene import Bounds, Drawing, Exit, Path, Point, Shape, Text, overlap
from tnalgebra.draw.style import Style
from tnalgebra.draw.text import Label, beside, name_label, run_label

_TURN = 10.0
_APART = 8.0


def frame(item: Item, node: Box, inner: Drawing, style: Style, names: bool) -> None:
    """Size a frame round `inner` and fix the side and place of each of its ports."""
    pad = style.bubble_padding
    crowded = names and node.rank > 2 and not isinstance(node.content, Diagram)
    if crowded:
        pad += style.free_font + 4.0
    border = (inner.left - pad, inner.top - pad, inner.right + pad, inner.bottom + pad)
    item.label = function_label(node, style) if node.function is not None else Label()
    least = item.label.width + style.bubble_corner * 1.6
    if border[2] - border[0] < least:
        border = (border[0], border[1], border[0] + least, border[3])
    if isinstance(node.content, Diagram):
        inner, item.fixed = _lead_out(inner, border, node.rank)
    else:
        item.fixed = _spread(node.rank, border)
    middle = (border[0] + border[2]) / 2
    item.fixed = tuple(
        (side, offset if VECTORS[side][0] else offset - middle) for side, offset in item.fixed
    )
    item.inner = inner.moved(-middle, 0.0)
    item.border = (border[0] - middle, border[1], border[2] - middle, border[3])
    item.caption, item.right = _beside_legs(item, style)
    above = item.label.height + 6.0 if item.label.runs else 0.0
    if crowded:
        item.inner = _with_port_names(item, node, item.inner, style)
    item.left = -item.border[0]
    item.top, item.bottom = above - border[1], border[3]


def _beside_legs(item: Item, style: Style) -> tuple[float, float]:
    """Where a frame's name may start without standing on a leg, and how far the frame reaches."""
    start = item.border[0] + style.bubble_corner * 0.6
    for x in sorted(offset for side, offset in item.fixed if side == NORTH):
        if start - 4.0 < x < start + item.label.width + 4.0:
            start = x + 6.0
    return start, max(item.border[2], start + item.label.width)


def function_label(node: Box, style: Style) -> Label:
    """A function's name and the legs along which it is applied."""
    assert node.function is not None
    size = style.free_font
    parts = [run_label(node.function.name.replace("_", " "), size)]
    for count, port in enumerate(node.function.along):
        parts.append(run_label("," if count else " ", size, italic=False))
        parts.append(name_label(node.legs[port].name, size * 0.85, style))
    return beside(parts)


def _spread(rank: int, border: Bounds) -> tuple[tuple[int, float], ...]:
    """Sides for the legs of a sum: the first left, the last right, the others below."""
    if rank == 1:
        return ((EAST, 0.0),)
    between = rank - 2
    step = (border[2] - border[0]) / (between + 1)
    below = [(SOUTH, border[0] + step * (k + 1)) for k in range(between)]
    return ((WEST, 0.0), *below, (EAST, 0.0)) if rank else ()


def _with_port_names(item: Item, node: Box, inner: Drawing, style: Style) -> Drawing:
    """Name the legs of a sum at the inside of its border, as its terms name theirs."""
    names: list[Shape] = []
    left, _, right, bottom = item.border
    for port, (side, offset) in enumerate(item.fixed):
        label = name_label(node.legs[port].name, style.free_font, style)
        colour = style.leg_colour(node.legs[port].space)
        middle = (label.ascent - label.descent) / 2
        x, y = {
            EAST: (right - 4.0 - label.width, offset + middle),
            WEST: (left + 4.0, offset + middle),
        }.get(side, (offset - label.width / 2, bottom - 4.0 - label.descent))
        names.append(Text(f"{item.key}.port{port}", "label port", x, y, label, colour))
    return replace(inner, shapes=(*inner.shapes, *names))


def _lead_out(
    inner: Drawing, border: Bounds, rank: int
) -> tuple[Drawing, tuple[tuple[int, float], ...]]:
    """Go on from each open end to the border, straight on where nothing is in the way."""
    fixed: list[tuple[int, float]] = [(WEST, 0.0)] * rank
    taken: list[Point] = []
    shapes = list(inner.shapes)
    for end in sorted(inner.exits, key=lambda e: e.position):
        side, points = _way_out(end, border, shapes, taken)
        last = points[-1]
        fixed[end.position] = (side, last[1] if VECTORS[side][0] else last[0])
        taken.append(last)
        shapes = [
            _extended(shape, end, points)
            if isinstance(shape, Path) and shape.id == end.path
            else shape
            for shape in shapes
        ]
    return Drawing(tuple(shapes), border[0], border[1], border[2], border[3]), tuple(fixed)


def _extended(path: Path, end: Exit, points: Sequence[Point]) -> Path:
    """The path, going on from its open end through further points."""
    tail = rounded([(end.x, end.y), *points], 8.0)[1:]
    start = path.commands[0][1][0]
    if abs(start[0] - end.x) + abs(start[1] - end.y) < 0.01:
        return replace(path, commands=(*_reversed(path), *tail))
    return replace(path, commands=(*path.commands, *tail))


def _reversed(path: Path) -> tuple[tuple[str, tuple[Point, ...]], ...]:
    """The same stroke drawn from its other end."""
    ends = [points[-1] for _, points in path.commands]
    back: list[tuple[str, tuple[Point, ...]]] = [("M", (ends[-1],))]
    for number in range(len(path.commands) - 1, 0, -1):
        letter, points = path.commands[number]
        controls = points[:-1][::-1]
        back.append((letter, (*controls, ends[number - 1])))
    return tuple(back)


def _way_out(
    end: Exit, border: Bounds, shapes: Sequence[Shape], taken: Sequence[Point]
) -> tuple[int, list[Point]]:
    dx, dy = VECTORS[end.side]
    best: tuple[int, int, list[Point]] | None = None
    straight = (end.side, [_reach((end.x, end.y), end.side, border)])
    ways = [straight]
    for out in (_TURN, 3.0):
        turn = (end.x + dx * out, end.y + dy * out)
        aside = (NORTH, SOUTH) if dx else (WEST, EAST)
        ways += [(side, [turn, _reach(turn, side, border)]) for side in aside]
    for side, points in ways:
        hits = _hits([(end.x, end.y), *points], shapes)
        hits += sum(abs(points[-1][0] - x) + abs(points[-1][1] - y) < _APART for x, y in taken)
        if best is None or hits < best[0]:
            best = (hits, side, points)
        if not hits:
            break
    assert best is not None
    return best[1], best[2]


def _reach(point: Point, side: int, border: Bounds) -> Point:
    x, y = point
    return {
        EAST: (border[2], y),
        NORTH: (x, border[1]),
        WEST: (border[0], y),
        SOUTH: (x, border[3]),
    }[side]


def _hits(points: Sequence[Point], shapes: Sequence[Shape]) -> int:
    count = 0
    for (x0, y0), (x1, y1) in pairwise(points):
        box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        for shape in shapes:
            if isinstance(shape, Path):
                continue
            if overlap(box, shape.bounds(), 2.0):
                count += 1
    return count
