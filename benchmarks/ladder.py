"""The ladder of the post at any length: two lines of sites, and the orders to contract it in.

Taylor 2023 (arXiv 2402.01790), section "Operations", footnote 5: any order gives the same number,
one whole line first takes exponentially long in the length, site by site takes linearly long.
"""

from __future__ import annotations

import numpy as np

import tnalgebra as tn

Path = list[tuple[int, int]]


def site_legs(line: str, site: int, length: int) -> list[str]:
    """The indices of one site: its bonds along the line, and the rung between the lines."""
    bonds = [f"{line}{k}" for k in (site - 1, site) if 0 <= k < length - 1]
    rung = f"s{site}"
    return [*bonds[:1], rung, *bonds[1:]] if 0 < site < length - 1 else sorted([*bonds, rung])


def ladder(length: int) -> tn.Diagram:
    """Two lines of `length` sites, A above and B below, site by site in text order."""
    return tn.contract(*(one for pair in zip(*_lines(length), strict=True) for one in pair))


def line_first(length: int) -> tn.Diagram:
    """The same number with the upper line contracted whole, as a value of its own."""
    upper, lower = _lines(length)
    rungs = [f"s{site}" for site in range(length)]
    return tn.contract(tn.shared(tn.contract(*upper, keep=rungs)), *lower)


def zipper_order(length: int) -> Path:
    """Site by site, as a path for `ladder(length).cost(order=...)`."""
    return [(0, 1), *((0, left - 1) for left in range(2 * length - 1, 1, -1))]


def line_order(length: int) -> Path:
    """The upper line from end to end, then the lower sites one by one."""
    path = [(0, 2)] + [(site, 2 * length - site) for site in range(2, length)]
    return path + [(0, left - 1) for left in range(length + 1, 1, -1)]


def arrays_of(length: int, size: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Random arrays for the sites, bonds and rungs all of one size."""
    rng = np.random.default_rng(seed)
    shapes = {
        f"{line}{site}": (size,) * len(site_legs(line, site, length))
        for line in "AB"
        for site in range(length)
    }
    return {name: rng.standard_normal(shape) / size for name, shape in shapes.items()}


def _lines(length: int) -> list[list[tn.Diagram]]:
    lines = []
    for line in "AB":
        rows = [site_legs(line, site, length) for site in range(length)]
        tensors = [tn.tensor(f"{line}{site}", row) for site, row in enumerate(rows)]
        lines.append([one[tuple(row)] for one, row in zip(tensors, rows, strict=True)])
    return lines
