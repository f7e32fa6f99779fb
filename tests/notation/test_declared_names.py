"""Legs that nobody named get names that the declarations do not use."""

from __future__ import annotations

import numpy as np
import pytest

import tnalgebra as tn

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
