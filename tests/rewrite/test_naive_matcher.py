"""A naive matcher, brute force over injective node maps, finds what the compiled one finds."""

from __future__ import annotations

from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_lengths import possible_lengths
from strategies import UNNAMED, diagrams

from tnalgebra.core import build
from tnalgebra.core.facts import Fact
from tnalgebra.core.marks import combine
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram
from tnalgebra.rewrite.match import find_matches
from tnalgebra.rewrite.rules import Rule, load

TENSOR_RULES = [rule for rule in load() if not rule.is_structural]
LENGTHS = {rule.name: possible_lengths(rule) for rule in TENSOR_RULES}
Place = tuple[tuple[object, tuple[int, ...]], ...]


def naive_matches(rule: Rule, diagram: Diagram) -> set[Place]:
    """Every cover of the left side, at every group length, by trying all maps."""
    found: set[Place] = set()
    for lengths in LENGTHS[rule.name]:
        lhs = rule.expanded(lengths)[0]
        pattern, subject = lhs.spider, diagram.spider
        nodes = [k for k, label in enumerate(subject.labels) if isinstance(label, Tensor)]
        for chosen in permutations(nodes, len(pattern.labels)):
            ranks = [
                (own.rank, subject.labels[k].rank)
                for own, k in zip(pattern.labels, chosen, strict=True)
            ]
            if any(a != b for a, b in ranks):
                continue
            rows = [list(permutations(range(rank))) for rank, _ in ranks]
            for images in product(*rows):
                if fits(pattern, subject, chosen, images):
                    ids = [subject.ids[k] for k in chosen]
                    found.add(tuple(zip(ids, images, strict=True)))
    return found


def fits(pattern, subject, chosen, images) -> bool:
    image: dict[int, int] = {}
    for own, k, row in zip(pattern.ports, chosen, images, strict=True):
        for index, port in zip(own, row, strict=True):
            if image.setdefault(index, subject.ports[k][port]) != subject.ports[k][port]:
                return False
    inner = set(image) - set(pattern.free)
    degrees, wanted = subject.degrees(), pattern.degrees()
    for index in inner:
        others = [image[other] for other in image if other != index]
        if image[index] in others or image[index] in subject.free:
            return False
        if degrees[image[index]] != wanted[index]:
            return False
    variables = {label.name: label.base() for label in pattern.labels}
    return all(
        any(
            stands_for(name, base, order, mark, pattern, subject, chosen, images)
            for order in permutations(range(base.rank))
            for mark in ("none", "conj", "inv", "conj inv")
        )
        for name, base in variables.items()
    )


def stands_for(name, base, order, mark, pattern, subject, chosen, images) -> bool:
    """Whether a rule's tensor may stand for the marked subject with its ports in this order."""
    uses = [k for k, label in enumerate(pattern.labels) if label.name == name]
    tensor = subject.labels[chosen[uses[0]]].base()
    is_inverse = mark.endswith("inv")
    if mark.startswith("conj") and Fact("real") in base.facts:
        return False
    if is_inverse and (base.facts or tensor.rank != 2):
        return False
    if base.facts:
        mapped = [
            Fact(one.kind, tuple(tuple(order[p] for p in side) for side in one.sides))
            for one in base.facts
        ]
        if not all(fact in tensor.known for fact in mapped):
            return False
    straight = tuple(range(base.rank))
    if not any(fact.sides for fact in base.facts) and order != (
        straight[::-1] if is_inverse else straight
    ):
        return False
    for k in uses:
        own, other = pattern.labels[k], subject.labels[chosen[k]]
        wanted = own.mark
        if mark.startswith("conj"):
            wanted = combine(wanted, "conj")
        if is_inverse:
            wanted = combine(wanted, "inv")
        if (other.name, other.mark) != (tensor.name, wanted):
            return False
        last = base.rank - 1
        plain = [order[last - p if own.is_inverse else p] for p in range(base.rank)]
        plain = [last - p if other.is_inverse else p for p in plain]
        moved = [0] * base.rank
        for before, after in zip(plain, images[k], strict=True):
            moved[before] = after
        if other.group.sign(moved) != 1:
            return False
    return True


def compiled_matches(rule: Rule, diagram: Diagram) -> set[Place]:
    return {tuple(zip(m.nodes, m.ports, strict=True)) for m in find_matches(rule, diagram)}


@pytest.mark.parametrize("rule", TENSOR_RULES, ids=lambda rule: rule.name)
@settings(max_examples=60)
@given(data=st.data())
def test_the_compiled_matcher_finds_what_brute_force_finds(rule, data):
    diagram = data.draw(diagrams(UNNAMED, (), most_nodes=4, plain=True))
    assert compiled_matches(rule, diagram) == naive_matches(rule, diagram)


@pytest.mark.parametrize("rule", TENSOR_RULES, ids=lambda rule: rule.name)
@given(data=st.data())
def test_they_agree_where_the_rule_is_near(rule, data):
    """Diagrams of the rule's own kind of tensors, joined at random, hold many near misses."""
    p = Space("p", declared=True)
    lhs = rule.expanded(dict.fromkeys(rule.groups, 1))[0]
    pool = [label for label in lhs.spider.labels if isinstance(label, Tensor)]
    names = ("x", "y", "z")
    drawn = []
    for _ in range(data.draw(st.integers(1, 4))):
        tensor = data.draw(st.sampled_from(pool))
        tensor = tensor.conj() if data.draw(st.booleans()) else tensor
        row = [data.draw(st.sampled_from(names)) for _ in range(tensor.rank)]
        legs = [f"t{k}" for k in range(tensor.rank)]
        lines = [build.delta(p, [leg, name]) for leg, name in zip(legs, row, strict=True)]
        value = build.contract(build.symbol(tensor, legs), *lines, keep=list(dict.fromkeys(row)))
        drawn.append(value)
    used = list(dict.fromkeys(leg.name for value in drawn for leg in value.legs))
    keep = [name for name in used if data.draw(st.booleans())]
    diagram = build.contract(*drawn, keep=keep)
    assert compiled_matches(rule, diagram) == naive_matches(rule, diagram)
