"""Long and deep texts: length is free, nesting has a limit, and nothing ends in RecursionError."""

from __future__ import annotations

import pytest

import tnalgebra as tn
from tnalgebra.core.values import Diagram
from tnalgebra.errors import NotationError


def test_a_product_of_20000_factors():
    text = "*".join(f"A{k}[i{k},i{k + 1}]" for k in range(20000))
    value = tn.parse(text)
    assert isinstance(value, Diagram)
    assert len(value.tensors) == 20000
    assert [leg.name for leg in value.legs] == ["i0", "i20000"]
    assert str(value) == text


def test_a_matrix_product_of_5000_factors():
    value = tn.parse("tr(" + " @ ".join(f"M{k}" for k in range(5000)) + ")")
    assert value.is_closed
    assert len(value.tensors) == 5000
    assert str(value).count("*") == 4999


def test_a_sum_of_5000_terms():
    text = " + ".join(f"A{k}[i,j]*v[j]" for k in range(5000))
    value = tn.parse(text)
    assert len(value.terms) == 5000
    assert str(value) == text
    assert hash(value)


def test_3000_sizes_in_one_product():
    value = tn.parse("*".join(f"dim(i{k})*A{k}[i{k}]" for k in range(3000)))
    text = str(value)
    assert text.count("dim(") == 3000
    assert value.where == ""


def test_2000_boxes_in_one_product():
    text = "*".join(f"exp(A{k}[i{k},i{k + 1}])" for k in range(2000))
    value = tn.parse(text)
    assert len(value.boxes) == 2000
    assert len(str(value)) == len(text)


@pytest.mark.parametrize("depth", [1, 50, 100])
@pytest.mark.parametrize(
    ("opening", "closing"), [("(", ")"), ("exp(", ")"), ("-(", ")"), ("(0*v[i] + 1*(", "))")]
)
def test_allowed_nesting(depth, opening, closing):
    levels = depth // opening.count("(")
    value = tn.parse(opening * levels + "v[i]" + closing * levels)
    assert tn.parse(str(value), where=value.where) == value


@pytest.mark.parametrize(
    "text",
    [
        "(" * 101 + "v[i]" + ")" * 101,
        "(" * 20000,
        "exp(" * 20000,
        "A" + "[i,j]" * 20000,
        "A" + ".T" * 20000,
        "a" + "**a" * 20000,
        "((A.T.T).T.T)" + ".T.T" * 99,
    ],
    ids=["101", "open", "calls", "indices", "transposes", "powers", "mixed"],
)
def test_refused_nesting(text):
    with pytest.raises(NotationError):
        tn.parse(text)


def test_signs_are_free():
    assert tn.parse("-" * 5001 + "v[i]") == tn.parse("-v[i]")


def test_long_products_with_reshapes_are_written_in_proportion():
    def chain(count):
        return "*".join(
            f"group(A[a{k},b{k},c{k},d{k}], p{k}=(a{k},b{k}), p{k + 1}=(c{k},d{k}))"
            for k in range(count)
        )

    value = tn.parse(chain(300))
    assert tn.parse(str(value), value.where) == value
    apart = "*".join(f"group(A{k}[a{k},b{k}], p{k}=(a{k},b{k}))*ones[p{k}]" for k in range(1000))
    value = tn.parse(apart)
    assert tn.parse(str(value), value.where) == value
