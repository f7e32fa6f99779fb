"""The ways out that errors about text show: each in the user's own words, and true."""

from __future__ import annotations

import numpy as np
import pytest

import tnalgebra as tn
from tnalgebra.errors import NotationError


def refused(text: str, where: str = "") -> NotationError:
    with pytest.raises(NotationError) as caught:
        tn.parse(text, where)
    assert "^" in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("sofmax(S[q,k], k)", "did you mean softmax?"),
        ("Softmax(S[q,k], k)", "did you mean softmax?"),
        ("causalsoftmax(S[q,k], q, k)", "did you mean causal_softmax?"),
        ("ReLU(x[i])", "did you mean relu?"),
        ("ln(x)", "did you mean log?"),
        ("trace(A)", "did you mean tr?"),
        ("conjj(B)[i,j]", "did you mean conj?"),
        ("transpose(A)", "the transpose of A is A.T"),
        ("max(x[i])", "the larger of two values, entry by entry, is relu(X - Y) + Y"),
        ("max(x[i], 0)", "the larger of two values, entry by entry, is relu(X - Y) + Y"),
        ("max(x[i], y[i])",
         "the larger of two values, entry by entry, is relu(x[i] - y[i]) + y[i]"),
        ("maximum((a[i]-b[i])*c[i], a[i]-b[i])",
         "the larger of two values, entry by entry, is "
         "relu((a[i]-b[i])*c[i] - (a[i]-b[i])) + (a[i]-b[i])"),
        ("min(x[i], -y[i])",
         "the smaller of two values, entry by entry, is x[i] - relu(x[i] - (-y[i]))"),
        ("max(x[i], i)", "there is no max over a leg; "
         "the larger of two values, entry by entry, is relu(X - Y) + Y"),
        ("min(A[i,j], i, j)", "there is no min over a leg; "
         "the smaller of two values, entry by entry, is X - relu(X - Y)"),
        ("expm(A)", "there is no exp of a matrix; exp(A) is that of each entry"),
        ("logm(A @ B)", "there is no log of a matrix; log(A) is that of each entry"),
        ("sqrtm(A[i,j])", "there is no sqrt of a matrix; sqrt(A) is that of each entry"),
        ("A(i,j)*B[j,k]", "a tensor has its indices in square brackets: A[i,j]"),
        ("v(i)*w[i]", "a tensor has its indices in square brackets: v[i]"),
        ("T(i,0)", "a tensor has its indices in square brackets: T[i,0]"),
        ("bias(i)*bias[i]", "a tensor has its indices in square brackets: bias[i]"),
    ],
)  # fmt: skip
def test_an_unknown_function(text, hint):
    error = refused(text)
    name, _, _ = text.partition("(")
    assert (error.message, error.span) == (f"unknown function {name!r}", (0, len(name)))
    assert error.hint == hint


@pytest.mark.parametrize("text", ["det(A)", "layernorm(x[i])", "layernorm(x)", "f(A[i,j])"])
def test_a_function_near_no_other_is_shown_all_and_never_as_a_tensor(text):
    hint = refused(text).hint
    assert hint.startswith("known are conj, tr, ")
    assert "softmax" in hint
    assert "[" not in hint


def test_the_functions_of_numbers_are_marked_as_such():
    entries, _, numbers = (
        refused("det(A)").hint.removeprefix("known are ").partition(", and of numbers only ")
    )
    assert numbers.split(", ") == ["eq", "factorial", "gamma", "Abs", "cot", "sec", "csc", "coth"]
    for name in numbers.split(", ")[1:]:
        tn.parse(f"{name}(1/2)")
        refused(f"{name}(x[i])")
    for name in ("exp", "sqrt", "abs", "reciprocal", "sigmoid", "gelu"):
        assert name in entries.split(", ")
        tn.parse(f"{name}(x[i])")


