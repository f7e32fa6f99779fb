"""Reshapes of finished values: legs grouped to a thick one and back, Kronecker products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import sympy

from tnalgebra.core.apart import FreshNames
from tnalgebra.core.compose import (
    absorb,
    brought_together,
    check_values,
    leg_names,
    reconcile,
)
from tnalgebra.core.draft import Draft
from tnalgebra.core.inventory import inventory
from tnalgebra.core.nesting import all_spaces, check_leg_names, leg_spaces, through
from tnalgebra.core.nodes import Group
from tnalgebra.core.respace import replace_spaces
from tnalgebra.core.spaces import Leg, Space, may_merge
from tnalgebra.core.words import check_name
from tnalgebra.errors import NotationError, SpaceError

if TYPE_CHECKING:
    from tnalgebra.core.values import Diagram, Value

Parts = Mapping[str, Sequence[str | Leg]]


def group(value: Value, groups: Parts) -> Value:
    """The value with legs joined to thick ones, each where its first part stood.

    Raises NotationError for names that do not fit.
    """
    for thick, parts in groups.items():
        value = _grouped(value, thick, leg_names(parts, "group"))
    return value


def split(value: Value, groups: Parts) -> Value:
    """The value with thick legs taken apart; a part that is a Leg may say its space.

    Raises NotationError for names that do not fit, and SpaceError where the sizes do not multiply.
    """
    for thick, parts in groups.items():
        names = leg_names(parts, "split")
        given = names if isinstance(parts, str) else parts
        legs = [part if isinstance(part, Leg) else Leg(part) for part in given]
        value = _split(value, thick, legs)
    return value


def _check(value: Value, taken: Sequence[str], fresh: Sequence[str], what: str) -> None:
    names = [leg.name for leg in value.legs]
    if max(len(taken), len(fresh)) < 2:
        raise NotationError(f"{what} needs two parts or more")
    for name in taken:
        if name not in names or taken.count(name) > 1:
            raise NotationError(
                f"{what}: {name!r} is no free leg, or named twice; they are {names}"
            )
    kept = [name for name in names if name not in taken]
    for name in fresh:
        check_name(name, "leg")
        if name in kept or fresh.count(name) > 1:
            raise NotationError(f"{what}: two free legs would be called {name!r}")


def _grouped(value: Value, thick: str, parts: Sequence[str]) -> Diagram:
    _check(value, parts, [thick], f"group({thick}=...)")
    (value,) = _with_room([value], [thick])
    spaces = dict(zip((leg.name for leg in value.legs), leg_spaces(value), strict=True))
    inner = tuple(spaces[name] for name in parts)
    size = sympy.prod([space.dimension for space in inner])
    fresh = FreshNames(space.name for space in all_spaces(value))
    outer = Space(fresh.unused(thick), int(size) if size.is_Integer else size)
    draft = Draft()
    wires = dict(zip(spaces, absorb(draft, value), strict=True))
    wire = draft.wire(outer)
    draft.add(Group(inner, outer), [wire, *(wires[name] for name in parts)])
    names = [name for name in spaces if name not in parts]
    draft.free = [(name, wires[name]) for name in names]
    first = min(list(spaces).index(name) for name in parts)
    draft.free.insert(first, (thick, wire))
    return _finished(draft, value)


def _split(value: Value, thick: str, parts: Sequence[Leg]) -> Diagram:
    names = [leg.name for leg in parts]
    _check(value, [thick], names, f"split({thick}=...)")
    place = [leg.name for leg in value.legs].index(thick)
    value = _as_before(value, leg_spaces(value)[place], parts)
    old = leg_spaces(value)[place]
    inner = _part_spaces(value, old, parts)
    size = sympy.prod([space.dimension for space in inner])
    if old.size is None:
        if old.dimension in size.free_symbols:
            raise SpaceError(f"the leg {thick!r} cannot be a part of itself")
        new = Space(old.name, int(size) if size.is_Integer else size, old.declared)
        (value,) = replace_spaces([value], {old: new})
    outer = leg_spaces(value)[place]
    made = Group(inner, outer)
    made.check()
    draft = Draft()
    wires = absorb(draft, value)
    ends = [draft.wire(space) for space in inner]
    draft.add(made, [wires[place], *ends])
    draft.free = [(leg.name, wire) for leg, wire in zip(value.legs, wires, strict=True)]
    draft.free[place : place + 1] = list(zip(names, ends, strict=True))
    return _finished(draft, value)


def _as_before(value: Value, thick: Space, parts: Sequence[Leg]) -> Value:
    """The value, where the leg was grouped from as many parts that may be these, with these."""
    before = _earlier_parts(value, thick, parts)
    said = [(old, leg.space) for old, leg in zip(before, parts, strict=False) if leg.space]
    return reconcile([value], said)[0] if said else value


def _earlier_parts(value: Value, thick: Space, parts: Sequence[Leg]) -> tuple[Space, ...]:
    """The parts that the leg was grouped from, if these may be the same; else none."""
    # Through boxes too, as in text, where a thick leg has one set of parts of one length.
    for node in (group for one in through(value) for group in inventory(one).groups):
        if node.thick == thick and len(node.parts) == len(parts):
            pairs = zip(node.parts, parts, strict=True)
            if all(leg.space is None or may_merge(old, leg.space) for old, leg in pairs):
                return node.parts
    return ()


def _part_spaces(value: Value, thick: Space, parts: Sequence[Leg]) -> tuple[Space, ...]:
    """The space of each part: its own where it says one; the last unsaid one takes what is left.

    Where the leg was grouped from as many parts before that may be these, it is those of then.
    """
    if before := _earlier_parts(value, thick, parts):
        return before
    known = {space.name: space for space in all_spaces(value)}
    fresh = FreshNames([*known, *(leg.space.name for leg in parts if leg.space)])
    found: list[Space] = []
    for leg in parts:
        own = leg.space or Space(fresh.unused(leg.name))
        if known.setdefault(own.name, own) != own:
            if own.declared:
                raise SpaceError(f"two different spaces are called {own.name!r}")
            own = Space(fresh.name(own.name), own.size)
        found.append(own)
    loose = [k for k, (leg, space) in enumerate(zip(parts, found, strict=True)) if not leg.space]
    if thick.size is not None and len(loose) == 1:
        others = [space.dimension for k, space in enumerate(found) if k != loose[0]]
        rest = sympy.cancel(thick.dimension / sympy.prod(others))
        if not sympy.denom(rest).free_symbols and (rest.free_symbols or rest.is_Integer):
            found[loose[0]] = Space(found[loose[0]].name, int(rest) if rest.is_Integer else rest)
    return tuple(found)


def _with_room(values: Sequence[Value], names: Sequence[str]) -> list[Value]:
    """The values with other names for unnamed spaces that are called like legs to be made.

    Text could not tell the size of such a space from that of the leg.
    """
    spaces = all_spaces(*values)
    fresh = FreshNames(space.name for space in spaces)
    changed = {
        space: Space(fresh.name(space.name))
        for space in spaces
        if space.name in names and space.size is None and not space.declared
    }
    return replace_spaces(values, changed)


def _finished(draft: Draft, value: Value) -> Diagram:
    from tnalgebra.core.values import Diagram

    return _settled(Diagram(draft.graph(), summed=value.summed))


def _settled(made: Diagram) -> Diagram:
    """The value with one space for all thick legs of the same parts, as in text."""
    from tnalgebra.core.values import Diagram

    check_leg_names(made.legs, [made])
    (made_one,) = reconcile([made], ())
    assert isinstance(made_one, Diagram)
    return made_one


def kron(*values: Value) -> Diagram:
    """The Kronecker product: legs grouped place by place, the last factor's index fastest.

    Its free legs are called as those of the first factor. Raises NotationError for factors of
    different numbers of legs.
    """
    from tnalgebra.core.values import Diagram

    check_values(values, "kron")
    ranks = [len(value.legs) for value in values]
    if len(values) < 2 or len(set(ranks)) != 1 or not ranks[0]:
        raise NotationError(f"kron takes two factors or more of equally many legs, not {ranks}")
    names = [leg.name for leg in values[0].legs]
    values = tuple(_with_room(brought_together(values, ()), names))
    fresh = FreshNames(space.name for space in all_spaces(*values))
    draft = Draft()
    wires = [absorb(draft, value) for value in values]
    for k, leg in enumerate(values[0].legs):
        inner = tuple(leg_spaces(value)[k] for value in values)
        size = sympy.prod([space.dimension for space in inner])
        outer = draft.wire(Space(fresh.unused(leg.name), int(size) if size.is_Integer else size))
        draft.add(Group(inner, draft.space(outer)), [outer, *(row[k] for row in wires)])
        draft.free.append((leg.name, outer))
    return _settled(Diagram(draft.graph(), named=False))
