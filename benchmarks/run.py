"""The measurements: `make bench` prints one table, ours against what a user would write by hand.

Each row is timed at growing sizes in one run, best of three; the last column is the exponent of
growth from the first size to the last. Trust ratios and exponents, not seconds. Words after the
command choose the rows whose name holds one of them.
"""

from __future__ import annotations

import math
import sys

import building
import canonical
import checking
import contracting
import paths
import reading
import rewriting
from measure import seconds

ROWS = [
    row
    for group in (reading, building, canonical, rewriting, checking, contracting, paths)
    for row in group.ROWS
]


def main(words: list[str]) -> None:
    """Print the table, or the rows that are asked for."""
    print(f"{'work':<28}{'n':>7}{'ours (s)':>12}{'by hand (s)':>13}{'ratio':>9}{'exponent':>10}")
    for row in ROWS:
        if words and not any(word in row.name for word in words):
            continue
        times = []
        for n in row.sizes:
            ours, other = row.prepare(n)
            times.append(seconds(ours))
            hand = seconds(other) if other is not None else None
            shown = "" if hand is None else f"{hand:>13.5f}{times[-1] / hand:>9.3f}"
            last = n == row.sizes[-1]
            spread = math.log(row.sizes[-1] / row.sizes[0])
            exponent = f"{math.log(times[-1] / times[0]) / spread:>10.2f}" if last else ""
            print(f"{row.name:<28}{n:>7}{times[-1]:>12.5f}{shown:<22}{exponent}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
