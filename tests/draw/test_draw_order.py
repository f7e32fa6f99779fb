"""Where ports stand: declared order along a side, and unequal values that must look unequal."""

from __future__ import annotations

import random

import pytest

import tnalgebra as tn
from tnalgebra.draw.picture import scene, to_svg
from tnalgebra.draw.scene import Circle, Path, Point, Polygon, Text

ISOMETRY = "V: isometry(m,n -> a); m,n: p"
PAIRS = {
    "twisted isometry": ("V[m,n,a]*conj(V)[m,n,b]", "V[m,n,a]*conj(V)[n,m,b]", ISOMETRY),
    "nested or crossed loops": ("A[i,i,j,j]", "A[i,j,i,j]", ""),
    "swapped ports": ("A[i,j]*B[i,j,k] -> k", "A[i,j]*B[i,k,j] -> k", "i,j,k: p"),
    "turned isometry": (
        "A[i,j]*B[i,j,k] -> k",
        "A[j,i]*B[i,j,k] -> k",
        "A: isometry(l0 -> l1); i,j,k: p",
    ),
}


def bonds(text: str, where: str) -> list[tuple[Point, Point]]:
    """The ends, left one first, of the legs that join two triangles."""
    drawing = scene(tn.parse(text, where=where))
    left, right = sorted((s for s in drawing.shapes if isinstance(s, Polygon)), key=lambda s: s.id)
    inner = (left.bounds()[0] + 1.0, right.bounds()[2] - 1.0)
    found = []
    for path in (s for s in drawing.shapes if isinstance(s, Path)):
        points = path.points()
        start, stop = sorted((points[0], points[-1]))
        if inner[0] < start[0] and stop[0] < inner[1]:
            found.append((start, stop))
    return sorted(found)


def shapes_alone(text: str, where: str, labels: str) -> list[object]:
    """What is drawn, without the ids and the names of edges that no reader sees."""
    drawing = scene(tn.parse(text, where=where), labels=labels)  # type: ignore[arg-type]
    return [
        shape.commands
        if isinstance(shape, Path)
        else (shape.bounds(), shape.label.plain() if isinstance(shape, Text) else "")
        for shape in drawing.shapes
    ]


@pytest.mark.parametrize("labels", ["free", "all"])
@pytest.mark.parametrize("name", PAIRS)
def test_unequal_values_are_drawn_unlike(name: str, labels: str) -> None:
    one, two, where = PAIRS[name]
    assert tn.parse(one, where=where) != tn.parse(two, where=where)
    assert shapes_alone(one, where, labels) != shapes_alone(two, where, labels)


def test_the_legs_of_an_isometry_cross_only_where_they_are_swapped() -> None:
    first, second = bonds("V[m,n,a]*conj(V)[m,n,b]", ISOMETRY)
    assert first[0][1] < second[0][1]
    assert first[1][1] < second[1][1]
    first, second = bonds("V[m,n,a]*conj(V)[n,m,b]", ISOMETRY)
    assert first[0][1] < second[0][1]
    assert first[1][1] > second[1][1]


def test_the_declared_sides_of_an_isometry_leave_opposite_each_other() -> None:
    drawing = scene(tn.parse("A[i,j]*B[i,j,k] -> k", where="A: isometry(l0 -> l1); i,j,k: p"))
    (triangle,) = [s for s in drawing.shapes if isinstance(s, Polygon)]
    left, _, right, _ = triangle.bounds()
    ends = {
        round(x, 1)
        for path in drawing.shapes
        if isinstance(path, Path)
        for x, _ in (path.points()[0], path.points()[-1])
    }
    assert {round(left, 1), round(right, 1)} <= ends


def test_free_legs_of_one_side_stand_in_port_order() -> None:
    drawing = scene(tn.parse("A[a,b,c,d,e,f,g,h] -> h,a,c,b,g,f,e,d"))
    (disc,) = [s for s in drawing.shapes if isinstance(s, Circle)]
    groups: dict[tuple[bool, bool], list[tuple[float, str]]] = {}
    for text in (s for s in drawing.shapes if isinstance(s, Text) and "free" in s.css):
        left, top, right, bottom = text.bounds()
        dx, dy = (left + right) / 2 - disc.x, (top + bottom) / 2 - disc.y
        level = abs(dx) > abs(dy)
        side = (level, (dx if level else dy) > 0)
        groups.setdefault(side, []).append((dy if level else dx, text.label.plain()))
    assert max(len(names) for names in groups.values()) > 1
    for names in groups.values():
        found = [name for _, name in sorted(names)]
        assert found == sorted(found)


def swapped(seed: int) -> tuple[str, str, str]:
    """A random network in one space, and the same with two legs of one tensor swapped."""
    draw = random.Random(seed)
    ranks = [draw.choice((2, 2, 3, 3, 4)) for _ in range(draw.randint(2, 4))]
    slots = [(k, p) for k, rank in enumerate(ranks) for p in range(rank)]
    draw.shuffle(slots)
    names = {slot: f"i{number // 2}" for number, slot in enumerate(slots)}
    free = [f"i{len(slots) // 2}"] if len(slots) % 2 else []
    k = draw.randrange(len(ranks))
    p, q = draw.sample(range(ranks[k]), 2)
    other = {**names, (k, p): names[k, q], (k, q): names[k, p]}

    def text(legs: dict[tuple[int, int], str]) -> str:
        tensors = (
            f"{chr(65 + n)}[{','.join(legs[n, port] for port in range(rank))}]"
            for n, rank in enumerate(ranks)
        )
        return "*".join(tensors) + " -> " + ",".join(free)

    return text(names), text(other), ",".join(sorted(set(names.values()))) + ": p"


def test_one_swap_seldom_leaves_the_picture_as_it_was() -> None:
    alike, unequal = [], 0
    for seed in range(60):
        one, two, where = swapped(seed)
        first, second = tn.parse(one, where=where), tn.parse(two, where=where)
        if first == second:
            continue
        unequal += 1
        if to_svg(first) == to_svg(second):
            alike.append(one)
    assert unequal > 30
    assert len(alike) <= unequal // 10, alike
