"""The verdict on an equation and the counterexample of a refuted one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tnalgebra.errors import UndecidedError
from tnalgebra.verification.proof import Proof


@dataclass(frozen=True)
class Counterexample:
    """Arrays on which two sides differ, and code that anyone can run to see it.

    sizes: by space name; tensors: nested lists by tensor name (whole numbers where `exact`);
    entry: the place, in the order of the free legs; lhs, rhs: the two values there. modulus: the
    prime modulo which everything is meant, None for ordinary numbers. multiplier: what both sides
    were multiplied by, to clear denominators.
    """

    sizes: Mapping[str, int]
    tensors: Mapping[str, Any]
    entry: tuple[int, ...]
    lhs: Any
    rhs: Any
    exact: bool
    code: str
    modulus: int | None = None
    multiplier: int = 1

    def numpy(self) -> str:
        """Python code that needs numpy alone, re-evaluates both sides and asserts they differ."""
        return self.code

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} = {size}" for name, size in sorted(self.sizes.items()))
        place = f" at entry {list(self.entry)}" if self.entry else ""
        meant = f" modulo {self.modulus}" if self.modulus else ""
        first = f"sizes {sizes}: " if sizes else ""
        return f"{first}left {self.lhs}, right {self.rhs}{place}{meant}"


@dataclass(frozen=True)
class Verdict:
    """What is known of an equation: "proved", "certified", "refuted" or "unknown", and why.

    sizes and error_bound belong to "certified": the sizes tried, and the probability that a false
    equation passed. tried: what was done, in order, for a reader. notes: how the statement was
    read, where that may not be what was meant.
    """

    statement: str
    status: str
    proof: Proof | None = None
    counterexample: Counterexample | None = None
    error_bound: float | None = None
    sizes: Mapping[str, int] | None = None
    tried: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())

    def __bool__(self) -> bool:
        if self.status == "unknown":
            raise UndecidedError(
                f"undecided: {self.statement}", hint="tried: " + "; ".join(self.tried)
            )
        return self.status in ("proved", "certified")

    def __repr__(self) -> str:
        # The proof and the counterexample may be pages long: `print` shows them.
        return f"Verdict(status={self.status!r}, statement={self.statement!r})"

    def __str__(self) -> str:
        lines = [f"{self.status}: {self.statement}", *(f"note: {one}" for one in self.notes)]
        if self.proof is not None:
            lines += str(self.proof).splitlines()
        elif self.counterexample is not None:
            lines += [str(self.counterexample), "", self.counterexample.numpy().rstrip()]
        else:
            lines += [f"  {one}" for one in self.tried]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """The verdict as plain data."""
        found = self.counterexample
        return {
            "schema_version": 1,
            "statement": self.statement,
            "status": self.status,
            "proof": None if self.proof is None else self.proof.to_json(),
            "counterexample": None
            if found is None
            else {
                "sizes": dict(found.sizes),
                "tensors": dict(found.tensors),
                "entry": list(found.entry),
                "lhs": str(found.lhs),
                "rhs": str(found.rhs),
                "exact": found.exact,
                "modulus": found.modulus,
                "multiplier": found.multiplier,
                "numpy": found.code,
            },
            "error_bound": self.error_bound,
            "sizes": None if self.sizes is None else dict(self.sizes),
            "tried": list(self.tried),
            "notes": list(self.notes),
        }
