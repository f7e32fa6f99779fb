"""Texts at the limits: long numbers, reserved words, primes, long chains of shared values."""

from __future__ import annotations

import pytest

import tnalgebra as tn
from tnalgebra.errors import DeclarationError, LimitError, NotationError


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9*A[i]",
        "2**99999*A[i]",
        "2**-31e9*A[i]",
        "factorial(10**7)*A[i]",
        "(10**2000)*(10**2000)*A[i]",
        "alpha**(4*10**6)*A[i]",
    ],
)
def test_a_number_too_long_is_refused_at_once(text):
    with pytest.raises(LimitError, match=r"bits|exponent"):
        tn.parse(text)


@pytest.mark.parametrize("text", ["1" * 5000 + "*A[i]", "1e400000*A[i]", "A[" + "9" * 30 + "]"])
def test_a_literal_too_long_is_refused(text):
    with pytest.raises(NotationError) as caught:
        tn.parse(text)
    assert caught.value.span is not None


@pytest.mark.parametrize(
    "text", ["log(0)*A[i]", "tan(pi/2)*A[i]", "factorial(-1)*A[i]", "0**-1*A[i]", "gamma(0)*A[i]"]
)
def test_a_number_that_is_not_finite_is_refused_in_its_place(text):
    with pytest.raises(NotationError, match="cannot hold zoo") as caught:
        tn.parse(text)
    assert caught.value.span[0] == 0


@pytest.mark.parametrize("text", ["delta[I,I]", "A[i,pi]", "A[i,j] -> exp", "I := A[i,j]; I[i,j]"])
def test_an_index_or_shared_value_is_called_no_reserved_word(text):
    with pytest.raises(NotationError, match="has a meaning of its own"):
        tn.parse(text)


@pytest.mark.parametrize(
    "where",
    ["k: pi", "i: eye", "I = 3", "causal: symmetric(i, j)", "conj: tensor(i)", "A: tensor(pi)"],
)
def test_nothing_declared_is_called_a_reserved_word(where):
    with pytest.raises(DeclarationError, match="has a meaning of its own") as caught:
        tn.parse("A[i]", where=where)
    assert caught.value.span is not None


def test_a_group_of_legs_is_declared_in_rules_alone():
    with pytest.raises(DeclarationError, match="only rules have"):
        tn.parse("A[i,j]", where="A: isometry(*m -> *a)")


def test_sizes_that_contradict_each_other_are_shown_in_their_text():
    with pytest.raises(tn.TnalgebraError, match="cannot join") as caught:
        tn.parse("x[i]", where="n = 2; i, j: n; i = 3")
    assert caught.value.text == "n = 2; i, j: n; i = 3"


@pytest.mark.parametrize(
    "text", ["B[i',j']*C[j',k']*B[l',k']", "x' * A''[i',j']", "A''[i'] * A''[j']"]
)
def test_primed_names_print_and_read_back(text):
    value = tn.parse(text)
    assert tn.parse(str(value), where=value.where) == value
    numbered = tn.parse("A' @ A' @ A'")
    assert tn.parse(str(numbered)) == numbered


@pytest.mark.parametrize("link", ["relu(r{0}[i,j])", "r{0}[i,j] + A[i,j]"])
def test_a_chain_of_shared_values_may_be_long(link):
    chain = ["r0 := A[i,j]", *(f"r{k + 1} := {link.format(k)}" for k in range(1500))]
    value = tn.parse("; ".join([*chain, "conj(r1500)[i,j]"]))
    assert len(str(value)) > 1500
    assert value == tn.parse(str(value))


def test_a_condition_on_a_bare_name_is_said_where_the_name_is_a_leg_too():
    with pytest.raises(NotationError, match="is an index here"):
        tn.parse("i*A[i]", where="i: real")


def test_a_declaration_with_the_wrong_capital_is_refused():
    """Once `v: isometry(...)` said nothing of V, which was then a matrix of any kind."""
    with pytest.raises(DeclarationError, match="'v' is declared, and the text has 'V'"):
        tn.verify("V.H @ V == eye", where="v: isometry(m -> a)")
    for where in ("Z: isometry(m -> a)", "V: isometry(m -> a); v: tensor(a)"):
        tn.parse("V[m,a]", where=where)
    tn.parse("V[m,a]*v[a]", where="V: isometry(m -> a); v: tensor(a)")


def test_an_arrow_of_one_side_is_explained_where_the_sides_differ():
    with pytest.raises(NotationError, match="of its own side alone"):
        tn.parse("exp(A[i])*exp(B[i]) == exp(A[i]+B[i]) -> i")
    assert tn.parse("(exp(A[i])*exp(B[i]) -> i) == exp(A[i]+B[i])").lhs.legs


def test_a_size_is_written_as_one():
    for text in ("delta[i,i]", "tr(V @ V.H)", "delta[i,i]*A[j,k]"):
        where = "V: isometry(m -> a)" if "V" in text else ""
        result = tn.parse(text, where=where).simplify()
        assert "dim(" in str(result)
        assert tn.parse(str(result), where=result.where) == result
