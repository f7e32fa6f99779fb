"""Declarations that say what a tensor is: its entries, or a value that it stands for."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from tnalgebra.errors import DeclarationError, NotationError
from tnalgebra.notation.syntax import parse_program
from tnalgebra.notation.trees import (
    Arrow,
    Attribute,
    IndexName,
    Name,
    Product,
    Subscript,
    Tree,
)


@dataclass(frozen=True)
class Entries:
    """`A = [[1, 2], [3, alpha]]`: the shape, and the tree and text of every entry, row by row."""

    shape: tuple[int, ...]
    trees: tuple[tuple[Tree, str], ...]

    @property
    def rank(self) -> int:
        """The number of legs."""
        return len(self.shape)


@dataclass(frozen=True)
class Formula:
    """`H[i,j] = 1/(i + j + 1)`: an entry from its index values, counted from 0."""

    indices: tuple[str, ...]
    tree: Tree
    text: str

    @property
    def rank(self) -> int:
        """The number of legs."""
        return len(self.indices)


@dataclass(frozen=True)
class Definition:
    """`A = Q @ R`: the value that a name stands for."""

    tree: Tree
    text: str


def read_content(text: str) -> Entries | Definition | None:
    """What stands after `A =`; None for text that holds no tensor and no brackets.

    Raises NotationError for rows of unequal length, and as the parser does.
    """
    if text.startswith("["):
        return _entries(text)
    if "[" not in text and "@" not in text and ".T" not in text and ".H" not in text:
        return None
    program = parse_program(text)
    if len(program.sides) != 1 or program.shared:
        raise NotationError("a definition is one expression", text=text)
    (tree,) = program.sides
    kinds = (Subscript, Attribute, Arrow)
    holds = any(isinstance(one, kinds) or _is_chain(one) for one in walk(tree))
    return Definition(tree, text) if holds else None


def read_formula(indices: Sequence[str], text: str) -> Formula | Definition:
    """What stands after `A[i,j] =`: a formula of the indices, or a value with these legs."""
    program = parse_program(text)
    if len(program.sides) != 1 or program.shared:
        raise NotationError("an entry is one expression", text=text)
    (tree,) = program.sides
    if any(isinstance(one, Subscript | Attribute | Arrow) or _is_chain(one) for one in walk(tree)):
        span = (0, len(text))
        keep = tuple(IndexName(name, span) for name in indices)
        return Definition(Arrow(tree, keep, span), text)
    return Formula(tuple(indices), tree, text)


def injections(outer: str, parts: Sequence[str]) -> list[Formula]:
    """The injections of a direct sum: part by part, 1 where `outer` counts on from its place.

    >>> [one.text for one in injections("k", ["m", "n"])]
    ['eq(k, m)', 'eq(k, n + dim(m))']
    """
    found = []
    for number, part in enumerate(parts):
        place = " + ".join([part, *(f"dim({one})" for one in parts[:number])])
        text = f"eq({outer}, {place})"
        found.append(Formula((outer, part), parse_program(text).sides[0], text))
    return found


def _is_chain(tree: Tree) -> bool:
    return isinstance(tree, Product) and any(operator == "@" for operator, _ in tree.factors)


def walk(tree: Tree) -> Iterator[Tree]:
    """A syntax tree and everything inside it."""
    waiting: list[object] = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple):
            waiting.extend(one)
        elif dataclasses.is_dataclass(one) and not isinstance(one, type):
            yield one  # type: ignore[misc]
            waiting.extend(getattr(one, field.name) for field in dataclasses.fields(one))


def needed(
    trees: Iterable[Tree], definitions: dict[str, Definition]
) -> list[tuple[str, Definition]]:
    """The definitions that these trees speak of, each after those that it speaks of itself.

    Raises DeclarationError for definitions that speak of each other in a circle.
    """
    parts: dict[str, list[str]] = {}
    waiting = _names(trees, definitions)
    while waiting:
        if (name := waiting.pop()) not in parts:
            parts[name] = _names([definitions[name].tree], definitions)
            waiting += parts[name]
    try:
        order = TopologicalSorter(
            {name: parts[name] for name in definitions if name in parts}
        ).static_order()
        return [(name, definitions[name]) for name in order]
    except CycleError as error:
        circle = error.args[1]
        raise DeclarationError(
            f"{' is defined by '.join(reversed(circle))}, in a circle",
            hint="a definition speaks of tensors, and of other definitions that do not speak of it",
        ) from None


def _names(trees: Iterable[Tree], known: Container[str]) -> list[str]:
    """The known names in some trees, each once, in order."""
    found = (one.name for tree in trees for one in walk(tree) if isinstance(one, Name))
    return list(dict.fromkeys(name for name in found if name in known))


def _entries(text: str) -> Entries:
    found: list[tuple[Tree, str]] = []

    def shape(inside: str) -> tuple[int, ...]:
        inside = inside.strip()
        if not inside.startswith("["):
            program = parse_program(inside)
            if len(program.sides) != 1 or program.shared:
                raise NotationError("an entry is a number or an expression", text=inside)
            found.append((program.sides[0], inside))
            return ()
        parts = list(_split(inside, text))
        shapes = {shape(part) for part in parts}
        if len(shapes) != 1:
            raise NotationError("the rows of the entries have different lengths", text=text)
        (inner,) = shapes
        return (len(parts), *inner)

    return Entries(shape(text), tuple(found))


def _split(inside: str, text: str) -> Iterator[str]:
    """The parts of a bracketed row, at its own commas."""
    if not inside.endswith("]"):
        raise NotationError("a '[' of the entries is never closed", text=text)
    depth, start = 0, 1
    for place, letter in enumerate(inside):
        depth += (letter in "[(") - (letter in "])")
        if depth == 0 and place < len(inside) - 1:
            raise NotationError("the entries go on after their last ']'", text=text)
        if depth == 1 and letter == ",":
            yield inside[start:place]
            start = place + 1
    if depth:
        raise NotationError("a bracket of the entries is never closed", text=text)
    if inside[start:-1].strip():
        yield inside[start:-1]
    elif start == 1:
        raise NotationError("a row of the entries is empty", text=text)
