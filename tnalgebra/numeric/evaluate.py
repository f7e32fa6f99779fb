"""Values and arrays to one array: sizes, types and names checked first, nothing cast."""

from __future__ import annotations

import cmath
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from numbers import Number
from typing import Any

import numpy as np
import sympy

from tnalgebra.core.nesting import contents
from tnalgebra.core.nodes import Function, Tensor
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Value
from tnalgebra.errors import ArrayError
from tnalgebra.numeric.arrays import (
    Array,
    conjugated,
    inverse,
    is_torch,
    largest,
    matching,
    owned,
    plain,
    precision,
    pseudo_inverse,
)
from tnalgebra.numeric.contraction import FloatArithmetic
from tnalgebra.numeric.functions import apply
from tnalgebra.numeric.interpreter import Interpreter, Needs, needs
from tnalgebra.numeric.sizes import check_positions, resolve_sizes

MAX_AXES = 64
"""What a numpy array has at most."""


def evaluate(
    value: Value, arrays: Mapping[str, Any], sizes: Mapping[str, int] | None = None
) -> Array:
    """The array of a value, axes in the order of `value.legs`: numpy in, numpy out; torch likewise.

    arrays: by tensor name, the array of the unmarked tensor in its declared leg order; numbers for
    the symbols of coefficients go here too. sizes: by space name, for spaces that no array tells
    and for size symbols whose space is gone.
    Raises ArrayError for an array that is missing, unknown, or does not fit the others.

    >>> from tnalgebra.core.build import contract, symbol
    >>> from tnalgebra.core.nodes import Tensor
    >>> from tnalgebra.core.spaces import Leg, Space
    >>> A = symbol(Tensor("A", (Leg("i", Space("i")), Leg("j", Space("j")))), ["i", "j"])
    >>> evaluate(contract(A, keep=["j"]), {"A": np.ones((2, 3))})
    array([2., 2., 2.])
    """
    _check_axes(value)
    wanted = needs(value)
    loose = {symbol.name for symbol in wanted.symbols if symbol.is_integer}
    of_symbols = {name: size for name, size in (sizes or {}).items() if name in loose}
    of_spaces = {name: size for name, size in (sizes or {}).items() if name not in loose}
    tensors, numbers = _sorted_by_use(wanted, {**of_symbols, **arrays})
    _check_types(tensors)
    shapes = {name: tuple(array.shape) for name, array in tensors.items()}
    bases = [wanted.tensors[name] for name in tensors]
    known = resolve_sizes(wanted.spaces, bases, shapes, of_spaces)
    check_positions(wanted.least, known)
    return owned(_Evaluation(tensors, numbers, known).run(value), tensors.values())


def _sorted_by_use(
    wanted: Needs, arrays: Mapping[str, Any]
) -> tuple[dict[str, Array], dict[sympy.Symbol, sympy.Expr]]:
    """The arrays of tensors, and the numbers of symbols."""
    symbols = {symbol.name for symbol in wanted.symbols}
    for name in arrays:
        if name in wanted.tensors and wanted.tensors[name].entries is not None:
            raise ArrayError(
                f"{name!r} has declared entries, so it takes no array", hint=f"leave {name!r} out"
            )
        if name not in wanted.tensors and name not in symbols:
            known = [*wanted.tensors, *sorted(symbols)]
            close = get_close_matches(name, known, 1)
            raise ArrayError(
                f"no tensor or symbol is called {name!r}; there are: {', '.join(known) or 'none'}",
                hint=f"did you mean {close[0]!r}?" if close else None,
            )
    for name, tensor in wanted.tensors.items():
        if name not in arrays and tensor.entries is None:
            legs = ", ".join(leg.name for leg in tensor.legs)
            raise ArrayError(
                f"no array is given for the tensor {name}[{legs}]",
                hint=f"pass an array of {tensor.rank} axes as {name}=...",
                about=name,
            )
    numbers = {}
    for symbol in wanted.symbols:
        if symbol.name not in arrays:
            raise ArrayError(
                f"no number is given for the symbol {symbol.name!r}",
                hint=f"pass a plain number as {symbol.name}=...",
                about=symbol.name,
            )
        numbers[symbol] = _plain_number(symbol, arrays[symbol.name])
    given = {name: arrays[name] for name in wanted.tensors if name in arrays}
    for name, array in given.items():
        given[name] = np.asarray(array) if isinstance(array, np.generic) else plain(array, name)
    return given, numbers


