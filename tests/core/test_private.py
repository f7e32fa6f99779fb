"""The ways out of an index that a finished value has summed: each hint is run."""

from __future__ import annotations

import pytest

import tnalgebra as tn
from tnalgebra.core.values import Value
from tnalgebra.errors import NotationError

A, B = tn.tensor("A", "i j"), tn.tensor("B", "j k")
C, D = tn.tensor("C", "j l"), tn.tensor("D'", "l k")
NAMES = {"A": A, "B": B, "C": C, "tn": tn}


def _hints(first: Value, second: Value) -> tuple[str, str]:
    """The other name and the one product that the refusal tells."""
    with pytest.raises(NotationError, match="is already summed inside a finished value") as refused:
        first * second
    renamed, _, at_once = str(refused.value.hint).splitlines()
    return renamed.partition(": ")[2], at_once


@pytest.mark.parametrize(
    ("first", "second", "apart", "at_once"),
    [
        (
            lambda: A["i", "j"] * B["j", "k"],
            lambda: C["j", "l"],
            "A[i,j]*B[j,k]*C[j1,l]",
            "A[i,j]*B[j,k]*C[j,l] -> i,k,l",
        ),
        (
            lambda: A["p", "q"] * B["q", "r"],
            lambda: C["q", "p"],
            "A[p,q]*B[q,r]*C[q1,p]",
            "A[p,q]*B[q,r]*C[q,p] -> r",
        ),
        (
            lambda: A["p", "q"] * B["q", "r"].conj(),
            lambda: C["q", "q1"],
            "A[p,q]*conj(B)[q,r]*C[q2,q1]",
            "A[p,q]*conj(B)[q,r]*C[q,q1] -> p,r,q1",
        ),
        (
            lambda: A.sum("j"),
            lambda: C["j", "l"],
            "A[i,j]*ones[j]*C[j1,l]",
            "A[i,j]*C[j,l] -> i,l",
        ),
    ],
)
def test_both_ways_out_are_python_text_that_runs(first, second, apart, at_once):
    one, other = first(), second()
    renamed, together = _hints(one, other)
    assert one * eval(renamed, NAMES) == tn.parse(apart)
    assert eval(together, NAMES) == tn.parse(at_once)
    swapped = eval(_hints(other, one)[1], NAMES)
    assert swapped.permute(*eval(together, NAMES).legs) == tn.parse(at_once)


@pytest.mark.parametrize(
    ("first", "second", "renamed", "at_once"),
    [
        (A @ B, tn.exp(C), None, None),
        (A["i", "j"] * B["j", "k"], tn.exp(C), "(...)['j1','l']", "tn.contract(..., keep='i k l')"),
        (tn.exp(A["i", "j"] * B["j", "k"]), C, "C['j1','l']", "tn.contract(..., keep='i k l')"),
        (A["j", "i"] * B["i", "j"], C, "C['j1','l']", "tn.contract(..., keep='l')"),
        (
            A["i", "j"] * B["j", "k"],
            2 * C["j", "l"] * D["l", "k"],
            "(...)['j1','k']",
            "tn.contract(..., keep='i')",
        ),
        (A["i", "j"] * B["j", "i"], C["j", "i"], "C['j1','i1']", "tn.contract(...)"),
        (A["j'", "j'"], C["j'", "l"], "C[\"j1'\",'l']", "tn.contract(..., keep='l')"),
    ],
)
def test_where_the_product_cannot_be_told_the_legs_to_keep_are(first, second, renamed, at_once):
    if renamed is None:
        assert (first * second).legs  # `@` names no index, so that none is private
    else:
        assert _hints(first, second) == (renamed, at_once)


def test_the_factor_is_shown_under_the_names_it_was_typed_with():
    with pytest.raises(NotationError) as refused:
        A["p", "q"] * B["q", "r"] * C["q", "l"]
    assert "A['p','q']*B['q','r']" in str(refused.value)
