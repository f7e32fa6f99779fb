"""Coefficients and names: what text could not say is refused, nothing is mistaken."""

from __future__ import annotations

import networkx as nx
import pytest
import sympy

import tnalgebra as tn
from tnalgebra.core.nodes import Free, Tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Diagram
from tnalgebra.core.words import RESERVED
from tnalgebra.errors import LimitError, NotationError, SpaceError

A = tn.parse("A[i,j]")
a, i, x = sympy.symbols("a i x")


@pytest.mark.parametrize(
    "coefficient",
    [
        sympy.nan,
        sympy.zoo,
        sympy.oo,
        sympy.Symbol("a b"),
        sympy.Symbol("I"),
        sympy.Symbol("softmax"),
        sympy.besselj(1, x),
        sympy.Function("f")(x),
        sympy.Integral(x, x),
        sympy.GoldenRatio,
        float("nan"),
        "2",
    ],
    ids=str,
)
def test_a_coefficient_that_text_cannot_say_is_refused(coefficient):
    with pytest.raises(NotationError):
        coefficient * A if not isinstance(coefficient, str) else A * coefficient


@pytest.mark.parametrize(
    "coefficient",
    [10**5000, a**20_000, sympy.Rational(1, 10**5000)],
    ids=["long", "power", "small"],
)
def test_a_number_too_long_to_write_is_refused(coefficient):
    with pytest.raises(LimitError):
        coefficient * A


@pytest.mark.parametrize(
    "coefficient",
    [sympy.Float("0.1"), 0.1, sympy.sqrt(sympy.Symbol("x", real=True) ** 2), sympy.cot(a), a**-3],
)
def test_an_allowed_coefficient_prints_and_reads_back(coefficient):
    value = coefficient * A
    assert tn.parse(str(value), where=value.where) == value


def test_two_symbols_of_one_name_are_refused():
    real = sympy.Symbol("a", real=True)
    for combine in (lambda: a * A + real * A, lambda: tn.equation(a * A, real * A)):
        with pytest.raises(NotationError, match="two different symbols are called 'a'"):
            combine()


def test_a_symbol_called_like_a_leg_is_refused():
    for combine in (lambda: i * A, lambda: (x * A).rename(i="x"), lambda: x * A.rename(j="x")):
        with pytest.raises(NotationError, match="is called like a leg"):
            combine()
    assert str(A.legs[0].space.dimension * A) == "dim(i)*A[i,j]"


def test_spaces_of_one_name_and_two_sizes_are_refused():
    three, four = (tn.parse("delta[i,i]", where=f"i = {n}") for n in (3, 4))
    with pytest.raises(SpaceError, match="size 3"):
        tn.equation(three, four)
    with pytest.raises(SpaceError, match="size 3"):
        three + four


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_no_graph_gives_a_reserved_word_to_something_else(word):
    def refused(tensor: str, space: str, leg: str) -> None:
        own = Space(space)
        graph = nx.MultiGraph()
        graph.add_node("t", node=Tensor(tensor, (Leg("i", own),)))
        graph.add_node("f", node=Free(leg, 0))
        graph.add_edge("t", "f", ends=(("t", 0), ("f", 0)), space=own)
        with pytest.raises(tn.TnalgebraError):
            Diagram.from_graph(graph)

    refused(word, "i", "i")
    refused("A", word, "i")
    refused("A", "i", word)
