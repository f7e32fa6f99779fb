"""What the three sympy forms of a value share: dimensions, coefficients, entries, refusals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy

from tnalgebra.core.nesting import all_spaces, contents
from tnalgebra.core.nodes import Box, Tensor
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram, Value, terms_of
from tnalgebra.errors import LimitError, NotationError
from tnalgebra.symbolic.dimensions import symbol_for, symbols_for

DEEPEST = 30
"""How deep boxes may nest: each level is several of sympy's, which recurses."""

MARKS = ("none", "conj", "inv", "conj inv")
X = sympy.Symbol("x")


class UnsayableError(NotationError):
    """A value that one form of sympy expressions cannot say; another form may."""


@dataclass(frozen=True)
class Writer:
    """One value to be written, with the symbols of all sizes in it and in what it stands beside."""

    value: Value
    sizes: dict[sympy.Expr, sympy.Expr]

    @classmethod
    def together(cls, values: Sequence[Value]) -> list[Writer]:
        """Writers of values that share their names; raises NotationError for unknown nodes."""
        for one in (one for value in values for one in [*contents(value), value]):
            for label in (label for term in terms_of(one) for label in term.spider.labels):
                if not isinstance(label, Tensor | Box):
                    raise NotationError(f"sympy has no word for the node {label!r}")
                if isinstance(label, Tensor) and label.mark not in MARKS:
                    raise NotationError(f"sympy has no word for the mark {label.mark!r}")
        for value in values:
            _check_depth(value)
        spaces = {space for value in values for space in all_spaces(value)}
        return [cls(value, symbols_for(spaces)) for value in values]

    def scalar(self, value: sympy.Expr) -> sympy.Expr:
        """A coefficient with the symbols of sizes that stand outside the library."""
        return value.xreplace(self.sizes)

    def coefficient(self, term: Diagram) -> sympy.Expr:
        """The number before a term, closed loops counted."""
        return self.scalar(term.coefficient * term.spider.scalar)

    def size(self, space: Space) -> sympy.Expr:
        """The dimension of a space."""
        return self.scalar(symbol_for(space))

    def sizes_of(self, spaces: Iterable[Space]) -> tuple[sympy.Expr, ...]:
        """The dimensions of several spaces."""
        return tuple(self.size(space) for space in spaces)

    def entry(self, tensor: Tensor, indices: Sequence[sympy.Expr]) -> sympy.Expr:
        """An entry of an unmarked tensor that declares its entries."""
        if isinstance(tensor.entries, sympy.Lambda):
            return self.scalar(sympy.sympify(tensor.entries(*indices)))
        array = self.array(tensor)
        return array[tuple(indices)] if indices else array[()]

    def array(self, tensor: Tensor) -> sympy.ImmutableDenseNDimArray:
        """The entries of an unmarked tensor that lists them."""
        given = tensor.entries
        assert given is not None
        numbers = [self.scalar(sympy.sympify(one)) for one in sympy.flatten(given)]
        return sympy.ImmutableDenseNDimArray(numbers, given.shape)

    def number(self, tensor: Tensor) -> sympy.Expr:
        """A tensor without legs: the only entry of a matrix of 1 by 1."""
        if tensor.entries is not None:
            found = self.entry(tensor.base(), ())
        else:
            found = sympy.MatrixSymbol(tensor.name, 1, 1)[0, 0]
        return sympy.conjugate(found) if tensor.is_conj else found

    def matrix(self, tensor: Tensor) -> sympy.MatrixExpr:
        """A tensor of one or two legs as it stands, a vector as a column."""
        base = tensor.base()
        shape = self.sizes_of(base.spaces())
        shape = (*shape, sympy.Integer(1)) if base.rank == 1 else shape
        if base.entries is None:
            found = sympy.MatrixSymbol(base.name, *shape)
        elif not isinstance(base.entries, sympy.Lambda):
            found = sympy.ImmutableMatrix(*shape, list(sympy.flatten(self.array(base))))
        else:
            # the place must not be taken for a symbol that the formula holds
            places = sympy.symbols("i j", integer=True)
            formula = self.entry(base, places[: base.rank])
            found = sympy.FunctionMatrix(*shape, sympy.Lambda(places, formula))
        if tensor.is_inverse:
            if shape[0] != shape[1]:
                raise NotationError(
                    f"sympy inverts square matrices alone, and {tensor.name!r} is "
                    f"{shape[0]} by {shape[1]}",
                    hint=f"declare {tensor.name} invertible, or its legs to be of one size",
                )
            found = sympy.Inverse(found)
        return sympy.Adjoint(sympy.Transpose(found)) if tensor.is_conj else found


def _check_depth(value: Value) -> None:
    depth: dict[int, int] = {}
    for one in [*contents(value), value]:
        inner = [depth[id(box.content)] for term in terms_of(one) for box in term.boxes]
        depth[id(one)] = 1 + max(inner, default=0)
        if depth[id(one)] > DEEPEST:
            raise LimitError(f"boxes nest deeper than {DEEPEST}, which sympy cannot follow")
