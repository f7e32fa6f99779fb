"""Slices in a contraction: a unit vector on a summed index picks one place of all other arrays.

Multiplied out, 0*inf at the places that it leaves out would be nan; and one place is cheaper.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from math import prod
from typing import NamedTuple

from tnalgebra.core.nodes import Box, Tensor
from tnalgebra.numeric.arrays import Array

Classes = tuple[int, ...]


class Place(NamedTuple):
    """Where a unit vector is 1: `position`, counted in the thick index that the class is part of.

    after: the parts that count faster; is_first: whether no part counts slower, as where there are
    no parts.
    """

    position: int
    after: Classes = ()
    is_first: bool = True


class Slices:
    """The index classes of a term that unit vectors slice.

    labels, rows: the operands and the classes of their axes, thick ones read as their parts;
    output: the classes of the result, which no unit vector slices. places: by class, all different
    ones; two that disagree leave nothing, so that the sum over the class is 0.

    >>> from tnalgebra.core.nodes import onehot_tensor
    >>> from tnalgebra.core.spaces import Leg, Space
    >>> vector = onehot_tensor(2, Leg("i", Space("i")))
    >>> Slices([vector, vector, vector], [(0,), (1,), (2, 3)], (1,)).points([5, 5, 4, 3])
    {0: 2, 2: 0, 3: 2}
    """

    def __init__(
        self, labels: Sequence[Tensor | Box], rows: Sequence[Classes], output: Container[int]
    ) -> None:
        self.places: dict[int, list[Place]] = {}
        self._vectors: dict[int, Classes] = {}
        self._rows = rows
        for number, (label, row) in enumerate(zip(labels, rows, strict=True)):
            if not isinstance(label, Tensor) or label.position < 0 or any(c in output for c in row):
                continue
            self._vectors[number] = row
            for axis, c in enumerate(row):
                place = Place(label.position, row[axis + 1 :], axis == 0)
                found = self.places.setdefault(c, [])
                if place not in found:
                    found.append(place)

    def points(self, sizes: Sequence[int]) -> dict[int, int | None]:
        """Where each class is sliced; None where two unit vectors disagree. sizes: by class."""
        points: dict[int, int | None] = {}
        for c, places in self.places.items():
            found = set()
            for place in places:
                point = place.position // prod(sizes[one] for one in place.after)
                found.add(point if place.is_first else point % sizes[c])
            points[c] = found.pop() if len(found) == 1 else None
        return points

    def left(self, points: Mapping[int, object]) -> list[int]:
        """The operands that remain; a unit vector does where another disagrees with it."""
        return [
            number
            for number in range(len(self._rows))
            if number not in self._vectors or any(points[c] is None for c in self._vectors[number])
        ]


def remaining(row: Classes, points: Mapping[int, object]) -> Classes:
    """The classes that an array still has after slicing.

    >>> remaining((0, 1, 2), {0: 3, 2: None})
    (1, 2)
    """
    return tuple(c for c in row if points.get(c) is None)


def sliced(
    array: Array, row: Classes, points: Mapping[int, int | None], sizes: Sequence[int]
) -> Array:
    """The array at the points; nothing of it along a class where there is none.

    row: the class of each axis, once the array has the shape that their sizes say.

    >>> import numpy as np
    >>> sliced(np.array([[1.0, 2.0], [3.0, 4.0]]), (0, 1), {0: 1}, [2, 2])
    array([3., 4.])
    """
    if not any(c in points for c in row):
        return array
    index = [slice(None) if c not in points else _index(points[c]) for c in row]
    # The ellipsis keeps what has no axes left an array, also of sympy expressions.
    return array.reshape([sizes[c] for c in row])[(*index, ...)]


def _index(point: int | None) -> int | slice:
    return slice(0, 0) if point is None else point
