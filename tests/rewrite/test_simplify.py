"""Simplify: the value stays, the steps add up, the end is reached and stays the end."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import SIZES, arrays_for, dense, diagrams, values

import tnalgebra as tn
from tnalgebra.errors import LimitError, RuleError
from tnalgebra.numeric.interpreter import needs
from tnalgebra.rewrite.rules import RuleSet


def numbers_of(value):
    arrays = arrays_for(value, np.random.default_rng(0))
    symbols = {s.name: 0.5 for s in needs(value).symbols}
    return lambda one: dense(one, arrays, SIZES, symbols)


@settings(max_examples=100)
@given(values())
def test_the_value_stays(value):
    before = numbers_of(value)
    result = value.simplify()
    assert result.legs == value.legs
    np.testing.assert_allclose(before(result), before(value), rtol=1e-7, atol=1e-7)


@settings(max_examples=60)
@given(values())
def test_expanding_keeps_the_value(value):
    before = numbers_of(value)
    np.testing.assert_allclose(before(value.expand()), before(value), rtol=1e-7, atol=1e-7)


@settings(max_examples=60)
@given(values())
def test_the_end_is_the_end(value):
    once = value.simplify()
    assert not once.derivation().steps
    assert once.simplify() == once


@settings(max_examples=60)
@given(diagrams())
def test_each_step_starts_where_the_one_before_ended(diagram):
    derivation = diagram.derivation()
    current = derivation.start
    for step in derivation:
        assert step.before is current
        current = step.after
        if step.match is not None:
            assert step.check is not None
            assert step.check.samples > 0
            assert step.check.error_bound < 1e-6
    assert current is derivation.result
    assert json.loads(derivation.dumps())["result"] == str(derivation.result)


@pytest.mark.parametrize(
    ("text", "where", "gives"),
    [
        ("conj(V)[m,a]*V[m,b]*A[b,c]", "V: isometry(m -> a)", "A[a,c]"),
        ("V @ V.H @ V @ V.H", "V: isometry(m -> a)", "V @ V.H"),
        ("tr(U @ U.H)", "U: unitary(i, j)", "i"),
        ("tr(eye)*A[i,j]", "", None),
        ("A @ B @ inv(B) @ inv(A) @ C", "", "C[i,j]"),
        ("inv(U) @ U.H.H @ v", "U: unitary(i, j)", None),
        ("A[i,j] - A[i,j]", "", None),
        ("A[i,j] + A[i,j] - 2*A[i,j] + B[i,j]", "", "B[i,j]"),
        ("alpha*A[i,j] + beta*A[i,j]", "", "(alpha + beta)*A[i,j]"),
        ("(A + B)[i,j]*v[j]", "", "(A + B)[i,j]*v[j]"),
        ("delta[i,j,k]*ones[j]*delta[k,l,m]", "", "delta[i,l,m]"),
        ("V @ V.H", "V: isometry(m -> a)", "V @ V.H"),
    ],
)
def test_what_becomes_of_it(text, where, gives):
    result = tn.parse(text, where=where).simplify()
    if gives is not None:
        assert tn.verify(tn.equation(result, tn.parse(gives, where=where))).status == "proved"
        wanted = tn.parse(gives, where=where)
        assert len(result.tensors) == len(wanted.tensors)


def test_a_sum_that_cancels_is_zero_with_its_legs():
    zero = tn.parse("A[i,j] - A[i,j]").simplify()
    assert [leg.name for leg in zero.legs] == ["i", "j"]
    assert zero == tn.parse("A[i,j] + B[i,j] - B[i,j] - A[i,j]").simplify()
    assert str(zero) == "0*ones[i]*ones[j]"


def test_rules_that_undo_each_other_are_stopped(tmp_path):
    file = tmp_path / "circle.toml"
    file.write_text(
        '[[rule]]\nname = "swap"\nkind = "simplify"\ndoc = "Round and round."\n'
        'lhs = "A[i, j] * B[j, k]"\nrhs = "B[j, k] * A[i, j]"\n',
        encoding="utf-8",
    )
    with pytest.raises(LimitError, match="'swap'"):
        tn.parse("A @ B").simplify(RuleSet.from_toml(file))


def test_a_hundred_isometries_collapse():
    text = " @ ".join(["V.H @ V"] * 100)
    derivation = tn.parse(text, where="V: isometry(m -> a)").derivation()
    assert len(derivation) >= 100
    assert not derivation.result.tensors


def test_rules_are_a_rule_set():
    with pytest.raises(RuleError, match="a RuleSet, not str"):
        tn.parse("A @ B").simplify("mine.toml")
    with pytest.raises(RuleError, match="a RuleSet, not str"):
        tn.verify("A @ B == B @ A", rules="mine.toml")
