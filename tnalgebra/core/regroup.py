"""The normal form of reshapes: which groups are left, which indices they make equal.

A group is 1 where its thick index counts its parts, the last part fastest, and else 0; so the
thick index and the parts determine each other. This file needs the standard library alone, because
the proof replayer trusts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Kind = tuple[Any, ...]

MOST_PARTS = 500
"""Longer groups stay nested: a leg grouped with itself n times over has 2**n parts."""


@dataclass(frozen=True)
class Regrouped:
    """What the laws of groups leave.

    same[c]: the index that stands for index c. kept: for each group that is left, its number, its
    spaces and its indices, thick first; nested groups are flattened, so they may have more parts.
    loops: indices that nothing holds any more, each worth its dimension.
    """

    same: list[int]
    kept: list[tuple[int, Kind, tuple[int, ...]]]
    loops: list[int]


def regroup(kinds: Sequence[Kind], rows: Sequence[Sequence[int]], degrees: list[int]) -> Regrouped:
    """Apply the laws of groups until none applies.

    kinds: the spaces of each group, thick first; rows: the index at each of its ports; degrees: for
    each index, how many ports and free legs it joins, those of groups included. Two groups of one
    kind fuse their parts on one thick index, and their thick indices on the same parts; a group
    whose thick index, or whose every part, joins nothing else is summed away; a part that is itself
    thick is replaced by its own parts.

    >>> regroup([("t", "i", "j")] * 2, [(0, 1, 2), (0, 3, 4)], [2, 2, 2, 2, 2])
    Regrouped(same=[0, 1, 2, 1, 2], kept=[], loops=[])
    """
    state = _State(list(kinds), [list(row) for row in rows], list(degrees))
    while state.flatten() or state.fuse() or state.drop():
        pass
    return state.result()


class _State:
    """Groups under rewriting; `live` are the numbers of those not gone yet."""

    def __init__(self, kinds: list[Kind], rows: list[list[int]], degrees: list[int]) -> None:
        self.kinds, self.rows, self.degrees = kinds, rows, degrees
        self.parent = list(range(len(degrees)))
        self.live = dict.fromkeys(range(len(rows)))
        self.gone: set[int] = set()
        self.touched: set[int] = set()

    def root(self, index: int) -> int:
        """The index that now stands for another."""
        while self.parent[index] != index:
            self.parent[index] = self.parent[self.parent[index]]
            index = self.parent[index]
        return index

    def join(self, first: int, second: int) -> None:
        """Make two indices one."""
        a, b = sorted((self.root(first), self.root(second)))
        if a != b:
            self.parent[b] = a
            self.degrees[a] += self.degrees[b]

    def remove(self, group: int) -> None:
        """Take a group away: each of its indices joins one port less."""
        del self.live[group]
        for index in map(self.root, self.rows[group]):
            self.degrees[index] -= 1
            self.touched.add(index)

    def flatten(self) -> bool:
        """Replace parts that are thick legs of one other group by its parts."""
        inside: dict[int, list[int]] = {}
        for group in self.live:
            self.rows[group] = [self.root(index) for index in self.rows[group]]
            inside.setdefault(self.rows[group][0], []).append(group)
        changed = False
        for group in self.live:
            row, kind = self.rows[group], self.kinds[group]
            for place in range(len(row) - 1, 0, -1):
                inner = inside.get(row[place], [])
                if len(inner) != 1 or self.reaches(inner[0], row[0], inside):
                    continue
                if len(row) + len(self.rows[inner[0]]) > MOST_PARTS:
                    continue
                (other,) = inner
                self.degrees[row[place]] -= 1
                self.touched.add(row[place])
                for index in self.rows[other][1:]:
                    self.degrees[index] += 1
                row[place : place + 1] = self.rows[other][1:]
                kind = (*kind[:place], *self.kinds[other][1:], *kind[place + 1 :])
                changed = True
            self.kinds[group] = kind
        return changed

    def reaches(self, group: int, index: int, inside: dict[int, list[int]]) -> bool:
        """Whether an index is a part of a group at any depth: indices of size 1 may be circular."""
        waiting, seen = [group], set()
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            if index in self.rows[one]:
                return True
            waiting.extend(other for part in self.rows[one] for other in inside.get(part, ()))
        return False

    def fuse(self) -> bool:
        """Fuse groups of one kind that share their thick index, or all their parts."""
        by_thick: dict[tuple[Kind, int], int] = {}
        by_parts: dict[tuple[Kind, tuple[int, ...]], int] = {}
        changed = False
        for group in list(self.live):
            kind = self.kinds[group]
            thick, *parts = map(self.root, self.rows[group])
            other = by_thick.setdefault((kind, thick), group)
            if other == group:
                other = by_parts.setdefault((kind, tuple(parts)), group)
            if other == group:
                continue
            for a, b in zip(self.rows[other], self.rows[group], strict=True):
                self.join(a, b)
            self.remove(group)
            changed = True
        return changed

    def drop(self) -> bool:
        """Sum away groups whose thick index, or whose every part, joins nothing else."""
        changed = False
        for group in list(self.live):
            thick, *parts = map(self.root, self.rows[group])
            if self.degrees[thick] == 1:
                self.gone.add(thick)
            elif all(self.degrees[part] == 1 for part in parts):
                self.gone.update(parts)
            else:
                continue
            self.remove(group)
            changed = True
        return changed

    def result(self) -> Regrouped:
        """What is left."""
        same = [self.root(index) for index in range(len(self.parent))]
        kept = [
            (group, self.kinds[group], tuple(same[index] for index in self.rows[group]))
            for group in self.live
        ]
        loops = {self.root(index) for index in self.touched} - {self.root(i) for i in self.gone}
        return Regrouped(same, kept, sorted(i for i in loops if self.degrees[i] == 0))
