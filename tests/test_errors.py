"""The family of exceptions: each keeps all it says through pickle and copy."""

from __future__ import annotations

import copy
import pickle

import pytest

from tnalgebra.cli.common import UsageError
from tnalgebra.errors import ArrayError, NotationError, TnalgebraError


@pytest.mark.parametrize("through", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))])
@pytest.mark.parametrize("kind", [TnalgebraError, NotationError, UsageError])
def test_pickle_and_copy_keep_the_text_and_its_place(kind, through):
    error = kind("not so", text="A[i,i]*v[i]", span=(9, 10), hint="say which")
    again = through(error)
    assert type(again) is kind
    assert str(again) == str(error)
    assert again.args == error.args == ("not so",)
    assert vars(again) == vars(error)


@pytest.mark.parametrize("through", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))])
def test_pickle_and_copy_keep_what_an_array_error_is_about(through):
    assert through(ArrayError("no array", hint="pass one", about="A")).about == "A"
