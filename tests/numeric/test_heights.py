"""Heights bound what is written, and agreement of residues is evidence below them alone."""

from __future__ import annotations

import cmath

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import tnalgebra as tn
from tnalgebra.numeric.agreement import compare
from tnalgebra.numeric.heights import height, is_decided_by_residues
from tnalgebra.numeric.modular import PRIME

NUMBERS = st.recursive(
    st.one_of(
        st.fractions(-9, 9, max_denominator=9).map(
            lambda f: sympy.Rational(f.numerator, f.denominator)
        ),
        st.sampled_from([sympy.I, sympy.sqrt(2), sympy.sqrt(6), 1 / sympy.sqrt(3), -sympy.sqrt(5)]),
    ),
    lambda parts: st.one_of(
        st.tuples(parts, parts).map(lambda two: two[0] + two[1]),
        st.tuples(parts, parts).map(lambda two: two[0] * two[1]),
        st.tuples(parts, st.integers(0, 3)).map(lambda two: two[0] ** two[1]),
    ),
    max_leaves=5,
)


@given(NUMBERS)
def test_a_height_bounds_the_number_and_its_conjugates(number):
    found = height(number)
    roots = [sympy.sqrt(p) if p > 0 else sympy.I for p in found.roots]
    signs = [{}, *({root: -root} for root in roots)]
    for change in signs:
        value = abs(complex(sympy.expand(number).subs(change)))
        assert value <= found.numerator / found.denominator * (1 + 1e-9)
        assert cmath.isfinite(value)


@given(NUMBERS)
def test_a_number_with_a_small_height_is_zero_where_its_residue_is(number):
    value = tn.parse("A[i]", where="i = 2")
    sizes = {"i": 2}
    if is_decided_by_residues(number * value, 0 * value, sizes):
        agreement = compare(number * value, 0 * value, sizes=sizes)
        assert (agreement.difference is None) == (sympy.expand(number) == 0)


@pytest.mark.parametrize(
    ("lhs", "rhs", "expected"),
    [
        ("A[i]", "2*A[i]", True),
        ("1000*A[i]", "A[i]", True),
        (f"{PRIME}*A[i]", "A[i]", False),
        (f"A[i]/{PRIME - 1}", "A[i]", False),
        ("I*A[i]", "1000*A[i]", True),
        ("I*A[i]", "3000*A[i]", False),
        ("sqrt(2)*I*A[i]", "100*A[i]", False),
        ("alpha**40*A[i]", "A[i]", True),
        ("(alpha + beta)**40*A[i]", "A[i]", False),
        ("3000*(3000*B[i] + A[i])", "A[i]", False),
    ],
)
def test_which_numbers_residues_can_tell_apart(lhs, rhs, expected):
    equation = tn.parse(f"{lhs} == {rhs}", where="i = 2")
    assert is_decided_by_residues(equation.lhs, equation.rhs, {"i": 2}) is expected
    agreement = compare(equation.lhs, equation.rhs)
    assert agreement.difference is not None or not agreement.is_evidence
