"""Exact arithmetic: residues against Python integers, samplers against their facts, verdicts."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import sympy
import torch
from declared import ISOMETRY, ORTHOGONAL, draw, tensor
from hypothesis import given, settings
from hypothesis import strategies as st

from tnalgebra.core.build import bubble, contract, delta, shared, symbol
from tnalgebra.core.facts import Fact
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import number
from tnalgebra.errors import DeclarationError
from tnalgebra.numeric import modular
from tnalgebra.numeric.exact import NotExactError, degree_bound, evaluate_exact
from tnalgebra.numeric.modular import PRIME, ModularArithmetic, settled
from tnalgebra.numeric.residues import residue
from tnalgebra.numeric.samples import float_arrays
from tnalgebra.numeric.sizes import choose_sizes


def python_einsum(operands, rows, kept, sizes):
    """Contraction with Python integers, entry by entry."""
    result = np.zeros([sizes[c] for c in kept], dtype=object)
    for place in product(*(range(size) for size in sizes)):
        term = 1
        for operand, row in zip(operands, rows, strict=True):
            term *= int(operand[tuple(place[c] for c in row)])
        result[tuple(place[c] for c in kept)] += term
    return result % PRIME


def test_the_prime_is_the_one_described():
    assert sympy.isprime(PRIME)
    assert PRIME % 120120 == 1
    assert not any(sympy.isprime(n) for n in range(PRIME + 120120, 2**23, 120120))
    assert modular.CHUNK * (PRIME + 1) ** 2 < 2**53
    assert modular.IMAGINARY_UNIT**2 % PRIME == PRIME - 1


@pytest.mark.parametrize("length", [1, 128, 129, 1000])
def test_long_sums_stay_exact(length):
    generator = torch.Generator().manual_seed(length)
    worst = torch.full((1, 3, length), float(PRIME))
    drawn = torch.randint(PRIME, (2, 3, length), generator=generator).double()
    for array in (worst.double(), drawn):
        found = settled(ModularArithmetic().matmul(array, array.transpose(1, 2)))
        exact = np.array(array.tolist()).astype(int).astype(object)
        expected = (exact @ exact.swapaxes(1, 2)) % PRIME
        np.testing.assert_array_equal(found.numpy().astype(int), expected.astype(int))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-(2**52), 2**52), min_size=1, max_size=20))
def test_reduction_is_exact_near_multiples(numbers):
    near = [PRIME * (n // PRIME) + d for n in numbers for d in (-1, 0, 1)]
    array = torch.tensor([*numbers, *near], dtype=torch.float64)
    found = modular.reduced(array)
    assert float(found.min()) >= -1
    assert float(found.max()) <= PRIME
    assert settled(found).tolist() == [n % PRIME for n in [*numbers, *near]]


@pytest.mark.parametrize("n", [1, 2, 5])
def test_inverses(n):
    generator = torch.Generator().manual_seed(n)
    matrices = torch.randint(PRIME, (16, n, n), generator=generator).double()
    matrices[3, -1] = 2 * matrices[3, 0] % PRIME if n > 1 else 0
    matrices[5, 0, 0] = 1 if n == 1 else 0
    found, singular = modular.inverse(matrices)
    assert singular.tolist() == [k == 3 for k in range(16)]
    good = modular.product(found, matrices)[~singular]
    assert bool((settled(good) == torch.eye(n)).all())


def test_coefficients_are_a_homomorphism():
    expressions = [
        (sympy.sqrt(2) + sympy.sqrt(3)) ** 2 - 5 - 2 * sympy.sqrt(6),
        sympy.sqrt(6) * sympy.sqrt(10) - 2 * sympy.sqrt(15),
        (2 + sympy.I) * (2 - sympy.I) - 5,
        1 / sympy.sqrt(12) - sympy.sqrt(3) / 6,
        sympy.sqrt(-8) - 2 * sympy.I * sympy.sqrt(2),
        sympy.Rational(2, 3) ** 5 - sympy.Rational(32, 243),
    ]
    for expression in expressions:
        assert residue(expression, {}) == 0 or residue(sympy.expand(expression), {}) == 0
    assert residue(sympy.sqrt(2), {}) ** 2 % PRIME == 2
    for expression in (sympy.pi, sympy.Float(0.5), sympy.cbrt(2), sympy.Symbol("x")):
        with pytest.raises(NotExactError, match="has no"):
            residue(expression, {})


def test_exact_contraction_equals_python_integers():
    rows, kept, sizes = [(0, 1), (1, 2, 3), (3, 1), (2,)], (0, 2), (2, 3, 2, 4)
    tensors = [tensor(f"T{k}", " ".join(f"s{c}" for c in row)) for k, row in enumerate(rows)]
    parts = [symbol(t, [f"x{c}" for c in row]) for t, row in zip(tensors, rows, strict=True)]
    value = contract(*parts, keep=[f"x{c}" for c in kept])
    (instance,) = draw(tensors, {f"s{c}": size for c, size in enumerate(sizes)}, batch=3)
    found = evaluate_exact(value, instance)
    assert found.shape == (3, 2, 2)
    for b in range(3):
        operands = [instance.plain[t.name][b].numpy() for t in tensors]
        expected = python_einsum(operands, rows, kept, sizes)
        np.testing.assert_array_equal(found[b].numpy().astype(int), expected.astype(int))


def test_marks_sums_boxes_deltas_and_symbols():
    A, B = tensor("A", "n n"), tensor("B", "n n")
    alpha, x = sympy.Symbol("alpha"), sympy.Symbol("x", real=True)
    (instance,) = draw([A, B], {"n": 3}, symbols=[alpha, x])
    a, b = symbol(A, ["i", "j"]), symbol(B, ["i", "j"])
    inverse = symbol(A.inverse(), ["i", "j"])
    eye = delta(Space("n"), ["i", "j"])

    def equal(lhs, rhs):
        return bool((evaluate_exact(lhs, instance) == evaluate_exact(rhs, instance)).all())

    assert equal(a @ inverse, eye)
    assert equal(inverse.conj() @ a.conj(), eye)
    assert not equal(a.conj() @ inverse, eye)
    assert equal((a + b) @ (a + b), a @ a + a @ b + b @ a + b @ b)
    assert not equal((a + b) @ (a + b), a @ a + 2 * (a @ b) + b @ b)
    assert equal((a + b).trace() * 0 + 3, number(3))
    assert equal(eye.trace(), number(3))
    assert equal(shared(alpha * a + x * b).conj(), sympy.conjugate(alpha) * a.conj() + x * b.conj())
    assert not equal(alpha * a, sympy.conjugate(alpha) * a)
    assert equal(a * (Space("n").dimension), a * 3)
    assert equal(a - a, 0 * b)
    with pytest.raises(NotExactError, match="exp has no exact value"):
        evaluate_exact(bubble("exp", a), instance)


def test_declared_entries_have_residues():
    i, j = sympy.symbols("i j", integer=True)
    n = Space("n").dimension
    formula = sympy.Lambda((i, j), sympy.I**i * j / sympy.sqrt(n) + sympy.KroneckerDelta(i, j))
    F = Tensor("F", tensor("F", "n n").legs, (), "none", formula)
    (instance,) = draw([F], {"n": 2}, batch=1)
    for marked in (F, F.conj()):
        found = evaluate_exact(symbol(marked, ["i", "j"]), instance)
        for place in product(range(2), repeat=2):
            entry = formula(*place).subs(n, 2)
            entry = sympy.conjugate(entry) if marked.is_conj else entry
            assert int(found[(0, *place)]) == residue(entry, {})


def test_both_determinants_are_sampled():
    found = draw([tensor("Q", "n n", ORTHOGONAL)], {"n": 3})
    assert [instance.component for instance in found] == ["Q: det = 1", "Q: det = -1"]
    for instance, determinant in zip(found, (1, -1), strict=True):
        for matrix in instance.plain["Q"].numpy().astype(int):
            assert (sympy.Matrix(matrix.tolist()).det() - determinant) % PRIME == 0
    # det Q = 1 holds on one component alone: tr(Q) = tr(inv(Q)) holds on both
    Q = symbol(tensor("Q", "n n", ORTHOGONAL), ["i", "j"])
    false = (Q @ Q).trace() - Q.trace() * Q.trace() + 2 * Q.trace()
    zero = [not bool(evaluate_exact(false, instance).any()) for instance in found]
    assert zero == [True, False]


def test_an_isometry_is_not_a_unitary():
    V = symbol(tensor("V", "m a", ISOMETRY), ["m", "a"])
    (instance,) = draw([tensor("V", "m a", ISOMETRY)])
    tip = evaluate_exact(V.H @ V, instance)
    assert bool((tip == torch.eye(2)).all())
    base = evaluate_exact(V @ V.H, instance)
    assert bool((base != torch.eye(3)).any())
    assert bool((evaluate_exact((V @ V.H).trace(), instance) == 2).all())
    without_conj = evaluate_exact(V.T @ V, instance)
    assert bool((without_conj != torch.eye(2)).any(dim=(1, 2)).all())


def test_samples_follow_the_seed():
    tensors = [tensor("V", "m a", ISOMETRY), tensor("A", "m n")]
    one, two, other = (draw(tensors, seed=seed)[0] for seed in (1, 1, 2))
    for name in ("V", "A"):
        assert bool((one.plain[name] == two.plain[name]).all())
        assert bool((one.plain[name] != other.plain[name]).any())
    floats = [float_arrays(tensors, one.sizes, real=False, seed=s)["V"] for s in (1, 1, 2)]
    assert (floats[0] == floats[1]).all()
    assert (floats[0] != floats[2]).any()


def test_degree_bounds():
    A, V = tensor("A", "n n"), tensor("V", "m a", ISOMETRY)
    alpha = sympy.Symbol("alpha")
    (instance,) = draw([A, V], {"n": 3, "m": 3, "a": 2}, symbols=[alpha])
    a, v = symbol(A, ["i", "j"]), symbol(V, ["i", "j"])

    def degree(*values):
        return degree_bound(*values, instance=instance) - 1

    assert degree(a) == 1
    assert degree(a @ a, a) == 2
    assert degree((a + a @ a) @ a) == 3
    assert degree(alpha**2 * sympy.conjugate(alpha) * a) == 4
    assert degree(symbol(A.inverse())) == 3
    assert degree(v.H @ v) == 4 + 4
    assert degree(number(7)) == 0
    assert degree(a / alpha) == 2


def test_chosen_sizes():
    assert choose_sizes([tensor("T", "a b c")]) == {"a": 2, "b": 3, "c": 4}
    sizes = choose_sizes([tensor("V", "m n a", Fact("isometry", ((0, 1), (2,))))])
    assert sizes["m"] * sizes["n"] > sizes["a"]
    assert len(set(sizes.values())) == 3
    sizes = choose_sizes([tensor("U", "i j k l", Fact("unitary", ((0, 1), (2, 3))))])
    assert sizes["i"] * sizes["j"] == sizes["k"] * sizes["l"]
    assert choose_sizes([tensor("T", "a b")], least={"a": 5}) == {"a": 5, "b": 2}
    assert choose_sizes([], [Space("seq", 64), Space("d")]) == {"seq": 64, "d": 2}
    half = Space("h", sympy.Symbol("n", integer=True, positive=True) * 2)
    assert choose_sizes([], [half]) == {"h": 4, "n": 2}
    variety = {tuple(choose_sizes([tensor("T", "a b c")], seed=s).values()) for s in range(20)}
    assert len(variety) > 5
    many = choose_sizes([tensor(f"V{k}", f"x{k} x{k + 1}", ISOMETRY) for k in range(4)])
    assert [many[f"x{k}"] for k in range(5)] == [6, 5, 4, 3, 2]
    longer = choose_sizes([tensor(f"V{k}", f"x{k} x{k + 1}", ISOMETRY) for k in range(12)])
    assert all(longer[f"x{k}"] > longer[f"x{k + 1}"] for k in range(12))


def test_impossible_sizes_are_refused():
    legs = (Leg("m", Space("m", 2)), Leg("a", Space("a", 3)))
    with pytest.raises(DeclarationError, match="'V' needs 2 >= 3"):
        choose_sizes([Tensor("V", legs, (ISOMETRY,))])
    circle = [tensor("V", "x y", ISOMETRY), tensor("W", "y x", ISOMETRY)]
    sizes = choose_sizes(circle)
    assert sizes["x"] == sizes["y"]
    tip = Tensor("V", (Leg("m", Space("m", 1)), Leg("a", Space("a"))), (ISOMETRY,))
    assert choose_sizes([tip]) == {"m": 1, "a": 1}
