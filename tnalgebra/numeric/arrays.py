"""The few array operations that numpy and torch spell differently."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable, Sequence
from math import prod
from typing import Any

import numpy as np

from tnalgebra.errors import ArrayError, LimitError

Array = Any
"""A numpy array or a torch tensor."""


MOST_ENTRIES = 2**58
"""What an array has at most: 16 bytes for each are the largest memory that can be addressed."""

TORCH_TYPES = {
    **{name: name for name in ("float16", "bfloat16", "float32", "float64")},
    **{"complex64": "float32", "complex128": "float64"},
}
"""The types that torch computes with everywhere, each with the real type behind it."""


def check_size(entries: int) -> None:
    """Raise LimitError for more entries than any memory holds."""
    if entries > MOST_ENTRIES:
        raise LimitError(
            f"an array of {entries} entries would arise, which no memory holds",
            hint="give smaller sizes; cost() tells the largest array",
        )


def is_torch(array: object) -> bool:
    """Whether this is a torch tensor; never the reason why torch is loaded."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(array, torch.Tensor)


def plain(array: Array, name: str) -> Array:
    """The array without what harmless numpy subclasses add.

    Raises ArrayError for one that means something else by its axes or entries: a numpy.matrix, a
    masked array, a sparse or nested tensor.
    """
    if isinstance(array, np.ma.MaskedArray):
        kind, cast = "a masked array", f"{name}.filled(0), say"
    elif isinstance(array, np.matrix):
        kind, cast = "a numpy.matrix, which always has two axes", f"numpy.asarray({name})"
    elif is_torch(array) and array.is_nested:
        kind, cast = "a nested tensor", f"{name}.to_padded_tensor(0), say"
    elif is_torch(array) and str(array.layout) != "torch.strided":
        kind, cast = f"a tensor of the layout {array.layout}", f"{name}.to_dense()"
    else:
        return np.asarray(array) if isinstance(array, np.ndarray | np.generic) else array
    raise ArrayError(
        f"{name!r} is given as {kind}", hint=f"make it a plain array: {cast}", about=name
    )


def quiet() -> np.errstate:
    """A context in which numpy does not warn of inf and nan, which are results as in torch.

    What the user has set otherwise, by np.seterr or np.errstate, stays as it is.

    >>> with quiet():
    ...     np.log(np.zeros(1))
    array([-inf])
    """
    silenced: Any = {what: "ignore" for what, how in np.geterr().items() if how == "warn"}
    return np.errstate(**silenced)


def largest(like: Array | None) -> float:
    """The largest number of the precision of `like`; of float64 where it is None."""
    if like is None:
        return float(np.finfo(np.float64).max)
    if is_torch(like):
        import torch

        return torch.finfo(like.dtype).max
    return float(np.finfo(like.dtype).max)


def is_complex(array: Array) -> bool:
    """Whether the entries are complex numbers."""
    return bool(array.is_complex()) if is_torch(array) else bool(np.iscomplexobj(array))


def precision(array: Array) -> str | None:
    """The real type behind the entries ("float32", ...); None for integers, bools and objects.

    It is None too for the small types of torch that store numbers and hardly compute.

    >>> precision(np.zeros(2, complex)), precision(np.zeros(2, int))
    ('float64', None)
    """
    if is_torch(array):
        return TORCH_TYPES.get(str(array.dtype).removeprefix("torch."))
    if not np.issubdtype(array.dtype, np.inexact):
        return None
    return str(np.empty(0, array.dtype).real.dtype.name)


def whole_type(array: Array) -> str | None:
    """The integer type of the entries ("int64", ...); None for all others.

    torch hardly computes with its unsigned types but uint8, so they are none here.

    >>> whole_type(np.zeros(2, np.uint8)), whole_type(np.zeros(2, bool))
    ('uint8', None)
    """
    name = str(array.dtype).removeprefix("torch.")
    return name if re.fullmatch(r"int\d+|uint8" if is_torch(array) else r"u?int\d+", name) else None


def object_array(entries: Any) -> np.ndarray[Any, Any]:
    """A numpy array of the entries of a sympy array or explicit matrix.

    >>> import sympy
    >>> object_array(sympy.Array([[1, 2]]))
    array([[1, 2]], dtype=object)
    """
    result = np.empty(entries.shape, dtype=object)
    for place in np.ndindex(*entries.shape):
        result[place] = entries[place]
    return result


def permuted(array: Array, order: Sequence[int]) -> Array:
    """The array with its axes in another order, as a view."""
    if tuple(order) == tuple(range(len(order))):
        return array
    return array.permute(tuple(order)) if is_torch(array) else array.transpose(tuple(order))


def zeros(shape: Sequence[int], like: Array) -> Array:
    """Zeros of the library, type and device of `like`; raises LimitError."""
    check_size(prod(shape))
    if is_torch(like):
        return like.new_zeros(tuple(shape))
    return np.zeros(tuple(shape), like.dtype)


def spread(array: Array, axes: Sequence[int], legs: Sequence[int], sizes: Sequence[int]) -> Array:
    """A tensor whose legs may share an index or carry one that the array does not have.

    axes: the index class of each axis of `array`, each once; legs: that of each axis of the result;
    sizes: by class. Entries off the diagonal of a shared class are zero.

    >>> spread(np.array([5.0, 7.0]), [0], [0, 0], [2])
    array([[5., 0.],
           [0., 7.]])
    """
    shape = [sizes[leg] for leg in legs]
    if sorted(axes) == sorted(legs):
        return permuted(array, [axes.index(leg) for leg in legs])
    distinct = list(dict.fromkeys(legs))
    source = permuted(array, [axes.index(leg) for leg in distinct if leg in axes])
    source = source.reshape([sizes[leg] if leg in axes else 1 for leg in distinct])
    result = zeros(shape, source)
    result[
        tuple(
            _range(sizes[leg], source).reshape([-1 if other == leg else 1 for other in distinct])
            for leg in legs
        )
    ] = source
    return result


