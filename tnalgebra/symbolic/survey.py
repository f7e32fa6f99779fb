"""A first look at a sympy expression: which symbols are indices, which are sizes, what is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.array.expressions.array_expressions import (
    ArrayElement,
    ArrayElementwiseApplyFunc,
    ArraySymbol,
    OneArray,
    ZeroArray,
)

from tnalgebra.core.words import check_name
from tnalgebra.errors import LimitError, NotationError
from tnalgebra.symbolic.dimensions import size_symbol, unnamed
from tnalgebra.symbolic.functions import masked

DEEPEST = 100
"""How deep an expression may nest: sympy itself recurses, and Python stops that soon after."""


@dataclass
class Survey:
    """What the symbols of an expression stand for.

    indices: each index with its leg's name while reading; sizes: each symbol of a size with the
    library's own; shapes: each tensor's dimensions, those unknown as None.
    """

    indices: dict[sympy.Expr, str] = field(default_factory=dict)
    sizes: dict[sympy.Symbol, sympy.Symbol] = field(default_factory=dict)
    shapes: dict[str, tuple[sympy.Expr | None, ...]] = field(default_factory=dict)
    loose: set[sympy.Symbol] = field(default_factory=set)

    def index(self, index: sympy.Expr) -> None:
        """Note that this symbol or Idx is an index."""
        if index not in self.indices:
            name = index.label.name if isinstance(index, sympy.Idx) else index.name
            stem, number = f"index_{name}".rstrip("'"), 0
            taken = set(self.indices.values())
            while (found := f"{stem}_{number or ''}'".replace("_'", "'")) in taken:
                number += 1
            self.indices[index] = found

    def dimension(self, dimension: sympy.Expr) -> None:
        """Note that the symbols of this expression are sizes."""
        for symbol in sympy.sympify(dimension).free_symbols:
            self.sizes[symbol] = size_symbol(symbol)

    def tensor(self, name: str, shape: tuple[sympy.Expr | None, ...]) -> None:
        """Note a tensor; raises NotationError where it was seen in another shape."""
        check_name(name, "tensor")
        for dimension in shape:
            if dimension is not None:
                self.dimension(dimension)
        other = self.shapes.setdefault(name, shape)
        alike = len(other) == len(shape) and all(
            a == b or (a is None and b != 1) or (b is None and a != 1)
            for a, b in zip(other, shape, strict=False)
        )
        if not alike:
            raise NotationError(f"{name!r} has two shapes: {_text(other)} and {_text(shape)}")


def survey(expression: Any) -> Survey:
    """Look an expression through; raises NotationError where one name means two things."""
    found = Survey()
    bound: set[sympy.Symbol] = set()
    height: dict[int, int] = {}
    inside: dict[int, list[Any]] = {}
    waiting = [expression]
    while waiting:
        one = waiting[-1]
        if id(one) not in inside:
            inside[id(one)] = _inside(one, found, bound)
            waiting.extend(inner for inner in inside[id(one)] if id(inner) not in inside)
            continue
        waiting.pop()
        height[id(one)] = 1 + max((height[id(inner)] for inner in inside[id(one)]), default=0)
        if height[id(one)] > DEEPEST:
            raise LimitError(f"the expression nests deeper than {DEEPEST}")
    for symbol in [symbol for symbol in found.loose if unnamed(symbol)]:
        found.dimension(symbol)
    found.loose -= {*found.indices, *found.sizes, *bound}
    _check(found)
    return found


def _inside(one: Any, found: Survey, bound: set[sympy.Symbol]) -> list[Any]:
    """Note what one head says, and give the arguments to look at."""
    if isinstance(one, sympy.MatrixSymbol):
        found.tensor(one.name, one.shape)
        return []
    if isinstance(one, ArraySymbol):
        found.tensor(one.name.name, tuple(one.shape))
        return []
    if isinstance(one, sympy.Symbol):
        found.loose.add(one)
        return []
    if isinstance(one, sympy.Idx):
        found.index(one)
        if one.upper is not None:
            found.dimension(one.upper)
        return []
    if isinstance(one, sympy.Indexed):
        base = one.base
        shape = tuple(base.shape) if base.shape else (None,) * one.rank
        found.tensor(str(base.label), shape)
        return [i for i in one.indices if not _is_index(i, found)]
    if isinstance(one, MatrixElement):
        return [one.parent, *(i for i in one.indices if not _is_index(i, found))]
    if isinstance(one, ArrayElement):
        return [one.name, *(i for i in one.indices if not _is_index(i, found))]
    if isinstance(one, sympy.KroneckerDelta):
        sizes = one.args[2][1:] if len(one.args) > 2 else ()
        for last in sizes:
            found.dimension(last)
        known = {symbol for last in sizes for symbol in last.free_symbols}
        for place in one.args[:2] if sizes else ():
            # a place in a thick leg is a formula of indices and sizes
            for symbol in place.free_symbols - known if place.is_Add else ():
                found.index(symbol)
        return [i for i in one.args[:2] if not (i.is_Add and sizes) and not _is_index(i, found)]
    if (pair := masked(one)) is not None:
        return [i for i in pair if not _is_index(i, found)]
    if isinstance(one, sympy.Ge | sympy.Le):
        return [i for i in one.args if not _is_index(i, found)]
    if isinstance(one, sympy.Sum):
        for variable, *ends in one.limits:
            found.index(variable)
            for end in ends:
                found.dimension(end)
        return [one.function]
    if isinstance(one, ElementwiseApplyFunction | ArrayElementwiseApplyFunc):
        bound.update(one.function.variables)
        return [one.expr, one.function.expr]
    if isinstance(one, sympy.FunctionMatrix | sympy.Lambda):
        for dimension in getattr(one, "shape", ()):
            found.dimension(dimension)
        return []
    shape = getattr(one, "shape", ())
    for dimension in shape if isinstance(one, sympy.MatrixExpr | OneArray | ZeroArray) else ():
        if dimension is not None:
            found.dimension(dimension)
    if isinstance(one, OneArray | ZeroArray):
        return []
    if isinstance(one, sympy.MatrixBase | sympy.NDimArray):
        return list(one.flat() if isinstance(one, sympy.MatrixBase) else sympy.flatten(one))
    return list(one.args)


def _is_index(index: sympy.Expr, found: Survey) -> bool:
    if isinstance(index, sympy.Symbol):
        found.index(index)
        return True
    return False


def _check(found: Survey) -> None:
    if both := set(found.indices) & set(found.sizes):
        name = min(str(symbol) for symbol in both)
        raise NotationError(f"{name!r} is an index and a size")
    if len(set(found.sizes.values())) < len({symbol.name for symbol in found.sizes}):
        raise NotationError("n and dim(n) cannot both be sizes", hint="rename one of them")
    named: dict[str, sympy.Symbol] = {}
    for symbol in [*found.sizes, *found.loose]:
        other = named.setdefault(symbol.name, symbol)
        if other != symbol:
            raise NotationError(
                f"two different symbols are called {symbol.name!r}",
                hint="give both the same assumptions, such as integer=True",
            )
        if symbol.name in found.shapes:
            raise NotationError(f"{symbol.name!r} is a symbol and a tensor")


def _text(shape: tuple[sympy.Expr | None, ...]) -> str:
    return f"({', '.join('?' if size is None else str(size) for size in shape)})"
