"""Reshapes: the laws of groups against numbers, equal and unequal reshapes, refusals."""

from __future__ import annotations

import itertools
import random

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from strategies import arrays_for, dense, diagrams

import tnalgebra as tn
from tnalgebra.core.nodes import Group
from tnalgebra.core.regroup import regroup
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.errors import GraphError, NotationError, SpaceError, TnalgebraError
from tnalgebra.rewrite.reshape import with_normal_groups

EQUAL = [
    ("split(group(A[i,j], p=(i,j)), p=(k,l))", "A[k,l]"),
    ("group(split(M[p,k], p=(i,j)), q=(i,j))", "M[q,k]"),
    ("kron(eye[i,j], eye[k,l])", "eye[p,q]"),
    ("kron(A, B) @ kron(C, D)", "kron(A @ C, B @ D)"),
    ("kron(A, B).T", "kron(A.T, B.T)"),
    ("kron(A, B).H", "kron(A.H, B.H)"),
    ("kron(kron(A, B), C)", "kron(A, kron(B, C))"),
    ("kron(A, B, C)", "kron(A, kron(B, C))"),
    ("tr(kron(A, B))", "tr(A)*tr(B)"),
    ("group(A[i,j], p=(i,j))*ones[p]", "A[i,j]*ones[i]*ones[j]"),
    ("group(ones[i]*ones[j], p=(i,j))", "ones[p]"),
    ("split(ones[p], p=(i,j))", "ones[i]*ones[j]"),
    ("group(A[i,j], p=(i,j))*group(B[k,l], p=(k,l))", "A[i,j]*B[i,j]"),
    ("group(group(T[i,j,k], p=(i,j)), q=(p,k))", "group(T[i,j,k], q=(i,j,k))"),
    ("split(split(M[q], q=(p,k)), p=(i,j))", "split(M[q], q=(i,j,k))"),
]
UNEQUAL = [
    ("group(A[i,j], p=(i,j))", "group(A[i,j], p=(j,i))", "i, j: n"),
    ("kron(A, B)", "kron(B, A)", "A: tensor(i, j); B: tensor(k, l); i, j, k, l: n"),
    ("group(T[i,j,k], p=(i,j))", "group(T[i,j,k], p=(i,k)) -> p,k", "i, j, k: n"),
    ("group(A[i,j], p=(i,j))", "group(A[i,j], p=(i,j))*v[p]*ones[p]", ""),
]


@pytest.mark.parametrize(("lhs", "rhs"), EQUAL)
def test_equal_reshapes_are_proved(lhs, rhs):
    verdict = tn.verify(f"{lhs} == {rhs}")
    assert verdict.status == "proved", verdict
    equation = tn.parse(f"{lhs} == {rhs}")
    assert equation.lhs == equation.rhs


@pytest.mark.parametrize(("lhs", "rhs", "where"), UNEQUAL)
def test_unequal_reshapes_are_not_equal(lhs, rhs, where):
    try:
        equation = tn.parse(f"{lhs} == {rhs}", where)
    except TnalgebraError:
        return
    assert equation.lhs != equation.rhs
    assert tn.verify(equation).status == "refuted"


@given(diagrams())
def test_the_normal_form_of_groups_has_the_same_numbers(diagram):
    normal = with_normal_groups(diagram)
    if normal is None:
        return
    arrays = arrays_for(diagram, np.random.default_rng(0))
    symbols = {"alpha": 0.5 + 0.25j, "beta": -1.5}
    sides = [dense(one, arrays, symbols=symbols) for one in (diagram, normal)]
    np.testing.assert_allclose(*sides, rtol=1e-9, atol=1e-9)
    assert normal == diagram
    assert with_normal_groups(normal) is None


def test_random_groups_against_their_arrays():
    sizes = {"a": 2, "b": 3, "ab": 6, "aab": 12}
    kinds = [("ab", "a", "b"), ("aab", "a", "ab"), ("aab", "a", "a", "b")]
    rng = random.Random(0)
    for _ in range(300):
        spaces = [rng.choice(list(sizes)) for _ in range(7)]
        rows, chosen = [], []
        for _ in range(rng.randint(1, 4)):
            kind = rng.choice(kinds)
            places = [[i for i, s in enumerate(spaces) if s == space] for space in kind]
            if all(places):
                chosen.append(kind)
                rows.append([rng.choice(one) for one in places])
        held = {index for row in rows for index in row}
        free = [index for index in sorted(held) if rng.random() < 0.4]
        degrees = [0] * 7
        for index in [*free, *(index for row in rows for index in row)]:
            degrees[index] += 1
        found = regroup(chosen, rows, degrees)
        before = _array(list(zip(chosen, rows, strict=True)), free, spaces, sizes)
        kept = [(kind, row) for _, kind, row in found.kept]
        after = _array(kept, [found.same[index] for index in free], spaces, sizes)
        after = after * np.prod([sizes[spaces[index]] for index in found.loops])
        np.testing.assert_allclose(after, before)


