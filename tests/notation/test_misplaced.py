"""Declarations that say nothing of the tensor or symbol they name are refused, with the way out."""

from __future__ import annotations

import pytest

import tnalgebra as tn
from tnalgebra.errors import DeclarationError


@pytest.mark.parametrize(
    ("text", "where", "way"),
    [
        ("A.H == A.T", "A: rael", "A: real"),
        ("A.H == A.T", "A: Real", "A: real"),
        ("alpha*v[i]", "alpha: rela", "alpha: real"),
        ("U[i,j]", "U: untary", "U: unitary(i, j)"),
        ("V[m,a]", "V: isomtry", "V: isometry(m -> a)"),
        ("e[i]", "e: onehott", "e: onehot(i)"),
        ("A[i,j]", "B[i,j] = A[i,j]; A: rael", "A: real"),
        ("H[i,j]", "H[i,j] = i + alpha*j; alpha: rael", "alpha: real"),
        ("H[i,j]", "H = [[1, alpha], [0, 1]]; alpha: rael", "alpha: real"),
        ("A[i,j]", "A: tensor(i, j); A: rael", "A: real"),
        ("A[i,j]", "A: rael = 3", "A: real"),
    ],
)
def test_a_misspelt_fact_is_no_space(text, where, way):
    with pytest.raises(DeclarationError) as caught:
        tn.parse(text, where)
    start, stop = caught.value.span
    assert where[start:stop].split(":")[0] == way.split(":")[0]
    _, _, shown = caught.value.hint.partition("? write ")
    assert shown == way
    tn.parse(text, way)


@pytest.mark.parametrize(
    ("text", "where", "ways"),
    [
        ("A[i,j]*v[j]", "v: vector", ["v: tensor(i)", "v: real"]),
        ("A[i,j]*v[j]", "A: matrix", ["A: tensor(i, j)", "A: real", "A: symmetric(i, j)"]),
        ("A[i,j]", "i: s; A: s", ["A: tensor(i, j)", "A: real", "A: symmetric(i, j)"]),
    ],
)
def test_any_other_word_of_a_tensor_shows_what_may_stand_there(text, where, ways):
    with pytest.raises(DeclarationError, match="is a tensor here") as caught:
        tn.parse(text, where)
    assert caught.value.hint == f"write its legs, or a fact: {'; '.join(ways)}"
    for way in ways:
        tn.parse(text, way)


def test_any_other_word_of_a_symbol_shows_real_and_legs():
    with pytest.raises(DeclarationError, match="'alpha' is a symbol here") as caught:
        tn.parse("alpha*v[i]", "alpha: positive")
    assert caught.value.hint.splitlines() == [
        "a number is complex unless declared: write alpha: real",
        "a tensor is declared with its legs: alpha: tensor(i, j)",
    ]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("A[i,j]", "i, j: rael"),
        ("A[i,j]", "B: rael"),
        ("A[i,j]", "V: isometry(m -> a); m: rael"),
        ("n*A[i,j]", "i: n"),
        ("n*A[i,j]", "n: n"),
        ("A[A,j]", "A: space"),
        ("group(A[i,j], n=(i,j))", "n: thick"),
        ("softmax(S[q,k], k)", "q, k: seq"),
        ("dim(m)*A[i,j]", "m: s"),
        ("H[i,j]", "H[i,j] = i + j; j: s"),
    ],
)
def test_indices_and_names_of_other_texts_have_spaces(text, where):
    tn.parse(text, where)


def test_a_misspelt_fact_is_not_refuted():
    with pytest.raises(DeclarationError):
        tn.verify("A.H == A.T", where="A: rael")
    assert tn.verify("A.H == A.T", where="A: real").status == "proved"
