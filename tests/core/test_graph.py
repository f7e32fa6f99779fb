"""The graph of a diagram: any relabelled copy gives the value back, any broken one is refused."""

from __future__ import annotations

import random
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from strategies import diagrams, shuffled_copy, values

import tnalgebra as tn
from tnalgebra.core import build
from tnalgebra.core.facts import Fact
from tnalgebra.core.nodes import Box, Delta, Free, Function, Tensor, onehot_tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Diagram, terms_of
from tnalgebra.errors import GraphError, SpaceError

N, M = Space("n"), Space("m")
A = Tensor("A", (Leg("i", N), Leg("j", N)))


@given(values(depth=2), st.randoms(use_true_random=False))
def test_a_shuffled_copy_is_equal(value, rng: random.Random):
    for term in terms_of(value):
        copy = Diagram.from_graph(shuffled_copy(term, rng, symmetric=True))
        assert copy == term
        assert hash(copy) == hash(term)


@given(diagrams(), st.randoms(use_true_random=False))
def test_a_copy_keeps_legs_and_counts(diagram, rng):
    copy = Diagram.from_graph(shuffled_copy(diagram, rng))
    assert copy.legs == diagram.legs
    assert sorted(t.name for t in copy.tensors) == sorted(t.name for t in diagram.tensors)
    assert copy.scalar == diagram.scalar


def _graph(nodes: dict, edges: list, coefficient: object = 1) -> nx.MultiGraph:
    graph = nx.MultiGraph(coefficient=coefficient)
    graph.add_nodes_from((n, {"node": node}) for n, node in nodes.items())
    for ends, space in edges:
        graph.add_edge(ends[0][0], ends[1][0], ends=ends, space=space)
    return graph


def _good() -> nx.MultiGraph:
    nodes = {"a": A, "x": Free("x", 0), "y": Free("y", 1)}
    return _graph(nodes, [((("a", 0), ("x", 0)), N), ((("y", 0), ("a", 1)), N)])


def test_the_smallest_graphs_are_diagrams():
    assert Diagram.from_graph(_good()) == tn.parse("A[x,y]")
    assert Diagram.from_graph(nx.MultiGraph()) == tn.parse("1")
    loop = _graph({"a": A}, [((("a", 0), ("a", 1)), N)])
    assert Diagram.from_graph(loop) == tn.parse("A[i,i]")
    circle = _graph({0: Delta(N)}, [(((0, 0), (0, 1)), N)])
    assert Diagram.from_graph(circle).scalar == N.dimension
    bare = _graph({0: Delta(N)}, [], 3)
    assert Diagram.from_graph(bare).scalar == 3 * N.dimension


def _without_node(graph):
    graph.add_node("stray")


def _with_wrong_node(graph):
    graph.nodes["a"]["node"] = "A"


def _without_ends(graph):
    del next(iter(graph.edges(data=True)))[2]["ends"]


def _with_flat_ends(graph):
    next(iter(graph.edges(data=True)))[2]["ends"] = ("a", "x")


def _with_foreign_ends(graph):
    next(iter(graph.edges(data=True)))[2]["ends"] = (("a", 0), ("y", 0))


def _with_text_port(graph):
    next(iter(graph.edges(data=True)))[2]["ends"] = (("a", "0"), ("x", 0))


def _without_space(graph):
    del next(iter(graph.edges(data=True)))[2]["space"]


def _with_other_space(graph):
    next(iter(graph.edges(data=True)))[2]["space"] = M


def _with_port_used_twice(graph):
    for _, _, data in graph.edges(data=True):
        data["ends"] = tuple((n, 0) for n, _ in data["ends"])


def _with_port_out_of_range(graph):
    for _, _, data in graph.edges(data=True):
        data["ends"] = tuple((n, port * 7) for n, port in data["ends"])


def _with_unused_port(graph):
    graph.remove_node("y")


def _with_extra_edge(graph):
    graph.add_edge("a", "a", ends=(("a", 2), ("a", 3)), space=N)


def _with_free_leg_on_two_edges(graph):
    graph.add_node("d", node=Delta(N))
    graph.add_edge("x", "d", ends=(("x", 1), ("d", 0)), space=N)


def _with_gap_in_positions(graph):
    graph.nodes["y"]["node"] = Free("y", 2)


def _with_equal_leg_names(graph):
    graph.nodes["y"]["node"] = Free("x", 1)


def _with_text_coefficient(graph):
    graph.graph["coefficient"] = "__import__('os')"


def _with_two_tensors_of_one_name(graph):
    graph.add_node("b", node=Tensor("A", (Leg("i", M), Leg("j", M))))
    graph.add_edge("b", "b", ends=(("b", 0), ("b", 1)), space=M)


def _with_two_spaces_of_one_name(graph):
    graph.add_node("d", node=Delta(Space("n", 3)))
    graph.add_edge("d", "d", ends=(("d", 0), ("d", 1)), space=Space("n", 3))


