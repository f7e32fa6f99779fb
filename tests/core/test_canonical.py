"""The canonical form against brute force over all relabellings, and on graphs that fool hashes."""

from __future__ import annotations

import itertools
import random

import pytest

from tnalgebra.core import build
from tnalgebra.core.canonical import canonical_form
from tnalgebra.core.draft import Draft
from tnalgebra.core.facts import Fact
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Diagram

N = Space("n")


def _tensor(name: str, rank: int, *facts: Fact) -> Tensor:
    return Tensor(name, tuple(Leg(f"n{k}", N) for k in range(rank)), facts)


def _symmetric(name: str, rank: int) -> Tensor:
    return _tensor(name, rank, Fact("symmetric", tuple((k,) for k in range(rank))))


KINDS = (
    _tensor("A", 2),
    _tensor("v", 1),
    _tensor("T", 3),
    _symmetric("S", 2),
    _symmetric("Z", 3),
    _tensor("W", 4, Fact("symmetric", ((0, 1), (2, 3)))),
    _tensor("X", 3, Fact("symmetric", ((0,), (2,)))),
    _tensor("Y", 4, Fact("symmetric", ((0, 1), (2, 3))), Fact("symmetric", ((0,), (1,)))),
)


def _diagram(tensors, rows, free) -> Diagram:
    draft = Draft()
    wires: dict[int, int] = {}
    for tensor, row in zip(tensors, rows, strict=True):
        draft.add(tensor, [wires.setdefault(c, draft.wire(N)) for c in row])
    draft.free = [(f"x{k}", wires.setdefault(c, draft.wire(N))) for k, c in enumerate(free)]
    return Diagram(draft.graph())


def _isomorphic(first: Diagram, second: Diagram) -> bool:
    """Try every bijection of nodes, classes and allowed port orders."""
    a, b = first.spider, second.spider
    if len(a.loops) != len(b.loops) or len(a.spaces) != len(b.spaces) or len(a.free) != len(b.free):
        return False
    if sorted(t.name for t in a.labels) != sorted(t.name for t in b.labels):
        return False
    names = [(t.name, t.mark) for t in b.labels]
    for nodes in itertools.permutations(range(len(b.labels))):
        if [names[k] for k in nodes] != [(t.name, t.mark) for t in a.labels]:
            continue
        choices = [list(t.group.elements()) for t in a.labels]
        for orders in itertools.product(*choices):
            pairs = list(zip(a.free, b.free, strict=True))
            for row, k, order in zip(a.ports, nodes, orders, strict=True):
                pairs += zip((row[port] for port in order), b.ports[k], strict=True)
            if len(set(pairs)) == len({x for x, _ in pairs}) == len({y for _, y in pairs}):
                return True
    return False


def _random_rows(rng: random.Random):
    tensors = [rng.choice(KINDS) for _ in range(rng.randint(1, 4))]
    tensors = [t.conj() if rng.random() < 0.15 else t for t in tensors]
    classes = rng.randint(1, 4)
    rows = [[rng.randrange(classes) for _ in range(t.rank)] for t in tensors]
    used = sorted({c for row in rows for c in row})
    free = [rng.choice(used) for _ in range(rng.randint(0, 2))]
    return tensors, rows, free


def _relabelled(tensors, rows, free, rng):
    """The same diagram, written in another way."""
    order = rng.sample(range(len(tensors)), len(tensors))
    classes = list(range(8))
    rng.shuffle(classes)
    turned = [rng.choice(list(t.group.elements())) for t in tensors]
    new_rows = [
        [classes[row[port]] for port in turn] for row, turn in zip(rows, turned, strict=True)
    ]
    return [tensors[k] for k in order], [new_rows[k] for k in order], [classes[c] for c in free]


def _near_miss(tensors, rows, free, rng):
    """Two random ends exchanged; it may or may not be the same diagram."""
    rows = [list(row) for row in rows]
    ends = [(k, port) for k, row in enumerate(rows) for port in range(len(row))]
    (a, p), (b, q) = rng.choice(ends), rng.choice(ends)
    rows[a][p], rows[b][q] = rows[b][q], rows[a][p]
    return tensors, rows, free


