"""What from_sympy refuses, and how it says so."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from sympy import HadamardPower, MatrixSymbol, Sum, Symbol, Trace
from sympy.matrices.expressions.diagonal import DiagonalMatrix, DiagonalOf
from sympy.tensor.array.expressions.array_expressions import ArraySymbol

import tnalgebra as tn
from tnalgebra.errors import LimitError, NotationError, SpaceError

n, m, l = sympy.symbols("n m l", integer=True, positive=True)  # noqa: E741
x, i, j, k = sympy.symbols("x i j k")
A, B, C = MatrixSymbol("A", n, m), MatrixSymbol("B", m, l), MatrixSymbol("C", n, m)
S, R = MatrixSymbol("S", n, n), MatrixSymbol("R", n, n)
v = MatrixSymbol("v", n, 1)
a, b = sympy.IndexedBase("a"), sympy.IndexedBase("b", shape=(m, l))


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (sympy.exp(S), "exp of a whole matrix"),
        (sympy.Determinant(S), "Determinant"),
        ((S + R).I, "inverse of"),
        ((R * sympy.OneMatrix(n, n)).I, "inverse of"),
        (S**m, "no whole number"),
        (HadamardPower(A, m), "the power m"),
        (sympy.gamma(Trace(S)), "cannot say gamma"),
        (A[i + 1, j], "neither a symbol nor a place"),
        (Sum(A[i, j], (j, 1, m - 1)), "begins at 0"),
        (Sum(S[i, j], (j, 0, i)), "index"),
        (Sum(j * v[j, 0], (j, 0, n - 1)), "stands where a number"),
        (sympy.BlockMatrix([[A, C]]), "BlockMatrix"),
        (DiagonalMatrix(A), "not square"),
        (DiagonalOf(A), "not square"),
        (A.applyfunc(sympy.gamma), "cannot say gamma"),
        (A[0:2, :], "MatrixSlice"),
        (sympy.Product(v[i, 0], (i, 0, n - 1)), "Product"),
        (MatrixSymbol("A", n, m) * MatrixSymbol("A", m, n), "two shapes"),
        (MatrixSymbol("V", n, 1) * MatrixSymbol("V", 1, n), "two shapes"),
        (Symbol("A") * A, "symbol and a tensor"),
        (Symbol("q") * Symbol("q", real=True) * A, "two different symbols"),
        (MatrixSymbol("softmax", n, n), "meaning of its own"),
        (MatrixSymbol("A_{1}", n, n), "no name of a tensor"),
        (A * MatrixSymbol("E", m, Symbol("dim(m)")), "cannot both be sizes"),
        (Sum(b[i, j], (j, 0, l - 1)) * a[m, 0], "an index and a size"),
        (sympy.FunctionMatrix(n, n, sympy.Lambda((i, j), i + x)), "holds the symbol"),
        (ArraySymbol("P", (2, 3)) * ArraySymbol("P2", (2, 3)), "product of two arrays"),
        (sympy.Gt(x, 1), "cannot say"),
    ],
    ids=str,
)
def test_what_diagrams_cannot_say_is_refused(expression, message):
    with pytest.raises(NotationError, match=message):
        tn.from_sympy(expression)


@pytest.mark.parametrize(
    "expression",
    [
        # sympy itself lets n meet 3, and j run over the wrong axis
        sympy.MatMul(S, MatrixSymbol("H", 3, 3)),
        sympy.MatAdd(S, MatrixSymbol("H", 3, 3)),
        Sum(A[i, j], (j, 0, n - 1)),
        Sum(a[i, j] * b[i, j], (j, 0, n - 1)),
        A[i, j] * B[i, k],
    ],
    ids=str,
)
def test_sizes_that_differ_are_refused(expression):
    with pytest.raises(SpaceError, match="sizes"):
        tn.from_sympy(expression)


def test_limits_are_errors_not_crashes():
    deep = S
    for _ in range(300):
        deep = sympy.MatAdd(R, sympy.MatMul(S, deep, evaluate=False), evaluate=False)
    with pytest.raises(LimitError, match="nests deeper"):
        tn.from_sympy(deep)
    with pytest.raises(LimitError, match="factors"):
        tn.from_sympy(S**100000)


@pytest.mark.parametrize("given", [True, "A*B", None, [1, 2], np.eye(2)], ids=repr)
def test_only_sympy_is_read(given):
    with pytest.raises(NotationError, match="reads sympy expressions"):
        tn.from_sympy(given)


def test_the_error_shows_the_place():
    with pytest.raises(NotationError) as caught:
        tn.from_sympy(A + sympy.MatMul(sympy.Determinant(S), C))
    assert "Determinant(S)*C" in str(caught.value)
    assert "^" * len("Determinant(S)") in str(caught.value)