def _array(groups, free, spaces, sizes):
    """The sum over all indices but the free ones, by numpy; repeated free indices on a diagonal."""
    operands = [np.array(1.0), []]
    for kind, row in groups:
        shape = [sizes[space] for space in kind]
        operands += [np.eye(shape[0]).reshape(shape), list(row)]
    inner = list(dict.fromkeys(free))
    for index in inner:
        operands += [np.ones(sizes[spaces[index]]), [index]]
    dense_array = np.einsum(*operands, inner)
    full = np.zeros([sizes[spaces[index]] for index in free])
    for place in itertools.product(*(range(n) for n in dense_array.shape)):
        where = dict(zip(inner, place, strict=True))
        full[tuple(where[index] for index in free)] = dense_array[place]
    return full


def test_indices_of_size_one_may_be_parts_of_each_other():
    kinds = [("s", "t", "u"), ("t", "s", "u")]
    found = regroup(kinds, [(0, 1, 2), (1, 0, 2)], [3, 2, 2])
    assert [row for _, _, row in found.kept]


def test_numbers_are_those_of_numpy():
    rng = np.random.default_rng(0)
    a, b, t = rng.random((2, 3)), rng.random((4, 5)), rng.random((2, 3, 4, 5))
    np.testing.assert_allclose(tn.parse("kron(A, B)").evaluate(A=a, B=b), np.kron(a, b))
    grouped = tn.parse("group(T[i,j,k,l], il=(i,l), kj=(k,j))").evaluate(T=t)
    np.testing.assert_array_equal(grouped, t.transpose(0, 3, 2, 1).reshape(10, 12))
    split = tn.parse("split(M[ij,k], ij=(i,j))", "i = 2").evaluate(M=grouped)
    np.testing.assert_array_equal(split, grouped.reshape(2, 5, 12))
    twice = tn.parse("split(M[p], p=(i,j))*split(M[p], p=(k,l))", "i = 2; j = 6; k = 3; l = 4")
    m = rng.random(12)
    expected = np.einsum("ij,kl->ijkl", m.reshape(2, 6), m.reshape(3, 4))
    np.testing.assert_allclose(twice.evaluate(M=m), expected)


def test_one_leg_split_in_two_ways():
    both = tn.parse(
        "delta[p,q]*split(eye[p,p1], p1=(i,j))*split(eye[q,q1], q1=(k,l))",
        "p, q, p1, q1: n = 12; i = 2; j = 6; k = 3; l = 4",
    )
    expected = np.eye(12).reshape(2, 6, 3, 4)
    np.testing.assert_array_equal(both.evaluate(), expected)


def test_values_group_and_split():
    x = tn.tensor("X", "i j k")
    thick = x.group(ij=("i", "j"))
    assert [leg.name for leg in thick.legs] == ["ij", "k"]
    assert thick == tn.parse("group(X[i,j,k], ij=(i,j))")
    assert thick.split(ij=("a", "b"))["i", "j", "k"] == x["i", "j", "k"]
    sized = tn.tensor("M", "p q").split(p=(Leg("a", Space("a", 2)), "b"))
    assert sized.evaluate(M=np.eye(6)).shape == (2, 3, 6)
    with pytest.raises(SpaceError, match="cannot have the parts"):
        tn.parse("M[p,q]", "p = 7").split(p=(Leg("a", Space("a", 2)), "b"))
    with pytest.raises(NotationError, match="no free leg"):
        x.group(ij=("i", "z"))
    with pytest.raises(NotationError, match="two free legs would be called 'k'"):
        x.group(k=("i", "j"))
    with pytest.raises(NotationError, match="two parts"):
        x.group(p=("i",))
    a, b = tn.tensor("A", "i j"), tn.tensor("B", "k l")
    assert tn.kron(a, b)["p", "q"] == tn.parse("kron(A, B)[p,q]")
    with pytest.raises(NotationError, match="equally many legs"):
        tn.kron(a, tn.tensor("v", "i"))


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("group(A[i,j])", "", "is written group"),
        ("group(A[i,j], p=(i,))", "", "two parts"),
        ("group(A[i,j], p=(i,k))", "", "no free leg"),
        ("group(A[i,j,p], p=(i,j))", "", "already"),
        ("group(A @ B, p=(i,j))", "", "named legs"),
        ("split(A[p,i], p=(i,j))", "", "already"),
        ("split(A[p], p=(i,j))", "p = 7; i = 2", "cannot have the parts"),
        ("split(A[p], p=(i,j))", "p = 12", "cannot have the parts"),
        ("group(A[i,j], p=(i,j))*B[p]", "i = 2; j = 3; p = 5", "cannot have the parts"),
        ("A[i,j]", "i = 2*j; j = 2*i", "the size of i, j depends on itself"),
        ("A[i,j,k]", "i = 2*j; j = 2*k; k = 2*i", "depends on itself"),
        ("group(A[i,j], p=(i,j))", "i = p", "depends on itself"),
        ("exp(A[i,j], p=(i,j))", "", "has no argument"),
        ("kron(A)", "", "two factors"),
        ("kron(A, v[i])", "", "equally many legs"),
        ("split(group(A[i,j], p=(i,j))*B[i,j], p=(i,j))", "", "already"),
    ],
)
def test_what_does_not_fit_is_refused(text, where, message):
    with pytest.raises(TnalgebraError, match=message):
        tn.parse(text, where)


