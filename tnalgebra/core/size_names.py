"""Names for the sizes of unnamed spaces by what ranges over them, for use in comparisons.

What a space of its own is called is no part of a value, but its size may stand in a coefficient or
in the size of another space, and must be called something there that equal values share.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

import sympy

from tnalgebra.core.nesting import leg_spaces, parts
from tnalgebra.core.nodes import Box, Group, Tensor
from tnalgebra.core.spaces import Space, has_formula
from tnalgebra.core.spider import SpiderForm

if TYPE_CHECKING:
    from tnalgebra.core.values import Value

Names = Mapping[sympy.Expr, sympy.Expr]


def of_value(value: Value, expressions: Iterable[sympy.Expr]) -> Names:
    """Names for the unnamed sizes in some expressions about a value.

    A space that only coefficients speak of keeps its own name.
    """
    from tnalgebra.core.values import terms_of

    wanted = {symbol for one in expressions for symbol in one.free_symbols if symbol.is_integer}
    # Spaces the user named need no other name; a look through all contents for them would be lost.
    if wanted:
        for term in terms_of(value):
            wanted.difference_update(space.dimension for space in term.spaces if space.declared)
    if not wanted:
        return {}
    forms = [term.normal for term in terms_of(value)]
    return _chosen(_told(forms, leg_spaces(value)), wanted)


def of_form(form: SpiderForm, spaces: Collection[Space], known: Names) -> Names:
    """Names for the unnamed sizes that the sizes of these spaces, those of a form, are made of.

    known: those that the value gives of which the form is a term.
    """
    wanted = {symbol for one in spaces if one.size for symbol in one.dimension.free_symbols}
    if not wanted:
        return {}
    legs = [form.spaces[index] for index in form.free]
    named = known or _chosen(_told([form], legs), wanted)
    # A formula may speak of an inner index that only copy tensors hold.
    inner = {one.dimension for one in spaces if one.size is None and not one.declared}
    nothing = sympy.Symbol("", integer=True, positive=True)
    return {**dict.fromkeys(wanted & inner, nothing), **named}


def formulas(value: Value) -> list[sympy.Expr]:
    """The sizes of spaces in the terms of a value that are made of others."""
    from tnalgebra.core.values import terms_of

    spaces = {id(space): space for term in terms_of(value) for space in term.normal.spaces}
    return [space.dimension for space in spaces.values() if has_formula(space)]


def _chosen(names: Mapping[Space, str], wanted: set[sympy.Expr]) -> Names:
    return {
        space.dimension: sympy.Symbol(name, integer=True, positive=True)
        for space, name in names.items()
        if space.size is None and not space.declared and space.dimension in wanted
    }


def _told(forms: Sequence[SpiderForm], legs: Iterable[Space]) -> dict[Space, str]:
    """A name for each space that something tells, boxes entered.

    The space of port 0 of A is `A.0`; failing a tensor, that of free leg 0 is `.0`; failing that,
    what is the first part of a thick leg is called after it, `A.0/0`.
    """
    from tnalgebra.core.values import terms_of

    boxes = (label.content for one in forms for label in one.labels if isinstance(label, Box))
    inside = [term.normal for content in parts(boxes) for term in terms_of(content)]
    every = [*forms, *inside]
    tensors = {
        label.base()
        for one in every
        for label in one.labels
        if isinstance(label, Tensor) and not label.is_builtin
    }
    names = _least(
        (space, f"{tensor.name}.{port}")
        for tensor in tensors
        for port, space in enumerate(tensor.spaces())
    )
    names = _least((space, f".{position}") for position, space in enumerate(legs)) | names
    # The laws of groups may have removed one that alone tells what a size is made of.
    for groups in ([one.groups for one in every], [one.typed for one in every]):
        _follow([group for row in groups for group in row], names)
    return names


def _follow(groups: Sequence[Group], names: dict[Space, str]) -> None:
    """Name the parts of thick legs that have a name, and their parts, as far as it goes."""
    while found := _least(
        (part, f"{names[thick]}/{place}")
        for thick, *row in (group.spaces() for group in groups)
        if thick in names
        for place, part in enumerate(row)
        if part not in names
    ):
        names.update(found)


def _least(pairs: Iterable[tuple[Space, str]]) -> dict[Space, str]:
    """The least name of each space."""
    found: dict[Space, str] = {}
    for space, name in sorted(pairs, key=itemgetter(1)):
        found.setdefault(space, name)
    return found
