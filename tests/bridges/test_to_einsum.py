"""to_einsum(): strings that numpy and tn.einsum run, and what no string says."""

from __future__ import annotations

import numpy as np
import pytest
from einsum_cases import BY_HAND, arrays_for, rows_of
from hypothesis import given
from strategies import SIZES, diagrams
from strategies import arrays_for as arrays_of_value

import tnalgebra as tn
from tnalgebra.errors import NotationError


def marked(name, arrays):
    """The array of an operand, read from the outside in: conj(inv(A))."""
    word, _, rest = name.partition("(")
    if not rest:
        return arrays[name]
    inside = marked(rest[:-1], arrays)
    return inside.conj() if word == "conj" else np.linalg.inv(inside)


@pytest.mark.parametrize("equation", BY_HAND)
def test_round_trip(equation):
    tensors = [
        tn.tensor(f"T{n}", " ".join(f"{index}{k}" for k, index in enumerate(row)))
        for n, row in enumerate(rows_of(equation))
    ]
    value = tn.einsum(equation, *tensors)
    if not tensors:
        return
    call = value.to_einsum()
    named = {tensor.tensors[0].name: tensor for tensor in tensors}
    again = tn.einsum(call.equation, *(named[name] for name in call.operands))
    names = [leg.name for leg in value.legs]
    assert again == value or again[tuple(names)] == value[tuple(names)]
    arrays = {f"T{n}": array for n, array in enumerate(arrays_for(equation))}
    found = np.einsum(call.equation, *(arrays[name] for name in call.operands), optimize="greedy")
    np.testing.assert_allclose(found, value.evaluate(**arrays), atol=1e-12)


@given(diagrams(plain=True))
def test_random_diagrams_say_it_right_or_refuse(diagram):
    arrays = arrays_of_value(diagram, np.random.default_rng(0))
    builtin = {t.name for t in diagram.tensors if t.is_builtin}
    try:
        call = diagram.to_einsum()
    except NotationError:
        return
    if builtin.intersection(call.operands):
        return
    operands = [marked(name, arrays) for name in call.operands]
    sizes = {space.name: SIZES[space.name] for space in diagram.spaces}
    expected = diagram.evaluate(**arrays, sizes=sizes)
    np.testing.assert_allclose(np.einsum(call.equation, *operands), expected, atol=1e-8)
    np.testing.assert_allclose(tn.einsum(call.equation, *operands), expected, atol=1e-8)


def test_the_users_own_letters_are_kept():
    assert tn.parse("A[i,j]*B[j,k] -> k,i").to_einsum().equation == "ij,jk->ki"
    assert tn.parse("A[row,col]*v[col]").to_einsum().equation == "ab,b->a"
    assert tn.parse("conj(inv(X))[i,j]", where="X: invertible(i,j)").to_einsum().operands == (
        "conj(inv(X))",
    )


def test_words_beyond_52_indices():
    n = 60
    value = tn.parse("*".join(f"M{k}[i{k},i{k + 1}]" for k in range(n)))
    call = value.to_einsum()
    arrays = [np.eye(2) for _ in range(n)]
    np.testing.assert_array_equal(tn.einsum(call.equation, *arrays), np.eye(2))
    dots = tn.parse("*".join(f"v{k}[i{k}]*w{k}[i{k}]" for k in range(n)))
    call = dots.to_einsum()
    assert tn.einsum(call.equation, *[np.ones(1)] * 2 * n) == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("A[i] + B[i]", "it is a sum"),
        ("2*A[i]", "it has the factor 2"),
        ("exp(A[i])", "it holds a box"),
        ("(A[i] + B[i])*C[i] -> i", "it holds a box"),
        ("delta[i,j,k]*v[k]", "makes legs of its own"),
        ("v[i]*ones[j]", "makes legs of its own"),
        ("delta[i,j]", "it has no tensor"),
        ("v[i]*dim(i)", "it has the factor"),
    ],
)
def test_what_no_string_says(text, why):
    with pytest.raises(NotationError, match=why) as refused:
        tn.parse(text).to_einsum()
    assert refused.value.text
    assert refused.value.hint
