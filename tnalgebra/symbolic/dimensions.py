"""Sizes of spaces as sympy dimensions, and back: `n` is a space of that name, `dim(i)` an unnamed.

A space that the user named keeps its name as the symbol of its size. A space that is known by an
index alone is written `dim(i)`, as in the notation, so that reading it back names nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import sympy

from tnalgebra.core.spaces import Space
from tnalgebra.core.words import check_name

_UNNAMED = re.compile(r"dim\((.*)\)")
_SIGNS = {"+": "_plus_", "-": "_minus_", "*": "_times_", "/": "_over_"}


def symbol_for(space: Space) -> sympy.Expr:
    """The dimension that stands for a space outside the library.

    >>> symbol_for(Space("i")), symbol_for(Space("n", None, True)), symbol_for(Space("j", 3))
    (dim(i), n, 3)
    """
    if space.size is not None or space.declared:
        return space.dimension
    return sympy.Symbol(f"dim({space.name})", integer=True, positive=True)


def symbols_for(spaces: Iterable[Space]) -> dict[sympy.Expr, sympy.Expr]:
    """What to write for the library's own size symbols in coefficients and formulas."""
    return {s.dimension: symbol_for(s) for s in spaces if s.size is None and not s.declared}


def unnamed(symbol: sympy.Symbol) -> str | None:
    """The name in `dim(name)`, or None for any other symbol."""
    found = _UNNAMED.fullmatch(symbol.name)
    return found[1] if found else None


def size_symbol(symbol: sympy.Symbol) -> sympy.Symbol:
    """The library's own symbol of the size that a sympy symbol stands for."""
    return sympy.Symbol(unnamed(symbol) or symbol.name, integer=True, positive=True)


def space_for(dimension: sympy.Expr, port: str) -> Space:
    """The space of an axis of this dimension; `port` names it where the dimension is a number.

    A symbol is one space wherever it occurs. All symbolic ones count as named while an expression
    is read, so that no other name replaces theirs.

    >>> space_for(sympy.Symbol("n"), "i_A"), space_for(sympy.Integer(3), "i_A")
    (Space(name='n', size=None, declared=True), Space(name='i_A', size=3, declared=False))
    """
    if dimension.is_Integer:
        return Space(port, int(dimension))
    renamed = dimension.xreplace({s: size_symbol(s) for s in dimension.free_symbols})
    formula = sympy.expand(renamed)
    if formula.is_Symbol:
        check_name(formula.name, "space")
        return Space(formula.name, None, True)
    text = "".join(_SIGNS.get(c, c) for c in str(formula).replace("**", "_to_"))
    name = "size_" + re.sub(r"\W+", "_", text).strip("_")
    return Space(re.sub(r"_+", "_", name), formula, True)
