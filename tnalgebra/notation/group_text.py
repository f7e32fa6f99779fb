"""Reshapes as text: each written around the factors whose legs it groups or splits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush


@dataclass
class Factor:
    """A factor's text and the indices of its legs, in order; one named twice is summed inside.

    `reshapes` are what a call named `head` says after its argument `text`.
    """

    body: str
    legs: list[str]
    head: str = ""
    reshapes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The factor as it stands in a product."""
        return f"{self.head}({', '.join([self.body, *self.reshapes])})" if self.head else self.body

    def open_legs(self) -> list[str]:
        """The legs that are not summed inside."""
        ends = Counter(self.legs)
        return [leg for leg in self.legs if ends[leg] == 1]


def with_reshapes(
    factors: Sequence[Factor],
    groups: Sequence[tuple[str, Sequence[str]]],
    line: Callable[[str], str],
) -> list[Factor]:
    """The factors with every reshape written around them.

    groups: thick index and parts of each, where each index has two ends, factors and free legs
    included. line: another index in the space of a given one.
    """
    found = list(factors)
    waiting = []
    for thick, parts in groups:
        row = [thick]
        for part in parts:
            if part in row:
                other = line(part)
                found.append(Factor(f"eye[{part},{other}]", [part, other]))
                part = other
            row.append(part)
        waiting.append((row[0], row[1:]))
    return _Writing(found, waiting).run(line)


class _Writing:
    """Factors under writing, by place, and the reshapes that wait, by number.

    owner: the place of the factor that an index is an open leg of. A reshape that cannot be written
    yet is looked at again only when the factor at one of its indices has changed.
    """

    def __init__(self, factors: Sequence[Factor], waiting: Sequence[tuple[str, list[str]]]) -> None:
        self.found: dict[int, Factor] = {}
        self.waiting = dict(enumerate(waiting))
        self.owner: dict[str, int] = {}
        self.candidates: list[int] = []
        self._at: dict[str, list[int]] = {}
        for number, (thick, parts) in self.waiting.items():
            for index in (thick, *parts):
                self._at.setdefault(index, []).append(number)
        for place, factor in enumerate(factors):
            self.put(place, factor)
        self.candidates = list(self.waiting)

    def run(self, line: Callable[[str], str]) -> list[Factor]:
        """Write every reshape, the first that can be first; an identity where none can be."""
        while self.waiting:
            number = self.ready()
            thick, parts = self.waiting.pop(next(iter(self.waiting)) if number is None else number)
            if number is None:
                other = line(thick)
                wire = Factor(f"eye[{thick},{other}]", [thick, other])
                self.put(max(self.found, default=-1) + 1, _split(wire, other, parts))
            elif thick in self.owner:
                place = self.owner[thick]
                self.put(place, _split(self.take(place), thick, parts))
            else:
                places = sorted({self.owner[part] for part in parts})
                merged = _merged([self.take(place) for place in places])
                self.put(places[0], _grouped(merged, thick, parts))
        return [self.found[place] for place in sorted(self.found)]

    def ready(self) -> int | None:
        """The first reshape that can be written now."""
        while self.candidates:
            number = heappop(self.candidates)
            if number in self.waiting and self.fits(*self.waiting[number]):
                return number
        return None

    def fits(self, thick: str, parts: Sequence[str]) -> bool:
        """Whether the thick index, or every part, is an open leg of a factor written already.

        No factor may hold both: a call would then give two free legs of one name.
        """
        outer, inner = self.owner.get(thick), {self.owner.get(part) for part in parts}
        return (outer is None and None not in inner) or (outer is not None and outer not in inner)

    def put(self, place: int, factor: Factor) -> None:
        """Set a factor, and look again at the reshapes of its legs."""
        self.found[place] = factor
        for leg in factor.open_legs():
            self.owner[leg] = place
            for number in self._at.get(leg, ()):
                if number in self.waiting:
                    heappush(self.candidates, number)

    def take(self, place: int) -> Factor:
        """Take a factor away."""
        factor = self.found.pop(place)
        for leg in factor.open_legs():
            if self.owner.get(leg) == place:
                del self.owner[leg]
        return factor


def _merged(factors: Sequence[Factor]) -> Factor:
    """Several factors as one; indices they share are summed inside."""
    if len(factors) == 1:
        return factors[0]
    legs = [leg for one in factors for leg in one.legs]
    return Factor("*".join(one.text for one in factors), legs)


def _split(factor: Factor, thick: str, parts: Sequence[str]) -> Factor:
    legs = factor.open_legs()
    place = legs.index(thick)
    legs[place : place + 1] = parts
    return _called("split", factor, legs, thick, parts)


def _grouped(factor: Factor, thick: str, parts: Sequence[str]) -> Factor:
    legs = factor.open_legs()
    first = min(legs.index(part) for part in parts)
    kept = [leg for leg in legs if leg not in parts]
    kept.insert(first, thick)
    return _called("group", factor, kept, thick, parts)


def _called(head: str, factor: Factor, legs: list[str], thick: str, parts: Sequence[str]) -> Factor:
    said = f"{thick}=({','.join(parts)})"
    if factor.head == head:
        return Factor(factor.body, legs, head, (*factor.reshapes, said))
    return Factor(factor.text, legs, head, (said,))
