"""tn.einsum on arrays and on diagrams, against numpy.einsum and plain sums, and its refusals."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
import torch
from einsum_cases import BY_HAND, arrays_for, plain_einsum, random_equations, rows_of

import tnalgebra as tn
from tnalgebra.errors import ArrayError, LimitError, NotationError, TnalgebraError


def as_diagram(equation):
    """The diagram of an equation over tensors T0, T1, ...; every leg is of a space of its own."""
    tensors = [
        tn.tensor(f"T{n}", " ".join(f"{index}{k}" for k, index in enumerate(row)))
        for n, row in enumerate(rows_of(equation))
    ]
    return tn.einsum(equation, *tensors)


def numbered(arrays):
    return {f"T{n}": array for n, array in enumerate(arrays)}


def test_there_are_many_cases():
    assert len(set(BY_HAND)) == len(BY_HAND) >= 70


@pytest.mark.parametrize("equation", BY_HAND)
def test_arrays_and_diagrams_against_numpy(equation):
    arrays = arrays_for(equation)
    expected = np.einsum(equation, *arrays, optimize="greedy")
    found = tn.einsum(equation, *arrays)
    assert type(found) is np.ndarray
    np.testing.assert_allclose(found, expected, atol=1e-12)
    value = as_diagram(equation)
    np.testing.assert_allclose(value.evaluate(**numbered(arrays)), expected, atol=1e-12)
    tensors = [torch.from_numpy(array) for array in arrays]
    in_torch = tn.einsum(equation, *tensors)
    assert isinstance(in_torch, torch.Tensor)
    np.testing.assert_allclose(in_torch.numpy(), expected, atol=1e-12)


@pytest.mark.parametrize("equation", [one for one in BY_HAND if "->" in one])
def test_spaced_is_compact(equation):
    left, _, right = equation.replace(" ", "").partition("->")
    spaced = ", ".join(" ".join(f"{index}1" for index in row) for row in left.split(","))
    spaced += " -> " + " ".join(f"{index}1" for index in right)
    arrays = arrays_for(equation)
    np.testing.assert_array_equal(tn.einsum(spaced, *arrays), tn.einsum(equation, *arrays))


@pytest.mark.parametrize("seed", range(20))
def test_random_equations_against_numpy(seed):
    for equation in random_equations(500, seed):
        arrays = arrays_for(equation, seed)
        expected = np.einsum(equation, *arrays)
        np.testing.assert_allclose(
            tn.einsum(equation, *arrays), expected, atol=1e-10, err_msg=equation
        )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_random_equations_as_diagrams(seed):
    compare_diagrams(random_equations(500, seed), seed)


def test_some_random_equations_as_diagrams():
    compare_diagrams(random_equations(200, 20), 20)


def compare_diagrams(equations, seed):
    for equation in equations:
        arrays = arrays_for(equation, seed)
        found = as_diagram(equation).evaluate(**numbered(arrays))
        expected = np.einsum(equation, *arrays)
        np.testing.assert_allclose(found, expected, atol=1e-10, err_msg=equation)


@pytest.mark.parametrize("equation", [one for one in BY_HAND[:90] if "->" in one])
def test_sympy_arrays_exactly(equation):
    rng = np.random.default_rng(1)
    arrays = [
        sympy.Array(
            [sympy.Rational(int(x), 7) for x in rng.integers(-9, 9, array.size)], array.shape
        )
        for array in arrays_for(equation)
    ]
    found = tn.einsum(equation, *arrays)
    assert type(found) is sympy.ImmutableDenseNDimArray
    expected = plain_einsum(equation, arrays)
    assert all(found[place] == expected[place] for place in np.ndindex(*found.shape))


def test_matrices_with_symbols_are_sympy_arrays_too():
    x = sympy.Symbol("x")
    rotation = sympy.Matrix([[sympy.cos(x), -sympy.sin(x)], [sympy.sin(x), sympy.cos(x)]])
    found = tn.einsum("ij,kj->ik", rotation, rotation).applyfunc(sympy.simplify)
    assert found == sympy.Array([[1, 0], [0, 1]])
    assert tn.einsum("ij->", sympy.ImmutableSparseMatrix(2, 2, {(0, 0): x}))[()] == x
    assert tn.einsum("ij,j->i", sympy.zeros(2, 0), sympy.Array([], (0,))) == sympy.Array([0, 0])


INTEGERS = [np.int8, np.int32, np.int64, np.uint8]


@pytest.mark.parametrize("kind", INTEGERS)
@pytest.mark.parametrize("equation", BY_HAND)
def test_integers_stay_integers(equation, kind):
    arrays = [np.asarray(np.abs(array) > 1, kind) for array in arrays_for(equation)]
    try:
        found = tn.einsum(equation, *arrays)
    except LimitError:
        assert kind in (np.int8, np.uint8)
        return
    assert found.dtype == kind
    np.testing.assert_array_equal(found, np.einsum(equation, *arrays))
    in_torch = tn.einsum(equation, *map(torch.from_numpy, arrays))
    assert in_torch.dtype == torch.from_numpy(arrays[0]).dtype
    np.testing.assert_array_equal(in_torch.numpy(), found)


def test_integers_that_may_overflow_are_refused():
    """numpy.einsum wraps round: 100 * 2 is -56 in int8."""
    big = np.array([100], np.int8)
    assert np.einsum("i,i->", big, np.array([2], np.int8)) == -56
    with pytest.raises(LimitError, match="may reach 200, which int8"):
        tn.einsum("i,i->", big, np.array([2], np.int8))
    exact = 2**53 + 1
    assert tn.einsum("i,i->", np.array([exact]), np.array([3])) == 3 * exact
    least = np.array([np.iinfo(np.int64).min])
    with pytest.raises(LimitError):
        tn.einsum("i->i", least)


A, v = np.ones((2, 3)), np.ones(3)


@pytest.mark.parametrize(
    ("equation", "operands", "error", "message"),
    [
        ("ij,j->i", (np.ones((2, 4)), np.ones(1)), ArrayError, r"'j' has size 1 .* size 4"),
        ("ij,j->i", (np.ones((2, 1)), np.ones(4)), ArrayError, r"'j' has size 4 .* size 1"),
        ("ii->i", (np.ones((1, 4)),), ArrayError, r"'i' has size 4 .* size 1"),
        ("ij->ij", (v,), ArrayError, "has 1 axes, the string gives it 2"),
        ("ij->ii", (A,), NotationError, "kept twice"),
        ("ij,j->ik", (A, v), NotationError, "'k' is in no input"),
        ("ij,j->i", (A,), NotationError, "2 operands, 1 are given"),
        ("...ij,j->...i", (A, v), NotationError, r"'\.\.\.' stands for"),
        ("i j, j -> (i j)", (A, v), NotationError, "groups no indices"),
        ("ij->i->j", (A,), NotationError, "one '->'"),
        ("ij->i,j", (A,), NotationError, "one output"),
        ("row col, col", (A, v), NotationError, "says its output"),
        ("i$->i", (A,), NotationError, "is no index"),
        (A, ("ij->i",), NotationError, "the string comes first"),
        ("ij,j->i", (A, torch.ones(3, dtype=float)), ArrayError, "differ in library"),
        ("ij,j->i", (A, v.astype(np.float32)), ArrayError, "differ in precision"),
        ("ij,j->i", (A, v.astype(int)), ArrayError, "differ in precision"),
        ("ij,j->i", (A.astype(int), v.astype(np.int8)), ArrayError, "differ in precision"),
        ("ij,j->i", (A > 0, v > 0), ArrayError, "type bool"),
        ("i->i", (torch.ones(2, dtype=torch.uint16),), ArrayError, "type torch.uint16"),
        ("ij,j->i", (A.astype(object), v), ArrayError, "type object"),
        ("ij,j->i", (A, [1.0, 2.0, 3.0]), ArrayError, "given as list"),
        ("ij,j->i", (A, sympy.Array([1, 2, 3])), ArrayError, "is a sympy array"),
        ("ij,j->i", (tn.tensor("A", "i j"), v), NotationError, "not a diagram"),
        ("ij,j->i", (A, tn.tensor("v", "j")), NotationError, "not a diagram"),
        ("ij,j->i", (sympy.MatrixSymbol("M", 2, 3), v), ArrayError, "given as MatrixSymbol"),
        ("ij->ij", (np.ma.masked_array(A),), ArrayError, "masked array"),
        ("->", (), NotationError, "1 operands, 0 are given"),
        ("i,i->", (sympy.Array([0] * 2, 2),) * 2, None, ""),
    ],
)
def test_refusals(equation, operands, error, message):
    if error is None:
        tn.einsum(equation, *operands)
        return
    with pytest.raises(error, match=f"(?s){message}"):
        tn.einsum(equation, *operands)


def test_the_caret_is_under_the_index():
    with pytest.raises(NotationError) as refused:
        tn.einsum("ij,jk->ii", A, A)
    assert refused.value.span == (8, 9)
    with pytest.raises(NotationError) as refused:
        tn.einsum("row col, col -> rows", A, v)
    assert refused.value.span == (16, 20)


def test_the_size_of_sympy_arrays_is_limited():
    with pytest.raises(LimitError, match="250000 entries"):
        tn.einsum("i,j->ij", *[sympy.Array([1] * 500)] * 2)


def test_words_are_told_from_letters():
    """`a0,a0->` once was read as letters, and 0 is none."""
    assert tn.einsum("a0,a0->", v, v) == 3
    with pytest.raises(TnalgebraError, match="a word alone is read as letters"):
        tn.einsum("row,row->row", tn.tensor("v", "i"), tn.tensor("w", "i"))


def test_the_result_is_never_an_operand_itself():
    found = tn.einsum("ij->ij", A)
    found += 1
    assert (A == 1).all()
    tensor = torch.ones(2)
    tn.einsum("i->i", tensor).add_(1)
    assert (tensor == 1).all()


def test_gradients_pass_through():
    a = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    b = torch.randn(3, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda *x: tn.einsum("ij,jj->i", *x), (a, b))


def test_arrays_without_entries():
    empty = np.ones((0, 3))
    np.testing.assert_array_equal(tn.einsum("ij,ik->jk", empty, empty), np.zeros((3, 3)))
    assert tn.einsum("ij,j->i", empty, np.ones(3)).shape == (0,)


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("ij,jk->ik", [(2, 0), (0, 3)]),
        ("ij->i", [(2, 0)]),
        ("ij->ij", [(0, 2)]),
        ("ii->", [(0, 0)]),
        ("ij,jk,kl->il", [(2, 0), (0, 3), (3, 2)]),
        ("i,j->ij", [(0,), (3,)]),
    ],
)
@pytest.mark.parametrize("kind", [float, int, complex])
def test_axes_of_size_0_are_taken_as_numpy_takes_them(equation, shapes, kind):
    arrays = [np.ones(shape, kind) for shape in shapes]
    wanted = np.einsum(equation, *arrays)
    found = tn.einsum(equation, *arrays)
    assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype)
    np.testing.assert_array_equal(found, wanted)
    tensors = tn.einsum(equation, *map(torch.from_numpy, arrays))
    np.testing.assert_array_equal(tensors.numpy(), wanted)
    with pytest.raises(ArrayError, match="size"):
        tn.einsum("ij,jk->ik", np.ones((2, 0)), np.ones((1, 3)))


def test_a_diagram_has_sizes_from_1():
    with pytest.raises(ArrayError, match="has the size i = 0"):
        tn.parse("A[i,j]").evaluate(A=np.ones((0, 2)))
