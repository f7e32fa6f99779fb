"""The group lengths at which a rule can be written out, for the tests of rules."""

from __future__ import annotations

from itertools import product

from tnalgebra.errors import TnalgebraError
from tnalgebra.rewrite.rules import Rule

LONGEST = 3
MOST_LEGS = 5


def possible_lengths(rule: Rule) -> list[dict[str, int]]:
    """Every choice of 0 to 3 legs a group, at most 5 in all, that the rule's facts allow."""
    found = []
    for row in product(range(LONGEST + 1), repeat=len(rule.groups)):
        lengths = dict(zip(rule.groups, row, strict=True))
        if sum(row) > MOST_LEGS:
            continue
        try:
            rule.expanded(lengths)
        except TnalgebraError:
            continue
        found.append(lengths)
    return found
