"""Sizes that are formulas of others: what is known is put in before they are compared."""

from __future__ import annotations

import numpy as np
import pytest

import tnalgebra as tn
from tnalgebra.errors import SpaceError

SPLIT, GROUP = "split(x[q,d], d=(n,e))", "group(x[q,n,e], d=(n,e))*W[d,f]"


@pytest.mark.parametrize(
    ("text", "where", "sizes"),
    [
        (SPLIT, "d: hidden = n*e", {"n": "n", "e": "e"}),
        (SPLIT, "n = 2; d: hidden = n*e", {"n": 2, "e": "e"}),
        (SPLIT, "d = n*e; n = 2", {"n": 2, "e": "e"}),
        (SPLIT, "n = 2; e = 4; d: hidden = n*e", {"n": 2, "e": 4}),
        (SPLIT, "d: hidden = n*e; n: heads = 2; e = 4", {"n": 2, "e": 4}),
        (SPLIT, "d = n*e; n = 2*e; e = 3", {"n": 6, "e": 3}),
        (SPLIT, "d = 2*m; n = 2", {"n": 2, "e": "m"}),
        (SPLIT, "d = n*m; m = 3", {"n": "n", "e": 3}),
        (SPLIT, "d = n**2 + n; e = n + 1", {"n": "n", "e": "n + 1"}),
        (SPLIT, "d = 2*e; n = 2", {"n": 2, "e": "e"}),
        (SPLIT, "e = d/2; n = 2", {"n": 2, "e": "d/2"}),
        (SPLIT, "d: hidden; hidden = n*e; e = 5", {"n": "n", "e": 5}),
        (GROUP, "n = 2; d: hidden = n*e", {"f": "f"}),
        (GROUP, "n = 2; d: hidden = n*e; e = 4", {"f": "f"}),
        (GROUP, "d: hidden = n*e", {"f": "f"}),
    ],
)
def test_a_size_by_a_formula_is_that_of_the_parts(text, where, sizes):
    value = tn.parse(text, where)
    found = {leg.name: str(leg.space.dimension) for leg in value.legs}
    assert {name: found[name] for name in sizes} == {k: str(v) for k, v in sizes.items()}
    assert tn.parse(str(value), where=value.where) == value


def test_the_value_is_that_of_the_same_text_with_numbers():
    x = np.arange(24.0).reshape(3, 8)
    for where in ("d = 8; n = 2", "n = 2; d: hidden = n*e", "n = 2; e = 4; d: hidden = n*e"):
        found = tn.parse(SPLIT, where).evaluate(x=x)
        assert (found == x.reshape(3, 2, 4)).all()


def test_legs_of_one_size_meet_where_a_formula_says_one_of_them():
    where = "x: tensor(d); y: tensor(g); d = n*e; n = 2; e = 4; g = {}"
    assert tn.parse("x[i]*y[i]", where.format(8)).is_closed
    with pytest.raises(SpaceError, match="cannot join a leg of size 9") as caught:
        tn.parse("x[i]*y[i]", where.format(9))
    assert caught.value.span == (7, 8)


@pytest.mark.parametrize(
    ("where", "message", "hint"),
    [
        ("n = 2; e = 4; d = n*n", "of size 4 cannot have the parts n, e of size 8",
         "the sizes of parts multiply to the size of their leg"),
        ("n = 2; e = 4; d = n*m", "of size 2*m cannot have the parts n, e of size 8", ": m = 2"),
        ("n = 2; d = e*e", "of size e**2 cannot have the parts n, e of size 2*e", ": e = 2"),
        ("n = 3; d = 2*k; k = 4", "of size 8 cannot have the parts n, e of size 3*e",
         "3 does not divide 8"),
        ("n = 2; e = 4; d = n/3", "of size 2/3 cannot have", "multiply"),
        ("n = d", "the size of d depends on itself", "give one of its parts a number"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_shown_and_asks_for_nothing_that_is_there(where, message, hint):
    with pytest.raises(SpaceError) as caught:
        tn.parse(SPLIT, where)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert (caught.value.text, caught.value.span) == (SPLIT, (14, 15))


def test_sizes_in_a_circle_are_shown_where_they_are_declared():
    where = "q = 3; n = 2*e; e = 2*n"
    with pytest.raises(SpaceError, match="the size of e, n depends on itself") as caught:
        tn.parse(SPLIT, where)
    start, stop = caught.value.span
    assert (caught.value.text, where[start:stop]) == (where, "e = 2*n")
