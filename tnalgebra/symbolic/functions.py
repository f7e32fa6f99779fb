"""The functions of bubbles as sympy expressions, and the formulas of the built-in tensors."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from tnalgebra.core.functions import FUNCTIONS, applied

_i, _j = sympy.symbols("i j", integer=True)

CAUSAL = sympy.Lambda((_i, _j), sympy.Piecewise((1, _j <= _i), (0, True)))
HEADS = {
    kind.formula.func: name
    for name, kind in FUNCTIONS.items()
    if kind.formula is not None and kind.formula.is_Function
}
"""The functions of bubbles that sympy has a word for, by that word."""


def mask(query: sympy.Expr, key: sympy.Expr) -> sympy.Expr:
    """The causal mask at two indices: 1 where the key is at most the query.

    Not a Piecewise: a Sum moves that outwards, even out of inner sums over its indices.
    """
    return sympy.Heaviside(query - key, 1)


def masked(expression: sympy.Expr) -> tuple[sympy.Symbol, sympy.Symbol] | None:
    """The query and the key of what `mask` wrote; None for anything else."""
    if not isinstance(expression, sympy.Heaviside) or expression.args[1] != 1:
        return None
    signs = expression.args[0].as_coefficients_dict()
    places = {sign: place for place, sign in signs.items()}
    is_pair = len(signs) == 2 and set(places) == {1, -1}
    if not is_pair or not all(place.is_Symbol and place.is_integer for place in signs):
        return None
    return places[1], places[-1]


def onehot_position(formula: sympy.Expr, variables: Sequence[sympy.Symbol]) -> int | None:
    """The position of the 1 where a formula of one index is that of a unit vector."""
    if not isinstance(formula, sympy.KroneckerDelta) or len(variables) != 1:
        return None
    others = [one for one in formula.args[:2] if one != variables[0]]
    if len(others) == 1 and others[0].is_Integer and others[0] >= 0:
        return int(others[0])
    return None


def function_of(expression: sympy.Expr) -> tuple[str, sympy.Expr] | None:
    """The elementwise function that an expression applies, and to what; None where it is none."""
    name = HEADS.get(expression.func)
    others = [one for one in expression.args if one != 0]
    if name is None or len(others) != 1 or applied(name, others[0]) != expression:
        return None
    return name, others[0]
