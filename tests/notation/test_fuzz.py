"""Random texts, most of them wrong: each gives a value that round-trips or one of our errors."""

from __future__ import annotations

import builtins
import random
from collections import Counter

import pytest
import sympy.parsing.sympy_parser

import tnalgebra as tn
from tnalgebra.core.values import Equation, Value
from tnalgebra.errors import TnalgebraError

NAMES = ("A", "B", "V", "v", "w", "x'", "r", "alpha", "beta", "i", "j", "k", "n", "seq", "α", "_")
WORDS = (
    *("delta", "eye", "ones", "onehot", "causal", "conj", "inv", "tr", "diag", "dim", "sum", "I"),
    *(
        "pi",
        "exp",
        "tanh",
        "softmax",
        "causal_softmax",
        "relu",
        "sqrt",
        "log",
        "factorial",
        "gamma",
    ),
    *("pinv", "kron", "group", "split", "T", "H", "Abs", "tan", "lambda", "import", "None", "E"),
)
NUMBERS = (
    "0",
    "1",
    "2",
    "3",
    "0.5",
    "1e3",
    "12345678901234567890",
    "1e-9",
    "007",
    "1.",
    ".5",
    "2j",
)
SIGNS = (*"+-*/@()[],;.:=", "**", "->", ":=", "==", "=>", "<", "--", "'", '"', "\\", "{", "}", "#")
ODD = (
    "\n",
    "\t",
    " ",
    "\x00",
    "²",
    "٣",
    "é",
    "e\u0301",
    "\u200b",
    "😀",
    "\ud800",
    "ﬁ",
    "\u2028",
    "％",
)
CODE = ("__import__('os').abort()", "().__class__", "exec('1/0')", "{1/0}", "%s", "open('x')")

GOOD = (
    "A[i,j]*B[j,k]",
    "2*A[i,j] - alpha*B[j,i]",
    "A[i,b]*v[b]*B[b,j] -> i,j",
    "r := x[q,d] + a[q,d]; r[q,d]*r[p,d]",
    "softmax(S[q,k], k)*V[k,d]",
    "tr(A @ B @ C) == tr(C @ A @ B)",
    "exp((A[i,j]*B[i,j] -> i))",
    "conj(V)[m,a]*V[m,b] == eye[a,b]",
    "inv(A.T)[j,i]*conj(inv(A))[i,k] -> j,k",
    "dim(i)*A[i,0]*onehot(2)[i]/sqrt(2)",
    "(A @ (B + C))[i,k]*delta[k,i,l]",
    "sum(A[i,j]*ones[k], k) + 0.5*diag(v)[i,j]",
    "causal_softmax(x[q,d]*x[k,d]/sqrt(dim(d)), q, k)",
    "A.H @ A - eye",
    "causal @ A + conj(alpha)*I**2*exp(1)*A",
)
GOOD_WHERE = (
    "",
    "",
    "V: isometry(m -> a)",
    "A: symmetric(i, j); B: unitary(i, j)",
    "q, k: seq = 64; d: hidden = 8",
    "T: symmetric((i,k), (j,l)); alpha: real",
    "A: tensor(i, j); A: invertible(j, i)",
    "i = 3; j: n = 4; A: orthogonal(i, k)",
    "x: tensor(q, d); S: real",
    "i, j: i; V: isometry(i, j -> k)",
    "A: antisymmetric(i, j); B: hermitian(i, j); V: right_invertible(a -> m)",
    "T: antisymmetric(i, j, k); B: projector(i, j); A: permutation(i, j)",
    "A: diagonal(i, j); B: stochastic(i, j); v: onehot(i); c: real",
)


def _token(rng: random.Random) -> str:
    kinds = (NAMES, WORDS, NUMBERS, SIGNS, SIGNS, NAMES, ODD, CODE)
    return rng.choice(rng.choices(kinds, (8, 4, 3, 8, 4, 4, 1, 0.3))[0])


def _soup(rng: random.Random) -> str:
    return rng.choice(["", " "]).join(_token(rng) for _ in range(rng.randint(1, 14)))


def _indices(rng: random.Random, count: int) -> str:
    names = ("i", "j", "k", "l", "m", "x'", "i", "j", *(("0",) if rng.random() < 0.2 else ()))
    return ",".join(rng.choice(names) for _ in range(count))


def _expression(rng: random.Random, depth: int) -> str:
    """An expression that is mostly well formed."""
    choice = rng.randrange(16 if depth else 7)
    if choice < 4:
        name, rank = rng.choice((("A", 2), ("B", 2), ("v", 1), ("T", 3), ("V", 2), ("c", 0)))
        head = rng.choice((name, name, f"conj({name})", f"inv({name})", f"pinv({name})"))
        return f"{head}[{_indices(rng, rank)}]"
    if choice == 4:
        return rng.choice(("delta", "eye", "ones", "onehot(1)")) + f"[{_indices(rng, 2)}]"
    if choice == 5:
        return rng.choice(
            ("alpha", "beta", "2", "1/3", "dim(i)", "dim(n)", "I", "sqrt(2)", "pi", "0")
        )
    if choice == 6:
        return rng.choice(("A", "B", "A.T", "B.H", "eye", "v", "causal"))
    inner = _expression(rng, depth - 1)
    if choice < 10:
        return (
            f"{inner}{rng.choice(('*', '*', '*', ' @ ', '/', '**'))}{_expression(rng, depth - 1)}"
        )
    if choice < 12:
        return f"{inner}{rng.choice((' + ', ' - '))}{_expression(rng, depth - 1)}"
    if choice == 12:
        return f"({inner} -> {_indices(rng, rng.randint(0, 2))})"
    if choice == 13:
        return f"({inner})" + rng.choice(("", "", ".T", ".H", f"[{_indices(rng, 2)}]"))
    name = rng.choice(("exp", "tanh", "conj", "tr", "diag", "softmax", "sum", "relu", "log", "Abs"))
    along = f", {rng.choice('ijk')}" if name in ("softmax", "sum") else ""
    return f"{name}({inner}{along})"


