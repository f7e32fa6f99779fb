"""Values and arrays to one array: sizes, types and names checked first, nothing cast."""

from __future__ import annotations

import cmath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
import sympy

from tnalgebra.core.nodes import Function, Tensor
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram, Value
from tnalgebra.errors import ArrayError
from tnalgebra.numeric.arrays import (
    Array,
    check_size,
    conjugated,
    inverse,
    is_unreal,
    largest,
    matching,
    object_array,
    owned,
    pseudo_inverse,
    quiet,
)
from tnalgebra.numeric.contraction import FloatArithmetic
from tnalgebra.numeric.functions import apply
from tnalgebra.numeric.inputs import check_axes, check_real, check_types, sorted_by_use
from tnalgebra.numeric.interpreter import Interpreter, needs
from tnalgebra.numeric.sizes import check_positions, check_possible, known_sizes, split_sizes


def evaluate(
    value: Value, arrays: Mapping[str, Any], sizes: Mapping[str, int] | None = None
) -> Array:
    """The array of a value, axes in the order of `value.legs`: numpy in, numpy out; torch likewise.

    arrays: by tensor name, the array of the unmarked tensor in its declared leg order; numbers for
    the symbols of coefficients go here too. sizes: by space name, for spaces that no array tells
    and for size symbols whose space is gone.
    Raises ArrayError for an array that is missing, unknown, or does not fit the others, and
    LimitError for sizes at which an array would be larger than any memory.

    >>> from tnalgebra.core.build import contract, symbol
    >>> from tnalgebra.core.nodes import Tensor
    >>> from tnalgebra.core.spaces import Leg, Space
    >>> A = symbol(Tensor("A", (Leg("i", Space("i")), Leg("j", Space("j")))), ["i", "j"])
    >>> evaluate(contract(A, keep=["j"]), {"A": np.ones((2, 3))})
    array([2., 2., 2.])
    """
    evaluation, tensors = _prepared(value, arrays, sizes)
    with quiet():
        return owned(evaluation.run(value), tensors.values())


@dataclass(frozen=True)
class Operands:
    """What a diagram contracts: in the order of its normal form, nothing contracted yet.

    sizes: the size of each index class. number: the coefficient, closed loops included. like: an
    array of the same library, device and precision, or None where there is none.
    """

    arrays: list[Array]
    sizes: list[int]
    number: Array
    like: Array | None


def operands(
    diagram: Diagram, arrays: Mapping[str, Any], sizes: Mapping[str, int] | None = None
) -> Operands:
    """The arrays that a diagram contracts, marks and boxes done; raises as `evaluate` does."""
    evaluation, tensors = _prepared(diagram, arrays, sizes)
    form = diagram.normal
    with quiet():
        parts = evaluation.parts(diagram)
    return Operands(
        [owned(array, tensors.values()) for array in parts],
        [evaluation.size(space) for space in form.spaces],
        evaluation.number(diagram.coefficient * form.scalar),
        next(iter(tensors.values()), None),
    )


def _prepared(
    value: Value, arrays: Mapping[str, Any], sizes: Mapping[str, int] | None
) -> tuple[_Evaluation, dict[str, Array]]:
    """What one call needs, all of it checked; and the arrays it was given."""
    if not isinstance(arrays, Mapping):
        raise ArrayError(
            f"arrays are given by name, not as {type(arrays).__name__}",
            hint="as in {'A': array}",
        )
    check_axes(value)
    wanted = needs(value)
    of_symbols, of_spaces = split_sizes(wanted, sizes)
    tensors, numbers = sorted_by_use(wanted, {**of_symbols, **arrays})
    check_types(tensors)
    check_real(wanted, tensors, is_unreal)
    known = known_sizes(wanted, {name: array.shape for name, array in tensors.items()}, of_spaces)
    check_positions(wanted.least, known)
    check_possible(wanted.tensors.values(), known)
    return _Evaluation(tensors, numbers, known), tensors


