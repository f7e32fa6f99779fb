"""Search for a proof: both sides distributed and simplified, then compared term by term."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import sympy

from tnalgebra.core.canonical import Order
from tnalgebra.core.nodes import node_group
from tnalgebra.core.values import Diagram, Equation, Value, terms_of
from tnalgebra.errors import LimitError, ProofError
from tnalgebra.notation.parse import parse
from tnalgebra.notation.printer import to_text
from tnalgebra.rewrite.derivation import Derivation, Step
from tnalgebra.rewrite.engine import COLLECT, simplify, with_term
from tnalgebra.rewrite.expand import distribute, first_open_box
from tnalgebra.rewrite.flatten import Keys, flatten_equation, in_one_form, polynomial
from tnalgebra.rewrite.replay_input import add, poly, rule_digest
from tnalgebra.rewrite.replay_shape import SCHEMA_VERSION
from tnalgebra.rewrite.reshape import REGROUP
from tnalgebra.rewrite.rules import Rule, RuleSet
from tnalgebra.verification.proof import Proof

DISTRIBUTE = "distribute"
MOST_TERMS = 2_000


@dataclass(frozen=True)
class _Side:
    """One side brought to its final terms: the steps as data, and the derivation to read."""

    steps: list[dict[str, Any]]
    terms: list[Diagram]
    derivation: Derivation


def prove(equation: Equation, rules: RuleSet | None) -> Proof | str:
    """A proof, or the reason why the search found none.

    The proof has been replayed before it is returned.
    """
    text, where = to_text(equation)
    settled = parse(text, where)
    if not isinstance(settled, Equation) or settled != equation:
        return "the text of the equation does not say all of it"
    settled = in_one_form(settled)
    try:
        sides = {name: _finish(name, getattr(settled, name), rules) for name in ("lhs", "rhs")}
    except LimitError as error:
        return error.message
    groups = _groups(sides)
    for members in groups:
        total: Any = {}
        for name, number in members:
            term = sides[name].terms[number]
            sign = term.canonical().sign * (1 if name == "lhs" else -1)
            total = add(total, poly(polynomial(term.scalar)), sign)
        if total:
            return "the normal forms of the two sides differ"
    used: dict[str, Rule] = {}
    for side in sides.values():
        for step in side.derivation:
            if step.match is not None:
                used[step.match.rule.name] = step.match.rule
    lhs, rhs = text.split(" == ")
    data = {
        "schema_version": SCHEMA_VERSION,
        "statement": {"lhs": lhs, "rhs": rhs, "where": where},
        **flatten_equation(settled),
        "rules_sha256": {
            name: rule_digest(vars(rule)) for name, rule in used.items() if not rule.is_structural
        },
        "steps": sides["lhs"].steps + sides["rhs"].steps,
        "zero": _zeros(sides),
        "groups": [_members(sides, members) for members in groups],
    }
    proof = Proof(data, sides["lhs"].derivation, sides["rhs"].derivation, rules)
    try:
        proof.replay()
    except ProofError as error:
        return f"the proof found does not replay: {error.message}"
    return proof


def _finish(name: str, value: Value, rules: RuleSet | None) -> _Side:
    """Distribute and simplify one side until neither changes anything."""
    data: list[dict[str, Any]] = []
    steps: list[Step] = []
    current = value
    while True:
        opened = _open_boxes(name, current, data, steps)
        derivation = simplify(opened, rules)
        for step in derivation:
            if step.rule != COLLECT:
                steps.append(step)
                if (written := _written(name, step)) is not None:
                    data.append(written)
        last = [step for step in derivation if step.rule != COLLECT]
        current = last[-1].after if last else opened
        if all(first_open_box(term) is None for term in terms_of(current)):
            break
    return _Side(data, list(terms_of(current)), Derivation(value, tuple(steps)))


def _open_boxes(name: str, value: Value, data: list[dict[str, Any]], steps: list[Step]) -> Value:
    current, number = value, 0
    while number < len(terms_of(current)):
        term = terms_of(current)[number]
        node = first_open_box(term)
        if node is None:
            number += 1
            continue
        if not _only_wraps(term, node):
            place = term.spider.ids.index(node)
            data.append({"side": name, "rule": DISTRIBUTE, "term": number, "node": place})
        after = with_term(current, number, *distribute(term, node))
        steps.append(Step(DISTRIBUTE, None, current, after, None, number, (node,)))
        current = after
        if len(terms_of(current)) > MOST_TERMS:
            raise LimitError(f"distributing gives more than {MOST_TERMS} terms")
    return current


def _only_wraps(term: Diagram, node: Hashable) -> bool:
    """Whether a box holds nothing but another box, which in a proof is the same box."""
    content = term.graph.nodes[node]["node"].content
    return isinstance(content, Diagram) and content.sole_content is not None


def _written(name: str, step: Step) -> dict[str, Any] | None:
    """A step as data; steps about copy tensors hold in the replayer by construction."""
    match = step.match
    if step.rule == REGROUP:
        return {"side": name, "rule": REGROUP, "term": step.term}
    if match is None or match.rule.is_structural:
        return None
    ids = terms_of(step.before)[step.term].spider.ids
    return {
        "side": name,
        "rule": match.rule.name,
        "term": step.term,
        "lengths": dict(match.lengths),
        "bindings": {
            variable: {"tensor": one.tensor, "ports": list(one.ports), "mark": one.mark}
            for variable, one in match.bindings
        },
        "nodes": [
            [ids.index(node), list(ports)]
            for node, ports in zip(match.nodes, match.ports, strict=True)
        ],
    }


def _groups(sides: dict[str, _Side]) -> list[list[tuple[str, int]]]:
    """The final terms of both sides, equal ones together; terms that are zero left out."""
    keys = Keys()
    found: dict[str, list[tuple[str, int]]] = {}
    for name, side in sides.items():
        for number, term in enumerate(side.terms):
            if term.canonical().sign and sympy.expand(term.scalar) != 0:
                found.setdefault(keys.of_term(term), []).append((name, number))
    return list(found.values())


def _members(sides: dict[str, _Side], members: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """A group as data: for each member its nodes in one common order, ports arranged alike."""
    first = sides[members[0][0]].terms[members[0][1]]
    target = _rows(first, _order(first))
    result = []
    for name, number in members:
        term = sides[name].terms[number]
        order = _order(term)
        result.append(_member(name, number, _arranged(term, order, target), order))
    return result


def _zeros(sides: dict[str, _Side]) -> list[list[dict[str, Any]]]:
    """Each term that is its own negative: its nodes in two orders, of opposite sign."""
    result = []
    for name, side in sides.items():
        for number, term in enumerate(side.terms):
            twin, order = term.canonical().twin, _order(term)
            if twin is None:
                continue
            target = _rows(term, order)
            first, second = _arranged(term, order, target), _arranged(term, twin, target)
            if first == second:
                second = _negated(term, second, target)
            result.append(
                [_member(name, number, first, order), _member(name, number, second, twin)]
            )
    return result


def _member(name: str, number: int, nodes: list[Any], order: Order) -> dict[str, Any]:
    return {"side": name, "term": number, "nodes": nodes, "groups": list(order[2])}


def _negated(term: Diagram, nodes: list[Any], rows: list[list[int]]) -> list[Any]:
    """The same list with one node's ports exchanged at the sign -1."""
    for k, ((place, ports), row) in enumerate(zip(nodes, rows, strict=True)):
        exchange = node_group(term.spider.labels[place]).negation(row)
        if exchange is not None:
            return [*nodes[:k], [place, [ports[port] for port in exchange]], *nodes[k + 1 :]]
    raise AssertionError("a form of sign 0 has an automorphism of sign -1")


def _order(term: Diagram) -> Order:
    """The nodes, indices and groups of a term in canonical order."""
    canonical = term.canonical()
    return canonical.nodes, canonical.classes, canonical.groups


def _rows(term: Diagram, order: Order) -> list[list[int]]:
    """For each node in this order, the number of the index at each port."""
    nodes, classes, _ = order
    number = {index: k for k, index in enumerate(classes)}
    return [[number[index] for index in term.normal.ports[place]] for place in nodes]


def _arranged(term: Diagram, order: Order, target: list[list[int]]) -> list[Any]:
    """The nodes in this order, each with its ports arranged as its row of the target."""
    found = []
    for place, row, wanted in zip(order[0], _rows(term, order), target, strict=True):
        arrangement = node_group(term.normal.labels[place]).arrangement(row, wanted)
        assert arrangement is not None
        found.append([place, list(arrangement)])
    return found
