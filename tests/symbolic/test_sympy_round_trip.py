"""Values that sympy's own rules would change on the way: each is read back with its numbers."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

import tnalgebra as tn
from tnalgebra.core.nesting import all_tensors
from tnalgebra.core.values import Value

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
