"""Tampered proofs: whatever is changed, the replayer refuses it, or what it accepts is true."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from claims import differs, small_sizes

import tnalgebra as tn
from tnalgebra.core.values import Equation
from tnalgebra.errors import ProofError
from tnalgebra.rewrite.flatten import flatten_equation
from tnalgebra.rewrite.replay import replay
from tnalgebra.rewrite.replay_input import read_rules
from tnalgebra.rewrite.rules import folder
from tnalgebra.verification.proof import Proof

RULES = read_rules(folder())

# Each true statement with false ones of the same shape, to which its steps are then attached.
STATEMENTS = [
    ("V.H @ V @ A == A", "V: isometry(m -> a)", ["V.H @ V @ A == 2*A", "V.H @ V @ A == V.H @ V"]),
    (
        "conj(W)[m,n,a]*W[m,n,b]*T[b,c] == T[a,c]",
        "W: isometry(m, n -> a)",
        ["conj(W)[m,n,a]*W[m,n,b]*T[b,c] == T[c,a]"],
    ),
    (
        "tr(V @ V.H) == dim(a)",
        "V: isometry(m -> a)",
        ["tr(V @ V.H) == dim(m)", "tr(V @ V.H) == dim(a)*dim(a)"],
    ),
    (
        "(A + B) @ inv(C) @ C == A + B",
        "",
        ["(A + B) @ inv(C) @ C == A - B", "(A + B) @ inv(C) @ C.T == A + B"],
    ),
    ("A @ B - B @ A + B @ A == A @ B", "", ["A @ B - B @ A + A @ B == A @ B"]),
    ("tr(S @ A) == tr(S @ A.T)", "S: symmetric(i, j)", ["tr(S @ A) == tr(S @ A @ S)"]),
    ("inv(U) @ U.H.H @ v == v", "U: unitary(i, j); v: tensor(i)", ["inv(U) @ U.T @ v == v"]),
    (
        "r := A[i,j] + B[i,j]; r[i,j]*r[k,j]*Q[k,l]*Q[m,l] == r[i,j]*r[m,j]",
        "Q: orthogonal(k, l)",
        [],
    ),
]


def proof_of(text: str, where: str) -> dict[str, Any]:
    proof = tn.verify(text, where=where).proof
    assert proof is not None
    return json.loads(proof.dumps())


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything inside plain data."""
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items if isinstance(data, dict | list) else ():
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def changed(data: Any, rng: random.Random) -> Any:
    """A copy with one thing changed: dropped, doubled, swapped, moved, or another of its kind."""
    data = json.loads(json.dumps(data))
    everywhere = list(places(data))
    path = rng.choice(everywhere)
    holder = data
    for key in path[:-1]:
        holder = holder[key]
    key, old = path[-1], holder[path[-1]]
    kind = rng.randrange(4)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, list):
        holder.insert(rng.randrange(len(holder) + 1), json.loads(json.dumps(old)))
    elif kind == 2 and isinstance(holder, list) and len(holder) > 1:
        other = rng.randrange(len(holder))
        holder[key], holder[other] = holder[other], holder[key]
    elif isinstance(old, int):
        holder[key] = rng.choice([old + 1, old - 1, 0, -1, old + 1000])
    else:
        same = [one for one in everywhere if isinstance(at(data, one), type(old))]
        holder[key] = json.loads(json.dumps(at(data, rng.choice(same))))
    return data


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


def survives(data: Any) -> bool:
    """Whether the replayer accepts a proof; if so, what it says must be true on numbers."""
    try:
        said = replay(data, RULES)
    except ProofError:
        return False
    text, _, where = said.partition("   where ")
    claim = tn.parse(text, where=where)
    assert isinstance(claim, Equation)
    assert not differs(claim, small_sizes(claim)), said
    return True


@pytest.mark.parametrize(("text", "where", "_"), STATEMENTS, ids=[s[0] for s in STATEMENTS])
def test_a_change_anywhere_is_refused_or_harmless(text, where, _):
    proof = proof_of(text, where)
    rng = random.Random(0)
    accepted = 0
    for _ in range(150):
        data = changed(proof, rng)
        if rng.random() < 0.3:
            data = changed(data, rng)
        accepted += data != proof and survives(data)
    assert accepted < 15


@pytest.mark.parametrize(("text", "where", "_"), STATEMENTS, ids=[s[0] for s in STATEMENTS])
def test_every_step_is_needed_and_in_its_place(text, where, _):
    proof = proof_of(text, where)
    for number in range(len(proof["steps"])):
        without = {**proof, "steps": [s for k, s in enumerate(proof["steps"]) if k != number]}
        with pytest.raises(ProofError):
            replay(without, RULES)
        twice = {**proof, "steps": proof["steps"][: number + 1] + proof["steps"][number:]}
        assert not survives(twice)


@pytest.mark.parametrize(
    ("text", "where", "false"),
    [(text, where, one) for text, where, falses in STATEMENTS for one in falses],
)
def test_the_steps_of_a_true_statement_prove_no_false_one(text, where, false):
    """A tamperer who recomputes everything that follows from the statement gains nothing."""
    proof = proof_of(text, where)
    claim = tn.parse(false, where=where)
    assert isinstance(claim, Equation)
    written = str(claim).split(" == ")
    forged = {
        **proof,
        "statement": {"lhs": written[0], "rhs": written[1], "where": claim.where},
        **json.loads(json.dumps(flatten_equation(claim))),
    }
    with pytest.raises(ProofError):
        replay(forged, RULES)
    rng = random.Random(1)
    for _ in range(40):
        part = {key: forged[key] for key in ("steps", "groups")}
        assert not survives({**forged, **changed(part, rng)})


def test_a_step_must_name_the_rule_it_was_made_with():
    proof = proof_of("V.H @ V @ A == A", "V: isometry(m -> a)")
    weaker = [{**rule, "where": ""} if rule["name"] == "isometry" else rule for rule in RULES]
    with pytest.raises(ProofError, match=r"step 1 .* not the one"):
        replay(proof, weaker)
    with pytest.raises(ProofError, match="step 1"):
        replay(proof, [])


@pytest.mark.parametrize("data", [None, [], "proof", {}, {"schema_version": 1}, 3, {"steps": 1}])
def test_what_is_no_proof_is_said_to_be_none(data):
    with pytest.raises(ProofError):
        replay(data, RULES)


def test_text_that_is_no_json_is_said_to_be_none():
    for text in ("", "{", "[" * 100_000):
        with pytest.raises(ProofError):
            Proof.loads(text)


def test_a_proof_read_in_another_order_or_by_other_numbers_holds():
    """Terms may be grouped in another order, and members listed in another order."""
    proof = proof_of("(A + B) @ inv(C) @ C == A + B", "")
    other = json.loads(json.dumps(proof))
    other["groups"].reverse()
    for group in other["groups"]:
        group.reverse()
        for member in group:
            member["nodes"].reverse()
    assert replay(other, RULES) == replay(proof, RULES)
