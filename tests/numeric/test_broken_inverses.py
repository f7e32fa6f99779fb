"""inv and pinv of matrices with inf or nan in them are nan, on numpy, torch and in programs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import tnalgebra as tn
from tnalgebra.errors import ArrayError

SQUARE = "A: tensor(i, j); B: tensor(j, i); i, j: n"


def program(value):
    """The function that the program of a value defines."""
    space = {}
    exec(value.to_torch(), space)
    return space["diagram"]


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    ("text", "where", "shape", "result"),
    [
        ("pinv(A)", "", (2, 3), (3, 2)),
        ("pinv(A.H)", "", (2, 3), (2, 3)),
        ("conj(pinv(A))[i,j]", "", (2, 3), (3, 2)),
        ("pinv(2*A)", "", (3, 2), (2, 3)),
        ("pinv(A @ A)", SQUARE, (2, 2), (2, 2)),
        ("inv(A)", SQUARE, (2, 2), (2, 2)),
        ("inv(A @ A)", SQUARE, (2, 2), (2, 2)),
    ],
)
def test_the_inverse_of_what_is_not_finite_is_nan(text, where, shape, result, broken, kind):
    """Once pinv raised numpy's or torch's own error, and inv called the matrix singular."""
    value = tn.parse(text, where)
    array = np.ones(shape, kind)
    array[0, 1] = broken
    tensor = torch.from_numpy(array)
    for found in (value.evaluate(A=array), value.evaluate(A=tensor), program(value)(tensor)):
        found = np.asarray(found)
        assert (found.shape, found.dtype) == (result, kind)
        assert np.isnan(found).all()


def test_finite_matrices_have_their_inverses():
    array = np.array([[2.0, 0.0], [0.0, 4.0]])
    for text in ("inv(A)", "pinv(A)", "inv(2*A/2)", "pinv(A @ A @ inv(A))"):
        value = tn.parse(text, SQUARE)
        for found in (value.evaluate(A=array), program(value)(torch.from_numpy(array))):
            np.testing.assert_allclose(found, [[0.5, 0], [0, 0.25]])
    with pytest.raises(ArrayError, match="singular"):
        tn.parse("inv(A)", SQUARE).evaluate(A=np.ones((2, 2)))


def test_inverses_inside_vmap():
    value = tn.parse("pinv(A)*1", SQUARE)
    arrays = torch.tensor([[[2.0, 0], [0, 4]], [[1, 0], [0, 5]]], dtype=torch.float64)
    for function in (lambda A: value.evaluate(A=A), program(value)):
        torch.testing.assert_close(torch.vmap(function)(arrays), torch.linalg.inv(arrays))
