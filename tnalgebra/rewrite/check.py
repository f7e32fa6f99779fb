"""The numeric check of a rewrite: both sides of the rule, as instantiated, on exact numbers."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from tnalgebra.core.values import Diagram
from tnalgebra.errors import RuleError
from tnalgebra.notation.printer import to_text
from tnalgebra.rewrite.match import Instance, instance
from tnalgebra.rewrite.rules import Rule

LONGEST_GROUP = 2
MOST_CHOICES = 24


@dataclass(frozen=True)
class Check:
    """A passed check: where it was done, at which sizes, and how surely it would find an error."""

    sizes: tuple[tuple[str, int], ...]
    samples: int
    error_bound: float
    device: str
    components: tuple[str, ...] = ()
    other_sizes: int = 0

    def __str__(self) -> str:
        sizes = ", ".join(f"{name}={size}" for name, size in self.sizes)
        others = f" and {self.other_sizes} other sizes" if self.other_sizes else ""
        return f"exact on {self.samples} samples at {sizes}{others} ({self.device})"


def check_rule(rule: Rule, lengths: Mapping[str, int]) -> Check:
    """Check a rule on random exact numbers at the given group lengths, at several sizes.

    At one size a rule may hold by chance, as 2 * 2 == 4; so there are more choices of sizes than
    the rule has spaces and powers of sizes. A check costs the size of the rule, not of the diagram,
    and is done once for each shape; longer groups are checked at two legs, since a rule says the
    same for every leg of a group. Raises RuleError, with the instance, where the sides differ.
    """
    short = {name: min(length, LONGEST_GROUP) for name, length in lengths.items()}
    return _checked(rule, tuple(sorted(short.items())))


@lru_cache(maxsize=4096)
def _checked(rule: Rule, lengths: tuple[tuple[str, int], ...]) -> Check:
    parts = instance(rule, lengths)
    first: Check | None = None
    count = _choices(parts.lhs, parts.rhs)
    for number in range(count):
        found = _compared(rule, parts, number)
        first = first or replace(found, other_sizes=count - 1 if found.sizes else 0)
    assert first is not None
    return first


def _choices(lhs: Diagram, rhs: Diagram) -> int:
    """How many choices of sizes are tried."""
    spaces = {space for side in (lhs, rhs) for space in side.spaces if space.size is None}
    powers = 0
    for side in (lhs, rhs):
        for part in side.scalar.as_powers_dict().values() if side.scalar.free_symbols else ():
            powers += int(abs(part)) if part.is_number else 1
        powers += len(side.scalar.as_ordered_terms()) - 1
    return min(MOST_CHOICES, max(4, len(spaces) + powers + 1)) if spaces else 1


def _compared(rule: Rule, parts: Instance, number: int) -> Check:
    from tnalgebra.numeric.agreement import compare
    from tnalgebra.numeric.modular import NotExactError

    spaces = [*parts.lhs.spaces, *parts.rhs.spaces]
    draw = random.Random(number)
    least = {space.name: draw.randint(2, 5) for space in spaces} if number else {}
    try:
        result = compare(parts.lhs, parts.rhs, least=least, seed=number)
    except NotExactError as error:
        raise RuleError(f"rule {rule.name!r} cannot be checked: {error.message}") from error
    if result is None:
        raise RuleError(
            f"rule {rule.name!r} cannot be checked: its facts have no sampler together",
            text=rule.where,
        )
    if result.difference is None and not result.is_evidence:
        raise RuleError(
            f"rule {rule.name!r} cannot be checked: its numbers are too large for residues",
            text=f"{rule.lhs} == {rule.rhs}",
        )
    if result.difference is not None:
        raise RuleError(
            f"rule {rule.name!r} is false: {rule.lhs} == {rule.rhs} fails on numbers",
            hint=_counterexample(parts.lhs, parts.rhs, result.difference),
        )
    sizes = tuple(sorted(result.sizes.items()))
    return Check(sizes, result.samples, result.error_bound, result.device, result.components)


def _counterexample(lhs: Diagram, rhs: Diagram, difference: object) -> str:
    from tnalgebra.numeric.agreement import Difference
    from tnalgebra.numeric.modular import PRIME

    assert isinstance(difference, Difference)
    found = difference.instance
    lines = [f"instance, modulo {PRIME}; conj(X) stands for itself where X is not real:"]
    for name, array in found.plain.items():
        lines.append(f"  {name} = {array[difference.sample].long().tolist()}")
        lines.append(f"  conj({name}) = {found.conj[name][difference.sample].long().tolist()}")
    entry = ", ".join(f"{leg.name}={k}" for leg, k in zip(lhs.legs, difference.entry, strict=True))
    lines.append(f"  {to_text(lhs)[0]} = {difference.lhs} at [{entry}]")
    lines.append(f"  {to_text(rhs)[0]} = {difference.rhs} at [{entry}]")
    return "\n".join(lines)
