"""Declared facts about tensors: each kind once, with its legs, symmetries and consequences.

This file needs the standard library and the errors alone, because the proof replayer trusts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import factorial, prod
from typing import Literal

from tnalgebra.errors import LimitError

MOST_ELEMENTS = 50_000

Sides = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """One declared fact: its kind and the ports it speaks of, one tuple of ports a side.

    >>> Fact("isometry", ((0, 1), (2,)))
    Fact(kind='isometry', sides=((0, 1), (2,)))
    """

    kind: str
    sides: Sides = ()


@dataclass(frozen=True, slots=True)
class FactKind:
    """How one kind of fact is written and what it says.

    shape: "arrow" (`m, n -> a`), "pair" (`i, j`), "pair or arrow", "legs" (`i, j, k` or grouped
    `(i, k), (j, l)`), or "bare" (no legs). same_space: its sides, leg by leg, share their spaces
    (for "pair or arrow" only when written as a pair).
    """

    shape: Literal["arrow", "pair", "pair or arrow", "legs", "bare"]
    same_space: bool = False
    doc: str = ""


KINDS: dict[str, FactKind] = {
    "isometry": FactKind("arrow", doc="conj(V)[m,a]*V[m,b] == eye[a,b]; base legs -> tip legs"),
    "unitary": FactKind("pair or arrow", True, "an isometry both ways"),
    "orthogonal": FactKind("pair or arrow", True, "unitary and real"),
    "invertible": FactKind("pair", True, "A[i,j]*inv(A)[j,k] == eye[i,k]"),
    "symmetric": FactKind("legs", True, "unchanged when its sides are permuted"),
    "real": FactKind("bare", doc="conj(R) == R"),
}


def implied(fact: Fact) -> Iterator[Fact]:
    """The fact itself and everything that follows from it.

    >>> sorted(f.kind for f in implied(Fact("orthogonal", ((0,), (1,)))))
    ['invertible', 'isometry', 'isometry', 'orthogonal', 'real', 'unitary']
    """
    yield fact
    if fact.kind == "orthogonal":
        yield Fact("real")
        yield from implied(Fact("unitary", fact.sides))
    elif fact.kind == "unitary":
        row, column = fact.sides
        yield Fact("isometry", (row, column))
        yield Fact("isometry", (column, row))
        if len(row) == len(column) == 1:
            yield Fact("invertible", fact.sides)


def same_space_ports(fact: Fact) -> list[tuple[int, int]]:
    """The pairs of ports that a fact puts in one space."""
    if not KINDS[fact.kind].same_space:
        return []
    if fact.kind != "symmetric" and any(len(side) != 1 for side in fact.sides):
        return []
    first = fact.sides[0]
    return [pair for side in fact.sides[1:] for pair in zip(first, side, strict=True)]


def closure(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """All facts that follow from the given ones, sorted, each once."""
    return tuple(sorted({one for fact in facts for one in implied(fact)}))


class PortGroup:
    """The permutations of a tensor's ports that leave it unchanged.

    A block is one symmetric fact: its sides may change places. Blocks that share no port are
    handled side by side; only blocks that overlap need every permutation listed.

    >>> PortGroup(3, [Fact("symmetric", ((0,), (2,)))]).least((5, 1, 2))
    (2, 1, 5)
    """

    def __init__(self, rank: int, facts: Iterable[Fact]) -> None:
        self.rank = rank
        self.blocks: tuple[Sides, ...] = tuple(f.sides for f in facts if f.kind == "symmetric")
        self.trivial = not self.blocks
        used = [port for sides in self.blocks for side in sides for port in side]
        self.is_separate = len(used) == len(set(used))
        self._elements: tuple[tuple[int, ...], ...] | None = None
        orbit = list(range(rank))
        for sides in self.blocks:
            for ports in zip(*sides, strict=True):
                low = min(orbit[port] for port in ports)
                old = {orbit[port] for port in ports}
                orbit = [low if value in old else value for value in orbit]
        self.orbits: tuple[int, ...] = tuple(orbit)

    def elements(self) -> tuple[tuple[int, ...], ...]:
        """Every permutation of the group: position k takes the port that stood at result[k].

        Raises LimitError where there are more than 50 000.
        """
        if self._elements is None:
            if self.is_separate and prod(factorial(len(s)) for s in self.blocks) > MOST_ELEMENTS:
                raise self._too_many()
            identity = tuple(range(self.rank))
            generators = []
            for sides in self.blocks:
                for first, second in pairwise(sides):
                    swap = list(identity)
                    for a, b in zip(first, second, strict=True):
                        swap[a], swap[b] = b, a
                    generators.append(tuple(swap))
            found, fresh = {identity}, [identity]
            while fresh:
                element = fresh.pop()
                for generator in generators:
                    new = tuple(element[port] for port in generator)
                    if new not in found:
                        found.add(new)
                        fresh.append(new)
                if len(found) > MOST_ELEMENTS:
                    raise self._too_many()
            self._elements = tuple(sorted(found))
        return self._elements

    def _too_many(self) -> LimitError:
        texts = []
        for sides in self.blocks:
            names = [f"({', '.join(map(str, s))})" if len(s) > 1 else str(s[0]) for s in sides]
            texts.append(f"symmetric({', '.join(names)})")
        return LimitError(
            f"{' and '.join(texts)} allow more than {MOST_ELEMENTS} orders of the ports",
            hint="declare a symmetry between fewer legs, counted here from 0",
        )

    def least(self, row: Sequence[int]) -> tuple[int, ...]:
        """The arrangement of `row` (one number a port) that stands for all the group allows.

        The sides of each block stand in ascending order; where blocks overlap it is the smallest.
        """
        if self.trivial:
            return tuple(row)
        if not self.is_separate:
            return min(tuple(row[port] for port in element) for element in self.elements())
        result = list(row)
        for sides in self.blocks:
            ordered = sorted(tuple(row[port] for port in side) for side in sides)
            for side, values in zip(sorted(sides), ordered, strict=True):
                for port, value in zip(side, values, strict=True):
                    result[port] = value
        return tuple(result)

    def arrangement(self, row: Sequence[int], target: Sequence[int]) -> tuple[int, ...] | None:
        """An allowed permutation that turns `row` into `target`, or None."""
        if tuple(row) == tuple(target):
            return tuple(range(self.rank))
        if not self.is_separate:
            for element in self.elements():
                if all(row[p] == value for p, value in zip(element, target, strict=True)):
                    return element
            return None
        result = list(range(self.rank))
        for sides in self.blocks:
            unused: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
            for side in sides:
                unused.setdefault(tuple(row[port] for port in side), []).append(side)
            for side in sides:
                sources = unused.get(tuple(target[port] for port in side))
                if not sources:
                    return None
                for port, source in zip(side, sources.pop(), strict=True):
                    result[port] = source
        ok = all(row[p] == value for p, value in zip(result, target, strict=True))
        return tuple(result) if ok else None

    def contains(self, permutation: Sequence[int]) -> bool:
        """Whether the group holds this permutation of ports."""
        row = tuple(range(self.rank))
        if tuple(sorted(permutation)) != row:
            return False
        return self.least(permutation) == self.least(row)
