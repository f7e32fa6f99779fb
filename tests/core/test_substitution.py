"""Substitution: a value in the place of a tensor, conjugated, inverted, in boxes, in sums."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from hypothesis import HealthCheck, assume, given, settings
from strategies import arrays_for, dense, diagrams

import tnalgebra as tn
from tnalgebra.core.nesting import all_tensors
from tnalgebra.errors import DeclarationError, NotationError, SpaceError


@pytest.mark.parametrize(
    ("text", "name", "by", "result"),
    [
        ("M[i,j]*v[j]", "M", "U[i,a]*D[a,b]*V[b,j]", "U[i,a]*D[a,b]*V[b,j]*v[j]"),
        ("M.T", "M", "A @ B", "(A @ B).T"),
        ("conj(M)[i,j]*M[i,j]", "M", "alpha*A[i,j]", "alpha*conj(alpha)*conj(A)[i,j]*A[i,j]"),
        ("v[i]*v[i]", "v", "ones[i]", "ones[i]*ones[i]"),
        ("exp(M[i,j])*M[j,k]", "M", "A[i,j]", "exp(A[i,j])*A[j,k]"),
        ("M[i,j]*v[j]", "M", "A[i,j] + B[i,j]", "(A[i,j] + B[i,j])*v[j]"),
        ("M[i,i]", "M", "M[i,a]*M[a,j]", "M[i,a]*M[a,i]"),
        ("M[i,j]", "M", "group(T[i,a,b], j=(a,b))", "group(T[i,a,b], j=(a,b))"),
        ("M[i,j] + N[i,j]", "M", "2*N[i,j]", "2*N[i,j] + N[i,j]"),
    ],
)
def test_what_comes_out(text, name, by, result):
    found = tn.parse(text).substitute(name, tn.parse(by))
    expected = tn.parse(result)
    names = [leg.name for leg in expected.legs]
    assert (found[tuple(names)] if names else found) == expected


def test_an_inverse_becomes_the_inverse_of_the_value():
    value = tn.parse("inv(M)[i,j]*v[j]").substitute("M", tn.parse("A[i,j] + B[i,j]"))
    rng = np.random.default_rng(0)
    a, b, v = rng.random((3, 3)), rng.random((3, 3)), rng.random(3)
    np.testing.assert_allclose(value.evaluate(A=a, B=b, v=v), np.linalg.solve(a + b, v))
    pseudo = tn.parse("pinv(M)[i,j]").substitute("M", tn.parse("A[i,k]*C[k,j]"))
    c = rng.random((3, 5))
    np.testing.assert_allclose(pseudo.evaluate(A=a, C=c), np.linalg.pinv(a @ c), atol=1e-9)
    conj = tn.parse("conj(inv(M))[i,j]").substitute("M", tn.parse("I*A[i,j]"))
    np.testing.assert_allclose(conj.evaluate(A=a), np.linalg.inv(1j * a).conj())


def test_a_sum_used_often_is_one_shared_content():
    value = tn.parse("tr(M @ M @ M)").substitute("M", tn.parse("A[i,j] + B[i,j]"))
    assert len({id(box.content) for box in value.boxes}) == 1
    assert str(value).count("A[") == 1


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(diagrams(), diagrams(most_nodes=2, depth=0))
def test_numbers_are_those_of_the_replacement(diagram, other):
    plain = [t for t in all_tensors(diagram) if not t.is_builtin and not t.is_inverse]
    assume(plain)
    base = plain[0].base()
    assume(not any(t.is_inverse for t in all_tensors(diagram) if t.name == base.name))
    assume([leg.space for leg in other.legs] == list(base.spaces()))
    found = diagram.substitute(base.name, other)
    arrays = arrays_for(diagram * 1, np.random.default_rng(0))
    arrays = {**arrays_for(other, np.random.default_rng(1)), **arrays}
    symbols = {"alpha": 0.5 + 0.25j, "beta": -1.5}
    inner = dense(other, arrays, symbols=symbols)
    expected = dense(diagram, {**arrays, base.name: inner}, symbols=symbols)
    np.testing.assert_allclose(dense(found, arrays, symbols=symbols), expected, atol=1e-8)


def test_symbols_take_numbers_and_expressions():
    value = tn.parse("alpha*A[i,j] + exp(alpha*B[i,j])")
    assert value.substitute("alpha", 2) == tn.parse("2*A[i,j] + exp(2*B[i,j])")
    beta = sympy.Symbol("beta")
    assert value.substitute("alpha", beta + 1) == tn.parse(
        "(beta + 1)*A[i,j] + exp((beta + 1)*B[i,j])"
    )


def test_what_does_not_fit_is_refused():
    value = tn.parse("A[i,j]*v[j]", "i: seq; j: hidden")
    with pytest.raises(NotationError, match="no tensor or symbol is called 'B'"):
        value.substitute("B", tn.parse("C[i,j]"))
    with pytest.raises(NotationError, match="has 2 legs, and what is to replace it 1"):
        value.substitute("A", tn.parse("w[i]"))
    with pytest.raises(SpaceError, match="cannot join"):
        value.substitute("A", tn.parse("C[i,j]", "i: other"))
    with pytest.raises(NotationError, match="is a symbol"):
        tn.parse("alpha*A[i]").substitute("alpha", tn.parse("A[i]"))


def test_a_real_symbol_takes_no_number_that_is_not_real():
    value = tn.parse("conj(alpha)*A[i,j]", "alpha: real")
    with pytest.raises(NotationError, match="declared real"):
        value.substitute("alpha", sympy.I)
    assert value.substitute("alpha", 2) == tn.parse("2*A[i,j]")
    assert tn.parse("conj(alpha)*A[i,j]").substitute("alpha", sympy.I) == tn.parse("-I*A[i,j]")


def test_a_symbol_in_declared_entries_takes_the_number_too():
    """Once the symbol stayed in the entries, and one that stood there alone was not found."""
    for text, where, same in (
        ("alpha*X[i,j]", "X = [[alpha, 1], [0, 1]]", "X = [[2, 1], [0, 1]]"),
        ("exp(X[i,j])", "X = [[alpha, 1], [0, 1]]", "X = [[2, 1], [0, 1]]"),
        ("H[i,j]", "H[i,j] = alpha/(i + j + 1)", "H[i,j] = 2/(i + j + 1)"),
    ):
        found = tn.parse(text, where).substitute("alpha", 2)
        assert found == tn.parse(text.replace("alpha", "2"), same)
    with pytest.raises(DeclarationError):
        tn.parse("X[i,j]", "X: invertible(i, j); X = [[alpha, 1], [1, 1]]").substitute("alpha", 1)
