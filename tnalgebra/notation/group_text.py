"""Reshapes as text: each written around the factors whose legs it groups or splits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


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
        return [leg for leg in self.legs if self.legs.count(leg) == 1]


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
    while waiting:
        ready = [one for one in waiting if _fits(found, *one)]
        thick, parts = ready[0] if ready else waiting[0]
        waiting.remove((thick, parts))
        if not ready:
            other = line(thick)
            found.append(_split(Factor(f"eye[{thick},{other}]", [thick, other]), other, parts))
        elif _owner(found, thick) is not None:
            (where,) = (k for k, one in enumerate(found) if thick in one.open_legs())
            found[where] = _split(found[where], thick, parts)
        else:
            places = sorted({place for p in parts if (place := _owner(found, p)) is not None})
            merged = _merged([found[place] for place in places])
            found[places[0]] = _grouped(merged, thick, parts)
            for place in reversed(places[1:]):
                del found[place]
    return found


def _fits(factors: Sequence[Factor], thick: str, parts: Sequence[str]) -> bool:
    """Whether the thick index, or every part, is an open leg of a factor written already.

    No factor may hold both: a call would then give two free legs of one name.
    """
    outer, inner = _owner(factors, thick), {_owner(factors, part) for part in parts}
    return (outer is None and None not in inner) or (outer is not None and outer not in inner)


def _owner(factors: Sequence[Factor], index: str) -> int | None:
    return next((k for k, one in enumerate(factors) if index in one.open_legs()), None)


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
