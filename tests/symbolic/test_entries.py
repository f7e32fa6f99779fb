"""Tensors with explicit entries in sympy's words."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

import tnalgebra as tn

ALPHA = sympy.Symbol("alpha")


@pytest.mark.parametrize("form", ["matrix", "array", "indexed"])
def test_explicit_matrices_keep_their_entries(form):
    value = tn.parse("X @ X.T", "X = [[0, 1], [1, alpha], [2, 0]]")
    wanted = value.evaluate(alpha=3)
    expression = value.to_sympy(as_=form)
    if form == "indexed":
        free = sorted((s for s in expression.free_symbols if s.is_integer), key=str)
        found = [
            [expression.doit().subs(dict(zip(free, (i, j), strict=True))) for j in range(3)]
            for i in range(3)
        ]
        found = sympy.Matrix(3, 3, lambda i, j: found[i][j].doit())
    elif form == "matrix":
        found = expression.doit()
    else:
        found = sympy.Matrix(expression.as_explicit())
    numbers = np.array(found.subs(ALPHA, 3).tolist(), float)
    assert np.allclose(numbers, wanted) or np.allclose(numbers.T, wanted)


def test_more_legs_are_indexed():
    value = tn.parse("T[i,j,k]*w[k]", "T = [[[0, 1], [1, alpha]]]")
    expression = value.to_sympy()
    assert isinstance(expression, sympy.Sum)
    assert ALPHA in expression.free_symbols


def test_explicit_matrices_are_read():
    matrix = sympy.ImmutableMatrix([[0, 1], [1, 0]])
    value = tn.from_sympy(sympy.MatMul(matrix, sympy.MatrixSymbol("A", 2, 3)))
    a = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(value.evaluate(A=a), a[::-1])
