"""The display list: plain data that writers print and tests read; no writer computes geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tnalgebra.draw.text import Label

Point = tuple[float, float]
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Path:
    """A stroke: "M", "L" and "C" commands with absolute points; `covers` are the edges it draws."""

    id: str
    css: str
    commands: tuple[tuple[str, tuple[Point, ...]], ...]
    stroke: str
    width: float
    covers: tuple[str, ...] = ()

    def moved(self, dx: float, dy: float) -> Path:
        """The same stroke elsewhere."""
        return replace(
            self,
            commands=tuple(
                (letter, tuple((x + dx, y + dy) for x, y in points))
                for letter, points in self.commands
            ),
        )

    def points(self) -> list[Point]:
        """Points along the stroke, close enough together to test what it meets."""
        found: list[Point] = []
        for letter, points in self.commands:
            if letter == "M":
                found.append(points[0])
                continue
            x0, y0 = found[-1]
            steps = 12
            for step in range(1, steps + 1):
                t = step / steps
                if letter == "L":
                    (x1, y1) = points[0]
                    found.append((x0 + (x1 - x0) * t, y0 + (y1 - y0) * t))
                else:
                    (a, b), (c, d), (e, f) = points
                    u = 1 - t
                    p, q, r, s = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
                    found.append((p * x0 + q * a + r * c + s * e, p * y0 + q * b + r * d + s * f))
        return found

    def bounds(self) -> Bounds:
        """Left, top, right, bottom."""
        return hull(self.points())


@dataclass(frozen=True, slots=True)
class Circle:
    """A disc."""

    id: str
    css: str
    x: float
    y: float
    radius: float
    fill: str
    stroke: str
    width: float

    def moved(self, dx: float, dy: float) -> Circle:
        """The same disc elsewhere."""
        return replace(self, x=self.x + dx, y=self.y + dy)

    def bounds(self) -> Bounds:
        """Left, top, right, bottom."""
        r = self.radius
        return (self.x - r, self.y - r, self.x + r, self.y + r)


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle with rounded corners; `opacity` is that of its fill alone."""

    id: str
    css: str
    x: float
    y: float
    w: float
    h: float
    corner: float
    fill: str
    stroke: str
    width: float
    opacity: float = 1.0

    def moved(self, dx: float, dy: float) -> Rect:
        """The same rectangle elsewhere."""
        return replace(self, x=self.x + dx, y=self.y + dy)

    def bounds(self) -> Bounds:
        """Left, top, right, bottom."""
        return (self.x, self.y, self.x + self.w, self.y + self.h)


@dataclass(frozen=True, slots=True)
class Polygon:
    """A filled polygon."""

    id: str
    css: str
    points: tuple[Point, ...]
    fill: str
    stroke: str
    width: float

    def moved(self, dx: float, dy: float) -> Polygon:
        """The same polygon elsewhere."""
        return replace(self, points=tuple((x + dx, y + dy) for x, y in self.points))

    def bounds(self) -> Bounds:
        """Left, top, right, bottom."""
        return hull(self.points)


@dataclass(frozen=True, slots=True)
class Text:
    """A label with the left end of its baseline at (x, y); `halo` px of white behind it."""

    id: str
    css: str
    x: float
    y: float
    label: Label
    fill: str
    halo: float = 0.0

    def moved(self, dx: float, dy: float) -> Text:
        """The same text elsewhere."""
        return replace(self, x=self.x + dx, y=self.y + dy)

    def bounds(self) -> Bounds:
        """Left, top, right, bottom."""
        label = self.label
        return (self.x, self.y - label.ascent, self.x + label.width, self.y + label.descent)


Shape = Path | Circle | Rect | Polygon | Text


@dataclass(frozen=True)
class Exit:
    """An open end of a drawing: free leg `position` points to `side` from (x, y)."""

    position: int
    side: int
    x: float
    y: float
    path: str


@dataclass(frozen=True)
class Drawing:
    """Shapes around a baseline y = 0, the box they fill, and the open ends among them."""

    shapes: tuple[Shape, ...]
    left: float
    top: float
    right: float
    bottom: float
    exits: tuple[Exit, ...] = field(default=())

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    def moved(self, dx: float, dy: float) -> Drawing:
        """The same drawing elsewhere."""
        return Drawing(
            tuple(shape.moved(dx, dy) for shape in self.shapes),
            self.left + dx,
            self.top + dy,
            self.right + dx,
            self.bottom + dy,
            tuple(replace(e, x=e.x + dx, y=e.y + dy) for e in self.exits),
        )


def drawing(shapes: Sequence[Shape], exits: Sequence[Exit] = ()) -> Drawing:
    """Shapes with the box they fill."""
    if not shapes:
        return Drawing((), 0.0, 0.0, 0.0, 0.0, tuple(exits))
    boxes = [shape.bounds() for shape in shapes]
    return Drawing(
        tuple(shapes),
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
        tuple(exits),
    )


def overlap(a: Bounds, b: Bounds, room: float = 0.0) -> bool:
    """Whether two boxes meet, or come closer than `room`."""
    return a[0] < b[2] + room and b[0] < a[2] + room and a[1] < b[3] + room and b[1] < a[3] + room


def hull(points: Sequence[Point]) -> Bounds:
    """The smallest box round some points."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (min(xs), min(ys), max(xs), max(ys))
