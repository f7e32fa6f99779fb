"""Canonical forms, the spider form included."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product

import texts
from measure import Row, Work

import tnalgebra as tn


def canonical(make: Callable[[int], tuple[str, str]]) -> Callable[[int], tuple[Work, None]]:
    """The canonical form of a text's diagram, nothing of it known before."""

    def prepare(n: int) -> tuple[Work, None]:
        text, where = make(n)
        graph = tn.parse(text, where=where).graph
        return lambda: tn.Diagram(graph).canonical(), None

    return prepare


def plain(make: Callable[[int], str]) -> Callable[[int], tuple[Work, None]]:
    """The same for a text without declarations."""
    return canonical(lambda n: (make(n), ""))


def complete(n: int) -> tuple[str, str]:
    """Each of n symmetric tensors joined to each other one."""
    return texts.symmetric_graph(n, combinations(range(n), 2))


def rook(n: int) -> tuple[str, str]:
    """A symmetric tensor on each square of a board; those in one line are joined."""
    squares = enumerate(product(range(n), repeat=2))
    edges = [
        (a, b)
        for (a, (row, column)), (b, (other_row, other_column)) in combinations(squares, 2)
        if (row == other_row) != (column == other_column)
    ]
    return texts.symmetric_graph(n * n, edges)


ROWS = [
    Row("canonical, open chain", plain(texts.chain), (100, 1000, 10000)),
    Row("canonical, Tr(A^n)", plain(texts.trace), (100, 1000, 10000)),
    Row("canonical, MPS overlap", plain(texts.overlap), (100, 1000)),
    Row("canonical, open 3-regular", plain(texts.open_cubic), (1000, 10000, 100000)),
    Row("canonical, K_n symmetric", canonical(complete), (10, 30)),
    Row("canonical, rook(n)", canonical(rook), (4, 8, 16)),
]