class _Evaluation(Interpreter):
    """One call: arrays of marked tensors are made once each."""

    def __init__(
        self,
        arrays: Mapping[str, Array],
        numbers: Mapping[sympy.Symbol, sympy.Expr],
        sizes: Mapping[str, int],
    ) -> None:
        self.arithmetic = FloatArithmetic()
        self._arrays = arrays
        self._numbers = dict(numbers)
        self._sizes = sizes
        self._like: Array | None = next(iter(arrays.values()), None)
        self._marked: dict[Tensor, Array] = {}

    def size(self, space: Space) -> int:
        return self._sizes[space.name]

    def tensor(self, tensor: Tensor) -> Array:
        if tensor not in self._marked:
            array = self._arrays.get(tensor.name)
            if array is None:
                array = self._entries(tensor.base())
            if tensor.mark.endswith("pinv"):
                array = pseudo_inverse(array, tensor.name)
            elif tensor.is_inverse:
                self._check_square(tensor.base())
                array = inverse(array, tensor.name)
            self._marked[tensor] = conjugated(array) if tensor.is_conj else array
        return self._marked[tensor]

    def _check_square(self, base: Tensor) -> None:
        rows, columns = (self.size(space) for space in base.spaces())
        if rows != columns:
            first, second = base.legs
            raise ArrayError(
                f"inv({base.name}) needs a square array: leg {first.name!r} has size {rows}, "
                f"leg {second.name!r} size {columns}",
                hint=f"give {base.name!r} equal sizes",
            )

    def _entries(self, base: Tensor) -> Array:
        sizes = tuple(self.size(space) for space in base.spaces())
        check_size(prod(sizes))
        entries = self._substituted(base.entries)
        found = entry_array(entries, sizes)
        limit = largest(self._like)
        finite = (abs(found.real) <= limit) & (abs(found.imag) <= limit)
        if not finite.all():
            place = [int(one) for one in np.argwhere(~finite)[0]]
            raise ArrayError(
                f"the entry {place} of {base.name} is not a finite number in these arrays' "
                "precision",
                hint="positions are counted from 0",
            )
        return matching(found, self._like)

    def _substituted(self, expression: Any) -> Any:
        known = dict(self._numbers)
        for symbol in expression.free_symbols:
            if symbol not in known:
                known[symbol] = sympy.Integer(self._sizes[symbol.name])
        return expression.subs(known) if known else expression

    def number(self, coefficient: sympy.Expr) -> Array:
        found = self._substituted(coefficient)
        try:
            number = cmath.nan if found.is_infinite else complex(found)
        except OverflowError:
            number = cmath.inf
        limit = largest(self._like)
        if not (abs(number.real) <= limit and abs(number.imag) <= limit):
            raise ArrayError(
                f"the coefficient {coefficient} is not a finite number in these arrays' precision",
                hint="give other numbers for its symbols" if self._numbers else None,
            )
        return matching(np.asarray(number if number.imag else number.real), self._like)

    def apply(self, function: Function, array: Array) -> Array:
        return apply(function, array)

    def zeros(self, shape: Sequence[int]) -> Array:
        check_size(prod(shape))
        return matching(np.zeros(tuple(shape)), self._like)


@lru_cache(maxsize=1024)
def entry_array(
    entries: sympy.Lambda | sympy.NDimArray, sizes: tuple[int, ...]
) -> np.ndarray[Any, Any]:
    """The array of a tensor that is declared by its entries, or a formula of them (read-only).

    >>> i, j = sympy.symbols("i j", integer=True)
    >>> entry_array(sympy.Lambda((i, j), i + 10 * j), (2, 2))
    array([[ 0., 10.],
           [ 1., 11.]])
    """
    if isinstance(entries, sympy.NDimArray):
        return _read_only(np.vectorize(complex, otypes=[complex])(object_array(entries)))
    indices = list(entries.variables)
    formula = entries.expr.replace(
        sympy.KroneckerDelta, lambda a, b, *_: sympy.Piecewise((1, sympy.Eq(a, b)), (0, True))
    )
    function = sympy.lambdify(indices, formula, "numpy")
    # floats, because numpy refuses an integer to a negative integer power
    places = [place.astype(float) for place in np.indices(sizes, sparse=True)]
    try:
        with np.errstate(all="ignore"):  # what is not finite is for the caller to refuse
            found = np.asarray(function(*places))
    except (AttributeError, NameError, TypeError):  # a function that numpy does not have
        one_by_one = [complex(entries(*place)) for place in np.ndindex(*sizes)]
        found = np.real_if_close(np.reshape(one_by_one, sizes))
    return _read_only(np.array(np.broadcast_to(found, sizes)))


def _read_only(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The array as floats, complex where an entry is."""
    if not (np.iscomplexobj(array) and array.imag.any()):
        array = array.real.astype(float)
    array.flags.writeable = False
    return array
