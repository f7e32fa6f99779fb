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


def indices(given: Sequence[str | Leg | Sequence[str | Leg]], what: str) -> list[Leg]:
    """The legs that a call of `what` names, each by a Leg, by text, or several in one text.

    Raises NotationError for none, for anything else, and for a name given twice.

    >>> [str(leg) for leg in indices(["i j", Leg("k")], "delta")]
    ['i', 'j', 'k']
    """
    found: list[Leg] = []
    for one in given:
        if not isinstance(one, str | Leg | Sequence):
            raise NotationError(
                f"{what} names its legs, as in tn.{what}('i'), and takes no {one!r}",
                hint="a size is told by what a leg meets, by `sizes` of evaluate, "
                "or by its space: tn.Leg('i', tn.Space('n', 3))",
            )
        found += [one] if isinstance(one, Leg) else legs(one)
    names = [leg.name for leg in found]
    if not names:
        raise NotationError(f"{what} needs at least one index")
    for name in names:
        check_name(name, "leg")
    if len(set(names)) != len(names):
        raise NotationError(
            f"two free legs cannot share a name: {', '.join(names)}",
            hint="name them apart, and join them afterwards: X['i', 'i']",
        )
    return found


def delta(*names: str | Leg | Sequence[str | Leg]) -> Diagram:
    """The copy tensor over the given indices; all of one space, named by the first.

    Raises NotationError for no index and for one given twice, SpaceError for two spaces.

    >>> str(delta("i j k")), delta("i", "j") == delta("i j")
    ('delta[i,j,k]', True)
    """
    found = indices(names, "delta")
    space, *others = [leg.space for leg in found if leg.space] or [Space(found[0].name)]
    for other in others:
        space = merge_spaces(space, other)
    return build.delta(space, [leg.name for leg in found])


def eye(*names: str | Leg | Sequence[str | Leg]) -> Diagram:
    """The identity line between two indices.

    Raises NotationError for other than two, SpaceError for two spaces.

    >>> str(eye("i j")), eye("i", Leg("j")) == eye("i j")
    ('eye[i,j]', True)
    """
    found = indices(names, "eye")
    if len(found) != 2:
        said = " ".join(map(str, found))
        other = f"the vector of ones is tn.ones({said!r})"
        if len(found) > 2:
            other = f"the copy tensor of more is tn.delta({said!r})"
        raise NotationError(f"eye has two legs, and {said!r} is {len(found)}", hint=other)
    return delta(*found)


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
