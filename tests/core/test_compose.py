"""Operators on finished values against the plain numpy oracle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import SIZES, UNNAMED, arrays_for, dense, leg_rows, values

import tnalgebra as tn
from tnalgebra.core import build, compose
from tnalgebra.core.collected import collected
from tnalgebra.core.nesting import contents
from tnalgebra.core.spaces import Leg
from tnalgebra.core.values import equation
from tnalgebra.errors import NotationError, SpaceError

P, Q = UNNAMED
SYMBOLS = {"alpha": 0.5 - 0.25j, "beta": 1.5}
PLAIN = ("exp", "tanh")


def _numbers(value, arrays):
    return dense(value, arrays, SIZES, SYMBOLS)


def _close(first, second):
    np.testing.assert_allclose(first, second, rtol=1e-8, atol=1e-8)


def _arrays(*several):
    found: dict[str, np.ndarray] = {}
    for value in several:
        found |= arrays_for(value, np.random.default_rng(1))
    return {name: array / 4 for name, array in sorted(found.items())}


@given(st.data())
def test_sums_and_scalars(data):
    legs = data.draw(leg_rows(UNNAMED))
    first = data.draw(values(UNNAMED, legs, functions=PLAIN, most_nodes=2))
    second = data.draw(values(UNNAMED, legs, functions=PLAIN, most_nodes=2))
    arrays = _arrays(first) | _arrays(second)
    a, b = _numbers(first, arrays), _numbers(second, arrays)
    _close(_numbers(first + 2 * second, arrays), a + 2 * b)
    _close(_numbers(first - second / 3, arrays), a - b / 3)
    _close(_numbers(-first, arrays), -a)
    assert first - first == 0 * first
    assert first + second == second + first


@given(values(functions=PLAIN, spaces=UNNAMED))
def test_conj(value):
    arrays = _arrays(value)
    _close(_numbers(value.conj(), arrays).real, _numbers(value, arrays).real)
    assert value.conj().conj() == value


@given(st.data())
def test_products(data):
    first = data.draw(values(UNNAMED, (Leg("i", P), Leg("j", Q)), functions=PLAIN, most_nodes=2))
    second = data.draw(values(UNNAMED, (Leg("j", Q), Leg("k", P)), functions=PLAIN, most_nodes=2))
    arrays = _arrays(first) | _arrays(second)
    a, b = _numbers(first, arrays), _numbers(second, arrays)
    product = first * second
    assert [leg.name for leg in product.legs] == ["i", "k"]
    _close(_numbers(product, arrays), a @ b)
    _close(_numbers(first @ second, arrays), a @ b)
    _close(_numbers(product.trace("i", "k"), arrays), np.trace(a @ b))
    _close(_numbers(product.T, arrays), (a @ b).T)
    _close(_numbers(first.permute("j", "i"), arrays), a.T)
    _close(
        _numbers(build.contract(first, second, keep=["j", "k", "i"]), arrays),
        np.einsum("ij,jk->jki", a, b),
    )
    assert product == product.T.T


def test_renaming():
    value = tn.parse("A[i,j]")
    assert value.rename(i="x") == tn.parse("A[x,j]")
    assert value["x", "y"] == tn.parse("A[x,y]")
    assert value["x", "x"] == tn.parse("A[x,x]")
    with pytest.raises(NotationError, match="no free leg is called 'z'"):
        value.rename(z="x")
    with pytest.raises(NotationError, match="cannot share a name"):
        value.rename(i="j")
    with pytest.raises(NotationError, match="cannot join"):
        value.trace("i", "z")


def test_equations_align_by_name_then_by_position():
    lhs, rhs = tn.parse("A[i,j]"), tn.parse("B[j,i]")
    aligned = equation(lhs, rhs)
    assert [leg.name for leg in aligned.rhs.legs] == ["i", "j"]
    assert equation(tn.parse("A @ B"), tn.parse("C[x,y]")).lhs.legs[0].name == "x"
    with pytest.raises(NotationError, match="the free legs differ"):
        equation(lhs, tn.parse("v[i]"))


def test_conj_stops_at_no_known_function():
    for name in ("exp", "tanh", "softmax"):
        along = ["j"] if name == "softmax" else []
        value = tn.bubble(name, tn.parse("A[i,j]"), *along)
        assert value.conj() == tn.bubble(name, tn.parse("conj(A)[i,j]"), *along)


def test_bubbles_refuse():
    value = tn.parse("A[i,j]")
    with pytest.raises(NotationError, match="unknown function"):
        tn.bubble("expp", value)
    with pytest.raises(NotationError, match="applied along 1"):
        tn.bubble("softmax", value)
    with pytest.raises(NotationError, match="applied along 1"):
        tn.bubble("softmax", value, "z")
    assert tn.bubble("exp", tn.parse("0")) == tn.parse("1")


def test_shared_contents_stay_shared():
    inner = tn.parse("A[i,j]*B[j,k]")
    box = tn.shared(inner)
    value = box["i", "k"] * box["x", "y"]
    first, second = value.boxes
    assert first.content is second.content
    one, two = value.conj().boxes
    assert one.content is two.content
    assert one.content == inner.conj()


def test_contents_that_operands_share_stay_shared_when_spaces_meet():
    box = tn.shared(tn.parse("A[i,j]*B[j,k]"))
    value = tn.contract(box["a", "b"], box["b", "c"], keep="a c")
    first, second = value.boxes
    assert first.content is second.content
    assert value == tn.parse("r := A[i,j]*B[j,k]; r[a,b]*r[b,c]")
    assert len(first.content.spaces) == 2


def test_a_tensor_that_many_operands_share_stays_one_object():
    a = tn.tensor("A", "i j")
    value = tn.contract(*(a[f"x{k}", f"x{k + 1}"] for k in range(3)), keep="x0 x3")
    assert len({id(tensor) for tensor in value.tensors}) == 1
    assert value.legs[0].space == value.legs[1].space
    assert a.legs[0].space != a.legs[1].space


def test_a_size_follows_its_space_when_legs_join():
    """Once `dim(j)` of a joined leg stayed behind, as the size of a space that was gone."""
    traced = tn.parse("dim(j)*A[k,j]").trace("k", "j")
    assert traced == tn.parse("dim(k)*A[k,k]")
    known = tn.parse("dim(i)*v[i]") * tn.parse("w[i]", where="i = 3")
    assert known == tn.parse("3*v[i]*w[i]", where="i = 3")
    total = tn.parse("w[i]", where="i = 3") + tn.parse("exp(dim(i)*v[i])")
    assert total == tn.parse("w[i] + exp(3*v[i])", where="i = 3")
    renamed = tn.parse("v[i]") * tn.parse("dim(k)*A[k]").rename(k="i")
    assert renamed == tn.parse("dim(i)*v[i]*A[i]")
    with pytest.raises(NotationError, match="zoo"):
        tn.parse("1/(dim(i) - 3)*v[i]") + tn.parse("w[i]", where="i = 3")


def test_a_name_alone_does_not_make_two_spaces_one():
    a, b = tn.tensor("A", "i j"), tn.tensor("B", "i j")
    product = a @ b
    arrays = {"A": np.ones((2, 3)), "B": np.ones((3, 4))}
    np.testing.assert_array_equal(product.evaluate(**arrays), arrays["A"] @ arrays["B"])
    assert len({leg.space for leg in (a @ a).legs}) == 1
    c, d = tn.parse("A[i,j]*B[j,k]"), tn.parse("C[k,j]")
    sizes = {"A": np.ones((2, 3)), "B": np.ones((3, 4)), "C": np.ones((4, 5))}
    assert (c["i", "k"] * d["k", "m"]).evaluate(**sizes).shape == (2, 5)
    assert tn.contract(c["i", "k"], d["k", "m"], keep="i m").evaluate(**sizes).shape == (2, 5)
    assert tn.einsum("ik,km->im", c, d).evaluate(**sizes).shape == (2, 5)


def test_a_size_in_a_coefficient_follows_its_space():
    product = tn.parse("B[k,l]") @ tn.parse("dim(i)*A[i,j]")
    assert product.evaluate(B=np.ones((2, 3)), A=np.ones((3, 4)))[0, 0] == 9
    both = tn.parse("dim(i)*A[i,j]") * tn.parse("dim(i)*B[k,i]").rename(i="m")
    assert both.evaluate(A=np.ones((2, 3)), B=np.ones((4, 5)))[0, 0, 0, 0] == 2 * 5


def test_the_sum_of_a_list():
    """Python begins it with 0, which no legs fit."""
    a, b = tn.tensor("A", "i j"), tn.tensor("B", "i j")
    assert sum([a, b]) == a + b
    assert sum([2 * a + b]) == 2 * a + b
    for other in (1, 0.5):
        with pytest.raises(NotationError):
            other + a


@pytest.mark.parametrize("other", [2, 0.5, np.ones((2, 2)), "A", None])
def test_a_matrix_product_is_of_values(other):
    """Once it ended in an AttributeError."""
    for product in (lambda a: a @ other, lambda a: other @ a):
        with pytest.raises(NotationError):
            product(tn.tensor("A", "i j"))


def test_named_spaces_and_shared_tensors_stay_one():
    named = [tn.parse(f"{name}[i,j]", "i: seq") for name in "AB"]
    first, second = (value.legs[0].space for value in (named[0] + named[1]).terms)
    assert first == second
    twice = tn.parse("A[i,j]*v[j]")["i"] * tn.parse("A[k,m]")["k", "m"]
    spaces = {tensor.spaces() for tensor in twice.tensors if tensor.name == "A"}
    assert len(spaces) == 1
    content = tn.shared(tn.parse("A[i,j]*B[j,k]"))
    both = content["i", "k"] * content["k", "m"]
    assert len({id(box.content) for box in both.boxes}) == 1


def test_thick_legs_that_meet_make_their_parts_one_as_in_text():
    first = tn.tensor("A", "i j").group(x=("i", "j"))
    second = tn.tensor("B", "k m").group(x=("k", "m"))
    assert first * second == tn.parse("group(A[i,j], x=(i,j)) * group(B[k,m], x=(k,m))")
    two, three = np.ones((2, 3)), np.ones((3, 2))
    assert (first * second).evaluate(A=two, B=two) == 6
    sized = [tn.parse(f"group({name}[i,j], x=(i,j))", "i=2; j=3") for name in "AC"]
    turned = tn.parse("group(B[k,m], x=(k,m))", "k=3; m=2")
    assert (sized[0] * turned).evaluate(A=two, B=three) == 6
    assert len((sized[0] * sized[1]).spaces) == 3
    assert len((sized[0] * turned).spaces) == 5


def test_the_size_of_a_thick_leg_follows_parts_told_apart():
    first = tn.tensor("A", "i j").group(x=("i", "j"))
    second = tn.tensor("B", "i j").group(y=("i", "j"))
    spaces = {space.name: str(space.size) for space in (first * second).spaces}
    assert spaces["x"] == "i*j"
    assert spaces["y"] == "i1*j1"


def test_a_named_space_is_not_the_unnamed_one_of_its_name():
    named, unnamed = tn.parse("A[i]", "i: n"), tn.parse("B[n]")
    with pytest.raises(NotationError, match="called like a named space"):
        named * unnamed
    first, second = (named * unnamed.rename(n="k")).spaces
    assert (first.name, first.declared) == ("n", True)
    assert second != first
    assert not second.declared
    for met in (named * unnamed.rename(n="i"), unnamed.rename(n="i") * named):
        assert [(space.name, space.declared) for space in met.spaces] == [("n", True)]


def test_a_sum_takes_the_legs_of_the_first_term_that_names_them():
    """Once an unnamed term before it kept its own."""
    terms = [tn.parse("A @ B"), tn.parse("C @ D"), tn.parse("E[a,b]")]
    total = compose.add(terms)
    assert [[leg.name for leg in term.legs] for term in total.terms] == [["a", "b"]] * 3
    assert total == tn.parse("A[a,j]*B[j,b] + C[a,k]*D[k,b] + E[a,b]")


def test_a_sum_built_term_by_term_is_the_sum_of_the_text():
    total = tn.parse("A0[i,k]*B0[k,j]")
    for number in range(1, 5):
        total = total + tn.parse(f"B{number}[k,j]*A{number}[i,k]")
    assert total == tn.parse(" + ".join(f"A{n}[i,k]*B{n}[k,j]" for n in range(5)))
    inner = {term.tensors[0].spaces() for term in total.terms}
    assert len(inner) == 5


def test_what_keeps_its_spaces_stays_the_object_it_is():
    bubble = tn.bubble("exp", tn.parse("A[i,j]*B[j,k]"))
    product = bubble * tn.tensor("Z", "j m")["z", "m"]
    assert product.boxes[0].content is bubble.boxes[0].content
    product = tn.tensor("Z", "j m")["z", "m"] * bubble
    assert product.boxes[0].content == bubble.boxes[0].content
    total = tn.parse("A[i] + B[i]")
    assert (total + tn.parse("C[i]")).terms[:2] == total.terms


def test_builtin_tensors_are_in_the_space_of_each_place():
    first, second = tn.tensor("A", "i j"), tn.tensor("B", "i j")
    product = first[0, "j"] * second[0, "j"]
    arrays = {"A": np.arange(6.0).reshape(2, 3), "B": np.ones((4, 3))}
    assert product.evaluate(**arrays) == 3


def test_spaces_that_cannot_meet_are_named_as_they_are():
    first = tn.parse("A[i,j]", "i: m; j: n")
    with pytest.raises(SpaceError, match="space 'n' cannot join a leg of space 'm'"):
        first @ first
    with pytest.raises(SpaceError, match=r"size 2 \(space 'i'\) cannot join a leg of size 3"):
        tn.parse("A[i]", "i = 2") + tn.parse("B[i]", "i = 3")
    with pytest.raises(NotationError, match="declared in two ways"):
        tn.tensor("A", "i j") * tn.tensor("A", "i j", "real")


def test_the_parts_of_thick_legs_that_share_only_names_are_told_apart():
    """Once a size that spoke of a part would have made it one with the other's."""
    first, second = (tn.tensor(name, "i j").group(x=("i", "j")) for name in "AB")
    product = first * second.rename(x="y")
    assert len(product.spaces) == 6
    arrays = {"A": np.ones((2, 3)), "B": np.ones((4, 5))}
    assert product.evaluate(**arrays).shape == (6, 20)


