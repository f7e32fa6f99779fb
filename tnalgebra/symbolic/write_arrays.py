"""The array form: tensor products, contractions and diagonals, never put in sympy's normal form.

Sympy's own normalisation of array expressions has been wrong before; what is built here is the
plain einsum of the spider form, one contraction and one diagonal around one tensor product.
"""

from __future__ import annotations

import sympy
from sympy.tensor.array.expressions.array_expressions import (
    ArrayAdd,
    ArrayContraction,
    ArrayDiagonal,
    ArrayElementwiseApplyFunc,
    ArraySymbol,
    ArrayTensorProduct,
    OneArray,
    PermuteDims,
    ZeroArray,
)

from tnalgebra.core.functions import applied
from tnalgebra.core.nesting import contents, leg_spaces
from tnalgebra.core.nodes import Box, Function, Tensor
from tnalgebra.core.values import Diagram, Value, terms_of
from tnalgebra.symbolic.functions import CAUSAL
from tnalgebra.symbolic.writing import UnsayableError, Writer, X


def array_form(writer: Writer) -> sympy.Expr:
    """The value as an array expression, its axes the free legs; a closed one as a number."""
    done: dict[int, sympy.Expr] = {}
    for one in [*contents(writer.value), writer.value]:
        done[id(one)] = _value(writer, one, done)
    return done[id(writer.value)]


def _value(writer: Writer, value: Value, done: dict[int, sympy.Expr]) -> sympy.Expr:
    terms = [_term(writer, term, done) for term in terms_of(value)]
    if len(terms) == 1:
        return terms[0]
    if all(_is_number(term) for term in terms) and not value.legs:
        return sympy.Add(*terms)
    if not terms:
        return ZeroArray(*writer.sizes_of(leg_spaces(value)))
    # sympy's ArrayAdd does not take a number for an array without axes
    return ArrayAdd(*(ArrayTensorProduct(one) if _is_number(one) else one for one in terms))


def _term(writer: Writer, term: Diagram, done: dict[int, sympy.Expr]) -> sympy.Expr:
    form = term.spider
    if form.groups:
        raise UnsayableError("no array form of a reshape", hint='use as_="indexed"')
    factors: list[sympy.Expr] = []
    axes: list[list[int]] = [[] for _ in form.spaces]
    numbers = [writer.coefficient(term)]
    summed: list[tuple[int, ...]] = []
    count = 0
    for label, row in zip(form.labels, form.ports, strict=True):
        expression = _label(writer, label, done)
        if _is_number(expression):
            numbers.append(expression)
            continue
        factors.append(expression)
        for index in row:
            axes[index].append(count)
            count += 1
        if _is_column(label):
            summed.append((count,))
            count += 1
    open_at: dict[int, list[int]] = {}
    for position, index in enumerate(form.free):
        open_at.setdefault(index, []).append(position)
    kept: list[list[int]] = [[] for _ in form.free]
    for index, size in enumerate(writer.sizes_of(form.spaces)):
        places = open_at.get(index, [])
        if not places:
            summed.append(tuple(axes[index]))
            continue
        if not axes[index] and len(places) == 1:
            factors.append(OneArray(size))
            axes[index].append(count)
            count += 1
        for position in places[1:]:
            factors.append(sympy.Identity(size))
            axes[index].append(count)
            kept[position] = [count + 1]
            count += 2
        kept[places[0]] = axes[index]
    scale = sympy.Mul(*numbers)
    if not factors:
        return scale
    if len(factors) == 1 and scale == 1:
        product = factors[0]
    else:
        product = ArrayTensorProduct(*([] if scale == 1 else [scale]), *factors)
    return _joined(product, count, summed, kept)


