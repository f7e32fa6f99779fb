"""The functions of bubbles on arrays, for numpy and torch alike."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tnalgebra.core.functions import FUNCTIONS
from tnalgebra.core.nodes import Function
from tnalgebra.errors import ArrayError
from tnalgebra.numeric.arrays import Array, inverse, is_complex, is_torch, pseudo_inverse


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


def _exp(array: Array) -> Array:
    return array.exp() if is_torch(array) else np.exp(array)


def _tanh(array: Array) -> Array:
    return array.tanh() if is_torch(array) else np.tanh(array)


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
    return inverse(array, "of a box").T


def _pinv(array: Array) -> Array:
    return pseudo_inverse(array, "of a box").T


IMPLEMENTATIONS: dict[str, Callable[..., Array]] = {
    "softmax": _softmax,
    "causal_softmax": _causal_softmax,
    "exp": _exp,
    "tanh": _tanh,
    "relu": _relu,
    "step": _step,
    "gelu": _gelu,
    "inv": _inv,
    "pinv": _pinv,
}
