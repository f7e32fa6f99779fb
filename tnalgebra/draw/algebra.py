"""Sums, products and equations: drawings and operators on one baseline, broken into rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tnalgebra.draw.scene import Drawing, Exit, Shape, Text, drawing
from tnalgebra.draw.style import Style
from tnalgebra.draw.text import Label, run_label


@dataclass(frozen=True)
class Piece:
    """A drawing, and the space before it; `breaks`: a row may end before it."""

    drawing: Drawing
    before: float = 0.0
    breaks: bool = False


def operator(sign: str, key: str, style: Style) -> Drawing:
    """ "=", "+" or "−" with its middle on the baseline."""
    label = run_label(sign, style.operator_font, italic=False)
    return text_drawing(label, key, "operator", style.ink, 0.30 * style.operator_font)


def text_drawing(label: Label, key: str, css: str, colour: str, drop: float) -> Drawing:
    """A label as a drawing whose baseline runs `drop` above that of the text."""
    return drawing([Text(key, css, 0.0, drop, label, colour)])


def in_rows(pieces: Sequence[Piece], style: Style, widest: float) -> Drawing:
    """Pieces side by side, a new row with a hanging indent wherever one would be too wide.

    The baseline is that of a single row; of several rows, the first's.
    """
    rows: list[list[Piece]] = [[]]
    x, held = 0.0, 0.0
    for number, piece in enumerate(pieces):
        if piece.breaks:
            ahead = _ahead(pieces, number)
            if rows[-1] and held + ahead > widest:
                rows.append([])
                held = style.hanging_indent
        rows[-1].append(piece)
        held += (piece.before if len(rows[-1]) > 1 else 0.0) + piece.drawing.width
    shapes: list[Shape] = []
    exits: list[Exit] = []
    y = 0.0
    for count, row in enumerate(rows):
        top = min((piece.drawing.top for piece in row), default=0.0)
        bottom = max((piece.drawing.bottom for piece in row), default=0.0)
        if count:
            y += style.row_space - top
        x = style.hanging_indent if count else 0.0
        for place, piece in enumerate(row):
            x += piece.before if place else 0.0
            moved = piece.drawing.moved(x - piece.drawing.left, y)
            shapes.extend(moved.shapes)
            exits.extend(moved.exits)
            x += piece.drawing.width
        y += bottom
    return drawing(shapes, exits)


def _ahead(pieces: Sequence[Piece], number: int) -> float:
    """The width from a piece to the next place where a row may end."""
    width = 0.0
    for place in range(number, len(pieces)):
        if place > number and pieces[place].breaks:
            break
        width += pieces[place].before + pieces[place].drawing.width
    return width
