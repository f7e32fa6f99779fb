"""What a user hands over, checked before anything is computed: names, kinds of array, numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from numbers import Number
from typing import Any

import numpy as np
import sympy

from tnalgebra.core.facts import Fact
from tnalgebra.core.nesting import contents
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.values import Value
from tnalgebra.errors import ArrayError
from tnalgebra.numeric.arrays import (
    TORCH_TYPES,
    Array,
    is_complex,
    is_torch,
    plain,
    precision,
    whole_type,
)
from tnalgebra.numeric.interpreter import Needs

MAX_AXES = 64
"""What a numpy array has at most."""


def check_axes(value: Value) -> None:
    """Raise ArrayError where the value, or the content of a box, has more legs than axes exist."""
    for content in [*contents(value), value]:
        if len(content.legs) > MAX_AXES:
            raise ArrayError(
                f"an array has at most {MAX_AXES} axes, and this value has {len(content.legs)}",
                hint="contract some of its legs",
            )


def check_names(wanted: Needs, given: Mapping[str, Any]) -> None:
    """Raise ArrayError for a name that is no tensor or symbol, or a tensor that needs no array."""
    symbols = {symbol.name for symbol in wanted.symbols}
    for name in given:
        if name in wanted.tensors and wanted.tensors[name].entries is not None:
            raise ArrayError(
                f"{name!r} has declared entries, so it takes no array", hint=f"leave {name!r} out"
            )
    if unknown := [name for name in given if name not in wanted.tensors and name not in symbols]:
        open_ones = [name for name, tensor in wanted.tensors.items() if tensor.entries is None]
        known = [*open_ones, *sorted(symbols)]
        close = get_close_matches(unknown[0], known, 1)
        out = "leave it out" if len(unknown) == 1 else "leave them out"
        raise ArrayError(
            f"no tensor or symbol is called {' or '.join(map(repr, unknown))}; "
            f"this value takes {', '.join(known) or 'none'}",
            hint=f"did you mean {close[0]!r}?"
            if close
            else f"{out}: what drops out, as in derivatives and simplified values, is not needed",
        )


def sorted_by_use(
    wanted: Needs, arrays: Mapping[str, Any]
) -> tuple[dict[str, Array], dict[sympy.Symbol, sympy.Expr]]:
    """The arrays of tensors, and the numbers of symbols; raises ArrayError where one is missing."""
    check_names(wanted, arrays)
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
        numbers[symbol] = plain_number(symbol, arrays[symbol.name])
    return {name: plain(arrays[name], name) for name in wanted.tensors if name in arrays}, numbers


def plain_number(symbol: sympy.Symbol, given: Any, *, open_too: bool = False) -> sympy.Expr:
    """The number given for a symbol, or an expression where `open_too`; raises ArrayError."""
    if isinstance(given, np.ndarray | np.generic) and np.ndim(given) == 0:
        given = given.item()
    if not isinstance(given, Number | sympy.Expr) or isinstance(given, bool):
        is_number = is_torch(given) and np.ndim(given) == 0
        raise ArrayError(
            f"the symbol {symbol.name!r} needs a plain number, not {type(given).__name__}",
            hint=f"declare `{symbol.name}: tensor()` to give it as an array of no axes, "
            "whose gradient is kept"
            if is_number
            else None,
        )
    number = sympy.sympify(given)
    if number.free_symbols and not open_too:
        raise ArrayError(
            f"the symbol {symbol.name!r} needs a plain number, not the expression {given}",
            about=symbol.name,
        )
    if symbol.is_real and number.is_real is False:
        raise ArrayError(f"the symbol {symbol.name!r} is real, and {given} is not")
    return number


def is_known_real(tensor: Tensor) -> bool:
    """Whether a tensor is declared real, or by a fact that says as much."""
    return Fact("real") in tensor.known


def check_real(wanted: Needs, arrays: Mapping[str, Any], is_unreal: Callable[[Any], bool]) -> None:
    """Raise ArrayError for a tensor that is real and whose array is not."""
    for name, array in arrays.items():
        if is_known_real(wanted.tensors[name]) and is_unreal(array):
            raise ArrayError(
                f"the tensor {name!r} is real, and its array has entries that are not",
                hint=f"give real entries, or declare {name!r} without that fact",
                about=name,
            )


def check_types(arrays: Mapping[str, Array], *, integers: bool = False) -> None:
    """Raise ArrayError unless all arrays are of one library, device and precision.

    integers: whether arrays of one and the same integer type are taken too.
    """
    seen: dict[str, tuple[str, str]] = {}
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) and not is_torch(array):
            raise ArrayError(
                f"{name!r} is given as {type(array).__name__}, not as a numpy or torch array",
                hint=f"pass numpy.asarray({name}, dtype=float)",
            )
        kind = precision(array) or (whole_type(array) if integers else None)
        if kind is None:
            own = "array" if "'" in name else name  # no name of Python's has a prime
            wider = f"{own}.to(torch.complex64)" if is_complex(array) else f"{own}.double()"
            cast = wider if is_torch(array) else f"{own}.astype(float)"
            taken = (
                "floating-point, complex and integer" if integers else "floating-point and complex"
            )
            raise ArrayError(
                f"the array of {name!r} has entries of type {array.dtype}; "
                f"only {taken} arrays are taken{_small(array)}",
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


def _small(array: Array) -> str:
    """What to add for torch, which has types that it can only store."""
    stored = is_torch(array) and (array.is_floating_point() or array.is_complex())
    return f", of the types {', '.join(TORCH_TYPES)}" if stored else ""
