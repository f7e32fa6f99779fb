"""Which space each index of a text ranges over: unification with the place of every claim."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import count
from typing import Any

import sympy

from tnalgebra.core.spaces import Space, UnionFind
from tnalgebra.errors import SpaceError
from tnalgebra.notation.declarations import Declarations

LETTERS = "ijklmnopqrstuvwxyzabcdefgh"


class SpaceTable:
    """Space variables of one text, merged as legs meet.

    A variable is any hashable key; ("index", name) is the one that an index name stands for.
    """

    def __init__(self, declarations: Declarations, text: str) -> None:
        self.text = text
        self._union = UnionFind()
        self._named: dict[Hashable, str] = {}
        self._size: dict[Hashable, tuple[sympy.Expr, str]] = {}
        for name, members in declarations.spaces().items():
            variable = ("index" if name == members[0] and len(members) > 1 else "space", name)
            self._union.add(variable)
            if variable[0] == "space":
                self._named[variable] = name
                if name not in declarations.space_of:
                    self.join(("index", name), variable)
            for index in members:
                self.join(("index", index), variable)
        for name, size in declarations.sizes.items():
            is_space = self._union.find(("space", name)) in self._named
            variable = ("space" if is_space else "index", name)
            try:
                self._put_size(self._union.find(variable), size, name, None)
            except SpaceError as error:
                raise SpaceError(error.message, text=declarations.text, hint=error.hint) from None
        for declared in declarations.tensors.values():
            for leg in declared.legs or ():
                self._union.add(("index", leg))

    def attach(self, variable: Hashable, other: Hashable) -> None:
        """Make a new variable known, in the space of another."""
        self._union.attach(variable, other)

    def add(self, variable: Hashable) -> None:
        """Make a variable known; the order in which they come decides the names of spaces."""
        self._union.add(variable)

    def _put_size(
        self, root: Hashable, size: sympy.Expr, name: str, span: tuple[int, int] | None
    ) -> None:
        known = self._size.setdefault(root, (size, name))
        if known[0] != size:
            raise SpaceError(
                f"a leg of size {known[0]} (space {known[1]!r}) "
                f"cannot join a leg of size {size} (space {name!r})",
                text=self.text if span else None,
                span=span,
                hint="sizes are never broadcast, not even 1",
            )

    def join(self, first: Hashable, second: Hashable, span: tuple[int, int] | None = None) -> None:
        """Make two variables one space; raises SpaceError at `span` where they cannot be."""
        a, b = self._union.find(first), self._union.find(second)
        if a == b:
            return
        names = [self._named[root] for root in (a, b) if root in self._named]
        if len(names) == 2 and names[0] != names[1]:
            raise SpaceError(
                f"a leg of space {names[0]!r} cannot join a leg of space {names[1]!r}",
                text=self.text if span else None,
                span=span,
                hint="two different named spaces never connect, even at equal size",
            )
        sizes = [(self._size.pop(root), root) for root in (a, b) if root in self._size]
        if len(sizes) == 2:
            self._size[a] = sizes[0][0]
            self._put_size(a, *sizes[1][0], span)
        root = self._union.union(a, b)
        for (size, name), _ in sizes[:1]:
            self._size.pop(a, None)
            self._size[root] = (size, name)
        if names:
            self._named.pop(a, None)
            self._named.pop(b, None)
            self._named[root] = names[0]

    def spaces(self, taken: Iterable[str]) -> dict[Hashable, Space]:
        """The space of every variable; unnamed ones get letters that are not `taken`."""
        groups = self._union.groups()
        result: dict[Hashable, Space] = {}
        used = {*taken, *self._named.values()}
        used |= {name for variable in self._union.items() if (name := index_name(variable))}
        letters = (letter + (str(n) if n else "") for n in count() for letter in LETTERS)
        for root, members in groups.items():
            name = self._named.get(root) or next(filter(None, map(index_name, members)), None)
            if name is None:
                name = next(letter for letter in letters if letter not in used)
                used.add(name)
            size = self._size[root][0] if root in self._size else None
            space = Space(
                name,
                int(size) if size is not None and size.is_Integer else size,
                root in self._named,
            )
            result.update(dict.fromkeys(members, space))
        return result


def index_name(variable: Any) -> str | None:
    """The name of the index that a space variable stands for, if it stands for one."""
    is_index = isinstance(variable, tuple) and variable[0] == "index"
    return str(variable[1]) if is_index else None
