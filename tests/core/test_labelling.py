"""The canonical order of coloured graphs: against brute force, and at sizes that no search allows.

A walk decides rigid graphs and a search the others; each shape here takes one of the two ways.
"""

from __future__ import annotations

import itertools
import random

import pytest

from tnalgebra.core.colouring import ColouredGraph
from tnalgebra.core.labelling import _Search, _walk_order, canonical_order


def _graph(colours, triples) -> ColouredGraph:
    edges = [[] for _ in colours]
    for a, b, label in triples:
        edges[a].append((label, b))
        edges[b].append((label, a))
    return ColouredGraph(colours, edges)


def _shuffled(colours, triples, rng):
    names = list(range(len(colours)))
    rng.shuffle(names)
    new = [0] * len(colours)
    for v, name in enumerate(names):
        new[name] = colours[v]
    moved = [(names[a], names[b], label) for a, b, label in triples]
    return new, rng.sample(moved, len(moved))


def _read(graph: ColouredGraph):
    return graph.code(canonical_order(graph)[0])


def _least_code(graph: ColouredGraph):
    return min(graph.code(order) for order in itertools.permutations(range(len(graph.colours))))


def _random_connected(rng):
    count = rng.randint(1, 6)
    triples = [(v, rng.randrange(v), rng.randrange(2)) for v in range(1, count)]
    triples += [
        (rng.randrange(count), rng.randrange(count), rng.randrange(2))
        for _ in range(rng.randint(0, 3))
    ]
    return [rng.randrange(2) for _ in range(count)], triples


def test_codes_are_equal_exactly_for_isomorphic_graphs():
    rng = random.Random(11)
    code_of = {}
    for _ in range(1200):
        graph = _graph(*_random_connected(rng))
        assert code_of.setdefault(_least_code(graph), _read(graph)) == _read(graph)
    assert len(set(code_of.values())) == len(code_of) > 100


def _path(count):
    return [0, *[1] * (count - 1)], [(k, k + 1, 0) for k in range(count - 1)]


def _ring(count):
    return [0, 1] * count, [(k, (k + 1) % (2 * count), k % 2) for k in range(2 * count)]


def _star(count):
    return [0, *[1] * count], [(0, k + 1, 0) for k in range(count)]


def _stars_on_a_ring(count):
    ring = [(k, (k + 1) % count, 0) for k in range(count)]
    leaves = [(k, count + 3 * k + j, 1) for k in range(count) for j in range(3)]
    return [0] * count + [1] * (3 * count), ring + leaves


def _binary_tree(count):
    return [0, *[1] * (count - 1)], [(k, (k - 1) // 2, 0) for k in range(1, count)]


def _cover(count):
    """Three labels, each a perfect matching: every vertex looks the same from near."""
    rng = random.Random(3)
    triples = []
    for label in range(3):
        names = rng.sample(range(count), count)
        triples += [(a, b, label) for a, b in zip(names[::2], names[1::2], strict=True)]
    return [0] * count, triples


@pytest.mark.parametrize(
    ("make", "count", "is_rigid"),
    [
        (_path, 3000, True),
        (_ring, 1500, True),
        (_cover, 300, True),
        (_star, 2000, False),
        (_stars_on_a_ring, 60, False),
        (_binary_tree, 511, False),
    ],
)
def test_large_graphs_read_the_same_however_they_are_numbered(make, count, is_rigid):
    rng = random.Random(5)
    colours, triples = make(count)
    graph = _graph(colours, triples)
    assert (_walk_order(graph) is not None) == is_rigid
    code = _read(graph)
    for _ in range(2):
        assert _read(_graph(*_shuffled(colours, triples, rng))) == code


@pytest.mark.parametrize("make", [_path, _ring, _cover])
def test_walk_and_search_accept_the_same_graphs(make):
    rng = random.Random(8)
    colours, triples = make(12)
    one = _graph(colours, triples)
    two = _graph(*_shuffled(colours, triples, rng))
    broken = [(a, b, 1 - label if k == 0 else label) for k, (a, b, label) in enumerate(triples)]
    three = _graph(colours, broken)
    assert one.code(_walk_order(one)[0]) == two.code(_walk_order(two)[0])
    first, second, third = (_Search(graph, 0).run().code for graph in (one, two, three))
    assert first == second
    assert first != third
