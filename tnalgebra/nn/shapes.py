"""Whether given arrays are those a model needs: none missing, none unknown, all fitting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tnalgebra.core.nodes import Tensor
from tnalgebra.errors import ArrayError
from tnalgebra.numeric.sizes import resolve_sizes

Array = np.ndarray[Any, np.dtype[np.float64]]


def check_arrays(
    tensors: Mapping[str, Tensor], arrays: Mapping[str, Any], what: str
) -> tuple[dict[str, Array], dict[str, int]]:
    """The arrays in float64 and the size of each space; `what` they are for is said in errors.

    Raises ArrayError for an array that is missing, unknown, not of finite real numbers, or of a
    shape that does not fit the others.
    """
    missing = [name for name in tensors if name not in arrays]
    extra = [name for name in arrays if name not in tensors]
    if missing or extra:
        problems = [f"has no {name!r}" for name in missing]
        problems += [f"has an unknown {name!r}" for name in extra]
        raise ArrayError(f"{what} {', '.join(problems)}", hint=f"it needs: {', '.join(tensors)}")
    converted: dict[str, Array] = {}
    for name in tensors:
        array = np.asarray(arrays[name])
        if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
            raise ArrayError(f"{what}: {name!r} is not an array of finite real numbers")
        converted[name] = array.astype(np.float64)
    bases = list(tensors.values())
    spaces = list(dict.fromkeys(space for tensor in bases for space in tensor.spaces()))
    shapes = {name: tuple(array.shape) for name, array in converted.items()}
    return converted, resolve_sizes(spaces, bases, shapes, {})
