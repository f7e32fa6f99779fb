"""The distinct terms of a value by their canonical digest, like terms collected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import sympy

from tnalgebra.core.canonical import NO_SIZES, Sizes, canonical_form
from tnalgebra.core.nesting import inside_out
from tnalgebra.core.scalars import expanded
from tnalgebra.core.size_names import of_form

if TYPE_CHECKING:
    from tnalgebra.core.values import Diagram, Value

Terms: TypeAlias = Mapping[str, sympy.Expr]


def collected(value: Value, sizes: Sizes = NO_SIZES) -> Terms:
    """Each distinct term's digest with its coefficient, its sign put in; no term that vanishes.

    A content that stands alone in its box, port by port, counts as its own terms. sizes: what the
    sizes of unnamed spaces are called; without any, the terms are kept with the value.
    """
    known: dict[int, Terms] = {}
    for one in inside_out([value], _alone):
        found = None if sizes else vars(one).get("_collected")
        if found is None:
            found = _collect(one, sizes, known)
            if not sizes:
                vars(one)["_collected"] = found
        known[id(one)] = found
    return known[id(value)]


def _alone(term: Diagram) -> tuple[Value, ...]:
    """The content that stands alone in the term's one box, if there is such."""
    return () if term.sole_content is None else (term.sole_content,)


def _collect(value: Value, sizes: Sizes, known: Mapping[int, Terms]) -> Terms:
    from tnalgebra.core.values import terms_of

    found: dict[str, list[sympy.Expr]] = {}
    for term in terms_of(value):
        for code, scalar in _of_term(term, sizes, known).items():
            found.setdefault(code, []).append(scalar)
    sums = {code: expanded(sympy.Add(*scalars)) for code, scalars in found.items()}
    return {code: scalar for code, scalar in sums.items() if scalar != 0}


def _of_term(term: Diagram, sizes: Sizes, known: Mapping[int, Terms]) -> Terms:
    if (content := term.sole_content) is not None:
        return {code: term.scalar * scalar for code, scalar in known[id(content)].items()}
    if not sizes:
        return {term.canonical().digest: term.scalar * term.canonical().sign}
    form = canonical_form(term.normal, of_form(term.normal, sizes))
    return {form.digest: term.scalar * form.sign}
