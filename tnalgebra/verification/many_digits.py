"""numpy in many digits: the numbers of mpmath under the names that programs use."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import sympy


class ManyDigits:
    """numpy for arrays of mpmath numbers, as far as the programs use it."""

    def __init__(self) -> None:
        self.pi = mpmath.mp.pi
        self.linalg = SimpleNamespace(inv=_inverse, pinv=_pseudo_inverse)
        self.sqrt = np.frompyfunc(mpmath.sqrt, 1, 1)
        self.emath = SimpleNamespace(
            sqrt=np.frompyfunc(lambda number: mpmath.sqrt(_off_cut(number)), 1, 1),
            log=np.frompyfunc(lambda number: mpmath.log(_off_cut(number)), 1, 1),
        )

    def __getattr__(self, name: str) -> Any:
        if name in _ELEMENTWISE:
            return np.frompyfunc(getattr(mpmath, name), 1, 1)
        return getattr(np, name)

    def array(self, numbers: Any) -> np.ndarray[Any, Any]:
        """Nested lists of numbers as an array of mpmath numbers."""
        plain = np.array(numbers)
        if not plain.ndim:
            return np.array(many(plain.item()), dtype=object)
        converted: np.ndarray[Any, Any] = np.frompyfunc(many, 1, 1)(plain.astype(object))
        return converted


_ELEMENTWISE = {"exp", "sin", "cos", "tan", "sinh", "cosh", "tanh"}


class UnsureError(ArithmeticError):
    """Rounding decides the value: a matrix is all but singular, a number all but on a cut."""


def _off_cut(number: Any) -> Any:
    """A number for a square root or logarithm; refused next to the jump of their values."""
    real, imaginary = mpmath.re(number), mpmath.im(number)
    if real <= 0 and 0 < abs(imaginary) <= _rounding() * max(-real, 1):
        raise UnsureError
    return number


def _rounding() -> Any:
    return mpmath.mpf(10) ** (-mpmath.mp.dps // 2)


def _inverse(matrix: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    given = mpmath.matrix(matrix.tolist())
    try:
        found = mpmath.inverse(given)
    except ZeroDivisionError as error:
        raise UnsureError from error
    if mpmath.mnorm(given, 1) * mpmath.mnorm(found, 1) > mpmath.mpf(10) ** (mpmath.mp.dps // 3):
        raise UnsureError
    return np.array(found.tolist(), dtype=object)


def _pseudo_inverse(matrix: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    left, values, right = mpmath.svd(mpmath.matrix(matrix.tolist()))
    largest = max(values, default=mpmath.mpf(0))
    cut = largest * _rounding()
    inverted = mpmath.diag([1 / value if value > cut else mpmath.mpf(0) for value in values])
    return np.array((right.H * inverted * left.H).tolist(), dtype=object)


def many(number: Any) -> Any:
    """A number with all digits."""
    if isinstance(number, sympy.Expr):
        real, imaginary = (
            mpmath.mpf(part._to_mpmath(mpmath.mp.prec)) for part in number.as_real_imag()
        )
        return real if imaginary == 0 else mpmath.mpc(real, imaginary)
    return mpmath.mpmathify(number.item() if hasattr(number, "item") else number)