def test_the_larger_and_the_smaller_are_what_the_advice_says():
    x, y = [1.0, -2.0, 3.0], [0.5, 4.0, 3.0]
    for word, expected in (("max", [1.0, 4.0, 3.0]), ("min", [0.5, -2.0, 3.0])):
        _, _, way = refused(f"{word}(x[i], y[i])").hint.rpartition("is ")
        assert tn.parse(way).evaluate(x=np.array(x), y=np.array(y)).tolist() == expected


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("max(q,k)", [[0, 1], [1, 1]]),
        ("min(q,k)", [[0, 0], [0, 1]]),
        ("max(q, k - q)", [[0, 1], [1, 1]]),
        ("min(q - 1, 2*k)", [[-1, -1], [0, 0]]),
    ],
)
def test_the_larger_of_two_numbers_in_a_formula_of_entries(formula, expected):
    with pytest.raises(NotationError) as caught:
        tn.parse("M[q,k]", f"M[q,k] = {formula}")
    _, _, way = caught.value.hint.partition("of two numbers it is ")
    value = tn.parse("M[q,k]", f"M[q,k] = {way}; q, k: n = 2")
    assert value.evaluate(symbolic=True).tolist() == expected


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("x[i]**(1/2)", "sqrt(x[i])"),
        ("x[i]**0.5", "sqrt(x[i])"),
        ("(x[i] + y[i])**(1/2)", "sqrt(x[i] + y[i])"),
        ("(A[i,j] -> i)**(1/2)", "sqrt((A[i,j] -> i))"),
        ("x[i]**(-1)", "reciprocal(x[i])"),
        ("x[i]**(-1/2)", "reciprocal(sqrt(x[i]))"),
    ],
)
def test_a_power_of_each_entry_is_a_function(text, way):
    assert refused(text).hint.rpartition(" is ")[2] == way
    assert [leg.name for leg in tn.parse(way).legs] == ["i"]


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("x[i]**2", "(x[i]*x[i] -> i) is the square of each entry"),
        ("A.T**2", "A.T @ A.T is the product of matrices"),
        ("2**x[i]", "exp(log(2)*x[i]) is 2**x[i]"),
    ],
)
def test_other_powers_of_tensors(text, way):
    assert refused(text).hint.startswith(way)
    tn.parse(way.partition(" is ")[0])


@pytest.mark.parametrize(
    "text", ["cot(x)", "factorial(n)", "exp(alpha)*A[i]", "sqrt(2)", "gamma(1/2)"]
)
def test_functions_of_numbers_stay(text):
    tn.parse(text)


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("A @ B -> k,i", "(A @ B)[i,k] -> k,i"),
        ("A.T -> j,i", "A.T[i,j] -> j,i"),
        ("A @ B -> i,k", "(A @ B)[i,k]"),
        ("A @ B -> k", "(A @ B)[i,k] -> k"),
        ("(A @ B).H -> k,i", "(A @ B).H[i,k] -> k,i"),
        ("-A @ B -> k,i", "(-A @ B)[i,k] -> k,i"),
        ("A @ B + (B @ A) -> k,i", "(A @ B + (B @ A))[i,k] -> k,i"),
        ("inv(A) -> j,i", "inv(A)[i,j] -> j,i"),
        ("exp(A @ B) -> j,i", "exp(A @ B)[i,j] -> j,i"),
        ("kron(A, B) -> q,p", "kron(A, B)[p,q] -> q,p"),
        ("diag(v) -> i", "diag(v)[i,j] -> i"),
        ("eye -> j,i", "eye[i,j] -> j,i"),
        ("A -> j,i", "A[j,i]"),
        ("sum(A @ B, k)", "(A @ B)[i,k]"),
        ("softmax(A @ B, k)", "(A @ B)[i,k]"),
        ("softmax(A, k)", "A[i,k]"),
        ("group(A @ B, ij=(i,j))", "(A @ B)[i,j]"),
        ("split(A @ B, k=(r,s))", "(A @ B)[i,k]"),
    ],
)
def test_a_shorthand_whose_legs_are_asked_for_is_shown_with_names(text, way):
    first, *_ = refused(text).hint.splitlines()
    assert first.partition(": ")[2].removeprefix("write ") == way
    tn.parse(way)


