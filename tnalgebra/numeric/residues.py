"""Sympy expressions to residues: coefficients and declared entries, per instance of a batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import sympy

from tnalgebra.core.spaces import is_size
from tnalgebra.numeric.modular import (
    IMAGINARY_UNIT,
    PRIME,
    NotExactError,
    reciprocal,
    reduced,
    square_root,
)

if TYPE_CHECKING:
    from torch import Tensor


def residue(expression: sympy.Expr, symbols: Mapping[sympy.Expr, Tensor]) -> int | Tensor:
    """The residue of an expression in rationals, I, roots of integers and symbols.

    symbols: the residues [batch] of each symbol and, for a complex one, of its conjugate. Sizes are
    to be substituted before. Raises NotExactError for anything else.

    >>> residue(sympy.I**2 + sympy.sqrt(8) / sympy.sqrt(2), {})
    1
    """
    if expression in symbols:
        return symbols[expression]
    if expression.is_Rational:
        return _fraction(int(expression.p), int(expression.q))
    if expression is sympy.I:
        return IMAGINARY_UNIT
    if expression.is_Add or expression.is_Mul:
        parts = [residue(part, symbols) for part in expression.args]
        result = parts[0]
        for part in parts[1:]:
            result = _reduced(result + part if expression.is_Add else result * part)
        return result
    if expression.is_Pow:
        base, exponent = expression.args
        if exponent.is_Integer:
            return _power(residue(base, symbols), int(exponent))
        if base.is_Integer and exponent.is_Rational and exponent.q == 2:
            root = square_root(abs(int(base))) * (IMAGINARY_UNIT if base < 0 else 1)
            return _power(root % PRIME, int(exponent.p))
    raise NotExactError(
        f"{expression} has no exact value here",
        hint="exact arithmetic knows rationals, I, square roots of integers and symbols",
    )


def _reduced(number: int | Tensor) -> int | Tensor:
    return number % PRIME if isinstance(number, int) else reduced(number)


def _fraction(numerator: int, denominator: int) -> int:
    if denominator % PRIME == 0:
        raise NotExactError(f"the denominator {denominator} is 0 modulo {PRIME}")
    return numerator * pow(denominator, -1, PRIME) % PRIME


def _power(base: int | Tensor, exponent: int) -> int | Tensor:
    if isinstance(base, int):
        if exponent < 0 and base == 0:
            raise NotExactError("a coefficient divides by zero")
        return pow(base, exponent, PRIME)
    if exponent < 0:
        base, exponent = reciprocal(base), -exponent
        if bool((base == 0).any()):
            raise NotExactError(
                "a coefficient divides by zero at a sample", hint="use another seed"
            )
    result: int | Tensor = 1
    while exponent:
        if exponent & 1:
            result = _reduced(result * base)
        base = _reduced(base * base)
        exponent >>= 1
    return result


def degrees(expression: sympy.Expr, without: Collection[sympy.Symbol] = ()) -> tuple[int, int]:
    """The degrees of numerator and denominator in the symbols and their conjugates.

    Sizes do not count. without: further symbols that do not count.

    >>> x, y = sympy.symbols("x y")
    >>> degrees(x**2 * sympy.conjugate(x) + 1 / y)
    (4, 1)
    """
    conjugates: dict[sympy.Expr, sympy.Dummy] = {}

    def independent(symbol: sympy.Expr) -> sympy.Dummy:
        return conjugates.setdefault(symbol, sympy.Dummy(f"conj_{symbol}"))

    plain = expression.replace(sympy.conjugate, independent)
    symbols = [s for s in plain.free_symbols if s not in without and not is_size(s)]
    if not symbols:
        return 0, 0
    parts = sympy.fraction(sympy.together(plain))
    try:
        numerator, denominator = (int(sympy.Poly(p, *symbols).total_degree()) for p in parts)
    except sympy.PolynomialError:
        raise NotExactError(f"{expression} is no rational function of its symbols") from None
    return numerator, denominator
