"""Words that stand where they say nothing, or nothing that was meant: the errors and ways out."""

from __future__ import annotations

import numpy as np
import pytest

import tnalgebra as tn
from tnalgebra.errors import DeclarationError, NotationError


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


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("i*x[i]", ""),
        ("x[i]*i", "i = 3"),
        ("x[i] + i*ones[i]", ""),
        ("x[i]/i", "i: n"),
        ("sqrt(i)*x[i]", "d = i*e"),
        ("A[j,i]*i", "i, j: i"),
        ("group(A[j,k], i=(j,k))*i", ""),
        ("eq(i, 0)*x[i]", ""),
    ],
)
def test_an_index_is_no_number(text, where):
    with pytest.raises(NotationError) as caught:
        tn.parse(text, where)
    start, stop = caught.value.span
    assert (caught.value.message, text[start:stop]) == ("'i' is an index here, and no number", "i")
    assert "its size is dim(i)" in caught.value.hint


def test_the_two_ways_to_a_number_from_an_index():
    assert str(tn.parse("dim(i)*x[i]")) == "dim(i)*x[i]"
    found = tn.parse("p[i]*x[i] -> i", where="p[i] = i").evaluate(x=np.array([5.0, 5.0, 5.0]))
    assert found.tolist() == [0.0, 5.0, 10.0]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("n*x[i]", "i: n"),
        ("i*x[i]", "i: i"),
        ("i*x[i]", "j, i: i"),
        ("H[i,j]", "H[i,j] = i + j"),
        ("split(x[q,d], d=(n,e))", "d: hidden = n*e"),
        ("alpha*x[i]", ""),
        ("softmax(S[q,k], k)", ""),
        ("sum(S[q,k], k)", ""),
    ],
)
def test_named_spaces_and_formulas_are_numbers(text, where):
    value = tn.parse(text, where)
    assert tn.parse(str(value), where=value.where) == value


@pytest.mark.parametrize(
    ("text", "where", "way"),
    [
        ("D[i,j]", "D: diagonal(k,k)", "D: diagonal(k,l)"),
        ("S[i,j,k]", "S: symmetric(i, i, i)", "S: symmetric(i, j, k)"),
        ("V[m,a]", "V: isometry(m -> m)", "V: isometry(m -> n)"),
        ("T[i,j,k,l]", "T: symmetric((i,j),(j,i))", "T: symmetric((i,j),(k,l))"),
        ("A[i,j]", "A: tensor(z, z)", "A: tensor(z, z1)"),
        ("A[i,j]", "A: tensor(pos, pos)", "A: tensor(pos, pos1)"),
    ],
)
def test_a_leg_that_is_declared_twice_is_shown_with_another_name(text, where, way):
    with pytest.raises(DeclarationError, match="is named twice") as caught:
        tn.parse(text, where)
    assert caught.value.hint == f"write {way}"
    tn.parse(text, way)


@pytest.mark.parametrize(
    ("where", "way"),
    [
        ("x=2, y=3", "x=2; y=3"),
        ("x = 2, y: seq, z = y/2", "x = 2; y: seq; z = y/2"),
        ("q, k: seq = 4, y = 3", "q, k: seq = 4; y = 3"),
        ("x: seq, y: seq", "x: seq; y: seq"),
        ("alpha: real, y = 3", "alpha: real; y = 3"),
    ],
)
def test_declarations_are_separated_by_semicolons(where, way):
    with pytest.raises(DeclarationError) as caught:
        tn.parse("alpha*A[x,y]", where)
    assert caught.value.hint == f"declarations are separated by semicolons: {way}"
    tn.parse("alpha*A[x,y]", way)


@pytest.mark.parametrize("where", ["x = 2.5", "x = , y", "x: real(i), y", "A: real i"])
def test_other_declarations_that_cannot_be_read_show_what_may_stand_there(where):
    with pytest.raises(DeclarationError) as caught:
        tn.parse("alpha*A[x,y]", where)
    assert "semicolons" not in (caught.value.hint or "")
