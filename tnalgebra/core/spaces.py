"""Spaces (what a leg ranges over), legs, and the unification that infers one from the other."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sympy

from tnalgebra.errors import SpaceError


@dataclass(frozen=True, slots=True)
class Space:
    """What an index ranges over: a name, and a size where one is known.

    The name is also the sympy symbol of the size. `declared` says that the user named the space,
    so that it is never merged with another named one; it does not take part in equality.

    >>> Space("a").dimension, Space("seq", 64).dimension
    (a, 64)
    """

    name: str
    size: int | sympy.Expr | None = None
    declared: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise SpaceError(f"the name of a space is text, not {self.name!r}")
        if self.size is not None and not _is_possible(self.size):
            raise SpaceError(
                f"the space {self.name!r} cannot have the size {self.size!r}",
                hint="a size is a whole number from 1, or a formula of sizes",
            )

    @property
    def dimension(self) -> sympy.Expr:
        """The size as a sympy expression; the space's own symbol where the size is free."""
        if self.size is None:
            return sympy.Symbol(self.name, integer=True, positive=True)
        return sympy.sympify(self.size)


def _is_possible(size: object) -> bool:
    """Whether something may be a size: a whole number from 1, or a formula with symbols."""
    if isinstance(size, int):
        return size >= 1 and not isinstance(size, bool)
    if not isinstance(size, sympy.Expr):
        return False
    return bool(size.free_symbols) or bool(size.is_Integer and size.is_positive)


