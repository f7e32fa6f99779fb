"""The SVG writer: one element a shape, numbers to one decimal, nothing computed but strings."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from tnalgebra.draw.scene import Circle, Drawing, Path, Polygon, Rect, Shape, Text
from tnalgebra.draw.style import Style


def svg(drawing: Drawing, style: Style, title: str = "") -> str:
    """The drawing, its margin added, as one SVG document."""
    margin = style.margin
    moved = drawing.moved(margin - drawing.left, margin - drawing.top)
    width, height = number(drawing.width + 2 * margin), number(drawing.height + 2 * margin)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="{style.fonts}" role="img">'
    ]
    if title:
        lines.append(f"<title>{escape(title)}</title>")
    lines.append(f'<rect width="{width}" height="{height}" fill="{style.background}"/>')
    for shape in moved.shapes:
        lines.extend(_element(shape, style))
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    """A length to one decimal, without a negative zero.

    >>> number(-0.01), number(2.25)
    ('0.0', '2.2')
    """
    text = f"{value:.1f}"
    return "0.0" if text == "-0.0" else text


def _element(shape: Shape, style: Style) -> list[str]:
    head = f"data-id={quoteattr(shape.id)} class={quoteattr(shape.css)}"
    if isinstance(shape, Path):
        data = " ".join(
            letter + " ".join(f"{number(x)} {number(y)}" for x, y in points)
            for letter, points in shape.commands
        )
        return [
            f'<path {head} d="{data}" fill="none" stroke="{shape.stroke}" '
            f'stroke-width="{shape.width}" stroke-linecap="round" stroke-linejoin="round"/>'
        ]
    if isinstance(shape, Text):
        return _text(shape, head, style)
    paint = f'fill="{shape.fill}" stroke="{shape.stroke}" stroke-width="{shape.width}"'
    if isinstance(shape, Circle):
        return [
            f'<circle {head} cx="{number(shape.x)}" cy="{number(shape.y)}" '
            f'r="{number(shape.radius)}" {paint}/>'
        ]
    if isinstance(shape, Rect):
        faint = f' fill-opacity="{shape.opacity}"' if shape.opacity < 1 else ""
        return [
            f'<rect {head} x="{number(shape.x)}" y="{number(shape.y)}" width="{number(shape.w)}" '
            f'height="{number(shape.h)}" rx="{number(shape.corner)}" {paint}{faint}/>'
        ]
    assert isinstance(shape, Polygon)
    points = " ".join(f"{number(x)},{number(y)}" for x, y in shape.points)
    return [f'<polygon {head} points="{points}" {paint} stroke-linejoin="round"/>']


def _text(shape: Text, head: str, style: Style) -> list[str]:
    lines = [f"<g {head}>"]
    for halo in (True, False):
        if halo and not shape.halo:
            continue
        paint = (
            f'fill="{style.background}" stroke="{style.background}" stroke-width="{shape.halo}"'
            if halo
            else f'fill="{shape.fill}"'
        )
        for run in shape.label.runs:
            slant = ' font-style="italic"' if run.italic else ""
            lines.append(
                f'<text x="{number(shape.x + run.x)}" y="{number(shape.y + run.y)}" '
                f'font-size="{number(run.size)}"{slant} textLength="{number(run.width)}" '
                f'lengthAdjust="spacingAndGlyphs" {paint}>{escape(run.text)}</text>'
            )
    for rule in shape.label.rules:
        x, y = shape.x + rule.x, shape.y + rule.y
        lines.append(
            f'<path d="M{number(x)} {number(y)} L{number(x + rule.width)} {number(y)}" '
            f'stroke="{shape.fill}" stroke-width="1.0" fill="none"/>'
        )
    lines.append("</g>")
    return lines
