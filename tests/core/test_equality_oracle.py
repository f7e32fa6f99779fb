"""`==` against networkx: isomorphism of a coloured incidence graph made from `d.graph` alone."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import networkx as nx
import sympy
from hypothesis import given
from hypothesis import strategies as st
from networkx.algorithms.isomorphism import GraphMatcher
from strategies import NAMED, UNNAMED, values

import tnalgebra as tn
from tnalgebra.core.facts import Fact
from tnalgebra.core.nodes import Box, Delta, Free, Function, Tensor, onehot_tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Diagram

N, M = Space("n", None, True), Space("m", 3, True)


def _tensor(name: str, spaces: str, *symmetries: tuple[tuple[int, ...], ...]) -> Tensor:
    legs = tuple(Leg(f"{c}{k}", {"n": N, "m": M}[c]) for k, c in enumerate(spaces))
    kind = "antisymmetric" if name in "KEG" else "symmetric"
    return Tensor(name, legs, tuple(Fact(kind, sides) for sides in symmetries))


MATRIX = tn.parse("F[x,y]*u[y,z]", where="x, y, z: n")
CONTENTS = (MATRIX, tn.parse("u[y,z]*F[x,y] -> x,z", where="x, y, z: n"), MATRIX.permute("z", "x"))
VOCABULARY = (
    _tensor("A", "nn"),
    _tensor("B", "nm"),
    _tensor("v", "n"),
    _tensor("w", "m"),
    _tensor("c", ""),
    _tensor("T", "nnm"),
    _tensor("S", "nn", ((0,), (1,))),
    _tensor("Z", "nnn", ((0,), (1,), (2,))),
    _tensor("W", "nmnm", ((0, 1), (2, 3))),
    _tensor("Y", "nnnn", ((0, 1), (2, 3)), ((0,), (1,))),
    _tensor("X", "nnn", ((0,), (2,))),
    _tensor("K", "nn", ((0,), (1,))),
    _tensor("E", "nnn", ((0,), (1,), (2,))),
    _tensor("G", "nmnm", ((0, 1), (2, 3))),
    Tensor("R", _tensor("R", "nn").legs, (Fact("real"),)),
    Tensor("Q", _tensor("Q", "nn").legs, (Fact("invertible", ((0,), (1,))),)),
    onehot_tensor(1, Leg("n", N)),
    *(Box(function, one.legs, one) for function in (None, Function("exp")) for one in CONTENTS),
)


def _allowed(node: Tensor | Box) -> dict[tuple[int, ...], int]:
    """Every order of ports that the facts allow, with its sign: exchanges, composed to the end."""
    found = {tuple(range(node.rank)): 1}
    exchanges = []
    for fact in node.facts if isinstance(node, Tensor) else ():
        if fact.kind not in ("symmetric", "antisymmetric"):
            continue
        for first, second in itertools.combinations(fact.sides, 2):
            exchange = list(range(node.rank))
            for a, b in zip(first, second, strict=True):
                exchange[a], exchange[b] = b, a
            exchanges.append((exchange, 1 if fact.kind == "symmetric" else -1))
    while True:
        more = {
            tuple(order[k] for k in exchange): sign * turn
            for order, sign in found.items()
            for exchange, turn in exchanges
        }
        if more.keys() <= found.keys():
            return found
        found |= more


ALLOWED = {
    (node.name, node.rank): _allowed(node) for node in VOCABULARY if isinstance(node, Tensor)
}


def _orders(node: Tensor | Box) -> dict[tuple[int, ...], int]:
    return ALLOWED[node.name, node.rank] if isinstance(node, Tensor) else _allowed(node)


def _key(node: Tensor | Box) -> object:
    if isinstance(node, Tensor):
        return (node.name, node.mark)
    # The first two contents say the same; the third has its legs the other way round.
    return ("box", node.function, CONTENTS.index(node.content) == 2)


def _incidence(diagram: Diagram) -> tuple[nx.Graph, Counter[Space]]:
    """Tensors and boxes against the classes of wires that deltas join; and the closed loops."""
    graph, wires = diagram.graph, nx.Graph()
    end_of = {}
    for number, (_, _, data) in enumerate(graph.edges(data=True)):
        wires.add_node(("wire", number), space=data["space"])
        end_of.update(dict.fromkeys(data["ends"], ("wire", number)))
    for n, data in graph.nodes(data=True):
        if isinstance(data["node"], Delta):
            wires.add_node(("delta", n), space=data["node"].space)
            for port in range(graph.degree(n)):
                wires.add_edge(("delta", n), end_of[n, port])
    group_of = {}
    for number, members in enumerate(nx.connected_components(wires)):
        group_of.update(dict.fromkeys(members, number))
    found, used = nx.Graph(), set()
    for member, number in group_of.items():
        found.add_node(("class", number), colour=[wires.nodes[member]["space"]], row=None)
    for n, data in graph.nodes(data=True):
        node = data["node"]
        if isinstance(node, Delta):
            continue
        row = [("class", group_of[end_of[n, port]]) for port in range(graph.degree(n))]
        used.update(row)
        if isinstance(node, Free):
            found.nodes[row[0]]["colour"].append((node.position, node.name))
            continue
        found.add_node(n, colour=_key(node), row=row, node=node)
        for index, times in Counter(row).items():
            found.add_edge(n, index, times=times)
    loops: Counter[Space] = Counter()
    for n in [n for n, data in found.nodes(data=True) if data["row"] is None]:
        if n not in used:
            loops[found.nodes[n]["colour"][0]] += 1
            found.remove_node(n)
        else:
            found.nodes[n]["colour"] = sorted(map(str, found.nodes[n]["colour"]))
    return found, loops


def _isomorphic(first: Diagram, second: Diagram) -> bool:
    """Whether some bijection of tensors and classes keeps every port, up to allowed orders."""
    if [(leg.name, leg.space) for leg in first.legs] != [
        (leg.name, leg.space) for leg in second.legs
    ]:
        return False
    (a, loops_a), (b, loops_b) = _incidence(first), _incidence(second)
    scalars = [
        sympy.expand(one.coefficient * sympy.prod([s.dimension**k for s, k in loops.items()]))
        for one, loops in ((first, loops_a), (second, loops_b))
    ]
    zero = [scalars[0] == 0 or -1 in _signs(a, a), scalars[1] == 0 or -1 in _signs(b, b)]
    if any(zero):
        return all(zero)
    return any(scalars[0] == sign * scalars[1] for sign in _signs(a, b))


def _signs(a: nx.Graph, b: nx.Graph) -> set[int]:
    """The signs at which some bijection of tensors and classes makes the one the other."""
    if len(a) != len(b) or not a:
        return {1} if len(a) == len(b) else set()
    matcher = GraphMatcher(
        a,
        b,
        node_match=lambda x, y: x["colour"] == y["colour"],
        edge_match=lambda x, y: x["times"] == y["times"],
    )
    signed = any(
        -1 in _orders(data["node"]).values() for _, data in a.nodes(data=True) if "node" in data
    )
    signs: set[int] = set()
    for found in matcher.isomorphisms_iter():
        signs |= _signs_of(a, b, found)
        if len(signs) > signed:
            break
    return signs


def _signs_of(a: nx.Graph, b: nx.Graph, found: dict) -> set[int]:
    signs = {1}
    for n, data in a.nodes(data=True):
        if data["row"] is None:
            continue
        orders = _orders(data["node"])
        moved, target = [found[index] for index in data["row"]], b.nodes[found[n]]["row"]
        turns = {turn for order, turn in orders.items() if [moved[k] for k in order] == target}
        signs = {sign * turn for sign in signs for turn in turns}
    return signs


def _random_graph(rng: random.Random, most: int = 5) -> nx.MultiGraph:
    """Nodes whose free ends are paired at random; an end left over becomes a free leg."""
    nodes: list[object] = [rng.choice(VOCABULARY) for _ in range(rng.randint(0, most))]
    nodes = [_marked(node, rng) for node in nodes]
    degrees = [len(node.legs) for node in nodes]
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        nodes.append(Delta(rng.choice((N, N, M))))
        degrees.append(rng.choice((0, 1, 2, 3, 3, 4)))
    ends = {N: [], M: []}
    for n, (node, degree) in enumerate(zip(nodes, degrees, strict=True)):
        spaces = [node.space] * degree if isinstance(node, Delta) else [x.space for x in node.legs]
        for port, space in enumerate(spaces):
            ends[space].append((n, port))
    edges, names = [], iter("abcdefghijkl")
    for space, several in ends.items():
        rng.shuffle(several)
        opened = min(len(several), rng.choice((0, 0, 1, 2)))
        opened += (len(several) - opened) % 2
        for _ in range(opened):
            nodes.append(Free(next(names), sum(isinstance(node, Free) for node in nodes)))
            edges.append((several.pop(), (len(nodes) - 1, 0), space))
        edges += [(a, b, space) for a, b in zip(several[::2], several[1::2], strict=True)]
    coefficient = rng.choice((1, 1, 1, 2, sympy.Symbol("alpha"), N.dimension, 0))
    return _graph(dict(enumerate(nodes)), edges, coefficient)


def _marked(node: Tensor | Box, rng: random.Random) -> Tensor | Box:
    if isinstance(node, Box) or node.is_builtin:
        return node
    node = node.conj() if rng.random() < 0.2 else node
    return node.inverse() if node.name == "Q" and rng.random() < 0.4 else node


def _graph(nodes, edges, coefficient) -> nx.MultiGraph:
    graph = nx.MultiGraph(coefficient=coefficient)
    graph.add_nodes_from((n, {"node": node}) for n, node in nodes.items())
    for a, b, space in edges:
        graph.add_edge(a[0], b[0], ends=(a, b), space=space)
    return graph


def _parts(graph: nx.MultiGraph):
    nodes = {n: data["node"] for n, data in graph.nodes(data=True)}
    edges = [(*data["ends"], data["space"]) for _, _, data in graph.edges(data=True)]
    return nodes, edges, graph.graph["coefficient"]


def _relabelled(graph: nx.MultiGraph, rng: random.Random) -> nx.MultiGraph:
    """The same diagram: other names, other orders, wires cut by deltas, allowed orders of ports."""
    nodes, edges, coefficient = _parts(graph)
    names = dict(zip(nodes, rng.sample(range(100), len(nodes)), strict=True))
    ports = {}
    for n, node in nodes.items():
        order = list(range(graph.degree(n)))
        if isinstance(node, Delta):
            rng.shuffle(order)
        elif isinstance(node, Tensor):
            order, sign = rng.choice(sorted(ALLOWED[node.name, node.rank].items()))
            coefficient = coefficient * sign
        ports.update({(n, old): (names[n], new) for old, new in enumerate(order)})
    edges = [(ports[a], ports[b], space) for a, b, space in edges]
    nodes = {names[n]: node for n, node in nodes.items()}
    for _ in range(rng.choice((0, 0, 1, 2))):
        if edges:
            a, b, space = edges.pop(rng.randrange(len(edges)))
            new = max(nodes) + 1
            nodes[new] = Delta(space)
            edges += [(a, (new, 0), space), ((new, 1), b, space)]
    edges = [(b, a, space) if rng.random() < 0.5 else (a, b, space) for a, b, space in edges]
    rng.shuffle(edges)
    order = rng.sample(list(nodes), len(nodes))
    return _graph({n: nodes[n] for n in order}, edges, coefficient)


def _near_miss(graph: nx.MultiGraph, rng: random.Random) -> nx.MultiGraph:
    """One change that mostly, but not always, makes another diagram."""
    nodes, edges, coefficient = _parts(graph)
    tensors = [n for n, node in nodes.items() if isinstance(node, Tensor) and not node.is_builtin]
    space = rng.choice((N, M))
    places = [(k, side) for k, edge in enumerate(edges) for side in (0, 1) if edge[2] == space]
    kind = rng.randrange(5)
    if kind < 3 and len(places) > 1:
        (k, p), (j, q) = rng.sample(places, 2)
        changed = [list(edge) for edge in edges]
        changed[k][p], changed[j][q] = edges[j][q], edges[k][p]
        edges = [tuple(edge) for edge in changed]
    elif kind == 3 and tensors:
        n = rng.choice(tensors)
        nodes[n] = nodes[n].conj()
    else:
        coefficient = coefficient * rng.choice((1, 2, -1, -1, N.dimension))
    return _graph(nodes, edges, coefficient)


def test_equality_is_isomorphism():
    rng = random.Random(4)
    counts: Counter[tuple[str, bool]] = Counter()
    for trial in range(2000):
        graph = _random_graph(rng)
        other, kind = _relabelled(graph, rng), "relabelled"
        if trial % 3:
            other, kind = _near_miss(other, rng), "near miss"
        first, second = Diagram.from_graph(graph), Diagram.from_graph(other)
        expected = _isomorphic(first, second)
        counts[kind, expected] += 1
        assert (first == second) == expected, (trial, str(first), str(second))
        assert (second == first) == expected
        if expected:
            assert hash(first) == hash(second)
    assert counts["relabelled", False] == 0
    assert min(counts["relabelled", True], counts["near miss", True]) > 200
    assert counts["near miss", False] > 500


def test_equal_hashes_are_isomorphism_classes():
    """Among all pairs of small diagrams, those of one hash are isomorphic and no others are."""
    rng = random.Random(9)
    pool = [Diagram.from_graph(_random_graph(rng, 2)) for _ in range(600)]
    shelves: dict[object, list[Diagram]] = defaultdict(list)
    for one in pool:
        shelves[tuple(leg.name for leg in one.legs), len(one.tensors)].append(one)
    equal = 0
    for shelf in shelves.values():
        for first, second in itertools.combinations(shelf[:60], 2):
            expected = _isomorphic(first, second)
            assert (hash(first) == hash(second)) == expected == (first == second)
            equal += expected
    assert equal > 100


def test_hashes_of_many_diagrams_are_the_same_in_every_process():
    code = (
        "import random, test_equality_oracle as t; r = random.Random(3);"
        "print([hash(t.Diagram.from_graph(t._random_graph(r))) for _ in range(150)])"
    )
    here = Path(__file__).parent
    paths = [str(here), str(here.parent), *(p for p in sys.path if p)]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(paths)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "7")
    }
    assert len(outputs) == 1


@given(st.data())
def test_composition_is_associative(data):
    p, q = UNNAMED
    a = data.draw(values(UNNAMED, (Leg("i", p), Leg("j", q)), most_nodes=3))
    b = data.draw(values(UNNAMED, (Leg("j", q), Leg("k", p)), most_nodes=3))
    c = data.draw(values(UNNAMED, (Leg("k", p), Leg("l", p)), most_nodes=3))
    assert (a @ b) @ c == a @ (b @ c)
    assert (a * b) * c == a * (b * c)
    assert hash((a @ b) @ c) == hash(a @ (b @ c))


@given(st.data())
def test_conjugates_transposes_and_names_go_and_come_back(data):
    p, q = data.draw(st.sampled_from([UNNAMED, NAMED]))
    d = data.draw(values((p, q), (Leg("i", p), Leg("j", q))))
    assert d.conj().conj() == d
    assert d == d.T.T
    assert d == d.H.H
    assert d.H == d.conj().T == d.T.conj()
    assert d.rename(i="x").rename(x="i") == d
    assert d.rename(i="j", j="i").rename(i="j", j="i") == d
    assert d.rename(i="x") != d
