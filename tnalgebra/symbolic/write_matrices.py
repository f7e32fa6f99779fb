"""The matrix form: networks of vectors and matrices, reduced in series and in parallel."""

from __future__ import annotations

import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalOf
from sympy.matrices.expressions.matexpr import MatrixElement

from tnalgebra.core.functions import applied
from tnalgebra.core.nesting import contents, leg_spaces
from tnalgebra.core.nodes import Box, Tensor
from tnalgebra.core.values import Diagram, Value, terms_of
from tnalgebra.symbolic.writing import UnsayableError, Writer, X

Factors = tuple[sympy.MatrixExpr, ...]


def matrix_form(writer: Writer) -> sympy.Expr:
    """The value as a matrix, a column, or a number; raises UnsayableError otherwise."""
    done: dict[int, sympy.Expr] = {}
    for one in [*contents(writer.value), writer.value]:
        done[id(one)] = _value(writer, one, done)
    return done[id(writer.value)]


def _value(writer: Writer, value: Value, done: dict[int, sympy.Expr]) -> sympy.Expr:
    if len(value.legs) > 2:
        raise UnsayableError(f"a matrix has no {len(value.legs)} legs", hint='use as_="array"')
    terms = [
        _kronecker(writer, term, done)
        if term.spider.groups
        else _Network(writer, term, done).expression()
        for term in terms_of(value)
    ]
    if not value.legs:
        return sympy.Add(*terms)
    if not terms:
        shape = (*writer.sizes_of(leg_spaces(value)), sympy.Integer(1))
        return sympy.ZeroMatrix(*shape[:2])
    return terms[0] if len(terms) == 1 else sympy.MatAdd(*terms)


