"""What `==` and `hash` compare of a value: fingerprints that are the same in every process."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import sympy

from tnalgebra.core import size_names
from tnalgebra.core.canonical import space_key
from tnalgebra.core.collected import Terms, collected
from tnalgebra.core.nesting import contents, leg_spaces
from tnalgebra.core.respace import replace_spaces
from tnalgebra.core.spaces import Space, is_size

if TYPE_CHECKING:
    from tnalgebra.core.values import Value


class _Digest(NamedTuple):
    """A digest; whether some size inside is made of others; what is counted under its own name.

    own: sizes that coefficients of the value count and nothing in it tells; inner: the same of the
    contents of its boxes.
    """

    text: str
    has_formulas: bool
    own: frozenset[sympy.Expr]
    inner: frozenset[sympy.Expr]


def content_digest(value: Value) -> str:
    """A fingerprint of a value as the content of a box, the names of its free legs left out.

    Where the size of a space is made of the sizes of others, those are called by what in the
    content ranges over them; what nothing there ranges over is for the whole value to tell.
    """
    return _digest(value).text


def identity(value: Value) -> str:
    """A fingerprint of a whole value, the names of its free legs left out."""
    found: str | None = vars(value).get("_identity")
    if found is None:
        named, rows = value, list[tuple[str, str]]()
        # A content may count what is ranged over outside alone, which it cannot name.
        if (inner := _digest(value).inner) and (told := size_names.called(value, inner)):
            (named,) = replace_spaces([value], {old: Space(new) for old, _, new in told})
            rows = sorted((new, by) for _, by, new in told)
        found, has_formulas, _, _ = _digest(named)
        rows += size_names.table(named) if has_formulas else []
        if rows:
            found = _hashed((found, rows))
        vars(value)["_identity"] = found
    return found


def _digest(value: Value) -> _Digest:
    if "_digest" not in vars(value):
        # Innermost outwards: deep nesting must not become deep recursion.
        for one in (*contents(value), value):
            if "_digest" not in vars(one):
                vars(one)["_digest"] = _taken(one)
    found: _Digest = vars(value)["_digest"]
    return found


def _taken(value: Value) -> _Digest:
    from tnalgebra.core.values import terms_of

    spaces = leg_spaces(value)
    declared = {space.name for space in spaces if space.declared}
    formulas, by_legs = size_names.formulas(value), size_names.of_legs(spaces)
    found = _counting_legs(collected(value), by_legs)
    named = size_names.of_value(value, found.values(), formulas)
    if named and formulas:
        found = _counting_legs(collected(value, named), by_legs)
    keys = [space_key(space, declared, named) for space in spaces]
    terms = sorted((code, sympy.srepr(c.xreplace(dict(named)))) for code, c in found.items())
    has_formulas, inner = bool(formulas), set[sympy.Expr]()
    for term in terms_of(value):
        for content in (box.content for box in term.boxes):
            has_formulas |= _digest(content).has_formulas
            inner |= _digest(content).inner
            # The terms of a content that stands alone count as the value's own.
            inner |= set() if content is term.sole_content else _digest(content).own
    counted = {symbol for scalar in found.values() for symbol in scalar.free_symbols}
    own = {symbol for symbol in counted - named.keys() if is_size(symbol)}
    own = own and own - size_names.declared(value)
    return _Digest(_hashed((keys, terms)), has_formulas, frozenset(own), frozenset(inner))


def _counting_legs(terms: Terms, by_legs: list[tuple[sympy.Expr, sympy.Expr]]) -> Terms:
    """The terms with coefficients that speak of the size of a leg, not of what it is made of.

    A content cannot tell what its legs are split into outside, but may count them.
    """
    if not by_legs:
        return terms
    return {code: scalar.subs(by_legs) for code, scalar in terms.items()}


def _hashed(what: object) -> str:
    return blake2b(repr(what).encode(), digest_size=16).hexdigest()
