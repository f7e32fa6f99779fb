"""A derivation: the steps from a value to its simplified form, each with its check."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from tnalgebra.core.values import Value
from tnalgebra.notation.printer import to_text
from tnalgebra.rewrite.check import Check
from tnalgebra.rewrite.match import Match

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Step:
    """One use of a rule on one term, or a step of the engine's own, which has no match.

    Such are the normal form of reshapes, and the collection of like terms.

    `nodes` are those of `before` that the rule covers, `added` those of `after` that it made; of
    term number `term` where the value is a sum.
    """

    rule: str
    match: Match | None
    before: Value
    after: Value
    check: Check | None
    term: int = 0
    nodes: tuple[Hashable, ...] = ()
    added: tuple[Hashable, ...] = ()

    def __str__(self) -> str:
        check = f"   [{self.check}]" if self.check else ""
        return f"= {self.after}   by {self.rule}{check}"


@dataclass(frozen=True)
class Derivation:
    """From `start` to `result`, step by step.

    >>> import tnalgebra as tn
    >>> d = tn.parse("conj(V)[m,a]*V[m,b]*A[b,c]", "V: isometry(m -> a)").derivation()
    >>> [step.rule for step in d], str(d.result)
    (['isometry'], 'A[a,c]')
    """

    start: Value
    steps: tuple[Step, ...]

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def result(self) -> Value:
        """The value after the last step."""
        return self.steps[-1].after if self.steps else self.start

    def __str__(self) -> str:
        text, where = to_text(self.start)
        lines = [f"  {text}" + (f"   where {where}" if where else "")]
        return "\n".join([*lines, *(str(step) for step in self.steps)])

    def to_json(self) -> dict[str, Any]:
        """The derivation as plain data: texts, rules, checks.

        >>> import tnalgebra as tn
        >>> tn.parse("delta[i,i]").derivation().to_json()["steps"][0]["after"]
        'dim(i)'
        """
        text, where = to_text(self.start)
        return {
            "schema_version": SCHEMA_VERSION,
            "start": text,
            "where": where,
            "steps": [_step_json(step) for step in self.steps],
            "result": to_text(self.result)[0],
        }

    def dumps(self) -> str:
        """The JSON text of `to_json`."""
        return json.dumps(self.to_json(), indent=2, ensure_ascii=False)


def _step_json(step: Step) -> dict[str, Any]:
    check = step.check
    return {
        "rule": step.rule,
        "term": step.term,
        "before": to_text(step.before)[0],
        "after": to_text(step.after)[0],
        "where": to_text(step.after)[1],
        "check": None
        if check is None
        else {
            "method": "exact",
            "sizes": dict(check.sizes),
            "samples": check.samples,
            "error_bound": check.error_bound,
            "device": check.device,
        },
    }
