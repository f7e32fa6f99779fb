"""Names beside legs: each is put where it meets neither a shape nor a leg nor another name."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tnalgebra.draw.scene import Bounds, Path, Point, Shape, Text, overlap
from tnalgebra.draw.style import Style
from tnalgebra.draw.text import Label

_ABOVE, _RIGHT = 5.0, 6.0


def caption(
    label: Label,
    path: Path,
    key: str,
    shapes: Sequence[Shape],
    others: Sequence[Path],
    style: Style,
) -> Text | None:
    """The label beside a leg; None where no place along it is free."""
    solid = [shape.bounds() for shape in shapes if not isinstance(shape, Path)]
    strokes = [other.points() for other in others]
    points = path.points()
    for x, y in _places(points, label):
        text = Text(key, "label leg-name", x, y, label, path.stroke, style.halo)
        box = text.bounds()
        if any(overlap(box, other, 1.0) for other in solid):
            continue
        if any(_touches(box, stroke) for stroke in strokes):
            continue
        return text
    return None


def _places(points: Sequence[Point], label: Label) -> list[Point]:
    """Places to try, the middle of the leg first: above a level leg, right of an upright one."""
    half, rise = label.width / 2, label.ascent
    middle = len(points) / 2
    order = sorted(range(1, len(points)), key=lambda k: (abs(k - middle), k))
    level: list[Point] = []
    for k in order:
        (x0, y0), (x1, y1) = points[k - 1], points[k]
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        above = (x - half, y - _ABOVE - label.descent * 0.6)
        below = (x - half, y + _ABOVE + rise)
        right = (x + _RIGHT, y + rise / 2)
        left = (x - _RIGHT - label.width, y + rise / 2)
        if abs(x1 - x0) >= abs(y1 - y0):
            level += [above, below]
        else:
            level += [right, left]
    return level


def _touches(box: Bounds, stroke: Sequence[Point]) -> bool:
    left, top, right, bottom = box
    for (x0, y0), (x1, y1) in pairwise(stroke):
        for t in (0.0, 0.25, 0.5, 0.75, 1.0):
            x, y = x0 + (x1 - x0) * t, y0 + (y1 - y0) * t
            if left < x < right and top < y < bottom:
                return True
    return False
