"""Deltas, identities, ones and unit vectors as Python objects: what they take for their legs."""

from __future__ import annotations

import pytest

import tnalgebra as tn
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.errors import NotationError, SpaceError

i, j, k = tn.legs("i j k")


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (tn.eye("i j"), "eye[i,j]"),
        (tn.eye("i", "j"), "eye[i,j]"),
        (tn.eye(i, "j"), "eye[i,j]"),
        (tn.eye([i, j]), "eye[i,j]"),
        (tn.delta("i, j", k), "delta[i,j,k]"),
        (tn.ones("i"), "ones[i]"),
        (tn.ones("i j"), "ones[i]*ones[j]"),
        (tn.ones(i, "j"), "ones[i]*ones[j]"),
        (tn.onehot(1, i), "onehot(1)[i]"),
    ],
    ids=str,
)
def test_copies_and_ones_take_names_and_legs(made, text):
    assert made == tn.parse(text)


def test_legs_of_one_space_are_so_in_ones_and_eye():
    n, m = Space("n", 3), Space("m", 2)
    assert tn.ones(Leg("i", n), Leg("j", n)).evaluate().shape == (3, 3)
    assert tn.ones(Leg("i", n), Leg("j", m)).evaluate().shape == (3, 2)
    assert tn.eye(Leg("i", n), "j").evaluate().shape == (3, 3)
    with pytest.raises(SpaceError):
        tn.eye(Leg("i", n), Leg("j", m))


@pytest.mark.parametrize(
    ("make", "fragment", "way_out"),
    [
        (lambda: tn.eye(3), "eye names its legs.*takes no 3", "sizes"),
        (lambda: tn.ones(2, 3), "ones names its legs.*takes no 2", "sizes"),
        (lambda: tn.delta(None), "takes no None", "sizes"),
        (lambda: tn.delta([1, 2]), r"not \[1, 2\]", ""),
        (lambda: tn.eye("i"), "eye has two legs, and 'i' is 1", "tn.ones('i')"),
        (lambda: tn.eye("i j", k), "eye has two legs, and 'i j k' is 3", "tn.delta('i j k')"),
        (lambda: tn.eye("i", "i"), "cannot share a name: i, i", "join them afterwards"),
        (lambda: tn.ones("i i"), "cannot share a name: i, i", "name them apart"),
        (lambda: tn.ones(), "at least one index", ""),
        (lambda: tn.delta(""), "at least one index", ""),
        (lambda: tn.onehot(0, "i j"), "onehot has one leg, not 2", ""),
        (lambda: tn.delta("i pi"), "'pi' has a meaning of its own", ""),
    ],
)
def test_copies_and_ones_of_no_legs_are_refused(make, fragment, way_out):
    with pytest.raises(NotationError, match=fragment) as refused:
        make()
    assert way_out in (refused.value.hint or "")
