"""How large the numbers of an equation are: whether its residues can vanish where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt, lcm, prod

import numpy as np
import sympy

from tnalgebra.core.nesting import contents
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram, Value, terms_of
from tnalgebra.numeric.modular import PRIME

_MOST = 2**64


@dataclass(frozen=True)
class Height:
    """A bound on every conjugate of an algebraic number, and on the coefficients of a polynomial.

    The number is numerator / denominator, which bound it after clearing; `roots` are the primes,
    and -1, whose square roots occur.
    """

    numerator: int = 1
    denominator: int = 1
    roots: frozenset[int] = frozenset()

    def __add__(self, other: Height) -> Height:
        common = lcm(self.denominator, other.denominator)
        total = self.numerator * (common // self.denominator)
        total += other.numerator * (common // other.denominator)
        return _capped(total, common, self.roots | other.roots)

    def __mul__(self, other: Height) -> Height:
        return _capped(
            self.numerator * other.numerator,
            self.denominator * other.denominator,
            self.roots | other.roots,
        )


def _capped(numerator: int, denominator: int, roots: frozenset[int]) -> Height:
    return Height(min(numerator, _MOST), min(denominator, _MOST), roots)


def is_decided_by_residues(lhs: Value, rhs: Value, sizes: dict[str, int]) -> bool:
    """Whether the numbers written in two values are so small that they differ modulo PRIME too.

    The coefficients of lhs - rhs, as a polynomial in the entries, are algebraic integers once
    denominators are cleared. With k square roots in them and every conjugate below H, their norm is
    below H^(2^k); a norm below PRIME that is not zero is not zero modulo PRIME either.

    >>> from tnalgebra.core.scalars import expression
    >>> from tnalgebra.core.values import number
    >>> is_decided_by_residues(number(8168162), number(1), {})
    False
    """
    total = height_of_value(lhs, sizes) + height_of_value(rhs, sizes)
    exponent: int = 2 ** len(total.roots)
    return exponent <= 64 and total.numerator**exponent < PRIME


def height_of_value(value: Value, sizes: dict[str, int]) -> Height:
    """The height of a value as a polynomial in the entries of its tensors."""
    known: dict[int, Height] = {}
    for one in [*contents(value), value]:
        known[id(one)] = sum(
            (_height_of_term(term, sizes, known) for term in terms_of(one)), start=Height(0)
        )
    return known[id(value)]


def _height_of_term(term: Diagram, sizes: dict[str, int], known: dict[int, Height]) -> Height:
    spider = term.spider
    result = height(_with_sizes(term.coefficient * spider.scalar, sizes))
    summed = set(range(len(spider.spaces))) - set(spider.free)
    result = result * Height(prod(_size(spider.spaces[index], sizes) for index in summed))
    for label in spider.labels:
        if not isinstance(label, Tensor):
            result = result * known[id(label.content)]
        elif label.entries is not None and label.is_inverse:
            return Height(_MOST)
        elif label.entries is not None and not label.is_builtin:
            result = result * _height_of_entries(label.base(), sizes)
    return result


def _height_of_entries(base: Tensor, sizes: dict[str, int]) -> Height:
    assert base.entries is not None
    places = np.ndindex(*(_size(space, sizes) for space in base.spaces()))
    found = [height(_with_sizes(base.entry(*place), sizes)) for place in places]
    return sum(found, start=Height(0))


def _size(space: Space, sizes: dict[str, int]) -> int:
    return sizes[space.name]


def _with_sizes(expression: sympy.Expr, sizes: dict[str, int]) -> sympy.Expr:
    if expression.is_Rational:
        return expression
    known = {
        symbol: sizes[symbol.name]
        for symbol in expression.free_symbols
        if symbol.is_integer and symbol.name in sizes
    }
    return expression.subs(known) if known else expression


def height(expression: sympy.Expr) -> Height:
    """The height of an expression in numbers, square roots and symbols; unbounded for any other.

    >>> height(sympy.Rational(3, 4) + sympy.Symbol("x"))
    Height(numerator=7, denominator=4, roots=frozenset())
    """
    if expression.is_Rational:
        return _capped(abs(int(expression.p)), int(expression.q), frozenset())
    if expression is sympy.I:
        return Height(1, 1, frozenset([-1]))
    if expression.is_Symbol or isinstance(expression, sympy.conjugate):
        return Height()
    if expression.is_Add:
        return sum((height(part) for part in expression.args), start=Height(0))
    if expression.is_Mul:
        result = Height()
        for part in expression.args:
            result = result * height(part)
        return result
    if expression.is_Pow and expression.exp.is_Integer:
        if expression.exp < 0 and expression.base.free_symbols and not expression.base.is_Symbol:
            return Height(_MOST)
        return _power(height(expression.base), int(expression.exp))
    if expression.is_Pow and expression.base.is_Integer and expression.exp.is_Rational:
        number, half = int(expression.base), expression.exp * 2
        if half.is_Integer:
            roots = frozenset(int(p) for p in sympy.factorint(number))
            return _power(Height(isqrt(abs(number)) + 1, 1, roots), int(half))
    return Height(_MOST)


def _power(base: Height, exponent: int) -> Height:
    if exponent < 0:
        # The inverse of an algebraic number is its other conjugates over its norm.
        norm = base.numerator ** min(2 ** len(base.roots), 64)
        base, exponent = _capped(base.denominator * norm, norm, base.roots), -exponent
    result = Height()
    for _ in range(min(exponent, 64)):
        result = result * base
    return result if exponent <= 64 or base.numerator <= 1 else Height(_MOST)
