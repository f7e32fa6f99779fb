"""Equality where it is hard: strongly regular graphs, twisted pairs, necklaces, complete graphs."""

from __future__ import annotations

import itertools
import math
import random

import networkx as nx
import pytest

import tnalgebra as tn
from tnalgebra.core.draft import Draft
from tnalgebra.core.facts import Fact
from tnalgebra.core.nodes import Delta, Tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Diagram

N = Space("n")


def _symmetric(name: str, rank: int) -> Tensor:
    legs = tuple(Leg(f"n{k}", N) for k in range(rank))
    facts = (Fact("symmetric", tuple((k,) for k in range(rank))),) if rank > 1 else ()
    return Tensor(name, legs, facts)


def _on_edges(graph: nx.Graph, tensor: Tensor) -> Diagram:
    """A matrix on every edge and a delta at every vertex."""
    draft = Draft()
    wires = {v: [draft.wire(N) for _ in graph[v]] for v in graph}
    for row in wires.values():
        draft.add(Delta(N), row)
    left = {v: list(row) for v, row in wires.items()}
    for a, b in graph.edges:
        draft.add(tensor, [left[a].pop(), left[b].pop()])
    return Diagram(draft.graph())


def _on_vertices(graph: nx.Graph) -> Diagram:
    """A symmetric tensor at every vertex, contracted along the edges."""
    draft = Draft()
    wires = {frozenset(edge): draft.wire(N) for edge in graph.edges}
    for v in graph:
        row = [wires[frozenset((v, other))] for other in graph[v]]
        draft.add(_symmetric(f"S{len(row)}", len(row)), row)
    return Diagram(draft.graph())


def _shuffled(graph: nx.Graph, seed: int) -> nx.Graph:
    rng = random.Random(seed)
    names = dict(zip(graph, rng.sample(range(len(graph)), len(graph)), strict=True))
    edges = [(names[a], names[b]) for a, b in graph.edges]
    return nx.Graph(rng.sample(edges, len(edges)))


def _latin_graph(square) -> nx.Graph:
    """Cells of a Latin square, joined in a row, in a column, or with the same symbol."""
    size = len(square)
    cells = [(i, j, square[i][j]) for i in range(size) for j in range(size)]
    pairs = itertools.combinations(cells, 2)
    return nx.Graph([(a, b) for a, b in pairs if any(x == y for x, y in zip(a, b, strict=True))])


def _paley(size: int) -> nx.Graph:
    """Numbers modulo a prime, or pairs with x*x = 2, joined where they differ by a square."""
    prime = math.isqrt(size) if math.isqrt(size) ** 2 == size else size
    if prime == size:
        squares = {(x * x % prime, 0) for x in range(1, prime)}
        points = [(x, 0) for x in range(prime)]
    else:
        points = list(itertools.product(range(prime), repeat=2))
        squares = {((a * a + 2 * b * b) % prime, 2 * a * b % prime) for a, b in points if a or b}
    return nx.Graph(
        [
            (p, q)
            for p, q in itertools.combinations(points, 2)
            if ((p[0] - q[0]) % prime, (p[1] - q[1]) % prime) in squares
        ]
    )


def _cyclic(size: int):
    return [[(i + j) % size for j in range(size)] for i in range(size)]


def _chang() -> nx.Graph:
    """The triangular graph T(8), switched at four pairs that share no point."""
    graph = nx.line_graph(nx.complete_graph(8))
    inside = {(0, 1), (2, 3), (4, 5), (6, 7)}
    for a, b in itertools.combinations(list(graph), 2):
        if (a in inside) != (b in inside):
            if graph.has_edge(a, b):
                graph.remove_edge(a, b)
            else:
                graph.add_edge(a, b)
    return graph


ROOK = nx.line_graph(nx.complete_bipartite_graph(4, 4))
SHRIKHANDE = nx.complement(_latin_graph(_cyclic(4)))
NO_GROUP = [[0, 1, 2, 3, 4], [1, 0, 3, 4, 2], [2, 3, 4, 0, 1], [3, 4, 1, 2, 0], [4, 2, 0, 1, 3]]
PAIRS = {
    "rook or Shrikhande": (ROOK, SHRIKHANDE),
    "their complements": (nx.complement(ROOK), nx.complement(SHRIKHANDE)),
    "Paley 25 or a Latin square": (_paley(25), _latin_graph(NO_GROUP)),
    "T(8) or a Chang graph": (nx.line_graph(nx.complete_graph(8)), _chang()),
    "6 or 3+3": (nx.cycle_graph(6), nx.disjoint_union(nx.cycle_graph(3), nx.cycle_graph(3))),
}


