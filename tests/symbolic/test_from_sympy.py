"""sympy expressions read as values, against the entries that sympy itself writes out."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from sympy import HadamardPower, HadamardProduct, MatrixSymbol, Sum, Trace
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.dotproduct import DotProduct
from sympy.tensor.array.expressions.array_expressions import (
    ArrayAdd,
    ArrayContraction,
    ArrayDiagonal,
    ArrayElementwiseApplyFunc,
    ArraySymbol,
    ArrayTensorProduct,
    OneArray,
    PermuteDims,
    Reshape,
    ZeroArray,
)
from sympy_oracle import explicit, indexed, sized

import tnalgebra as tn
from tnalgebra.errors import NotationError, SpaceError
from tnalgebra.numeric.interpreter import needs

SIZES = {"n": 3, "m": 2, "l": 4}
n, m, l = sympy.symbols("n m l", integer=True, positive=True)  # noqa: E741
x, i, j, k = sympy.symbols("x i j k")
i0 = sympy.Idx("i0", n)
j0 = sympy.Idx("j0", m)
A, B, C = MatrixSymbol("A", n, m), MatrixSymbol("B", m, l), MatrixSymbol("C", n, m)
S, R = MatrixSymbol("S", n, n), MatrixSymbol("R", n, n)
v, w, u = MatrixSymbol("v", n, 1), MatrixSymbol("w", n, 1), MatrixSymbol("u", 1, m)
c = MatrixSymbol("c", 1, 1)
F, G = MatrixSymbol("F", 2, 3), MatrixSymbol("G", 3, 2)
X, Y, Z = ArraySymbol("X", (n, m)), ArraySymbol("Y", (n,)), ArraySymbol("Z", (n, m, l))
Q = ArraySymbol("Q", (n, n, n))
K = ArraySymbol("K", (3,))
a, b = sympy.IndexedBase("a"), sympy.IndexedBase("b", shape=(m, l))


def each(body: sympy.Expr, matrix: sympy.MatrixExpr) -> sympy.MatrixExpr:
    """A function of every entry; x is the entry."""
    return matrix.applyfunc(sympy.Lambda(x, body))


MATRICES = [
    A,
    2 * A,
    x * A / 3,
    A * B,
    A.T,
    sympy.Adjoint(A),
    A.conjugate(),
    sympy.Adjoint(A * B),
    sympy.Transpose(sympy.Adjoint(A) * v),
    A + C,
    A - 2 * C,
    (A + C) * B,
    A * (B + sympy.OneMatrix(m, l)),
    S**2,
    S**5,
    S**0,
    S.I,
    S**-2,
    (S * R).I,
    (2 * S.T).I * sympy.Adjoint(S).I,
    S.I.conjugate() * R,
    HadamardProduct(A, C, A),
    HadamardProduct(S, R.T, sympy.Adjoint(S)),
    HadamardPower(A, 3),
    HadamardPower(A, 0),
    HadamardPower(A, -1),
    HadamardPower(A, sympy.Rational(-3, 2)),
    S**-1 / Trace(R),
    each(sympy.sin(x) + sympy.cosh(x), A * B),
    each(1 / (1 + x**2), A),
    sympy.Identity(n) + S,
    sympy.Identity(3),
    sympy.ZeroMatrix(n, m),
    sympy.MatAdd(sympy.ZeroMatrix(n, m), A, evaluate=False),
    sympy.MatMul(0, A),
    sympy.OneMatrix(n, m),
    sympy.OneMatrix(2, 3) * G,
    DiagMatrix(v),
    DiagMatrix(v) * A,
    DiagMatrix(u),
    DiagMatrix(w.T),
    DiagonalMatrix(S),
    DiagonalOf(S * R),
    v,
    u,
    v * u,
    v * v.T,
    S * v + w,
    u.T * x,
    Trace(S) * A,
    Trace(S * v * w.T) * v,
    v.T * S * w,
    (v.T * w) * c,
    c,
    sympy.Adjoint(c),
    sympy.Identity(1) * 5,
    F * G,
    (F * G) ** 2 + sympy.Identity(2),
    F + sympy.Matrix(2, 3, [1, x, 0, sympy.I, 2, 3]),
    sympy.Matrix([[1, 2], [3, 4]]) * F,
    sympy.Matrix([Trace(S), c[0, 0]]),
    each(sympy.exp(x), A),
    each(sympy.tanh(x), A * B) * sympy.OneMatrix(l, 1),
    each(2 * x**2 - sympy.exp(x) * x + 1, S),
    each(sympy.conjugate(x) * x, A),
    each(sympy.Integer(7), A),
    each(sympy.exp(x), v),
    each(sympy.exp(sympy.tanh(x)), v * u),
    each(sympy.exp(x), v.T * w),
    sympy.FunctionMatrix(n, m, sympy.Lambda((i, j), 2 * i - j)),
    sympy.FunctionMatrix(n, 1, sympy.Lambda((i, j), sympy.KroneckerDelta(i, 2))),
    sympy.FunctionMatrix(n, m, sympy.Lambda((i, j), sympy.Piecewise((1, j <= i), (0, True)))),
    DotProduct(v, w),
    DotProduct(u, u.T),
    sympy.Transpose(sympy.ZeroMatrix(n, m)) * S,
    sympy.KroneckerProduct(A, B),
    sympy.KroneckerProduct(A, v, F),
    sympy.KroneckerProduct(v, w),
    sympy.KroneckerProduct(v, v.T),
    sympy.KroneckerProduct(S, R) * sympy.KroneckerProduct(v, w),
    sympy.KroneckerProduct(F, G) + sympy.ones(6, 6),
]

ARRAYS = [
    X,
    Z,
    ArrayTensorProduct(X, Y),
    ArrayTensorProduct(3 * x, X),
    ArrayTensorProduct(A, v),
    ArrayContraction(ArrayTensorProduct(X, Y), (0, 2)),
    ArrayContraction(ArrayTensorProduct(A, B), (1, 2)),
    ArrayContraction(ArrayTensorProduct(Y, Y, Y), (0, 1, 2)),
    ArrayContraction(ArrayTensorProduct(v, u), (1, 2)),
    ArrayContraction(v, (1,)),
    ArrayContraction(Z, (0,), (2,)),
    ArrayContraction(Q, (0, 2)),
    ArrayDiagonal(Q, (0, 2)),
    ArrayDiagonal(Q, (0, 1, 2)),
    ArrayDiagonal(ArrayTensorProduct(X, Y), (0, 2)),
    ArrayDiagonal(ArrayTensorProduct(X, Z), (1, 3), (0, 2)),
    ArrayContraction(ArrayDiagonal(ArrayTensorProduct(X, Z), (0, 2)), (0, 1)),
    PermuteDims(Z, [2, 0, 1]),
    PermuteDims(Z, [1, 2, 0]),
    PermuteDims(ArrayTensorProduct(Z, Y), [3, 1, 0, 2]),
    ArrayAdd(X, ArrayTensorProduct(2, A)),
    ArrayAdd(PermuteDims(X, [1, 0]), ArrayTensorProduct(sympy.I, C.T)),
    ArrayElementwiseApplyFunc(sympy.exp, X),
    ArrayElementwiseApplyFunc(sympy.Lambda(x, sympy.conjugate(x) + 1), Z),
    ArrayTensorProduct(sympy.Identity(n), Y),
    OneArray(2, 3, 4),
    Reshape(ArraySymbol("H", (2, 6)), (4, 3)),
    ArrayContraction(ArrayTensorProduct(Reshape(ArraySymbol("H", (2, 6)), (3, 4)), K), (0, 2)),
    Reshape(ArraySymbol("H", (2, 6)), (12,)),
    Reshape(K, (1, 3, 1)),
    ZeroArray(2, 3),
    sympy.Array([[1, 2, x], [sympy.I, 0, 3]]),
    ArrayTensorProduct(sympy.Array([1, 2]), Y),
]

NUMBERS = [
    Trace(S),
    Trace(S * R) ** 2,
    Trace(A * sympy.Adjoint(A)),
    Trace(sympy.Identity(n)),
    n * Trace(S) / m + x,
    sympy.conjugate(Trace(S)),
    sympy.re(Trace(S)),
    sympy.im(Trace(S) * x),
    sympy.Abs(Trace(S)) ** 2,
    sympy.exp(Trace(S) / 10),
    1 / Trace(S),
    sympy.sqrt(Trace(S)),
    Trace(S) ** sympy.Rational(3, 2),
    sympy.sin(Trace(S)) / sympy.log(Trace(R)),
    sympy.Abs(Trace(S)),
    A[0, 1],
    c[0, 0],
    (A * B)[1, 2],
    (v.T * S * w)[0, 0],
    v[2, 0] * u[0, 1],
    X[0, 1] * Y[2],
    Sum(A[i, j], (i, 0, n - 1), (j, 0, m - 1)),
    Sum(S[i, i] ** 2, (i, 0, n - 1)),
    Sum(v[i, 0] * Sum(w[i, 0], (i, 0, n - 1)), (i, 0, n - 1)),
    Sum(3, (i, 0, n - 1)),
    Trace(DiagMatrix(v) * each(sympy.exp(x), S)),
    ArrayContraction(ArrayTensorProduct(Y, Y), (0, 1)),
    x + 1,
]

INDEXED = [
    (Sum(A[i, j] * B[j, k], (j, 0, m - 1)), {"i": n, "k": l}),
    (Sum(a[i, j] * b[j, k], (j, 0, m - 1)) * v[i, 0], {"i": n, "k": l}),
    (A[i0, j0] * sympy.KroneckerDelta(i0, k), {"i0": n, "j0": m, "k": n}),
    (Sum(S[i, j] * sympy.KroneckerDelta(j, 2), (j, 0, n - 1)), {"i": n}),
    (Sum(S[i, j] + v[i, 0] + 1, (j, 0, n - 1)), {"i": n}),
    (S[i, i] * w[i, 0], {"i": n}),
    (sympy.conjugate(A[i, j]) * sympy.exp(v[i, 0] * x), {"i": n, "j": m}),
    (Z[i, 1, k] + X[i, 0] * b[0, k], {"i": n, "k": l}),
    (sympy.exp(Sum(S[i, j] * v[j, 0], (j, 0, n - 1))) + n, {"i": n}),
    (v[i, 0] / sympy.sqrt(Sum(w[j, 0] ** 2, (j, 0, n - 1))) / w[i, 0], {"i": n}),
    (v[i, 0] / (1 + sympy.exp(-v[i, 0])), {"i": n}),
    (Sum(sympy.KroneckerDelta(i, j), (j, 0, n - 1)), {"i": n}),
]


def numbers_for(expression: object) -> dict[str, object]:
    """Random complex arrays for every tensor that may occur, and a number for x."""
    rng = np.random.default_rng(7)
    shapes = {"A": (3, 2), "B": (2, 4), "C": (3, 2), "S": (3, 3), "R": (3, 3), "v": 3, "w": 3}
    shapes |= {"u": 2, "c": (), "F": (2, 3), "G": (3, 2), "X": (3, 2), "Y": 3, "Z": (3, 2, 4)}
    shapes |= {"Q": (3, 3, 3), "a": (3, 2), "b": (2, 4), "H": (2, 6), "K": 3}
    found: dict[str, object] = {
        name: np.asarray(rng.standard_normal(shape) + 1j * rng.standard_normal(shape))
        for name, shape in shapes.items()
    }
    return {**found, "x": 0.5 - 0.25j}


def evaluated(value: tn.Diagram, given: dict[str, object]) -> np.ndarray:
    """The value on the arrays, numbers and sizes that it speaks of."""
    wanted = needs(value)
    names = {name for name, tensor in wanted.tensors.items() if tensor.entries is None}
    names |= {symbol.name for symbol in wanted.symbols if symbol.name in given}
    sizes = {name: SIZES[name] for name in {space.name for space in wanted.spaces} & set(SIZES)}
    sizes |= {symbol.name: SIZES[symbol.name] for symbol in {n, m, l} & {*wanted.symbols}}
    return value.evaluate(sizes=sizes, **{name: given[name] for name in names})


@pytest.mark.parametrize("expression", [*MATRICES, *ARRAYS, *NUMBERS], ids=str)
def test_values_have_the_entries_that_sympy_writes_out(expression):
    given = numbers_for(expression)
    wanted = explicit(expression, given, SIZES)
    value = tn.from_sympy(expression)
    if getattr(expression, "is_Matrix", False):
        wanted = wanted.reshape([size for size in expression_shape(expression) if size != 1])
    found = evaluated(value, given)
    assert found.shape == wanted.shape
    assert np.allclose(found, wanted)


def expression_shape(expression: sympy.MatrixExpr) -> list[int]:
    """The shape with numbers; only a side that is the number 1 is no leg."""
    return [int(sized(sympy.sympify(size), SIZES)) for size in expression.shape]


@pytest.mark.parametrize(("expression", "legs"), INDEXED, ids=str)
def test_indexed_expressions_have_the_entries_of_their_formula(expression, legs):
    given = numbers_for(expression)
    value = tn.from_sympy(expression)
    sizes = {name: SIZES[size.name] for name, size in legs.items()}
    wanted = indexed(expression, sizes, given, SIZES)
    assert {leg.name for leg in value.legs} == set(legs)
    found = evaluated(value.permute(*legs), given)
    assert found.shape == wanted.shape
    assert np.allclose(found, wanted)


@pytest.mark.parametrize(
    ("expression", "text", "where"),
    [
        (A * B, "A[i,j]*B[j,k]", "i: n; j: m; k: l"),
        (Trace(S * R), "tr(S @ R)", "S: tensor(i, j); R: tensor(i, j); i, j: n"),
        (v.T * S * w, "v[i]*S[i,j]*w[j]", "i, j: n"),
        (sympy.Adjoint(A) * v, "conj(A)[i,j]*v[i]", "i: n; j: m"),
        (S.I * A, "inv(S)[i,j]*A[j,k]", "i, j: n; k: m"),
        (HadamardProduct(A, C), "A[i,j]*C[i,j] -> i,j", "i: n; j: m"),
        (DiagMatrix(v), "v[i] * delta[i,j,k]", "i: n"),
        (F * G, "F[i,j]*G[j,k]", "i, k = 2; j = 3"),
        (n * Trace(sympy.Identity(n)), "n*delta[i,j]*delta[i,j]", "i: n"),
        (x * A, "x*A[i,j]", "i: n; j: m"),
        (each(sympy.Max(0, x), A), "relu(A[i,j])", "i: n; j: m"),
        (sympy.OneMatrix(n, m), "ones[i]*ones[j]", "i: n; j: m"),
        (sympy.ZeroMatrix(n, m), "0*ones[i]*ones[j]", "i: n; j: m"),
    ],
    ids=str,
)
def test_values_are_those_of_the_notation(expression, text, where):
    value, wanted = tn.from_sympy(expression), tn.parse(text, where)
    names = [leg.name for leg in wanted.legs]
    assert (value[tuple(names)] if names else value) == wanted


def test_matrices_that_share_a_dimension_share_a_space():
    value = tn.from_sympy(A * B)
    assert [space.name for space in value.spaces] == ["n", "m", "l"]
    first, second = tn.from_sympy(A), tn.from_sympy(B)
    assert (first @ second)["i", "j"] == value["i", "j"]
    with pytest.raises(SpaceError, match="space 'm' cannot join a leg of space 'n'"):
        first @ first


def test_numbers_as_dimensions_are_spaces_of_their_own_until_a_product_joins_them():
    square = MatrixSymbol("H", 3, 3)
    assert len(tn.from_sympy(square).spaces) == 2
    assert len(tn.from_sympy(square * square).spaces) == 1


def test_equations():
    found = tn.from_sympy(sympy.Eq(S * S.I, S.T * S.T.I, evaluate=False))
    assert [leg.name for leg in found.lhs.legs] == [leg.name for leg in found.rhs.legs]
    assert (
        tn.verify(tn.from_sympy(sympy.Eq((S * R).T, R.T * S.T, evaluate=False))).status == "proved"
    )
    assert tn.verify(tn.from_sympy(sympy.Eq(S * R, R * S, evaluate=False))).status == "refuted"
    index = tn.from_sympy(sympy.Eq(Sum(A[i, j], (j, 0, m - 1)), v[i, 0], evaluate=False))
    assert [leg.name for leg in index.lhs.legs] == ["i"]
    constant = tn.from_sympy(sympy.Eq(v[i, 0], 1, evaluate=False))
    assert [leg.name for leg in constant.rhs.legs] == ["i"]


def test_an_equation_that_sympy_decided_is_refused():
    with pytest.raises(NotationError, match="evaluate=False"):
        tn.from_sympy(sympy.Eq(A, A.T))


def test_equal_parts_of_functions_are_shared():
    inner = each(sympy.exp(x), S)
    value = tn.from_sympy(inner * inner)
    first, second = value.boxes
    assert first.content is second.content


def test_no_space_keeps_a_name_of_the_reading():
    unnamed = sympy.Symbol("dim(i)", integer=True, positive=True)
    value = tn.from_sympy(MatrixSymbol("H", unnamed, 2 * unnamed) * n)
    assert [space.name for space in value.spaces] == ["i", "size_2_times_i"]
    assert value.spaces[1].size == 2 * value.spaces[0].dimension
