"""Pieces of Python programs as text: names, einsum calls, numbers."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Callable, Container, Hashable, Mapping, Sequence

import sympy
from opt_einsum import get_symbol

from tnalgebra.errors import LimitError, NotationError

MOST_LETTERS = 52
"""How many indices one call of numpy.einsum or torch.einsum has letters for."""


class Names:
    """Python names for things: no keyword, none of those taken, different for different things.

    reserved: what no name may begin with.

    >>> names = Names({"A"})
    >>> names.of("A"), names.of("A'"), names.of("A'", "conj"), names.of("A"), names.of("lambda")
    ('A_', 'A_prime', 'A_prime_conj', 'A_', 'lambda_')
    """

    def __init__(self, taken: Container[str] = (), reserved: tuple[str, ...] = ()) -> None:
        self._taken = taken
        self._reserved = reserved
        self._names: dict[str, tuple[str, str]] = {}

    def of(self, name: str, suffix: str = "") -> str:
        """The Python name of what the notation calls `name`, with a suffix such as its mark."""
        # Python folds compatible letters, and knows fewer than the notation.
        plain = unicodedata.normalize("NFKC", name.replace("'", "_prime"))
        plain = re.sub(r"\W", "_", plain)
        if not plain.isidentifier():
            plain = f"x{ascii(plain).strip(chr(39))}".replace("\\", "_")
        taken = plain in self._taken or plain.startswith(self._reserved)
        if keyword.iskeyword(plain) or taken:
            plain += "_"
        plain = f"{plain}_{suffix.replace(' ', '_')}" if suffix else plain
        while self._names.setdefault(plain, (name, suffix)) != (name, suffix):
            plain += "_"
        return plain


def einsum_text(
    function: str,
    inputs: Sequence[Sequence[Hashable]],
    output: Sequence[Hashable],
    operands: Sequence[str],
) -> str:
    """A call of an einsum function; raises LimitError for more than 52 indices.

    >>> einsum_text("np.einsum", ["xy", "yz"], "xz", ["A", "B"])
    'np.einsum("ab,bc->ac", A, B)'
    """
    indices = list(dict.fromkeys(index for row in inputs for index in row))
    if len(indices) > MOST_LETTERS:
        raise LimitError(
            f"one contraction of {len(indices)} indices has no letters in an einsum string",
            hint=f"it has letters for {MOST_LETTERS}; evaluate() needs none",
        )
    letters = {index: get_symbol(number) for number, index in enumerate(indices)}
    rows = ",".join("".join(letters[index] for index in row) for row in inputs)
    kept = "".join(letters[index] for index in output)
    return f'{function}("{rows}->{kept}", {", ".join(operands)})'


_CALLS = {
    **{name: f"cmath.{name}({{}})" for name in ("exp", "log", "sin", "cos", "tan")},
    **{name: f"cmath.{name}({{}})" for name in ("sinh", "cosh", "tanh")},
    "cot": "(1/cmath.tan({}))",
    "sec": "(1/cmath.cos({}))",
    "csc": "(1/cmath.sin({}))",
    "coth": "(1/cmath.tanh({}))",
    "factorial": "math.gamma(1 + {})",
    "gamma": "math.gamma({})",
    "Abs": "abs({})",
    "conjugate": "complex({}).conjugate()",
}
_OF_TENSORS = {
    "cot": "(1/function('tan', {}))",
    "sec": "(1/function('cos', {}))",
    "csc": "(1/function('sin', {}))",
    "coth": "(1/function('tanh', {}))",
    "factorial": "function('gamma', 1 + {})",
    "Abs": "abs({})",
}


def number_text(
    expression: sympy.Expr, names: Mapping[str, str], tensors: Container[str] = ()
) -> str:
    """A number or expression as Python of plain numbers, with `math` and `cmath`.

    names: the Python name of each symbol, by its own. tensors: the symbols that may be torch
    tensors; what is applied to them is written as calls of `function` and `power`.
    Raises NotationError for what has no text.

    >>> x = sympy.Symbol("x")
    >>> number_text(sympy.I * sympy.sqrt(x) / 4 * sympy.conjugate(x), {"x": "x"})
    '0.25*1j*(x)**(0.5)*complex(x).conjugate()'
    """
    text: Callable[[sympy.Expr], str] = lambda part: number_text(part, names, tensors)  # noqa: E731
    kind = type(expression).__name__
    of_tensors = any(symbol.name in tensors for symbol in expression.free_symbols)
    if expression.is_Symbol:
        return names[expression.name]
    if not expression.free_symbols and expression.is_number:
        return _plain_number(expression)
    if expression.is_Add:
        return f"({' + '.join(map(text, expression.args))})"
    if expression.is_Mul:
        return "*".join(map(text, expression.args))
    if expression.is_Pow and of_tensors and not expression.exp.is_Integer:
        return f"power({text(expression.base)}, {text(expression.exp)})"
    if expression.is_Pow:
        return f"({text(expression.base)})**({text(expression.exp)})"
    if kind in _CALLS and of_tensors:
        form = _OF_TENSORS.get(kind, f"function('{kind}', {{}})")
        return form.format(*map(text, expression.args))
    if kind in _CALLS:
        return _CALLS[kind].format(*map(text, expression.args))
    if isinstance(expression, sympy.KroneckerDelta):
        first, second = expression.args[:2]
        return f"int({text(first)} == {text(second)})"
    if isinstance(expression, sympy.Piecewise):
        *cases, last = expression.args
        result = text(last.expr) if last.cond == sympy.true else ""
        for case in reversed(cases):
            result = f"({text(case.expr)} if {text(case.cond)} else {result})"
        if result:
            return result
    if expression.is_Relational:
        sign = {"Equality": "==", "Unequality": "!="}.get(kind, expression.rel_op)
        return f"({text(expression.lhs)} {sign} {text(expression.rhs)})"
    if isinstance(expression, sympy.And | sympy.Or):
        word = " and " if isinstance(expression, sympy.And) else " or "
        return f"({word.join(map(text, expression.args))})"
    raise NotationError(f"{expression} has no text as a Python number")


def _plain_number(expression: sympy.Expr) -> str:
    if expression.is_Integer:
        return str(expression) if expression >= 0 else f"({expression})"
    number = complex(expression)
    if number.imag == 0:
        return repr(number.real) if number.real >= 0 else f"({number.real!r})"
    return repr(number) if number.real == 0 and number.imag > 0 else f"({number!r})"
