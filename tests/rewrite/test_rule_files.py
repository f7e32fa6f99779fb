"""Rule files: a false rule is caught with an instance, a broken file is named, an edit is seen."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tnalgebra as tn
from tnalgebra.errors import ProofError, RuleError
from tnalgebra.rewrite.flatten import flatten_equation
from tnalgebra.rewrite.replay import replay
from tnalgebra.rewrite.rules import RuleSet, folder

ISOMETRY = """
[[rule]]
name = "isometry"
kind = "simplify"
doc = "An isometry cancels with its conjugate."
where = "V: isometry(*m -> *a)"
lhs = "conj(V)[*m, *a] * V[*m, *b]"
rhs = "eye[*a, *b]"
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return file


FALSE_RULES = [
    ("the conj is dropped", ISOMETRY.replace("conj(V)[", "V["), "V.T @ V"),
    (
        "the tip is summed",
        ISOMETRY.replace("V[*m, *b]", "V[*n, *a]").replace("eye[*a, *b]", "eye[*m, *n]"),
        "V @ V.H",
    ),
    (
        "a dimension too many",
        ISOMETRY.replace("*m", "m")
        .replace("*b", "b")
        .replace("*a", "a")
        .replace('"eye', '"dim(a)*eye'),
        "V.H @ V",
    ),
    (
        "a trace without its factor",
        '[[rule]]\nname = "isometry"\nkind = "simplify"\ndoc = "No."\n'
        'lhs = "delta[x, x]"\nrhs = "1"\n',
        "",
    ),
    (
        "legs exchanged",
        '[[rule]]\nname = "isometry"\nkind = "simplify"\ndoc = "No."\n'
        'lhs = "A[i, j] * B[j, k]"\nrhs = "A[k, j] * B[j, i]"\n',
        "A @ A",
    ),
]


@pytest.mark.parametrize(
    ("text", "expr"), [f[1:] for f in FALSE_RULES], ids=[f[0] for f in FALSE_RULES]
)
def test_a_false_rule_is_caught_by_its_check_with_an_instance(tmp_path, text, expr):
    rules = RuleSet.from_toml(written(tmp_path, text))
    with pytest.raises(RuleError, match="'isometry' is false") as caught:
        rules.check()
    assert "instance, modulo" in str(caught.value)
    if expr:
        with pytest.raises(RuleError, match="'isometry' is false"):
            tn.parse(expr, where="V: isometry(m -> a)" if "V" in expr else "").simplify(rules)


def test_a_rule_with_its_conj_dropped_is_caught_at_its_first_firing(tmp_path):
    rules = RuleSet.from_toml(written(tmp_path, ISOMETRY.replace("conj(V)[", "V[")))
    d = tn.parse("A[i,m]*V[m,a]*V[m,b]*B[b,j] -> i, a, j, m", where="V: isometry(m -> a)")
    assert d.simplify(rules) == d
    d = tn.parse("V[m,a]*V[m,b]*B[b,j]", where="V: isometry(m -> a)")
    with pytest.raises(RuleError, match="'isometry' is false"):
        d.derivation(rules)
    with pytest.raises(RuleError, match="'isometry' is false"):
        d.rewrite(rules["isometry"], at=next(d.matches(rules["isometry"])))
    with pytest.raises(RuleError, match="'isometry' is false"):
        tn.verify("V.T @ V == eye", where="V: isometry(m -> a)", rules=rules)


def one_rule(where: str, lhs: str, rhs: str) -> str:
    return (
        f'[[rule]]\nname = "isometry"\nkind = "simplify"\ndoc = "A rule."\n'
        f'where = "{where}"\nlhs = "{lhs}"\nrhs = "{rhs}"\n'
    )


