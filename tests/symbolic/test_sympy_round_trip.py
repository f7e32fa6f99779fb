"""Values that sympy's own rules would change on the way: each is read back with its numbers."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

import tnalgebra as tn
from tnalgebra.core.nesting import all_tensors
from tnalgebra.core.values import Sum, Value
from tnalgebra.errors import NotationError

SHAPES = {"R": (3, 3), "S": (3, 3), "v": (3,), "w": (3,)}


def read_back(value: Value, form: str | None = None) -> Value:
    """What is read of a value's sympy form, its legs called as they were."""
    found = tn.from_sympy(value.to_sympy(as_=form))
    names = [leg.name for leg in value.legs]
    if not names:
        return found
    return found.permute(*names) if form == "indexed" else found[tuple(names)]


def numbers(value: Value) -> np.ndarray:
    """The entries of a value at one choice of arrays."""
    rng = np.random.default_rng(4)
    arrays = {name: rng.uniform(0.1, 1, shape) for name, shape in SHAPES.items()}
    own = {tensor.name for tensor in all_tensors(value)}
    return value.evaluate(**{name: arrays[name] for name in own & set(arrays)})


@pytest.mark.parametrize("form", [None, "array", "indexed"])
@pytest.mark.parametrize("function", ["relu", "step", "abs", "exp", "tanh", "gelu"])
@pytest.mark.parametrize(
    "inside",
    [
        "(R[i,j] + 2*R[j,i])*onehot(0)[i]*ones[j]",
        "ones[i]*(R[i,j] + 2*R[j,i])*v[j]",
        "(2*v[i] + 3*w[i])*w[i]",
    ],
)
def test_functions_of_numbers_that_hold_sums_of_matrices(function, inside, form):
    value = tn.parse(f"{function}(-{inside})*v[k]", where="i, j, k = 3")
    found = read_back(value, form)
    assert np.allclose(numbers(found), numbers(value))


def test_a_row_of_ones_is_a_matrix_though_sympy_prints_a_number():
    value = tn.parse("exp(ones[i]*(R[i,j] + 2*R[j,i])*v[j])")
    (row,) = value.to_sympy().atoms(sympy.OneMatrix)
    assert row.shape == (1, sympy.Symbol("dim(i)", integer=True, positive=True))
    assert read_back(value) == value


@pytest.mark.parametrize(
    "text",
    [
        "softmax(S[q,k], k)",
        "softmax(v[i], i)*w[i] -> i",
        "softmax(S[q,k], k)*V[k,d]",
        "softmax(S[q,k], q)*softmax(T[q,k], k) -> q,k",
        "causal_softmax(S[q,k], q, k)*V[k,d]",
        "causal_softmax(S[q,k], q, k)*causal_softmax(T[q,k], q, k)*softmax(U[q,k], k) -> q,k",
        "softmax(A[q,e]*B[e,k] + exp(S[q,k]), k)*V[k,d]",
        "softmax(softmax(S[q,k], k)*T[k,j], j)",
        "tanh((softmax(S[q,k], k)*V[k,d] -> q,d))*w[d]",
        "group(T[i,j,k], ij=(i,j))",
        "group(T[i,j,k], ijk=(k,i,j))*v[ijk] -> ijk",
        "split(M[ij,k], ij=(j,i))*w[i]",
        "group(softmax(S[q,k], k), qk=(q,k))",
    ],
)
@pytest.mark.parametrize("where", ["", "i, q, d = 2; j, k = 3"])
def test_the_indexed_form_of_softmax_and_reshapes_reads_back(text, where):
    value = tn.parse(text, where=where)
    assert read_back(value, "indexed") == value


def test_formulas_that_are_almost_a_softmax_keep_their_numbers():
    q, k, m = sympy.symbols("q k m", integer=True)
    s, n = sympy.IndexedBase("S"), sympy.Integer(3)
    alike = sympy.exp(s[q, k]) / sympy.Sum(sympy.exp(s[q, m]), (m, 0, n - 1))
    assert tn.from_sympy(alike) == tn.parse("softmax(S[q,k], k)", where="k = 3")
    array = np.random.default_rng(2).standard_normal((3, 3))
    weights, d = np.exp(array), np.arange(3)
    sums = weights.sum(1)
    for other, wanted in [
        (alike**2, (weights / weights.sum(1, keepdims=True)) ** 2),
        (alike / sympy.exp(s[q, k]), 1 / sums),
        (sympy.exp(s[q, k]) / sympy.Sum(sympy.exp(s[k, m]), (m, 0, n - 1)), weights / sums),
        (sympy.exp(s[k, k]) / sympy.Sum(sympy.exp(s[k, m]), (m, 0, n - 1)), weights[d, d] / sums),
    ]:
        value = tn.from_sympy(other)
        assert not any(b.function.name == "softmax" for b in value.boxes if b.function)
        if len(value.legs) == 2:
            value = value.permute("q", "k")
        assert np.allclose(value.evaluate(S=array), wanted)


@pytest.mark.parametrize("place", ["2*i + 2*j", "4*i + j", "2*i + j + 1", "i + j", "7*i + j"])
def test_places_that_count_no_indices_are_refused(place):
    t, i, j = sympy.Symbol("t", integer=True), *sympy.symbols("i j", integer=True)
    delta = sympy.KroneckerDelta(t, sympy.sympify(place, {"i": i, "j": j}), (0, 5))
    with pytest.raises(NotationError, match="does not count"):
        tn.from_sympy(delta * sympy.IndexedBase("A")[i, j])


def test_a_mask_within_a_sum_is_not_moved_out_of_it():
    value = tn.parse("reciprocal((causal[q,k]*S[q,k] -> q))*v[q]", where="q, k = 3")
    expression = value.to_sympy(as_="indexed")
    assert not {"q", "k"} & {str(symbol) for symbol in expression.free_symbols}
    assert np.allclose(numbers(read_back(value, "indexed")), numbers(value))


@pytest.mark.parametrize(
    "text",
    ["v[i] - v[i]", "group(R[i,j] - R[i,j], ij=(i,j))", "group(w[j]*(v[i] - v[i]), ij=(i,j))"],
)
def test_a_value_that_cancels_keeps_its_legs(text):
    value = tn.parse(text, where="i, j = 3")
    found = read_back(value)
    assert len(found.legs) == 1
    assert not numbers(value).any()
    assert found == value or found == Sum([], found.legs)


def test_a_constant_leg_that_only_a_formula_could_say_is_not_lost_unasked():
    value = tn.parse("group(T[i,j,k], ij=(i,j))*ones[m]")
    with pytest.raises(NotationError, match="constant along the leg 'm'"):
        value.to_sympy()
    assert "m" not in map(str, value.to_sympy(as_="indexed").free_symbols)
