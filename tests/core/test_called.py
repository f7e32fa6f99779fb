"""Tensors and symbols called by name or given themselves: derivatives, substitution, evaluation."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from hypothesis import given
from strategies import values

import tnalgebra as tn
from tnalgebra.core import build
from tnalgebra.core.called import names_of
from tnalgebra.core.nesting import all_tensors
from tnalgebra.errors import ArrayError, NotationError, SpaceError, TnalgebraError

A, B = tn.tensor("A", "i j"), tn.tensor("B", "j k")
PRODUCT = A @ B
ARRAYS = {"A": np.arange(6.0).reshape(2, 3), "B": np.arange(12.0).reshape(3, 4)}


def test_a_derivative_by_the_tensor_itself():
    assert PRODUCT.derivative(A) == PRODUCT.derivative("A")
    assert PRODUCT.derivative(A["p", "q"]) == PRODUCT.derivative("A")
    inside = tn.exp(PRODUCT.conj().T) + PRODUCT.T
    assert inside.derivative(B) == inside.derivative("B")


def test_a_substitution_for_the_tensor_itself():
    other = tn.parse("U[i,a]*V[a,j]")
    assert PRODUCT.substitute(A, other) == PRODUCT.substitute("A", other)
    alpha = sympy.Symbol("alpha")
    assert (alpha * PRODUCT).substitute(alpha, 2) == 2 * PRODUCT


@pytest.mark.parametrize(
    "give",
    [
        lambda a, b: PRODUCT.evaluate({"A": a, "B": b}),
        lambda a, b: PRODUCT.evaluate({A: a, B: b}),
        lambda a, b: PRODUCT.evaluate({A: a}, B=b),
        lambda a, b: PRODUCT.evaluate({}, A=a, B=b),
        lambda a, b: PRODUCT.evaluate({A: a, "B": b}, sizes={"k": 4}),
    ],
)
def test_arrays_by_name_and_by_the_tensor_itself(give):
    np.testing.assert_array_equal(give(*ARRAYS.values()), ARRAYS["A"] @ ARRAYS["B"])


def test_names_that_no_keyword_can_be():
    value = tn.parse("lambda_[i]*A'[i,j]*alpha", where="alpha: real")
    given_now = {"lambda_": np.ones(2), "A'": np.ones((2, 3)), sympy.Symbol("alpha", real=True): 3}
    np.testing.assert_array_equal(value.evaluate(given_now), [6, 6, 6])


def test_exact_arrays_by_the_tensor_itself():
    matrix = sympy.Matrix([[1, 2], [3, 4]])
    found = tn.tr(A).evaluate({A: matrix}, symbolic=True)
    assert found == tn.tr(A).evaluate(A=matrix, symbolic=True)


@pytest.mark.parametrize(
    ("other", "error", "fragment"),
    [
        (tn.tensor("A", "i j k"), NotationError, "declared in two ways"),
        (tn.symmetric("A", "i j"), NotationError, "declared in two ways"),
        (tn.tensor("A", "i j", entries=[[1, 2], [3, 4]]), TnalgebraError, "not that of the value"),
        (tn.tensor("A", [tn.Leg("i", tn.Space("n", 5)), "j"]), SpaceError, "has no size 5"),
        (
            tn.tensor("A", [tn.Leg("i", tn.Space("n", None, True)), "j"]),
            SpaceError,
            "the named one 'n'",
        ),
        (tn.tensor("A", [tn.Leg(x, tn.Space("n")) for x in "ij"]), SpaceError, "are two"),
    ],
    ids=["rank", "facts", "entries", "size", "space", "square"],
)
def test_another_tensor_of_the_same_name_is_refused(other, error, fragment):
    for use in (
        lambda: PRODUCT.derivative(other),
        lambda: PRODUCT.substitute(other, A),
        lambda: PRODUCT.evaluate({other: ARRAYS["A"], B: ARRAYS["B"]}),
        lambda: tn.exp(PRODUCT).derivative(other),
    ):
        with pytest.raises(error, match=fragment) as refused:
            use()
        assert "or its name 'A'" in refused.value.hint


def test_a_size_that_contradicts_the_value_is_refused():
    narrow, wide = (tn.tensor("A", [tn.Leg("i", tn.Space("n", n)), "j"]) for n in (2, 3))
    with pytest.raises(SpaceError, match=r"size 2 .* cannot join a leg of size 3"):
        narrow.derivative(wide)


@pytest.mark.parametrize(
    ("name", "fragment"),
    [
        (A.T, "is no tensor alone"),
        (2 * A, "is no tensor alone"),
        (A + A, "not as Sum"),
        (PRODUCT, "is no tensor alone"),
        (A["i", "i"], "is no tensor alone"),
        (A.conj(), "under conj"),
        (tn.onehot(0, "i"), "is no tensor alone"),
        (tn.parse("3"), "is no tensor alone"),
        (3, "not as int"),
        (None, "not as NoneType"),
    ],
)
def test_what_is_no_tensor_alone_is_refused(name, fragment):
    for use in (lambda: PRODUCT.derivative(name), lambda: PRODUCT.evaluate({name: np.eye(2)})):
        with pytest.raises(NotationError, match=fragment) as refused:
            use()
        assert refused.value.hint


def test_a_tensor_that_does_not_occur_is_refused():
    absent = tn.tensor("C", "i j")
    with pytest.raises(NotationError, match="no tensor is called 'C'; there are: A, B"):
        PRODUCT.derivative(absent)
    with pytest.raises(ArrayError, match="no tensor or symbol is called 'C'"):
        PRODUCT.evaluate({absent: np.eye(2)}, **ARRAYS)


@pytest.mark.parametrize(
    "give",
    [
        lambda a: tn.tr(A).evaluate({"A": a}, A=a),
        lambda a: tn.tr(A).evaluate({A: a}, A=a),
        lambda a: tn.tr(A).evaluate({A: a, "A": a}),
        lambda a: tn.tr(A).evaluate({A: a}, A=a, symbolic=True),
    ],
)
def test_one_name_given_twice_is_refused(give):
    with pytest.raises(ArrayError, match="'A' is given twice"):
        give(np.eye(2))


@pytest.mark.parametrize("wrong", [np.eye(2), [np.eye(2)], "A"])
def test_arrays_in_order_are_refused(wrong):
    with pytest.raises(ArrayError, match="by name, not as"):
        PRODUCT.evaluate(wrong)


def test_a_symbol_of_other_assumptions_is_refused():
    value = sympy.Symbol("alpha", real=True) * A
    with pytest.raises(NotationError, match="other assumptions"):
        value.substitute(sympy.Symbol("alpha"), 2)


@given(values())
def test_every_tensor_of_a_value_is_taken_for_itself(value):
    tensors = [one.base() for one in all_tensors(value) if not one.is_builtin]
    assert names_of(value, map(build.symbol, tensors)) == [one.name for one in tensors]
