"""Comparison of two values on exact samples: builtin tensors, their sizes, and what is too much."""

from __future__ import annotations

import pytest

import tnalgebra as tn
from tnalgebra.errors import ArrayError, LimitError
from tnalgebra.numeric.agreement import compare


def test_builtin_tensors_of_one_name_may_stand_in_two_spaces():
    """Once both had the array of the first."""
    text = "onehot(0)[p]*A[p,q]*onehot(0)[q]*causal[p,r]*B[q,s]*causal[s,t]*ones[r]*ones[t]"
    value = tn.parse(f"{text} -> ")
    agreement = compare(value, value.simplify(), batch=2)
    assert agreement.difference is None
    assert len(set(agreement.sizes.values())) > 1


def test_a_unit_vector_asks_for_a_space_that_has_its_position():
    value = tn.parse("onehot(7)[i]*v[i]")
    agreement = compare(value, 2 * value)
    assert agreement.sizes["i"] >= 8
    assert agreement.difference is not None
    with pytest.raises(ArrayError, match=r"onehot\(7\) needs a space of at least 8"):
        compare(value, value, sizes={"i": 3})


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("A[i,j]*B[j,k]", "i = 9000; j = 9000; k = 9000"),
        ("v[i]*w[j]*x[k]", "i = 900; j = 900; k = 900"),
        ("onehot(99999999999)[i]", ""),
        ("A[i,j]*B[j,k]*C[k,l]*D[l,m]*E[m,i]", "; ".join(f"{x} = 1200" for x in "ijklm")),
    ],
)
def test_what_would_take_too_much_memory_or_time_is_refused(text, where):
    value = tn.parse(text, where=where)
    with pytest.raises(LimitError, match="the limit is"):
        compare(value, value)
