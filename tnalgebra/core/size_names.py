"""Names for the sizes of unnamed spaces by what ranges over them, for use in comparisons.

What a space of its own is called is no part of a value, but its size may stand in a coefficient or
in the size of another space, and must be called something there that equal values share.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

import sympy

from tnalgebra.core.canonical import NO_SIZES, Sizes
from tnalgebra.core.inventory import inventory
from tnalgebra.core.nesting import all_spaces, leg_spaces, parts
from tnalgebra.core.nodes import Box, Group, Tensor
from tnalgebra.core.spaces import Space, has_formula
from tnalgebra.core.spider import SpiderForm

if TYPE_CHECKING:
    from tnalgebra.core.values import Value

NOTHING = sympy.Symbol("", integer=True, positive=True)


def of_value(
    value: Value, coefficients: Iterable[sympy.Expr], formulas: Iterable[sympy.Expr] = ()
) -> Sizes:
    """Names for the unnamed sizes that coefficients of a value, and sizes in it, are made of.

    A space that only coefficients speak of keeps its own name; one that only other sizes speak of
    gets an empty one.
    """
    counted, wanted = _sizes_in(coefficients), _sizes_in(formulas)
    forms = _surviving(value) if counted or wanted else []
    # Spaces the user named need no other name; a look through all contents for them would be lost.
    if not (counted | wanted) - _declared(forms):
        return {}
    every = _inside(forms)
    told, declared = _chosen(_told(every, leg_spaces(value))), _declared(every)
    named = {symbol: told[symbol] for symbol in (counted | wanted) & told.keys() - declared}
    return {**dict.fromkeys(wanted - counted - declared, NOTHING), **named}


def of_form(form: SpiderForm, known: Sizes = NO_SIZES) -> Sizes:
    """Names for the unnamed sizes that the sizes of the spaces of a form are made of.

    known: those that the value gives of which the form is a term.
    """
    spaces = {id(space): space for space in form.spaces}.values()
    wanted = {symbol for one in spaces if one.size for symbol in one.dimension.free_symbols}
    if not wanted:
        return {}
    legs = [form.spaces[index] for index in form.free]
    told = known or _chosen(_told(_inside([form]), legs))
    named = {symbol: told[symbol] for symbol in wanted & told.keys()}
    # A formula may speak of an inner index that only copy tensors hold.
    inner = {one.dimension for one in spaces if one.size is None and not one.declared}
    return {**dict.fromkeys(wanted & inner, NOTHING), **named}


def of_legs(spaces: Iterable[Space]) -> list[tuple[sympy.Expr, sympy.Expr]]:
    """The sizes of legs that are made of others, and a name for each."""
    return [
        (space.dimension, sympy.Symbol(name, integer=True, positive=True))
        for space, name in _ends(spaces)
        if has_formula(space)
    ]


def formulas(value: Value) -> list[sympy.Expr]:
    """The sizes of spaces in the terms of a value that are made of others."""
    from tnalgebra.core.values import terms_of

    spaces = {id(space): space for term in terms_of(value) for space in term.normal.spaces}
    return [space.dimension for space in spaces.values() if has_formula(space)]


def table(value: Value) -> list[tuple[str, str]]:
    """The places that have a size made of others, boxes entered, and that size."""
    forms, legs = _inside(_surviving(value)), leg_spaces(value)
    names = dict(_chosen(_told(forms, legs)))
    places = [*_ports(forms), *_ends(legs)]
    rows = {(name, space.dimension) for space, name in places if has_formula(space)}
    return sorted((name, sympy.srepr(size.xreplace(names))) for name, size in rows)


def called(value: Value, symbols: Collection[sympy.Expr]) -> list[tuple[Space, str, str]]:
    """The spaces with these sizes that something in the value tells, by what, and a new name.

    The new name says by what they are told, and no space or symbol of the value has it.

    >>> import tnalgebra as tn
    >>> [row[1:] for row in called(tn.parse("A[i,j]"), [Space("j").dimension])]
    [('A.1', 'size_of_A_1')]
    """
    told = _told(_inside(_surviving(value)), leg_spaces(value))
    taken = {space.name for space in all_spaces(value)}
    taken |= {symbol.name for one in parts([value]) for symbol in inventory(one).symbols}
    found = []
    for space, name in sorted(told.items(), key=itemgetter(1)):
        if space.size is not None or space.declared or space.dimension not in symbols:
            continue
        new = re.sub(r"\W", "_", f"size_of_{name}")
        while new in taken:
            new += "'"
        taken.add(new)
        found.append((space, name, new))
    return found


def _sizes_in(expressions: Iterable[sympy.Expr]) -> set[sympy.Expr]:
    return {symbol for one in expressions for symbol in one.free_symbols if symbol.is_integer}


def _surviving(value: Value) -> list[SpiderForm]:
    """The terms that like terms have not cancelled: the others do not tell anything."""
    from tnalgebra.core.collected import collected
    from tnalgebra.core.values import terms_of

    codes = collected(value).keys()
    return [term.normal for term in terms_of(value) if not codes.isdisjoint(collected(term))]


def declared(value: Value) -> set[sympy.Expr]:
    """The sizes of the spaces in the terms of a value that the user named."""
    from tnalgebra.core.values import terms_of

    return _declared(term.normal for term in terms_of(value))


def _declared(forms: Iterable[SpiderForm]) -> set[sympy.Expr]:
    return {space.dimension for form in forms for space in form.spaces if space.declared}


def _inside(forms: Sequence[SpiderForm]) -> list[SpiderForm]:
    """The forms and those of all contents of their boxes, shared ones once."""
    found = list(forms)
    seen: set[int] = set()
    for form in found:
        for label in form.labels:
            if isinstance(label, Box) and id(label.content) not in seen:
                seen.add(id(label.content))
                found += _surviving(label.content)
    return found


def _chosen(names: Mapping[Space, str]) -> Sizes:
    """The names as symbols for the sizes that are free."""
    return {
        space.dimension: sympy.Symbol(name, integer=True, positive=True)
        for space, name in names.items()
        if space.size is None and not space.declared
    }


def _told(forms: Sequence[SpiderForm], legs: Iterable[Space]) -> dict[Space, str]:
    """A name for each space that something tells.

    The space of port 0 of A is `A.0`; failing a tensor, that of free leg 0 is `.0`; failing that,
    what is the first part of two of a thick leg is called after it, `A.0/0 of 2`.
    """
    names = _least(_ends(legs)) | _least(_ports(forms))
    groups = [group for form in forms for group in form.groups]
    while found := _least(_parts(groups, names)):
        names.update(found)
    return names


def _ports(forms: Iterable[SpiderForm]) -> Iterator[tuple[Space, str]]:
    """The space and the name of every port of a tensor."""
    tensors = {
        label.base()
        for form in forms
        for label in form.labels
        if isinstance(label, Tensor) and not label.is_builtin
    }
    for tensor in tensors:
        for port, space in enumerate(tensor.spaces()):
            yield space, f"{tensor.name}.{port}"


def _ends(legs: Iterable[Space]) -> Iterator[tuple[Space, str]]:
    """The space and the name of every free leg."""
    return ((space, f".{position}") for position, space in enumerate(legs))


def _parts(groups: Sequence[Group], names: Mapping[Space, str]) -> Iterator[tuple[Space, str]]:
    """Names for the parts of thick legs that have one."""
    for group in groups:
        thick, *row = group.spaces()
        if thick in names:
            for place, part in enumerate(row):
                if part not in names:
                    yield part, f"{names[thick]}/{place} of {len(row)}"


def _least(pairs: Iterable[tuple[Space, str]]) -> dict[Space, str]:
    """The least name of each space."""
    found: dict[Space, str] = {}
    for space, name in sorted(pairs, key=itemgetter(1)):
        found.setdefault(space, name)
    return found