class _Network:
    """One term: classes of its spider form as places, vectors at them, matrices between them.

    A place that is not free goes with one matrix (into a vector), with two (into their product), or
    with none (into a number); two matrices between the same places are one Hadamard product.
    """

    def __init__(self, writer: Writer, term: Diagram, done: dict[int, sympy.Expr]) -> None:
        form = term.spider
        if any(space.dimension == 1 for space in form.spaces):
            raise UnsayableError("a side that is 1 long would be no leg", hint='use as_="array"')
        self.sizes = writer.sizes_of(form.spaces)
        self.free = form.free
        self.numbers = [writer.coefficient(term)]
        self.vectors: list[list[sympy.MatrixExpr]] = [[] for _ in form.spaces]
        self.edges: dict[int, tuple[int, int, Factors]] = {}
        self.at: list[set[int]] = [set() for _ in form.spaces]
        self.count = 0
        for label, row in zip(form.labels, form.ports, strict=True):
            expression = _label(writer, label, done)
            if not row:
                self.numbers.append(expression)
            elif len(row) == 1:
                self.vectors[row[0]].append(expression)
            else:
                self.join(row[0], row[1], (expression,))

    def join(self, first: int, second: int, factors: Factors) -> None:
        """Put a matrix between two places."""
        self.edges[self.count] = (first, second, factors)
        self.at[first].add(self.count)
        self.at[second].add(self.count)
        self.count += 1

    def take(self, edge: int, start: int) -> tuple[int, Factors]:
        """Take a matrix out, read from `start`; the place where it ends comes with it."""
        first, second, factors = self.edges.pop(edge)
        self.at[first].discard(edge)
        self.at[second].discard(edge)
        if first == start:
            return second, factors
        return first, _back(factors)

    def expression(self) -> sympy.Expr:
        """The term; raises UnsayableError where places remain that three matrices meet at."""
        places = [place for place in range(len(self.sizes)) if place not in self.free]
        waiting = dict.fromkeys(places)
        gone: set[int] = set()
        while waiting:
            place = next(iter(waiting))
            del waiting[place]
            touched = self.reduce(place)
            if touched is None:
                continue
            if not self.at[place]:
                gone.add(place)
            waiting.update(dict.fromkeys(p for p in touched if p in places and p not in gone))
        if any(place not in gone for place in places):
            raise UnsayableError("three matrices meet at one index", hint='use as_="array"')
        for place in set(self.free):
            self.fold_loops(place)
        return self.finished()

    def reduce(self, place: int) -> list[int] | None:
        """Let a place go, or merge two matrices there; the places to look at, None for nothing."""
        loops = [edge for edge in self.at[place] if set(self.edges[edge][:2]) == {place}]
        others = sorted(self.at[place] - set(loops))
        if loops and not others and not self.vectors[place] and len(loops) == 1:
            self.numbers.append(sympy.Trace(_product(_plainer(self.take(loops[0], place)[1]))))
            return []
        self.fold_loops(place)
        if len(others) <= 2:
            return self.remove(place, others)
        for position, edge in enumerate(others):
            for other in others[:position]:
                if set(self.edges[edge][:2]) == set(self.edges[other][:2]):
                    end, first = self.take(other, place)
                    _, second = self.take(edge, place)
                    self.join(place, end, (_hadamard([_product(first), _product(second)]),))
                    return [place, end]
        return None

    def remove(self, place: int, others: list[int]) -> list[int]:
        """Let a place go that at most two matrices meet at."""
        vectors, size = self.vectors[place], self.sizes[place]
        if not others:
            row = vectors[0] if vectors else sympy.OneMatrix(size, 1)
            column = _hadamard(vectors[1:]) if vectors[1:] else sympy.OneMatrix(size, 1)
            product = _product(_plainer(_factors((_transposed(row), column))))
            self.numbers.append(MatrixElement(product, sympy.Integer(0), sympy.Integer(0)))
            return []
        if len(others) == 1:
            end, factors = self.take(others[0], place)
            column = _hadamard(vectors) if vectors else sympy.OneMatrix(size, 1)
            back = _back(factors)
            self.vectors[end].append(_product((*back, column)))
            return [end]
        start, before = self.take(others[0], place)
        end, after = self.take(others[1], place)
        back = _back(before)
        middle = (DiagMatrix(_hadamard(vectors)),) if vectors else ()
        self.join(start, end, (*back, *middle, *after))
        return [start, end]

    def fold_loops(self, place: int) -> None:
        """Make each matrix from a place to itself a vector there."""
        for edge in sorted(self.at[place]):
            if set(self.edges[edge][:2]) == {place}:
                self.vectors[place].append(DiagonalOf(_product(self.take(edge, place)[1])))

    def finished(self) -> sympy.Expr:
        """What the free places make of all that is left."""
        scale = sympy.Mul(*self.numbers)
        if not self.free:
            return scale
        row = self.free[0]
        weights = self.vectors[row]
        if len(self.free) == 1:
            column = _hadamard(weights) if weights else sympy.OneMatrix(self.sizes[row], 1)
            return _scaled(scale, (column,))
        last = self.free[1]
        if row == last:
            size = self.sizes[row]
            return _scaled(
                scale, (DiagMatrix(_hadamard(weights)) if weights else sympy.Identity(size),)
            )
        between = [self.take(edge, row)[1] for edge in sorted(self.at[row])]
        others = self.vectors[last]
        if not between:
            pair = [
                _hadamard(found) if found else sympy.OneMatrix(self.sizes[place], 1)
                for place, found in ((row, weights), (last, others))
            ]
            if not weights and not others:
                return _scaled(scale, (sympy.OneMatrix(self.sizes[row], self.sizes[last]),))
            return _scaled(scale, (pair[0], _transposed(pair[1])))
        middle = between[0] if len(between) == 1 else (_hadamard(list(map(_product, between))),)
        left = (DiagMatrix(_hadamard(weights)),) if weights else ()
        right = (DiagMatrix(_hadamard(others)),) if others else ()
        return _scaled(scale, (*left, *middle, *right))


