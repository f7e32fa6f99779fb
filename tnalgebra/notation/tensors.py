"""Tensors as Python objects: by name, legs and facts, or by all their entries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeAlias

import sympy
from sympy import ImmutableDenseNDimArray, NDimArray
from sympy.matrices import MatrixBase

from tnalgebra.core import build, scalars
from tnalgebra.core.compose import over
from tnalgebra.core.entries import places
from tnalgebra.core.facts import KINDS
from tnalgebra.core.nesting import check_symbols, leg_spaces
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.validity import check_possible
from tnalgebra.core.values import Diagram
from tnalgebra.core.words import check_name
from tnalgebra.errors import DeclarationError, NotationError, SpaceError
from tnalgebra.notation.declarations import parse_declarations
from tnalgebra.notation.parse import parse
from tnalgebra.notation.symbols import legs

GivenEntries: TypeAlias = NDimArray | MatrixBase | Sequence[Any] | sympy.Lambda | None


def tensor(
    name: str,
    signature: str | Sequence[str | Leg],
    *facts: str,
    entries: GivenEntries = None,
) -> Diagram:
    """A tensor by name and legs, with facts written as in `where` ("symmetric(i, j)", "real").

    entries: all of them, as a sympy array or matrix or as nested lists of numbers and expressions,
    which fix the sizes; or their formula, as a sympy.Lambda of the indices, counted from 0. A Leg
    may say its space. Raises DeclarationError where the entries are not known to have the facts,
    and SpaceError where the spaces do not fit them.

    >>> A = tensor("A", "i j", "real")
    >>> (A @ A.T).is_closed
    False
    >>> X = tensor("X", "i j", "symmetric(i, j)", entries=[[0, 1], [1, 0]])
    >>> X.where
    'X: symmetric(i, i1); X = [[0, 1], [1, 0]]'
    """
    own = legs(signature)
    made = _declared(name, [f"tensor({', '.join(map(str, own))})", *facts], entries)
    order = {leg.name: leg.space for leg in own}
    value = over(made, [order[leg.name] for leg in made.legs])
    known: dict[str, Space] = {}
    for space in leg_spaces(value):
        if known.setdefault(space.name, space) != space:
            raise SpaceError(f"two different spaces of {name} are called {space.name!r}")
    assert isinstance(value, Diagram)
    return value


class Constructor(Protocol):
    """Makes a tensor with one fact: name, legs as in the fact's own brackets, further facts."""

    def __call__(
        self, name: str, signature: str, *facts: str, entries: GivenEntries = None
    ) -> Diagram: ...


def _constructor(kind: str) -> Constructor:
    def make(name: str, signature: str, *facts: str, entries: GivenEntries = None) -> Diagram:
        return _declared(name, [f"{kind}({_commas(signature)})", *facts], entries)

    make.__name__ = make.__qualname__ = kind
    make.__doc__ = f"""A tensor with the fact {kind}: {KINDS[kind].doc}.

    signature: its legs as in `where`, commas left out: "m n -> a" or "i j". facts: further ones, as
    in `where`. entries: as for `tensor`. Raises DeclarationError where these cannot be.
    """
    return make


isometry = _constructor("isometry")
unitary = _constructor("unitary")
orthogonal = _constructor("orthogonal")
permutation = _constructor("permutation")
invertible = _constructor("invertible")
right_invertible = _constructor("right_invertible")
hermitian = _constructor("hermitian")
projector = _constructor("projector")
idempotent = _constructor("idempotent")
diagonal = _constructor("diagonal")
stochastic = _constructor("stochastic")
symmetric = _constructor("symmetric")
antisymmetric = _constructor("antisymmetric")


def _commas(signature: str) -> str:
    """A signature with its legs separated by commas: "m n -> a", "(i k) (j l)" or "i, j"."""
    if not isinstance(signature, str):
        raise NotationError(f"a signature is text, such as 'm -> a', not {signature!r}")
    parts = re.findall(r"->|[()]|[^\s,()>-]+", signature)
    text = " ".join(parts)
    for a, b in (("( ", "("), (" )", ")")):
        text = text.replace(a, b)
    return re.sub(r"(?<=[\w')])\s+(?=[\w(])", ", ", text)


def _declared(name: str, facts: Sequence[str], entries: Any = None) -> Diagram:
    check_name(name, "tensor")
    for fact in facts:
        if not isinstance(fact, str) or ";" in fact:
            raise NotationError(f"a fact is text, such as 'symmetric(i, j)', not {fact!r}")
    where = "; ".join(f"{name}: {fact}" for fact in facts)
    said = parse_declarations(where)
    if name in said.space_of:
        raise DeclarationError(
            f"{said.space_of[name]!r} is no fact of {name}",
            hint="facts are 'real' or 'symmetric(i, j)'; all legs stand in one text, as in 'i j'",
        )
    own = said.tensors[name].legs or ()
    given = None if entries is None else _entries(name, entries, len(own))
    if isinstance(given, NDimArray):
        sizes = (f"{leg} = {size}" for leg, size in zip(own, given.shape, strict=True))
        where = "; ".join([where, *sizes])
    value = parse(f"{name}[{','.join(own)}]", where)
    assert isinstance(value, Diagram)
    if given is not None:
        (node,) = value.tensors
        made = replace(node, entries=given)
        check_possible(made)
        value = build.symbol(made)
        check_symbols([value])
    return Diagram(value.graph, named=False)


def _entries(name: str, entries: Any, rank: int) -> ImmutableDenseNDimArray | sympy.Lambda:
    """The entries as an exact array or formula; raises DeclarationError."""
    if isinstance(entries, sympy.Lambda):
        found, axes = None, len(entries.variables)
    else:
        found = _array(name, entries)
        axes = len(found.shape)
    if axes != rank:
        raise DeclarationError(f"{name} has {rank} legs, its entries {axes} axes")
    if found is not None:
        return found
    indices = places(rank)
    formula = sympy.Lambda(indices, scalars.checked(entries(*indices)))
    scalars.check_symbols_sayable(formula.free_symbols)
    return formula


def _refuse_texts(name: str, entries: Any) -> None:
    """Raise DeclarationError for text in nested lists, which sympy would take letter by letter."""
    if isinstance(entries, str | bytes):
        raise DeclarationError(
            f"an entry of {name} is a number or an expression, not the text {entries!r}",
            hint="take sympy.Symbol(...), or the notation: X = [[0, alpha], [1, 0]] in where",
        )
    if isinstance(entries, list | tuple):
        for one in entries:
            _refuse_texts(name, one)


def _array(name: str, entries: Any) -> ImmutableDenseNDimArray:
    if not isinstance(entries, NDimArray | MatrixBase | Sequence) or isinstance(entries, str):
        raise DeclarationError(
            f"the entries of {name} are a sympy array, nested lists or a sympy.Lambda, "
            f"not {type(entries).__name__}",
            hint="numpy and torch arrays are given to evaluate()",
        )
    _refuse_texts(name, entries)
    try:
        found = ImmutableDenseNDimArray(entries)
    except (TypeError, ValueError) as error:
        raise DeclarationError(f"the entries of {name} are no array: {error}") from error
    numbers = [scalars.expression(one) for one in sympy.flatten(found)]
    return ImmutableDenseNDimArray(numbers, found.shape)
