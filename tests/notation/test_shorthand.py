"""The notation's shorthand as Python functions: the same values as text."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

import tnalgebra as tn
from tnalgebra.errors import NotationError

WHERE = "A: invertible(i, j)"
A, B, V = tn.parse("A[i,j]", WHERE), tn.parse("B[i,j]"), tn.parse("v[i]")


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (tn.ones("i"), "ones[i]"),
        (tn.onehot(2, "i"), "onehot(2)[i]"),
        (tn.inv(A)["p", "q"], "inv(A)[p,q]"),
        (tn.inv(A.T)["p", "q"], "inv(A.T)[p,q]"),
        (tn.pinv(A)["p", "q"], "pinv(A)[p,q]"),
        (tn.inv(tn.inv(A))["p", "q"], "inv(inv(A))[p,q]"),
        (tn.inv(A + B)["p", "q"], "inv(A[i,j] + B[i,j])[p,q]"),
        (tn.inv(2 * A)["p", "q"], "inv(2*A[i,j])[p,q]"),
        (tn.tr(A), "tr(A)"),
        (tn.diag(V)["p", "q"], "diag(v)[p,q]"),
        (tn.softmax(A, "j"), "softmax(A[i,j], j)"),
        (tn.causal_softmax(A, "i", "j"), "causal_softmax(A[i,j], i, j)"),
        (tn.exp(A), "exp(A[i,j])"),
        (tn.tanh(A), "tanh(A[i,j])"),
        (tn.relu(A), "relu(A[i,j])"),
        (tn.gelu(A), "gelu(A[i,j])"),
    ],
    ids=str,
)
def test_they_are_what_text_says(made, text):
    assert made == tn.parse(text, WHERE)


def test_inverses_are_numbers():
    rng = np.random.default_rng(0)
    a, b, c = rng.random((3, 3)), rng.random((3, 3)), rng.random((2, 4))
    np.testing.assert_allclose(tn.inv(A).evaluate(A=a), np.linalg.inv(a))
    np.testing.assert_allclose(tn.inv(A.T).evaluate(A=a), np.linalg.inv(a.T))
    np.testing.assert_allclose(tn.inv(A + B).evaluate(A=a, B=b), np.linalg.inv(a + b))
    np.testing.assert_allclose(tn.pinv(B.T).evaluate(B=c), np.linalg.pinv(c.T))


@pytest.mark.parametrize(
    "make",
    [
        lambda: tn.inv(V),
        lambda: tn.inv(B),
        lambda: tn.diag(A),
        lambda: tn.onehot(-1, "i"),
        lambda: tn.onehot(True, "i"),
        lambda: tn.ones("delta"),
        lambda: tn.softmax(A, "k"),
    ],
)
def test_what_does_not_fit_is_refused(make):
    with pytest.raises(NotationError):
        make()


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: tn.exp(3), "exp(3)"),
        (lambda: tn.sqrt(2), "sqrt(2)"),
        (lambda: tn.exp(sympy.Symbol("alpha")), "exp(alpha)"),
        (lambda: tn.bubble("abs", -3), "3"),
    ],
)
def test_a_function_of_a_number_is_that_of_text(make, text):
    assert make() == tn.parse(text)


@pytest.mark.parametrize(
    "make",
    [
        lambda: tn.exp(np.ones(2)),
        lambda: tn.exp("A"),
        lambda: tn.relu(3),
        lambda: tn.softmax(3, "z"),
        lambda: tn.tr(3),
        lambda: tn.diag(3),
        lambda: tn.shared(3),
        lambda: tn.tr(np.eye(2)),
    ],
)
def test_what_is_no_value_is_refused(make):
    """Once these were AttributeErrors."""
    with pytest.raises(NotationError):
        make()