def test_equality_is_isomorphism_on_small_diagrams():
    rng = random.Random(20240501)
    counts = {True: 0, False: 0}
    for trial in range(3000):
        data = _random_rows(rng)
        other = _relabelled(*data, rng)
        if trial % 3:
            other = _near_miss(*other, rng)
        first, second = _diagram(*data), _diagram(*other)
        expected = _isomorphic(first, second)
        counts[expected] += 1
        assert (first == second) == expected, (trial, data, other)
        if trial % 3 == 0:
            assert expected
    assert min(counts.values()) > 500


def _contracted(vertices: int, edges, tensor: Tensor) -> Diagram:
    """One copy of the tensor at every vertex, contracted along the edges of a regular graph."""
    rows = [[] for _ in range(vertices)]
    for number, (a, b) in enumerate(edges):
        rows[a].append(number)
        rows[b].append(number)
    return _diagram([tensor] * vertices, rows, [])


def _shuffled(vertices: int, edges, rng: random.Random):
    names = list(range(vertices))
    rng.shuffle(names)
    edges = [(names[a], names[b]) for a, b in edges]
    rng.shuffle(edges)
    return edges


def _rook(size: int):
    cells = list(itertools.product(range(size), repeat=2))
    return [
        (i, j)
        for i, j in itertools.combinations(range(len(cells)), 2)
        if (cells[i][0] == cells[j][0]) != (cells[i][1] == cells[j][1])
    ]


def _shrikhande():
    cells = list(itertools.product(range(4), repeat=2))
    steps = {(0, 1), (0, 3), (1, 0), (3, 0), (1, 1), (3, 3)}
    return [
        (i, j)
        for i, j in itertools.combinations(range(16), 2)
        if tuple((a - b) % 4 for a, b in zip(cells[i], cells[j], strict=True)) in steps
    ]


def _cycle(length: int, start: int = 0):
    return [(start + k, start + (k + 1) % length) for k in range(length)]


@pytest.mark.parametrize(
    ("vertices", "first", "second"),
    [
        (6, _cycle(6), _cycle(3) + _cycle(3, 3)),
        (8, _cycle(8), _cycle(4) + _cycle(4, 4)),
        (10, _cycle(5) + _cycle(5, 5), _cycle(4) + _cycle(6, 4)),
        (16, _rook(4), _shrikhande()),
    ],
    ids=["6 or 3+3", "8 or 4+4", "5+5 or 4+6", "rook or Shrikhande"],
)
def test_regular_graphs_that_colour_refinement_cannot_tell_apart(vertices, first, second):
    rng = random.Random(7)
    degree = 2 * len(first) // vertices
    tensor = _symmetric("S", degree)
    one, two = (_contracted(vertices, edges, tensor) for edges in (first, second))
    assert one != two
    for edges, value in ((first, one), (second, two)):
        for _ in range(3):
            assert _contracted(vertices, _shuffled(vertices, edges, rng), tensor) == value


@pytest.mark.parametrize("vertices", [3, 4, 5, 6, 8, 30])
def test_complete_graphs_of_one_symmetric_tensor(vertices):
    edges = list(itertools.combinations(range(vertices), 2))
    tensor = _symmetric("S", vertices - 1)
    value = _contracted(vertices, edges, tensor)
    rng = random.Random(vertices)
    assert _contracted(vertices, _shuffled(vertices, edges, rng), tensor) == value


def test_bipartite_of_two_symmetric_tensors():
    edges = [(a, b) for a in range(4) for b in range(4, 8)]
    value = _contracted(8, edges, _symmetric("S", 4))
    assert _contracted(8, _shuffled(8, edges, random.Random(1)), _symmetric("S", 4)) == value