@pytest.mark.parametrize(
    ("where", "lhs", "rhs", "claim", "given"),
    [
        (
            f"V: isometry(m -> a); {narrow}",
            "V[m,a]*conj(V)[n,a]",
            "eye[m,n]",
            "W[p,q]*conj(W)[r,q] == eye[p,r]",
            "W: isometry(p -> q); p = 3; q = 2",
        )
        for narrow in ("m = 2; a = 2", "m, a: n")
    ]
    + [
        (
            "Q: orthogonal(i, j); i = 1",
            "Q[i,j]*Q[j,k]",
            "eye[i,k]",
            "P @ P == eye",
            "P: unitary(i, j)",
        )
    ],
)
def test_a_rule_for_narrow_spaces_is_used_in_such_spaces_alone(
    tmp_path, where, lhs, rhs, claim, given
):
    """Once checked where its declarations hold, and used where they do not."""
    rules = RuleSet.from_toml(written(tmp_path, one_rule(where, lhs, rhs)))
    assert rules.check()
    assert tn.verify(claim, where=given, rules=rules).status == "refuted"
    value = tn.parse(claim, where=given).lhs
    assert value.simplify(rules) == value


def test_the_replayer_too_holds_a_rule_to_its_spaces(tmp_path):
    narrow = "U: unitary(i, j); W: invertible(i, k)"
    text = "conj(U)[i,j]*U[i,j]*b[k] == dim(k)*b[k]"
    rules = RuleSet.from_toml(written(tmp_path, one_rule(narrow, *text.split(" == "))))
    square = "U: unitary(i, j); i, k: p"
    assert tn.verify(text, where=square, rules=rules).status == "proved"
    wide = "U: unitary(i, j)"
    proof = tn.verify(text, where=square, rules=rules).proof.to_json()
    claim = tn.parse(text, where=wide)
    forged = {
        **proof,
        "statement": {**proof["statement"], "where": claim.where},
        **flatten_equation(claim),
    }
    with pytest.raises(ProofError):
        replay(json.loads(json.dumps(forged)), [vars(rule) for rule in rules])


@pytest.mark.parametrize("factor", ["8168162", "exp(1)"])
def test_a_rule_whose_numbers_residues_cannot_tell_is_not_used(tmp_path, factor):
    rules = RuleSet.from_toml(written(tmp_path, one_rule("", "A[i,j]", f"{factor}*A[i,j]")))
    with pytest.raises(RuleError, match="'isometry' cannot be checked"):
        rules.check()
    with pytest.raises(RuleError, match="'isometry' cannot be checked"):
        tn.parse("A[i,j]").simplify(rules)


def test_a_rule_false_for_longer_groups_alone_is_caught(tmp_path):
    text = one_rule("V: isometry(*m -> a)", "conj(V)[*m,a]*V[*m,b]*A[a,b]*B[*m]", "A[a,a]*B[*m]")
    with pytest.raises(RuleError):
        RuleSet.from_toml(written(tmp_path, text)).check()


@pytest.mark.parametrize(
    ("where", "lhs", "rhs"),
    [
        ("V: isometry(m -> a)", "conj(V)[m,a]*V[m,a]", "2"),
        ("", "eye[i,i]", "2"),
        ("V: isometry(m -> a)", "conj(V)[m,a]*V[m,b]*u[b]", "2*u[a]/dim(a)"),
        (
            "U: unitary(i, r); W: unitary(k, t); X: unitary(j, s)",
            "U[i,r]*conj(U)[i,r]*U[i2,r2]*conj(U)[i2,r2]*W[k,t]*conj(W)[k,t]*X[j,s]*conj(X)[j,s]",
            "X[j,s]*conj(X)[j,s]*X[j2,s2]*conj(X)[j2,s2]*W[k,t]*conj(W)[k,t]",
        ),
    ],
)
def test_a_rule_that_holds_at_one_size_alone_is_false(tmp_path, where, lhs, rhs):
    """Once checked at the sizes 2, 3, 4, where 2 * 2 is 4 and dim(a) is 2."""
    rules = RuleSet.from_toml(written(tmp_path, one_rule(where, lhs, rhs)))
    with pytest.raises(RuleError, match="'isometry' is false"):
        rules.check()


def test_a_rule_may_count_sizes(tmp_path):
    for rhs in ("dim(i)", "dim(i)**2/dim(i)"):
        rules = RuleSet.from_toml(written(tmp_path, one_rule("", "eye[i,i]", rhs)))
        (line,) = rules.check()
        assert "other sizes" in line


