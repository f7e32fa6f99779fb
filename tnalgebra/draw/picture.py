"""The entry: a value as one SVG picture."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace

from tnalgebra.core.build import shared as one_box
from tnalgebra.core.nodes import Box, Free
from tnalgebra.core.values import Diagram, Equation, Value
from tnalgebra.draw.algebra import Piece, in_rows, operator
from tnalgebra.draw.diagram import Labels, Painter
from tnalgebra.draw.scene import Drawing, drawing
from tnalgebra.draw.shared import Shared
from tnalgebra.draw.style import Style
from tnalgebra.draw.svg import svg
from tnalgebra.errors import NotationError

_PLAIN = Style()
_LABELS, _MARKS = ("free", "all", "none"), ("redex", "result")


def to_svg(
    value: Value | Equation,
    *,
    style: Style = _PLAIN,
    labels: Labels = "free",
    highlight: Mapping[Hashable, str] | None = None,
) -> str:
    """A diagram, sum or equation as an SVG picture, the same text on every run.

    labels: "free" names the free legs and one leg of each coloured space, "all" every leg by its
    space, "none" nothing. highlight: node ids of a diagram ((term, node id) of a sum, ("lhs" or
    "rhs", such a key) of an equation), each "redex" or "result". Raises NotationError for other
    words.

    >>> import tnalgebra as tn
    >>> to_svg(tn.parse("A[i,j]*B[j,k]")).count("<circle")
    2
    """
    return svg(scene(value, style=style, labels=labels, highlight=highlight), style)


def scene(
    value: Value | Equation,
    *,
    style: Style = _PLAIN,
    labels: Labels = "free",
    highlight: Mapping[Hashable, str] | None = None,
) -> Drawing:
    """The display list of the picture that `to_svg` writes."""
    for given, known in [
        (labels, _LABELS),
        *((mark, _MARKS) for mark in (highlight or {}).values()),
    ]:
        if given not in known:
            raise NotationError(
                f"a picture cannot have {given!r} here", hint=f"known are {', '.join(known)}"
            )
    whole = [value.lhs, value.rhs] if isinstance(value, Equation) else [value]
    sides = [_opened(side) for side in whole] if not highlight else whole
    shared = Shared(sides, style)
    painter = Painter(style, labels, shared)
    light = dict(highlight or {})
    pieces: list[Piece] = []
    for number, side in enumerate(sides):
        prefix = ("lhs.", "rhs.")[number] if len(sides) == 2 else ""
        own = light
        if len(sides) == 2:
            name = prefix.rstrip(".")
            own = {k[1]: v for k, v in light.items() if isinstance(k, tuple) and k[0] == name}
        found = painter.value(side, prefix, own)
        if number:
            pieces.append(Piece(operator("=", "equals", style), style.operator_space, True))
            found = [replace(found[0], before=style.operator_space), *found[1:]]
        pieces.extend(found)
    rows = [in_rows(pieces, style, style.widest_row - 2 * style.margin)]
    done = 0
    while done < len(shared.contents):
        content = shared.contents[done]
        done += 1
        left = painter.value(one_box(content), f"where{done}.", {})
        right = painter.value(content, f"is{done}.", {})
        equals = Piece(operator("=", f"where{done}.equals", style), style.operator_space, True)
        right = [replace(right[0], before=style.operator_space), *right[1:]]
        rows.append(in_rows([*left, equals, *right], style, style.widest_row - 2 * style.margin))
    return _stacked(rows, style)


def _opened(value: Value) -> Value:
    """The content of a value that is nothing but one box without a function."""
    while isinstance(value, Diagram) and value.coefficient == 1 and len(value.boxes) == 1:
        (box,) = value.boxes
        graph = value.graph
        if box.function is not None or graph.number_of_nodes() != 1 + box.rank:
            break
        if any(
            graph.nodes[free]["node"].position != port
            for _, _, data in graph.edges(data=True)
            for (n, port), (free, _) in (data["ends"], data["ends"][::-1])
            if isinstance(graph.nodes[n]["node"], Box)
            and isinstance(graph.nodes[free]["node"], Free)
        ):
            break
        if [leg.name for leg in box.content.legs] != [leg.name for leg in value.legs]:
            break
        value = box.content
    return value


def _stacked(rows: list[Drawing], style: Style) -> Drawing:
    shapes = list(rows[0].moved(-rows[0].left, 0.0).shapes)
    y = rows[0].bottom
    for row in rows[1:]:
        moved = row.moved(-row.left, y + 1.3 * style.row_space - row.top)
        shapes.extend(moved.shapes)
        y = moved.bottom
    return drawing(shapes)
