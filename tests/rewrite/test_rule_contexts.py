"""Every loaded rule in random contexts: each match rewrites to an equal value, on exact numbers."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_lengths import possible_lengths
from strategies import UNNAMED, diagrams, leg_rows

import tnalgebra as tn
from tnalgebra.core import build
from tnalgebra.core.draft import Draft
from tnalgebra.core.facts import Fact
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram, Equation
from tnalgebra.errors import RuleError, SpaceError
from tnalgebra.numeric.agreement import compare
from tnalgebra.numeric.modular import NotExactError
from tnalgebra.rewrite.match import find_matches
from tnalgebra.rewrite.rules import Rule, load

RULES = load()
LENGTHS = {rule.name: possible_lengths(rule) for rule in RULES}
MOST_MATCHES = 5


def rebound(side: Diagram, rng: random.Random) -> Diagram:
    """The diagram with other tensors in the place of the rule's: other names, ports, conjugates."""
    orders: dict[str, list[int]] = {}
    draft = Draft()
    wires = draft.absorb(side.graph)
    draft.free = [(leg.name, wire) for leg, wire in zip(side.legs, wires, strict=True)]
    for k, node in enumerate(draft.nodes):
        if not isinstance(node, Tensor):
            continue
        base = node.base()
        order = orders.setdefault(node.name, rng.sample(range(base.rank), base.rank))
        if not base.facts:
            order = orders[node.name] = list(range(base.rank))
        legs: list = [None] * base.rank
        for port, leg in enumerate(base.legs):
            legs[order[port]] = leg
        facts = tuple(
            Fact(one.kind, tuple(tuple(order[p] for p in side) for side in one.sides))
            for one in base.facts
        )
        fresh = Tensor(f"{node.name}0", tuple(legs), tuple(sorted(facts)))
        own = draft.ports[k][::-1] if node.is_inverse else draft.ports[k]
        row = [0] * base.rank
        for port, wire in enumerate(own):
            row[order[port]] = wire
        if node.is_inverse:
            fresh, row = fresh.inverse(), row[::-1]
        draft.nodes[k] = fresh.conj() if node.is_conj else fresh
        draft.ports[k] = row
    result = Diagram(draft.graph())
    is_real = any(fact.kind == "real" for tensor in result.tensors for fact in tensor.known)
    return result if is_real or rng.random() < 0.5 else result.conj()


@st.composite
def contexts(draw: st.DrawFn, rule: Rule) -> Diagram:
    """The rule's left side, its groups of any length, with its free legs joined to a diagram."""
    lengths = draw(st.sampled_from(LENGTHS[rule.name]))
    left = rebound(rule.expanded(lengths)[0], random.Random(draw(st.integers(0, 99))))
    legs = draw(leg_rows(UNNAMED))
    context = draw(diagrams(UNNAMED, legs, most_nodes=3, functions=()))
    names = [f"y{k}" for k in range(1 + len(left.legs) + len(legs))]
    mine = [draw(st.sampled_from(names)) for _ in left.legs]
    theirs = draw(st.lists(st.sampled_from(names), min_size=len(legs), max_size=len(legs)))
    # A name given twice on one side would be a trace: contract one leg at a time through lines.
    left = left[tuple(f"l{k}" for k in range(len(mine)))]
    context = context[tuple(f"c{k}" for k in range(len(theirs)))]
    used = list(dict.fromkeys([*mine, *theirs]))
    keep = [name for name in used if draw(st.booleans())]
    direct = draw(st.booleans()) and len(set(mine)) == len(mine)
    if direct:
        left = left.rename(**dict(zip((leg.name for leg in left.legs), mine, strict=True)))

    def joined(space: Space | None) -> Diagram:
        lines = [
            build.delta(space or leg.space, [leg.name, name])
            for value, given in (() if direct else ((left, mine),)) + ((context, theirs),)
            for leg, name in zip(value.legs, given, strict=True)
        ]
        return build.contract(left, context, *lines, keep=keep)

    try:
        return joined(None)
    except SpaceError:
        # Two sides of an isometry meet only in a space with a name.
        return joined(Space("named", declared=True))


@pytest.mark.parametrize("name", [rule.name for rule in RULES])
@settings(max_examples=30)
@given(data=st.data())
def test_every_match_of_a_rule_rewrites_to_an_equal_value(name, data):
    rule = RULES[name]
    diagram = data.draw(contexts(rule))
    found = list(find_matches(rule, diagram))
    assert found
    for match in found[:MOST_MATCHES]:
        after = diagram.rewrite(rule, at=match)
        assert after.legs == diagram.legs
        try:
            agreement = compare(diagram, after, batch=4)
        except NotExactError:
            continue
        assert agreement is None or agreement.difference is None


def test_contexts_can_mostly_be_compared():
    """The property above says something only where facts have a sampler; most have."""
    compared = 0
    rng = random.Random(0)
    for rule in RULES:
        left = rebound(rule.expanded(rule.shortest())[0], rng)
        (match, *_) = find_matches(rule, left)
        agreement = compare(left, left.rewrite(rule, at=match))
        compared += agreement is not None and agreement.difference is None
    assert compared == len(RULES)


def examples(kind: str) -> list:
    return [
        pytest.param(rule, one, id=f"{rule.name}: {one.expr}")
        for rule in RULES
        for one in getattr(rule, kind)
    ]


@pytest.mark.parametrize(("rule", "example"), examples("applies"))
def test_a_rule_applies_where_its_file_says(rule, example):
    equation = tn.parse(f"{example.expr} == {example.gives}", example.where)
    assert isinstance(equation, Equation)
    (match, *_) = equation.lhs.matches(rule)
    after = equation.lhs.rewrite(rule, at=match)
    assert after == equation.rhs or after.simplify() == equation.rhs


@pytest.mark.parametrize(("rule", "example"), examples("refuses"))
def test_a_rule_does_not_apply_where_its_file_says(rule, example):
    assert not list(tn.parse(example.expr, example.where).matches(rule))


def test_every_rule_has_examples_a_picture_and_a_passing_check():
    for rule in RULES:
        assert rule.applies
        assert rule.refuses
        assert rule.picture
        assert rule.doc.endswith(".")
    lines = RULES.check()
    assert len(lines) == len(RULES)
    assert all("exact on" in line for line in lines)


def test_the_identity_keeps_each_port_of_its_tensor_in_place():
    """Once the line's other end took the last port, whichever port it had been joined to."""
    for text, gives in [
        ("A[i,j]*eye[i,k]", "A[k,j]"),
        ("T[i,j,k]*eye[j,l]", "T[i,l,k]"),
        ("exp(A[i,j])*eye[i,k]", "exp(A[k,j])"),
    ]:
        assert tn.equation(tn.parse(text).simplify(), tn.parse(gives)) == tn.parse(
            f"{text} == {gives}"
        )


def test_a_match_is_used_only_where_it_was_found():
    rule, other = RULES["isometry"], RULES["identity"]
    d = tn.parse("conj(V)[m,a]*V[m,b]", "V: isometry(m -> a)")
    match, mirrored = d.matches(rule)
    assert match.nodes == mirrored.nodes[::-1]
    with pytest.raises(RuleError, match="the match is of rule 'isometry'"):
        d.rewrite(other, at=match)
    with pytest.raises(RuleError, match="does not apply there"):
        tn.parse("A[i,j]").rewrite(rule, at=match)
    with pytest.raises(RuleError, match="one diagram"):
        (d + d).rewrite(rule, at=match)