BROKEN = [
    ("", "a list of"),
    ("[[rule]", "is no TOML"),
    ("rule = 3", "a list of"),
    ("[[rule]]\nkind = 'simplify'", "rule 1 has no name"),
    (ISOMETRY.replace('kind = "simplify"', 'kind = "always"'), "'isometry': kind must be one of"),
    (ISOMETRY.replace('doc = "An isometry cancels with its conjugate."\n', ""), "missing: 'doc'"),
    (ISOMETRY + "weight = 3\n", "unknown field 'weight'"),
    (ISOMETRY.replace('rhs = "eye[*a, *b]"', "rhs = 3"), "must be text"),
    (ISOMETRY.replace("V[*m, *b]", "V[*m, *b"), "'isometry'"),
    (ISOMETRY.replace('"eye[*a, *b]"', '"eye[*a, *c]"'), "'isometry'"),
    (ISOMETRY.replace('"eye[*a, *b]"', '"X[*a, *b]"'), "'isometry'"),
    (ISOMETRY.replace('"eye[*a, *b]"', '"eye[*a, *b] + eye[*a, *b]"'), "'isometry'"),
    (ISOMETRY.replace("isometry(*m -> *a)", "isometri(*m -> *a)"), "'isometry'"),
    (ISOMETRY + 'applies = ["V.H @ V"]\n', "a list of tables"),
    (ISOMETRY + 'applies = [{ gives = "V" }]\n', "missing: 'expr'"),
    (ISOMETRY + 'applies = [{ expr = "V.H @ (V" }]\n', "'isometry'"),
    (ISOMETRY + ISOMETRY, "two rules are called 'isometry'"),
    (one_rule("", "A[i] == B[i]", "A[i]"), "a side of a rule is one expression"),
    (one_rule("", "delta[*a,*b]", "eye[*a,*b]"), "one group of legs"),
    (ISOMETRY + 'applies = [{ expr = "A[i]", gives = "A[" }]\n', "'isometry'"),
    (one_rule("", "x[*i]*delta[j,k]", "delta[k,j]*x[*i]"), "the factors share legs"),
    (one_rule("", "delta[*a,i]*delta[i,*b]", "delta[*a,*b]"), "at least one index"),
    ("x = " + "[" * 5000, "is no TOML"),
]


@pytest.mark.parametrize(("text", "said"), BROKEN, ids=[said for _, said in BROKEN])
def test_a_broken_rule_file_is_named_with_what_is_wrong(tmp_path, text, said):
    with pytest.raises(RuleError) as caught:
        RuleSet.from_toml(written(tmp_path, text))
    assert said in str(caught.value)
    assert "mine.toml" in str(caught.value)


def test_a_missing_rule_file_is_named(tmp_path):
    with pytest.raises(RuleError, match=r"none\.toml"):
        RuleSet.from_toml(tmp_path / "none.toml")


def test_sets_are_added_picked_and_searched():
    rules = tn.rules.load()
    assert [rule.name for rule in rules.only("isometry")] == ["isometry", "real isometry", "real"]
    assert rules["identity"].set_name == "identity"
    with pytest.raises(RuleError, match="no rule is called 'isometri'"):
        rules["isometri"]
    with pytest.raises(RuleError, match="two rules are called"):
        rules + rules.only("trace")


def test_an_edited_rule_file_of_a_checkout_is_seen_at_once(tmp_path):
    package = folder().parent
    shutil.copytree(package / "tnalgebra", tmp_path / "tnalgebra", ignore=_no_caches)
    shutil.copytree(folder(), tmp_path / "rules")
    code = "import tnalgebra as tn; print(len(tn.rules.load()), tn.rules.folder())"

    def loaded() -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout.split()

    before = loaded()
    assert before == [str(len(tn.rules.load())), str(tmp_path / "rules")]
    (tmp_path / "rules" / "mine.toml").write_text(
        ISOMETRY.replace('"isometry"', '"mine"'), encoding="utf-8"
    )
    assert int(loaded()[0]) == int(before[0]) + 1


def _no_caches(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "__pycache__"]
