"""Copies and pickles: values come back equal, contents stay shared, and depth does not matter."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from strategies import values

import tnalgebra as tn
from tnalgebra.core import build
from tnalgebra.core.nesting import contents
from tnalgebra.core.pickling import records, restored
from tnalgebra.errors import GraphError


@given(values(depth=2))
def test_a_pickled_value_comes_back(value):
    twin = pickle.loads(pickle.dumps(value))
    assert twin == value
    assert hash(twin) == hash(value)
    assert (twin.legs, twin.named, twin.summed) == (value.legs, value.named, value.summed)
    assert str(twin) == str(value)
    assert len(contents(twin)) == len(contents(value))


@pytest.mark.parametrize("text", ["A[i,j]", "A[i,j] + 2*B[i,j]", "exp(A[i,j] + B[i,j])"])
def test_a_copy_is_the_value_itself(text):
    value = tn.parse(text)
    assert copy.copy(value) is value
    assert copy.deepcopy(value) is value
    assert copy.deepcopy([value])[0] is value


@pytest.mark.parametrize("text", ["A[i,j] == B[i,j]", "exp(v[i]) + w[i] == u[i]"])
def test_an_equation_comes_back(text):
    equation = tn.parse(text)
    for twin in (pickle.loads(pickle.dumps(equation)), copy.deepcopy(equation)):
        assert (twin.lhs, twin.rhs) == (equation.lhs, equation.rhs)


def test_a_shared_content_stays_one_object():
    box = build.shared(tn.parse("A[i,j] + B[i,j]", where="i, j: n"))
    value = build.contract(box["i", "j"], box["j", "k"], keep=["i", "k"])
    first, second = value.boxes
    assert first.content is second.content
    first, second = pickle.loads(pickle.dumps(value)).boxes
    assert first.content is second.content


@pytest.mark.parametrize("with_sums", [False, True])
def test_a_thousand_layers(with_sums):
    value = tn.parse("v[i]")
    for _ in range(1000):
        value = tn.bubble("exp", value)
        if with_sums:
            value = value + tn.parse("w[i]")
    twin = pickle.loads(pickle.dumps(value))
    assert twin == value
    assert len(contents(twin)) == 1000
    assert copy.deepcopy(value) is value


def test_a_transformer_comes_back():
    value = tn.nn.Transformer(layers=24).diagram()
    assert pickle.loads(pickle.dumps(value)) == value


def test_records_that_describe_no_value_are_refused():
    (record,) = records(tn.parse("A[i,j]"))
    broken = type(record)(record.nodes, record.edges[:1], record.coefficient, True, frozenset())
    with pytest.raises(GraphError):
        restored((broken,))
    (total,) = records(tn.parse("A[i,j] + B[i,j]"))
    with pytest.raises(GraphError, match="other legs"):
        restored((type(total)(total.terms, total.legs[::-1], True, frozenset()),))
