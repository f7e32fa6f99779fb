"""Certified and unknown: neither proved nor refuted, and a verdict as a bool."""

from __future__ import annotations

import pytest

import tnalgebra as tn
from tnalgebra.errors import NotationError, UndecidedError
from tnalgebra.numeric.modular import IMAGINARY_UNIT, PRIME, square_root

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


@pytest.mark.parametrize(
    "text",
    [
        f"{PRIME}*A[i] == 0",
        f"{PRIME + 1}*A[i] == A[i]",
        f"A[i]/2 == {(PRIME + 1) // 2}*A[i]",
        f"I*A[i] == {IMAGINARY_UNIT}*A[i]",
        f"sqrt(2)*A[i] == {square_root(2)}*A[i]",
        f"A[i]/{PRIME} == 2*A[i]/{PRIME}",
    ],
)
@pytest.mark.parametrize("where", ["", "i = 2"])
def test_a_number_that_residues_confuse_with_another_is_not(text, where):
    assert tn.verify(text, where=where).status == "refuted"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("onehot(100000000)[i]*v[i] == 0", ""),
        ("A[i,j]*B[j,k] == C[i,k]", "i = 30000; j = 30000; k = 30000"),
        ("x[i]*y[i] == 2*y[i]*x[i]", "i = 100000000"),
        ("exp(A[i,j]*B[j,k]) == A[i,j]*B[j,k]", "i = 200; j = 200; k = 200"),
    ],
)
def test_sizes_too_large_to_sample_are_an_honest_unknown(text, where):
    verdict = tn.verify(text, where=where)
    assert verdict.status == "unknown"
    assert "limit" in verdict.tried[-1] or "too large" in verdict.tried[-1]


def test_a_fraction_of_symbols_has_no_height():
    """Its denominators are no numbers: 2858**2 is 3 modulo the prime."""
    text = "A[i]/(2858*x-1) - A[i]/(2858*x+1) == 2*A[i]/(3*x**2-1)"
    assert tn.verify(text, where="i = 2").status == "refuted"


@pytest.mark.parametrize(
    "function", ["tanh(10**11*{})", "exp(10**15*{}) - ones[i]*ones[j]*ones[k]*ones[l]"]
)
def test_facts_that_hold_to_rounding_alone_refute_nothing(function):
    vanishing = "(O[i,j]-O[j,i])*(O[k,l]+O[l,k]-O[m,m]*eye[k,l])"
    text = f"{function.format(vanishing)} == 0*ones[i]*ones[j]*ones[k]*ones[l]"
    assert tn.verify(text, where="O: orthogonal(i, j); i = 2").status == "unknown"


def test_numbers_beyond_64_bits_stand_beside_functions_too():
    text = "exp(10**20*(A[i,j]*inv(A)[j,k]-eye[i,k])) == ones[i]*ones[k] -> i, k"
    assert tn.verify(text, where="A: invertible(i, j)").status == "unknown"
    for number in ("10**20", "10**400"):
        assert tn.verify(f"exp({number}*ones[i]) == v[i]").status in ("unknown", "refuted")
    assert tn.verify("exp(V[m,a]) == V[m,a]", where="V: isometry(m -> a)").status == "refuted"


def test_a_real_function_of_a_complex_argument_is_undecided():
    verdict = tn.verify("relu(I*A[i]) == A[i]")
    assert verdict.status == "unknown"
    assert "relu is a function of real numbers" in verdict.tried[-1]


def test_any_whole_number_is_a_seed():
    for seed in (-5, 2**64, 2**200):
        assert tn.verify("A @ B == B @ A", seed=seed).status == "refuted"
        assert tn.verify("exp(A[i]) == A[i]", seed=seed).status == "refuted"


