"""What a tensor is said to be: entries row by row, or a value that it stands for."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

import tnalgebra as tn
from tnalgebra.errors import DeclarationError, TnalgebraError

ROTATION = "R = [[cos(t), -sin(t)], [sin(t), cos(t)]]; t: real"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("X[i,j]*v[j]", "X = [[0, 1], [1, 0]]"),
        ("X @ X", "X: symmetric(i, j); X = [[0, 1], [1, 0]]"),
        ("R @ R.T", ROTATION),
        ("v[i]*A[i,j]", "v = [1, -2, 1/3]"),
        ("c[]*A[i,j]", "A = [[alpha, 2*I], [sqrt(2), 0], [1, 1]]"),
        ("T[i,j,k]*conj(T)[i,j,m]", "T = [[[1, I], [0, 1]], [[2, 0], [1, -I]]]"),
        ("V[m,a]*X[a,b]", "V: isometry(m -> a); V = [[1, 0], [0, I], [0, 0]]"),
        ("inv(A)[i,j]", "A = [[1, 2], [3, 4]]"),
    ],
)
def test_entries_are_said_again_by_the_text(text, where):
    value = tn.parse(text, where)
    assert tn.parse(str(value), value.where) == value
    assert eval(repr(value), {"tn": tn}) == value
    assert tn.from_json(value.to_json()) == value


def test_entries_are_numbers():
    value = tn.parse("X[i,j]*v[j]", "X = [[1, 2], [3, alpha]]")
    found = value.evaluate(v=np.array([1.0, 10.0]), alpha=4)
    np.testing.assert_array_equal(found, [21.0, 43.0])
    exact = tn.parse("X @ X", "X = [[1, 2], [3, alpha]]").evaluate(symbolic=True)
    assert exact[1, 1] == sympy.Symbol("alpha") ** 2 + 6


def test_python_objects_have_entries():
    matrix = tn.tensor("X", "i j", entries=sympy.Matrix([[0, 1], [1, 0]]))
    assert matrix["i", "j"] == tn.parse("X[i,j]", "X = [[0, 1], [1, 0]]")
    assert [leg.space.size for leg in matrix.legs] == [2, 2]
    np.testing.assert_array_equal((matrix @ matrix).evaluate(), np.eye(2))
    alpha = sympy.Symbol("alpha")
    vector = tn.tensor("v", "i", entries=[alpha, 1, 0])
    assert vector.evaluate(alpha=2).tolist() == [2, 1, 0]
    assert matrix != tn.tensor("X", "i j", entries=[[0, 1], [1, 1]])
    with pytest.raises(DeclarationError, match="has 1 legs, its entries 2 axes"):
        tn.tensor("v", "i", entries=[[1]])
    with pytest.raises(DeclarationError, match="not ndarray"):
        tn.tensor("v", "i", entries=np.ones(3))


def test_claims_about_entries_are_decided():
    where = "X = [[0, 1], [1, 0]]; Z = [[1, 0], [0, -1]]"
    assert tn.verify("X @ Z == -Z @ X", where=where).status == "certified"
    assert tn.verify("X @ Z == Z @ X", where=where).status == "refuted"


@pytest.mark.parametrize(
    ("facts", "entries"),
    [
        ("symmetric(i, j)", [[1, 2], [3, 4]]),
        ("antisymmetric(i, j)", [[0, 1], [1, 0]]),
        ("hermitian(i, j)", [[0, sympy.I], [sympy.I, 0]]),
        ("unitary(i, j)", [[1, 1], [0, 1]]),
        ("orthogonal(i, j)", [[0, sympy.I], [sympy.I, 0]]),
        ("projector(i, j)", [[1, 1], [0, 0]]),
        ("idempotent(i, j)", [[2, 0], [0, 0]]),
        ("diagonal(i, j)", [[1, 0], [1, 1]]),
        ("stochastic(i, j)", [[1, 1], [0, 1]]),
        ("permutation(i, j)", [[1, 0], [1, 0]]),
        ("invertible(i, j)", [[1, 2], [2, 4]]),
        ("real", [[sympy.Symbol("z"), 0], [0, 0]]),
    ],
)
def test_entries_without_the_declared_fact_are_refused(facts, entries):
    with pytest.raises(DeclarationError, match="are not known to be"):
        tn.tensor("A", "i j", facts, entries=entries)


@pytest.mark.parametrize(
    ("facts", "entries"),
    [
        ("hermitian(i, j)", [[0, sympy.I], [-sympy.I, 0]]),
        ("unitary(i, j)", [[0, sympy.I], [sympy.I, 0]]),
        ("projector(i, j)", [[1, 0], [0, 0]]),
        ("idempotent(i, j)", [[1, 1], [0, 0]]),
        ("permutation(i, j)", [[0, 1], [1, 0]]),
        ("antisymmetric(i, j)", [[0, 1], [-1, 0]]),
        ("invertible(i, j)", [[1, 2], [3, 4]]),
    ],
)
def test_entries_with_the_declared_fact_are_taken(facts, entries):
    value = tn.tensor("A", "i j", facts, entries=entries)
    assert tn.parse(str(value), value.where)["p", "q"] == value["p", "q"]


@pytest.mark.parametrize(
    ("lhs", "rhs", "where"),
    [
        ("A.H @ A", "R.H @ R", "A = Q @ R; Q: isometry(m -> a)"),
        ("Q.H @ A", "R", "A = Q @ R; Q: isometry(m -> a)"),
        ("A @ v", "Q @ R @ v", "A = Q @ R"),
        ("A[i,j]*v[j]", "U[i,a]*D[a,b]*V[b,j]*v[j]", "A = U[i,a]*D[a,b]*V[b,j]"),
        ("tr(B)", "tr(Q @ R @ Q @ R)", "A = Q @ R; B = A @ A"),
        ("conj(A)[i,j]*B[j,k]", "conj(C)[i,j]*B[j,k]", "A = C.T.T"),
    ],
)
def test_a_definition_is_what_it_says(lhs, rhs, where):
    verdict = tn.verify(f"{lhs} == {rhs}", where=where)
    assert verdict.status == "proved", verdict


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("A[i,j]", "A = [[1, 2], [3]]", "different lengths"),
        ("A[i]", "A = [1, 2", "never closed"),
        ("A[i]", "A = []", "empty"),
        ("A[i]", "A = [1, 2] 3", "never closed"),
        ("A[i]", "A = [1, 2]*[3, 4]", "go on after"),
        ("A[i]", "A = [1, x[i]]", "legs"),
        ("A[i,j]", "A = [1, 2]", "has 1 legs by its declaration and 2 elsewhere"),
        ("A[i,j]", "A = Q @ R; A: symmetric(i, j)", "defined by a value"),
        ("A[i,j]", "A = Q @ R; A = R @ Q", "two things"),
        ("A @ A", "A = Q @ R[i,j,k]", "joins vectors and matrices"),
        ("A[i,j]*v[j]", "A = [[1, 2], [3, 4]]; j = 3", "size 3"),
        ("A[i,j]", "A = Q == R[i,j]", "one expression"),
    ],
)
def test_what_cannot_be_is_refused(text, where, message):
    with pytest.raises(TnalgebraError, match=message):
        tn.parse(text, where)


def test_a_definition_that_the_text_does_not_use_says_nothing():
    value = tn.parse("B[i,j]", "A = Q @ R; B: symmetric(i, j)")
    assert value == tn.parse("B[i,j]", "B: symmetric(i, j)")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("H[i,j]*v[j]", "H[i,j] = 1/(i + j + 1)"),
        ("F[j,k]*v[k]", "F[j,k] = exp(2*pi*I*j*k/dim(j))/sqrt(dim(j)); j, k: n = 4"),
        ("J1[k,m]*a[m] + J2[k,n]*b[n]", "J1, J2: injections(k; m, n)"),
        ("J2[k,n]*b[n]", "J1, J2: injections(k; m, n)"),
        ("J2.T @ J1", "J1, J2: injections(k; m, n); m = 2; n = 3"),
        ("J3[k,l]*J1[k,m]", "J1, J2, J3: injections(k; m, n, l)"),
        ("D[i,j]*v[j]", "D[i,j] = eq(i, j)*alpha**i"),
    ],
)
def test_formulas_are_said_again_by_the_text(text, where):
    value = tn.parse(text, where)
    assert tn.parse(str(value), value.where) == value
    assert tn.from_json(value.to_json()) == value


def test_formulas_are_numbers():
    hilbert = tn.parse("H[i,j]", "H[i,j] = 1/(i + j + 1)").evaluate(sizes={"i": 2, "j": 3})
    np.testing.assert_allclose(hilbert, 1 / (np.arange(2)[:, None] + np.arange(3) + 1))
    fourier = tn.parse("F @ F.H", "F[j,k] = exp(2*pi*I*j*k/dim(j))/sqrt(dim(j)); j, k: n = 4")
    np.testing.assert_allclose(fourier.evaluate(), np.eye(4), atol=1e-12)
    same = tn.parse("H[i,j]*v[j]", "H[i,j] = 1/(i + j + 1)")
    assert same == tn.parse("H[p,q]*v[q]", "H[p,q] = 1/(p + q + 1)").rename(p="i")
    assert same != tn.parse("H[i,j]*v[j]", "H[i,j] = 1/(i + j + 2)")


def test_injections_are_the_parts_of_a_direct_sum():
    where = "J1, J2: injections(k; m, n)"
    value = tn.parse("J1[k,m]*a[m] + J2[k,n]*b[n]", where)
    a, b = np.arange(2.0), np.arange(5.0, 8.0)
    np.testing.assert_array_equal(value.evaluate(a=a, b=b), np.concatenate([a, b]))
    assert tn.verify("J1.T @ J1 == eye", where=where).status == "proved"
    assert tn.verify("J2.H @ J2 == eye", where=where).status == "proved"
    assert tn.verify("J1 @ J1.T == eye", where=where).status == "refuted"
    sized = where + "; m = 2; n = 3"
    for claim in ("J1 @ J1.T + J2 @ J2.T == eye", "J1.T @ J2 == 0*ones[m]*ones[n]"):
        assert tn.verify(claim, where=sized).status == "certified"
        assert tn.verify(claim, where=where).status == "unknown"


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("H[i,i] = 1", "different index names"),
        ("H[i,j] = 1/(i + j + 1); H: symmetric(i, j)", "not known to be symmetric"),
        ("H[i,j] = 1/(i + j + 1); H = [[1, 2]]", "two things"),
        ("J1, J2: injections(k; m)", "are written"),
        ("J1, J2: injections(k, m, n)", "are written"),
        ("J1, J2: injections(k; m, m)", "different ones"),
        ("J1, J2: injections(k; m, n); k = 7; m = 2; n = 3", "two sizes"),
        ("J1: symmetric(i, j); J1, J2: injections(k; m, n)", "two things"),
    ],
)
def test_formulas_that_cannot_be_are_refused(where, message):
    with pytest.raises(TnalgebraError, match=message):
        tn.parse("H[i,j]*J1[k,m]", where)


def test_a_value_may_name_its_legs_where_it_is_defined():
    verdict = tn.verify("A[i,j] == Q[j,k]*R[k,i]", where="A[i,j] = Q[j,k]*R[k,i]")
    assert verdict.status == "proved"


@pytest.mark.parametrize("where", ["B = 2*A", "B = A", "A, B: tensor(i, j); B = 2*A", "B = 3"])
def test_a_size_for_a_tensor_is_refused(where):
    """Once the line was read as the size of a space, and verify refuted B[i,j] == 2*A[i,j]."""
    with pytest.raises(DeclarationError, match="'B' is a tensor here"):
        tn.parse("B[i,j] == 2*A[i,j]", where)
    assert tn.verify("B[i,j] == 2*A[i,j]", where="B = 2*A[i,j]").status == "proved"
    assert tn.parse("B[B]", "B = 3").legs[0].space.size == 3


@pytest.mark.parametrize("where", ["A = Q @ R; B = A @ A", "B = A @ A; A = Q @ R"])
def test_definitions_come_in_any_order(where):
    """Once a definition that came later was taken for a tensor of its own, and this refuted."""
    assert tn.verify("B == Q @ R @ Q @ R", where=where).status == "proved"
    used = "A[x,y]*B[y,z] == A[x,k]*A[k,y]*A[y,z]"
    assert tn.verify(used, where=where).status == "proved"


@pytest.mark.parametrize(
    ("where", "circle"),
    [
        ("B = A @ A; A = B @ R", "B is defined by A is defined by B"),
        ("B = B @ A", "B is defined by B"),
        ("B[i,j] = A[i,k]*B[k,j]", "B is defined by B"),
    ],
)
def test_definitions_in_a_circle_are_refused(where, circle):
    with pytest.raises(DeclarationError, match=circle):
        tn.parse("B", where)
    assert tn.parse("C @ D", where).where == ""
