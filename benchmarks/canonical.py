"""Canonical forms, the spider form included."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import combinations, product

import networkx as nx
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


def paley(p: int) -> tuple[str, str]:
    """A symmetric tensor for each number modulo a prime; those whose difference is a square."""
    squares = {x * x % p for x in range(1, p)}
    edges = [(a, b) for a, b in combinations(range(p), 2) if (a - b) % p in squares]
    return texts.symmetric_graph(p, edges)


def cfi(n: int) -> tuple[str, str]:
    """The graph of Cai, Fuerer and Immerman (1992) over a random cubic graph of n vertices."""
    base = nx.random_regular_graph(3, n, seed=1)
    number: dict[Hashable, int] = {}
    edges = []

    def vertex(*parts: Hashable) -> int:
        return number.setdefault(parts, len(number))

    for v in base:
        around = sorted(base[v])
        for size in (0, 2):
            for chosen in combinations(around, size):
                edges += [(vertex(v, chosen), vertex(v, w, w in chosen)) for w in around]
    for v, w in base.edges:
        edges += [(vertex(v, w, side), vertex(w, v, side)) for side in (False, True)]
    return texts.symmetric_graph(len(number), edges)


ROWS = [
    Row("canonical, open chain", plain(texts.chain), (100, 1000, 10000)),
    Row("canonical, Tr(A^n)", plain(texts.trace), (100, 1000, 10000)),
    Row("canonical, MPS overlap", plain(texts.overlap), (100, 1000)),
    Row("canonical, open 3-regular", plain(texts.open_cubic), (1000, 10000, 100000)),
    Row("canonical, K_n symmetric", canonical(complete), (10, 30)),
    Row("canonical, rook(n)", canonical(rook), (4, 8, 16)),
    Row("canonical, Paley(p)", canonical(paley), (13, 37, 101)),
    Row("canonical, CFI(n)", canonical(cfi), (10, 20, 40)),
]
