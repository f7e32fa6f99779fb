"""Whether given arrays are those a model needs: none missing, none unknown, all fitting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tnalgebra.core.nodes import Tensor
from tnalgebra.errors import ArrayError
from tnalgebra.numeric.arrays import is_torch, plain
from tnalgebra.numeric.sizes import resolve_sizes

Array = np.ndarray[Any, np.dtype[np.float64]]


def check_arrays(
    tensors: Mapping[str, Tensor], arrays: Mapping[str, Any], what: str
) -> tuple[dict[str, Array], dict[str, int]]:
    """The arrays in float64 and the size of each space; `what` they are for is said in errors.

    Torch tensors of any real type are taken too, detached. Raises ArrayError for an array that is
    missing, unknown, empty, not of real numbers that are finite in float64, or of a shape that does
    not fit the others.
    """
    missing = [name for name in tensors if name not in arrays]
    extra = [name for name in arrays if name not in tensors]
    if missing or extra:
        problems = [f"has no {name!r}" for name in missing]
        problems += [f"has an unknown {name!r}" for name in extra]
        raise ArrayError(f"{what} {', '.join(problems)}", hint=f"it needs: {', '.join(tensors)}")
    converted: dict[str, Array] = {}
    for name in tensors:
        array = _in_float64(plain(arrays[name], name))
        if array is None or not np.isfinite(array).all():
            raise ArrayError(f"{what}: {name!r} is not an array of finite real numbers")
        if not array.size:
            raise ArrayError(f"{what}: {name!r} is empty, of the shape {array.shape}")
        converted[name] = array
    bases = list(tensors.values())
    spaces = list(dict.fromkeys(space for tensor in bases for space in tensor.spaces()))
    shapes = {name: tuple(array.shape) for name, array in converted.items()}
    return converted, resolve_sizes(spaces, bases, shapes, {})


def _in_float64(given: Any) -> Array | None:
    """The numbers in float64, where one too large becomes infinite; None if they are not real."""
    if is_torch(given):
        if given.is_complex() or given.is_meta:
            return None
        is_float = given.is_floating_point()
        given = given.detach().resolve_neg().cpu()
        given = (given.double() if is_float else given).numpy()
    array = np.asarray(given)
    if array.dtype.kind not in "fiu":
        return None
    with np.errstate(over="ignore"):
        return array.astype(np.float64)