def _check_axes(value: Value) -> None:
    for content in [*contents(value), value]:
        if len(content.legs) > MAX_AXES:
            raise ArrayError(
                f"an array has at most {MAX_AXES} axes, and this value has {len(content.legs)}",
                hint="contract some of its legs",
            )


def _plain_number(symbol: sympy.Symbol, given: Any) -> sympy.Expr:
    if isinstance(given, np.ndarray | np.generic) and np.ndim(given) == 0:
        given = given.item()
    if not isinstance(given, Number | sympy.Expr) or isinstance(given, bool):
        raise ArrayError(
            f"the symbol {symbol.name!r} needs a plain number, not {type(given).__name__}"
        )
    number = sympy.sympify(given)
    if number.free_symbols:
        raise ArrayError(
            f"the symbol {symbol.name!r} needs a plain number, not the expression {given}",
            about=symbol.name,
        )
    if symbol.is_real and number.is_real is False:
        raise ArrayError(f"the symbol {symbol.name!r} is real, and {given} is not")
    return number


def _check_types(arrays: Mapping[str, Array]) -> None:
    """Raise ArrayError unless all arrays are of one library, device and floating precision."""
    seen: dict[str, tuple[str, str]] = {}
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) and not is_torch(array):
            raise ArrayError(
                f"{name!r} is given as {type(array).__name__}, not as a numpy or torch array",
                hint=f"pass numpy.asarray({name}, dtype=float)",
            )
        kind = precision(array)
        if kind is None:
            cast = f"{name}.double()" if is_torch(array) else f"{name}.astype(float)"
            raise ArrayError(
                f"the array of {name!r} has entries of type {array.dtype}; "
                "only floating-point and complex arrays are taken",
                hint=f"cast it yourself: {cast}",
                about=name,
            )
        facts = {
            "library": "torch" if is_torch(array) else "numpy",
            "device": str(array.device) if is_torch(array) else "cpu",
            "precision": kind,
        }
        for what, mine in facts.items():
            other, theirs = seen.setdefault(what, (name, mine))
            if mine != theirs:
                raise ArrayError(
                    f"the arrays differ in {what}: {other!r} has {theirs}, {name!r} has {mine}",
                    hint=f"bring {name!r} to {theirs} or {other!r} to {mine} first",
                )


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
        entries = self._substituted(base.entries)
        return matching(entry_array(entries, sizes), self._like)

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
        return matching(np.zeros(tuple(shape)), self._like)


@lru_cache(maxsize=1024)
def entry_array(entries: sympy.Lambda, sizes: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """The array of a tensor that is declared by a formula of its index values (read-only).

    >>> i, j = sympy.symbols("i j", integer=True)
    >>> entry_array(sympy.Lambda((i, j), i + 10 * j), (2, 2))
    array([[ 0., 10.],
           [ 1., 11.]])
    """
    indices = list(entries.variables)
    formula = entries.expr.replace(
        sympy.KroneckerDelta, lambda a, b, *_: sympy.Piecewise((1, sympy.Eq(a, b)), (0, True))
    )
    function = sympy.lambdify(indices, formula, "numpy")
    # floats, because numpy refuses an integer to a negative integer power
    places = [place.astype(float) for place in np.indices(sizes, sparse=True)]
    try:
        found = np.asarray(function(*places))
    except (AttributeError, NameError, TypeError):  # a function that numpy does not have
        one_by_one = [complex(entries(*place)) for place in np.ndindex(*sizes)]
        found = np.real_if_close(np.reshape(one_by_one, sizes))
    array = np.array(np.broadcast_to(found, sizes))
    array = array if np.iscomplexobj(array) else array.astype(float)
    array.flags.writeable = False
    return array
