"""What every row of the table is made of: work of growing size, and its time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """One row: what is done, how to prepare it at size n (ours, and by hand or None), and where."""

    name: str
    prepare: Callable[[int], tuple[Work, Work | None]]
    sizes: Sequence[int]


def seconds(work: Work, repeats: int = 3) -> float:
    """The shortest of several runs."""
    best = math.inf
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best
