"""The functions of bubbles on arrays, for numpy and torch alike."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tnalgebra.core.functions import FUNCTIONS
from tnalgebra.core.nodes import Function
from tnalgebra.errors import ArrayError
from tnalgebra.numeric.arrays import Array, holds, inverse, is_complex, is_torch, pseudo_inverse


def apply(function: Function, array: Array) -> Array:
    """The function of an array; `function.along` are the axes it mixes.

    Raises ArrayError for a complex array under a function of real numbers. gelu is the tanh form of
    Hendrycks and Gimpel (arXiv 1606.08415, section 2), which GPT-2 uses.

    >>> apply(Function("softmax", (1,)), np.zeros((1, 2)))
    array([[0.5, 0.5]])
    """
    if FUNCTIONS[function.name].real_only and is_complex(array):
        raise ArrayError(
            f"{function.name} is a function of real numbers, and its argument is complex",
            hint="give real arrays for the tensors inside it",
        )
    return IMPLEMENTATIONS[function.name](array, *function.along)


def _each(name: str) -> Callable[[Array], Array]:
    """A function that numpy and torch call by one name."""
    of_numpy = getattr(np, name)
    return lambda array: getattr(array, name)() if is_torch(array) else of_numpy(array)


def _of_positive(name: str) -> Callable[[Array], Array]:
    """A function that is complex at negative numbers."""
    each = _each(name)

    def checked(array: Array) -> Array:
        if not is_complex(array) and holds((array < 0).any()):
            raise ArrayError(
                f"{name} of a negative number is complex, and its argument here is real",
                hint="give complex arrays for the tensors inside it",
            )
        return each(array)

    return checked


_tanh = _each("tanh")


def _sigmoid(array: Array) -> Array:
    if is_torch(array):
        return array.sigmoid()
    if is_complex(array):
        return 1 / (1 + np.exp(-array))
    # No exponential here is above 1, so that none overflows.
    return np.exp(np.minimum(array, 0)) / (1 + np.exp(-np.abs(array)))


def _silu(array: Array) -> Array:
    return array * _sigmoid(array)


def _relu(array: Array) -> Array:
    return array.relu() if is_torch(array) else np.maximum(array, 0)


def _step(array: Array) -> Array:
    """1 above zero and 0 at it, as the slope of relu is taken to be."""
    return (array > 0).to(array.dtype) if is_torch(array) else (array > 0).astype(array.dtype)


def _gelu(array: Array) -> Array:
    inner = math.sqrt(2 / math.pi) * (array + 0.044715 * array * array * array)
    return 0.5 * array * (1 + _tanh(inner))


def _softmax(array: Array, axis: int) -> Array:
    if is_torch(array) and not is_complex(array):
        return array.softmax(axis)
    if is_torch(array):
        weights = (array - array.detach().real.amax(axis, keepdim=True)).exp()
        return weights / weights.sum(axis, keepdim=True)
    weights = np.exp(array - array.real.max(axis, keepdims=True))
    return weights / weights.sum(axis, keepdims=True)


def _causal_softmax(array: Array, query: int, key: int) -> Array:
    shape = [1] * array.ndim
    shape[query], shape[key] = array.shape[query], array.shape[key]
    allowed = np.tri(array.shape[query], array.shape[key], dtype=bool)
    if query > key:
        allowed = allowed.T
    allowed = allowed.reshape(shape)
    if not is_torch(array):
        return _softmax(np.where(allowed, array, array.dtype.type(-np.inf)), key)
    import torch

    mask = torch.from_numpy(np.ascontiguousarray(allowed)).to(array.device)
    return _softmax(array.masked_fill(~mask, -math.inf), key)


def _inv(array: Array) -> Array:
    return inverse(array).T


def _pinv(array: Array) -> Array:
    return pseudo_inverse(array).T


IMPLEMENTATIONS: dict[str, Callable[..., Array]] = {
    "softmax": _softmax,
    "causal_softmax": _causal_softmax,
    **{name: _each(name) for name in ("exp", "sin", "cos", "tan", "sinh", "cosh", "reciprocal")},
    "abs": _each("abs"),
    "log": _of_positive("log"),
    "sqrt": _of_positive("sqrt"),
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "silu": _silu,
    "relu": _relu,
    "step": _step,
    "gelu": _gelu,
    "inv": _inv,
    "pinv": _pinv,
}
