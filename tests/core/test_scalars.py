"""Coefficients and names: what text could not say is refused, nothing is mistaken."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import mpmath
import networkx as nx
import numpy as np
import pytest
import sympy

import tnalgebra as tn
from tnalgebra.core.nodes import Free, Tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Diagram
from tnalgebra.core.words import RESERVED
from tnalgebra.errors import LimitError, NotationError, SpaceError

A = tn.parse("A[i,j]")
a, alpha, i, x = sympy.symbols("a alpha i x")


b, c = sympy.symbols("b c")


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
        Decimal("0.1"),
    ],
    ids=str,
)
def test_a_coefficient_that_text_cannot_say_is_refused(coefficient):
    with pytest.raises(NotationError):
        coefficient * A if not isinstance(coefficient, str) else A * coefficient


@pytest.mark.parametrize(
    "coefficient",
    [
        10**5000,
        a**20_000,
        sympy.Rational(1, 10**5000),
        Fraction(1, 10**5000),
        sympy.Float(mpmath.mpf(2) ** 10**15),
    ],
    ids=["long", "power", "small", "fraction", "float"],
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


@pytest.mark.parametrize(
    ("given", "exact"),
    [
        (Fraction(1, 3), sympy.Rational(1, 3)),
        (0.1, sympy.Rational(1, 10)),
        (2.0**70, 2**70),
        (-(2.0**70) * 1j, -(2**70) * sympy.I),
        (sympy.Float(2.0**70), 2**70),
        (sympy.Float("0.1", 30), sympy.Rational(1, 10)),
        (sympy.Float(0.0), 0),
        (np.float32(0.5), sympy.Rational(1, 2)),
        (np.int64(3), 3),
        (mpmath.mpf("0.5"), sympy.Rational(1, 2)),
    ],
    ids=str,
)
def test_numbers_are_taken_exactly(given, exact):
    """Once 1/3 lost its digits after the 16th, and 2.0**70 was 3424 too small."""
    assert (A * given).coefficient == exact
    assert tn.parse("alpha*A[i,j]").substitute("alpha", given) == exact * A


def test_a_number_that_a_float_does_not_hold_is_refused():
    with mpmath.workprec(200), pytest.raises(NotationError, match="more digits than a float"):
        A * (mpmath.mpf(1) / 3)


@pytest.mark.parametrize(
    "symbol",
    [
        *(sympy.Symbol("a", **{kind: True}) for kind in ("positive", "integer", "imaginary")),
        *(sympy.Symbol("a", **{kind: True}) for kind in ("zero", "nonzero", "negative", "complex")),
        sympy.Symbol("a", commutative=False),
        sympy.Symbol("a", prime=True),
        sympy.Dummy("a"),
        sympy.Wild("a"),
    ],
    ids=str,
)
def test_a_symbol_that_text_gives_back_as_another_is_refused(symbol):
    for give in (
        lambda: A * symbol,
        lambda: A + symbol * A,
        lambda: tn.equation(symbol, 1),
        lambda: tn.parse("alpha*A[i,j]").substitute("alpha", symbol),
        lambda: tn.tensor("X", "i", entries=[symbol, 1]),
        lambda: tn.tensor("X", "i", entries=sympy.Lambda(x, symbol + x)),
        lambda: Diagram.from_graph(_graph(symbol)),
    ):
        with pytest.raises(NotationError, match=r"(?s)with its assumptions.*take sympy\.Symbol"):
            give()


@pytest.mark.parametrize(
    "symbol", [a, sympy.Symbol("a", real=True), sympy.Symbol("a", integer=True, positive=True)]
)
def test_a_symbol_that_text_can_say_comes_back(symbol):
    entries = sympy.Lambda(x, symbol + x)
    for value in (
        A * symbol,
        Diagram.from_graph(_graph(symbol)),
        tn.tensor("X", "i", entries=[symbol, 1]),
        tn.tensor("X", "i", entries=entries),
    ):
        assert tn.parse(str(value), value.where) == value


def _graph(coefficient):
    graph = A.graph.copy()
    graph.graph["coefficient"] = coefficient
    return graph


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


def test_a_symbol_called_like_a_tensor_is_refused():
    """Once A*Symbol("A") printed A*A[i,j], which is no text."""
    name = sympy.Symbol("A")
    for combine in (
        lambda: name * A,
        lambda: A + name * tn.parse("B[i,j]"),
        lambda: tn.exp(A) * name,
        lambda: tn.equation(name * tn.parse("B[i,j]"), A),
        lambda: tn.parse("alpha*A[i,j]").substitute("alpha", name),
        lambda: tn.tensor("A", "i", entries=[name, 1]),
        lambda: Diagram.from_graph(_graph(name)),
    ):
        with pytest.raises(NotationError, match="'A' is called like a tensor"):
            combine()


def test_a_symbol_called_like_a_named_space_is_refused():
    value = tn.parse("A[i,j]", "i: seq")
    for combine in (
        lambda: value * sympy.Symbol("seq"),
        lambda: (alpha * value).substitute("alpha", sympy.Symbol("seq", real=True)),
    ):
        with pytest.raises(NotationError, match="'seq' is called like a space"):
            combine()
    assert value * Space("seq").dimension == tn.parse("seq*A[i,j]", "i: seq")


def test_a_symbol_put_for_another_is_checked_like_a_factor():
    with pytest.raises(NotationError, match="'i' is called like a leg"):
        (alpha * A).substitute("alpha", i)
    with pytest.raises(NotationError, match="two different symbols are called 'a'"):
        (alpha * A + a * A).substitute("alpha", sympy.Symbol("a", real=True))
    assert (alpha * A).substitute("alpha", a) == a * A


def test_a_summed_index_gives_way_to_a_symbol():
    """Once it printed j*A[x,j]*B[j,y], which is dim(j)*A[x,j]*B[j,y]."""
    value = (tn.tensor("A", "i j") @ tn.tensor("B", "j k"))["x", "y"] * sympy.Symbol("j")
    assert str(value) == "j*A[x,j1]*B[j1,y]"
    assert tn.parse(str(value), value.where) == value


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


@pytest.mark.parametrize(
    "coefficient",
    [
        (a + b + c) ** 400,
        (a + b + c) ** -400,
        (a + b) ** 200 * (a + c) ** 200,
        sympy.exp((a + b + c) ** 400),
        (a + b + c) ** (x + 400),
        ((a + b) ** 200 + 1) ** 200,
        ((a + b) ** 9000 + c) ** 9000,
    ],
    ids=str,
)
def test_what_has_too_many_terms_multiplied_out_is_not_compared(coefficient):
    value = coefficient * A
    assert tn.parse(str(value)).coefficient == coefficient
    for asked in (hash, lambda one: one == A):
        with pytest.raises(LimitError, match="more than 10000 terms"):
            asked(value)


@pytest.mark.parametrize(
    "coefficient",
    [
        (a + b + c) ** 40,
        a**12000 * b,
        (2 * a * b) ** 12000,
        (a + b) ** sympy.Symbol("n"),
        sympy.sqrt(a + b) ** 3 / (b + c),
        (a + 1) ** 500,
    ],
    ids=lambda one: str(one)[:20],
)
def test_what_has_fewer_terms_is_compared_multiplied_out(coefficient):
    value = coefficient * A
    same = sympy.expand(coefficient) * A
    assert value == same
    assert hash(value) == hash(same)
    assert value != (coefficient + 1) * A
