"""Legs that nobody named get names that the declarations do not use."""

from __future__ import annotations

import numpy as np
import pytest

import tnalgebra as tn
from tnalgebra.errors import TnalgebraError

A, B = np.ones((2, 3)), np.ones((3, 4))


@pytest.mark.parametrize("letter", ["i", "j", "k", "q"])
def test_a_size_is_no_letter_of_an_unnamed_leg(letter):
    """Once `m = j + 1` spoke of the leg of inv(D) that was called j, and this was proved."""
    claim = "delta[m]*delta[m] == tr(D @ inv(D)) + 1"
    assert tn.verify(claim, where=f"m = {letter} + 1").status == "refuted"
    value = tn.parse("(A @ B)[x,y]*v[m]", where=f"m = {letter} + 1")
    assert value.evaluate(A=A, B=B, v=np.ones(7)).shape == (2, 4, 7)


@pytest.mark.parametrize("letter", ["i", "j", "n"])
def test_an_entry_is_no_letter_of_an_unnamed_leg(letter):
    """Once the entry i was the size of the matrix, and its trace certified to be 3."""
    where = f"X = [[1, 0], [0, {letter}]]"
    assert tn.verify("tr(X) == 3", where=where).status == "refuted"
    assert tn.parse("tr(X)", where).evaluate({letter: 5}) == 6
    squared = tn.parse("X @ X", where)
    assert tn.parse(str(squared), squared.where) == squared
    np.testing.assert_array_equal(squared.evaluate({letter: 5}), [[1, 0], [0, 25]])


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("X[p,q]*tr(D)", "X[a,b] = i*j*k*a*b + 1; p, q = 2"),
        ("tr(D)*X[a,b]", "X = [[0, 1], [1, j]]; D: tensor(a, b)"),
        (
            "onehot(3)[i]*A[i,0]*delta[j,k,l]*ones[k] -> j,l",
            "i: sp = 7; J1, J2: injections(k; m, n)",
        ),
        ("v[0]*ones[m]", "m = j + 1"),
    ],
)
def test_what_is_printed_says_the_same(text, where):
    value = tn.parse(text, where)
    assert tn.parse(str(value), value.where) == value


@pytest.mark.parametrize("size", ["pi", "I", "2*eye", "group", "1/(m + 1)", "1/2", "n/0"])
def test_what_is_no_size_is_refused(size):
    """Once `k = pi` made a size called pi, which no text could say again."""
    with pytest.raises(TnalgebraError, match="must be a whole number or a formula of sizes"):
        tn.parse("dim(k)*A[k,j]", where=f"k = {size}")


@pytest.mark.parametrize("size", ["10**5000", "10**99999999", "s = 10**5000"])
def test_a_size_is_a_number_that_text_can_say(size):
    """Once the printed size was longer than Python writes, with a traceback."""
    where = f"k: {size}" if "=" in size else f"k = {size}"
    with pytest.raises(TnalgebraError):
        tn.parse("A[k,j]", where=where)


@pytest.mark.parametrize("size", ["10**30", "n/2", "n**2 + 1", "2*n*e", "(n + 1)/3"])
def test_sizes_by_a_formula_are_said_again(size):
    value = tn.parse("dim(k)*A[k,j]", where=f"k = {size}")
    assert tn.parse(str(value), value.where) == value
    assert tn.from_json(value.to_json()) == value
