"""The notation as Python objects: legs, tensors with facts, deltas, contractions."""

from __future__ import annotations

from collections.abc import Sequence

from tnalgebra.core import build
from tnalgebra.core.compose import check_values, leg_names
from tnalgebra.core.spaces import Leg, Space, merge_spaces
from tnalgebra.core.values import Diagram, Value
from tnalgebra.core.words import check_name
from tnalgebra.errors import NotationError


def legs(names: str | Sequence[str | Leg]) -> tuple[Leg, ...]:
    """Legs to index tensors with, from names separated by spaces or commas, or a list of them.

    >>> i, j = legs("i j")
    >>> str(i)
    'i'
    """
    given = [] if isinstance(names, str) else names
    found = [Leg(name) for name in leg_names(names, "legs")]
    for leg in found:
        check_name(leg.name, "leg")
    spaces = [leg.space if isinstance(leg, Leg) else None for leg in given]
    return tuple(map(Leg, map(str, found), spaces)) if given else tuple(found)


def delta(*indices: str | Leg) -> Diagram:
    """The copy tensor over the given indices; all of one space, named by the first.

    >>> str(delta("i j k")), delta("i", "j") == delta("i j")
    ('delta[i,j,k]', True)
    """
    found = [
        one for index in indices for one in ([index] if isinstance(index, Leg) else legs(index))
    ]
    if not found:
        raise NotationError("delta needs at least one index")
    if len(set(map(str, found))) != len(found):
        raise NotationError(
            f"two free legs cannot share a name: {', '.join(map(str, found))}",
            hint="join them afterwards: delta('i j')['i', 'i']",
        )
    space, *others = [leg.space for leg in found if leg.space] or [Space(found[0].name)]
    for other in others:
        space = merge_spaces(space, other)
    return build.delta(space, [leg.name for leg in found])


def eye(first: str | Leg, second: str | Leg) -> Diagram:
    """The identity line between two indices."""
    return delta(first, second)


def contract(*values: Value, keep: str | Sequence[str | Leg] = ()) -> Diagram:
    """Join all legs by name and keep those of `keep`, in that order; what `->` says in text.

    Every other index is summed, so without `keep` the result is a number.

    >>> from tnalgebra.notation.tensors import tensor
    >>> A, v, B = tensor("A", "i a b"), tensor("v", "b"), tensor("B", "b a j")
    >>> [leg.name for leg in contract(A, v, B, keep="i j").legs]
    ['i', 'j']
    """
    check_values(values, "contract")
    return build.contract(*values, keep=leg_names(keep, "keep"), by_name=False)
