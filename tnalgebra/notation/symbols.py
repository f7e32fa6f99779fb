"""The notation as Python objects: legs, tensors with facts, deltas, contractions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sympy
from sympy import ImmutableDenseNDimArray, NDimArray
from sympy.matrices import MatrixBase

from tnalgebra.core import build, scalars
from tnalgebra.core.apart import joined_by_name
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.validity import check_possible
from tnalgebra.core.values import Diagram, Value
from tnalgebra.core.words import check_name
from tnalgebra.errors import DeclarationError, NotationError
from tnalgebra.notation.declarations import parse_declarations
from tnalgebra.notation.parse import parse


def legs(names: str | Sequence[str | Leg]) -> tuple[Leg, ...]:
    """Legs to index tensors with, from names separated by spaces or commas, or a list of them.

    >>> i, j = legs("i j")
    >>> str(i)
    'i'
    """
    if isinstance(names, str):
        found = names.replace(",", " ").split()
    elif isinstance(names, Sequence) and all(isinstance(name, str | Leg) for name in names):
        found = [str(name) for name in names]
    else:
        raise NotationError(f"legs are named in text, such as 'i j', not by {names!r}")
    for name in found:
        check_name(name, "leg")
    return tuple(Leg(name) for name in found)


def tensor(
    name: str,
    signature: str | Sequence[str | Leg],
    *facts: str,
    entries: NDimArray | MatrixBase | Sequence[Any] | None = None,
) -> Diagram:
    """A tensor by name and legs, with facts written as in `where` ("symmetric(i, j)", "real").

    entries: all of them, as a sympy array or matrix or as nested lists of numbers and expressions;
    they fix the sizes. Raises DeclarationError where they are not known to have the facts.

    >>> A = tensor("A", "i j", "real")
    >>> (A @ A.T).is_closed
    False
    >>> X = tensor("X", "i j", "symmetric(i, j)", entries=[[0, 1], [1, 0]])
    >>> X.where
    'X: symmetric(i, j); X = [[0, 1], [1, 0]]'
    """
    own = ", ".join(str(leg) for leg in legs(signature))
    return _declared(name, [f"tensor({own})", *facts], entries)


def isometry(name: str, signature: str) -> Diagram:
    """A tensor V with conj(V)[m,a]*V[m,b] == eye[a,b], written `isometry("V", "m -> a")`."""
    return _declared(name, [f"isometry({_commas(signature)})"])


def unitary(name: str, signature: str) -> Diagram:
    """A unitary tensor, written `unitary("U", "i j")` or `unitary("U", "i j -> k l")`."""
    return _declared(name, [f"unitary({_commas(signature)})"])


def orthogonal(name: str, signature: str) -> Diagram:
    """A real unitary tensor."""
    return _declared(name, [f"orthogonal({_commas(signature)})"])


def symmetric(name: str, signature: str) -> Diagram:
    """A tensor that any permutation of the given legs leaves unchanged."""
    return _declared(name, [f"symmetric({_commas(signature)})"])


def invertible(name: str, signature: str) -> Diagram:
    """A square matrix that has an inverse."""
    return _declared(name, [f"invertible({_commas(signature)})"])


def delta(*indices: str | Leg) -> Diagram:
    """The copy tensor over the given indices; all of one space, named by the first.

    >>> str(delta("i j k")), delta("i", "j") == delta("i j")
    ('delta[i,j,k]', True)
    """
    found = [
        one for index in indices for one in ([index] if isinstance(index, Leg) else legs(index))
    ]
    if not found:
        raise NotationError("delta needs at least one index")
    space = found[0].space or Space(found[0].name)
    return build.delta(space, [leg.name for leg in found])


def eye(first: str | Leg, second: str | Leg) -> Diagram:
    """The identity line between two indices."""
    return delta(first, second)


def contract(*values: Value, keep: str | Sequence[str | Leg] = ()) -> Diagram:
    """Join all legs by name and keep those of `keep`, in that order; what `->` says in text.

    >>> A, v, B = tensor("A", "i a b"), tensor("v", "b"), tensor("B", "b a j")
    >>> [leg.name for leg in contract(A, v, B, keep="i j").legs]
    ['i', 'j']
    """
    names = keep.replace(",", " ").split() if isinstance(keep, str) else [str(leg) for leg in keep]
    return build.contract(*joined_by_name(values), keep=names)


def _commas(signature: str) -> str:
    """A signature with its legs separated by commas: "m n -> a", "(i k) (j l)" or "i, j"."""
    parts = re.findall(r"->|[()]|[^\s,()>-]+", signature)
    text = " ".join(parts)
    for a, b in (("( ", "("), (" )", ")")):
        text = text.replace(a, b)
    return re.sub(r"(?<=[\w')])\s+(?=[\w(])", ", ", text)


def _declared(name: str, facts: Sequence[str], entries: Any = None) -> Diagram:
    check_name(name, "tensor")
    where = "; ".join(f"{name}: {fact}" for fact in facts)
    declared = parse_declarations(where).tensors[name]
    own = declared.legs or ()
    array = None if entries is None else _array(name, entries)
    if array is not None:
        if len(array.shape) != len(own):
            raise DeclarationError(
                f"{name} has {len(own)} legs, its entries {len(array.shape)} axes"
            )
        sizes = (f"{leg} = {size}" for leg, size in zip(own, array.shape, strict=True))
        where = "; ".join([where, *sizes])
    value = parse(f"{name}[{','.join(own)}]", where)
    assert isinstance(value, Diagram)
    if array is not None:
        (node,) = value.tensors
        made = replace(node, entries=array)
        check_possible(made)
        value = build.symbol(made)
    return Diagram(value.graph, named=False)


def _array(name: str, entries: Any) -> ImmutableDenseNDimArray:
    """The entries as an exact array; raises DeclarationError."""
    if not isinstance(entries, NDimArray | MatrixBase | Sequence) or isinstance(entries, str):
        raise DeclarationError(
            f"the entries of {name} are a sympy array or nested lists, "
            f"not {type(entries).__name__}",
            hint="numpy and torch arrays are given to evaluate()",
        )
    try:
        found = ImmutableDenseNDimArray(entries)
    except (TypeError, ValueError) as error:
        raise DeclarationError(f"the entries of {name} are no array: {error}") from error
    numbers = [scalars.expression(one) for one in sympy.flatten(found)]
    return ImmutableDenseNDimArray(numbers, found.shape)
