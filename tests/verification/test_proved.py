"""Proofs: the identities of the post's first section, replayed, written and read."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest
from claims import PROVED, differs, small_sizes, text_of
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import SIZES, diagrams, equations, shuffled_copy, values

import tnalgebra as tn
from tnalgebra.core.values import Diagram, equation
from tnalgebra.verification.proof import Proof


@pytest.mark.parametrize(("claim", "where"), PROVED, ids=[claim for claim, _ in PROVED])
def test_an_identity_is_proved(claim, where):
    verdict = tn.verify(text_of(claim), where=where)
    assert verdict.status == "proved", str(verdict)
    assert bool(verdict)
    stated = tn.parse(text_of(claim), where=where)
    said = verdict.proof.replay().partition("   where ")
    assert tn.parse(said[0], where=said[2]) == stated
    assert not differs(stated, small_sizes(stated))


@pytest.mark.parametrize(("claim", "where"), PROVED, ids=[claim for claim, _ in PROVED])
def test_a_written_proof_holds_again(claim, where):
    proof = tn.verify(text_of(claim), where=where).proof
    again = Proof.loads(proof.dumps())
    assert again == proof
    assert again.replay() == proof.replay()
    backwards = json.loads(json.dumps(proof.to_json(), sort_keys=True))
    assert Proof(backwards).replay() == proof.replay()


def test_the_replayer_runs_alone_on_files(tmp_path):
    files = []
    for number, (claim, where) in enumerate(PROVED[:4]):
        file = tmp_path / f"proof{number}.json"
        file.write_text(tn.verify(text_of(claim), where=where).proof.dumps(), encoding="utf-8")
        files.append(str(file))
    code = (
        "import sys; from tnalgebra.rewrite.replay import main; code = main(sys.argv[1:]);"
        "print([m for m in sys.modules if m.split('.')[:2] in "
        "(['torch'], ['tnalgebra', 'numeric'])]); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *files], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("proved:") == 4
    assert done.stdout.splitlines()[-1] == "[]"
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    for name, expected in [(broken, 1), (tmp_path / "none.json", 2)]:
        failed = subprocess.run(
            [sys.executable, "-m", "tnalgebra.rewrite.replay", str(name)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert failed.returncode == expected
        assert "Traceback" not in failed.stderr


def test_a_proof_shows_its_steps():
    shown = str(tn.verify("V @ V.H @ V == V", where="V: isometry(m -> a)"))
    assert shown.startswith("proved: ")
    assert "by isometry" in shown
    assert "exact on" in shown


@settings(max_examples=40)
@given(diagrams(), st.randoms(use_true_random=False))
def test_a_shuffled_copy_is_proved_equal(diagram, rng):
    copy = Diagram.from_graph(shuffled_copy(diagram, rng, symmetric=True))
    assert tn.verify(equation(diagram, copy)).status == "proved"


@settings(max_examples=40)
@given(values())
def test_what_expand_and_simplify_do_is_proved(value):
    for other in (value.expand(), value.simplify(), value.expand().simplify()):
        assert tn.verify(equation(value, other)).status == "proved"


@settings(max_examples=60)
@given(equations())
def test_no_false_equation_is_proved_or_certified(claim):
    verdict = tn.verify(claim)
    if verdict.status in ("proved", "certified"):
        assert not differs(claim, SIZES)
    if verdict.status == "refuted":
        assert verdict.counterexample is not None


def test_proofs_do_not_depend_on_the_order_of_hashes():
    code = (
        "import tnalgebra as tn;"
        "print(tn.verify('(A + B) @ U @ U.H == A + B', where='U: unitary(i, j)').proof.dumps())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": str(random.Random(seed).randrange(1000)), "PYTHONPATH": "."},
        ).stdout
        for seed in (1, 2)
    }
    assert len(outputs) == 1
