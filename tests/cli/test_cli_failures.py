"""What goes wrong outside of the expression: bugs, memory, closed or full streams, encodings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tnalgebra.cli import common, main, simplify

FULL = Path("/dev/full")


def failing(error):
    def run(options):
        raise error

    return run


def shell(text, **environment):
    return subprocess.run(
        ["sh", "-c", f"{sys.executable} -m tnalgebra {text}"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_a_bug_shows_its_traceback_and_is_never_taken_for_refuted(capsys, monkeypatch):
    monkeypatch.setattr(simplify, "run", failing(ZeroDivisionError("so it was")))
    assert main(["simplify", "A[i]"]) == 4
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "ZeroDivisionError: so it was" in err
    assert err.endswith("this is a bug in tnalgebra\n")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("Unable to allocate 8 EiB"),
        RuntimeError("CUDA out of memory. Tried to allocate 8 GiB"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_running_out_of_memory_is_a_limit(capsys, monkeypatch, error):
    monkeypatch.setattr(simplify, "run", failing(error))
    assert main(["simplify", "A[i]"]) == 3
    err = capsys.readouterr().err
    assert err.startswith("out of memory: ")
    assert "Traceback" not in err


def test_wrong_options_leave_by_argparse(capsys):
    seeds = [
        [*what, "--seed", "-1"] for what in (["eval", "A[i]", "--random"], ["verify", "a == a"])
    ]
    for arguments in (["bogus"], [], ["expand", "--term", "9" * 5000], *seeds):
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == 2
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "4 a bug in tnalgebra" in " ".join(capsys.readouterr().out.split())


def test_closed_streams_are_named(capsys, monkeypatch):
    with monkeypatch.context() as closed:
        closed.setattr(sys, "stdin", None)
        assert main(["simplify", "-"]) == 2
    assert "there is no standard input" in capsys.readouterr().err
    with monkeypatch.context() as closed:
        closed.setattr(sys, "stdout", None)
        assert main(["simplify", "A[i]"]) == 2
    assert "there is no standard output" in capsys.readouterr().err
    with monkeypatch.context() as closed:
        closed.setattr(sys, "stderr", None)
        assert main(["simplify", "A[i"]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_a_full_disk_is_named():
    done = shell(f"simplify 'A[i]' > {FULL}")
    assert done.returncode == 2
    assert done.stderr == "cannot write to standard output: No space left on device\n"
    assert shell(f"simplify 'A[i' 2> {FULL}").returncode == 2


def test_a_reader_that_leaves_early_gets_no_message_and_no_verdict():
    arguments = [sys.executable, "-m", "tnalgebra", "verify", "A @ B == B @ A"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 2


def test_a_terminal_that_cannot_show_a_letter_shows_its_number():
    done = shell("simplify 'A[α]*B[α]'", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout, done.stderr) == (0, "  A[\\u03b1]*B[\\u03b1]\n", "")
    done = shell("simplify 'A[α]*B[α]*C[α,α]'", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_standard_input_that_is_no_text_is_refused():
    done = shell("simplify - < $JUNK", JUNK=sys.executable, PYTHONIOENCODING="utf-8")
    assert done.returncode == 2
    assert done.stderr.startswith("cannot read standard input: ")


def test_json_has_no_numbers_that_are_not_finite():
    with pytest.raises(ValueError, match="JSON compliant"):
        common.as_json({"residual": float("nan")})