def test_the_names_of_a_shorthand_may_also_come_in_the_order_that_was_asked_for():
    assert refused("A @ B -> k,i").hint.splitlines() == [
        "name its legs: (A @ B)[i,k] -> k,i",
        "or, without an arrow: (A @ B)[k,i]",
    ]
    assert tn.parse("(A @ B)[i,k] -> k,i") == tn.parse("A[i,j]*B[j,k] -> k,i")


def test_one_term_of_a_sum_without_names_is_shown_alone():
    error = refused("C[i,k] + A @ B -> k,i")
    assert error.span == (9, 14)
    assert error.hint.startswith("name its legs: (A @ B)[i,k] -> k,i")


@pytest.mark.parametrize("text", ["tr(A @ B) -> i", "2 -> i", "A[i,i] -> j"])
def test_what_has_no_legs_gets_no_names_for_them(text):
    assert refused(text).hint is None


def test_a_long_text_is_not_repeated():
    text = " @ ".join(f"A{k}" for k in range(40))
    assert refused(f"{text} -> k,i").hint.startswith("name its legs: (...)[i,k] -> k,i")


@pytest.mark.parametrize(
    ("text", "term", "way"),
    [
        ("X[i,j] + b", "b", "b*ones[i]*ones[j]"),
        ("X[i,j] + b[j]", "b[j]", "b[j]*ones[i]"),
        ("b + X[i,j]", "b", "b*ones[i]*ones[j]"),
        ("b[j] - X[i,j]", "b[j]", "b[j]*ones[i]"),
        ("X[i,j] + 1", "1", "ones[i]*ones[j]"),
        ("X[i,j] - 2*b", "2*b", "2*b*ones[i]*ones[j]"),
        ("X[i,j]*W[j,k] + b[k]", "b[k]", "b[k]*ones[i]"),
        ("X[i,j] - (a - b)", "a - b", "(a - b)*ones[i]*ones[j]"),
        ("X[i,j] - (-a)", "a", "(-a)*ones[i]*ones[j]"),
        ("gelu(W[m,h]*x[q,h] + b[m])", "b[m]", "b[m]*ones[q]"),
        ("X[i,j] + b[j] -> i,j", "b[j]", "b[j]*ones[i]"),
        ("X[i,j]*W[j,k] + b -> i,k", "b", "b*ones[i]*ones[k]"),
        ("0 + X[i,j] + b -> i,j", "b", "b*ones[i]*ones[j]"),
    ],
)
def test_a_term_that_lacks_legs_is_shown_with_ones(text, term, way):
    error = refused(text)
    start, stop = error.span
    assert text[start:stop] == term
    first, *_ = error.hint.splitlines()
    assert first == f"nothing is broadcast: write {way}"
    tn.parse(text[:start] + way + text[stop:])


def test_a_bare_name_among_tensors_is_told_to_name_its_legs():
    assert refused("X[i,j] + B").hint.endswith("a tensor names its legs: B[i,j]")
    assert "bare name" not in refused("X[i,j] + 2*b").hint


@pytest.mark.parametrize("text", ["X[i,j] + A[k,l]", "X[i,j] + b[k]", "x[i] + A @ B"])
def test_terms_with_legs_of_their_own_get_no_ones(text):
    assert refused(text).hint is None


def test_a_zero_among_the_terms_lacks_nothing():
    assert tn.parse("X[i,j] + 0 -> j,i") == tn.parse("X[i,j] -> j,i")


def test_values_in_python_are_told_the_same():
    X, b = tn.tensor("X", "i j"), tn.tensor("b", "j")
    with pytest.raises(NotationError) as caught:
        X["i", "j"] + b["j"]
    assert caught.value.hint == "nothing is broadcast: multiply by tn.ones('i')"
    assert X["i", "j"] + b["j"] * tn.ones("i") == tn.parse("X[i,j] + b[j]*ones[i]")
    with pytest.raises(NotationError) as caught:
        X["i", "j"] + b["k"]
    assert caught.value.hint is None
