"""Which space each index of a text ranges over: unification with the place of every claim."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import count
from typing import Any, NoReturn, TypeAlias

import sympy

from tnalgebra.core.spaces import Space, UnionFind, misfit
from tnalgebra.errors import SpaceError
from tnalgebra.notation.declarations import Declarations

LETTERS = "ijklmnopqrstuvwxyzabcdefgh"

Variable: TypeAlias = int | tuple[str, str] | tuple[str, str, int | str]


Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Apart:
    """Two legs that inference may not put in one space, and what is raised where it does."""

    first: Variable
    second: Variable
    sized: bool
    refusal: Callable[[], SpaceError]


class SpaceTable:
    """Space variables of one text, merged as legs meet.

    A variable is ("index", name), what an index name stands for, ("port", tensor, port), another
    tuple that begins with its kind, or a wire's number. Most wires are never sets of their own:
    each is in the space of the variable it was made for.
    """

    def __init__(self, declarations: Declarations, text: str) -> None:
        self.text = text
        self._declarations = declarations
        self._union = UnionFind()
        self._made_for: dict[Hashable, Variable] = {}
        self._named: dict[Hashable, str] = {}
        self._size: dict[Hashable, tuple[sympy.Expr, str]] = {}
        self._splits: list[tuple[Variable, list[Variable], Span | None]] = []
        self._apart: list[Apart] = []
        self._sides: dict[Hashable, set[tuple[int, int]]] = {}
        self._met: dict[int, Span | None] = {}
        for name, members in declarations.spaces().items():
            kind = "index" if name == members[0] and len(members) > 1 else "space"
            variable = (kind, name)
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
                raise SpaceError(
                    error.message,
                    text=declarations.text,
                    span=declarations.places.get(name),
                    hint=error.hint,
                ) from None
        for declared in declarations.tensors.values():
            for leg in declared.legs or ():
                self._union.add(("index", leg))

    def attach(self, wire: int, other: Variable) -> None:
        """Make a new wire known, in the space of another variable."""
        owner = self.owner(other)
        self._union.add(owner)
        self._made_for[wire] = owner

    def owner(self, variable: Variable) -> Variable:
        """The variable a wire was made for; any other variable is its own."""
        return self._made_for.get(variable, variable)

    def add(self, variable: Variable) -> None:
        """Make a variable known; the order in which they come decides the names of spaces."""
        self._union.add(variable)

    def split(self, thick: Variable, parts: Sequence[Variable], span: Span | None = None) -> None:
        """Note that a space's size is the product of the sizes of others."""
        self._splits.append((self.owner(thick), [self.owner(part) for part in parts], span))

    def resize(self, variable: Variable, size: sympy.Expr, name: str) -> None:
        """Give a space a size; raises SpaceError where it has another one."""
        self._put_size(self._union.find(self.owner(variable)), size, name, None)

    def keep_apart(
        self, first: Variable, second: Variable, refusal: Callable[[], SpaceError]
    ) -> None:
        """Say how the error is made that is raised if these become one space that has no name.

        A size is no name, unless both have one before the text's legs meet.
        """
        number, roots = len(self._apart), [self._union.find(one) for one in (first, second)]
        self._apart.append(Apart(first, second, all(r in self._size for r in roots), refusal))
        for side, root in enumerate(roots):
            self._sides.setdefault(root, set()).add((number, side))

    def _meet(self, first: Hashable, second: Hashable, root: Hashable, span: Span | None) -> None:
        """Note which legs that are kept apart meet as two sets become one."""
        small, large = sorted((self._sides.pop(one, set()) for one in (first, second)), key=len)
        for number, side in small:
            if (number, 1 - side) in large:
                self._met[number] = span
        large |= small
        if large:
            self._sides[root] = large

    def _check_apart(self) -> None:
        """Raise the refusal of the first legs that are one space and may not be."""
        for number, pair in enumerate(self._apart):
            root = self._union.find(pair.first)
            same = root == self._union.find(pair.second)
            if not same or root in self._named or pair.sized:
                continue
            error, span = pair.refusal(), self._met.get(number)
            if span is not None:
                raise SpaceError(error.message, text=self.text, span=span, hint=error.hint)
            raise error

    def _put_size(self, root: Hashable, size: sympy.Expr, name: str, span: Span | None) -> None:
        known = self._size.setdefault(root, (size, name))
        if known[0] != size and not self._agree(known[0], size):
            raise SpaceError(
                f"a leg of size {known[0]} (space {known[1]!r}) "
                f"cannot join a leg of size {size} (space {name!r})",
                text=self.text if span else None,
                span=span,
                hint="sizes are never broadcast, not even 1",
            )

    def _agree(self, first: sympy.Expr, second: sympy.Expr) -> bool:
        """Whether two sizes as declared are equal once the sizes that they speak of are put in."""
        declared = self._declarations.sizes
        known = {_size_symbol(name): size for name, size in declared.items()}
        for root, (size, _) in self._size.items():
            if root in self._named:
                known[_size_symbol(self._named[root])] = size
        difference = first - second
        for _ in known:
            difference = difference.xreplace(known)
        return bool(sympy.expand(difference) == 0)

    def join(self, first: Variable, second: Variable, span: Span | None = None) -> None:
        """Make two variables one space; raises SpaceError at `span` where they cannot be."""
        first, second = self.owner(first), self.owner(second)
        if not self._named and not self._size and not self._sides:
            self._union.union(first, second)
            return
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
        if self._sides:
            self._meet(a, b, root, span)

    def spaces(self, taken: Iterable[str]) -> dict[Hashable, Space]:
        """The space of every variable that is its own owner.

        A space is called as the user named it, else as the first of its indices; those without
        either get letters that are not `taken`.
        """
        self._join_products()
        self._check_apart()
        used = {*taken, *self._named.values()}
        leaders: dict[Hashable, Hashable] = {}
        names: dict[Hashable, str] = {}
        for variable in self._union.items():
            root = leaders[variable] = self._union.find(variable)
            if (name := index_name(variable)) is not None:
                used.add(name)
                names.setdefault(root, name)
        names |= self._named
        letters = (letter + (str(n) if n else "") for n in count() for letter in LETTERS)
        roots: list[Hashable] = []
        for variable, root in leaders.items():
            if variable != root:
                continue
            name = names.get(root)
            if name is None:
                name = next(letter for letter in letters if letter not in used)
                used.add(name)
            names[root] = name
            roots.append(root)
        sizes = self._sizes(names)
        found = {root: Space(names[root], sizes.get(root), root in self._named) for root in roots}
        return {variable: found[root] for variable, root in leaders.items()}

    def _join_products(self) -> None:
        """Put thick legs of the same parts in one space, and as many parts of one thick leg.

        Spaces that are both named, or of known size, stay apart; so do parts that are on two sides
        of an arrow.
        """
        changed = True
        while changed:
            changed = False
            thicks = {self._union.find(thick) for thick, _, _ in self._splits}
            by_parts: dict[tuple[Hashable, ...], Variable] = {}
            by_thick: dict[tuple[Hashable, int], list[Variable]] = {}
            for thick, parts, span in self._splits:
                key = tuple(self._union.find(part) for part in parts)
                pairs = [(thick, by_parts.setdefault(key, thick))]
                before = by_thick.setdefault((self._union.find(thick), len(parts)), parts)
                if not thicks.intersection(map(self._union.find, [*parts, *before])):
                    pairs += zip(parts, before, strict=True)
                if not all(self._may_join(*pair) for pair in pairs):
                    continue
                # That the parts are the same is a guess; that thick legs of the same parts have
                # one size is not.
                if any(self._are_opposite(*pair) for pair in pairs[1:]):
                    continue
                for a, b in pairs:
                    if self._union.find(a) != self._union.find(b):
                        self.join(a, b, span)
                        changed = True

    def _may_join(self, first: Variable, second: Variable) -> bool:
        a, b = self._union.find(first), self._union.find(second)
        return a == b or not any(a in known and b in known for known in (self._named, self._size))

    def _are_opposite(self, first: Variable, second: Variable) -> bool:
        """Whether these spaces hold legs on two sides of an arrow, and have no name."""
        a, b = self._union.find(first), self._union.find(second)
        small, large = sorted((self._sides.get(one, set()) for one in (a, b)), key=len)
        is_named = a in self._named or b in self._named
        return not is_named and any((number, 1 - side) in large for number, side in small)

    def _sizes(self, named: Mapping[Hashable, str]) -> dict[Hashable, int | sympy.Expr]:
        """The size of each space that has one: declared, or a product by a reshape."""
        declared = [size for size, _ in self._size.values()]
        roots = {symbol: self._root_of(symbol.name) for symbol in _symbols(declared)}
        own = {s: _size_symbol(named[root]) for s, root in roots.items() if root is not None}
        known = {root: size.xreplace(own) for root, (size, _) in self._size.items()}
        self._follow(known, named)
        waiting = [
            (self._union.find(thick), [self._union.find(part) for part in parts], span)
            for thick, parts, span in self._splits
        ]
        owner = {_size_symbol(name): root for root, name in named.items()} if waiting else {}
        while waiting:
            thicks = {thick for thick, _, _ in waiting}
            ready = [one for one in waiting if not thicks.intersection(one[1])]
            if not ready:
                self._fail("a leg is a part of itself", waiting[0][2])
            for thick, parts, span in ready:
                self._settle(thick, parts, span, known, named, owner)
            waiting = [one for one in waiting if one not in ready]
        self._follow(known, named)
        return {root: int(size) if size.is_Integer else size for root, size in known.items()}

    def _follow(self, known: dict[Hashable, sympy.Expr], named: Mapping[Hashable, str]) -> None:
        """Put the sizes that are known into the formulas of others."""
        owner = {_size_symbol(named[root]): root for root in known}
        needs = {
            root: {owner[symbol] for symbol in size.free_symbols if symbol in owner}
            for root, size in known.items()
        }
        try:
            order = list(TopologicalSorter(needs).static_order())
        except CycleError as error:
            names = ", ".join(sorted({named[root] for root in error.args[1]}))
            declared = self._declarations
            said = {self._size[root][1] for root in error.args[1]} & declared.places.keys()
            raise SpaceError(
                f"the size of {names} depends on itself",
                text=declared.text,
                span=max((declared.places[name] for name in said), default=None),
                hint="give one of them a number",
            ) from None
        for root in order:
            sizes = {_size_symbol(named[other]): known[other] for other in needs[root]}
            known[root] = known[root].xreplace(sizes)

    def _root_of(self, name: str) -> Hashable | None:
        """The space that a name in a size speaks of, if it is one of the text's."""
        known = set(self._union.items())
        if ("space", name) in known and self._union.find(("space", name)) in self._named:
            return self._union.find(("space", name))
        return self._union.find(("index", name)) if ("index", name) in known else None

    def _settle(
        self,
        thick: Hashable,
        parts: Sequence[Hashable],
        span: Span | None,
        known: dict[Hashable, sympy.Expr],
        named: Mapping[Hashable, str],
        owner: Mapping[sympy.Expr, Hashable],
    ) -> None:
        """Give a thick space the product of its parts' sizes, or its last part what is left."""

        def explicit(size: sympy.Expr) -> sympy.Expr:
            while found := {s: known[owner[s]] for s in size.free_symbols if owner.get(s) in known}:
                size = size.xreplace(found)
            return sympy.expand(size)

        sizes = [explicit(_size_symbol(named[part])) for part in parts]
        own = _size_symbol(named[thick])
        product, size = explicit(sympy.prod(sizes)), explicit(own)
        if size == product:
            return
        if thick not in known:
            if own in product.free_symbols:
                message = f"the size of {named[thick]} depends on itself"
                self._fail(message, span, "give one of its parts a number")
            known[thick] = product
            return
        free = {_size_symbol(named[part]): part for part in parts if part not in known}
        if len(loose := free.keys() - size.free_symbols) == 1:
            (rest,) = loose
            left = sympy.cancel(size * rest / product)
            is_formula = bool(left.free_symbols) and not sympy.denom(left).free_symbols
            if left.is_Integer or (is_formula and rest not in left.free_symbols):
                known[free[rest]] = left
                return
        names = [named[part] for part in parts]
        message, hint = misfit(named[thick], size, list(zip(names, sizes, strict=True)))
        self._fail(message, span, hint)

    def _fail(self, message: str, span: Span | None, hint: str | None = None) -> NoReturn:
        raise SpaceError(message, text=self.text if span else None, span=span, hint=hint)


def _size_symbol(name: str) -> sympy.Symbol:
    return Space(name).dimension


def _symbols(sizes: Iterable[sympy.Expr]) -> set[sympy.Symbol]:
    return set().union(*(size.free_symbols for size in sizes))


def index_name(variable: Any) -> str | None:
    """The name of the index that a space variable stands for, if it stands for one."""
    is_index = isinstance(variable, tuple) and variable[0] == "index"
    return str(variable[1]) if is_index else None
