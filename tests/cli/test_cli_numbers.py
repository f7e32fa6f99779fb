"""`tnalgebra eval`, `cost` and `show`: what they print, as text and JSON, and what they refuse."""

from __future__ import annotations

import json

import numpy as np
import pytest

import tnalgebra as tn
from tnalgebra.cli import main


def run(capsys, *arguments):
    code = main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def as_json(capsys, *arguments):
    code, out, err = run(capsys, *arguments, "--format", "json")
    assert (code, err) == (0, "")
    data = json.loads(out)
    assert data["schema_version"] == 1
    return data


def test_eval_of_files(capsys, tmp_path):
    A, v = np.arange(6.0).reshape(2, 3), np.array([1.0, 2.0, 3.0])
    for name, array in (("A", A), ("v", v)):
        np.save(tmp_path / f"{name}.npy", array)
    given = ["--array", f"A={tmp_path / 'A.npy'}", "--array", f"v={tmp_path / 'v.npy'}"]
    data = as_json(capsys, "eval", "alpha*A[i,j]*v[j]", *given, "--number", "alpha=2")
    assert data["axes"] == [{"name": "i", "size": 2}]
    assert data["entries"] == (2 * A @ v).tolist()
    assert "imaginary" not in data
    same = as_json(capsys, "eval", "alpha*A[i,j]*v[j]", *given, "--number", "alpha=2/1")
    assert same == data
    data = as_json(capsys, "eval", "alpha*A[i,j]*v[j]", *given, "--number", "alpha=1+2j")
    assert (data["entries"], data["imaginary"]) == ((A @ v).tolist(), (2 * A @ v).tolist())
    code, out, _ = run(capsys, "eval", "A[i,j]*v[j]", *given)
    assert (code, out) == (0, "axes: i = 2\n[ 8. 26.]\n")
    code, out, _ = run(capsys, "eval", "v[j]*v[j]", *given[2:])
    assert (code, out) == (0, "axes: none\n14.0\n")


def test_eval_on_random_arrays_that_have_their_facts(capsys):
    arguments = ["eval", "V.H @ V", "--where", "V: isometry(m -> a)", "--random"]
    data = as_json(capsys, *arguments)
    np.testing.assert_allclose(data["entries"], np.eye(data["axes"][0]["size"]), atol=1e-12)
    assert data == as_json(capsys, *arguments)
    assert data != as_json(capsys, *arguments, "--seed", "1")
    data = as_json(capsys, *arguments, "--sizes", "m=7, a=4")
    assert np.shape(data["entries"]) == (4, 4)
    assert np.shape(data["random"]["V"]["entries"]) == (7, 4)
    data = as_json(capsys, "eval", "alpha*relu(A[i,j])*B[j]", "--random")
    assert set(data["random"]) == {"A", "B", "alpha"}
    assert "imaginary" not in data["random"]["A"]


def test_eval_on_random_arrays_is_complex_unless_real_ones_are_asked_for(capsys):
    arguments = ["eval", "U @ A", "--where", "U: unitary(i, j)", "--random"]
    assert "imaginary" in as_json(capsys, *arguments)["random"]["A"]
    data = as_json(capsys, *arguments, "--real")
    assert "imaginary" not in {**data, **data["random"]["U"], **data["random"]["A"]}
    U = np.array(data["random"]["U"]["entries"])
    np.testing.assert_allclose(U @ U.T, np.eye(len(U)), atol=1e-12)


@pytest.mark.parametrize("extra", ["B", "--bogus", "--sizes"])
def test_other_arguments_that_no_option_takes_leave_by_argparse(capsys, extra):
    with pytest.raises(SystemExit) as left:
        main(["eval", "A[i]", "--random", "--seed", "1", extra])
    assert left.value.code == 2
    assert "usage: tnalgebra" in capsys.readouterr().err


def test_eval_with_some_arrays_given_and_the_rest_random(capsys, tmp_path):
    np.save(tmp_path / "A.npy", np.eye(5))
    data = as_json(capsys, "eval", "A @ B", "--array", f"A={tmp_path / 'A.npy'}", "--random")
    assert data["axes"][0] == {"name": "i", "size": 5}
    assert set(data["random"]) == {"B"}
    assert data["entries"] == data["random"]["B"]["entries"]


