"""Indices that a finished value has summed are private to it: the refusal, and the ways out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tnalgebra.core.nodes import Tensor
from tnalgebra.core.words import numbered
from tnalgebra.errors import NotationError

if TYPE_CHECKING:
    from tnalgebra.core.values import Value

MOST_FACTORS = 6
"""How many tensors a product has at most that is spelled out."""


def check_private(first: Value, second: Value) -> None:
    """Raise NotationError where one factor has a leg called as an index that the other has summed.

    >>> import tnalgebra as tn
    >>> A, B, C = tn.tensor("A", "i j"), tn.tensor("B", "j k"), tn.tensor("C", "j l")
    >>> check_private(A["i", "j"] * B["j", "k"], C["j", "l"])
    Traceback (most recent call last):
    ...
    tnalgebra.errors.NotationError: the index 'j' is already summed inside a finished value
      A['i','j']*B['j','k']
    another index needs another name: C['j1','l']
    one sum over all of them, one product:
    tn.contract(A['i','j'], B['j','k'], C['j','l'], keep='i k l')
    """
    for owner, other in ((first, second), (second, first)):
        clash = [leg.name for leg in other.legs if leg.name in owner.summed]
        if clash:
            raise NotationError(
                f"the index {clash[0]!r} is already summed inside a finished value",
                text="*".join(_factors(owner) or [str(owner)]),
                hint=f"another index needs another name: {_renamed(owner, other, clash)}\n"
                f"one sum over all of them, one product:\n{_at_once(first, second, clash)}",
            )


def _renamed(owner: Value, other: Value, clash: Sequence[str]) -> str:
    """The Python text of a factor under names that the other does not use."""
    taken = {
        *owner.summed,
        *other.summed,
        *(leg.name for one in (owner, other) for leg in one.legs),
    }
    fresh: dict[str, str] = {}
    for name in clash:
        number = 1
        while (new := numbered(name, number)) in taken:
            number += 1
        fresh[name] = new
        taken.add(new)
    names = [fresh.get(leg.name, leg.name) for leg in other.legs]
    factors = _factors(other)
    alone = factors[0].partition("[")[0] if factors and len(factors) == 1 else "(...)"
    return _subscripted(alone, names)


def _at_once(first: Value, second: Value, clash: Sequence[str]) -> str:
    """The Python text of the contraction of all tensors of two factors, where it can be told."""
    ends = Counter(leg.name for one in (first, second) for leg in one.legs)
    keep = [name for name, count in ends.items() if count == 1 and name not in clash]
    inner = [one.summed - set(clash) for one in (first, second)]
    factors = [_factors(one) for one in (first, second)]
    shown = "..."
    if None not in factors and not inner[0] & inner[1] and not (inner[0] | inner[1]) & {*ends}:
        found = [one for row in factors for one in row or ()]
        shown = ", ".join(found) if len(found) <= MOST_FACTORS else shown
    kept = f", keep={' '.join(keep)!r}" if keep else ""
    return f"tn.contract({shown}{kept})"


def _factors(value: Value) -> list[str] | None:
    """The Python text of each tensor of a value under the names of its indices.

    None for more than a product of tensors, or where an index that is summed has no name here.
    """
    from tnalgebra.core.values import Diagram

    if not isinstance(value, Diagram) or value.coefficient != 1:
        return None
    form = value.spider
    if form.groups or form.loops or len(form.labels) > MOST_FACTORS:
        return None
    names = {index: leg.name for index, leg in zip(form.free, value.legs, strict=True)}
    inner = [index for index in range(len(form.spaces)) if index not in names]
    # A value keeps which names it has summed, and not which index each of them was.
    if len(inner) > 1 or len(value.summed) != len(inner) or len(names) != len(value.legs):
        return None
    names.update(zip(inner, value.summed, strict=True))
    texts = []
    for label, row in zip(form.labels, form.ports, strict=True):
        if not isinstance(label, Tensor) or label.is_builtin or label.mark not in ("none", "conj"):
            return None
        if len(set(row)) != len(row):  # X['j','j'] would sum the index again
            return None
        name = label.name if label.mark == "none" else f"{label.name}.conj()"
        texts.append(_subscripted(name, [names[index] for index in row]))
    return texts


def _subscripted(text: str, names: Sequence[str]) -> str:
    return f"{text}[{','.join(map(repr, names))}]" if names else text
