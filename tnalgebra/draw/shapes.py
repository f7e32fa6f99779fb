"""The outline of each item: what it looks like, how large it is, where its ports lie."""

from __future__ import annotations

from math import sqrt

from tnalgebra.core.nodes import Box, Group, Tensor
from tnalgebra.draw.model import EAST, NORTH, READING, SOUTH, VECTORS, WEST, Item, opposite
from tnalgebra.draw.scene import Circle, Path, Point, Polygon, Rect, Shape, Text
from tnalgebra.draw.style import Style
from tnalgebra.draw.text import Label, name_label

_KAPPA = 0.5523


def classify(item: Item, is_diagonal: bool) -> None:
    """Choose a tensor's shape by what is declared of it, or by its being a diagonal's vector."""
    node = item.node
    assert isinstance(node, Tensor)
    kinds = {fact.kind for fact in node.facts}
    spaces = node.spaces()
    item.ambiguous = len(set(spaces)) < len(spaces)
    item.kind = "circle"
    if node.entries is not None and node.rank == 1:
        item.kind = "data"
    elif kinds & {"unitary", "orthogonal"}:
        item.kind = "square"
    elif "isometry" in kinds:
        fact = next(fact for fact in sorted(node.facts) if fact.kind == "isometry")
        item.kind, item.base = "triangle", fact.sides[0]
        if node.is_inverse:
            item.base = tuple(node.rank - 1 - port for port in item.base)
    elif is_diagonal:
        item.kind = "diagonal"


