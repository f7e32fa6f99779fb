"""Texts of growing length that several rows share."""

from __future__ import annotations

import random
from collections.abc import Iterable


def chain(n: int) -> str:
    """A product of n different matrices."""
    return "*".join(f"A{k}[i{k},i{k + 1}]" for k in range(n))


def power(n: int) -> str:
    """One matrix n times in a row."""
    return "*".join(f"A[i{k},i{k + 1}]" for k in range(n))


def trace(n: int) -> str:
    """The trace of the n-th power of a matrix."""
    return "*".join(f"A[i{k},i{(k + 1) % n}]" for k in range(n))


def overlap(n: int) -> str:
    """The overlap of two matrix product states of n sites."""
    sites = ["A0[p0,b0]*conj(B0)[p0,c0]"]
    sites += [f"A{k}[b{k - 1},p{k},b{k}]*conj(B{k})[c{k - 1},p{k},c{k}]" for k in range(1, n - 1)]
    last = n - 1
    sites.append(f"A{last}[b{n - 2},p{last}]*conj(B{last})[c{n - 2},p{last}]")
    return "*".join(sites)


def open_cubic(n: int) -> str:
    """One generic tensor at each vertex of a random 3-regular multigraph with one edge cut."""
    ports = [v for v in range(n) for _ in range(3)]
    random.Random(1).shuffle(ports)
    rows: list[list[str]] = [[] for _ in range(n)]
    for k in range(0, len(ports), 2):
        names = ("x", "y") if k == 0 else (f"e{k}", f"e{k}")
        for v, name in zip(ports[k : k + 2], names, strict=True):
            rows[v].append(name)
    return "*".join(f"A[{','.join(row)}]" for row in rows)


def symmetric_graph(n: int, neighbours: Iterable[tuple[int, int]]) -> tuple[str, str]:
    """One symmetric tensor at each of n vertices of a regular graph: the text and its `where`."""
    rows: list[list[str]] = [[] for _ in range(n)]
    for a, b in neighbours:
        rows[a].append(f"e{a}x{b}")
        rows[b].append(f"e{a}x{b}")
    legs = ", ".join(f"l{k}" for k in range(len(rows[0])))
    return "*".join(f"S[{','.join(row)}]" for row in rows), f"S: symmetric({legs})"
