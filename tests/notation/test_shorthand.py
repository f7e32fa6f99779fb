"""The notation's shorthand as Python functions: the same values as text."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

import tnalgebra as tn
from tnalgebra.errors import NotationError, SpaceError

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
        (tn.causal("p", "q"), "causal[p,q]"),
        (tn.conj(A)["p", "q"], "conj(A)[p,q]"),
        (tn.conj(A + 2j * B), "conj(A[i,j] + 2*I*B[i,j])"),
        (tn.sum(A, "j"), "sum(A[i,j], j)"),
        (tn.sum(A, "i j"), "sum(A[i,j], i, j)"),
        (tn.sum(A), "sum(A[i,j], i, j)"),
        (tn.group(A, ij=("i", "j")), "group(A[i,j], ij=(i,j))"),
        (tn.split(V, i=("p", "q")), "split(v[i], i=(p,q))"),
        (tn.split(tn.group(B, b="i j"), b="p q"), "split(group(B[i,j], b=(i,j)), b=(p,q))"),
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
        (lambda: tn.conj(2 + 3j), "conj(2 + 3*I)"),
        (lambda: tn.conj(sympy.Symbol("alpha")), "conj(alpha)"),
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
        lambda: tn.conj(np.eye(2)),
        lambda: tn.sum(3, "i"),
        lambda: tn.group("A", ij="i j"),
        lambda: tn.split(np.eye(2), ij="i j"),
    ],
)
def test_what_is_no_value_is_refused(make):
    """Once these were AttributeErrors."""
    with pytest.raises(NotationError):
        make()


@pytest.mark.parametrize(
    ("make", "fragment", "way_out"),
    [
        (lambda: tn.sum([A, B]), "not over a list", "X + Y"),
        (lambda: tn.sum(A, "k"), "cannot sum over 'k'", None),
        (lambda: tn.conj(tn.sqrt(A)), "conj does not pass through sqrt", None),
        (lambda: tn.group(A), "told no legs", "tn.group(X, ij=('i', 'j'))"),
        (lambda: tn.split(A), "told no legs", "tn.split(X, ij=('i', 'j'))"),
        (lambda: tn.group(A, ij="i"), "two parts or more", None),
        (lambda: tn.split(A, k="i j"), "'k' is no free leg", None),
        (lambda: tn.causal("q"), "causal has two legs, not 1", "tn.causal('q k')"),
    ],
)
def test_the_same_functions_refused_as_text_refuses_them(make, fragment, way_out):
    with pytest.raises(NotationError, match=fragment) as refused:
        make()
    assert (way_out or "") in (refused.value.hint or "")


def test_a_reshape_may_make_a_leg_called_value():
    assert [str(leg) for leg in tn.group(A, value="i j").legs] == ["value"]


def test_the_causal_mask_has_one_space():
    n, m = tn.Space("n", declared=True), tn.Space("m", declared=True)
    assert tn.causal("q", tn.Leg("k", n)).spaces == (n,)
    with pytest.raises(SpaceError):
        tn.causal(tn.Leg("q", m), tn.Leg("k", n))
    np.testing.assert_array_equal(
        (tn.causal("q k") * tn.parse("v[k]")).evaluate(v=np.ones(3)), [1, 2, 3]
    )
