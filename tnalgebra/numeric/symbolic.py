"""Values to explicit sympy arrays: exact arithmetic, named entries where no array is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
import sympy

from tnalgebra.core.functions import applied
from tnalgebra.core.marks import MARKS
from tnalgebra.core.nesting import contents
from tnalgebra.core.nodes import Function, Tensor
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Value
from tnalgebra.errors import ArrayError, LimitError
from tnalgebra.numeric.arrays import object_array, singular
from tnalgebra.numeric.contraction import Plan
from tnalgebra.numeric.inputs import (
    check_axes,
    check_names,
    check_real,
    is_known_real,
    plain_number,
)
from tnalgebra.numeric.interpreter import Interpreter, needs
from tnalgebra.numeric.sizes import check_positions, check_possible, known_sizes, split_sizes

MOST_ENTRIES = 100_000
"""The largest sympy array that may arise."""

MOST_PRODUCTS = 1_000_000
"""The most multiplications of sympy expressions in one contraction."""

_NOT_FINITE = (sympy.zoo, sympy.oo, -sympy.oo, sympy.nan)

LARGEST_INVERSE = 4
"""The largest matrix with symbols in it that is inverted."""

Objects = np.ndarray[Any, Any]


def is_sympy(array: object) -> bool:
    """Whether this is an explicit sympy array or matrix."""
    return isinstance(array, sympy.NDimArray | sympy.MatrixBase)


def to_sympy(array: Objects) -> sympy.ImmutableDenseNDimArray:
    """A numpy array of expressions as a sympy array of the same shape."""
    entries = [sympy.sympify(entry) for entry in array.ravel()]
    return sympy.ImmutableDenseNDimArray(entries, array.shape)


def check_entries(entries: int) -> None:
    """Raise LimitError for a sympy array of more than MOST_ENTRIES entries."""
    if entries > MOST_ENTRIES:
        raise LimitError(
            f"a sympy array of {entries} entries would arise; the limit is {MOST_ENTRIES}",
            hint="give smaller sizes, or arrays of floating-point numbers",
        )


class SympyArithmetic:
    """Exact arithmetic of numpy arrays that hold sympy expressions; nothing is expanded."""

    def check(self, how: Plan, entries: int) -> None:
        """Raise LimitError for more than MOST_ENTRIES entries or MOST_PRODUCTS products."""
        check_entries(max(how.largest, entries))
        if how.flops > MOST_PRODUCTS:
            raise LimitError(
                f"the contraction takes {how.flops} products of expressions; "
                f"the limit is {MOST_PRODUCTS}",
                hint="give smaller sizes, or arrays of floating-point numbers",
            )

    def add(self, first: Objects, second: Objects) -> Objects:
        """The elementwise sum."""
        return _array(first + second)

    def multiply(self, first: Objects, second: Objects) -> Objects:
        """The elementwise product, broadcast."""
        return _array(first * second)

    def matmul(self, first: Objects, second: Objects) -> Objects:
        """The batched matrix product."""
        return _array(first @ second)

    def add_up(self, array: Objects, axes: tuple[int, ...]) -> Objects:
        """The sum over some axes."""
        return _array(array.sum(axes))


def evaluate_symbolic(
    value: Value, given: Mapping[str, Any], sizes: Mapping[str, int] | None = None
) -> sympy.ImmutableDenseNDimArray:
    """The value as an explicit sympy array, exact, axes in the order of `value.legs`.

    given: sympy arrays by tensor name, numbers or expressions by symbol name. A tensor A that is
    left out has the entries A[0,1], which honour declared (anti)symmetry and reality, no other
    fact; a symbol that is left out stays. Sums are not expanded.
    Raises ArrayError as `evaluate` does, and LimitError for more than MOST_ENTRIES entries.

    >>> import tnalgebra as tn
    >>> evaluate_symbolic(tn.parse("A.H @ A"), {"A": sympy.Matrix([[1, sympy.I]])})
    [[1, I], [-I, 1]]
    >>> evaluate_symbolic(tn.parse("A[i,i]"), {}, {"i": 2})
    A[0, 0] + A[1, 1]
    """
    check_axes(value)
    wanted = needs(value)
    of_symbols, of_spaces = split_sizes(wanted, sizes)
    check_names(wanted, given)
    numbers = {
        symbol: plain_number(symbol, number, open_too=True)
        for symbol in wanted.symbols
        if (number := {**of_symbols, **given}.get(symbol.name)) is not None
    }
    arrays: dict[str, Objects] = {}
    for name in wanted.tensors:
        if name in given:
            if not is_sympy(given[name]):
                raise ArrayError(
                    f"{name!r} is given as {type(given[name]).__name__}, not as a sympy array",
                    hint=f"pass sympy.Array({name}.tolist()), or leave symbolic=True out",
                    about=name,
                )
            arrays[name] = object_array(given[name])
    check_real(wanted, arrays, _is_unreal)
    known = known_sizes(wanted, {name: array.shape for name, array in arrays.items()}, of_spaces)
    check_positions(wanted.least, known)
    check_possible(wanted.tensors.values(), known)
    for content in [*contents(value), value]:
        check_entries(prod(known[leg.space.name] for leg in content.legs if leg.space))
    return to_sympy(_Symbolic(arrays, numbers, known).run(value))


class _Symbolic(Interpreter):
    """One call; arrays of marked tensors are made once each."""

    def __init__(
        self,
        arrays: Mapping[str, Objects],
        numbers: Mapping[sympy.Symbol, sympy.Expr],
        sizes: Mapping[str, int],
    ) -> None:
        self.arithmetic = SympyArithmetic()
        self._arrays = dict(arrays)
        self._numbers = dict(numbers)
        self._sizes = sizes
        self._marked: dict[Tensor, Objects] = {}

    def size(self, space: Space) -> int:
        return self._sizes[space.name]

    def tensor(self, tensor: Tensor) -> Objects:
        if tensor not in self._marked:
            base = tensor.base()
            array = self._arrays.get(tensor.name)
            array = self._filled(base) if array is None else array
            if tensor.mark not in MARKS:
                raise ArrayError(f"{tensor.mark}({tensor.name}) has no exact sympy array here")
            if tensor.mark.endswith("pinv"):
                array = _pseudo_inverse(array, tensor.name)
            elif tensor.is_inverse:
                array = _inverse(array, tensor.name)
            self._marked[tensor] = _each(sympy.conjugate, array) if tensor.is_conj else array
        return self._marked[tensor]

    def _filled(self, base: Tensor) -> Objects:
        shape = tuple(self.size(space) for space in base.spaces())
        check_entries(prod(shape))
        if isinstance(base.entries, sympy.NDimArray):
            return object_array(self._substituted(base.entries))
        result = np.empty(shape, dtype=object)
        formula = None if base.entries is None else self._substituted(base.entries)
        named = sympy.IndexedBase(base.name, **({"real": True} if is_known_real(base) else {}))
        for place in np.ndindex(*shape):
            if formula is not None:
                result[place] = entry = formula(*place)
                if entry.has(*_NOT_FINITE):
                    raise ArrayError(
                        f"the entry {list(place)} of {base.name} is not a finite number",
                        hint="positions are counted from 0",
                    )
            elif place:
                least, sign = base.group.settled(place)
                result[place] = sign * named[least]
            else:
                result[place] = named.label
        return result

    def _substituted(self, expression: Any) -> Any:
        known = dict(self._numbers)
        for symbol in expression.free_symbols:
            if symbol not in known and symbol.name in self._sizes and symbol.is_integer:
                known[symbol] = sympy.Integer(self._sizes[symbol.name])
        return expression.subs(known) if known else expression

    def number(self, coefficient: sympy.Expr) -> Objects:
        found = self._substituted(coefficient)
        if found.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
            raise ArrayError(
                f"the coefficient {coefficient} is not a finite number",
                hint="give other numbers for its symbols",
            )
        return _array(found)

    def apply(self, function: Function, array: Objects) -> Objects:
        try:
            if function.name in OF_ARRAYS:
                return OF_ARRAYS[function.name](array, *function.along)
            return _each(lambda entry: applied(function.name, entry), array)
        except ValueError as error:  # sympy's refusal of complex numbers in Max
            raise ArrayError(f"{function.name} does not apply to these entries: {error}") from error

    def zeros(self, shape: Sequence[int]) -> Objects:
        check_entries(prod(shape))
        return np.full(tuple(shape), sympy.Integer(0), dtype=object)


def _array(found: Any) -> Objects:
    """The found array, of no axes where numpy gives its one entry instead."""
    if isinstance(found, np.ndarray):
        return found
    result = np.empty((), dtype=object)
    result[()] = found
    return result


def _is_unreal(array: Objects) -> bool:
    """Whether an entry is known not to be real."""
    return any(sympy.sympify(entry).is_real is False for entry in array.flat)


def _each(function: Callable[[Any], Any], array: Objects) -> Objects:
    result = np.empty(array.shape, dtype=object)
    for place in np.ndindex(*array.shape):
        result[place] = function(array[place])
    return result


def _inverse(array: Objects, name: str | None = None) -> Objects:
    rows, columns = array.shape
    if rows != columns:
        raise ArrayError(
            f"inv({name or '...'}) needs a square array, not {rows} by {columns}", about=name
        )
    matrix = sympy.Matrix(rows, columns, list(array.ravel()))
    if matrix.free_symbols and rows > LARGEST_INVERSE:
        raise LimitError(
            f"inv({name or '...'}) with symbols is written out up to {LARGEST_INVERSE} by "
            f"{LARGEST_INVERSE}",
            hint=_numbers_for(name),
        )
    try:
        return object_array(matrix.inv(method="ADJ" if matrix.free_symbols else "GE"))
    except sympy.matrices.exceptions.NonInvertibleMatrixError:
        raise singular(name) from None


def _numbers_for(name: str | None) -> str:
    return f"give a sympy array of numbers for {name!r}" if name else "give arrays of numbers"


def _pseudo_inverse(array: Objects, name: str | None = None) -> Objects:
    matrix = sympy.Matrix(*array.shape, list(array.ravel()))
    if matrix.free_symbols:
        raise ArrayError(
            f"pinv({name or '...'}) of symbols has no exact sympy array here",
            hint=_numbers_for(name),
            about=name,
        )
    return object_array(matrix.pinv())


def _softmax(array: Objects, axis: int) -> Objects:
    weights = _each(sympy.exp, array)
    return np.asarray(weights / weights.sum(axis, keepdims=True))


def _causal_softmax(array: Objects, query: int, key: int) -> Objects:
    places = np.indices(array.shape, sparse=True)
    weights = np.where(places[key] <= places[query], _each(sympy.exp, array), sympy.Integer(0))
    return np.asarray(weights / weights.sum(key, keepdims=True))


OF_ARRAYS: dict[str, Callable[..., Objects]] = {
    "softmax": _softmax,
    "causal_softmax": _causal_softmax,
    "inv": lambda array: _inverse(array).T,
    "pinv": lambda array: _pseudo_inverse(array).T,
}
