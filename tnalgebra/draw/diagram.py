"""One diagram, or the content of a box, as a drawing: items, grid, px, legs, labels."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from tnalgebra.core.nodes import Box, Free, Group, Tensor
from tnalgebra.core.values import Diagram, Sum, Value
from tnalgebra.draw.algebra import Piece, in_rows, operator, text_drawing
from tnalgebra.draw.captions import caption
from tnalgebra.draw.frames import frame
from tnalgebra.draw.layout import arrange
from tnalgebra.draw.legs import Router
from tnalgebra.draw.mathtext import factor_label
from tnalgebra.draw.model import (
    EAST,
    VECTORS,
    WEST,
    Item,
    Link,
    Picture,
    components,
    opposite,
    picture,
    prefer_sides,
)
from tnalgebra.draw.placement import Placed, place
from tnalgebra.draw.scene import Drawing, Exit, Shape, Text, drawing
from tnalgebra.draw.shapes import classify, even_out, measure, outline, ring
from tnalgebra.draw.shared import Shared
from tnalgebra.draw.style import Style
from tnalgebra.draw.text import Label, name_label, run_label

Labels = Literal["free", "all", "none"]
Ends = Literal["named", "led out", "stubs", "named stubs"]
Light = Mapping[Hashable, str]


class Painter:
    """Draws values; one painter a picture, so that each coloured space is named once."""

    def __init__(self, style: Style, labels: Labels, shared: Shared) -> None:
        self.style = style
        self.labels = labels
        self.shared = shared
        self.named: set[str] = set()

    def value(
        self,
        value: Value,
        prefix: str,
        light: Light,
        *,
        depth: int = 0,
        ends: Ends = "named",
    ) -> list[Piece]:
        """The terms of a value with their signs; `ends`: what becomes of its free legs."""
        if isinstance(value, Diagram):
            return self._term(value, prefix, light, depth, ends, 0)
        assert isinstance(value, Sum)
        if not value.terms:
            zero = run_label("0", self.style.node_font, italic=False)
            label = text_drawing(zero, f"{prefix}zero", "number", self.style.ink, self._drop)
            return [Piece(label)]
        pieces: list[Piece] = []
        for number, term in enumerate(value.terms):
            own = {
                key[1]: mark
                for key, mark in light.items()
                if isinstance(key, tuple) and len(key) == 2 and key[0] == number
            }
            found = self._term(term, f"{prefix}t{number}.", own, depth, ends, number)
            pieces.extend(found)
        return pieces

    @property
    def _drop(self) -> float:
        return 0.33 * self.style.node_font

    def _term(
        self, term: Diagram, prefix: str, light: Light, depth: int, ends: Ends, number: int
    ) -> list[Piece]:
        """The sign, the coefficient and the parts of one term."""
        style, coefficient = self.style, term.coefficient
        pieces: list[Piece] = []
        negative = bool(coefficient.could_extract_minus_sign())
        if negative:
            coefficient = -coefficient
        if number or negative:
            sign = operator("−" if negative else "+", f"{prefix}sign", style)
            pieces.append(Piece(sign, style.operator_space if number else 0.0, number > 0))
        parts = self.parts(term, prefix, light, depth, ends)
        space = style.operator_space if number else 6.0
        if coefficient != 1 or not parts:
            label = factor_label(coefficient, style.node_font + 1.0, style)
            text = text_drawing(label, f"{prefix}factor", "number", style.ink, self._drop)
            pieces.append(Piece(text, space))
            space = 12.0
        for part in parts:
            pieces.append(Piece(part, space))
            space = style.gap * 0.8
        return pieces

    def parts(
        self, diagram: Diagram, prefix: str, light: Light, depth: int, ends: Ends
    ) -> list[Drawing]:
        """The connected parts of a diagram, in the order of their first nodes."""
        style = self.style
        if ends != "named":
            short = style.inner_stub if ends != "named stubs" else 2 * style.inner_stub
            style = replace(style, stub=short)
        shown = picture(diagram, prefix)
        self._prepare(shown, style, depth, ends)
        marks = {
            item.key: mark
            for item in shown.items
            for name in item.names
            if (mark := light.get(name, ""))
        }
        leg_marks = {
            link.key: mark
            for link in [*shown.links, *(link for _, link in shown.rings)]
            for name in link.deltas
            if (mark := light.get(name, ""))
        }
        parts = [
            self._part(shown, members, style, marks, leg_marks, ends)
            for members in components(shown)
        ]
        for item, link in shown.rings:
            line = ring(item, link.covers, link.key, style.leg_colour(link.space), style)
            if mark := leg_marks.get(link.key, ""):
                colour = style.redex if mark == "redex" else style.result
                line = replace(
                    line, css=f"{line.css} hl {mark}", stroke=colour, width=style.highlight_width
                )
            parts.append(drawing([line]))
        return parts

    def _prepare(self, shown: Picture, style: Style, depth: int, ends: Ends) -> None:
        """Shapes, sizes and labels of all items."""
        partners: dict[int, list[Item]] = {}
        for link in shown.links:
            (a, _), (b, _) = link.ends
            partners.setdefault(a, []).append(shown.items[b])
            partners.setdefault(b, []).append(shown.items[a])
        for number, item in enumerate(shown.items):
            node = item.node
            if isinstance(node, Tensor):
                near = partners.get(number, [])
                item.in_row = all(one.kind != "dot" and one.rank <= 2 for one in near)
                classify(item, node.name in self.shared.diagonals)
            elif isinstance(node, Group):
                item.kind, item.base = "triangle", tuple(range(1, node.rank))
            elif isinstance(node, Free):
                if self.labels != "none" and ends in ("named", "named stubs"):
                    item.label = name_label(node.name, style.free_font, style)
                continue
            elif isinstance(node, Box):
                if self.shared.collapsed(node, depth):
                    item.kind, item.label = "shared", self.shared.label(node)
                else:
                    self._frame(item, node, depth)
                    continue
            measure(item, style)
        even_out(shown.items, style)

    def _frame(self, item: Item, node: Box, depth: int) -> None:
        ends: Ends = "led out"
        if isinstance(node.content, Sum):
            ends = "named stubs" if node.rank > 2 else "stubs"
        pieces = self.value(node.content, f"{item.key}.", {}, depth=depth + 1, ends=ends)
        inner = in_rows(pieces, self.style, self.style.widest_row - 120.0)
        frame(item, node, inner, self.style, self.labels != "none")

    def _part(
        self,
        shown: Picture,
        members: list[int],
        style: Style,
        marks: dict[str, str],
        leg_marks: dict[str, str],
        ends: Ends,
    ) -> Drawing:
        items = shown.items
        inside = set(members)
        links = [link for link in shown.links if link.ends[0][0] in inside]
        wanted = self._names_wanted(items, links, ends)
        prefer_sides(shown, members)
        grid = arrange(items, links, members)
        room = {key: label.width + 12.0 for key, label in wanted.items()}
        placed = place(items, links, members, grid, style, room)
        paths = Router(placed, style).route(links, leg_marks)
        shapes: list[Shape] = []
        exits: list[Exit] = []
        for m in members:
            x, y = placed.anchors[m]
            if items[m].kind != "end":
                shapes += outline(
                    items[m], x, y, placed.sides[m], style, marks.get(items[m].key, "")
                )
            elif ends == "led out":
                (path,) = [p for p, link in zip(paths, links, strict=True) if _ends_at(link, m)][:1]
                outward = opposite(placed.sides[m][0])
                exits.append(Exit(items[m].position, outward, x, y, path.id))
            else:
                shapes += self._end_label(placed, m, links, style)
        for link, path in zip(links, paths, strict=True):
            if link.key in wanted:
                label = wanted[link.key]
                others = [p for p in paths if p is not path]
                text = caption(label, path, f"{link.key}.label", shapes, others, style)
                if text is not None:
                    shapes.append(text)
                    self.named.add(link.space.name)
        return drawing([*paths, *shapes], exits).moved(0.0, -placed.baseline)

    def _names_wanted(
        self, items: Sequence[Item], links: Sequence[Link], ends: Ends
    ) -> dict[str, Label]:
        """The labels of inner legs: all of them, or the first of each coloured space."""
        wanted: dict[str, Label] = {}
        if self.labels == "none":
            return wanted
        style = self.style
        asked: set[str] = set()
        for link in links:
            if any(items[m].kind == "end" for m, _ in link.ends) and ends == "named":
                self.named.add(link.space.name)
        for link in links:
            if any(items[m].kind == "end" for m, _ in link.ends):
                continue
            name = link.space.name
            coloured = style.leg_colour(link.space) != style.ink
            if self.labels == "all" or (coloured and name not in self.named and name not in asked):
                asked.add(name)
                wanted[link.key] = name_label(name, style.leg_font, style)
        return wanted

    def _end_label(
        self, placed: Placed, m: int, links: Sequence[Link], style: Style
    ) -> list[Shape]:
        item, (x, y) = placed.items[m], placed.anchors[m]
        label = item.label
        if not label.runs:
            return []
        outward = opposite(placed.sides[m][0])
        upward = VECTORS[outward][1] < 0
        middle = y + (label.ascent - label.descent) / 2 - 0.5
        if outward == EAST:
            place_at = (x + style.label_gap, middle)
        elif outward == WEST:
            place_at = (x - style.label_gap - label.width, middle)
        else:
            start = (
                y - style.label_gap - label.descent
                if upward
                else y + style.label_gap + label.ascent
            )
            place_at = (x - label.width / 2, start)
        (colour,) = [style.leg_colour(link.space) for link in links if _ends_at(link, m)][:1]
        return [Text(f"{item.key}.label", "label free", *place_at, label, colour)]


def _ends_at(link: Link, m: int) -> bool:
    return any(n == m for n, _ in link.ends)
