"""What tensors and boxes must satisfy wherever they come from: a user's graph, a pickle, a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import sympy

from tnalgebra.core.entries import violated
from tnalgebra.core.facts import (
    KINDS,
    Fact,
    closure,
    fact_text,
    same_space_ports,
    sides_apart,
)
from tnalgebra.core.functions import FUNCTIONS
from tnalgebra.core.marks import MARKS
from tnalgebra.core.nodes import Box, Tensor
from tnalgebra.core.scalars import check_symbols_sayable, is_sayable
from tnalgebra.core.spaces import Space, has_formula
from tnalgebra.core.words import check_name
from tnalgebra.errors import DeclarationError, GraphError, SpaceError

_ONEHOT = re.compile(r"onehot\(\d{1,18}\)")


def check_tensors(tensors: Iterable[Tensor]) -> None:
    """Each tensor is sound, and one name is one tensor wherever it stands; raises GraphError."""
    known: dict[str, Tensor] = {}
    for tensor in {id(one): one for one in tensors}.values():
        base = tensor.base()
        if tensor.is_builtin:
            _check_builtin(tensor)
            continue
        other = known.get(tensor.name)
        if other is None:
            known[tensor.name] = base
            _check_declared(base)
        elif (other.spaces(), other.facts, other.entries) != (
            base.spaces(),
            base.facts,
            base.entries,
        ):
            raise GraphError(f"the tensor {tensor.name!r} stands for two different tensors")
        _check_mark(tensor)


def check_box(box: Box) -> None:
    """The function of a box is known and fits its content; raises GraphError."""
    if box.function is None:
        return
    name, along = box.function.name, box.function.along
    if name not in FUNCTIONS:
        raise GraphError(f"unknown function {name!r}; known are {', '.join(FUNCTIONS)}")
    wanted, rank = FUNCTIONS[name].along, len(box.content.legs)
    if len(along) != wanted or len(set(along)) != wanted or not set(along) <= set(range(rank)):
        raise GraphError(f"{name} goes along {wanted} of {rank} legs, not {list(along)}")
    spaces = [leg.space for leg in box.content.legs]
    if FUNCTIONS[name].of_matrix and (rank != 2 or (name == "inv" and spaces[0] != spaces[1])):
        raise GraphError(f"{name} takes a matrix, square for inv, and not one of {rank} legs")


def _check_mark(tensor: Tensor) -> None:
    if tensor.mark not in MARKS:
        raise GraphError(f"{tensor.name!r} has the mark {tensor.mark!r}, not {', '.join(MARKS)}")
    if tensor.is_inverse and tensor.rank != 2:
        raise GraphError(f"{tensor.name!r} is inverted and has {tensor.rank} legs")
    has_inverse = any(fact.kind == "invertible" for fact in tensor.known)
    if tensor.is_inverse and not tensor.mark.endswith("pinv") and not has_inverse:
        raise GraphError(f"{tensor.name!r} is inverted without the fact that it is invertible")


def _check_builtin(tensor: Tensor) -> None:
    if tensor.mark != "none":
        raise GraphError(f"{tensor.name!r} is a tensor of the notation, which has no mark")
    if tensor.entries is None or tensor.facts:
        raise GraphError(f"{tensor.name!r} is a tensor of the notation, with entries of its own")
    if tensor.name != "causal" and not (_ONEHOT.fullmatch(tensor.name) and tensor.rank == 1):
        raise GraphError(f"{tensor.name!r} of {tensor.rank} legs is no unit vector")
    if tensor.name == "causal" and (tensor.rank != 2 or len(set(tensor.spaces())) != 1):
        raise GraphError("the causal mask has two legs of one space")


def _check_declared(tensor: Tensor) -> None:
    if isinstance(tensor.entries, sympy.Lambda) and not is_sayable(tensor.entries.expr):
        raise GraphError(f"text cannot say the entries of {tensor.name!r}: {tensor.entries.expr}")
    _check_entries(tensor)
    check_name(tensor.name, "tensor")
    for fact in tensor.facts:
        _check_fact(tensor, fact)
    check_sides(tensor)
    check_possible(tensor)


def _check_entries(tensor: Tensor) -> None:
    entries, sizes = tensor.entries, tuple(space.dimension for space in tensor.spaces())
    if entries is None:
        return
    check_symbols_sayable(entries.free_symbols)
    if isinstance(entries, sympy.Lambda):
        if len(entries.variables) != tensor.rank:
            raise GraphError(f"the formula of {tensor.name!r} has {len(entries.variables)} indices")
    elif entries.shape != sizes:
        raise GraphError(
            f"{tensor.name!r} has entries of the shape {entries.shape}, its legs the sizes {sizes}"
        )


def check_formulas(spaces: Iterable[Space]) -> None:
    """Raise SpaceError where the size of a space is a formula that leads back to it."""
    inner = {
        space.name: {symbol.name for symbol in space.dimension.free_symbols}
        for space in spaces
        if has_formula(space)
    }
    while inner:
        settled = [name for name, needed in inner.items() if not needed & inner.keys()]
        if not settled:
            name = min(inner)
            raise SpaceError(f"the size of the space {name!r} is a formula that leads back to it")
        for name in settled:
            del inner[name]


def _check_fact(tensor: Tensor, fact: Fact) -> None:
    said = f"the fact {fact.kind!r} of {tensor.name!r}"
    if fact.kind not in KINDS:
        raise GraphError(f"{said} is unknown; known are {', '.join(KINDS)}")
    shape, counts = KINDS[fact.kind].shape, [len(side) for side in fact.sides]
    flat = [port for side in fact.sides for port in side]
    if len(set(flat)) != len(flat) or not set(flat) <= set(range(tensor.rank)):
        raise GraphError(f"{said} speaks of ports {flat} of {tensor.rank}")
    fits = {
        "bare": not counts,
        "leg": counts == [1],
        "pair": counts == [1, 1],
        "arrow": len(counts) == 2 and 0 not in counts,
        "pair or arrow": len(counts) == 2 and 0 not in counts,
        "legs": len(counts) >= 2 and 0 not in counts and len(set(counts)) == 1,
    }
    if not fits[shape]:
        raise GraphError(f"{said} has the sides {fact.sides}")
    spaces = tensor.spaces()
    for a, b in same_space_ports(fact):
        if spaces[a] != spaces[b]:
            raise GraphError(f"{said} joins the spaces {spaces[a].name!r} and {spaces[b].name!r}")


def sides_met(
    name: str,
    fact: Fact,
    legs: Sequence[str],
    first: int,
    second: int,
    text: str | None = None,
    span: tuple[int, int] | None = None,
) -> SpaceError:
    """The refusal of two legs, on the two sides of an arrow, that would be one space.

    text, span: where the fact is declared.
    """
    a, b, said = legs[first], legs[second], fact_text(fact, legs)
    return SpaceError(
        f"the legs {a!r} and {b!r} of {name} would be one space, on two sides of {said}",
        text=text,
        span=span,
        hint=f"where that is meant, name the space: `{a}, {b}: n` in declarations, "
        "the Space('n', declared=True) of both legs in Python",
    )


def check_sides(tensor: Tensor, before: Sequence[Space] | None = None) -> None:
    """The two sides of an arrow are one space only where the user says so; raises SpaceError.

    That is a space with a name, or numbers that are the sizes of both legs; before: the spaces that
    the legs come from. A formula may be a size that nobody gave, as a split infers it.
    """
    spaces = tensor.spaces()
    for fact, a, b in sides_apart(tensor.facts):
        if spaces[a] != spaces[b] or spaces[a].declared:
            continue
        old = [spaces[a]] * 2 if before is None else [before[a], before[b]]
        if old[0] == old[1] and old[0].size is not None:
            continue
        if not all(space.dimension.is_Integer for space in old):
            raise sides_met(tensor.name, fact, [leg.name for leg in tensor.legs], a, b)


def check_possible(tensor: Tensor) -> None:
    """Some tensor other than zero has these facts at these sizes; raises DeclarationError."""
    try:
        tensor.group.check()
    except DeclarationError as error:
        raise DeclarationError(f"{tensor.name}: {error.message}", hint=error.hint) from None
    if (fact := violated(tensor)) is not None:
        free = any(not space.dimension.is_Integer for space in tensor.spaces())
        other = "give sizes, at which a formula is checked" if free else "mend the entries"
        raise DeclarationError(
            f"the entries of {tensor.name} are not known to be {fact.kind}",
            hint=f"leave the fact out, or {other}",
        )
    spaces, known = tensor.spaces(), closure(tensor.facts)
    kinds = {fact.kind for fact in known}
    if {"antisymmetric", "invertible"} <= kinds and tensor.rank == 2 and spaces[0].dimension.is_odd:
        raise DeclarationError(
            f"{tensor.name} is antisymmetric and of odd size {spaces[0].dimension}, "
            "so it has no inverse"
        )
    for fact in known:
        if fact.kind not in ("isometry", "right_invertible"):
            continue
        first, second = (
            sympy.prod([spaces[port].dimension for port in side]) for side in fact.sides
        )
        if not (first.is_Integer and second.is_Integer):
            continue
        if fact.kind == "isometry" and second > first:
            raise DeclarationError(
                f"{tensor.name} cannot be an isometry from size {first} to size {second}",
                hint="the large side stands first: isometry(m -> a) has dim(a) <= dim(m)",
            )
        if fact.kind == "right_invertible" and first > second:
            raise DeclarationError(
                f"{tensor.name} cannot be right invertible from size {first} to size {second}",
                hint="the small side stands first: right_invertible(b -> c)",
            )
