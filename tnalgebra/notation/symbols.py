"""The notation as Python objects: legs, tensors with facts, deltas, contractions."""

from __future__ import annotations

from collections.abc import Sequence

from tnalgebra.core import build
from tnalgebra.core.apart import joined_by_name
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Diagram, Value
from tnalgebra.core.words import check_name
from tnalgebra.errors import NotationError


def legs(names: str | Sequence[str | Leg]) -> tuple[Leg, ...]:
    """Legs to index tensors with, from names separated by spaces or commas, or a list of them.

    >>> i, j = legs("i j")
    >>> str(i)
    'i'
    """
    if isinstance(names, str):
        found = names.replace(",", " ").split()
    elif isinstance(names, Sequence) and all(isinstance(name, str | Leg) for name in names):
        found = [str(name) for name in names]
    else:
        raise NotationError(f"legs are named in text, such as 'i j', not by {names!r}")
    for name in found:
        check_name(name, "leg")
    return tuple(Leg(name) for name in found)


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
    space = found[0].space or Space(found[0].name)
    return build.delta(space, [leg.name for leg in found])


def eye(first: str | Leg, second: str | Leg) -> Diagram:
    """The identity line between two indices."""
    return delta(first, second)


def contract(*values: Value, keep: str | Sequence[str | Leg] = ()) -> Diagram:
    """Join all legs by name and keep those of `keep`, in that order; what `->` says in text.

    >>> from tnalgebra.notation.tensors import tensor
    >>> A, v, B = tensor("A", "i a b"), tensor("v", "b"), tensor("B", "b a j")
    >>> [leg.name for leg in contract(A, v, B, keep="i j").legs]
    ['i', 'j']
    """
    names = keep.replace(",", " ").split() if isinstance(keep, str) else [str(leg) for leg in keep]
    return build.contract(*joined_by_name(values), keep=names)
