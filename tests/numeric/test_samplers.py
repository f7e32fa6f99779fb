"""Samplers: every declared fact holds on every sample, written out again with Python integers."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
import torch
from declared import INVERTIBLE, ISOMETRY, ORTHOGONAL, REAL, SYMMETRIC, UNITARY, draw, tensor

from tnalgebra.core.facts import KINDS, Fact
from tnalgebra.numeric.matrices import CHECKS
from tnalgebra.numeric.modular import PRIME
from tnalgebra.numeric.samples import float_arrays, satisfies
from tnalgebra.numeric.sizes import choose_sizes


def _matrix(kind):
    return Fact(kind, ((0,), (1,)))


COMBINATIONS = {
    "generic": (tensor("T", "a b c"), 1),
    "symmetric": (tensor("T", "n n", SYMMETRIC), 1),
    "three legs symmetric": (tensor("T", "n n n", Fact("symmetric", ((0,), (1,), (2,)))), 1),
    "pairs symmetric": (tensor("T", "m n m n", Fact("symmetric", ((0, 1), (2, 3)))), 1),
    "real": (tensor("T", "a b", REAL), 1),
    "real symmetric": (tensor("T", "n n", REAL, SYMMETRIC), 1),
    "invertible": (tensor("T", "n n", INVERTIBLE), 1),
    "invertible real symmetric": (tensor("T", "n n", INVERTIBLE, REAL, SYMMETRIC), 1),
    "isometry": (tensor("T", "m a", ISOMETRY), 1),
    "isometry of three legs": (tensor("T", "a m n", Fact("isometry", ((2, 1), (0,)))), 1),
    "isometry with symmetric base": (
        tensor("T", "m m a", Fact("isometry", ((0, 1), (2,))), SYMMETRIC),
        1,
    ),
    "isometry to a number": (tensor("T", "m", Fact("isometry", ((0,), ()))), 1),
    "real isometry": (tensor("T", "m a", ISOMETRY, REAL), 1),
    "square isometry": (tensor("T", "n n", ISOMETRY), 1),
    "square real isometry": (tensor("T", "n n", ISOMETRY, REAL), 2),
    "unitary": (tensor("T", "n n", UNITARY), 1),
    "unitary of four legs": (tensor("T", "m k n l", Fact("unitary", ((0, 2), (1, 3)))), 1),
    "unitary invertible": (tensor("T", "n n", UNITARY, INVERTIBLE), 1),
    "symmetric unitary": (tensor("T", "n n", UNITARY, SYMMETRIC), 1),
    "orthogonal": (tensor("T", "n n", ORTHOGONAL), 2),
    "real unitary": (tensor("T", "n n", UNITARY, REAL), 2),
    "symmetric orthogonal": (tensor("T", "n n", ORTHOGONAL, SYMMETRIC), 3),
    "antisymmetric": (tensor("T", "n n", _matrix("antisymmetric")), 1),
    "three legs antisymmetric": (
        tensor("T", "n n n", Fact("antisymmetric", ((0,), (1,), (2,)))),
        1,
    ),
    "hermitian": (tensor("T", "n n", _matrix("hermitian")), 1),
    "real hermitian": (tensor("T", "n n", _matrix("hermitian"), REAL), 1),
    "projector": (tensor("T", "n n", _matrix("projector")), 3),
    "real projector": (tensor("T", "n n", _matrix("projector"), REAL), 3),
    "idempotent": (tensor("T", "n n", _matrix("idempotent")), 3),
    "diagonal": (tensor("T", "n n", _matrix("diagonal")), 1),
    "stochastic": (tensor("T", "q k", _matrix("stochastic")), 1),
    "stochastic in its columns": (tensor("T", "q k", Fact("stochastic", ((1,), (0,)))), 1),
    "permutation": (tensor("T", "n n", _matrix("permutation")), 2),
    "onehot": (tensor("T", "n", Fact("onehot", ((0,),))), 2),
    "right invertible": (tensor("T", "b c", _matrix("right_invertible")), 1),
}


def integer_check(fact, plain, conj):
    """A declared fact written out again, with Python integers modulo PRIME."""

    def matrix(array, rows, columns):
        moved = np.transpose(array, (*rows, *columns))
        return moved.reshape(int(np.prod([array.shape[p] for p in rows], dtype=int)), -1)

    def gram(rows, columns):
        square = matrix(conj, rows, columns).T @ matrix(plain, rows, columns) % PRIME
        return (square == np.eye(len(square), dtype=int)).all()

    match fact.kind:
        case "isometry":
            return gram(*fact.sides)
        case "unitary":
            return gram(*fact.sides) and gram(*fact.sides[::-1])
        case "orthogonal":
            return gram(*fact.sides) and gram(*fact.sides[::-1]) and (plain == conj).all()
        case "real":
            return (plain == conj).all()
        case "invertible":
            dets = [int(sympy.Matrix(array.tolist()).det()) for array in (plain, conj)]
            return all(det % PRIME for det in dets)
        case "symmetric":
            ports = list(range(plain.ndim))
            for a, b in zip(fact.sides[0], fact.sides[1], strict=True):
                ports[a], ports[b] = b, a
            return (plain == plain.transpose(ports)).all() and (conj == conj.transpose(ports)).all()
        case "antisymmetric":
            ports = list(range(plain.ndim))
            for a, b in zip(fact.sides[0], fact.sides[1], strict=True):
                ports[a], ports[b] = b, a
            both = (plain + plain.transpose(ports), conj + conj.transpose(ports))
            return all((one % PRIME == 0).all() for one in both)
        case "hermitian":
            return (conj == plain.T).all()
        case "idempotent" | "projector":
            whole = fact.kind == "idempotent" or (conj == plain.T).all()
            return whole and all(((a @ a - a) % PRIME == 0).all() for a in (plain, conj))
        case "diagonal":
            return all((a == np.diag(np.diag(a))).all() for a in (plain, conj))
        case "stochastic":
            ((q,), _) = fact.sides
            return all((a.sum(1 - q) % PRIME == 1).all() for a in (plain, conj))
        case "permutation":
            return sorted(map(tuple, plain)) == sorted(map(tuple, np.eye(len(plain), dtype=int)))
        case "onehot":
            return sorted(plain) == [0] * (len(plain) - 1) + [1]
        case "right_invertible":
            return int(sympy.Matrix((plain @ conj.T).tolist()).det()) % PRIME != 0
    raise AssertionError(fact)


@pytest.mark.parametrize("case", COMBINATIONS)
def test_every_sampler_satisfies_its_facts(case):
    one, count = COMBINATIONS[case]
    found = draw([one], batch=4)
    assert found is not None
    assert len(found) == count
    assert len({instance.component for instance in found}) == count
    for instance in found:
        plain, conj = instance.plain["T"], instance.conj["T"]
        for array in (plain, conj):
            assert array.dtype == torch.float64
            assert bool(((array >= 0) & (array < PRIME)).all())
            assert bool((array == array.round()).all())
        for b in range(4):
            exact = [np.array(a[b].numpy(), int).astype(object) for a in (plain, conj)]
            for fact in one.known:
                assert integer_check(fact, *exact), fact
        fixed = {"real", "projector", "idempotent"} & {fact.kind for fact in one.known}
        if not fixed and bool(plain.any()):
            assert not bool((plain == conj).all())


@pytest.mark.parametrize("case", COMBINATIONS)
@pytest.mark.parametrize("real", [True, False])
def test_every_float_sample_satisfies_its_facts(case, real):
    one, _ = COMBINATIONS[case]
    arrays = float_arrays([one], choose_sizes([one]), real=real, seed=1)
    array = arrays["T"]
    assert array.dtype == (np.float64 if real else np.complex128)
    declared_real = any(fact.kind == "real" for fact in one.known)
    if not {"projector", "idempotent"} & {fact.kind for fact in one.known}:
        assert np.isrealobj(array) or declared_real == bool((array.imag == 0).all())
    for fact in one.known:
        if fact.kind == "isometry":
            rows, columns = fact.sides
            moved = array.transpose(*rows, *columns)
            moved = moved.reshape(int(np.prod(moved.shape[: len(rows)], dtype=int)), -1)
            np.testing.assert_allclose(moved.conj().T @ moved, np.eye(moved.shape[1]), atol=1e-10)
        elif fact.kind == "symmetric":
            ports = list(range(array.ndim))
            for a, b in zip(fact.sides[0], fact.sides[1], strict=True):
                ports[a], ports[b] = b, a
            np.testing.assert_allclose(array, array.transpose(ports), atol=1e-12)
        elif fact.kind == "invertible":
            assert abs(np.linalg.det(array)) > 1e-9


def test_every_kind_of_fact_has_a_check_and_a_sampler():
    assert set(CHECKS) == set(KINDS)
    sampled = {fact.kind for one, _ in COMBINATIONS.values() for fact in one.facts}
    assert sampled == set(KINDS)


def test_the_checks_reject_what_does_not_hold():
    batch = torch.arange(1.0, 9.0, dtype=torch.float64).reshape(2, 2, 2)
    eye = torch.eye(2, dtype=torch.float64).expand(2, 2, 2)
    for fact in (SYMMETRIC, UNITARY, ORTHOGONAL, ISOMETRY):
        assert not satisfies(tensor("T", "n n", fact), batch, batch), fact
        assert satisfies(tensor("T", "n n", fact), eye, eye), fact
    assert not satisfies(tensor("T", "n n", REAL), batch, eye)
    assert not satisfies(tensor("T", "n n", INVERTIBLE), 0 * eye, eye)


def test_combinations_without_a_sampler_say_so():
    symmetric_base = Fact("isometry", ((0, 1), (2,)))
    unknown = [
        tensor("T", "m m a", symmetric_base, SYMMETRIC, REAL),
        tensor("T", "n n n", Fact("isometry", ((0, 1), (2,))), Fact("isometry", ((1, 2), (0,)))),
        tensor("T", "m a a", Fact("isometry", ((0,), (1, 2))), Fact("symmetric", ((1,), (2,)))),
    ]
    for one in unknown:
        assert draw([one], {"m": 6, "n": 3, "a": 2}) is None
    assert float_arrays([unknown[1]], {"n": 3}, real=False, seed=0) is None
    assert draw([tensor("T", "m a", ISOMETRY)], {"m": 2, "a": 3}) is None
    many = [tensor(f"Q{k}", "n n", ORTHOGONAL) for k in range(9)]
    assert draw(many, {"n": 2}) is None
