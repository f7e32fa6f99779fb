"""Coefficients alone: sympy expressions to text, and back by the notation's own parser."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import sympy
from sympy.printing.str import StrPrinter

from tnalgebra.core.scalars import checked
from tnalgebra.core.values import Diagram
from tnalgebra.errors import NotationError
from tnalgebra.notation.declarations import parse_declarations
from tnalgebra.notation.elaborate import elaborate
from tnalgebra.notation.syntax import MOST_DIGITS, parse_program

_RATIONAL = re.compile(rf"-?\d{{1,{MOST_DIGITS}}}(?:/0*[1-9]\d{{0,{MOST_DIGITS - 1}}})?", re.A)


class ScalarPrinter(StrPrinter):  # type: ignore[misc]
    """sympy's own text, but for what the notation spells in another way."""

    def _print_conjugate(self, expression: sympy.Expr) -> str:
        return f"conj({self._print(expression.args[0])})"

    def _print_KroneckerDelta(self, expression: sympy.Expr) -> str:
        first, second = expression.args[:2]
        return f"eq({self._print(first)}, {self._print(second)})"

    def _print_Exp1(self, _: sympy.Expr) -> str:
        return "exp(1)"


@lru_cache(maxsize=4096)
def number_text(value: sympy.Expr) -> str:
    """An expression as text from which `read_number` makes an equal one; raises NotationError.

    >>> number_text(sympy.sqrt(2) * sympy.conjugate(sympy.Symbol("alpha")) / 3)
    'sqrt(2)*conj(alpha)/3'
    """
    value = checked(value)
    text = str(ScalarPrinter().doprint(value))
    if not value.is_Rational:
        back = read_number(text, value.free_symbols)
        if back != value and sympy.expand(back - value) != 0:
            raise NotationError(f"no text says the coefficient {value!r} exactly")
    return text


def read_number(text: str, symbols: Iterable[sympy.Symbol] = ()) -> sympy.Expr:
    """The expression that a text says, its names being those of `symbols`; raises NotationError.

    >>> read_number("2*alpha - 1/3", [sympy.Symbol("alpha", real=True)])
    2*alpha - 1/3
    """
    if _RATIONAL.fullmatch(text):
        return checked(sympy.Rational(text))
    value = elaborate(parse_program(text), parse_declarations(""))
    if not isinstance(value, Diagram) or value.graph.number_of_nodes():
        raise NotationError("a number is wanted here, not a tensor", text=text)
    known = {symbol.name: symbol for symbol in symbols}
    found = value.coefficient
    for name in sorted(symbol.name for symbol in found.free_symbols):
        if name not in known:
            raise NotationError(f"no symbol is called {name!r}", text=text)
    return checked(found.xreplace({s: known[s.name] for s in found.free_symbols}))
