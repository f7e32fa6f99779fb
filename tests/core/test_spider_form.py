"""Fusion of deltas: what a closed circle, a double edge and an open line are worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import SIZES, arrays_for, dense, dense_node, diagrams, number_of, size_of

import tnalgebra as tn
from tnalgebra.core import build
from tnalgebra.core.draft import Draft
from tnalgebra.core.nodes import Delta
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram

N = Space("n")
DIM = N.dimension


def _deltas(*rows, free=()) -> Diagram:
    draft = Draft()
    wires: dict[int, int] = {}
    for row in rows:
        draft.add(Delta(N), [wires.setdefault(c, draft.wire(N)) for c in row])
    draft.free = [(f"x{k}", wires.setdefault(c, draft.wire(N))) for k, c in enumerate(free)]
    return Diagram(draft.graph())


@pytest.mark.parametrize(
    ("rows", "power"),
    [
        ([()], 1),
        ([(0, 0)], 1),
        ([(0,), (0,)], 1),
        ([(0, 1), (0, 1)], 1),
        ([(0, 1, 2), (0, 1, 2)], 1),
        ([(0, 1), (1, 2), (2, 0)], 1),
        ([(0, 0, 1, 1)], 1),
        ([(), ()], 2),
        ([(0, 0), (1, 1)], 2),
        ([(0, 0), (1,), (1,), ()], 3),
        ([], 0),
    ],
)
def test_each_closed_component_is_worth_one_dimension(rows, power):
    value = _deltas(*rows)
    assert value.scalar == DIM**power
    assert value == build.contract() * DIM**power
    assert dense(value, {}, {"n": 5}) == 5**power


@pytest.mark.parametrize(
    "rows", [[(0, 1)], [(0, 2, 2, 1)], [(0, 2, 3), (2, 3, 1)], [(0, 2), (2, 1)], [(0, 1, 2), (2,)]]
)
def test_open_lines_fuse_with_factor_one(rows):
    value = _deltas(*rows, free=[0, 1])
    assert value.spider.loops == ()
    assert value == build.delta(N, ["x0", "x1"])
    np.testing.assert_array_equal(dense(value, {}, {"n": 4}), np.eye(4))


def test_a_delta_that_only_ones_touch_is_a_vector_of_ones():
    assert _deltas((0, 1), (1,), free=[0]) == tn.parse("ones[x0]")


def test_a_tensor_on_a_circle_leaves_no_dimension():
    assert tn.parse("A[i,i]").scalar == 1
    assert tn.parse("A[i,i]*delta[j,j]").scalar == tn.parse("dim(j)*B[j]").scalar


@given(diagrams(), st.sampled_from(["spider", "normal"]))
def test_both_forms_have_the_same_numbers(diagram, which):
    arrays = arrays_for(diagram, np.random.default_rng(0))
    symbols = {"alpha": 0.5 + 0.25j, "beta": -1.5}
    form = getattr(diagram, which)
    scalar = diagram.coefficient * form.scalar
    operands = [np.array(number_of(scalar, SIZES, symbols)), []]
    nodes, rows = (*form.labels, *form.groups), (*form.ports, *form.group_ports)
    for label, row in zip(nodes, rows, strict=True):
        operands += [dense_node(label, len(row), arrays, SIZES, symbols), list(row)]
    for index, space in enumerate(form.spaces):
        operands += [np.ones(size_of(space)), [index]]
    inner = list(dict.fromkeys(form.free))
    array = np.einsum(*operands, inner, optimize="greedy")
    expected = dense(diagram, arrays, SIZES, symbols)
    full = np.zeros(expected.shape, complex)
    for place in np.ndindex(*array.shape):
        value_of = dict(zip(inner, place, strict=True))
        full[tuple(value_of[c] for c in form.free)] = array[place]
    np.testing.assert_allclose(full, expected, rtol=1e-9, atol=1e-9)