@pytest.mark.parametrize("length", [1, 2, 3, 7, 12])
def test_a_trace_has_no_beginning(length):
    matrix = _tensor("A", 2)

    def ring(start: int, turned: bool = False) -> Diagram:
        rows = [((start + k) % length, (start + k + 1) % length) for k in range(length)]
        return _diagram([matrix] * length, [row[::-1] if turned else row for row in rows], [])

    assert all(ring(start) == ring(0) for start in range(length))
    assert ring(0, turned=True) == ring(0)


def test_a_necklace_has_a_direction():
    a, b = _tensor("A", 2), _tensor("B", 2)

    def necklace(beads) -> Diagram:
        count = len(beads)
        return _diagram(beads, [(k, (k + 1) % count) for k in range(count)], [])

    beads = [a, a, b, a, b, b]
    assert necklace(beads[2:] + beads[:2]) == necklace(beads)
    assert necklace(beads[::-1]) != necklace(beads)


def test_many_equal_components():
    tensor = _symmetric("S", 2)
    triangles = [edge for k in range(12) for edge in _cycle(3, 3 * k)]
    value = _contracted(36, triangles, tensor)
    assert _contracted(36, _shuffled(36, triangles, random.Random(3)), tensor) == value


def test_identical_branches_on_one_delta():
    vector, matrix = _tensor("v", 1), _tensor("A", 2)
    rows = [row for k in range(20) for row in ((0, k + 1), (k + 1,))]
    value = _diagram([matrix, vector] * 20, rows, [0])
    assert _diagram([matrix, vector] * 20, rows[8:] + rows[:8], [0]) == value
    broken = [*rows[:-1], (1,)]
    assert _diagram([matrix, vector] * 20, broken, [0]) != value


@pytest.mark.parametrize("trial", range(40))
def test_larger_diagrams_keep_their_form_when_written_in_another_way(trial):
    rng = random.Random(trial)
    kinds = rng.sample(KINDS, rng.randint(1, 3))
    tensors = [rng.choice(kinds) for _ in range(rng.randint(10, 40))]
    classes = rng.randint(5, 40)
    rows = [[rng.randrange(classes) for _ in range(t.rank)] for t in tensors]
    used = sorted({c for row in rows for c in row})
    free = rng.sample(used, min(len(used), rng.choice([0, 0, 1, 3])))
    value = _diagram(tensors, rows, free)
    numbers = rng.sample(range(classes), classes)
    turned = [
        [numbers[row[port]] for port in rng.choice(list(t.group.elements()))]
        for t, row in zip(tensors, rows, strict=True)
    ]
    order = rng.sample(range(len(tensors)), len(tensors))
    other = _diagram(
        [tensors[k] for k in order], [turned[k] for k in order], [numbers[c] for c in free]
    )
    assert other.canonical().code == value.canonical().code


def test_small_components_in_any_order_have_one_form():
    rng = random.Random(11)
    kinds = [_tensor("v", 1), _symmetric("S", 2)]
    pieces = [([kinds[0]] * 2, [(0,), (0,)]), ([kinds[1]] * 3, [(0, 1), (1, 2), (2, 0)])] * 200

    def product(pieces) -> Diagram:
        tensors, rows, start = [], [], 0
        for more, ports in pieces:
            tensors += more
            rows += [[start + c for c in row] for row in ports]
            start += 3
        return _diagram(tensors, rows, [])

    value = product(pieces)
    assert product(rng.sample(pieces, len(pieces))) == value
    assert product(pieces[1:]) != value


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("free", [[], [0], [0, 1000]], ids=["closed", "one end", "two ends"])
def test_a_thousand_tensors_in_a_row(symmetric, free):
    matrix = _symmetric("S", 2) if symmetric else _tensor("A", 2)
    end = _tensor("v", 1)
    tensors = [matrix] * 1000 + [end] * (2 - len(free))
    rows = [[k, k + 1] for k in range(1000)] + [[c] for c in (0, 1000) if c not in free]
    value = _diagram(tensors, rows, free)
    order = random.Random(5).sample(range(len(tensors)), len(tensors))
    shuffled = [rows[k] for k in order]
    assert _diagram([tensors[k] for k in order], shuffled, free) == value
    rows[500] = rows[500][::-1]
    assert (_diagram(tensors, rows, free) == value) == symmetric


