"""evaluate(symbolic=True): exact sympy arrays against plain sums, floats and sympy's matrices."""

from __future__ import annotations

import random

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given
from strategies import SIZED, SIZES, arrays_for, dense, diagrams

import tnalgebra as tn
from tnalgebra.core.build import symbol
from tnalgebra.core.nesting import all_tensors
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.errors import ArrayError, LimitError
from tnalgebra.numeric.interpreter import needs
from tnalgebra.numeric.symbolic import MOST_ENTRIES

M, N = sympy.Matrix([[1, sympy.I], [2, 3]]), sympy.Matrix([[0, 1], [sympy.Rational(1, 2), 5]])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A @ B", M * N),
        ("A.T", M.T),
        ("A.H @ B", M.H * N),
        ("conj(A)[i,j]", M.conjugate()),
        ("inv(A)", M.inv()),
        ("inv(A.H) @ B", M.H.inv() * N),
        ("pinv(B) @ A", N.inv() * M),
        ("2*A[i,j] - alpha*B[i,j]", 2 * M - sympy.Symbol("alpha") * N),
        ("sqrt(dim(i))*A[i,j] + B[i,j]", sympy.sqrt(2) * M + N),
        ("A[i,j]*B[i,j] -> i,j", M.multiply_elementwise(N)),
        ("exp(B[i,j])", N.applyfunc(sympy.exp)),
        ("(A + B) @ A", (M + N) * M),
    ],
)
def test_given_matrices(text, expected):
    value = tn.parse(text, where="A: invertible(i, j)" if "inv" in text else "")
    wanted = {tensor.name: {"A": M, "B": N}[tensor.name] for tensor in all_tensors(value)}
    found = value.evaluate(symbolic=True, **wanted)
    assert type(found) is sympy.ImmutableDenseNDimArray
    difference = found - sympy.Array(expected)
    assert difference.applyfunc(sympy.simplify) == sympy.Array.zeros(2, 2)


def test_tensors_that_are_left_out_are_named_by_their_entries():
    A, B = sympy.IndexedBase("A"), sympy.IndexedBase("B")
    found = tn.parse("A[i,j]*B[j]").evaluate(symbolic=True, sizes={"i": 1, "j": 2})
    assert found == sympy.Array([A[0, 0] * B[0] + A[0, 1] * B[1]])
    trace = tn.parse("tr(A @ B) - tr(B @ A)").evaluate(
        symbolic=True, A=sympy.Array([[1, 2, 3]]), sizes={}
    )
    assert sympy.expand(trace[()]) == 0
    assert tn.parse("c[]").evaluate(symbolic=True)[()] == sympy.Symbol("c")


def test_named_entries_honour_symmetry_and_reality():
    found = tn.parse(
        "S[i,j] - conj(S)[j,i]", where="S: symmetric(i, j); S: real; i: n = 3"
    ).evaluate(symbolic=True)
    assert found == sympy.Array.zeros(3, 3)
    odd = tn.parse("K[i,j]", where="K: antisymmetric(i, j); i: n = 2").evaluate(symbolic=True)
    K = sympy.IndexedBase("K")
    assert odd == sympy.Array([[0, K[0, 1]], [-K[0, 1], 0]])
    loose = tn.parse("S[i,j] - conj(S)[j,i]", where="S: symmetric(i, j); i: n = 2")
    assert loose.evaluate(symbolic=True)[0, 1] != 0


def test_functions():
    x, y = sympy.symbols("x y", real=True)
    given_array = sympy.Array([[x, y], [0, 1]])

    def of(text):
        return tn.parse(text).evaluate(symbolic=True, S=given_array)

    soft = of("softmax(S[q,k], k) -> q,k")
    assert soft[0, 0] == sympy.exp(x) / (sympy.exp(x) + sympy.exp(y))
    causal = of("causal_softmax(S[q,k], q, k) -> q,k")
    assert (causal[0, 0], causal[0, 1]) == (1, 0)
    assert of("relu(S[q,k]) -> q,k")[0, 1] == sympy.Max(0, y)
    numbers = sympy.Array([[sympy.Rational(1, 3), -2], [3, sympy.Rational(-7, 5)]])
    floats = np.array(numbers.tolist(), dtype=float)
    texts = ["softmax(S[q,k], q)", "causal_softmax(S[q,k], q, k)", "causal_softmax(S[q,k], k, q)"]
    for text in [*texts, *(f"{name}(S[q,k])" for name in ("gelu", "relu", "tanh", "exp"))]:
        value = tn.parse(f"{text} -> q,k")
        found = np.array(value.evaluate(symbolic=True, S=numbers).tolist(), dtype=float)
        np.testing.assert_allclose(found, value.evaluate(S=floats), atol=1e-12)
    with pytest.raises(ArrayError, match="relu does not apply"):
        tn.parse("relu(S[q,k]) -> q,k").evaluate(symbolic=True, S=sympy.Array([[sympy.I]]))


@given(diagrams(SIZED, functions=("exp", "tanh", "softmax")))
def test_random_diagrams_agree_with_the_plain_oracle(diagram):
    rng = np.random.default_rng(0)
    arrays = arrays_for(diagram, rng)
    exact = {
        name: sympy.Array(
            [sympy.Float(x.real) + sympy.I * sympy.Float(x.imag) for x in a.ravel()], a.shape
        )
        for name, a in ((name, np.asarray(array, complex)) for name, array in arrays.items())
    }
    if any(tensor.is_inverse for tensor in all_tensors(diagram)):
        return
    symbols = {"alpha": 0.5 + 0.25j, "beta": -0.75}
    given_symbols = {name: symbols[name] for name in _symbols(diagram)}
    found = diagram.evaluate(symbolic=True, **exact, **given_symbols, sizes=_loose(diagram))
    wanted = dense(diagram, arrays, SIZES, symbols)
    for place in np.ndindex(*wanted.shape):
        np.testing.assert_allclose(complex(found[place]), wanted[place], rtol=1e-6, atol=1e-8)


