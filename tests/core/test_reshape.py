"""Reshapes in Python: their spaces, their sizes, and that they are what text says."""

from __future__ import annotations

import numpy as np
import pytest

import tnalgebra as tn
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.errors import ArrayError, DeclarationError, NotationError, SpaceError

A = tn.tensor("A", "i j")
T = tn.tensor("T", "i j k")


def test_a_part_with_a_size_is_the_part_of_before():
    """Once the other part got the size i*j/2, which text refused."""
    value = A.group(x=("i", "j")).split(x=(Leg("a", Space("as", 2)), "b"))
    assert tn.parse(str(value), value.where) == value
    array = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(value.evaluate(A=array), array)
    with pytest.raises(ArrayError, match="size"):
        value.evaluate(A=np.ones((3, 2)))


@pytest.mark.parametrize("sized", [0, 1])
def test_a_sized_part_of_a_leg_that_was_grouped_inside_a_function(sized):
    """Once the text of these could not be read."""
    parts = ["a", "b"]
    parts[sized] = Leg("s", Space("bs", 3))
    for matrix in (A, tn.symmetric("S", "i j")):
        value = tn.exp(matrix.group(g=("i", "j"))).split(g=parts)
        assert tn.parse(str(value), value.where) == value


def test_parts_of_another_kind():
    value = T.group(x="i j k").split(x=(Leg("a", Space("as", 2)), "b"))
    assert tn.parse(str(value), value.where) == value
    array = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(value.evaluate(T=array), array.reshape(2, 12))
    with pytest.raises(ArrayError, match=r"size i\*j\*k/2 = 27/2"):
        value.evaluate(T=np.ones((3, 3, 3)))


@pytest.mark.parametrize(
    ("text", "where", "size"),
    [
        ("split(v[x], x=(a,b))", "a, b: s", 9),
        ("split(v[x], x=(a,b,c))", "a, b, c: s", 8),
        ("split(v[x], x=(a,b))", "a: s; b = 2*s", 18),
        ("split(v[x], x=(a,b))", "a: s; b = s + 1", 12),
    ],
)
def test_sizes_that_a_product_of_them_tells(text, where, size):
    """Once 9 was said to be s**2 for no size s."""
    value = tn.parse(text, where)
    found = value.evaluate(v=np.arange(float(size)))
    np.testing.assert_array_equal(found.ravel(), np.arange(float(size)))
    with pytest.raises(ArrayError, match="for any size s"):
        value.evaluate(v=np.ones(size - 1))


def test_a_size_may_be_a_fraction_of_another():
    value = tn.parse("W[h,e]*x[h]", "h: hidden; e = hidden/4")
    assert tn.parse(str(value), value.where) == value
    assert value.evaluate(W=np.ones((8, 2)), x=np.ones(8)).shape == (2,)
    with pytest.raises(ArrayError, match="the size"):
        value.evaluate(W=np.ones((6, 1)), x=np.ones(6))
    assert tn.parse("A[h,e]", "h: hidden = 12; e = hidden/4").legs[1].space.size == 3
    with pytest.raises(SpaceError, match="13/4"):
        tn.parse("A[h,e]", "h: hidden = 13; e = hidden/4")
    with pytest.raises(DeclarationError, match="whole number or a formula"):
        tn.parse("A[h,e]", "h: hidden; e = hidden/0")
    assert tn.verify("A[h,e] == 2*A[h,e]", where="h: n; e = n/2").status == "refuted"


P = tn.parse("P[q,d]", "q: seq; d: hid")
LOOSE = [
    lambda: P["p", "d"] * tn.tensor("R", "i")["seq"],
    lambda: P * tn.delta("d", "seq", "x"),
    lambda: (tn.tensor("R", "i j")["i", "j"] * P["i1", "d"]).group(hid=("i", "d")),
    lambda: tn.contract(P["p", "d"], A["seq", "b"], keep="p seq"),
    lambda: P["d", "seq"],
    lambda: P["p", "d"] + tn.tensor("R", "i j")["p", "d"].rename(d="seq"),
    lambda: P.T.rename(d="seq"),
]


@pytest.mark.parametrize("make", LOOSE, ids=range(len(LOOSE)))
def test_a_leg_called_like_another_space_is_refused(make):
    """Once the text of these read back as a value in which the leg ranges over that space."""
    with pytest.raises(NotationError):
        make()


def test_a_leg_called_like_its_own_space():
    assert (
        P["seq", "hid"] * A["seq", "b"]
        == tn.parse("P[q,d]*A[q,b] -> d,b", "q: seq; d: hid")["hid", "b"]
    )
    assert tn.contract(P["p", "d"], A["p", "b"], keep="p b").legs[0].space.name == "seq"