def _joined(
    product: sympy.Expr, count: int, summed: list[tuple[int, ...]], kept: list[list[int]]
) -> sympy.Expr:
    """Sum some groups of axes, take the diagonals of the others, and put them in order."""
    if summed:
        product = ArrayContraction(product, *sorted(summed))
    gone = {axis for group in summed for axis in group}
    new = {axis: k for k, axis in enumerate(axis for axis in range(count) if axis not in gone)}
    rows = [[new[axis] for axis in group] for group in kept]
    wide = [tuple(row) for row in rows if len(row) > 1]
    if wide:
        product = ArrayDiagonal(product, *wide)
    single = sorted(row[0] for row in rows if len(row) == 1)
    place = {axis: k for k, axis in enumerate(single)}
    place |= {row[0]: len(single) + k for k, row in enumerate(wide)}
    order = [place[row[0]] for row in rows]
    return product if order == sorted(order) else PermuteDims(product, order)


def _is_number(expression: sympy.Basic) -> bool:
    """Whether this is a plain expression; arrays without axes are none, sympy cannot add them."""
    return isinstance(expression, sympy.Expr) and not hasattr(expression, "shape")


def _is_column(label: Tensor | Box) -> bool:
    """Whether a vector is written as a matrix of one column."""
    return isinstance(label, Tensor) and label.rank == 1 and label.entries is not None


def _label(writer: Writer, label: Tensor | Box, done: dict[int, sympy.Expr]) -> sympy.Expr:
    if isinstance(label, Box):
        content = done[id(label.content)]
        return content if label.function is None else _function(writer, label, content)
    if not label.rank:
        return writer.number(label)
    if label.entries is not None or label.is_inverse:
        if label.rank > 2:
            raise UnsayableError("sympy has no arrays by formulas", hint='use as_="indexed"')
        if label.rank == 2 and any(space.dimension == 1 for space in label.spaces()):
            raise UnsayableError("a side that is 1 long would be no leg", hint='use as_="indexed"')
        return writer.matrix(label)
    found = ArraySymbol(label.name, writer.sizes_of(label.spaces()))
    return _each(sympy.conjugate(X), found) if label.is_conj else found


def _each(body: sympy.Expr, array: sympy.Expr) -> sympy.Expr:
    return ArrayElementwiseApplyFunc(sympy.Lambda(X, body), array)


def _function(writer: Writer, box: Box, content: sympy.Expr) -> sympy.Expr:
    assert box.function is not None
    body = applied(box.function.name, X)
    if body is not None:
        if box.rank:
            return _each(body, content)
        if _is_number(content):
            return applied(box.function.name, content)
        # sympy cannot make a function of an array without axes explicit: it gets one of size 1
        lifted = ArrayTensorProduct(content, OneArray(sympy.Integer(1)))
        return ArrayContraction(_each(body, lifted), (0,))
    if box.function.name in ("softmax", "causal_softmax"):
        return _softmax(writer, box, box.function, content)
    raise UnsayableError(f"sympy's arrays have no {box.function.name}", hint='use as_="indexed"')


def _softmax(writer: Writer, box: Box, function: Function, content: sympy.Expr) -> sympy.Expr:
    """Exponentials, those that count, divided by their sums along the last of the legs."""
    weights = _each(sympy.exp(X), content)
    axes = [[axis] for axis in range(box.rank)]
    if function.name == "causal_softmax":
        query, key = function.along
        shape = writer.sizes_of(leg_spaces(box.content))
        if shape[query] == 1 or shape[key] == 1:
            raise UnsayableError("a side that is 1 long would be no leg", hint='use as_="indexed"')
        mask = sympy.FunctionMatrix(shape[query], shape[key], CAUSAL)
        weights = ArrayTensorProduct(weights, mask)
        axes[query].append(box.rank)
        axes[key].append(box.rank + 1)
        weights = _joined(weights, box.rank + 2, [], axes)
    along = function.along[-1]
    size = writer.sizes_of(leg_spaces(box.content))[along]
    sums = ArrayContraction(ArrayTensorProduct(weights, OneArray(size)), (along,))
    product = ArrayTensorProduct(weights, _each(1 / X, sums))
    axes = [[axis] for axis in range(box.rank)]
    others = [axis for axis in range(box.rank) if axis != along]
    for k, axis in enumerate([*others, along]):
        axes[axis].append(box.rank + k)
    return _joined(product, 2 * box.rank, [], axes)
