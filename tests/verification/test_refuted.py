"""Counterexamples: programs that numpy alone runs, elsewhere, and that show a difference."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from claims import REFUTED, differs, small_sizes
from hypothesis import given, settings
from strategies import equations

import tnalgebra as tn


@pytest.mark.parametrize(("text", "where"), REFUTED, ids=[text for text, _ in REFUTED])
def test_a_false_equation_is_refuted_by_a_program_of_numpy_alone(text, where, tmp_path):
    verdict = tn.verify(text, where=where)
    assert verdict.status == "refuted", str(verdict)
    assert not verdict
    found = verdict.counterexample
    assert "tnalgebra" not in found.numpy()
    done = subprocess.run(
        [sys.executable, "-I", "-c", found.numpy()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("at ")
    assert str(verdict).endswith(found.numpy().rstrip())
    assert json.dumps(verdict.to_json())


@pytest.mark.parametrize(("text", "where"), REFUTED, ids=[text for text, _ in REFUTED])
def test_whole_numbers_where_no_function_forbids_them(text, where):
    found = tn.verify(text, where=where).counterexample
    words = ("exp", "softmax", "relu", "sqrt(alpha", "sqrt((", "log", "abs", "/(")
    has_function = any(word in text for word in words)
    assert found.exact is not has_function
    assert found.modulus is None or "sqrt" in text


@pytest.mark.parametrize(("text", "where"), REFUTED, ids=[text for text, _ in REFUTED])
def test_numpy_on_random_arrays_says_the_same(text, where):
    claim = tn.parse(text, where=where)
    if "relu" not in text:
        assert differs(claim, small_sizes(claim))


@settings(max_examples=60)
@given(equations())
def test_every_counterexample_found_runs(claim):
    found = tn.verify(claim).counterexample
    if found is not None:
        space: dict[str, object] = {}
        exec(found.numpy().replace("print(", "(lambda *_: None)("), space)
        assert space["entry"] == found.entry


def test_a_counterexample_is_small():
    found = tn.verify("V @ V.H == eye", where="V: isometry(m -> a)").counterexample
    assert dict(found.sizes) == {"m": 2, "a": 1}
    assert found.tensors["V"] in ([[-1], [0]], [[1], [0]], [[0], [1]], [[0], [-1]])


def test_the_program_fails_where_the_sides_agree():
    code = tn.verify("A @ B == B @ A").counterexample.numpy()
    same = code.replace('"ab,bc->ac", B, A', '"ab,bc->ac", A, B')
    assert same != code
    with pytest.raises(AssertionError, match="agree"):
        exec(same, {})


def test_the_program_checks_facts_of_grouped_legs_too():
    claim = "conj(W)[m,n,a]*W[m,p,b] == eye[n,p]*eye[a,b]"
    code = tn.verify(claim, where="W: isometry(m, n -> a)").counterexample.numpy()
    assert "# W is an isometry" in code
    where = "T: tensor(i, j, k, l); T: symmetric((i, j), (k, l))"
    code = tn.verify("T[i,j,k,l] == T[j,i,k,l]", where=where).counterexample.numpy()
    assert "assert (T == T.transpose((2, 3, 0, 1))).all()  # T: symmetric" in code