def _symbols(diagram):
    return [s.name for s in needs(diagram).symbols if s.name in ("alpha", "beta")]


def _loose(diagram):
    return {s.name: SIZES[s.name] for s in needs(diagram).symbols if s.name in SIZES}


@pytest.mark.parametrize(
    ("text", "given_arrays", "sizes", "error", "message"),
    [
        ("A @ B", {"A": M}, {}, ArrayError, "nothing tells the size"),
        ("A @ B", {"A": M, "B": sympy.Array([[1, 2, 3]])}, {}, ArrayError, "size 1, .* size 2"),
        ("A @ B", {"A": np.eye(2), "B": N}, {}, ArrayError, "not as a sympy array"),
        ("A[i,j]", {"A": [[1]]}, {}, ArrayError, "given as list"),
        ("A[i,j]", {"B": M}, {}, ArrayError, "no tensor or symbol is called 'B'"),
        ("A[i,j]", {"A": sympy.Array([1, 2])}, {}, ArrayError, "needs 2 axes"),
        ("A[i,j]", {}, {"i": 1000, "j": 1000}, LimitError, f"1000000 .* {MOST_ENTRIES}"),
        ("A[i,j]", {}, {"i": 0, "j": 2}, ArrayError, "whole numbers from 1"),
        ("A[i,j]", {}, {"i": 2.5, "j": 2}, ArrayError, "given as 2.5"),
        ("a[i]*b[j]*c[k] -> i,j,k", {}, dict.fromkeys("ijk", 50), LimitError, "125000 entries"),
        ("A @ B", {}, dict.fromkeys(("A0", "A1"), 2), ArrayError, "which the value does not have"),
        ("ones[i]*ones[j]", {}, {"i": 500, "j": 500}, LimitError, "250000"),
        ("A[i,j]/alpha", {"A": M, "alpha": 0}, {}, ArrayError, "not a finite number"),
    ],
)
def test_refusals(text, given_arrays, sizes, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        tn.parse(text).evaluate(symbolic=True, sizes=sizes, **given_arrays)


def test_inverses():
    value = tn.parse("inv(A)", where="A: invertible(i, j); i: n = 2")
    a = sympy.symbols("a:4")
    matrix = sympy.Matrix(2, 2, a)
    found = value.evaluate(symbolic=True, A=matrix)
    product = (sympy.Matrix(found.tolist()) * matrix).applyfunc(sympy.simplify)
    assert product == sympy.eye(2)
    with pytest.raises(ArrayError, match="singular"):
        value.evaluate(symbolic=True, A=sympy.ones(2, 2))
    large = tn.parse("inv(A)", where="A: invertible(i, j); i: n = 5")
    with pytest.raises(LimitError, match="up to 4 by 4"):
        large.evaluate(symbolic=True)
    assert large.evaluate(symbolic=True, A=sympy.eye(5) * 2)[4, 4] == sympy.Rational(1, 2)


def test_declared_entries_and_a_tensor_called_symbolic():
    hot = tn.parse("onehot(1)[i]*causal[i,j] -> j", where="i: n = 3")
    assert hot.evaluate(symbolic=True) == sympy.Array([1, 1, 0])
    named = tn.parse("symbolic[i]")
    np.testing.assert_array_equal(named.evaluate(symbolic=np.ones(2)), [1, 1])


@pytest.mark.parametrize("sized", [False, True])
def test_entries_that_are_an_explicit_array(sized):
    x = sympy.Symbol("x")
    entries = sympy.ImmutableDenseNDimArray([[1, x, 0], [sympy.I, 2, sympy.Rational(1, 3)]])
    i, j = (Space(name, size if sized else None) for name, size in (("i", 2), ("j", 3)))
    E = symbol(Tensor("E", (Leg("i", i), Leg("j", j)), (), "none", entries), ["i", "j"])
    value = E * symbol(Tensor("v", (Leg("j", j),)), ["j"])
    found = value.evaluate(v=np.ones(3), x=2)
    np.testing.assert_allclose(found, [3, 7 / 3 + 1j])
    assert value.evaluate(symbolic=True, x=5, v=sympy.Array([1, 2, 3])) == sympy.Array(
        [11, 5 + sympy.I]
    )
    program = {}
    exec(value.to_torch(), program)
    np.testing.assert_allclose(program["diagram"](torch.ones(3, dtype=torch.float64), x=2), found)
    with pytest.raises(ArrayError, match="size 4, but"):
        value.evaluate(v=np.ones(4), x=2)
    with pytest.raises(ArrayError, match="no number is given for the symbol 'x'"):
        value.evaluate(v=np.ones(3))


def test_reshapes():
    found = tn.parse("kron(A, B)").evaluate(symbolic=True, A=M, B=N)
    assert found == sympy.Array(sympy.kronecker_product(M, N))
    found = tn.parse("group(A[i,j], ji=(j,i))").evaluate(symbolic=True, A=M)
    assert found == sympy.Array([1, 2, sympy.I, 3])


def test_it_gives_the_same_every_time():
    value = tn.parse("A @ B @ A @ B", where="A: tensor(i,j); i,j: n = 2")
    first = value.evaluate(symbolic=True)
    random.seed(1)
    assert value.evaluate(symbolic=True) == first
