"""The pieces of a picture alone: measured text, coefficients, colours, grid places."""

from __future__ import annotations

import pytest
import sympy

import tnalgebra as tn
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram
from tnalgebra.draw.layout import arrange
from tnalgebra.draw.legs import cubic, rounded
from tnalgebra.draw.mathtext import factor_label, math_label
from tnalgebra.draw.model import EAST, NORTH, picture
from tnalgebra.draw.style import Style
from tnalgebra.draw.svg import number
from tnalgebra.draw.text import name_label, name_parts, text_width

STYLE = Style()


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("A", ("A", "")),
        ("A12", ("A", "12")),
        ("W_Q", ("W", "Q")),
        ("W_Q1", ("W", "Q1")),
        ("WQ1", ("W", "Q1")),
        ("sigma", ("σ", "")),
        ("sigma_2", ("σ", "2")),
        ("lambda_", ("λ", "")),
        ("head_size", ("head size", "")),
        ("copy", ("copy", "")),
        ("onehot(3)", ("e", "3")),
    ],
)
def test_names_become_letters_and_subscripts(name: str, parts: tuple[str, str]) -> None:
    assert name_parts(name) == parts


def test_a_label_is_as_wide_as_its_runs() -> None:
    label = name_label("W_Q1", 15.0, STYLE)
    assert label.width == pytest.approx(max(run.x + run.width for run in label.runs))
    assert text_width("WW", 10.0) == pytest.approx(2 * text_width("W", 10.0))


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (sympy.Integer(-2), "−2"),
        (sympy.Rational(1, 2), "12"),
        (sympy.Symbol("alpha") ** 2, "α2"),
        (sympy.sqrt(sympy.Symbol("d")), "√d"),
        (1 / sympy.sqrt(sympy.Symbol("d")), "1√d"),
        (sympy.Symbol("a") - sympy.Symbol("b"), "a−b"),
        (sympy.I * sympy.pi, "iπ"),
        (sympy.exp(sympy.Symbol("x")), "exp(x)"),
    ],
)
def test_coefficients_are_set_as_text(expression: sympy.Expr, text: str) -> None:
    assert math_label(expression, 15.0, STYLE).plain() == text


def test_the_imaginary_unit_is_upright_as_no_index_is() -> None:
    (unit,) = math_label(sympy.I, 15.0, STYLE).runs
    (index,) = math_label(sympy.Symbol("i"), 15.0, STYLE).runs
    assert (unit.text, unit.italic, index.text, index.italic) == ("i", False, "i", True)


def test_only_a_sum_in_front_of_something_has_brackets() -> None:
    a, b = sympy.symbols("a b")
    assert factor_label(a + b, 15.0, STYLE).plain() == "(a+b)"
    assert factor_label(a * b, 15.0, STYLE).plain() == "ab"


@pytest.mark.parametrize(
    ("space", "colour"),
    [
        (Space("pos"), STYLE.sequence),
        (Space("q", declared=True), STYLE.sequence),
        (Space("q"), STYLE.ink),
        (Space("hidden"), STYLE.hidden),
        (Space("head_size"), STYLE.head_size),
        (Space("heads"), STYLE.heads),
        (Space("vocab"), STYLE.vocabulary),
        (Space("i"), STYLE.ink),
        (None, STYLE.ink),
    ],
)
def test_legs_are_coloured_by_what_their_space_means(space: Space | None, colour: str) -> None:
    assert STYLE.leg_colour(space) == colour


def test_two_legged_deltas_become_one_link() -> None:
    diagram = tn.parse("A[i,j]*eye[j,k]*eye[k,l]*B[l,m]")
    assert isinstance(diagram, Diagram)
    shown = picture(diagram, "")
    assert [item.kind for item in shown.items] == ["circle", "circle", "end", "end"]
    assert sorted(len(link.covers) for link in shown.links) == [1, 1, 3]
    assert shown.rings == []


def test_a_closed_identity_is_a_ring() -> None:
    diagram = tn.parse("delta[i,j]*delta[i,j]")
    assert isinstance(diagram, Diagram)
    shown = picture(diagram, "")
    assert shown.items == []
    assert [len(link.covers) for _, link in shown.rings] == [2]


def test_every_item_has_a_cell_of_its_own_and_every_port_a_side() -> None:
    diagram = tn.parse("A[a,b,i]*B[b,c,j]*C[c,d,k]*D[d,e,l]*E[e,a,m]")
    assert isinstance(diagram, Diagram)
    shown = picture(diagram, "")
    grid = arrange(shown.items, shown.links, range(len(shown.items)))
    assert len(set(grid.cells.values())) == len(shown.items)
    for number_, item in enumerate(shown.items):
        assert sorted(grid.sides[number_]) == list(range(item.rank))


def test_strokes_start_and_end_where_they_should() -> None:
    assert cubic((0.0, 0.0), EAST, (9.0, 9.0), NORTH, (4.0, 2.0)) == (
        ("M", ((0.0, 0.0),)),
        ("C", ((4.0, 0.0), (9.0, 7.0), (9.0, 9.0))),
    )
    bend = rounded([(0.0, 0.0), (30.0, 0.0), (30.0, 30.0)], 10.0)
    assert [letter for letter, _ in bend] == ["M", "L", "C", "L"]
    assert bend[1][1] == ((20.0, 0.0),)
    assert bend[2][1][-1] == (30.0, 10.0)


def test_numbers_have_one_decimal_and_no_negative_zero() -> None:
    assert [number(value) for value in (1, -0.04, 2.06)] == ["1.0", "0.0", "2.1"]