def _range(stop: int, like: Array) -> Array:
    if is_torch(like):
        import torch

        return torch.arange(stop, device=like.device)
    return np.arange(stop)


def matching(array: np.ndarray[Any, Any], like: Array | None) -> Array:
    """A numpy array moved to the library, precision and device of `like`; complex stays complex.

    Raises ArrayError for complex numbers in a precision that has none.
    """
    if like is None:
        return array.astype(complex if np.iscomplexobj(array) else float)
    kind = precision(like)
    if is_torch(like):
        import torch

        real = getattr(torch, str(kind))
        wanted = real.to_complex() if np.iscomplexobj(array) else real
        # float16 has complex32, which torch can store and hardly compute with.
        if wanted != real and kind not in ("float32", "float64"):
            raise _no_complex(kind)
        return torch.from_numpy(np.array(array)).to(device=like.device, dtype=wanted)
    real_type = np.dtype(kind)
    if np.iscomplexobj(array):
        wanted_type = np.result_type(real_type, np.complex64)
        if np.empty(0, wanted_type).real.dtype != real_type:
            raise _no_complex(kind)
        return array.astype(wanted_type)
    return array.astype(real_type)


def _no_complex(kind: str | None) -> ArrayError:
    return ArrayError(
        f"{kind} has no complex numbers, and a coefficient or entry is one",
        hint="give arrays of single or double precision",
    )


def together(first: Array, second: Array) -> tuple[Array, Array]:
    """Both arrays with one type, which torch needs for real times complex."""
    if is_torch(first) and first.dtype != second.dtype:
        import torch

        wanted = torch.promote_types(first.dtype, second.dtype)
        return first.to(wanted), second.to(wanted)
    return first, second


def conjugated(array: Array) -> Array:
    """The complex conjugate, written out: torch's own is a mark that numpy() refuses."""
    return array.conj_physical() if is_torch(array) else array.conj()


def owned(array: Array, inputs: Iterable[Array]) -> Array:
    """The array, copied if it shares its memory with one of the inputs, or if none can tell."""
    if is_torch(array):
        places = {_place(other) for other in inputs if is_torch(other)}
        return array.clone() if _place(array) in places else array
    array = np.asarray(array)
    return array.copy() if any(np.may_share_memory(array, other) for other in inputs) else array


def _place(tensor: Array) -> int | None:
    """Where a torch tensor keeps its numbers; None inside vmap and the like, which hide it."""
    try:
        return int(tensor.untyped_storage().data_ptr())
    except (NotImplementedError, RuntimeError):
        return None


def holds(condition: Array) -> bool:
    """Whether a condition on entries holds; False inside torch.vmap, which lets none be seen."""
    try:
        return bool(condition)
    except RuntimeError as error:
        # Arrays inside further transforms wrap those of vmap, so that its refusal is the one sign.
        if "vmap" not in str(error):
            raise
        return False


def is_unreal(array: Array) -> bool:
    """Whether an entry has an imaginary part, so far as `holds` sees."""
    return is_complex(array) and holds((array.imag != 0).any())


def inverse(array: Array, name: str | None = None) -> Array:
    """The inverse of a square matrix: of the tensor of this name, or of a box's content.

    It is nan where an entry is inf or nan. Raises ArrayError for a singular one, and for a
    precision that has no inverse here.
    """
    _check_precision(array, "inv", name)
    if _is_broken(array):
        return _nan(array)
    if is_torch(array):
        import torch

        try:
            return torch.linalg.inv(array)
        except torch.linalg.LinAlgError:  # type: ignore[attr-defined]
            raise singular(name) from None
    try:
        return np.linalg.inv(array)
    except np.linalg.LinAlgError:
        raise singular(name) from None


def pseudo_inverse(array: Array, name: str | None = None) -> Array:
    """The Moore-Penrose inverse of a matrix, nan where an entry is inf or nan.

    Raises ArrayError for a precision that has none.
    """
    _check_precision(array, "pinv", name)
    if _is_broken(array):
        return _nan(array)
    if is_torch(array):
        import torch

        return torch.linalg.pinv(array)
    return np.linalg.pinv(array)


def _is_broken(array: Array) -> bool:
    """Whether an entry is inf or nan, of which LAPACK makes errors or numbers by its pivots."""
    finite = array.isfinite() if is_torch(array) else np.isfinite(array)
    return holds(~finite.all())


def _nan(array: Array) -> Array:
    """nan in the shape of the inverse; a gradient passes through, and is nan too."""
    return array.T * math.nan


def _check_precision(array: Array, mark: str, name: str | None) -> None:
    if precision(array) not in ("float32", "float64"):
        given = name or "A"
        cast = f"{given}.double()" if is_torch(array) else f"{given}.astype(float)"
        raise ArrayError(
            f"{mark}({name or '...'}) needs entries of single or double precision, "
            f"not {array.dtype}",
            hint=f"cast it yourself: {cast}" if name else f"cast the arrays inside: {cast}, say",
            about=name,
        )


def singular(name: str | None) -> ArrayError:
    """The error for an inverse that does not exist, of a tensor or of a box's content."""
    if name is None:
        return ArrayError(
            "a matrix inside inv(...) is singular", hint="give other arrays for what it is made of"
        )
    return ArrayError(
        f"inv({name}) is asked for, and the array of {name!r} is singular",
        hint=f"give an invertible array for {name!r}",
    )