def is_size(expression: sympy.Expr) -> bool:
    """Whether an expression is the symbol of a size.

    >>> is_size(Space("a").dimension), is_size(sympy.Symbol("a"))
    (True, False)
    """
    return bool(expression.is_Symbol and expression.is_integer and expression.is_positive)


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg: a name, and the space it ranges over where that is known."""

    name: str
    space: Space | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise SpaceError(f"the name of a leg is text, not {self.name!r}")
        if self.space is not None and not isinstance(self.space, Space):
            raise SpaceError(
                f"the leg {self.name!r} ranges over a Space, not {self.space!r}",
                hint=f"a size belongs to the space: tn.Leg({self.name!r}, tn.Space('n', 3))",
            )

    def __str__(self) -> str:
        return self.name


class UnionFind:
    """Disjoint sets over hashable items, made as they are named; the oldest item leads its set."""

    def __init__(self) -> None:
        self._parent: dict[Hashable, Hashable] = {}
        self._age: dict[Hashable, int] = {}

    def add(self, item: Hashable) -> None:
        """Make `item` known as a set of its own, unless it is known."""
        if item not in self._parent:
            self._parent[item] = item
            self._age[item] = len(self._age)

    def find(self, item: Hashable) -> Hashable:
        """The leader of the set that holds `item`."""
        parent = self._parent
        root = parent.get(item)
        if root is None:
            self.add(item)
            return item
        while (up := parent[root]) != root:
            root = up
        while (up := parent[item]) != root:
            parent[item], item = root, up
        return root

    def union(self, first: Hashable, second: Hashable) -> Hashable:
        """Merge two sets and return the leader of the result."""
        a, b = self.find(first), self.find(second)
        if a == b:
            return a
        if self._age[b] < self._age[a]:
            a, b = b, a
        self._parent[b] = a
        return a

    def attach(self, item: Hashable, other: Hashable) -> None:
        """Put an item that is not known yet into the set of another."""
        root = self.find(other)
        self._parent[item] = root
        self._age[item] = len(self._age)

    def items(self) -> list[Hashable]:
        """Every item, in the order they were made."""
        return list(self._parent)

    def groups(self) -> dict[Hashable, list[Hashable]]:
        """Each leader with the members of its set, in the order they were made."""
        result: dict[Hashable, list[Hashable]] = {}
        for item in self._parent:
            result.setdefault(self.find(item), []).append(item)
        return result


def merge_spaces(first: Space, second: Space) -> Space:
    """The space of a leg that joins one of `first` with one of `second`.

    Raises SpaceError for two different named spaces and for unequal sizes, 1 against 4 too.
    """
    if first == second:
        return first if first.declared or not second.declared else second
    if first.declared and second.declared and first.name != second.name:
        raise SpaceError(
            f"a leg of space {first.name!r} cannot join a leg of space {second.name!r}",
            hint="two different named spaces never connect, even at equal size",
        )
    sizes = [size for size in (first.size, second.size) if size is not None]
    if len(sizes) == 2 and sympy.sympify(sizes[0]) != sympy.sympify(sizes[1]):
        raise SpaceError(
            f"a leg of size {sizes[0]} (space {first.name!r}) "
            f"cannot join a leg of size {sizes[1]} (space {second.name!r})",
            hint="sizes are never broadcast, not even 1",
        )
    name = second.name if second.declared and not first.declared else first.name
    return Space(name, sizes[0] if sizes else None, first.declared or second.declared)


def misfit(
    thick: str, size: sympy.Expr, parts: Sequence[tuple[str, sympy.Expr]]
) -> tuple[str, str]:
    """What to say of a thick leg whose size is not the product of its parts', and the way out.

    parts: the name and size of each. Whether two formulas may be equal is not guessed.

    >>> parts = [("i", sympy.Symbol("i")), ("a", sympy.Integer(4))]
    >>> print(*misfit("x", sympy.Integer(6), parts), sep="; ")
    the leg 'x' of size 6 cannot have the parts i, a of size 4*i; 4 does not divide 6
    """
    sizes = [part for _, part in parts]
    product = sympy.prod(sizes)
    names = ", ".join(name for name, _ in parts)
    message = f"the leg {thick!r} of size {size} cannot have the parts {names} of size {product}"
    known = sympy.prod([part for part in sizes if part.is_Integer])
    loose = [name for name, part in parts if part.is_Symbol]
    if size.is_number and product.is_number:
        return message, "the sizes of parts multiply to the size of their leg"
    if size.is_number and size % known:
        return message, f"{known} does not divide {size}"
    free = [str(one) for part in [*sizes, size] for one in sorted(part.free_symbols, key=str)]
    first = (loose or free)[0]
    need = "declare the sizes of all parts but one"
    if not size.is_number:
        need = "a leg of two factorings needs the sizes of all parts of both, or the same spaces"
    return message, (
        f"{need}: {first} = 2 in `where`, "
        f"or in Python tn.Leg({first!r}, tn.Space({first!r}, 2)), and so on"
    )


def may_merge(first: Space, second: Space) -> bool:
    """Whether a leg of one space may join one of the other.

    >>> may_merge(Space("i"), Space("j", 2)), may_merge(Space("i", 1), Space("j", 2))
    (True, False)
    """
    try:
        merge_spaces(first, second)
    except SpaceError:
        return False
    return True


def has_formula(space: Space) -> bool:
    """Whether the size of a space is a formula of other sizes."""
    # a size that is neither free nor a whole number has symbols in it
    return isinstance(space.size, sympy.Expr) and not space.size.is_Integer


def sizes_of(changed: Mapping[Space, Space]) -> dict[sympy.Expr, sympy.Expr]:
    """What becomes of the symbols of sizes when spaces become others."""
    return {old.dimension: new.dimension for old, new in changed.items() if old.size is None}


def with_sizes(space: Space, sizes: Mapping[sympy.Expr, sympy.Expr]) -> Space:
    """The space with other sizes in the formula of its own."""
    size = space.dimension.xreplace(sizes)
    return Space(space.name, int(size) if size.is_Integer else size, space.declared)


def with_formulas(changed: Mapping[Space, Space], spaces: Iterable[Space]) -> Mapping[Space, Space]:
    """The replacements, and those that follow for spaces whose size is a formula of others."""
    formulas = [space for space in spaces if has_formula(space)]
    if not formulas:
        return changed
    result = dict(changed)
    for _ in formulas:
        before = dict(result)
        sizes = sizes_of(result)
        for space in formulas:
            now = with_sizes(result.get(space, space), sizes)
            if now != result.get(space, space):
                result[space] = now
        if result == before:
            break
    return result
