"""Which numbers and sympy expressions may be coefficients: those that text can say."""

from __future__ import annotations

import cmath
from collections.abc import Iterable
from functools import lru_cache
from math import comb, prod
from numbers import Complex, Rational
from typing import Any, TypeAlias

import mpmath  # type: ignore[import-untyped]
import sympy

from tnalgebra.core.functions import applied
from tnalgebra.core.words import SCALAR_FUNCTIONS, check_name
from tnalgebra.errors import LimitError, NotationError

Scalar: TypeAlias = int | float | complex | Rational | sympy.Expr

MOST_BITS = 13_000
"""The longest number, about 3900 digits: Python itself writes no longer ones."""

MOST_TERMS = 10_000
"""How many terms products and powers of sums in a coefficient are multiplied out to."""


def expression(value: Scalar) -> sympy.Expr:
    """A number as an exact expression: `0.1` is one tenth, as it is in text.

    Raises NotationError for what text cannot say, and LimitError for numbers beyond MOST_BITS.

    >>> from fractions import Fraction
    >>> expression(0.25), expression(2 + 1j), expression(Fraction(1, 3))
    (1/4, 2 + I, 1/3)
    """
    if isinstance(value, sympy.Expr):
        found = checked(value)
        check_symbols_sayable(found.free_symbols)
        return found
    if isinstance(value, Rational):
        return checked(sympy.Rational(int(value.numerator), int(value.denominator)))
    if isinstance(value, Complex) and cmath.isfinite(parts := complex(value)):
        if parts != value:
            raise NotationError(
                f"{value!r} of type {type(value).__name__} has more digits than a float",
                hint="give it as a sympy number, which is exact",
            )
        return _exact(parts.real) + sympy.I * _exact(parts.imag)
    raise NotationError(
        f"cannot combine a diagram with {value!r} of type {type(value).__name__}",
        hint="give arrays to evaluate(), and tensors to tn.tensor",
    )


def _exact(number: float) -> sympy.Rational:
    """A float as the decimal that Python writes for it, a whole one as the number that it is."""
    return sympy.Integer(int(number)) if number.is_integer() else sympy.Rational(repr(number))


def _exact_of_sympy(number: sympy.Float) -> sympy.Rational:
    """The same for a float of sympy's, which may have more digits than Python's, or fewer."""
    if number._prec == 53 and sympy.Float(float(number)) == number:
        return _exact(float(number))
    if not number.is_zero and abs(mpmath.mag(number.num)) > MOST_BITS:
        raise LimitError(f"a number of a coefficient has more than {MOST_BITS} bits")
    found = sympy.Rational(number)
    return found if found.q == 1 else sympy.Rational(str(number))


def check_symbols_sayable(symbols: Iterable[sympy.Symbol]) -> None:
    """Raise NotationError for a symbol that comes back from text as another one.

    Text knows plain symbols, those declared real, and the sizes of spaces.
    """
    for symbol in symbols:
        name = symbol.name
        size = sympy.Symbol(name, integer=True, positive=True)
        if symbol not in (sympy.Symbol(name), sympy.Symbol(name, real=True), size):
            raise NotationError(
                f"text cannot say the symbol {symbol} with its assumptions: {sympy.srepr(symbol)}",
                hint=f"take sympy.Symbol({name!r}), or sympy.Symbol({name!r}, real=True)",
            )


@lru_cache(maxsize=4096)
def checked(value: sympy.Expr) -> sympy.Expr:
    """The expression with its floats made exact; raises NotationError and LimitError."""
    if value.is_Rational:
        return _short(value)
    floats = {number: _exact_of_sympy(number) for number in value.atoms(sympy.Float)}
    value = value.xreplace(floats)
    for part in sympy.preorder_traversal(value):
        if part.is_Rational:
            _short(part)
        elif part.is_Pow and part.exp.is_Rational and abs(part.exp) > MOST_BITS:
            raise LimitError(f"the exponent of {part} is beyond {MOST_BITS}")
        elif part.is_Symbol and not isinstance(part, sympy.Dummy):
            check_name(part.name, "symbol")
        if not (part.is_Rational or part.is_Symbol or _is_known(part)):
            raise NotationError(
                f"a coefficient cannot hold {part}",
                hint=f"it may hold numbers, symbols and {', '.join(SCALAR_FUNCTIONS)}",
            )
    return value


def is_sayable(value: sympy.Expr) -> bool:
    """Whether text can say an expression.

    >>> is_sayable(sympy.sqrt(2)), is_sayable(sympy.zeta(3))
    (True, False)
    """
    try:
        checked(value)
    except (NotationError, LimitError):
        return False
    return True


def _is_known(part: Any) -> bool:
    """Whether this head of an expression is one that the notation writes."""
    if part in (sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
        return False
    if part.is_Add or part.is_Mul or part.is_Pow or part in (sympy.pi, sympy.E, sympy.I):
        return True
    name = type(part).__name__
    if isinstance(part, sympy.conjugate | sympy.KroneckerDelta):
        return True
    return bool(part.is_Function) and name in SCALAR_FUNCTIONS


def _short(number: sympy.Rational) -> sympy.Rational:
    if max(abs(int(number.p)), int(number.q)).bit_length() > MOST_BITS:
        raise LimitError(f"a number of a coefficient has more than {MOST_BITS} bits")
    return number


def expanded(value: sympy.Expr) -> sympy.Expr:
    """The expression multiplied out, which decides equality; raises LimitError beyond MOST_TERMS.

    >>> a, b = sympy.symbols("a b")
    >>> expanded((a + b) ** 2)
    a**2 + 2*a*b + b**2
    """
    if value.is_Atom:
        return value
    _count_terms(value)
    return sympy.expand(value)


def _count_terms(value: sympy.Expr) -> int:
    """How many terms an expression has at most, once it is multiplied out."""
    inner = [_count_terms(part) for part in value.args]
    if value.is_Add:
        count, written = sum(inner), len(inner)
    elif value.is_Mul:
        count, written = prod(inner), max(inner)
    elif value.is_Pow:
        number, _ = value.exp.as_coeff_Add()
        whole = int(abs(number)) if number.is_Rational else 0
        count, written = comb(max(whole, 1) + inner[0] - 1, inner[0] - 1), inner[0]
    else:
        return 1
    if count > max(MOST_TERMS, 2 * written):
        raise LimitError(
            f"multiplied out, a coefficient may have more than {MOST_TERMS} terms",
            hint="coefficients are compared multiplied out; give a symbol to a part of it",
        )
    # a denominator stays one factor of each term
    return 1 if value.is_Pow and (whole < 1 or number < 0) else count


def power(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    """`base ** exponent`, refused before a number too long is made; raises as `checked` does.

    >>> power(sympy.Integer(2), sympy.Integer(10))
    1024
    """
    if base.is_Rational and exponent.is_Rational and abs(base) != 1 and base != 0:
        bits = max(abs(int(base.p)), int(base.q)).bit_length()
        if bits * abs(exponent) > 2 * MOST_BITS:
            raise LimitError(f"{base}**{exponent} has more than {MOST_BITS} bits")
    return checked(base**exponent)


def function(name: str, argument: sympy.Expr) -> sympy.Expr:
    """A scalar function of a number or expression; raises as `checked` does."""
    if name in ("factorial", "gamma") and argument.is_number and abs(argument) > 1000:
        raise LimitError(f"{name}({argument}) has more than {MOST_BITS} bits")
    found = applied(name, argument)
    return checked(getattr(sympy, name)(argument) if found is None else found)
