"""Certified and unknown: neither proved nor refuted, and a verdict as a bool."""

from __future__ import annotations

import pytest

import tnalgebra as tn
from tnalgebra.errors import NotationError, UndecidedError

CAYLEY_HAMILTON = "A @ A - tr(A)*A + (tr(A)*tr(A) - tr(A @ A))/2*eye == 0"


def test_cayley_hamilton_is_certified_at_the_size_where_it_holds():
    verdict = tn.verify(CAYLEY_HAMILTON, where="A: tensor(i, j); i, j: n = 2")
    assert verdict.status == "certified"
    assert verdict.proof is None
    assert 0 < verdict.error_bound < 1e-30
    assert dict(verdict.sizes) == {"n": 2}
    assert bool(verdict)


@pytest.mark.parametrize("where", ["A: tensor(i, j); i, j: n = 3", "A: tensor(i, j)"])
def test_cayley_hamilton_is_refuted_elsewhere(where):
    verdict = tn.verify(CAYLEY_HAMILTON, where=where)
    assert verdict.status == "refuted"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("exp(A[i] + B[i]) == exp(A[i])*exp(B[i]) -> i", ""),
        ("softmax(S[q,k], k)*ones[k] == ones[q]", ""),
        ("relu(x[i]) == relu(relu(x[i]))", ""),
        ("onehot(2)[i]*onehot(2)[i] == 1", ""),
    ],
)
def test_unknown_says_what_was_tried(text, where):
    verdict = tn.verify(text, where=where)
    assert verdict.status == "unknown"
    assert verdict.tried
    with pytest.raises(UndecidedError, match="undecided"):
        bool(verdict)
    assert verdict.proof is None
    assert verdict.counterexample is None
    assert "unknown" in str(verdict)


def test_only_equations_are_verified():
    with pytest.raises(NotationError):
        tn.verify("A @ B")
    with pytest.raises(TypeError, match="structural"):
        tn.verify(tn.parse("A @ B") == tn.parse("B @ A"))
    with pytest.raises(NotationError, match="free legs differ"):
        tn.verify("A[i,j] == v[i]")


def test_a_pair_of_values_is_an_equation():
    a, b = tn.tensor("A", "i j"), tn.tensor("B", "j i")
    assert tn.verify(((a @ b).trace(), (b @ a).trace())).status == "proved"


def test_a_rule_set_of_the_users_own_decides_what_is_provable():
    rules = tn.rules.load()
    text, where = "V.H @ V == eye", "V: isometry(m -> a)"
    assert tn.verify(text, where=where, rules=rules.only("isometry", "identity")).status == "proved"
    assert tn.verify(text, where=where, rules=rules.only("identity")).status == "unknown"


def test_a_multiple_of_the_prime_is_not_taken_for_zero():
    from tnalgebra.numeric.modular import PRIME

    assert tn.verify(f"{PRIME}*A[i,j] == 0").status in ("refuted", "unknown")


def test_the_verdict_does_not_depend_on_the_run():
    texts = [str(tn.verify("A @ B == B @ A", seed=seed)) for seed in (3, 3)]
    assert texts[0] == texts[1]
