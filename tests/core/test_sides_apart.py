"""The two sides of an arrow are one space only where the user says so, and never by inference."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

import tnalgebra as tn
from tnalgebra.core.facts import Fact
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.errors import SpaceError

ISOMETRY = "V: isometry(m -> a)"
STOCHASTIC = "A, B: stochastic(q, k)"
UNITARY = "U: unitary(i, j -> k, l)"


@pytest.mark.parametrize(
    ("text", "where", "place"),
    [
        ("V[a,m]", ISOMETRY, "a"),
        ("V @ V", ISOMETRY, "V"),
        ("tr(V)", ISOMETRY, None),
        ("V[m,a] - V[a,m]", ISOMETRY, "a"),
        ("V[m,a] == V[a,m]", ISOMETRY, "a"),
        ("V[x,y]*H[x,y]", f"{ISOMETRY}; H: hermitian(i, j)", "y"),
        ("V[x,y]*H[x,y]", f"{ISOMETRY}; H: hermitian(m, a)", None),
        ("V[m,m]", ISOMETRY, "m"),
        ("delta[x,y]*V[x,y]", ISOMETRY, "y"),
        ("W[m,n,m]", "W: isometry(m, n -> a)", "m"),
        ("Y[b,c]*Y[c,d]", "Y: right_invertible(b -> c)", "c"),
        ("A @ B", STOCHASTIC, "B"),
        ("U[a,b,c,d]*U[c,d,e,f]", UNITARY, "c"),
        (
            "split(V[x,y], x=(i,j), y=(k,l)) + split(V[x,y], x=(k,l), y=(i,j))",
            "V: isometry(m -> a)",
            None,
        ),
        # a size of one side is no word about the other
        ("V[a,m]", f"{ISOMETRY}; m = 3", "a"),
        # nor is a name that two legs merely share
        ("V[a,m]", f"{ISOMETRY}; m, a: m", None),
    ],
)
def test_the_sides_of_an_arrow_never_meet_by_inference(text, where, place):
    """Once V silently became square."""
    with pytest.raises(SpaceError, match="would be one space, on two sides of") as caught:
        tn.parse(text, where)
    assert "name the space: `" in str(caught.value)
    assert caught.value.text in (text, where)
    if place is not None:
        assert caught.value.text == text
        assert caught.value.text[slice(*caught.value.span)] == place


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("V[a,m]", f"{ISOMETRY}; m, a: n"),
        ("V @ V @ V", f"{ISOMETRY}; m, a: n"),
        ("V @ V", f"{ISOMETRY}; a: n"),
        ("V[x,y]*P[x,p]*Q[y,p]", f"{ISOMETRY}; P: tensor(s, p); Q: tensor(t, p); s, t: n"),
        ("V[a,m]", f"{ISOMETRY}; m = 3; a = 3"),
        ("V[a,m]", f"{ISOMETRY}; m = 2*s; a = 2*s"),
        ("tr(V)", f"{ISOMETRY}; V = [[0, 1], [1, 0]]"),
        ("V[a,m]", f"{ISOMETRY}; V: unitary(m, a)"),
        ("V[m,a]*W[a,m]", f"{ISOMETRY}; W: isometry(a -> m)"),
        ("A[q,k]*B[k,l]", "A: stochastic(q, k); B: stochastic(k, l)"),
        ("A[q,k]*B[k,l]", f"{STOCHASTIC}; q, k: seq"),
        ("U[a,b,c,d]*U[c,d,e,f]", f"{UNITARY}; i, j, k, l: qubit = 2"),
        ("U[a,b,c,d]*U[b,a,e,f]", UNITARY),
        ("group(V[m,a], x=(m,a)) - group(V[m,a], x=(a,m))", ISOMETRY),
        ("Z[i,j]*Z[j,k]", "Z: permutation(i, j)"),
        ("A[q,k]*A[k,l]", "A: stochastic(q, k); A: symmetric(q, k)"),
    ],
)
def test_they_meet_where_the_user_says_so(text, where):
    value = tn.parse(text, where)
    assert tn.parse(str(value), value.where) == value
    assert tn.from_json(value.to_json()) == value


@pytest.mark.parametrize(
    "composed",
    [
        lambda v: v @ v,
        lambda v: v["a", "m"] * v["m", "a"],
        lambda v: v.trace("m", "a"),
        lambda v: v["m", "a"] + v["a", "m"],
        lambda v: tn.contract(v["x", "x1"], tn.delta("x x1")),
        lambda v: tn.exp(v) @ v,
        lambda v: tn.shared(v["m", "a"]).trace("m", "a"),
        lambda v: tn.equation(v["m", "a"], v["a", "m"]),
    ],
)
def test_composition_in_python_keeps_them_apart(composed):
    with pytest.raises(SpaceError, match="would be one space, on two sides of isometry"):
        composed(tn.isometry("V", "m -> a"))
    half = tn.tensor("V", [Leg("m", Space("m", 3)), "a"], "isometry(m -> a)")
    with pytest.raises(SpaceError, match="would be one space"):
        composed(half)
    for space, other in (
        (Space("n", declared=True), Space("n", declared=True)),
        (Space("m", 3), Space("a", 3)),
    ):
        square = tn.tensor("V", [Leg("m", space), Leg("a", other)], "isometry(m -> a)")
        value = composed(square)
        assert tn.parse(str(value), value.where) == value


def test_a_graph_from_outside_keeps_them_apart_too():
    value = tn.isometry("V", "m -> a")["m", "a"]
    space = Space("p")

    def square(name: str, data: dict) -> dict:
        node = data["node"]
        if isinstance(node, Tensor):
            legs = tuple(Leg(leg.name, space) for leg in node.legs)
            data = {**data, "node": Tensor(node.name, legs, node.facts)}
        return data

    graph = nx.MultiGraph(**value.graph.graph)
    graph.add_nodes_from((n, square(n, data)) for n, data in value.graph.nodes(data=True))
    graph.add_edges_from(
        (a, b, {**data, "space": space}) for a, b, data in value.graph.edges(data=True)
    )
    with pytest.raises(SpaceError, match="would be one space"):
        tn.Diagram.from_graph(graph)


def test_facts_that_put_ports_in_one_space_are_the_users_word():
    from tnalgebra.core.facts import sides_apart

    arrow = Fact("isometry", ((0, 1), (2,)))
    assert [ports for _, *ports in sides_apart([arrow])] == [[0, 2], [1, 2]]
    symmetric = Fact("symmetric", ((0,), (2,)))
    assert [ports for _, *ports in sides_apart([arrow, symmetric])] == [[1, 2]]
    chain = [Fact("symmetric", ((0,), (1,))), Fact("hermitian", ((1,), (2,)))]
    assert list(sides_apart([arrow, *chain])) == []


SQUARES = [
    lambda x: x + x["k", "l", "i", "j"],
    lambda x: x["i", "j", "i", "j"],
    lambda x: tn.contract(x["i", "j", "k", "l"], tn.delta("i k"), tn.delta("j l")),
    lambda x: tn.equation(x["i", "j", "k", "l"], x["k", "l", "i", "j"]),
]


@pytest.mark.parametrize("square", SQUARES)
def test_a_size_that_a_split_infers_is_no_word_of_the_user(square):
    """Once the sizes i*j and k*l of the two sides let them become one."""
    free = tn.isometry("V", "m -> a")["x", "y"].split(x="i j", y="k l")
    half = tn.tensor("V", [Leg("m", Space("m", 6)), "a"], "isometry(m -> a)")
    parts = {name: [Leg(name[0], Space(name[0], 2)), name[1]] for name in ("ij", "kl")}
    for one in (free, half["x", "y"].split(x=parts["ij"], y=parts["kl"])):
        with pytest.raises(SpaceError, match=r"would be one space|cannot join a leg of size"):
            square(one)
    sized = tn.tensor("V", [Leg("m", Space("m", 6)), Leg("a", Space("a", 6))], "isometry(m -> a)")
    value = square(sized["x", "y"].split(x=parts["ij"]).split(y=parts["kl"]))
    assert tn.parse(str(value), value.where) == value
    if not isinstance(value, tn.Equation):
        assert tn.verify((value, value)).status == "proved"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("kron(V, V.T) @ kron(V, V)", "V: isometry(m -> a); m = 6; a = 6"),
        ("kron(P, P) @ kron(P, P)", "P: stochastic(q, k); q = 6; k = 6"),
        (
            "split(V[m,a],m=(i,j),a=(k,l))*split(V[a,m],a=(k,l),m=(i,j))",
            "V: isometry(m -> a); m=6; a=6; i,k: s=2; j,l: t=3",
        ),
        (
            "split(A[m,a],m=(i,j),a=(k,l))*split(A[a,m],a=(k,l),m=(i,j))",
            "m=6; a=6; i,k=2; j,l=3",
        ),
        ("V[m,a]*V[a,b]", "V: isometry(m -> a); m, a: m = 6"),
        ("V[m,a]*V[a,b]", "V: isometry(m -> a); m, a: m = 2*s"),
    ],
)
def test_the_text_says_that_sized_legs_are_one_space(text, where):
    """Once it gave them equal sizes, and read back two spaces."""
    value = tn.parse(text, where)
    assert tn.parse(str(value), value.where) == value
    assert tn.verify((value, value)).status == "proved"


@pytest.mark.parametrize(
    "made",
    [
        lambda n: tn.tensor("V", [Leg("m", n), Leg("a", n)], "isometry(m -> a)"),
        lambda n: tn.tensor("P", [Leg("q", n), Leg("k", n)], "stochastic(q, k)"),
        lambda n: tn.isometry("V", "m -> a").rename(m=Leg("m", n), a=Leg("a", n)),
        lambda n: tn.isometry("V", "m -> a")[Leg("m", n), Leg("a", n)],
    ],
)
def test_one_space_with_a_size_is_given_to_both_legs(made):
    """Once refused, as the legs had no sizes before."""
    value = made(Space("n", 3))
    assert len(value.spaces) == 1
    assert tn.parse(str(value), value.where) == value
    with pytest.raises(SpaceError, match="would be one space"):
        made(Space("n"))


@pytest.mark.parametrize("text", ["tr(kron(V, V.H))", "inv(kron(V, V.H))"])
def test_two_factorings_do_not_join_the_sides(text):
    """Once the parts of a thick leg were taken to be the same, and V to be square."""
    value = tn.parse(text, ISOMETRY)
    (space, other) = (leg.space for leg in value.tensors[0].legs) if value.tensors else (None, 1)
    assert space != other
    assert tn.parse(str(value), value.where) == value
    v = tn.isometry("V", "m -> a")
    kron = tn.kron(v, v.H)
    made = tn.tr(kron) if text.startswith("tr") else tn.inv(kron)
    assert (made if made.is_closed else made["i", "i1"]).is_closed == value.is_closed
    arrays = {"V": np.linalg.qr(np.random.default_rng(0).standard_normal((3, 2)))[0]}
    if value.is_closed:
        expected = np.trace(np.kron(arrays["V"], arrays["V"].T))
        np.testing.assert_allclose([value.evaluate(arrays), made.evaluate(arrays)], expected)


def test_many_legs_are_kept_apart_in_little_time():
    rows = [", ".join(f"{side}{k}" for k in range(200)) for side in "ma"]
    assert len(tn.parse("W", f"W: isometry({rows[0]} -> {rows[1]})").legs) == 400
