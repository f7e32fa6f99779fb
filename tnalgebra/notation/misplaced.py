"""Declarations that would say nothing of the text they go with, refused with what was meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import NoReturn

from tnalgebra.core.facts import KINDS
from tnalgebra.errors import DeclarationError
from tnalgebra.notation.advice import NEAR, legs_of
from tnalgebra.notation.declarations import Declarations
from tnalgebra.notation.definitions import Formula, walk
from tnalgebra.notation.names import Names
from tnalgebra.notation.trees import Name, Tree

LEGS = {"arrow": "(m -> a)", "leg": "(i)", "bare": ""}
"""How the legs of a fact are written, by its shape; two legs where it says nothing else."""


def check_used(names: Names, declarations: Declarations) -> None:
    """Refuse a declaration whose tensor or symbol the text has, and that says nothing of it.

    One whose name the text does not have at all may serve other texts. Raises DeclarationError.

    >>> from tnalgebra.notation.parse import parse
    >>> parse("A.H == A.T", where="A: rael")
    Traceback (most recent call last):
    ...
    tnalgebra.errors.DeclarationError: 'A' is a tensor here and no index, so it has no space 'rael'
      A: rael
      ^^^^^^^
    did you mean 'real'? write A: real
    """
    for name in sorted(names.only_sized):
        if name in names.ranks:
            _fail(
                declarations,
                name,
                f"{name!r} is a tensor here, and is declared as the size of a space",
                f"a value has named legs or @: {name} = 2*A[i,j], {name} = A @ B",
            )
    _check_spaces(names, declarations)
    loose = [name for name in names.used if name not in declarations.tensors]
    real = declarations.real
    for name in [*declarations.tensors, *sorted(real)]:
        meant = [one for one in loose if one.lower() == name.lower()]
        if name in real:
            meant = [one for one in meant if one not in real]
        if name not in names.used and meant:
            _fail(
                declarations,
                name,
                f"{name!r} is declared, and the text has {meant[0]!r} in its place",
                "capital and small letters are different names",
            )


def _check_spaces(names: Names, declarations: Declarations) -> None:
    """Refuse `name: word`, which puts an index in a space, of what is no index."""
    legs = {leg for one in declarations.tensors.values() for leg in one.legs or ()}
    known = {*names.used, *declarations.tensors, *_named_in_entries(names, declarations)}
    for name, word in declarations.space_of.items():
        # `n: n` makes the symbol n a size.
        if name == word or name not in known or name in names.written or name in legs:
            continue
        what = "tensor" if name in names.ranks else "symbol"
        _fail(
            declarations,
            word,
            f"{name!r} is a {what} here and no index, so it has no space {word!r}",
            _meant(name, word, names.ranks.get(name)),
        )


def _named_in_entries(names: Names, declarations: Declarations) -> set[str]:
    """The bare names in the entries that the text's tensors declare, less the indices."""
    found: set[str] = set()
    for name, entries in declarations.entries.items():
        if name not in names.ranks:
            continue
        if isinstance(entries, Formula):
            found |= _bare([entries.tree]) - set(entries.indices)
        else:
            found |= _bare([tree for tree, _ in entries.trees])
    return found


def _bare(trees: list[Tree]) -> set[str]:
    return {one.name for tree in trees for one in walk(tree) if isinstance(one, Name)}


def _meant(name: str, word: str, rank: int | None) -> str:
    """What may stand in the place of a word that is no fact."""
    if near := get_close_matches(word.lower(), KINDS, 1, NEAR):
        legs = LEGS.get(KINDS[near[0]].shape, "(i, j)")
        return f"did you mean {near[0]!r}? write {name}: {near[0]}{legs}"
    if rank is None:
        return (
            f"a number is complex unless declared: write {name}: real\n"
            f"a tensor is declared with its legs: {name}: tensor(i, j)"
        )
    ways = [f"{name}: tensor({', '.join(legs_of(rank, []))})", f"{name}: real"]
    if rank == 2:
        ways.append(f"{name}: symmetric(i, j)")
    return f"write its legs, or a fact: {'; '.join(ways)}"


def _fail(declarations: Declarations, about: str, message: str, hint: str) -> NoReturn:
    place = declarations.places.get(about)
    raise DeclarationError(message, text=declarations.text, span=place, hint=hint)