def _with_box_of_other_legs(graph):
    graph.add_node("b", node=Box(None, (Leg("i", N),), tn.parse("v[i]", where="i: m")))
    graph.add_node("d", node=Delta(N))
    graph.add_edge("b", "d", ends=(("b", 0), ("d", 0)), space=N)


def _with_tensor(tensor):
    def damage(graph):
        graph.nodes["a"]["node"] = tensor

    return damage


def _with_function(name, *along):
    def damage(graph):
        content = tn.parse("B[x,y]", where="x, y: n")
        legs = (Leg("x", N), Leg("y", N))
        graph.nodes["a"]["node"] = Box(Function(name, along), legs, content)

    return damage


LEGS = (Leg("i", N), Leg("j", N))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_without_node, "no 'node' attribute"),
        (_with_wrong_node, "no 'node' attribute"),
        (_without_ends, "ends None"),
        (_with_flat_ends, "not its own"),
        (_with_foreign_ends, "not its own"),
        (_with_text_port, "not its own"),
        (_without_space, "no 'space'"),
        (_with_other_space, "has space 'n'"),
        (_with_port_used_twice, "used by two edges"),
        (_with_port_out_of_range, "has no edge"),
        (_with_unused_port, "2 ports and 1 edge ends"),
        (_with_extra_edge, "2 ports and 4 edge ends"),
        (_with_free_leg_on_two_edges, "exactly one edge"),
        (_with_gap_in_positions, "positions \\[0, 2\\]"),
        (_with_equal_leg_names, "share a name"),
        (_with_text_coefficient, "coefficient"),
        (_with_two_tensors_of_one_name, "two different tensors"),
        (_with_two_spaces_of_one_name, "two different spaces are called 'n'"),
        (_with_box_of_other_legs, "other legs than its content"),
        (_with_tensor(Tensor("A", LEGS, (), "transposed")), "mark 'transposed'"),
        (_with_tensor(Tensor("A", LEGS, (), "inv")), "without the fact"),
        (_with_tensor(Tensor("A", LEGS, (Fact("round"),))), "'round' of 'A' is unknown"),
        (_with_tensor(Tensor("A", LEGS, (Fact("real", ((0,),)),))), "sides"),
        (_with_tensor(Tensor("A", LEGS, (Fact("unitary", ((0,), (2,))),))), "ports"),
        (_with_tensor(Tensor("A", LEGS, (Fact("unitary", ((0,), (0,))),))), "ports"),
        (_with_tensor(Tensor("A", LEGS, (Fact("symmetric", ((0,),)),))), "sides"),
        (_with_tensor(Tensor("A", LEGS, (Fact("isometry", ((0, 1), ())),))), "sides"),
        (_with_tensor(Tensor("onehot(x)", LEGS)), "entries of its own"),
        (_with_tensor(Tensor("causal", LEGS)), "entries of its own"),
        (_with_function("sine"), "unknown function 'sine'"),
        (_with_function("softmax"), "goes along 1 of 2"),
        (_with_function("softmax", 2), "goes along 1 of 2"),
        (_with_function("causal_softmax", 1, 1), "goes along 2 of 2"),
        (_with_function("exp", 0), "goes along 0 of 2"),
    ],
)
def test_a_broken_graph_is_refused(damage, message):
    graph = _good()
    damage(graph)
    with pytest.raises(GraphError, match=message):
        Diagram.from_graph(graph)


def test_facts_have_no_order_and_stand_once():
    facts = (Fact("symmetric", ((0,), (1,))), Fact("real"))
    first, second = (
        build.symbol(Tensor("A", LEGS, given), ["x", "y"]) for given in (facts, facts[::-1] * 2)
    )
    assert first == second
    assert second == tn.parse(str(second), where=second.where)


def test_facts_that_the_sizes_contradict_are_refused():
    large, small = Space("large", 3), Space("small", 2)
    legs = (Leg("i", small), Leg("j", large))
    for fact, message in (
        ("isometry", "from size 2 to size 3"),
        ("symmetric", "joins the spaces"),
        ("antisymmetric", "joins the spaces"),
    ):
        tensor = Tensor("A", legs, (Fact(fact, ((0,), (1,))),))
        graph = build.symbol(tensor, ["x", "y"]).graph
        with pytest.raises(tn.TnalgebraError, match=message):
            Diagram.from_graph(graph.copy())


@pytest.mark.parametrize(
    "tensor",
    [
        Tensor("A", (Leg("i", N),), (), "none", sympy.ImmutableDenseNDimArray([1, 2])),
        Tensor("A", (Leg("i", Space("k", 3)),), (), "none", sympy.ImmutableDenseNDimArray([1, 2])),
        Tensor("A", (Leg("i", N), Leg("j", N)), (), "none", sympy.Lambda(sympy.Symbol("i"), 1)),
        replace(onehot_tensor(1, Leg("i", N)), mark="conj"),
    ],
    ids=["no size", "other size", "fewer indices", "marked unit vector"],
)
def test_entries_and_marks_that_do_not_fit_are_refused(tensor):
    with pytest.raises(GraphError):
        Diagram.from_graph(build.symbol(tensor, list("xy")[: tensor.rank]).graph.copy())


