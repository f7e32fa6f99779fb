"""Spaces of several finished values told apart: a name alone does not make two of them one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from tnalgebra.core.nesting import (
    all_spaces,
    all_tensors,
    all_terms,
    contents,
    leg_spaces,
    replace_spaces,
)
from tnalgebra.core.nodes import Group
from tnalgebra.core.spaces import Space, UnionFind
from tnalgebra.core.words import numbered

if TYPE_CHECKING:
    from tnalgebra.core.values import Value

Place = tuple[int, Space]


def set_apart(
    values: Sequence[Value], meets: Iterable[tuple[Place, Place]]
) -> tuple[list[Value], list[tuple[Space, Space]]]:
    """The values with a name of its own for each space that shares no more than its name.

    Spaces of different values are one where the user named them alike, where both have one tensor's
    leg or one content in them, or where they meet. A space that is only counted, such as that of
    `dim(i)`, is the first one of its name. meets: pairs of spaces, each with the number of its
    value; they come back as the spaces have become.

    >>> import tnalgebra as tn
    >>> (A, B), _ = set_apart([tn.parse("A[i,j]"), tn.parse("B[i,j]")], [])
    >>> [leg.space.name for leg in B.legs]
    ['i1', 'j1']
    """
    meets = list(meets)
    spaces = [all_spaces(value) for value in values]
    known: dict[str, list[Place]] = {}
    for k, own in enumerate(spaces):
        for space in own:
            known.setdefault(space.name, []).append((k, space))
    clashes = {name for name, places in known.items() if len({k for k, _ in places}) > 1}
    if not clashes:
        return list(values), [(a, b) for (_, a), (_, b) in meets]
    union = _united(values, spaces, meets, known)
    fresh = FreshNames(known)
    changed: list[dict[Space, Space]] = [{} for _ in values]
    for name in sorted(clashes):
        leader: dict[object, str] = {}
        for k, space in known[name]:
            root = union.find((k, space))
            if space.declared:
                continue
            if root not in leader:
                leader[root] = name if not leader else fresh.name(name)
            if leader[root] != name:
                changed[k][space] = Space(leader[root], space.size)
    result = [
        replace_spaces([value], own)[0] if own else value
        for value, own in zip(values, changed, strict=True)
    ]
    pairs = [(changed[k].get(a, a), changed[m].get(b, b)) for (k, a), (m, b) in meets]
    return result, pairs


def joined_by_name(values: Sequence[Value]) -> list[Value]:
    """The values set apart, but for the spaces of free legs that share a name."""
    first: dict[str, Place] = {}
    meets = []
    for k, value in enumerate(values):
        for leg, space in zip(value.legs, leg_spaces(value), strict=True):
            meets.append((first.setdefault(leg.name, (k, space)), (k, space)))
    return set_apart(values, meets)[0]


def _united(
    values: Sequence[Value],
    spaces: Sequence[Iterable[Space]],
    meets: Iterable[tuple[Place, Place]],
    known: Mapping[str, Sequence[Place]],
) -> UnionFind:
    """Which places hold one space; `known` lists the places of each name."""
    union = UnionFind()
    counted: list[Place] = []
    seen: dict[int, int] = {}
    for k, value in enumerate(values):
        for one in [*contents(value), value]:
            if (owner := seen.setdefault(id(one), k)) != k:
                for space in all_spaces(one):
                    union.union((owner, space), (k, space))
        held = set(leg_spaces(value))
        for tensor in all_tensors(value):
            if not tensor.is_builtin:
                held.update(tensor.spaces())
                for port, space in enumerate(tensor.base().spaces()):
                    union.union(("port", tensor.name, port), (k, space))
        for space in spaces[k]:
            if space.declared:
                union.union(("named", space.name), (k, space))
            elif space not in held and not space.dimension.free_symbols - {space.dimension}:
                counted.append((k, space))
    for first, second in meets:
        union.union(first, second)
    for k, space in counted:
        union.union(known[space.name][0], (k, space))
    _join_reshaped(union, values)
    return union


def _join_reshaped(union: UnionFind, values: Sequence[Value]) -> None:
    """Make the parts of a thick leg one, and the thick legs of the same parts, as in text."""
    groups = [
        [(k, space) for space in group.spaces()]
        for k, value in enumerate(values)
        for term in all_terms(value)
        for group in term.spider.groups
    ]
    thick = {place for first, *_ in groups for place in [first]}
    changed = bool(groups)
    while changed:
        changed = False
        known: dict[object, list[Place]] = {}
        for first, *parts in groups:
            by_parts = ("parts", *map(union.find, parts))
            pairs = [(first, known.setdefault(by_parts, [first])[0])]
            if not thick.intersection(parts):
                by_thick = ("thick", union.find(first), len(parts))
                pairs += zip(parts, known.setdefault(by_thick, parts), strict=True)
            if any(_differ(a[1], b[1]) for a, b in pairs):
                continue
            for a, b in pairs:
                if union.find(a) != union.find(b):
                    union.union(a, b)
                    changed = True


def reshaped(
    pairs: Iterable[tuple[Space, Space]], groups: Iterable[Group]
) -> list[tuple[Space, Space]]:
    """What follows from spaces becoming one: parts of thick legs that meet, thick legs of parts.

    Two thick legs that become one have the same parts, where they have as many; thick legs of the
    same parts are one.
    """
    kinds = list(dict.fromkeys(group.spaces() for group in groups))
    union = UnionFind()
    for first, second in pairs:
        union.union(first, second)
    found: list[tuple[Space, Space]] = []
    before = -1
    while kinds and len(found) > before:
        before = len(found)
        thicks = {union.find(thick) for thick, *_ in kinds}
        by_parts: dict[tuple[Hashable, ...], Space] = {}
        by_thick: dict[tuple[Hashable, int], tuple[Space, ...]] = {}
        for kind in kinds:
            thick, *parts = kind
            new = [(by_parts.setdefault(tuple(map(union.find, parts)), thick), thick)]
            other = by_thick.setdefault((union.find(thick), len(parts)), kind)
            if other[0] != thick and not thicks.intersection(map(union.find, [*parts, *other[1:]])):
                new += zip(other[1:], parts, strict=True)
            new = [(a, b) for a, b in new if union.find(a) != union.find(b)]
            if not any(_differ(a, b) for a, b in new):
                for a, b in new:
                    union.union(a, b)
                found += new
    return found


def _differ(first: Space, second: Space) -> bool:
    """Whether two spaces cannot be one: both named, or both of known size."""
    named = first.declared and second.declared and first.name != second.name
    sizes = first.dimension.is_Integer and second.dimension.is_Integer
    return bool(named or (sizes and first.size != second.size))


class FreshNames:
    """Names that are not in use; the numbers tried are tried once."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)
        self._number: dict[str, int] = {}

    def name(self, stem: str) -> str:
        """The stem with the next number that gives a free name."""
        number = self._number.get(stem, 0) + 1
        while (found := numbered(stem, number)) in self.taken:
            number += 1
        self._number[stem] = number
        self.taken.add(found)
        return found

    def unused(self, name: str) -> str:
        """The name itself where it is free, else as `name`."""
        if name in self.taken:
            return self.name(name)
        self.taken.add(name)
        return name