@pytest.mark.parametrize("depth", [0, 1])
def test_a_thousand_identical_branches_on_one_delta(depth):
    matrix, vector = _tensor("A", 2), _tensor("v", 1)
    if depth:
        tensors = [matrix, vector] * 1000
        rows = [row for k in range(1000) for row in ([0, k + 1], [k + 1])]
    else:
        tensors, rows = [vector] * 1000, [[0]] * 1000
    value = _diagram(tensors, rows, [])
    assert _diagram(tensors[::-1], rows[::-1], []) == value
    assert _diagram(tensors, rows, [0]) != value
    assert _diagram(tensors[2:], rows[2:], []) != value


def test_grouped_sides_that_join_a_tensor_to_itself():
    tensor = _tensor("T", 24, Fact("symmetric", tuple((2 * k, 2 * k + 1) for k in range(12))))

    def joined(order) -> Diagram:
        first = [c for k in range(12) for c in (k, 12 + k)]
        second = [c for k in range(12) for c in (k, 12 + order[k])]
        return _diagram([tensor, tensor], [first, second], [])

    cycle = [*range(1, 12), 0]
    two_cycles = [5, 0, 1, 2, 3, 4, *range(7, 12), 6]
    assert joined(cycle) == joined([(k + 5) % 12 for k in range(12)])
    assert joined(cycle) != joined(two_cycles)


def _twisted(base_edges, vertices: int, twisted: bool):
    """The Cai-Fürer-Immerman graph over a cubic graph, with or without one twisted edge."""
    ends = {v: [e for e, pair in enumerate(base_edges) if v in pair] for v in range(vertices)}
    number: dict[object, int] = {}
    edges = []

    def name(*key: object) -> int:
        return number.setdefault(key, len(number))

    for v, around in ends.items():
        for chosen in itertools.product((0, 1), repeat=3):
            if sum(chosen) % 2 == 0:
                edges += [
                    (name("v", v, chosen), name("e", v, e, bit))
                    for e, bit in zip(around, chosen, strict=True)
                ]
    for e, (a, b) in enumerate(base_edges):
        turn = 1 if twisted and e == 0 else 0
        edges += [(name("e", a, e, bit), name("e", b, e, bit ^ turn)) for bit in (0, 1)]
    return len(number), edges


def test_pairs_that_no_local_refinement_tells_apart():
    cubic = [*_cycle(8), *[(k, k + 4) for k in range(4)]]
    tensor = _symmetric("S", 3)
    rng = random.Random(2)
    count, plain = _twisted(cubic, 8, twisted=False)
    _, turned = _twisted(cubic, 8, twisted=True)
    one, two = _contracted(count, plain, tensor), _contracted(count, turned, tensor)
    assert one != two
    for edges, value in ((plain, one), (turned, two)):
        assert _contracted(count, _shuffled(count, edges, rng), tensor) == value


def test_the_form_names_the_order_that_gives_its_code():
    first = _diagram([KINDS[0], KINDS[3], KINDS[1]], [(0, 1), (1, 2), (2,)], [0])
    second = _diagram([KINDS[1], KINDS[3], KINDS[0]], [(5,), (5, 3), (4, 3)], [4])
    one, two = canonical_form(first.spider), canonical_form(second.spider)
    assert one.code == two.code
    for a, b in zip(one.nodes, two.nodes, strict=True):
        assert first.spider.labels[a] == second.spider.labels[b]
        pair = zip(first.spider.ports[a], second.spider.ports[b], strict=True)
        places = [(one.classes.index(x), two.classes.index(y)) for x, y in pair]
        group = first.spider.labels[a].group
        assert group.least([x for x, _ in places]) == group.least([y for _, y in places])


def test_boxes_are_told_apart_by_content_and_port():
    inner = _diagram([KINDS[0]], [(0, 1)], [0, 1])
    box = build.bubble("exp", inner)
    assert box["a", "b"] != box["b", "a"].permute("a", "b")
    assert build.bubble("exp", inner)["a", "b"] == box["a", "b"]