def test_entries_follow_the_sizes_that_they_speak_of():
    first = tn.parse("F[j,k]", "F[j,k] = j + k/dim(j)")
    second = tn.parse("F[a,b]", "F[a,b] = a + b/dim(a)")
    product = first * second
    assert len({tensor.entries for tensor in product.tensors}) == 1
    assert product == tn.parse("F[j,k]*F[a,b]", "F[j,k] = j + k/dim(j)")
    apart = tn.parse("G[q,j]*H[j,x]") * first.rename(j="y")
    assert apart == tn.parse("G[q,m]*H[m,x]*F[y,k]", "F[j,k] = j + k/dim(j)")
    with pytest.raises(NotationError, match="two different entries"):
        first * tn.parse("F[a,b]", "F[a,b] = a + b/dim(b)")


def test_a_value_added_to_itself_is_not_looked_through():
    value = tn.parse("A[i,j]*dim(i)")
    for _ in range(2000):
        value = tn.shared(value + value)
    assert len(contents(value)) == 2000
    assert value.legs[0].space == tn.parse("A[i,j]").legs[0].space


def test_a_value_meets_itself_in_the_spaces_of_its_legs():
    value = tn.parse("A[i,j] + B[i,j]")
    assert len((value @ value).spaces) == 1
    with pytest.raises(SpaceError, match="cannot join"):
        tn.contract(
            tn.parse("A[i,j]", "i: m; j: n"), tn.parse("A[j,k]", "j: m; k: n"), keep=["i", "k"]
        )
    assert collected(value + value) == collected(2 * value)
