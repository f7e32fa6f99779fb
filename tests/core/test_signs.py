"""Antisymmetric tensors: signs of canonical forms, and terms that are their own negative."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

import tnalgebra as tn
from tnalgebra.core.collected import collected
from tnalgebra.core.facts import Fact, PortGroup
from tnalgebra.errors import DeclarationError

WHERE = (
    "K: antisymmetric(i, j); S: symmetric(i, j); E: antisymmetric(i, j, k); "
    "R: tensor(i, j, k, l); R: antisymmetric(i, j); R: antisymmetric(k, l); "
    "R: symmetric((i, j), (k, l)); P: antisymmetric((i, k), (j, l)); i, j, k, l: n = 4"
)
ZERO = [
    "K[i,j]*S[i,j]",
    "K[i,i]",
    "K[i,j]*v[i]*v[j]",
    "K[i,j] + K[j,i]",
    "tr(K @ K @ K)",
    "E[i,j,k]*v[i]*w[j]*v[k]",
    "E[i,i,k]",
    "K[i,j]*v[i]*w[j] + K[i,j]*w[i]*v[j]",
    "R[i,i,k,l]",
    "R[i,j,k,l] - R[k,l,i,j]",
    "R[i,j,k,l] + R[k,l,j,i]",
    "R[i,j,k,l]*S[k,l]",
    "P[i,j,i,j] - P[j,i,j,i]",
    "P[i,i,j,j]",
    "E[i,j,k]*A[j,m]*A[k,m]",
    "A[i,m]*A[j,n]*K[i,j]*c[p]*delta[m,n,p]",
    "E[i,j,k]*S[i,j]*v[k]",
    "R[i,j,k,l]*S[i,j]*A[k,l]",
]
NOT_ZERO = [
    "K[i,j]",
    "K[i,j] - K[j,i]",
    "tr(K @ K)",
    "tr(K @ K @ S @ S)",
    "K[i,j]*v[i]*w[j]",
    "E[i,j,k]*v[i]*w[j]*x[k]",
    "E[i,j,k]*E[k,j,i]",
    "R[i,j,j,i]",
    "R[i,j,k,l] + R[j,i,l,k]",
    "P[i,j,k,l]",
    "conj(K)[i,j]*K[i,j]",
    "R[i,j,k,l]*R[i,j,k,l]",
    "E[i,j,k]*E[i,j,l]*v[k]*w[l]",
    "R[i,j,k,l]*K[i,j]*K[k,l]",
]


def _evaluated(value) -> np.ndarray:
    """The value on random arrays that have the symmetries, by summing over all exchanges."""
    rng = np.random.default_rng(0)
    draw = {name: rng.standard_normal((4,) * rank) for name, rank in RANKS.items()}
    antisymmetric = draw["K"] - draw["K"].T
    cube = sum(
        np.linalg.det(np.eye(3)[list(order)]) * draw["E"].transpose(order)
        for order in itertools.permutations(range(3))
    )
    tensor = draw["R"] - draw["R"].transpose(1, 0, 2, 3)
    tensor = tensor - tensor.transpose(0, 1, 3, 2)
    tensor = tensor + tensor.transpose(2, 3, 0, 1)
    pairs = draw["P"] - draw["P"].transpose(2, 3, 0, 1)
    draw |= {"K": antisymmetric, "S": draw["S"] + draw["S"].T, "E": cube, "R": tensor, "P": pairs}
    names = {one.name for one in value.tensors}
    return value.evaluate(**{name: draw[name] for name in names})


RANKS = {"K": 2, "S": 2, "E": 3, "R": 4, "P": 4, "A": 2, "v": 1, "w": 1, "x": 1, "c": 1}


@pytest.mark.parametrize("text", ZERO)
def test_what_is_its_own_negative_is_zero(text):
    value = tn.parse(text, WHERE)
    np.testing.assert_allclose(_evaluated(value), 0, atol=1e-12)
    assert value == 0 * value
    assert not collected(value)
    legs = ", ".join(leg.name for leg in value.legs)
    zero = f"0*ones[{']*ones['.join(leg.name for leg in value.legs)}]" if legs else "0"
    verdict = tn.verify(f"{text} == {zero}", where=WHERE)
    assert verdict.status == "proved"
    assert str(verdict.proof.replay())


@pytest.mark.parametrize("text", NOT_ZERO)
def test_what_is_not_zero_is_not_called_so(text):
    value = tn.parse(text, WHERE)
    assert np.abs(_evaluated(value)).max() > 1e-3
    assert collected(value)
    assert value != 0 * value


def test_an_exchange_of_legs_changes_the_sign_and_no_more():
    k = tn.parse("K[i,j]", WHERE)
    turned = tn.parse("K[j,i] -> i,j", WHERE)
    assert k == -turned
    assert k != turned
    assert tn.verify("K[i,j] == -K[j,i]", where=WHERE).status == "proved"
    assert tn.verify("K[i,j] == K[j,i]", where=WHERE).status == "refuted"
    assert tn.verify("tr(K @ K @ S) == -tr(K @ K @ S)", where=WHERE).status == "refuted"


def test_random_exchanges_keep_the_value():
    rng = random.Random(0)
    for _ in range(60):
        names = [f"a{k}" for k in range(4)]
        factors, turned, sign = [], [], 1
        for name, rank in rng.choices([("K", 2), ("E", 3), ("R", 4), ("A", 2)], k=3):
            row = [rng.choice(names) for _ in range(rank)]
            group = GROUPS.get(name, {tuple(range(rank)): 1})
            order = rng.choice(list(group))
            sign *= group[order]
            factors.append(f"{name}[{','.join(row)}]")
            turned.append(f"{name}[{','.join(row[port] for port in order)}]")
        rng.shuffle(turned)
        where = WHERE + "; " + "; ".join(f"{name}: n" for name in names) + "; A: tensor(i, j)"
        first = tn.parse("*".join(factors) + " ->", where)
        second = tn.parse("*".join(turned) + " ->", where)
        assert first == sign * second, (factors, turned)


GROUPS = {
    "K": dict(PortGroup(2, [Fact("antisymmetric", ((0,), (1,)))]).elements()),
    "E": dict(PortGroup(3, [Fact("antisymmetric", ((0,), (1,), (2,)))]).elements()),
    "R": dict(
        PortGroup(
            4,
            [
                Fact("antisymmetric", ((0,), (1,))),
                Fact("antisymmetric", ((2,), (3,))),
                Fact("symmetric", ((0, 1), (2, 3))),
            ],
        ).elements()
    ),
}


def test_the_listed_signs_are_those_of_exchanges():
    assert GROUPS["K"] == {(0, 1): 1, (1, 0): -1}
    assert sorted(GROUPS["E"].values()) == [-1, -1, -1, 1, 1, 1]
    assert len(GROUPS["R"]) == 8
    assert GROUPS["R"][2, 3, 0, 1] == 1
    assert GROUPS["R"][1, 0, 2, 3] == -1
    group = PortGroup(3, [Fact("antisymmetric", ((0,), (1,), (2,)))])
    for order, sign in GROUPS["E"].items():
        assert group.sign(order) == sign == round(np.linalg.det(np.eye(3)[list(order)]))
    assert group.settled((4, 4, 1)) == ((1, 4, 4), 0)


def test_facts_that_make_a_tensor_zero_are_refused():
    with pytest.raises(DeclarationError, match="no tensor but zero"):
        tn.parse("A[i,j]", "A: symmetric(i, j); A: antisymmetric(i, j)")
    with pytest.raises(DeclarationError, match="no tensor but zero"):
        tn.parse("A[i,j]", "A: diagonal(i, j); A: antisymmetric(i, j)")


@pytest.mark.parametrize("text", [*ZERO, *NOT_ZERO])
def test_text_says_all_of_it(text):
    value = tn.parse(text, WHERE)
    assert tn.parse(str(value), value.where) == value