def test_eval_exactly(capsys):
    data = as_json(capsys, "eval", "A[i,j]*v[j]/3", "--symbolic", "--sizes", "i=1,j=2")
    assert data["entries"] == ["A[0, 0]*v[0]/3 + A[0, 1]*v[1]/3"]
    data = as_json(capsys, "eval", "tr(A)", "--symbolic", "--where", "A: tensor(i,j); i,j: n = 2")
    assert data["entries"] == "A[0, 0] + A[1, 1]"


def test_numbers_that_are_not_finite_are_null(capsys, tmp_path):
    np.save(tmp_path / "A.npy", np.array([1.0, np.inf]))
    data = as_json(capsys, "eval", "A[i]", "--array", f"A={tmp_path / 'A.npy'}")
    assert data["entries"] == [1.0, None]


def test_cost(capsys):
    data = as_json(capsys, "cost", "A[i,j]*B[j,k]*v[k]", "--sizes", "i=10,j=20,k=30")
    assert (data["flops"], data["peak"]) == (800, 600)
    assert [step["pair"] for step in data["steps"]] == [[1, 2], [0, 1]]
    data = as_json(capsys, "cost", "A @ B")
    assert data["flops"] == "i*j*k"
    code, out, _ = run(capsys, "cost", "A[i,j]*B[j,k]", "--sizes", "j=7")
    assert code == 0
    assert out.startswith("7*i*k multiplications, at most ")


def test_show(capsys):
    where = "V: isometry(m -> a); S: symmetric(i, j)"
    text = "conj(V)[m,a]*V[m,b]*S[b,c] + delta[a,c]"
    data = as_json(capsys, "show", text, "--where", where)
    value = tn.parse(text, where)
    assert tn.parse(data["text"], data["where"]) == value
    assert data["digest"] == value.content_digest()
    assert data["kind"] == "sum"
    assert data["graph"] == {
        **{"terms": 2, "contents": 0, "edges": 6, "delta": 1, "free": 4, "tensor": 3}
    }
    facts = {one["name"]: one["facts"] for one in data["tensors"]}
    assert facts == {"V": ["isometry(m -> a)"], "S": ["symmetric(a, a1)"]}
    assert data["tensors"][0]["uses"] == {"conj": 1, "none": 1}
    code, out, _ = run(capsys, "show", text, "--where", where)
    assert code == 0
    assert value.content_digest() in out
    data = as_json(capsys, "show", "exp(A[i,j]) == B[i,j]", "--where", "i: seq = 64")
    assert data["left"]["graph"]["contents"] == 1
    assert data["right"]["legs"][0] == {"name": "i", "space": "seq", "size": "64"}


