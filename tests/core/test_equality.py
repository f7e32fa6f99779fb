"""Equality is structural: it forgets names of summed indices and spaces, and nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from strategies import UNNAMED, diagrams, leg_rows, values

import tnalgebra as tn
from tnalgebra.core import build, size_names
from tnalgebra.core.collected import collected
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Sum

EQUAL = [
    ("A[i,j]*B[j,k]", "A[i,x]*B[x,k]", ""),
    ("A[i,j]*B[j,k]", "B[j,k]*A[i,j] -> i,k", ""),
    ("tr(A @ B)", "tr(B @ A)", ""),
    ("tr(A @ B @ C)", "tr(C @ A @ B)", ""),
    ("tr(A @ B)", "tr(B.T @ A.T)", ""),
    ("delta[i,j]*delta[j,k]", "eye[i,k]", ""),
    ("delta[i,a,b]*delta[a,b,k]", "eye[i,k]", ""),
    ("delta[i,j,k]*ones[k]", "delta[i,j]", ""),
    ("A[i,j]*eye[j,k]", "A[i,k]", ""),
    ("A[i,j]*ones[i]*ones[j]", "A[i,j] -> ", ""),
    ("S[i,j]", "S[j,i] -> i,j", "S: symmetric(i, j)"),
    ("T[i,k,j,l]", "T[j,l,i,k] -> i,k,j,l", "T: symmetric((i,k), (j,l))"),
    ("A[i,j] + B[i,j]", "B[i,j] + A[i,j]", ""),
    ("A[i,j] + A[i,j]", "2*A[i,j]", ""),
    ("A[i,j] + B[i,j] - B[i,j]", "A[i,j]", ""),
    ("A[i,j] - A[i,j]", "0*B[i,j]", ""),
    ("(x + 1)**2*A[i,j]", "(x**2 + 2*x + 1)*A[i,j]", ""),
    ("conj(conj(A))[i,j]", "A[i,j]", ""),
    ("dim(i)*A[i,j]*v[i]", "dim(p)*A[p,j]*v[p]", ""),
    ("exp(A[i,j]*B[j,k])", "exp(A[i,x]*B[x,k])", ""),
    ("r := A[i,j] + B[i,j]; r[i,j]", "A[i,j] + B[i,j]", ""),
    ("r := A[i,j]*B[j,k]; r[i,k]*r[k,l]", "s := A[a,b]*B[b,c]; s[i,k]*s[k,l]", ""),
    ("(A[i,j] + B[i,j])*v[j]", "v[x]*(B[i,x] + A[i,x]) -> i", ""),
]
UNEQUAL = [
    ("A[i,j]", "A[j,i] -> i,j", ""),
    ("A[i,j]", "A[i,k]", ""),
    ("A[i,j]", "A[i,j] -> j,i", ""),
    ("A[i,j]", "conj(A)[i,j]", ""),
    ("A[i,j]", "inv(A)[i,j]", "A: invertible(i, j)"),
    ("A[i,j]", "B[i,j]", ""),
    ("A[i,j]", "2*A[i,j]", ""),
    ("A[i,j]*B[j,k]", "A[i,j]*B[k,j]", ""),
    ("tr(A @ B @ C)", "tr(A @ C @ B)", ""),
    ("tr(A @ A.T)", "tr(A @ A)", ""),
    ("T[i,k,j,l]", "T[j,k,i,l] -> i,k,j,l", "T: symmetric((i,k), (j,l))"),
    ("delta[i,j,k]*v[k]", "delta[i,j]*v[k] -> i,j", ""),
    ("delta[i]*delta[i]", "delta[j]*delta[j]", ""),
    ("exp(A[i,j])", "tanh(A[i,j])", ""),
    ("exp(A[i,j]*v[j])", "exp(A[i,j])*v[j]", ""),
    ("softmax(A[i,j], i)", "softmax(A[i,j], j)", ""),
    ("(A[i,j] + B[i,j])*v[j]", "A[i,j]*v[j] + B[i,j]*v[j]", ""),
    ("exp(A[i,j] + B[i,j])", "exp(A[i,j])*exp(B[i,j]) -> i,j", ""),
    ("dim(i)*A[i,j]", "dim(j)*A[i,j]", ""),
    ("A[0,j]", "A[1,j]", ""),
    ("A[i,j]*w[i]", "A[i,j]*x[i]", ""),
]


@pytest.mark.parametrize(("first", "second", "where"), EQUAL)
def test_equal(first, second, where):
    a, b = tn.parse(first, where=where), tn.parse(second, where=where)
    assert a == b
    assert b == a
    assert hash(a) == hash(b)


@pytest.mark.parametrize(("first", "second", "where"), UNEQUAL)
def test_unequal(first, second, where):
    a, b = tn.parse(first, where=where), tn.parse(second, where=where)
    assert a != b
    assert b != a
    assert hash(a) != hash(b)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("", "A: real"),
        ("A: unitary(i, j)", "A: orthogonal(i, j)"),
        ("A: isometry(i -> j)", "A: isometry(j -> i); A: tensor(i, j)"),
        ("", "i: seq"),
        ("i: seq", "i: hidden"),
        ("i = 3", "i = 4"),
        ("", "i = 3"),
        ("i: seq = 3", "i = 3"),
    ],
)
def test_declarations_take_part(first, second):
    assert tn.parse("A[i,j]", where=first) != tn.parse("A[i,j]", where=second)


def test_names_of_unnamed_spaces_do_not():
    long, short = Space("long"), Space("s")
    first = build.symbol(Tensor("A", (Leg("i", long), Leg("j", short))), ["x", "y"])
    second = build.symbol(Tensor("A", (Leg("i", short), Leg("j", long))), ["x", "y"])
    assert first == second
    assert long.dimension * first == short.dimension * second
    assert long.dimension * first != long.dimension * second


def test_entries_take_part():
    space, row = Space("n"), sympy.Symbol("i", integer=True)
    legs = (Leg("i", space),)
    one, two = (
        build.symbol(Tensor("e", legs, (), "none", sympy.Lambda((row,), f)), ["x"])
        for f in (row, row**2)
    )
    assert one != two
    assert one == build.symbol(one.tensors[0], ["x"])


def test_an_empty_sum_keeps_its_legs():
    p, q = UNNAMED
    empty = Sum((), (Leg("i", p),))
    assert empty == 0 * tn.parse("v[i]")
    assert empty != Sum((), (Leg("j", p),))
    assert empty != Sum((), (Leg("i", p), Leg("j", q)))
    assert empty + tn.parse("v[i]") == tn.parse("v[i]")


def test_other_types_are_unequal():
    assert tn.parse("1") != 1
    assert tn.parse("A[i,j]") != "A[i,j]"


@given(values(), values())
def test_equal_values_have_equal_hashes(first, second):
    assert first == first
    assert (first == second) == (second == first)
    if first == second:
        assert hash(first) == hash(second)


@given(st.data())
def test_sums_forget_the_order_of_terms(data):
    legs = data.draw(leg_rows(UNNAMED))
    terms = data.draw(st.lists(diagrams(UNNAMED, legs, most_nodes=2), max_size=3))
    shuffled = data.draw(st.permutations(terms))
    assert build.total(terms, legs) == build.total(shuffled, legs)


def test_hashes_are_the_same_in_every_process():
    text = (
        "import tnalgebra as tn;"
        "d = tn.parse('exp(S[i,j]*v[j]) + 2*dim(i)*conj(w)[i]', where='S: symmetric(i, j)');"
        "e = tn.parse('S[a,b]*S[b,c]*S[c,a]', where='S: symmetric(i, j)');"
        "print(hash(d), hash(e), e.canonical().digest, str(d), d.where)"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", text],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(p for p in sys.path if p)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "12345")
    }
    assert len(outputs) == 1
    assert outputs != {""}


def test_many_like_terms_with_symbols_add_up():
    term = tn.parse("A[i,j]")
    symbols = sympy.symbols("c:400")
    value = Sum([term * symbol for symbol in symbols], term.legs)
    assert value == term * sympy.Add(*symbols)
    opposite = Sum([term * -symbol for symbol in reversed(symbols)], term.legs)
    assert collected(value + opposite) == {}


def test_sizes_of_declared_spaces_need_no_look_into_contents(monkeypatch):
    text = "dim(i)*exp(A[i,j] + B[i,j])"
    twin = tn.parse(text, where="i, j: n")
    value = tn.parse(text, where="i, j: n")
    expected = hash(twin)
    monkeypatch.setattr(size_names, "_inside", None)
    assert hash(value) == expected
    assert value == twin
