"""A slice reads the one place that its unit vector names, and nothing of the others."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
import torch

import tnalgebra as tn
from tnalgebra.errors import ArrayError

BROKEN = np.array([[1.0, 2.0], [np.inf, np.nan]])
MORE = np.array([[1.0, np.nan], [np.inf, 5.0]])


def _all_ways(value, **arrays):
    """The value on numpy arrays, on torch tensors, and by its program."""
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    space = {}
    exec(value.to_torch(), space)
    found = value.evaluate(**arrays)
    names = space["diagram"].__code__.co_varnames
    count = space["diagram"].__code__.co_argcount
    for other in (
        value.evaluate(**tensors),
        space["diagram"](*(tensors[n] for n in names[:count])),
    ):
        np.testing.assert_array_equal(found, np.asarray(other))
    return found


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A[0,j]", [1, 2]),
        ("onehot(0)[i]*A[i,j]", [1, 2]),
        ("A[i,0]", [1, np.inf]),
        ("A[1,0]", np.inf),
        ("A[i,j]*delta[i,j,k]*onehot(0)[k]", 1),
        ("A[i,j]*delta[i,a,b]*onehot(0)[b] -> a,j", [[1, 2], [np.nan, np.nan]]),
        ("A[i,j]*delta[i,a,b]*onehot(0)[a]*onehot(0)[b]", [1, 2]),
        ("A[i,j]*B[i,k]*onehot(0)[i] -> j,k", [[1, np.nan], [2, np.nan]]),
        ("A[i,j]*B[i,k]*onehot(0)[i]*onehot(0)[k] -> j", [1, 2]),
        ("A[i,j]*onehot(0)[i]*onehot(0)[i] -> j", [1, 2]),
        ("A[i,j]*onehot(0)[i]*onehot(1)[i] -> j", [0, 0]),
        ("A[0,0]*onehot(0)[i]*onehot(1)[i]", 0),
        ("exp(A[i,j])[0,j]", np.exp([1, 2])),
        ("(A[i,j] + A[i,j])*onehot(0)[i]", [2, 4]),
        ("group(A[i,j], ij=(i,j))*onehot(1)[ij]", 2),
        ("group(A[i,j], ij=(i,j))*onehot(2)[ij]", np.inf),
        ("group(A[i,j], ij=(i,j))*delta[ij,x,y]*onehot(1)[x]*onehot(0)[y]", 0),
        ("group(A[i,j], ij=(i,j))*delta[ij,x,y]*onehot(1)[x]*onehot(1)[y]", 2),
    ],
)
def test_what_is_left_out_is_not_read(text, wanted):
    """Once 0*inf and 0*nan of the places that are left out came into the sum."""
    value = tn.parse(text, "A: tensor(i, j); B: tensor(i, j); i, j, k, a, b: n")
    arrays = {"A": BROKEN, "B": MORE}
    arrays = {tensor.name: arrays[tensor.name] for tensor in value.tensors if tensor.name in arrays}
    np.testing.assert_array_equal(_all_ways(value, **arrays), wanted)


def test_slices_of_values_in_python():
    value = tn.tensor("A", "i j")[0, "j"]
    np.testing.assert_array_equal(_all_ways(value, A=BROKEN), [1, 2])
    found = value.evaluate(A=BROKEN)
    found[0] = 7
    assert BROKEN[0, 0] == 1


def test_what_is_chosen_is_read():
    assert np.isnan(tn.parse("A[1,j]").evaluate(A=BROKEN)[1])
    assert np.isnan(tn.parse("A[i,j]*x[i]").evaluate(A=BROKEN, x=np.array([1.0, 0.0]))).any()


def test_a_vector_that_stays_in_the_result():
    found = tn.parse("onehot(1)[i]*A[i,j] -> i,j").evaluate(A=np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert found.tolist() == [[0, 0], [3, 4]]
    assert tn.parse("onehot(1)[i]").evaluate(sizes={"i": 3}).tolist() == [0, 1, 0]
    assert tn.parse("onehot(1)[i]*ones[i]").evaluate(sizes={"i": 3}) == 1


def test_types_and_gradients_of_slices():
    A = torch.ones(2, 3, dtype=torch.complex64, requires_grad=True)
    for text in ("A[0,j]", "A[i,j]*onehot(0)[i]*onehot(1)[i] -> j"):
        found = tn.parse(text).evaluate(A=A)
        assert found.dtype == torch.complex64
        (slope,) = torch.autograd.grad(found.real.sum(), A)
        assert slope.tolist() == [[float("*" not in text)] * 3, [0] * 3]


def test_exact_slices():
    value = tn.parse("A[0,j]*B[j]")
    assert (
        str(value.evaluate(symbolic=True, sizes={"i": 2, "j": 2})) == "A[0, 0]*B[0] + A[0, 1]*B[1]"
    )
    value = tn.parse("A[i,j]*onehot(0)[i]*onehot(1)[i] -> j")
    zeros = value.evaluate(symbolic=True, sizes={"i": 2, "j": 2})
    assert zeros == sympy.Array([0, 0])
    assert tn.verify("A[0,j] + A[0,j] == 2*A[0,j]").status == "proved"
    assert tn.verify("A[1,j] == A[0,j]").status == "refuted"


def test_a_position_beyond_the_size_is_refused():
    value = tn.parse("A[5,j]")
    with pytest.raises(ArrayError, match="needs a space of at least 6"):
        value.evaluate(A=BROKEN)
    space = {}
    exec(value.to_torch(), space)
    with pytest.raises(ValueError, match=r"position 5 of the space \w+ of size 2"):
        space["diagram"](torch.from_numpy(BROKEN))