def test_equal_values_show_equal_digests(capsys):
    first = as_json(capsys, "show", "A[i,j]*B[j,k]")
    second = as_json(capsys, "show", "B[x,y]*A[z,x] -> z,y")
    assert first["digest"] == second["digest"]
    assert first["digest"] != as_json(capsys, "show", "A[i,j]*B[k,j]")["digest"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("eval", "A == B"), "eval takes an expression"),
        (("cost", "A == B"), "cost takes an expression"),
        (("eval", "A[i,j]"), "no array is given"),
        (("eval", "A[i,j]", "--array", "A"), "NAME=VALUE"),
        (("eval", "A[i,j]", "--array", "A=nowhere.npy"), "cannot read the array"),
        (("eval", "A[i,j]", "--array", "A=text.npy"), "cannot read the array"),
        (("eval", "A[i,j]", "--array", "A=two.npz"), "several arrays"),
        (("eval", "A[i,j]", "--array", "A=vector.npy"), "needs 2 axes"),
        (("eval", "A[i]", "--array", "B=vector.npy"), "no tensor or symbol"),
        (("eval", "A[i]", "--random", "--array", "B=vector.npy"), "no tensor or symbol"),
        (("eval", "A[i]", "--symbolic", "--array", "A=vector.npy"), "takes no arrays"),
        (("eval", "A[i]", "--random", "--sizes", "i=x"), "whole number, not 'x'"),
        (("eval", "A[i]", "--random", "--sizes", "k=3"), "does not have"),
        (("eval", "A[i]", "--random", "--sizes", "i=0"), "whole numbers from 1"),
        (("eval", "alpha*A[i]", "--array", "A=vector.npy"), "no number is given"),
        (("eval", "alpha*A[i]", "--number", "alpha=two"), "needs a number"),
        (("eval", "alpha*A[i]", "--number", "alpha=A[i,i]"), "needs a number"),
        (("eval", "V", "--where", "V: isometry(m -> a)", "--random", "--sizes", "m=2,a=3"), ""),
        (("eval", "A[i]"), "--array A=FILE.npy"),
        (("eval", "alpha*ones[i]", "--sizes", "i=2"), "--number alpha="),
        (("eval", "A[i]", "--real"), "give --random --real"),
        (("eval", "A[i]", "--real", "--symbolic"), "--real is about random arrays"),
        (("cost", "A[i]", "--sizes", "i"), "NAME=VALUE"),
        (("cost", "A @ B", "--sizes", "i=2", "j=3", "k=4"), "--sizes i=2,j=3,k=4"),
        (("eval", "--random", "--sizes", "i=2,", "j=3", "A @ B"), "--sizes i=2,j=3"),
        (("eval", "a*b", "--number", "a=1", "b=2"), "--number a=1 --number b=2"),
        (("cost", "A[i]", "--sizes", "i=2", "--sizes", "i=3"), "--sizes is given twice for 'i'"),
        (("eval", "A[i]", *("--array", "A=vector.npy", "--array", "A=x.npy")), "twice for 'A'"),
        (("eval", "a*b", "--number", "a=1", "--number", "a=2"), "--number is given twice for 'a'"),
        (("show", "A[i"), ""),
    ],
)
def test_refusals(capsys, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    np.save("vector.npy", np.ones(2))
    np.savez("two.npz", np.ones(2), np.ones(2))
    (tmp_path / "text.npy").write_text("no array", encoding="utf-8")
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_sizes_add_up(capsys):
    """Once the last --sizes alone was heard."""
    arguments = ("cost", "A[i,j]*B[j,k]")
    once = run(capsys, *arguments, "--sizes", "i=2,j=3,k=4")
    assert run(capsys, *arguments, "--sizes", "i=2", "--sizes", "j=3,k=4") == once


def test_limits_exit_with_3(capsys):
    code, _, err = run(capsys, "eval", "A[i,j]", "--symbolic", "--sizes", "i=1000,j=1000")
    assert code == 3
    assert "the limit is" in err


def test_eval_writes_arrays_that_numpy_reads(capsys, tmp_path):
    """Once text went into a file called .npy."""
    arguments = ("eval", "A[i,j]*B[j]", "--random", "--sizes", "i=2,j=3", "--seed", "4")
    data = as_json(capsys, *arguments)
    for name in ("out.npy", "other.NPY"):
        assert run(capsys, *arguments, "-o", str(tmp_path / name)) == (0, "", "")
        found = np.load(tmp_path / name)
        np.testing.assert_array_equal(found.real, data["entries"])
        np.testing.assert_array_equal(found.imag, data["imaginary"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.NPY", "out.npy"]
    number = str(tmp_path / "number.npy")
    assert run(capsys, "eval", "ones[i]*ones[i]", "--sizes", "i=5", "-o", number)[0] == 0
    assert np.load(number) == 5
    given = ("eval", "2*A", "--where", "A: tensor()", "--array", f"A={number}")
    assert as_json(capsys, *given)["entries"] == 10


def test_eval_writes_text_and_json_to_other_files(capsys, tmp_path):
    arguments = ("eval", "ones[i]", "--sizes", "i=2")
    for name in ("out.txt", "out", "out.npy.txt"):
        assert run(capsys, *arguments, "-o", str(tmp_path / name)) == (0, "", "")
        assert (tmp_path / name).read_text(encoding="utf-8") == "axes: i = 2\n[1. 1.]\n"
    assert run(capsys, *arguments, "--format", "json", "-o", str(tmp_path / "out.json"))[0] == 0
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["entries"] == [1, 1]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("out.npz", (), "name a file that ends in .npy"),
        ("out.pt", (), "name a file that ends in .npy"),
        ("out.PKL", (), "name a file that ends in .npy"),
        ("out.npy", ("--format", "json"), "leave --format json out"),
        ("out.npy", ("--symbolic",), "leave --symbolic out"),
        ("nowhere/out.npy", (), "cannot write"),
    ],
)
def test_files_that_eval_does_not_write(capsys, tmp_path, name, options, message):
    path = tmp_path / name
    code, out, err = run(capsys, "eval", "ones[i]", "--sizes", "i=2", *options, "-o", str(path))
    assert (code, out) == (2, "")
    assert message in err
    assert not path.exists()