def _kronecker(writer: Writer, term: Diagram, done: dict[int, sympy.Expr]) -> sympy.Expr:
    """A term whose free legs group those of matrices, or of vectors, side by side."""
    form, degrees = term.spider, term.spider.degrees()
    parts_of = {thick: parts for thick, *parts in form.group_ports}
    sides = [parts_of.get(place, []) for place in form.free]
    used = [place for side in sides for place in side]
    is_plain = (
        len(set(form.free)) == len(form.free) == len(form.groups)
        and len({len(side) for side in sides}) == 1
        and all(degrees[place] == 2 for place in [*form.free, *used])
        and not any(form.spaces[place].dimension == 1 for place in [*form.free, *used])
    )
    numbers, between = [writer.coefficient(term)], {}
    for label, row in zip(form.labels, form.ports, strict=True):
        if row:
            between[frozenset(row)] = (row, _label(writer, label, done))
        else:
            numbers.append(_label(writer, label, done))
    factors = []
    for places in zip(*sides, strict=True) if is_plain else ():
        if len(places) == 2 and places[0] == places[1]:
            factors.append(sympy.Identity(writer.size(form.spaces[places[0]])))
        elif frozenset(places) in between:
            row, matrix = between.pop(frozenset(places))
            factors.append(matrix if row == places else _transposed(matrix))
    if not is_plain or between or len(factors) != len(sides[0]):
        raise UnsayableError("no matrix form of this reshape", hint='use as_="indexed"')
    return _scaled(sympy.Mul(*numbers), (sympy.KroneckerProduct(*factors),))


def _label(writer: Writer, label: Tensor | Box, done: dict[int, sympy.Expr]) -> sympy.Expr:
    if label.rank > 2:
        raise UnsayableError(f"a matrix has no {label.rank} legs", hint='use as_="array"')
    if isinstance(label, Tensor):
        return writer.matrix(label) if label.rank else writer.number(label)
    content = done[id(label.content)]
    if label.function is None:
        return content
    body = applied(label.function.name, X)
    if body is None:
        raise UnsayableError(
            f"sympy's matrices have no {label.function.name}", hint='use as_="array"'
        )
    if not label.rank:
        return _of_number(label.function.name, content)
    return ElementwiseApplyFunction(sympy.Lambda(X, body), content)


def _of_number(name: str, content: sympy.Expr) -> sympy.Expr:
    try:
        return applied(name, content)
    except TypeError:
        # Max looks for common factors, which sympy 1.14 cannot do in an entry of A + 2*B
        why = f"sympy fails at {name} of {content}"
        raise UnsayableError(why, hint='use as_="array"') from None


def _transposed(matrix: sympy.MatrixExpr) -> sympy.MatrixExpr:
    if isinstance(matrix, sympy.Transpose):
        return matrix.arg
    if isinstance(matrix, sympy.Adjoint):
        inner = matrix.arg
        is_conjugate = isinstance(inner, sympy.Transpose)
        return sympy.Adjoint(inner.arg if is_conjugate else sympy.Transpose(inner))
    if isinstance(matrix, DiagMatrix | sympy.Identity):
        return matrix
    if isinstance(matrix, sympy.OneMatrix):
        return sympy.OneMatrix(*reversed(matrix.shape))
    if isinstance(matrix, sympy.MatMul) and all(one.is_Matrix for one in matrix.args):
        return sympy.MatMul(*_back(matrix.args))
    return sympy.Transpose(matrix)


def _factors(factors: Factors) -> Factors:
    """The factors with products among them written out."""
    flat: list[sympy.MatrixExpr] = []
    for factor in factors:
        inner = isinstance(factor, sympy.MatMul) and all(one.is_Matrix for one in factor.args)
        flat += factor.args if inner else [factor]
    return tuple(flat)


def _back(factors: Factors) -> Factors:
    """The factors of the transposed product."""
    return tuple(_transposed(factor) for factor in reversed(factors))


def _plainer(factors: Factors) -> Factors:
    """A product or its transpose, whichever transposes fewer factors; for numbers alone."""
    back = _back(factors)
    heads = sympy.Transpose | sympy.Adjoint
    first, second = (sum(isinstance(one, heads) for one in row) for row in (factors, back))
    return back if second < first else factors


def _product(factors: Factors) -> sympy.MatrixExpr:
    flat = _factors(factors)
    return flat[0] if len(flat) == 1 else sympy.MatMul(*flat)


def _hadamard(matrices: list[sympy.MatrixExpr]) -> sympy.MatrixExpr:
    return matrices[0] if len(matrices) == 1 else sympy.HadamardProduct(*matrices)


def _scaled(scale: sympy.Expr, factors: Factors) -> sympy.MatrixExpr:
    return _product(factors) if scale == 1 else sympy.MatMul(scale, *_factors(factors))