def test_the_verdict_does_not_depend_on_the_run():
    texts = [str(tn.verify("A @ B == B @ A", seed=seed)) for seed in (3, 3)]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("claim", "where", "status"),
    [
        ("e[i]*e[i] == 1", "e: onehot(i); i = 3", "certified"),
        ("e[i]*e[i] == 2", "e: onehot(i); i = 3", "refuted"),
        ("H == H.H", "H: hermitian(i, j); i = 3", "certified"),
        ("H == H.T", "H: hermitian(i, j)", "refuted"),
        ("P @ P == P", "P: projector(i, j); i = 3", "certified"),
        ("E == E.H", "E: idempotent(i, j); i = 3", "refuted"),
        ("tr(P) == dim(i)", "P: projector(i, j); i = 3", "refuted"),
        ("A[q,k]*ones[k] == ones[q]", "A: stochastic(q, k); q = 2; k = 3", "certified"),
        ("A[q,k]*ones[q] == ones[k]", "A: stochastic(q, k); q = 2; k = 3", "refuted"),
        ("Y @ pinv(Y) == eye", "Y: right_invertible(b -> c); b = 2; c = 3", "certified"),
        ("pinv(Y) @ Y == eye", "Y: right_invertible(b -> c); b = 2; c = 3", "refuted"),
        ("D @ E == E @ D", "D: diagonal(i, j); E: diagonal(i, j); i = 3", "certified"),
        ("D @ A == A @ D", "D: diagonal(i, j); A: tensor(i, j); i = 2", "refuted"),
        ("Z @ Z.T == eye", "Z: permutation(i, j)", "proved"),
        ("X @ Z == Z @ X", "X: permutation(i, j); Z: permutation(i, j); i = 3", "refuted"),
        ("K @ S + S @ K == 0*K", "K: antisymmetric(i, j); S: symmetric(i, j)", "refuted"),
        ("tr(A @ pinv(A)) == dim(i)", "A: tensor(i, j); i = 2; j = 3", "unknown"),
        ("inv(A + B) == inv(A) + inv(B)", "", "refuted"),
    ],
)
def test_every_fact_is_sampled_as_declared(claim, where, status):
    verdict = tn.verify(claim, where=where)
    assert verdict.status == status, verdict


def test_a_verdict_shows_briefly():
    """A proof is pages long; once an interpreter showed all of it."""
    assert repr(tn.verify("A == A")) == "Verdict(status='proved', statement='A == A')"
    verdict = tn.verify("tr(A @ B) == tr(B @ A)")
    assert repr(verdict) == f"Verdict(status='proved', statement={verdict.statement!r})"


@pytest.mark.parametrize(
    ("claim", "names"),
    [
        ("A*B == B*A", "A and B stand for numbers here"),
        ("A*B - B*A == 0", "A and B stand for numbers here"),
        ("X*Y*Z == Z*Y*X", "X, Y and Z stand for numbers here"),
        ("C*tr(A @ B) == C*tr(B @ A)", "C stands for a number here"),
        ("A*B == 2*A", "A and B stand for numbers here"),
    ],
)
def test_a_verdict_notes_that_capital_letters_stood_for_numbers(claim, names):
    verdict = tn.verify(claim)
    (note,) = verdict.notes
    assert note.startswith(names)
    assert str(verdict).splitlines()[1] == f"note: {note}"
    assert verdict.to_json()["notes"] == [note]


def test_a_verdict_on_an_equation_in_python_notes_the_same():
    assert tn.verify(tn.parse("A*B == B*A")).notes == tn.verify("A*B == B*A").notes
    inside = tn.verify(tn.parse("exp(B*v[i]) == exp(v[i]*B)"))
    assert inside.notes[0].startswith("B stands for a number here")
    assert tn.verify(tn.parse("N*dim(i)*v[i] == dim(i)*N*v[i]", "N: real")).notes == ()
    assert tn.verify(tn.parse("dim(i)*v[i] == N*v[i]", "i: N")).notes == ()


@pytest.mark.parametrize(
    ("claim", "where"),
    [
        ("tr(A @ B) == tr(B @ A)", ""),
        ("alpha*A[i,j] == A[i,j]*alpha", ""),
        ("dim(i)*A[i,j] == A[i,j]*dim(i)", ""),
        ("N*A[i,j] == A[i,j]*N", "N: real"),
        ("delta[i,i] == N", "i: N"),
        ("dim(i) == 2*N", "i = 2*N"),
        ("I*I == -1", ""),
        ("G == Q @ R", "G = Q @ R"),
        ("S == S.T", "S: symmetric(i, j)"),
        ("F == F", "F = [[1, 2], [3, 4]]"),
        ("H == H", "H[i,j] = 1/(i + j + 1)"),
        ("R := A[i,j]; R == A[i,j]", ""),
        ("softmax(A[i,K], K) == softmax(A[i,K], K)", ""),
    ],
)
def test_a_verdict_notes_nothing_about_other_names(claim, where):
    verdict = tn.verify(claim, where=where)
    assert verdict.notes == ()
    assert "note" not in str(verdict)
    assert verdict.to_json()["notes"] == []