def test_a_graph_with_a_false_size_is_refused():
    i, j, p = Space("i", 2), Space("j", 3), Space("p", 7)
    good = tn.parse("group(A[i,j], p=(i,j))", "i = 2; j = 3").graph
    graph = nx.MultiGraph(good.copy())
    for n, data in list(graph.nodes(data=True)):
        if isinstance(data["node"], Group):
            graph.nodes[n]["node"] = Group((i, j), p)
    with pytest.raises((GraphError, SpaceError)):
        tn.Diagram.from_graph(graph)


def test_finished_values_meet_at_thick_legs():
    def kron(*names):
        return tn.kron(*(tn.tensor(name, f"{name.lower()}0 {name.lower()}1") for name in names))

    a, b, c, d = (tn.tensor(name, f"{name.lower()}0 {name.lower()}1") for name in "ABCD")
    product = kron("A", "B") @ kron("C", "D")
    rng = np.random.default_rng(0)
    arrays = {"A": rng.random((2, 3)), "B": rng.random((4, 5))}
    arrays |= {"C": rng.random((3, 2)), "D": rng.random((5, 2))}
    expected = np.kron(arrays["A"], arrays["B"]) @ np.kron(arrays["C"], arrays["D"])
    np.testing.assert_allclose(product.evaluate(**arrays), expected)
    assert tn.verify((product, tn.kron(a @ c, b @ d))).status == "proved"
    assert kron("A", "B").trace() == tn.parse("tr(kron(A, B))")
    total = kron("A", "B") + kron("C", "D")
    assert total == tn.parse("kron(A, B) + kron(C, D)")["a0", "a1"]
    sized = tn.tensor("E", [Leg("i", Space("i", 2)), Leg("j", Space("j", 3))])
    met = tn.contract(sized.group(p="i j"), tn.tensor("F", "k l").group(p="k l"))
    assert met.spaces[0].size == 2


def test_parts_of_other_numbers_do_not_meet():
    two, three = tn.tensor("A", "i j").group(p="i j"), tn.tensor("B", "k l m").group(p="k l m")
    with pytest.raises(SpaceError, match="cannot join"):
        tn.contract(two, three)
    with pytest.raises(SpaceError):
        tn.contract(two, tn.tensor("A", "i j")["p", "k"])


def test_thick_legs_of_the_same_parts_are_one_space():
    x = tn.parse("dim(p)*eye[k,p]*ones[q] -> k,q,p")
    for value in (tn.kron(x, x), x.group(a="k q").group(b="a p"), tn.kron(x, x).group(c="k q")):
        assert tn.parse(str(value), value.where) == value
    both = tn.parse("A[i,j]*B[i,j]*eye[k,k1]*eye[l,l1]", "k: i; l: j")
    grouped = both.group(p="k l", q="k1 l1")
    assert len({leg.space for leg in grouped.legs}) == 1


def test_a_part_may_have_the_name_of_a_space_of_another_size():
    x, array = tn.tensor("X", "i j k"), np.random.default_rng(0).random((6, 3, 4))
    for name in ("i", "j", "k", "a"):
        parted = x.split(i=(Leg("a", Space(name, 2)), "b"))
        np.testing.assert_array_equal(parted.evaluate(X=array), array.reshape(2, 3, 3, 4))
        assert tn.parse(str(parted), parted.where) == parted
        assert tn.Diagram.from_graph(parted.graph) == parted
    named = tn.parse("X[i,j]", "j: n = 3")
    with pytest.raises(SpaceError, match="two different spaces"):
        named.split(i=(Leg("a", Space("n", 2, True)), "b"))


def test_a_text_names_the_parts():
    """Once a text was taken letter by letter."""
    value = tn.parse("X[i,j,k]")
    assert value.group(ij="i j") == value.group(ij=("i", "j"))
    thick = value.group(ij="i, j")
    assert thick.split(ij="i j") == value
    with pytest.raises(NotationError, match="two parts"):
        value.group(t="ij")