def test_sizes_that_lead_back_to_themselves_are_refused():
    n, m, k = (sympy.Symbol(name, integer=True, positive=True) for name in "nmk")
    for sizes in ((n + 1, None), (2 * m, n - 1)):
        pair = [Space(name, size) for name, size in zip("nm", sizes, strict=True)]
        with pytest.raises(SpaceError, match="leads back to it"):
            Diagram.from_graph(_graph({0: Delta(pair[0]), 1: Delta(pair[1])}, _circles(pair)))
    sound = [Space("n", 2 * m), Space("m", k + 1)]
    found = Diagram.from_graph(_graph({0: Delta(sound[0]), 1: Delta(sound[1])}, _circles(sound)))
    assert found.spaces == tuple(sound)


def _circles(spaces: list[Space]) -> list:
    return [(((k, 0), (k, 1)), space) for k, space in enumerate(spaces)]


@pytest.mark.parametrize("graph", [nx.Graph(), nx.MultiDiGraph(), None, {}])
def test_only_multigraphs_are_read(graph):
    with pytest.raises(GraphError, match=r"networkx\.MultiGraph"):
        Diagram.from_graph(graph)


def test_a_value_cannot_be_changed():
    diagram = tn.parse("2*A[i,j]*B[j,k]")
    with pytest.raises(nx.NetworkXError):
        diagram.graph.add_node("new")
    with pytest.raises(nx.NetworkXError):
        diagram.graph.remove_node(0)
    with pytest.raises(TypeError):
        diagram.graph.nodes[0]["node"] = A
    with pytest.raises(TypeError):
        next(iter(diagram.graph.edges(data=True)))[2]["space"] = M
    with pytest.raises(TypeError):
        diagram.graph.graph["coefficient"] = sympy.Integer(3)
    with pytest.raises(AttributeError):
        diagram.graph.nodes[0]["node"].name = "B"


def test_a_users_graph_is_copied():
    graph = _good()
    diagram = Diagram.from_graph(graph)
    graph.nodes["x"]["node"] = Free("other", 0)
    assert [leg.name for leg in diagram.legs] == ["x", "y"]


@pytest.mark.parametrize("text", ["A[i,j]", "A[i,j] + B[i,j]"])
def test_a_value_is_no_sequence_and_no_array(text):
    value = tn.parse(text)
    with pytest.raises(TypeError):
        iter(value)
    with pytest.raises(TypeError):
        list(value)
    with pytest.raises((TypeError, tn.TnalgebraError)):
        np.ones(3) * value
    with pytest.raises((TypeError, tn.TnalgebraError)):
        value * np.ones(3)
    assert np.float64(2.0) * value == 2 * value
    assert np.int64(2) * value == value * 2


def test_an_equation_has_no_truth_value():
    with pytest.raises(TypeError, match="verify"):
        bool(tn.parse("A[i,j] == A[i,j]"))


@pytest.mark.parametrize("name", ["graph", "terms", "legs", "named", "summed", "another"])
def test_a_value_does_not_change(name):
    d = tn.parse("A[i,j]")
    for value in (d, d + d):
        with pytest.raises(AttributeError, match="does not change"):
            setattr(value, name, None)
        with pytest.raises(AttributeError, match="does not change"):
            delattr(value, name)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A[i,j]*B[j,k]", "A B"),
        ("exp((A[i]*exp(B[i]) -> i))*C[i] -> i", "A B C"),
        ("C[i]*(A[i] + B[i])*C[i] -> i", "C A B C"),
        ("A[i] + exp(B[i]) + A[i]", "A B A"),
        ("inv(A + B)", "A B"),
        ("r := A[i] + B[i]; exp(r[i])*r[i]*r[i] -> i", "A B"),
        ("onehot(1)[i]*A[i]", "onehot(1) A"),
        ("3", ""),
    ],
)
def test_tensors_are_those_inside_boxes_too(text, names):
    assert [tensor.name for tensor in tn.parse(text).tensors] == names.split()


def test_tensors_keep_their_marks_inside_boxes():
    value = tn.exp(tn.tensor("A", "i j").conj())
    assert [tensor.mark for tensor in value.tensors] == ["conj"]
    assert value.own_tensors == ()


def test_tensors_of_a_long_chain_of_boxes():
    value = tn.parse("x[i]")
    for _ in range(2000):
        value = tn.shared(value + value)
    assert [tensor.name for tensor in value.tensors] == ["x", "x"]
