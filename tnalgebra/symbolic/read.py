"""`from_sympy`: matrix, array and indexed expressions of sympy as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Number
from typing import Any

import sympy

from tnalgebra.core import build, compose, scalars
from tnalgebra.core.facts import Fact
from tnalgebra.core.nesting import all_spaces
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.respace import replace_spaces
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Diagram, Equation, Sum, Value, equation, terms_of
from tnalgebra.core.words import RESERVED, check_name, numbered
from tnalgebra.errors import NotationError
from tnalgebra.symbolic import dimensions, read_arrays, read_indexed, read_matrices
from tnalgebra.symbolic.parts import Part, axis_name, filled, with_all_axes
from tnalgebra.symbolic.survey import Survey, survey

LETTERS = "ijklmnopqrstuvwxyz"


def from_sympy(expression: Any) -> Value | Equation:
    """The value that a sympy matrix, array or indexed expression says; sympy.Eq gives an Equation.

    A symbolic dimension is a space of that name, `dim(i)` the unnamed space of an index i. A side
    of a matrix that is 1 long is no leg: columns and rows are vectors, 1 by 1 is a number. Declared
    facts are unknown to sympy. Raises NotationError for what diagrams cannot say, and SpaceError.

    >>> A, B = sympy.MatrixSymbol("A", 2, 3), sympy.MatrixSymbol("B", 3, 2)
    >>> str(from_sympy(sympy.Trace(A * B.T.T)))
    'A[i_A,j_A]*B[j_A,i_A]'
    """
    if not isinstance(expression, sympy.Basic | sympy.MatrixBase | sympy.NDimArray):
        if isinstance(expression, bool) or not isinstance(expression, Number):
            raise NotationError(f"from_sympy reads sympy expressions, not {expression!r}")
        expression = sympy.sympify(expression)
    if expression in (sympy.true, sympy.false):
        raise NotationError(
            f"sympy has decided this already: {expression}",
            hint="write sympy.Eq(lhs, rhs, evaluate=False)",
        )
    if isinstance(expression, sympy.MatrixBase):
        expression = expression.as_immutable()
    elif isinstance(expression, sympy.NDimArray):
        expression = sympy.ImmutableDenseNDimArray(expression)
    reader = Reader(expression, survey(expression))
    parts = reader.parts(reader.sides)
    while reader.newly_inverted:
        reader = Reader(expression, reader.survey, reader.inverted)
        parts = reader.parts(reader.sides)
    values = reader.finished(parts)
    return equation(*values) if len(values) == 2 else values[0]


class Reader:
    """One expression being read: each of its parts once, by the kind of its head."""

    def __init__(
        self, expression: Any, found: Survey, inverted: frozenset[str] = frozenset()
    ) -> None:
        self.expression = expression
        self.sides = expression.args if isinstance(expression, sympy.Eq) else (expression,)
        self.survey = found
        self.inverted = inverted
        self.newly_inverted = False
        self.known: dict[Any, Part] = {}

    def part(self, one: Any) -> Part:
        """The part that a subexpression says; equal ones are one object."""
        if one not in self.known:
            self.known[one] = self._read(one)
        return self.known[one]

    def parts(self, several: Sequence[Any]) -> list[Part]:
        """The parts of several subexpressions."""
        return [self.part(one) for one in several]

    def _read(self, one: Any) -> Part:
        for kind, read in READERS:
            if isinstance(one, kind):
                part: Part = read(self, one)
                return part
        if isinstance(one, sympy.Expr) and not isinstance(one, sympy.MatrixExpr):
            parts = self.parts(one.args)
            if all(part.number is not None and not part.rank for part in parts):
                return self.number(one)
        raise self.refusal(one)

    def number(self, one: sympy.Expr) -> Part:
        """A number or an expression of symbols, its sizes those of the library."""
        if indices := one.free_symbols & set(self.survey.indices):
            raise self.refusal(
                one, f"the index {min(map(str, indices))!r} stands where a number is wanted"
            )
        return Part(compose.scalar(scalars.expression(one.xreplace(self.survey.sizes))))

    def refusal(self, one: Any, why: str = "", hint: str | None = None) -> NotationError:
        """The error for a subexpression that diagrams cannot say, shown in the whole."""
        text, part = str(self.expression), str(one)
        at = text.find(part)
        return NotationError(
            why or f"a diagram cannot say {type(one).__name__}",
            text=text,
            span=(at, at + len(part)) if at >= 0 else None,
            hint=hint,
        )

    def space(self, dimension: sympy.Expr, port: str = "") -> Space:
        """The space of an axis; axes of one number share a space unless `port` names their own."""
        if not (dimension.is_Symbol or dimension.is_Integer) and dimension.is_number:
            raise NotationError(f"{dimension} is no size")
        if dimension.is_Integer and dimension < 1:
            raise NotationError(f"{dimension} is no size", hint="a leg has at least one place")
        return dimensions.space_for(dimension, port or f"d{dimension}")

    def tensor(self, name: str, shape: Sequence[sympy.Expr | None], *, matrix: bool) -> Part:
        """A named tensor; the sides of a matrix that are 1 long get no leg."""
        legs, axes = [], []
        for axis, dimension in enumerate(shape):
            axes.append(None if matrix and dimension == 1 else axis_name(axis))
            letter = LETTERS[axis] if axis < len(LETTERS) else f"i{axis}"
            port = f"{letter}_{name}"
            if axes[-1] is not None:
                space = Space(port) if dimension is None else self.space(dimension, port)
                legs.append(Leg(letter, space))
        if name in self.inverted:
            legs = [legs[0], Leg(legs[1].name, legs[0].space)]
        facts = (Fact("invertible", ((0,), (1,))),) if name in self.inverted else ()
        value = build.symbol(Tensor(name, tuple(legs), facts), [a for a in axes if a is not None])
        return Part(value, tuple(axes))

    def invert(self, name: str) -> None:
        """Note that a matrix has an inverse; all is read again where that is news."""
        if name not in self.inverted:
            self.inverted |= {name}
            self.newly_inverted = True

    def finished(self, parts: Sequence[Part]) -> list[Value]:
        """The sides with the names of their legs; they must have the same number of axes."""
        if len({part.rank for part in parts}) > 1:
            raise self.refusal(self.expression, "the sides have different numbers of axes")
        if not all(getattr(side, "is_Matrix", False) for side in self.sides):
            parts = [with_all_axes(part) for part in parts]
        parts = filled(parts)
        taken = {symbol.name for symbol in self.survey.loose} | set(self.survey.shapes) | RESERVED
        names: dict[str, str] = {}
        for index, leg in self.survey.indices.items():
            if leg in parts[0].indices():
                label = index.label.name if isinstance(index, sympy.Idx) else index.name
                check_name(label, "index")
                names[leg] = _fresh(label, taken)
        is_named = bool(names)
        unnamed = {dimensions.unnamed(symbol) for symbol in self.survey.sizes}
        named = {size.name for size in self.survey.sizes.values()} - unnamed
        own = {leg.name: leg.space.name for leg in parts[0].value.legs if leg.space}
        for axis in range(parts[0].rank):
            letter = LETTERS[axis] if axis < len(LETTERS) else f"i{axis}"
            # A leg that is called like a named space ranges over it.
            others = named - {own.get(axis_name(axis))}
            names[axis_name(axis)] = _fresh(letter, taken | others)
            taken.add(names[axis_name(axis)])
        return [self._finished(part.value, names, named, is_named) for part in parts]

    def _finished(
        self, value: Value, names: Mapping[str, str], named: set[str], is_named: bool
    ) -> Value:
        spaces = [space for space in all_spaces(value) if space.name not in named]
        # by way of another name: a space that is named is equal to one that is not
        away = {space: Space(f"{space.name}''", space.size) for space in spaces}
        (value,) = replace_spaces([value], away)
        old_names = {f"{space.name}''": space.name for space in spaces}
        moved = [space for space in all_spaces(value) if space.name in old_names]
        back = {space: Space(old_names[space.name], space.size) for space in moved}
        (value,) = replace_spaces([value], back)
        value = compose.relabel(value, [names[leg.name] for leg in value.legs])
        if is_named:
            return value
        terms = [Diagram(term.graph, named=False) for term in terms_of(value)]
        return Sum(terms, value.legs, named=False) if isinstance(value, Sum) else terms[0]


def _fresh(name: str, taken: set[str]) -> str:
    number = 0
    while (found := numbered(name, number) if number else name) in taken:
        number += 1
    taken.add(found)
    return found


READERS = (*read_indexed.READERS, *read_matrices.READERS, *read_arrays.READERS)
