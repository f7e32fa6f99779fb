"""Rewriting: matches of a rule, one checked rewrite, and simplification to the end."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import sympy

from tnalgebra.core.compose import scalar
from tnalgebra.core.draft import Draft
from tnalgebra.core.scalars import expanded
from tnalgebra.core.values import Diagram, Sum, Value, terms_of
from tnalgebra.errors import LimitError, RuleError
from tnalgebra.rewrite.apply import Rewritten, apply_match
from tnalgebra.rewrite.check import Check, check_rule
from tnalgebra.rewrite.derivation import Derivation, Step
from tnalgebra.rewrite.flatten import Keys
from tnalgebra.rewrite.forms import Subject
from tnalgebra.rewrite.match import Match, find_matches
from tnalgebra.rewrite.reshape import REGROUP, with_normal_groups
from tnalgebra.rewrite.rules import Rule, RuleSet, load

STEPS_PER_NODE = 50
COLLECT = "collect like terms"


@lru_cache(maxsize=1)
def default_rules() -> RuleSet:
    """The shipped rules, read once."""
    return load()


def matches(value: Value, rule: Rule) -> Iterator[Match]:
    """Where a rule applies, lazily and in text order; terms of a sum one after the other."""
    for term in terms_of(value):
        yield from find_matches(rule, term)


def rewrite(value: Value, rule: Rule, at: Match) -> Value:
    """The diagram after one checked use of a rule; RuleError where the match is of another rule."""
    if not isinstance(value, Diagram):
        raise RuleError("rewrite works on one diagram; take a term of the sum")
    if at.rule != rule:
        raise RuleError(f"the match is of rule {at.rule.name!r}, not {rule.name!r}")
    if not any(found == at for found in find_matches(rule, value)):
        raise RuleError(f"rule {rule.name!r} does not apply there", text=str(value))
    return checked(value, at)[0].after


def checked(diagram: Diagram, match: Match) -> tuple[Rewritten, Check]:
    """One rewrite with its check done first."""
    check = check_rule(match.rule, dict(match.lengths))
    return apply_match(diagram, match), check


def simplify(value: Value, rules: RuleSet | None = None) -> Derivation:
    """Use every simplifying rule as long as one applies, then collect like terms.

    Rules are tried in order, each at its first match. Raises LimitError where the steps far exceed
    the size of the value, which a rule set that goes in circles does.
    """
    if rules is not None and not isinstance(rules, RuleSet):
        raise RuleError(
            f"rules are a RuleSet, not {type(rules).__name__}",
            hint="read a file with tn.RuleSet.from_toml(path)",
        )
    oriented = [rule for rule in rules or default_rules() if rule.kind == "simplify"]
    steps: list[Step] = []
    current = value
    size = sum(term.graph.number_of_nodes() + 1 for term in terms_of(value))
    limit = STEPS_PER_NODE * (size + 20)
    for number in range(len(terms_of(value))):
        while True:
            term = terms_of(current)[number]
            if (other := with_normal_groups(term)) is not None:
                after = with_term(current, number, other)
                steps.append(Step(REGROUP, None, current, after, None, number))
                current = after
                continue
            match = _first(oriented, term)
            if match is None:
                break
            if len(steps) >= limit:
                raise LimitError(
                    f"simplify stopped after {limit} steps, the last by rule {match.rule.name!r}",
                    hint="the rules seem to undo each other; see derivation() with fewer of them",
                )
            done, check = checked(term, match)
            after = with_term(current, number, done.after)
            steps.append(
                Step(
                    match.rule.name, match, current, after, check, number, done.removed, done.added
                )
            )
            current = after
    collected = _collect(current)
    if collected is not current:
        steps.append(Step(COLLECT, None, current, collected, None))
    return Derivation(value, tuple(steps))


def _first(rules: list[Rule], diagram: Diagram) -> Match | None:
    subject = Subject(diagram)
    for rule in rules:
        for match in find_matches(rule, subject):
            return match
    return None


def with_term(value: Value, number: int, *terms: Diagram) -> Value:
    """The value with one term replaced, by one or by several."""
    if isinstance(value, Diagram) and len(terms) == 1:
        return terms[0]
    found = list(terms_of(value))
    found[number : number + 1] = terms
    return Sum(found, value.legs, named=value.named, summed=value.summed)


def _collect(value: Value) -> Value:
    """Like terms added up, terms that are zero dropped; one left over stands alone."""
    if isinstance(value, Diagram):
        is_zero = value.canonical().sign == 0 and value.coefficient != 0
        return _nothing(value) if is_zero else value
    keys = Keys()
    groups: dict[str, list[Diagram]] = {}
    for term in terms_of(value):
        groups.setdefault(keys.of_term(term), []).append(term)
    kept = []
    for same in groups.values():
        sign = same[0].canonical().sign
        signed = (term.canonical().sign * term.scalar for term in same)
        total = expanded(sympy.Add(*signed))
        if total != 0:
            kept.append(same[0] if len(same) == 1 else _scaled(same[0], sign * total))
    if len(kept) == 1:
        return kept[0]
    if len(kept) == len(terms_of(value)):
        return value
    if not kept:
        return _nothing(value)
    return Sum(kept, value.legs, named=value.named, summed=value.summed)


def _nothing(value: Value) -> Value:
    """Zero with the legs of a value."""
    if not value.legs:
        return scalar(sympy.Integer(0))
    return Sum([], value.legs, named=value.named, summed=value.summed)


def _scaled(term: Diagram, total: sympy.Expr) -> Diagram:
    """The term with another scalar in front."""
    draft = Draft()
    wires = draft.absorb(term.graph)
    draft.coefficient = sympy.expand(total / term.normal.scalar)
    draft.free = [(leg.name, wire) for leg, wire in zip(term.legs, wires, strict=True)]
    return Diagram(draft.graph(), named=term.named, summed=term.summed)
