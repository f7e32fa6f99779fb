"""Which space each index of a text ranges over: unification with the place of every claim."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import count
from typing import Any, NoReturn

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
        self._splits: list[tuple[Hashable, list[Hashable], tuple[int, int] | None]] = []
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

    def split(
        self, thick: Hashable, parts: Sequence[Hashable], span: tuple[int, int] | None = None
    ) -> None:
        """Note that a space's size is the product of the sizes of others."""
        self._splits.append((thick, list(parts), span))

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
        named: dict[Hashable, str] = {}
        used = {*taken, *self._named.values()}
        used |= {name for variable in self._union.items() if (name := index_name(variable))}
        letters = (letter + (str(n) if n else "") for n in count() for letter in LETTERS)
        for root, members in groups.items():
            name = self._named.get(root) or next(filter(None, map(index_name, members)), None)
            if name is None:
                name = next(letter for letter in letters if letter not in used)
                used.add(name)
            named[root] = name
        sizes = self._sizes(named)
        result: dict[Hashable, Space] = {}
        for root, members in groups.items():
            space = Space(named[root], sizes.get(root), root in self._named)
            result.update(dict.fromkeys(members, space))
        return result

    def _sizes(self, named: Mapping[Hashable, str]) -> dict[Hashable, int | sympy.Expr]:
        """The size of each space that has one: declared, or a product by a reshape."""
        known = {root: size for root, (size, _) in self._size.items()}
        roots = {symbol.name: self._root_of(symbol.name) for symbol in _symbols(known.values())}
        waiting = [
            (self._union.find(thick), [self._union.find(part) for part in parts], span)
            for thick, parts, span in self._splits
        ]
        while waiting:
            thicks = {thick for thick, _, _ in waiting}
            ready = [one for one in waiting if not thicks.intersection(one[1])]
            if not ready:
                self._fail("a leg is a part of itself", waiting[0][2])
            for thick, parts, span in ready:
                self._settle(thick, parts, span, known, named)
            waiting = [one for one in waiting if one not in ready]
        formulas = {
            _size_symbol(name): _size_symbol(named[root])
            for name, root in roots.items()
            if root is not None
        }
        for _ in formulas:
            sized = {
                _size_symbol(name): known[root]
                for name, root in roots.items()
                if root is not None and root in known
            }
            known = {root: size.xreplace(sized) for root, size in known.items()}
        known = {root: size.xreplace(formulas) for root, size in known.items()}
        return {root: int(size) if size.is_Integer else size for root, size in known.items()}

    def _root_of(self, name: str) -> Hashable | None:
        """The space that a name in a size speaks of, if it is one of the text's."""
        known = {variable for variable in self._union.items()}
        for kind in ("space", "index"):
            if (kind, name) in known:
                return self._union.find((kind, name))
        return None

    def _settle(
        self,
        thick: Hashable,
        parts: Sequence[Hashable],
        span: tuple[int, int] | None,
        known: dict[Hashable, sympy.Expr],
        named: Mapping[Hashable, str],
    ) -> None:
        """Give a thick space the product of its parts' sizes, or its last part what is left."""
        product = sympy.prod([known.get(part, _size_symbol(named[part])) for part in parts])
        size = known.setdefault(thick, product)
        if size == product:
            return
        loose = [part for part in parts if part not in known]
        rest = sympy.prod([known[part] for part in parts if part in known])
        if len(loose) == 1 and (size / rest).is_Integer:
            known[loose[0]] = size / rest
            return
        names = ", ".join(named[part] for part in parts)
        self._fail(
            f"the leg {named[thick]!r} of size {size} cannot have the parts {names} "
            f"of size {product}",
            span,
            "declare the sizes of all parts but one" if loose else None,
        )

    def _fail(
        self, message: str, span: tuple[int, int] | None, hint: str | None = None
    ) -> NoReturn:
        raise SpaceError(message, text=self.text if span else None, span=span, hint=hint)


def _size_symbol(name: str) -> sympy.Symbol:
    return Space(name).dimension


def _symbols(sizes: Iterable[sympy.Expr]) -> set[sympy.Symbol]:
    return set().union(*(size.free_symbols for size in sizes))


def index_name(variable: Any) -> str | None:
    """The name of the index that a space variable stands for, if it stands for one."""
    is_index = isinstance(variable, tuple) and variable[0] == "index"
    return str(variable[1]) if is_index else None
