"""Numbers from sympy expressions: sympy makes every entry explicit, numbers go in last."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy
from sympy.matrices.expressions.dotproduct import DotProduct
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.array.expressions.array_expressions import ArrayElement


def explicit(
    expression: Any, arrays: Mapping[str, np.ndarray], sizes: Mapping[str, int] | None = None
) -> np.ndarray:
    """A matrix or array expression as an array, a scalar expression as a number.

    arrays: one for each tensor, of any shape that has as many entries, for columns and rows; a
    number for each symbol. sizes: by the name of the symbol.
    """
    found = sized(expression, sizes or {})
    if isinstance(found, sympy.Expr) and not hasattr(found, "shape"):
        return np.asarray(number(found, arrays, {}))
    found = found.as_explicit() if hasattr(found, "as_explicit") else found
    if not hasattr(found, "shape"):
        return np.asarray(number(found, arrays, {}))
    shape = tuple(int(size) for size in found.shape)
    entries = [
        number(sympy.sympify(found[place]), arrays, {})
        for place in itertools.product(*map(range, shape))
    ]
    return np.asarray(entries).reshape(shape)


def sized(expression: Any, sizes: Mapping[str, int]) -> Any:
    """The expression with numbers for its size symbols."""
    if not sizes:
        return expression
    symbols = expression.atoms(sympy.Symbol)
    known = {s: sympy.Integer(sizes[s.name]) for s in symbols if s.name in sizes and s.is_positive}
    return expression.xreplace(known)


def indexed(
    expression: sympy.Expr,
    legs: Mapping[str, int],
    arrays: Mapping[str, np.ndarray],
    sizes: Mapping[str, int],
) -> np.ndarray:
    """An expression in index symbols, its axes the legs (with their sizes) in order."""
    found = sized(expression, sizes)
    symbols = [one for one in found.atoms(sympy.Symbol, sympy.Idx) if str(one) in legs]
    entries = []
    for values in itertools.product(*map(range, legs.values())):
        at = dict(zip(legs, values, strict=True))
        entries.append(number(found, arrays, {symbol: at[str(symbol)] for symbol in symbols}))
    return np.asarray(entries).reshape(tuple(legs.values()))


def number(
    one: sympy.Expr, arrays: Mapping[str, np.ndarray], at: Mapping[sympy.Expr, int]
) -> complex:
    """A scalar expression as a number; `at` gives the values of indices."""
    if isinstance(one, sympy.Indexed):
        return arrays[str(one.base.label)][tuple(place(i, at) for i in one.indices)]
    if isinstance(one, ArrayElement):
        return arrays[str(one.name)][tuple(place(i, at) for i in one.indices)]
    if isinstance(one, MatrixElement):
        row, column = (place(i, at) for i in one.indices)
        if isinstance(one.parent, sympy.MatrixSymbol):
            shape = tuple(int(size) for size in one.parent.shape)
            return np.reshape(arrays[one.parent.name], shape)[row, column]
        return number(sympy.sympify(one.parent.as_explicit()[row, column]), arrays, at)
    if isinstance(one, sympy.Trace):
        return number(one.as_explicit(), arrays, at)
    if isinstance(one, DotProduct):
        return number(one.doit(), arrays, at)
    if isinstance(one, sympy.KroneckerDelta):
        return float(place(one.args[0], at) == place(one.args[1], at))
    if isinstance(one, sympy.Sum):
        (variable, low, high), rest = one.limits[-1], one.limits[:-1]
        body = sympy.Sum(one.function, *rest) if rest else one.function
        values = range(int(low), int(high) + 1)
        return sum(number(body, arrays, {**at, variable: value}) for value in values)
    if isinstance(one, sympy.Piecewise):
        values = {symbol: sympy.Integer(value) for symbol, value in at.items()}
        holds = [value for value, condition in one.args if condition.subs(values) is sympy.true]
        return number(holds[0], arrays, at)
    if isinstance(one, sympy.Heaviside):
        symbols = one.args[0].free_symbols
        argument = {symbol: at.get(symbol, arrays.get(symbol.name)) for symbol in symbols}
        return float(np.heaviside(float(one.args[0].subs(argument)), float(one.args[1])))
    if isinstance(one, sympy.Symbol):
        return arrays[one.name]
    if one.is_Atom:
        return complex(one)
    inner = [number(argument, arrays, at) for argument in one.args]
    if one.is_Add:
        return sum(inner)
    if one.is_Mul:
        return np.prod(inner)
    if one.is_Pow:
        return inner[0] ** inner[1]
    functions = {"exp": np.exp, "tanh": np.tanh, "conjugate": np.conj, "sqrt": np.sqrt}
    functions |= {
        "sin": np.sin,
        "cosh": np.cosh,
        "log": np.log,
        "re": np.real,
        "im": np.imag,
        "Abs": np.abs,
    }
    if type(one).__name__ == "Max":
        return max(np.real(inner))
    return functions[type(one).__name__](*inner)


def place(index: sympy.Expr, at: Mapping[sympy.Expr, int]) -> int:
    """The value of an index."""
    return at[index] if index in at else int(index.subs(at))
