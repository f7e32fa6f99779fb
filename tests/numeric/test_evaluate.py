"""evaluate() against numpy.einsum, its marks and boxes, and everything it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tnalgebra.core.build import bubble, contract, delta, onehot, shared, symbol, total
from tnalgebra.core.compose import boxed
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Diagram, number
from tnalgebra.errors import ArrayError
from tnalgebra.numeric.evaluate import evaluate


def tensor(name, spaces, facts=(), entries=None):
    legs = tuple(Leg(f"{name}{k}", Space(s)) for k, s in enumerate(spaces.split()))
    return Tensor(name, legs, facts, "none", entries)


def at(name, spaces, indices, entries=None):
    return symbol(tensor(name, spaces, entries=entries), indices.split())


def random_array(rng, *shape):
    return np.asarray(rng.standard_normal(shape) + 1j * rng.standard_normal(shape))


@st.composite
def einsums(draw):
    """Operands as rows of index numbers, the kept indices, and the size of each index."""
    count = draw(st.integers(1, 6))
    rows = draw(st.lists(st.lists(st.integers(0, count - 1), max_size=4), min_size=1, max_size=6))
    used = sorted({c for row in rows for c in row})
    kept = draw(st.permutations(used)) if used else []
    kept = kept[: draw(st.integers(0, min(3, len(kept))))]
    sizes = draw(st.lists(st.integers(1, 3), min_size=count, max_size=count))
    return rows, kept, sizes


@settings(max_examples=150, deadline=None)
@given(einsums(), st.booleans())
def test_random_contractions_agree_with_numpy_einsum(case, use_torch):
    rows, kept, sizes = case
    rng = np.random.default_rng(0)
    values, arrays, operands = [], {}, []
    for k, row in enumerate(rows):
        name = f"T{k}"
        spaces = [Space(f"s{c}") for c in row]
        wires = Tensor(name, tuple(Leg(f"p{p}", s) for p, s in enumerate(spaces)))
        value = symbol(wires, [f"p{p}" for p in range(len(row))])
        # repeated indices of one tensor are joined through deltas
        links = [
            delta(s, [f"p{p}", f"x{c}"]) for p, (c, s) in enumerate(zip(row, spaces, strict=True))
        ]
        values.append(contract(value, *links, keep=sorted({f"x{c}" for c in row})))
        arrays[name] = random_array(rng, *(sizes[c] for c in row))
        operands += [arrays[name], row]
    diagram = contract(*values, keep=[f"x{c}" for c in kept])
    expected = np.einsum(*operands, kept)
    if use_torch:
        found = evaluate(diagram, {name: torch.from_numpy(a) for name, a in arrays.items()})
        assert isinstance(found, torch.Tensor)
        found = found.numpy()
    else:
        found = evaluate(diagram, arrays)
        assert isinstance(found, np.ndarray)
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_a_hyperindex_and_its_diagonal():
    rng = np.random.default_rng(1)
    A, v, B = rng.random((2, 3, 4)), rng.random(4), rng.random((4, 3, 2))
    parts = [at("A", "i a b", "i a b"), at("v", "b", "b"), at("B", "b a j", "b a j")]
    diagram = contract(*parts, keep=["i", "j"])
    expected = np.einsum("iab,b,baj->ij", A, v, B)
    np.testing.assert_allclose(evaluate(diagram, {"A": A, "v": v, "B": B}), expected)
    diag = contract(at("v", "b", "b"), delta(Space("b"), ["b", "c", "d"]), keep=["c", "d"])
    np.testing.assert_array_equal(evaluate(diag, {"v": v}), np.diag(v))


def test_deltas_alone():
    n = Space("n", 3)
    np.testing.assert_array_equal(evaluate(delta(n, ["i", "j"]), {}), np.eye(3))
    cube = evaluate(delta(n, ["i", "j", "k"]), {})
    assert cube.shape == (3, 3, 3)
    assert cube.sum() == 3
    assert all(cube[k, k, k] == 1 for k in range(3))
    np.testing.assert_array_equal(evaluate(delta(n, ["i"]), {}), np.ones(3))
    loop = contract(delta(n, ["i", "j"]), delta(n, ["i", "j"]))
    assert evaluate(loop, {}) == 3
    assert evaluate(loop * loop, {}).shape == ()
    assert evaluate(loop * loop, {}) == 9
    free = delta(Space("m"), ["i", "j"])
    np.testing.assert_array_equal(evaluate(free, {}, {"m": 2}), np.eye(2))
    with pytest.raises(ArrayError, match="nothing tells the size of the space 'm'"):
        evaluate(free, {})
    with pytest.raises(ArrayError, match="which the value does not have"):
        evaluate(free, {}, {"m": 2, "q": 2})


def test_more_indices_than_letters():
    rng = np.random.default_rng(2)
    length = 70
    arrays = {f"M{k}": rng.standard_normal((2, 2)) for k in range(length)}
    parts = [symbol(tensor(f"M{k}", "s s"), [f"i{k}", f"i{k + 1}"]) for k in range(length)]
    found = evaluate(contract(*parts, keep=["i0", f"i{length}"]), arrays)
    expected = np.linalg.multi_dot(list(arrays.values()))
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_one_tensor_product_of_many_axes_of_size_one():
    parts = [symbol(tensor(f"u{k}", "one s"), [f"o{k}", f"i{k}"]) for k in range(60)]
    arrays = {f"u{k}": np.full((1, 1), 2.0) for k in range(60)}
    assert evaluate(contract(*parts), arrays) == 2.0**60


def test_a_long_chain():
    length = 3000
    parts = [symbol(tensor("M", "s s"), [f"i{k}", f"i{k + 1}"]) for k in range(length)]
    rotation = np.array([[np.cos(0.1), -np.sin(0.1)], [np.sin(0.1), np.cos(0.1)]])
    found = evaluate(contract(*parts, keep=["i0", f"i{length}"]), {"M": rotation})
    angle = 0.1 * length
    expected = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_marks(library):
    rng = np.random.default_rng(3)
    A = random_array(rng, 3, 3)
    given = torch.from_numpy(A) if library == "torch" else A
    base = tensor("A", "n n")

    def found(marked):
        return (
            evaluate(symbol(marked, ["i", "j"]), {"A": given}).numpy()
            if (library == "torch")
            else evaluate(symbol(marked, ["i", "j"]), {"A": given})
        )

    np.testing.assert_allclose(found(base), A)
    np.testing.assert_allclose(found(base.conj()), A.conj())
    np.testing.assert_allclose(found(base.inverse()), np.linalg.inv(A))
    np.testing.assert_allclose(found(base.inverse().conj()), np.linalg.inv(A).conj())
    with pytest.raises(ArrayError, match="the array of 'A' is singular"):
        evaluate(symbol(base.inverse()), {"A": given * 0})


def test_an_inverse_needs_a_square_array():
    base = Tensor("A", (Leg("i", Space("i")), Leg("j", Space("j"))))
    with pytest.raises(ArrayError, match="leg 'i' has size 2, leg 'j' size 3"):
        evaluate(symbol(base.inverse()), {"A": np.ones((2, 3))})


def test_the_result_is_never_the_input_itself():
    A = np.ones((2, 2))
    result = evaluate(at("A", "n n", "i j").T, {"A": A})
    result += 1
    np.testing.assert_array_equal(A, 1)
    T = torch.ones(2, 2)
    evaluate(at("A", "n n", "i j"), {"A": T}).add_(1)
    assert bool((T == 1).all())


def test_sums_coefficients_and_size_symbols():
    rng = np.random.default_rng(4)
    A, B = rng.random((2, 3)), rng.random((2, 3))
    a, b = at("A", "i j", "i j"), at("B", "i j", "i j")
    alpha = sympy.Symbol("alpha")
    i = Space("i").dimension
    value = 2 * a - alpha * b / sympy.sqrt(i)
    expected = 2 * A - 3 * B / np.sqrt(2)
    np.testing.assert_allclose(evaluate(value, {"A": A, "B": B, "alpha": 3}), expected)
    complex_one = evaluate(sympy.I * a + b * sympy.conjugate(alpha), {"A": A, "B": B, "alpha": 1j})
    np.testing.assert_allclose(complex_one, 1j * A - 1j * B)
    with pytest.raises(ArrayError, match="no number is given for the symbol 'alpha'"):
        evaluate(value, {"A": A, "B": B})
    with pytest.raises(ArrayError, match="plain number, not ndarray"):
        evaluate(value, {"A": A, "B": B, "alpha": np.ones(2)})
    with pytest.raises(ArrayError, match="is real"):
        evaluate(sympy.Symbol("x", real=True) * a, {"A": A, "x": 1j})
    np.testing.assert_array_equal(
        evaluate(total([], a.legs), {}, {"i": 2, "j": 3}), np.zeros((2, 3))
    )
    assert evaluate(number(sympy.Rational(1, 2)), {}) == 0.5
    assert evaluate(number(i), {}, {"i": 4}) == 4
    with pytest.raises(ArrayError, match="no number is given for the symbol 'i'"):
        evaluate(number(i), {})


def test_real_with_complex_and_single_precision():
    A, x = np.ones((2, 2), np.float32), np.full(2, 1j, np.complex64)
    value = contract(at("A", "n n", "i j"), at("x", "n", "j"), keep=["i"])
    found = evaluate(value * sympy.Rational(1, 3), {"A": A, "x": x})
    assert found.dtype == np.complex64
    found = evaluate(value, {"A": torch.from_numpy(A), "x": torch.from_numpy(x)})
    assert found.dtype == torch.complex64
    assert found.tolist() == [2j, 2j]


def test_declared_entries():
    i, j = sympy.symbols("i j", integer=True)
    n = Space("n").dimension
    hilbert = at("H", "n n", "i j", entries=sympy.Lambda((i, j), 1 / (i + j + 1)))
    v = at("v", "n", "j")
    found = evaluate(contract(hilbert, v, keep=["i"]), {"v": np.ones(2)})
    np.testing.assert_allclose(found, [1.5, 5 / 6])
    fourier = sympy.Lambda((i, j), sympy.exp(2 * sympy.pi * sympy.I * i * j / n) / sympy.sqrt(n))
    value = contract(at("F", "n n", "i j", entries=fourier), v, keep=["i"])
    expected = np.fft.ifft(np.arange(5.0), norm="ortho")
    np.testing.assert_allclose(evaluate(value, {"v": np.arange(5.0)}), expected)
    np.testing.assert_array_equal(evaluate(onehot(1, Space("n", 3), "i"), {}), [0, 1, 0])
    for formula in (2 ** (-i - j), sympy.gamma(i + 1) * (-1) ** j, sympy.Integer(2)):
        entries = sympy.Lambda((i, j), formula)
        expected = [[complex(entries(a, b)) for b in range(3)] for a in range(3)]
        found = evaluate(at("G", "n n", "i j", entries=entries), {}, {"n": 3})
        np.testing.assert_allclose(found, expected)
    picked = contract(v, onehot(1, Space("n"), "j"))
    assert evaluate(picked, {"v": torch.tensor([3.0, 4.0])}) == 4
    with pytest.raises(ArrayError, match="declared entries"):
        evaluate(value, {"v": np.ones(2), "F": np.eye(2)})


def test_boxes_functions_and_shared_contents():
    rng = np.random.default_rng(5)
    S = rng.standard_normal((3, 3))
    s = at("S", "n n", "q k")
    weights = np.exp(S) / np.exp(S).sum(1, keepdims=True)
    np.testing.assert_allclose(evaluate(bubble("softmax", s, "k"), {"S": S}), weights)
    columns = np.exp(S) / np.exp(S).sum(0, keepdims=True)
    np.testing.assert_allclose(evaluate(bubble("softmax", s, "q"), {"S": S}), columns)
    masked = np.tril(np.exp(S))
    masked /= masked.sum(1, keepdims=True)
    for value in (S, torch.from_numpy(S)):
        found = np.asarray(evaluate(bubble("causal_softmax", s, "q", "k"), {"S": value}))
        np.testing.assert_allclose(found, masked)
        flipped = bubble("causal_softmax", s.permute("k", "q"), "q", "k")
        np.testing.assert_allclose(np.asarray(evaluate(flipped, {"S": value})), masked.T)
    oracles = {
        "exp": np.exp(S),
        "tanh": np.tanh(S),
        "relu": np.where(S > 0, S, 0),
        "gelu": torch.nn.functional.gelu(torch.from_numpy(S), approximate="tanh").numpy(),
    }
    for name, expected in oracles.items():
        for value in (S, torch.from_numpy(S)):
            found = evaluate(bubble(name, s), {"S": value})
            np.testing.assert_allclose(np.asarray(found), expected, atol=1e-12)
    with pytest.raises(ArrayError, match="relu is a function of real numbers"):
        evaluate(bubble("relu", s), {"S": S + 0j})


def test_a_tower_of_shared_boxes_is_evaluated_once_each():
    value = at("A", "n", "i")
    for _ in range(200):
        doubled = value + value
        value = shared(doubled) * sympy.Rational(1, 2)
    np.testing.assert_allclose(evaluate(value, {"A": np.array([1.0, 2.0])}), [1, 2])


def test_a_sum_as_a_factor():
    rng = np.random.default_rng(6)
    A, B, C = rng.random((3, 2, 2))
    a, b, c = at("A", "n n", "i j"), at("B", "n n", "i j"), at("C", "n n", "j k")
    found = evaluate((a + b) @ c, {"A": A, "B": B, "C": C})
    np.testing.assert_allclose(found, (A + B) @ C)
    assert boxed(a + b).rank == 2


def pair():
    return contract(at("A", "i j", "i j"), at("B", "j k", "j k"), keep=["i", "k"])


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"A": np.ones((2, 4)), "B": np.ones((1, 3))}, "'B0' of 'B' has size 1, .* size 4"),
        ({"A": np.ones((2, 1)), "B": np.ones((4, 3))}, "'B0' of 'B' has size 4, .* size 1"),
        ({"A": np.ones((2, 4))}, r"no array is given for the tensor B\[B0, B1\]"),
        ({"A": np.ones((2, 4)), "B": np.ones(4)}, r"needs 2 axes, not the shape \(4,\)"),
        ({"A": np.ones((2, 4)), "B": np.ones((4, 3)), "AA": np.ones(2)}, "did you mean 'A'"),
        ({"A": np.ones((2, 4), int), "B": np.ones((4, 3))}, r"cast it yourself: A.astype\(float\)"),
        ({"A": np.ones((2, 4), bool), "B": np.ones((4, 3))}, "only floating-point"),
        ({"A": np.ones((2, 4), np.float32), "B": np.ones((4, 3))}, "differ in precision"),
        ({"A": torch.ones(2, 4), "B": np.ones((4, 3), np.float32)}, "differ in library"),
        ({"A": torch.ones(2, 4, dtype=int), "B": torch.ones(4, 3)}, r"A.double\(\)"),
        ({"A": [[1.0]], "B": np.ones((4, 3))}, "given as list"),
        ({"A": torch.ones(2, 4, device="meta"), "B": torch.ones(4, 3)}, "differ in device"),
    ],
)
def test_refusals(arrays, message):
    with pytest.raises(ArrayError, match=message):
        evaluate(pair(), arrays)


def test_a_declared_size_binds():
    value = symbol(Tensor("A", (Leg("i", Space("seq", 64)),)))
    with pytest.raises(ArrayError, match="size 3, but the declared space 'seq' has size 64"):
        evaluate(value, {"A": np.ones(3)})
    with pytest.raises(ArrayError, match="has size 64, but"):
        evaluate(value, {"A": np.ones(64)}, {"seq": 3})


def test_sizes_inside_boxes_are_checked():
    inner = shared(at("A", "n", "i"))
    value = contract(inner, at("v", "n", "i"))
    assert isinstance(value, Diagram)
    with pytest.raises(ArrayError, match="both are the space 'n'"):
        evaluate(value, {"A": np.ones(2), "v": np.ones(3)})


def test_sizes_that_are_formulas():
    n = sympy.Symbol("n", integer=True, positive=True)
    value = symbol(Tensor("A", (Leg("i", Space("i", n)), Leg("j", Space("j", 2 * n)))))
    scaled = value * n
    np.testing.assert_array_equal(evaluate(scaled, {"A": np.ones((2, 4))}), np.full((2, 4), 2.0))
    with pytest.raises(ArrayError, match=r"declared size 2\*n"):
        evaluate(scaled, {"A": np.ones((2, 3))})
