"""The garbage collector rests while long work is done, and is left as it was found."""

from __future__ import annotations

import gc

import pytest

import tnalgebra as tn
from tnalgebra.core.collector import collector_paused
from tnalgebra.errors import NotationError


@pytest.fixture
def collector():
    was_on = gc.isenabled()
    yield
    if was_on:
        gc.enable()
    else:
        gc.disable()


def test_it_is_off_inside_and_on_again_after_nested_work(collector):
    gc.enable()
    with collector_paused():
        assert not gc.isenabled()
        tn.parse("A[i,j]*B[j,k]")
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_turns_it_on_again(collector):
    gc.enable()
    with pytest.raises(NotationError):
        tn.parse("A[i,")
    assert gc.isenabled()


def test_one_that_the_user_turned_off_stays_off(collector):
    gc.disable()
    tn.contract(tn.tensor("A", "i j"), tn.tensor("B", "j k"), keep="i k")
    assert not gc.isenabled()
