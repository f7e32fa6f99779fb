"""The functions of bubbles as sympy expressions, and the formulas of the built-in tensors."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

_x = sympy.Symbol("x")
_i, _j = sympy.symbols("i j", integer=True)

ELEMENTWISE: dict[str, sympy.Expr] = {
    "exp": sympy.exp(_x),
    "tanh": sympy.tanh(_x),
    "relu": sympy.Max(0, _x),
    "step": sympy.Heaviside(_x, 0),
    "gelu": _x * (1 + sympy.tanh(sympy.sqrt(2 / sympy.pi) * (_x + _x**3 * 44715 / 10**6))) / 2,
}
CAUSAL = sympy.Lambda((_i, _j), sympy.Piecewise((1, _j <= _i), (0, True)))


def applied(name: str, argument: sympy.Expr) -> sympy.Expr | None:
    """An elementwise function of an expression, where sympy can say the function."""
    body = ELEMENTWISE.get(name)
    return None if body is None else body.subs(_x, argument)


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
    for name in ("exp", "tanh", "relu"):
        if isinstance(expression, ELEMENTWISE[name].func):
            others = [one for one in expression.args if name != "relu" or one != 0]
            if len(others) == 1:
                return name, others[0]
    return None
