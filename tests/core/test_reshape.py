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


WIDE, TALL = np.arange(6.0).reshape(2, 3), np.arange(1.0, 7.0).reshape(3, 2)


def test_the_trace_of_a_product_of_oblongs_needs_sizes_and_says_so():
    """Once the message spoke of broadcasting, and of a space that nobody had named."""
    row, column = tn.tensor("B", "i j"), tn.tensor("A", "i j")
    with pytest.raises(ArrayError, match="both are the space") as refused:
        tn.tr(tn.kron(row, column)).evaluate(B=TALL, A=WIDE)
    said = refused.value.hint.splitlines()
    assert "has two factorings: parts whose sizes are free are the same in both" in said[0]
    assert "every part needs a size" in said[1]
    sized = eval(said[2].removesuffix(" and so on"), {"tn": tn})
    other = tn.tensor("A", [Leg("i", Space("i", 2)), Leg("j", Space("j", 3))])
    found = tn.tr(tn.kron(sized, other)).evaluate(B=TALL, A=WIDE)
    assert found == np.trace(np.kron(TALL, WIDE))


@pytest.mark.parametrize(
    ("where", "works"),
    [
        ("i = 3; j = 2; k = 2; l = 3", True),
        ("i = 3; j = 2; k = 2", True),
        ("i, l: p; j, k: q", True),
        ("", False),
        ("j = 2; k = 2", False),
    ],
)
def test_which_declarations_tell_two_factorings_apart(where, works):
    value = tn.parse("tr(kron(B[i,j], A[k,l]))", where)
    if works:
        assert value.evaluate(B=TALL, A=WIDE) == np.trace(np.kron(TALL, WIDE))
    else:
        with pytest.raises(ArrayError, match="two factorings"):
            value.evaluate(B=TALL, A=WIDE)
    square = tn.parse("tr(kron(B[i,j], A[k,l]))")
    assert square.evaluate(B=np.eye(3), A=np.eye(2)) == 6


@pytest.mark.parametrize("inside", [lambda one: one, tn.exp])
def test_another_split_of_a_grouped_leg_needs_all_sizes(inside):
    part = Leg("a", Space("a", 3))
    with pytest.raises(ArrayError, match="the leg 'x' has two factorings"):
        inside(A.group(x="i j")).split(x=(part, "b")).evaluate(A=WIDE)
    sized = tn.tensor("A", [Leg("i", Space("i", 2)), Leg("j", Space("j", 3))])
    value = inside(sized.group(x="i j")).split(x=(part, "b"))
    assert value.evaluate(A=0 * WIDE).shape == (3, 2)


def test_a_size_that_two_tensors_disagree_on_is_no_matter_of_factorings():
    with pytest.raises(ArrayError, match="never broadcast"):
        tn.parse("group(A[i,j]*B[j,k], x=(i,k))").evaluate(A=WIDE, B=WIDE)


@pytest.mark.parametrize(
    ("make", "way_out"),
    [
        (
            lambda: tn.parse("tr(kron(B[i,j], A[k,l]))", "i: p; j: q"),
            "needs the sizes of all parts of both, or the same spaces: q = 2 in `where`",
        ),
        (
            lambda: tn.parse("split(group(A[i,j], x=(i,j)), x=(a,b,c))"),
            "a leg of two factorings needs the sizes of all parts of both",
        ),
        (lambda: tn.parse("split(v[x], x=(a,b))", "x = 12"), "all parts but one: a = 2 in `where`"),
        (lambda: tn.parse("split(v[x], x=(a,b))", "x = 7; a = 2"), "2 does not divide 7"),
        (
            lambda: tn.parse("split(v[x], x=(a,b))", "x = 7; a = 2; b = 3"),
            "the sizes of parts multiply to the size of their leg",
        ),
        (
            lambda: tn.parse("v[x]", "x = 12").split(x="a b"),
            "all parts but one: a = 2 in `where`, or in Python tn.Leg('a', tn.Space('a', 2))",
        ),
        (
            lambda: tn.parse("v[x]", "x = 7").split(x=(Leg("a", Space("a", 2)), "b")),
            "2 does not divide 7",
        ),
    ],
)
def test_parts_that_do_not_fit_are_refused_with_the_way_out(make, way_out):
    with pytest.raises(SpaceError, match="cannot have the parts") as refused:
        make()
    assert way_out in refused.value.hint
