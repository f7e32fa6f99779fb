"""The command line: outputs, exit codes, errors with a caret, JSON alone on standard output."""

from __future__ import annotations

import io
import json
import math
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from tnalgebra.cli import expand, main
from tnalgebra.errors import LimitError
from tnalgebra.nn.paths import Evaluation


def run(capsys, *arguments):
    code = main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("verify", "tr(A @ B) == tr(B @ A)"), 0),
        (
            (
                "verify",
                "A @ A - tr(A)*A + (tr(A)*tr(A) - tr(A @ A))/2*eye == 0",
                "--where",
                "A: tensor(i,j); i, j: n = 2",
            ),
            0,
        ),
        (("verify", "A @ B == B @ A"), 1),
        (("verify", "exp(A[i] + B[i]) == exp(A[i])*exp(B[i]) -> i"), 3),
        (("verify", "A @ B"), 2),
        (("simplify", "A[i,j"), 2),
        (("simplify", "A == B"), 2),
        (("simplify", "A[i]", "--rules", "no-such-file.toml"), 2),
        (("draw", "A @ B", "-o", "picture.pdf"), 2),
        (("draw", "A @ B", "-o", "no/such/folder/picture.svg"), 2),
        (("expand", "--model", "induction", "--layers", "3"), 2),
        (("expand", "--prompt", "1 2"), 2),
        (("expand", "--model", "induction", "--prompt", "one two"), 2),
        (("expand", "--model", "induction", "--prompt", "99"), 2),
        (("expand", "--layers", "4"), 2),
        (("expand", "--term", "10"), 2),
    ],
)
def test_exit_codes(capsys, tmp_path, monkeypatch, arguments, code):
    monkeypatch.chdir(tmp_path)
    found, out, err = run(capsys, *arguments)
    assert found == code
    if code == 2:
        assert out == ""
        assert err.strip()
        assert "Traceback" not in err


def test_a_parse_error_shows_the_text_and_a_caret(capsys):
    code, out, err = run(capsys, "simplify", "A[i,j]*B[i,j]*C[j]")
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert lines[1].strip() == "A[i,j]*B[i,j]*C[j]"
    assert lines[2].index("^") == lines[1].index("C[j]") + 2


def test_simplify_reads_standard_input_and_writes_json(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("tr(V @ V.H)\n"))
    code, out, _ = run(
        capsys, "simplify", "-", "--where", "V: isometry(m -> a)", "--format", "json"
    )
    data = json.loads(out)
    assert code == 0
    assert data["schema_version"] == 1
    assert [step["rule"] for step in data["steps"]] == ["isometry"]
    assert data["result"] == "dim(a)"
    assert data["steps"][0]["check"]["method"] == "exact"


def test_simplify_and_draw_write_pictures(capsys, tmp_path):
    target = tmp_path / "picture.svg"
    assert main(["draw", "A @ B == B @ A", "-o", str(target)]) == 0
    ElementTree.fromstring(target.read_text(encoding="utf-8"))
    code, out, _ = run(capsys, "simplify", "A @ eye @ B", "--format", "svg")
    assert code == 0
    ElementTree.fromstring(out)


