"""Thick legs that are put together in two ways: whose parts are the same, and how to say otherwise.

Where sizes of parts are free, core/apart.py and the spaces of a text take them to be the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tnalgebra.core.nodes import Group, Tensor
from tnalgebra.core.spaces import Space


def thick_of_parts(groups: Iterable[Group]) -> dict[str, str]:
    """The name of the thick leg, by space name, of each part of one that has two factorings.

    >>> i, j, t = Space("i"), Space("j"), Space("t")
    >>> thick_of_parts([Group((i, j), t), Group((i, j), t)]), thick_of_parts([Group((i, j), t)])
    ({'i': 't', 'j': 't'}, {})
    """
    by_thick: dict[Space, list[Group]] = {}
    for group in groups:
        by_thick.setdefault(group.thick, []).append(group)
    twice = [(thick, row) for thick, row in by_thick.items() if len(row) > 1]
    return {
        space.name: thick.name for thick, row in twice for group in row for space in group.parts
    }


def way_out(thick: str, tensor: Tensor, shape: Sequence[int]) -> str:
    """What to do where two parts of a thick leg are taken to be one, and an array is other.

    >>> from tnalgebra.core.spaces import Leg
    >>> i, j = Space("i"), Space("j")
    >>> print(way_out("t", Tensor("A", (Leg("i", i), Leg("j", j))), (2, 3)))
    the leg 't' has two factorings: parts whose sizes are free are the same in both;
    else every part needs a size, declared in `where` under an index of its own, or in Python by
    tn.tensor('A', [tn.Leg('i', tn.Space('i', 2)), tn.Leg('j', tn.Space('j', 3))]) and so on
    """
    sizes = zip((leg.name for leg in tensor.legs), shape, strict=True)
    legs = ", ".join(f"tn.Leg({name!r}, tn.Space({name!r}, {size}))" for name, size in sizes)
    return (
        f"the leg {thick!r} has two factorings: parts whose sizes are free are the same in both;\n"
        "else every part needs a size, declared in `where` under an index of its own, "
        f"or in Python by\ntn.tensor({tensor.name!r}, [{legs}]) and so on"
    )
