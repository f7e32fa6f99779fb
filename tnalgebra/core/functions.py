"""The functions a bubble may apply: what each is called, which legs it names, what it allows."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

X, Y = sympy.symbols("x y")
"""The argument of a function and its value, in the formulas here."""


@dataclass(frozen=True, slots=True)
class FunctionKind:
    """One known function.

    along: how many legs the text names after the argument (0: elementwise). real_only: arguments
    must be real. commutes_with_conj: f(conj(x)) == conj(f(x)). of_matrix: it takes a two-legged
    argument as a whole, and its value has the same legs: inv(X)[j,i] stands at X's legs i and j.
    formula: an elementwise function of X in sympy's words. slope: its derivative in X, Y and other
    functions here, by name; None where it has none that they can say.
    """

    along: int = 0
    real_only: bool = False
    commutes_with_conj: bool = True
    of_matrix: bool = False
    formula: sympy.Expr | None = None
    slope: sympy.Expr | None = None

    @property
    def is_of_numbers(self) -> bool:
        """Whether sympy's function of a plain number is meant, which text can say."""
        return self.formula is not None and not self.real_only


def _of(name: str, argument: sympy.Expr) -> sympy.Expr:
    """Another function of this table in a slope."""
    return sympy.Function(name)(argument)


def _gelu() -> FunctionKind:
    """x*(1 + tanh(u))/2 with u = sqrt(2/pi)*(x + 0.044715*x**3)."""
    inner = sympy.sqrt(2 / sympy.pi) * (X + sympy.Rational("0.044715") * X**3)
    risen = _of("tanh", inner)
    return FunctionKind(
        real_only=True,
        formula=X * (1 + sympy.tanh(inner)) / 2,
        slope=(1 + risen) / 2 + X * (1 - risen**2) * inner.diff(X) / 2,
    )


FUNCTIONS: dict[str, FunctionKind] = {
    "softmax": FunctionKind(along=1),
    "causal_softmax": FunctionKind(along=2),
    "exp": FunctionKind(formula=sympy.exp(X), slope=Y),
    # On the negative axis the principal values jump, so the conjugate may lie on the other side.
    "log": FunctionKind(formula=sympy.log(X), slope=1 / X, commutes_with_conj=False),
    "sqrt": FunctionKind(formula=sympy.sqrt(X), slope=1 / (2 * Y), commutes_with_conj=False),
    "reciprocal": FunctionKind(formula=1 / X, slope=-(Y**2)),
    "abs": FunctionKind(formula=sympy.Abs(X)),
    "sin": FunctionKind(formula=sympy.sin(X), slope=_of("cos", X)),
    "cos": FunctionKind(formula=sympy.cos(X), slope=-_of("sin", X)),
    "tan": FunctionKind(formula=sympy.tan(X), slope=1 + Y**2),
    "sinh": FunctionKind(formula=sympy.sinh(X), slope=_of("cosh", X)),
    "cosh": FunctionKind(formula=sympy.cosh(X), slope=_of("sinh", X)),
    "tanh": FunctionKind(formula=sympy.tanh(X), slope=1 - Y**2),
    "sigmoid": FunctionKind(formula=1 / (1 + sympy.exp(-X)), slope=Y - Y**2),
    "silu": FunctionKind(formula=X / (1 + sympy.exp(-X)), slope=_of("sigmoid", X) * (1 + X - Y)),
    "relu": FunctionKind(real_only=True, formula=sympy.Max(0, X), slope=_of("step", X)),
    "step": FunctionKind(real_only=True, formula=sympy.Heaviside(X, 0)),
    "gelu": _gelu(),
    "inv": FunctionKind(of_matrix=True),
    "pinv": FunctionKind(of_matrix=True),
}


def applied(name: str, argument: sympy.Expr) -> sympy.Expr | None:
    """An elementwise function of an expression; None for any other function.

    >>> applied("silu", sympy.Integer(0)), applied("softmax", sympy.Integer(0))
    (0, None)
    """
    kind = FUNCTIONS.get(name)
    return None if kind is None or kind.formula is None else kind.formula.subs(X, argument)
