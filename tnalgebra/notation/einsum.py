"""Einsum strings: what they say, einops-spaced or compact, and the diagram of symbolic operands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tnalgebra.core import build
from tnalgebra.core.values import Diagram, Value
from tnalgebra.core.words import NAME, numbered
from tnalgebra.errors import NotationError

Row = tuple[str, ...]


@dataclass(frozen=True)
class EinsumString:
    """An einsum string as read: the indices of each operand, and those of the output in order."""

    text: str
    inputs: tuple[Row, ...]
    output: Row


def read_einsum(text: str, count: int) -> EinsumString:
    """Read the einsum string of `count` operands, einops-spaced ("i a b, b -> i a") or compact.

    Words are indices where any operand or the output has two of them, or where one holds a digit;
    else single letters are.
    Without `->` the letters that occur once are kept, sorted, as numpy does; words need the `->`.
    Raises NotationError, with a caret where there is a place to show.

    >>> read_einsum("ij,jk", 2).output, read_einsum("row col -> col", 1).inputs
    (('i', 'k'), (('row', 'col'),))
    """
    if not isinstance(text, str):
        raise NotationError(
            f"an einsum string is text, not {type(text).__name__}",
            hint="the string comes first, then the operands: tn.einsum('i j, j -> i', A, v)",
        )
    _refuse_foreign(text)
    left, arrow, right = text.partition("->")
    if "->" in right:
        raise _error("an einsum string has one '->'", text, text.rfind("->"), 2)
    if "," in right:
        raise _error("an einsum string has one output", text, text.rfind(","), 1)
    spaced = bool(re.search(r"\d|[^\s,>-]\s+[^\s,>-]", text))
    inputs, start = [], 0
    for part in left.split(","):
        inputs.append(_row(text, start, start + len(part), spaced))
        start += len(part) + 1
    if len(inputs) != count:
        raise NotationError(
            f"the string speaks of {len(inputs)} operands, {count} are given", text=text
        )
    flat = [name for row in inputs for name, _ in row]
    if arrow:
        output = _row(text, len(left) + 2, len(text), spaced)
    elif any(len(name) > 1 for name in flat):
        raise NotationError(
            "a string of words says its output", text=text, hint="write '->' and what is kept"
        )
    else:
        output = [(name, 0) for name in sorted(set(flat)) if flat.count(name) == 1]
    seen: set[str] = set()
    for name, at in output:
        if name not in flat:
            raise _error(f"the output index {name!r} is in no input", text, at, len(name))
        if name in seen:
            raise _error(
                f"the output index {name!r} is kept twice", text, at, len(name), _TWICE_HINT
            )
        seen.add(name)
    rows = [tuple(name for name, _ in row) for row in (*inputs, output)]
    return EinsumString(text, tuple(rows[:-1]), rows[-1])


_TWICE_HINT = "a diagonal matrix is diag(v), or a delta among the operands"


def einsum_diagram(string: EinsumString, operands: Sequence[Value]) -> Diagram:
    """The contraction of diagrams that an einsum string says.

    Raises NotationError where string and operands do not fit, and SpaceError where legs do not.
    """
    factors = []
    for number, (row, operand) in enumerate(zip(string.inputs, operands, strict=True)):
        if len(row) != len(operand.legs):
            raise NotationError(
                f"operand {number} has {len(operand.legs)} legs, "
                f"the string gives it {len(row)} ({' '.join(row)})",
                text=string.text,
                hint=_WORD_HINT if len(operand.legs) == 1 and "".join(row) in string.text else None,
            )
        factors.append(_diagonal(operand, row))
    return build.contract(*factors, keep=string.output, by_name=False)


_WORD_HINT = "a word alone is read as letters; words are where an operand or the output has two"


def _diagonal(operand: Value, row: Row) -> Value:
    """The operand with its legs named; a name it holds twice is kept as one leg by a delta."""
    if len(set(row)) == len(row):
        return operand[row]
    fresh = [f"{numbered(name, k)}'" for k, name in enumerate(row)]
    parts: list[Value] = [operand[tuple(fresh)]]
    for name in dict.fromkeys(row):
        own = [new for new, old in zip(fresh, row, strict=True) if old == name]
        space = parts[0].legs[fresh.index(own[0])].space
        assert space is not None
        parts.append(build.delta(space, [*own, name]))
    return build.contract(*parts, keep=list(dict.fromkeys(row)))


def _row(text: str, start: int, stop: int, spaced: bool) -> list[tuple[str, int]]:
    """The indices between two places of the string, each with where it stands."""
    pattern = r"\S+" if spaced else r"\S"
    found = []
    for match in re.compile(pattern).finditer(text, start, stop):
        if not NAME.fullmatch(match.group()):
            raise _error(f"{match.group()!r} is no index", text, match.start(), len(match.group()))
        found.append((match.group(), match.start()))
    return found


def _refuse_foreign(text: str) -> None:
    """Raise NotationError for what other einsums write and this one has no meaning for."""
    if (at := text.find("...")) >= 0:
        raise _error(
            "'...' stands for indices that the string does not name",
            text,
            at,
            3,
            "name every index: each operand's legs are known",
        )
    if found := re.search(r"[()]", text):
        raise _error(
            "an einsum string groups no indices",
            text,
            found.start(),
            1,
            "contract first, then group the legs of the result",
        )


def _error(message: str, text: str, at: int, length: int, hint: str | None = None) -> NotationError:
    return NotationError(message, text=text, span=(at, at + length), hint=hint)
