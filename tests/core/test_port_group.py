"""Port groups against a brute-force list of all permutations, and the limit on listing them."""

from __future__ import annotations

import itertools
import random

import pytest

from tnalgebra.core.facts import Fact, PortGroup
from tnalgebra.errors import LimitError

BLOCKS = {
    "none": (3, []),
    "all single": (4, [((0,), (1,), (2,), (3,))]),
    "some single": (4, [((3,), (0,))]),
    "two blocks": (5, [((0,), (2,)), ((4,), (1,))]),
    "two pairs": (4, [((0, 1), (2, 3))]),
    "crossed pairs": (4, [((0, 3), (2, 1))]),
    "three pairs": (6, [((0, 1), (2, 3), (4, 5))]),
    "pairs and singles": (6, [((0, 1), (5, 3)), ((2,), (4,))]),
    "overlapping": (4, [((0,), (1,)), ((2,), (3,)), ((0, 1), (2, 3))]),
    "a chain": (4, [((0,), (1,)), ((1,), (2,))]),
    "a side that is its own mirror": (2, [((0, 1), (1, 0))]),
}


def _brute_force(rank: int, blocks) -> set[tuple[int, ...]]:
    """Close the exchanges of any two sides of a block under composition."""
    swaps = []
    for sides in blocks:
        for first, second in itertools.combinations(sides, 2):
            swap = list(range(rank))
            for a, b in zip(first, second, strict=True):
                swap[a], swap[b] = b, a
            swaps.append(swap)
    found = {tuple(range(rank))}
    while True:
        grown = found | {tuple(one[p] for p in swap) for one in found for swap in swaps}
        if grown == found:
            return found
        found = grown


@pytest.mark.parametrize(("rank", "blocks"), BLOCKS.values(), ids=BLOCKS)
def test_every_answer_is_that_of_the_listed_group(rank, blocks):
    group = PortGroup(rank, [Fact("symmetric", sides) for sides in blocks])
    elements = _brute_force(rank, blocks)
    assert set(group.elements()) == elements
    for permutation in itertools.permutations(range(rank)):
        assert group.sign(permutation) == (permutation in elements)
    assert not group.sign([0] * rank)
    rng = random.Random(rank)
    for _ in range(200):
        row = [rng.randrange(3) for _ in range(rank)]
        other = [rng.randrange(3) for _ in range(rank)]
        target = [row[p] for p in rng.choice(sorted(elements))]
        allowed = {tuple(row[p] for p in element) for element in elements}
        assert group.least(row) in allowed
        assert group.least(target) == group.least(row)
        assert (group.least(other) == group.least(row)) == (tuple(other) in allowed)
        found = group.arrangement(row, target)
        assert found in elements
        assert [row[p] for p in found] == target
        assert (group.arrangement(row, other) is not None) == (tuple(other) in allowed)


def test_large_blocks_of_their_own_are_never_listed():
    pairs = tuple((k, k + 40) for k in range(40))
    group = PortGroup(80, [Fact("symmetric", pairs)])
    row = [k % 40 for k in range(80)]
    turned = row[1:40] + row[:1] + row[41:] + row[40:41]
    assert group.least(turned) == group.least(row)
    order = group.arrangement(row, turned)
    assert [row[p] for p in order] == turned
    assert group.sign(order) == 1
    assert not group.sign([1, 0, *range(2, 80)])


@pytest.mark.parametrize(
    "blocks",
    [
        [tuple((k,) for k in range(9))],
        [tuple((k,) for k in range(6)), tuple((k,) for k in range(6, 12))],
        [tuple((k,) for k in range(6)), tuple((k,) for k in range(5, 12))],
    ],
    ids=["one block", "two blocks", "overlapping"],
)
def test_more_permutations_than_the_limit_are_refused(blocks):
    group = PortGroup(12, [Fact("symmetric", sides) for sides in blocks])
    with pytest.raises(LimitError, match=r"symmetric\(0, 1, 2.* allow more than 50000 orders"):
        group.elements()
