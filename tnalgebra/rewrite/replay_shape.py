"""What a proof must look like before the replayer reads it: types and signs, nothing of meaning."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tnalgebra.core.marks import MARKS
from tnalgebra.errors import ProofError

SCHEMA_VERSION = 2


@dataclass(frozen=True)
class _Each:
    """An object with any names, each value of one shape."""

    shape: Any


@dataclass(frozen=True)
class _Either:
    """Any one of several shapes."""

    shapes: tuple[Any, ...]


_NATURAL = "a whole number from 0"
_INTEGER = "a whole number"
_NAMES = frozenset
_FRACTION = re.compile(r"-?[0-9]{1,999}/[1-9][0-9]{0,998}")
_MARK = _NAMES(MARKS)
_SIDE = _NAMES(("lhs", "rhs"))
_POLYNOMIAL = [(_FRACTION, _Each(_INTEGER))]
_TENSOR = {"tensor": str, "mark": _MARK, "wires": [_NATURAL]}
_BOX = {"box": str, "function": _Either((None, (str, [_NATURAL]))), "wires": [_NATURAL]}
_TERM = {
    "coefficient": _POLYNOMIAL,
    "nodes": [_Either((_TENSOR, _BOX))],
    "deltas": [{"space": str, "wires": [_NATURAL]}],
    "groups": [{"spaces": [str], "wires": [_NATURAL]}],
    "wires": [str],
    "free": [_NATURAL],
}
_REWRITE = {
    "side": _SIDE,
    "rule": str,
    "term": _NATURAL,
    "lengths": _Each(_NATURAL),
    "bindings": _Each({"tensor": str, "ports": [_NATURAL], "mark": _MARK}),
    "nodes": [(_NATURAL, [_NATURAL])],
}
_DISTRIBUTE = {"side": _SIDE, "rule": _NAMES(("distribute",)), "term": _NATURAL, "node": _NATURAL}
_MEMBER = {
    "side": _SIDE,
    "term": _NATURAL,
    "nodes": [(_NATURAL, [_NATURAL])],
    "groups": [_NATURAL],
}
_REGROUP = {"side": _SIDE, "rule": _NAMES(("regroup",)), "term": _NATURAL}
PROOF = {
    "schema_version": _INTEGER,
    "statement": {"lhs": str, "rhs": str, "where": str},
    "tensors": _Each(
        {"spaces": [str], "facts": [(str, [[_NATURAL]])], "entries": _Either((None, str))}
    ),
    "spaces": _Each(_POLYNOMIAL),
    "contents": _Each([_TERM]),
    "lhs": [_TERM],
    "rhs": [_TERM],
    "rules_sha256": _Each(str),
    "steps": [_Either((_REWRITE, _DISTRIBUTE, _REGROUP))],
    "zero": [(_MEMBER, _MEMBER)],
    "groups": [[_MEMBER]],
}


def check_shape(proof: Any) -> None:
    """Raise ProofError, which names the place, unless the data has the shape of a proof."""
    version = proof.get("schema_version") if isinstance(proof, Mapping) else None
    if version != SCHEMA_VERSION:
        raise ProofError(f"a proof of schema version {SCHEMA_VERSION} is expected, not {version!r}")
    place = _misfit(proof, PROOF)
    if place is not None:
        raise ProofError(f"the proof is malformed at {place.lstrip('.') or 'its top'}")


def read_json(text: str) -> Any:
    """The data of a JSON text; raises ProofError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProofError(f"the proof is no JSON: {error}") from error


def _misfit(data: Any, shape: Any) -> str | None:
    """Where data first differs from a shape, as `.name[2]`; None where it fits."""
    if isinstance(shape, _Either):
        places = [_misfit(data, one) for one in shape.shapes]
        return None if None in places else max(filter(None, places), key=len, default="")
    if isinstance(shape, dict | _Each):
        return _object_misfit(data, shape)
    if isinstance(shape, list | tuple):
        if type(data) is not list or (isinstance(shape, tuple) and len(data) != len(shape)):
            return ""
        shapes = shape if isinstance(shape, tuple) else shape * len(data)
        for k, (value, one) in enumerate(zip(data, shapes, strict=True)):
            if (place := _misfit(value, one)) is not None:
                return f"[{k}]{place}"
        return None
    return None if _is_atom(data, shape) else ""


def _object_misfit(data: Any, shape: dict[str, Any] | _Each) -> str | None:
    if type(data) is not dict or not all(type(name) is str for name in data):
        return ""
    shapes = dict.fromkeys(data, shape.shape) if isinstance(shape, _Each) else shape
    for name in (*shapes, *data):
        if name not in shapes or name not in data:
            return f".{name}"
        if (place := _misfit(data[name], shapes[name])) is not None:
            return f".{name}{place}"
    return None


def _is_atom(data: Any, shape: Any) -> bool:
    if shape in (_NATURAL, _INTEGER):
        return type(data) is int and (data >= 0 or shape == _INTEGER)
    if isinstance(shape, re.Pattern):
        return type(data) is str and shape.fullmatch(data) is not None
    if isinstance(shape, frozenset):
        return type(data) is str and data in shape
    return data is None if shape is None else type(data) is shape
