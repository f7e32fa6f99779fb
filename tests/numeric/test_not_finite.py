"""What is not finite is a result, of numpy arrays as of torch arrays, and nothing warns of it."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

import tnalgebra as tn
from tnalgebra.errors import ArrayError

EDGES = np.array([0.0, 1e3, 1e300, np.inf, np.nan])
FUNCTIONS = (
    *("reciprocal", "log", "exp", "sqrt", "sinh", "cosh", "tanh", "sigmoid", "silu", "gelu"),
    *("relu", "step", "abs", "sin", "cos", "tan"),
)


def _both(value, **arrays):
    """The values on numpy and on torch arrays; a warning of either is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = value.evaluate(arrays)
        other = value.evaluate({name: torch.from_numpy(one) for name, one in arrays.items()})
    return found, other.numpy()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_at_the_edge_are_those_of_torch(name):
    found, other = _both(tn.parse(f"{name}(x[i])"), x=EDGES)
    np.testing.assert_allclose(found, other)
    assert np.isnan(found[-1]) or name == "step"


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in ("log", "sqrt")])
def test_functions_of_large_negative_numbers_are_those_of_torch(name):
    np.testing.assert_allclose(*_both(tn.parse(f"{name}(x[i])"), x=-EDGES))


@pytest.mark.parametrize(
    ("text", "arrays", "wanted"),
    [
        ("1/x[i] -> i", {"x": np.array([0.0, -0.0, 2.0])}, [np.inf, -np.inf, 0.5]),
        ("log(x[i])", {"x": np.array([0.0, 1.0])}, [-np.inf, 0]),
        ("x[i]/x[i] -> i", {"x": np.array([0.0, 1.0])}, [np.nan, 1]),
        ("A @ x", {"A": np.array([[1e200]]), "x": np.array([1e200])}, [np.inf]),
        ("A @ x", {"A": np.array([[np.inf]]), "x": np.array([0.0])}, [np.nan]),
        ("A[i,j] - A[i,j]", {"A": np.array([[np.inf]])}, [[np.nan]]),
        ("softmax(x[i], i)", {"x": np.array([np.inf, 0.0])}, [np.nan, np.nan]),
        ("alpha*x[i]", {"x": np.array([1e308])}, [np.inf]),
    ],
)
def test_numpy_and_torch_give_the_same_without_a_warning(text, arrays, wanted):
    """Once numpy warned of divisions that the user could not see."""
    where = "x: tensor(i)" if "@" in text else ""
    value = tn.parse(text, where)
    found = _both(value.substitute("alpha", 10) if "alpha" in text else value, **arrays)
    for one in found:
        np.testing.assert_array_equal(one, wanted)


def test_an_einsum_of_arrays_does_not_warn_either():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = tn.einsum("ij,jk->ik", np.array([[1e200]]), np.array([[1e200]]))
    assert found == [[np.inf]]


def test_the_users_own_wish_for_errors_is_kept():
    value = tn.parse("1/x[i] -> i")
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        value.evaluate(x=np.zeros(1))
    with np.errstate(divide="warn"):
        assert value.evaluate(x=np.zeros(1)) == np.inf
        with pytest.warns(RuntimeWarning):
            np.log(np.zeros(1))


@pytest.mark.parametrize(
    ("name", "array", "way_out"),
    [
        ("A", np.ones(2, int), "A.astype(float)"),
        ("A", np.ones(2, bool), "A.astype(float)"),
        ("A'", np.ones(2, np.uint8), "array.astype(float)"),
        ("A'", torch.ones(2, dtype=torch.int64), "array.double()"),
    ],
)
def test_integers_are_refused_with_the_cast_to_write(name, array, way_out):
    with pytest.raises(ArrayError, match="only floating-point and complex arrays") as refused:
        tn.parse(f"{name}[i]").evaluate({name: array})
    assert refused.value.hint == f"cast it yourself: {way_out}"


def test_facts_are_not_checked_but_for_shapes_and_real_numbers():
    value = tn.parse("V.H @ V", "V: isometry(m -> a)")
    assert value.evaluate(V=np.full((2, 1), 3.0)) == 18
    assert value.simplify().evaluate(sizes={"a": 1}) == 1
    with pytest.raises(ArrayError, match="and the sizes are"):
        value.evaluate(V=np.ones((1, 2)))
