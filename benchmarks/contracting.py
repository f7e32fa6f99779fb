"""Evaluation by a planned order of pairs."""

from __future__ import annotations

import numpy as np
from ladder import arrays_of, ladder, line_first
from measure import Row, Work


def zipper_ladder(n: int) -> tuple[Work, Work]:
    """Two lines of n sites contracted as evaluate plans it, against numpy.einsum's greedy order."""
    diagram, arrays = ladder(n), arrays_of(n, 4)
    call = diagram.to_einsum()
    operands = [arrays[name] for name in call.operands]

    def by_hand() -> object:
        return np.einsum(call.equation, *operands, optimize="greedy")

    return lambda: diagram.evaluate(**arrays), by_hand


def whole_line(n: int) -> tuple[Work, Work]:
    """The same value with one whole line contracted first, against site by site."""
    diagram, better, arrays = line_first(n), ladder(n), arrays_of(n, 4)
    return lambda: diagram.evaluate(**arrays), lambda: better.evaluate(**arrays)


ROWS = [
    Row("ladder, as evaluate plans", zipper_ladder, (4, 8, 16)),
    Row("ladder, whole line first", whole_line, (4, 6, 8, 10)),
]
