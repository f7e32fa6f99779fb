"""Text to values and back."""

from __future__ import annotations

from collections.abc import Callable

import texts
from measure import Row, Work

import tnalgebra as tn


def parsing(make: Callable[[int], str]) -> Callable[[int], tuple[Work, None]]:
    """Text to a value."""

    def prepare(n: int) -> tuple[Work, None]:
        text = make(n)
        return lambda: tn.parse(text), None

    return prepare


def printing(n: int) -> tuple[Work, None]:
    """A diagram of n factors to text."""
    diagram = tn.parse(texts.chain(n))
    return lambda: str(diagram), None


ROWS = [
    Row("parse a chain", parsing(texts.chain), (100, 1000, 10000, 100000)),
    Row("parse a power A*A*...", parsing(texts.power), (1000, 10000, 100000)),
    Row(
        "parse A0 @ A1 @ ...",
        parsing(lambda n: " @ ".join(f"A{k}" for k in range(n))),
        (1000, 10000, 100000),
    ),
    Row(
        "parse a sum",
        parsing(lambda n: " + ".join(f"A{k}[i,j]" for k in range(n))),
        (100, 1000, 10000),
    ),
    Row("print a chain", printing, (100, 1000, 10000)),
]