def _parameters(graph: nx.Graph) -> set[tuple[bool, int]]:
    """How many neighbours two vertices share, for joined and for other pairs."""
    return {
        (graph.has_edge(a, b), len(set(graph[a]) & set(graph[b])))
        for a, b in itertools.combinations(graph, 2)
    }


@pytest.mark.parametrize("on", [_on_vertices, lambda g: _on_edges(g, _symmetric("S", 2))])
@pytest.mark.parametrize("name", PAIRS)
def test_graphs_of_equal_parameters_are_told_apart(name, on):
    first, second = PAIRS[name]
    assert len(first) == len(second)
    assert {d for _, d in first.degree} == {d for _, d in second.degree}
    if name != "6 or 3+3":
        assert _parameters(first) == _parameters(second)
        assert len(_parameters(first)) == 2
    one, two = on(first), on(second)
    assert one != two
    assert on(_shuffled(first, 1)) == one
    assert on(_shuffled(second, 2)) == two


@pytest.mark.parametrize("size", [5, 13, 17, 25])
def test_paley_graphs_are_their_own_complements(size):
    matrix = _symmetric("S", 2)
    graph = _paley(size)
    assert _on_edges(nx.complement(graph), matrix) == _on_edges(graph, matrix)
    if size == 25:
        assert _on_edges(_latin_graph(_cyclic(5)), matrix) == _on_edges(graph, matrix)


def _twisted(base: nx.Graph, twists: int) -> nx.Graph:
    """The Cai-Fürer-Immerman graph of a base graph, some of its edges twisted."""
    graph = nx.Graph()
    for v in base:
        edges = [frozenset((v, w)) for w in base[v]]
        for chosen in itertools.product((0, 1), repeat=len(edges)):
            if sum(chosen) % 2 == 0:
                graph.add_edges_from(
                    (("v", v, chosen), (v, e, bit)) for e, bit in zip(edges, chosen, strict=True)
                )
    for number, (a, b) in enumerate(base.edges):
        for bit in (0, 1):
            e = frozenset((a, b))
            graph.add_edge((a, e, bit), (b, e, bit ^ (number < twists)))
    return graph


@pytest.mark.parametrize(
    "base", [nx.complete_graph(4), nx.complete_bipartite_graph(3, 3), nx.petersen_graph()]
)
def test_only_the_parity_of_twists_is_seen(base):
    matrix = _symmetric("S", 2)
    plain, once, twice, thrice = (_on_edges(_twisted(base, k), matrix) for k in range(4))
    assert plain == twice != once == thrice


def _necklace(beads: str) -> Diagram:
    where = "; ".join(f"{bead}: tensor(i, j)" for bead in "AB")
    inside = " @ ".join(bead.upper() + (".T" if bead.islower() else "") for bead in beads)
    value = tn.parse(f"tr({inside})", where=where + "; i, j: n")
    assert isinstance(value, Diagram)
    return value


@pytest.mark.parametrize(("length", "classes"), [(4, 6), (7, 20), (8, 36)])
def test_traces_of_two_matrices_are_necklaces(length, classes):
    values = [_necklace("".join(word)) for word in itertools.product("AB", repeat=length)]
    assert len(set(values)) == classes


def test_traces_with_transposes_are_necklaces_up_to_turning_over():
    """tr(X) is tr(X.T): the word read backwards, with every bead transposed."""

    def least(word: str) -> str:
        back = word[::-1].swapcase()
        return min(w[k:] + w[:k] for w in (word, back) for k in range(len(w)))

    words = ["".join(word) for word in itertools.product("AaBb", repeat=4)]
    found: dict[Diagram, str] = {}
    for word in words:
        assert found.setdefault(_necklace(word), least(word)) == least(word)
    assert len(set(found.values())) == len(found) == len({least(word) for word in words})


def test_products_of_equal_scalars():
    a, b = "tr(A @ A)", "tr(A)*tr(A)"
    assert tn.parse(f"{a}*{b}") == tn.parse(f"{b}*{a}")
    assert tn.parse(a) != tn.parse(b)
    assert tn.parse(f"{b}*tr(B)") != tn.parse("tr(A)*tr(B)*tr(B)")
    assert tn.parse("*".join(["c[]"] * 50)) == tn.parse("*".join(["c[]"] * 50))
    assert tn.parse("*".join(["c[]"] * 50)) != tn.parse("*".join(["c[]"] * 49))
    powers = [tn.parse("*".join(f"A[i{k},i{k}]" for k in range(n))) for n in (300, 300, 299)]
    assert powers[0] == powers[1] != powers[2]


def test_a_complete_graph_of_a_hundred_vertices():
    graph = nx.complete_graph(100)
    value = _on_vertices(graph)
    assert _on_vertices(_shuffled(graph, 3)) == value
    graph.remove_edge(0, 1)
    assert _on_vertices(graph) != value