def measure(item: Item, style: Style) -> None:
    """Set how far an item reaches from its anchor; frames and open ends are set elsewhere."""
    if item.kind == "dot":
        item.reach(style.dot, style.dot)
        return
    if isinstance(item.node, Tensor):
        item.label = tensor_label(item.node, style, "")
        wide = tensor_label(item.node, style, "†" if item.node.is_conj else "")
    else:
        wide = item.label
    half = wide.width / 2
    crowd = style.port_spacing / 2 * max(0, (item.rank + 3) // 4 - 1) + style.corner
    if item.kind == "triangle":
        depth = max(style.triangle_depth, half + 10.0)
        if isinstance(item.node, Group):
            depth = style.reshape_depth
        across = max(depth * style.triangle_base, style.port_spacing / 2 * (item.rank - 1))
        item.depth, item.across = depth, across
        item.reach(depth, across)
    elif item.kind in ("circle", "diagonal"):
        radius = max(style.radius, half + style.label_room, crowd)
        if radius > style.widest_circle:
            item.reach(half + style.label_room + 4.0, max(style.radius, crowd))
        else:
            item.reach(radius, radius)
    else:
        height = max(style.radius, crowd)
        item.reach(max(height, half + style.label_room), height)


def even_out(items: list[Item], style: Style) -> None:
    """Give all discs of one picture the same radius, so that rows look even."""
    discs = [
        item
        for item in items
        if item.kind in ("circle", "diagonal", "square") and item.left == item.top
    ]
    radius = max((item.left for item in discs if item.left <= style.widest_circle), default=0.0)
    for item in discs:
        if item.left < radius:
            item.reach(radius, radius)


def tensor_label(node: Tensor, style: Style, mark: str) -> Label:
    """A tensor's name with its marks; an inverse has the superscript -1."""
    bar = mark if mark == "bar" else ""
    over = "−1" if node.is_inverse else ""
    text = bar + over + (mark if not bar else "")
    return name_label(node.name, style.node_font, style, mark=text)


def orientation_mark(item: Item, sides: dict[int, int]) -> str:
    """How the label says that a tensor stands conjugated or, in a row of matrices, turned round."""
    node = item.node
    assert isinstance(node, Tensor)
    turned = node.rank == 2 and sides.get(0) == EAST and sides.get(1) == WEST
    if item.ambiguous and node.rank == 2 and not item.in_row:
        turned = READING[sides[0]] > READING[sides[1]]
    if node.is_inverse:
        return "bar" if node.is_conj else ""
    if node.is_conj:
        return "†" if turned else "bar"
    shown = item.in_row or item.ambiguous
    plain = item.kind == "triangle" or not node.group.trivial or not shown
    return "T" if turned and not plain else ""


def tip(item: Item, sides: dict[int, int]) -> int:
    """The side to which a triangle points."""
    votes = [0, 0, 0, 0]
    for port, side in sides.items():
        votes[opposite(side) if port in item.base else side] += 1
    if not any(votes):
        return EAST
    return max(range(4), key=lambda side: (votes[side], -side))


def turn(item: Item, sides: dict[int, int]) -> None:
    """Let a triangle reach as far as it does with its tip where its ports want it."""
    if item.kind == "triangle":
        if VECTORS[tip(item, sides)][0]:
            item.reach(item.depth, item.across)
        else:
            item.reach(item.across, item.depth)


def port_point(item: Item, side: int, offset: float, sides: dict[int, int]) -> Point:
    """Where a port on `side` meets the outline, from the anchor; `offset` runs right or down."""
    dx, dy = VECTORS[side]
    if item.kind in ("dot", "end"):
        return (0.0, 0.0)
    if item.kind == "frame":
        left, top, right, bottom = item.border
        return (
            (right, offset)
            if side == EAST
            else (left, offset)
            if side == WEST
            else (offset, top)
            if side == NORTH
            else (offset, bottom)
        )
    if item.kind == "triangle":
        return _triangle_port(item, side, offset, tip(item, sides))
    if item.kind in ("circle", "diagonal") and item.left == item.top:
        depth = sqrt(max(item.left**2 - offset**2, 0.0))
        return (dx * depth, offset) if dx else (offset, dy * depth)
    if item.kind in ("circle", "diagonal") and dx:
        round_ = sqrt(max(item.top**2 - offset**2, 0.0))
        return (dx * (item.left - item.top + round_), offset)
    depth = {EAST: item.right, NORTH: item.top, WEST: item.left, SOUTH: item.bottom}[side]
    return (dx * depth, offset) if dx else (offset, dy * depth)


def _triangle_port(item: Item, side: int, offset: float, points_to: int) -> Point:
    depth, across = item.depth, item.across
    tx, ty = VECTORS[points_to]
    if side == opposite(points_to):
        along, aside = -depth, offset
    elif side == points_to:
        along, aside = depth - abs(offset) * 2 * depth / across, offset
    else:
        sx, sy = VECTORS[side]
        sign = sx + sy
        moved = offset if (tx or ty) > 0 else -offset
        along, aside = moved, sign * across * (depth - moved) / (2 * depth)
    return (tx * along, aside) if tx else (aside, ty * along)


def outline(
    item: Item, x: float, y: float, sides: dict[int, int], style: Style, light: str
) -> list[Shape]:
    """The item's shapes with its label, anchored at (x, y); `light`: "redex", "result" or ""."""
    css = f"node {item.kind}" + (f" hl {light}" if light else "")
    stroke, width = style.ink, style.outline_width
    if light:
        stroke, width = (style.redex if light == "redex" else style.result), style.highlight_width
    if item.kind == "dot":
        return [Circle(item.key, css, x, y, style.dot, style.ink, stroke, width if light else 0.0)]
    conj = isinstance(item.node, Tensor) and item.node.is_conj
    shapes: list[Shape] = []
    if item.inner is not None:
        return _framed(item, x, y, css, style, stroke if light else "", width)
    shift = (0.0, 0.0)
    if item.kind == "triangle":
        points_to = tip(item, sides)
        tx, ty = VECTORS[points_to]
        depth, across = item.depth, item.across
        corners = ((depth, 0.0), (-depth, across), (-depth, -across))
        points = tuple((x + tx * a + ty * b, y + ty * a + tx * b) for a, b in corners)
        fill = style.isometry_conj if conj else style.isometry
        if isinstance(item.node, Group):
            fill = style.reshape
        shapes.append(Polygon(item.key, css, points, fill, stroke, width))
        shift = (-tx * style.triangle_label * depth, -ty * style.triangle_label * depth)
    elif item.kind in ("circle", "diagonal"):
        fill = style.generic_conj if conj else style.generic
        if item.kind == "diagonal":
            fill = style.diagonal
        if item.left == item.top:
            shapes.append(Circle(item.key, css, x, y, item.left, fill, stroke, width))
        else:
            shapes.append(_rect(item, css, x, y, item.top, fill, stroke, width))
    elif item.kind == "square":
        fill = style.unitary_conj if conj else style.unitary
        shapes.append(_rect(item, css, x, y, 1.5, fill, stroke, width))
    elif item.kind == "shared":
        line = stroke if light else style.function_line
        shapes.append(_rect(item, css, x, y, style.corner, style.shared_fill, line, width))
    else:
        shapes.append(_rect(item, css, x, y, style.corner, style.data, stroke, width))
    label = item.label
    if isinstance(item.node, Tensor):
        label = tensor_label(item.node, style, orientation_mark(item, sides))
    core = label.runs[0].size if label.runs else style.node_font
    place = (x + shift[0] - label.width / 2, y + shift[1] + 0.31 * core)
    if item.kind != "triangle" or label.width > 0:
        shapes.append(Text(item.key + ".label", "label", *place, label, style.ink))
    return shapes


def _framed(
    item: Item, x: float, y: float, css: str, style: Style, light: str, width: float
) -> list[Shape]:
    """A frame round what was drawn inside it; a function's name stands outside, at the top left."""
    node = item.node
    assert isinstance(node, Box)
    assert item.inner is not None
    left, top, right, bottom = item.border
    function = node.function is not None
    line = style.function_line if function else style.sum_line
    fill = style.function_fill if function else style.sum_fill
    kind = "bubble" if function else "group"
    shapes: list[Shape] = [
        Rect(
            item.key,
            f"{css} {kind}",
            x + left,
            y + top,
            right - left,
            bottom - top,
            style.bubble_corner,
            fill,
            light or line,
            width if light else style.bubble_width,
            style.tint,
        )
    ]
    if item.label.runs:
        place = (x + item.caption, y + top - 5.0 - item.label.descent)
        shapes.append(Text(item.key + ".label", "label function", *place, item.label, line))
    shapes.extend(item.inner.moved(x, y).shapes)
    return shapes


def ring(item: Item, covers: tuple[str, ...], key: str, colour: str, style: Style) -> Path:
    """A closed line, worth the dimension of its space, centred on (0, 0)."""
    r = style.ring
    k = _KAPPA * r
    commands = (
        ("M", ((r, 0.0),)),
        ("C", ((r, k), (k, r), (0.0, r))),
        ("C", ((-k, r), (-r, k), (-r, 0.0))),
        ("C", ((-r, -k), (-k, -r), (0.0, -r))),
        ("C", ((k, -r), (r, -k), (r, 0.0))),
    )
    return Path(key, "leg ring", commands, colour, style.leg_width, covers)


def _rect(
    item: Item, css: str, x: float, y: float, corner: float, fill: str, stroke: str, width: float
) -> Rect:
    return Rect(
        item.key,
        css,
        x - item.left,
        y - item.top,
        item.left + item.right,
        item.top + item.bottom,
        corner,
        fill,
        stroke,
        width,
    )
