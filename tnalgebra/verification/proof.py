"""A proof of an equation: plain data that replays without search, and the steps to read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tnalgebra.rewrite.derivation import Derivation
from tnalgebra.rewrite.replay import replay
from tnalgebra.rewrite.replay_input import read_rules
from tnalgebra.rewrite.replay_shape import read_json
from tnalgebra.rewrite.rules import RuleSet, folder


@dataclass(frozen=True)
class Proof:
    """Both sides brought to the same terms, and the correspondence between them.

    `data` is the whole proof as JSON-ready data. `lhs` and `rhs` are the derivations to read, when
    the proof was made here; `rules` those it may use, the shipped ones where None.
    """

    data: Mapping[str, Any]
    lhs: Derivation | None = field(default=None, compare=False)
    rhs: Derivation | None = field(default=None, compare=False)
    rules: RuleSet | None = field(default=None, compare=False)

    def replay(self) -> str:
        """Check every step again, without search, and return the statement proved.

        The statement's text is parsed and must say what the proof's terms say. Raises ProofError.
        """
        if self.rules is None:
            return replay(self.data, read_rules(folder()))
        return replay(self.data, [vars(rule) for rule in self.rules])

    def to_json(self) -> Mapping[str, Any]:
        """The proof as plain data."""
        return self.data

    def dumps(self) -> str:
        """The proof as JSON text."""
        return json.dumps(self.data, indent=1, ensure_ascii=False)

    @classmethod
    def loads(cls, text: str, rules: RuleSet | None = None) -> Proof:
        """A proof from JSON text; `replay` says whether it holds. Raises ProofError."""
        return cls(read_json(text), rules=rules)

    def __str__(self) -> str:
        lines = []
        for title, derivation in (("left side", self.lhs), ("right side", self.rhs)):
            if derivation is not None and len(derivation):
                lines += [f"{title}:", *("  " + line for line in str(derivation).splitlines())]
        groups = len(self.data["groups"])
        what = "one term" if groups == 1 else f"{groups} terms"
        lines.append(f"both sides are then the same diagram up to relabelling ({what})")
        return "\n".join(lines)
