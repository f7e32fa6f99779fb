"""Thick legs in a contraction: each is read as its parts, so that a reshape costs nothing."""

from __future__ import annotations

from collections.abc import Sequence

from tnalgebra.core.nodes import Group


class Reshaping:
    """The parts of each thick index of a term, and the groups that say more of the same index.

    groups, rows: those of a spider normal form, the indices at their ports thick first. others: of
    a thick index that is split in several ways, the further ways, as (thick index, parts): each
    costs a unit matrix.

    >>> from tnalgebra.core.spaces import Space
    >>> i, j, t = Space("i"), Space("j"), Space("t")
    >>> Reshaping([Group((i, j), t)], [(2, 0, 1)]).row((2, 3))
    (0, 1, 3)
    """

    def __init__(self, groups: Sequence[Group], rows: Sequence[tuple[int, ...]]) -> None:
        self.others: list[tuple[int, tuple[int, ...]]] = []
        self._parts: dict[int, tuple[int, ...]] = {}
        for thick, *parts in rows:
            if thick in self._parts or self._leads_to(parts, thick):
                self.others.append((thick, tuple(parts)))
            else:
                self._parts[thick] = tuple(parts)

    def _leads_to(self, parts: Sequence[int], thick: int) -> bool:
        """Whether an index is met when these parts are read as theirs."""
        return thick in self.row(parts)

    def row(self, indices: Sequence[int]) -> tuple[int, ...]:
        """The indices with every thick one read as its parts."""
        found: list[int] = []
        waiting = list(reversed(indices))
        while waiting:
            index = waiting.pop()
            parts = self._parts.get(index)
            if parts is None:
                found.append(index)
            else:
                waiting.extend(reversed(parts))
        return tuple(found)