def test_a_proof_file_replays_in_a_process_of_its_own(capsys, tmp_path):
    target = tmp_path / "proof.json"
    arguments = ["V.H @ V @ A == A", "--where", "V: isometry(m -> a)", "--proof", str(target)]
    assert main(["verify", *arguments]) == 0
    replayed = subprocess.run(
        [sys.executable, "-m", "tnalgebra.rewrite.replay", str(target)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert replayed.returncode == 0
    assert replayed.stdout.startswith("proved:")


def test_a_rule_file_of_the_user_is_used_and_checked(capsys, tmp_path):
    good = tmp_path / "mine.toml"
    good.write_text(
        '[[rule]]\nname = "double"\nkind = "simplify"\ndoc = "P P = P."\n'
        'where = "S: symmetric(i, j)"\nlhs = "S[i, j]*conj(S)[j, i]"\nrhs = "dim(i)"\n',
        encoding="utf-8",
    )
    arguments = ["tr(S @ conj(S))", "--where", "S: symmetric(i, j)", "--rules", str(good)]
    code, out, err = run(capsys, "simplify", *arguments)
    assert (code, out) == (2, "")
    assert "'double' is false" in err
    assert "instance" in err


def test_verdicts_as_json(capsys):
    code, out, _ = run(
        capsys, "verify", "A == A.T", "--format", "json", "--where", "A: tensor(i,j)"
    )
    data = json.loads(out)
    assert code == 1
    assert data["status"] == "refuted"
    assert data["counterexample"]["exact"] is True


def test_expand_lists_the_ten_terms(capsys):
    code, out, _ = run(capsys, "expand", "--format", "json")
    data = json.loads(out)
    assert code == 0
    assert data["count"] == len(data["terms"]) == 10
    kinds = [term["kind"] for term in data["terms"]]
    assert sorted(kinds) == sorted(["none"] * 3 + ["Q", "K", "V", "QK", "QV", "KV", "QKV"])


@pytest.mark.parametrize("mode", ["telescoped", "linear", "frozen"])
def test_expand_on_the_model_prints_a_small_residual(capsys, mode):
    code, out, _ = run(capsys, "expand", "--model", "induction", "--mode", mode, "--format", "json")
    assert code == 0
    assert json.loads(out)["relative_residual"] < 1e-12


def test_doctor_says_that_all_is_well(capsys):
    code, out, _ = run(capsys, "doctor")
    assert code == 0
    assert out.endswith("all is well\n")


def test_counts_beyond_what_is_shown_are_rounded(capsys):
    code, out, err = run(capsys, "expand", "--layers", "10")
    assert (code, out) == (2, "")
    assert err.startswith("the expansion has about 2.8e+6570 terms")
    code, out, _ = run(capsys, "expand", "--layers", "10", "--term", "3")
    assert code == 0
    assert "about 2.8e+6570 terms" in out
    code, out, _ = run(capsys, "expand", "--layers", "10", "--term", "3", "--format", "json")
    assert json.loads(out)["count"] == "about 2.8e+6570"
    code, out, _ = run(capsys, "expand", "--layers", "5", "--term", "3", "--format", "json")
    assert json.loads(out)["count"] == 1030302010 + 1030302010**3


@pytest.mark.parametrize("prompt", [(), ("--prompt", "1 0 1")])
@pytest.mark.parametrize(("context", "vocab"), [(3, 2), (1, 5), (16, 2)])
def test_expand_on_small_models(capsys, tmp_path, context, vocab, prompt):
    rng = np.random.default_rng(0)
    shapes = {"W_E": (vocab, 4), "W_pos": (context, 4), "W_U": (4, vocab)}
    for layer in range(2):
        shapes |= {f"W_{name}{layer}": (2, 4, 3) for name in "QKV"}
        shapes[f"W_O{layer}"] = (2, 3, 4)
    path = tmp_path / "small.npz"
    np.savez(path, **{name: rng.standard_normal(shape) for name, shape in shapes.items()})
    code, out, err = run(capsys, "expand", "--model", str(path), *prompt)
    if prompt and context < 3:
        assert (code, out) == (2, "")
        assert "the model's context is 1" in err
        return
    assert code == 0
    assert "completeness residual" in out
    if context < 4:
        assert out.endswith(f"no induction table: it needs a context of 4, not {context}\n")
    else:
        assert "contribution" in out


def test_expand_prints_the_residual_where_the_table_has_too_many_terms(capsys, monkeypatch):
    def refuse(*_, **__):
        raise LimitError("1010 terms are too many", hint="give a shorter prompt")

    monkeypatch.setattr(expand, "composition_table", refuse)
    code, out, _ = run(capsys, "expand", "--model", "induction", "--prompt", "1 2")
    assert code == 0
    assert "completeness residual" in out
    assert out.endswith("\nno induction table: 1010 terms are too many\n")


def test_an_infinite_relative_residual_is_null_in_json(capsys, monkeypatch):
    monkeypatch.setattr(Evaluation, "relative_residual", math.inf)
    code, out, _ = run(capsys, "expand", "--model", "induction", "--format", "json")
    assert code == 0
    assert json.loads(out)["relative_residual"] is None