def _factor(rng: random.Random, pool: list[str], depth: int) -> str:
    """A factor that takes its indices from a pool in which each stands at most twice."""
    if depth and rng.random() < 0.3:
        inner = _sound(rng, depth - 1)
        kept = [pool.pop() for _ in range(min(2, len(pool)))]
        if len(set(kept)) < len(kept):
            kept = kept[:1]
        body = (
            f"({inner} + ones[{kept[0]}] -> {','.join(kept)})" if len(kept) == 1 else f"({inner})"
        )
        return f"{rng.choice(('exp', 'conj', 'sqrt', 'relu', 'abs', ''))}({body})"
    name, rank = rng.choice((("A", 2), ("B", 2), ("v", 1), ("T", 3), ("V", 2), ("c", 0), ("W", 4)))
    indices = [pool.pop() for _ in range(min(rank, len(pool)))]
    if len(indices) < rank:
        return rng.choice(("alpha", "2", "dim(i)", "c[]", "beta**2", "dim(n)", "1/3"))
    if rank == 2 and rng.random() < 0.4:
        forms = (
            "inv(A)",
            "pinv(V)",
            "conj(V)",
            "(A @ B)",
            "A.H",
            "exp(B)",
            "conj(inv(B))",
            "delta",
            "causal",
        )
        name = rng.choice(forms)
    return f"{name}[{','.join(indices)}]"


def _sound(rng: random.Random, depth: int = 1) -> str:
    """A product, or a sum of two with the same legs, that says something in most cases."""
    pool = [*"iijjkkllmmnn"]
    rng.shuffle(pool)
    signs = "****/"
    text = _factor(rng, pool, depth)
    for _ in range(rng.randint(0, 4)):
        text += rng.choice(signs) + _factor(rng, pool, depth)
    if rng.random() < 0.3:
        return f"{text} - {rng.choice(('2', 'alpha', '-1/3'))}*{text}"
    if rng.random() < 0.2:
        return f"r := {text}; r*r" if depth and not pool else f"{text} -> i"
    return text


def _mutated(text: str, rng: random.Random) -> str:
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        a, b = sorted(rng.choices(range(len(text) + 1), k=2))
        b = min(b, a + rng.randint(0, 6))
        text = text[:a] + rng.choice(("", _token(rng), text[a:b] * 2, text[b : b + 4])) + text[b:]
    return text


def _case(rng: random.Random) -> tuple[str, str]:
    """A text and its declarations."""
    text = rng.choice(
        (
            lambda: _soup(rng),
            lambda: _expression(rng, 3),
            lambda: _sound(rng),
            lambda: _sound(rng),
            lambda: _mutated(_sound(rng), rng),
            lambda: f"{_expression(rng, 2)} == {_expression(rng, 2)}",
            lambda: f"r := {_expression(rng, 2)}; r[i,j]*{_expression(rng, 2)}",
            lambda: _mutated(_expression(rng, 2), rng),
            lambda: _mutated(rng.choice(GOOD), rng),
        )
    )()
    if rng.random() < 0.3:
        return text, _mutated("; ".join(rng.choices(GOOD_WHERE, k=2)), rng)
    return text, rng.choice((*GOOD_WHERE, _soup(rng)) if rng.random() < 0.3 else GOOD_WHERE)


def _check(text: str, where: str) -> str:
    """Parse one case; which of the outcomes it had."""
    try:
        value = tn.parse(text, where=where)
    except TnalgebraError as error:
        refused = error
    else:
        return _check_value(value)
    assert refused.text in (text, where)
    assert refused.span is not None, str(refused)
    start, stop = refused.span
    assert 0 <= start <= stop <= len(refused.text)
    assert str(refused)
    return type(refused).__name__


def _check_value(value: Value | Equation) -> str:
    back = tn.parse(str(value), where=value.where)
    assert back == value, (str(value), value.where)
    return "value"


def _run(count: int, seed: int) -> Counter[str]:
    rng = random.Random(seed)
    found: Counter[str] = Counter()
    for trial in range(count):
        text, where = _case(rng)
        try:
            found[_check(text, where)] += 1
        except Exception as error:
            error.add_note(f"seed {seed}, case {trial}: {text!r}, where={where!r}")
            raise
    return found


@pytest.fixture
def no_code(monkeypatch):
    """Whatever would run text as code fails here; an import may still run its compiled file."""
    assert _check("A[i,j]", "A: real") == "value"

    def refuse(code: object, *scopes: object, **_: object) -> None:
        assert not isinstance(code, str), f"text was run as code: {code!r}"
        run(code, *scopes)

    run = builtins.exec
    monkeypatch.setattr(builtins, "eval", refuse)
    monkeypatch.setattr(builtins, "exec", refuse)
    monkeypatch.setattr(sympy.parsing.sympy_parser, "parse_expr", refuse)


def test_some_thousand_texts(no_code):
    found = _run(3000, 1)
    assert found["value"] > 400
    assert found["NotationError"] > 500
    assert found["DeclarationError"] > 50


@pytest.mark.slow
def test_many_texts(no_code):
    assert _run(100_000, 2)["value"] > 10_000
