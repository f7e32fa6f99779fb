"""One set of spaces for several finished values: a name alone does not make two spaces one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import sympy

from tnalgebra.core.facts import sides_apart
from tnalgebra.core.inventory import Inventory, inventory
from tnalgebra.core.nesting import check_symbols, leg_spaces, through
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.spaces import Space, has_formula, is_size, merge_spaces, sizes_of, with_sizes
from tnalgebra.core.words import numbered
from tnalgebra.errors import NotationError, SpaceError

if TYPE_CHECKING:
    from tnalgebra.core.values import Value

Place = tuple[int, Space]
"""A space of one of several values, and the number of that value."""


def united(
    values: Sequence[Value], meets: Iterable[tuple[Place, Place]], *, by_name: bool = False
) -> list[dict[Space, Space]]:
    """What becomes of the spaces of each value when the values come together; others stay.

    Spaces of different values are one where the user named them alike, where both have one tensor's
    leg or one content in them, or where they meet; all others get names of their own. A space that
    is only counted, such as that of `dim(i)`, is the first one of its name. by_name: all spaces of
    one name are one. Raises NotationError for a tensor or symbol that the values declare in two
    ways, and SpaceError for spaces that cannot be one.

    >>> import tnalgebra as tn
    >>> A, B = tn.parse("A[i,j]"), tn.parse("B[i,j]")
    >>> united([A, B], [])[1][Space("i")].name
    'i1'
    """
    meets = list(meets)
    is_finished = len(values) > 1 and not by_name
    if (
        is_finished
        and _are_one(values)
        and all(first == second for (_, first), (_, second) in meets)
    ):
        return [{} for _ in values]
    check_symbols(values)
    places = _Places(values, {space.name for pair in meets for _, space in pair}, by_name)
    for (k, first), (m, second) in meets:
        if first is not second:
            merge_spaces(_bare(first), _bare(second))
        places.join(places.place(k, first), places.place(m, second))
    places.join_counted()
    places.join_reshaped()
    return places.changes()


def _are_one(values: Sequence[Value]) -> bool:
    """Whether the values are one object: then they share all contents, and so all spaces."""
    return all(one is values[0] for one in values)


class _Places:
    """Spaces of several values, numbered as they come; the oldest place leads its set.

    Only those spaces have a place that others may be one with: by name, tensor, group or formula.
    """

    def __init__(self, values: Sequence[Value], common: set[str], by_name: bool) -> None:
        self._by_name = by_name
        self._spaces: list[Space] = []
        self._parent: list[int] = []
        self._own: list[dict[str, int]] = [{} for _ in values]
        self._first: dict[str, int] = {}
        self._declared: dict[str, int] = {}
        self._sized: list[int] = []
        self._formulas: list[tuple[int, int]] = []
        self._owner: dict[int, int] = {}
        self._tensors: dict[str, tuple[int, Tensor, list[int]]] = {}
        self._groups: list[list[int]] = []
        self._counted: list[int] = []
        self._spoken: list[tuple[int, Iterable[sympy.Symbol]]] = []
        self._entries: list[tuple[int, Tensor, int, Tensor]] = []
        self._names: set[str] = set()
        tensors: set[str] = set()
        common_tensors: set[str] = set()
        rows = [[(one, inventory(one)) for one in through(value)] for value in values]
        self._stocks = [(k, stock) for k, row in enumerate(rows) for _, stock in row]
        for row in rows:
            for _, stock in row:
                common.update(self._names.intersection(stock.spaces))
                self._names.update(stock.spaces)
                common_tensors.update(tensors.intersection(stock.tensors))
                tensors.update(stock.tensors)
        for k, row in enumerate(rows):
            for one, stock in row:
                self._add(k, one, stock, common, common_tensors)
            for _, stock in row:
                if len(stock.held) < len(stock.spaces):
                    self._note_counted(k, values[k], [stock for _, stock in row])
                    break
            for _, stock in row:
                if stock.symbols:
                    self._spoken.append((k, stock.symbols))

    def root(self, place: int) -> int:
        """The oldest place that is one with `place`."""
        parent = self._parent
        while (up := parent[place]) != place:
            parent[place] = place = parent[up]
        return place

    def join(self, first: int, second: int) -> None:
        """Make the spaces of two places one."""
        a, b = self.root(first), self.root(second)
        if a < b:
            self._parent[b] = a
        elif b < a:
            self._parent[a] = b

    def place(self, k: int, space: Space) -> int:
        """The place of a space in value k, made where there is none yet."""
        found = self._own[k].get(space.name)
        if found is not None and (self._spaces[found] is space or self._spaces[found] == space):
            return found
        number = len(self._spaces)
        self._spaces.append(space)
        self._parent.append(number)
        first = self._first.setdefault(space.name, number)
        if found is None:
            self._own[k][space.name] = number
        else:
            self.join(found, number)
        if self._by_name:
            self.join(first, number)
        elif space.declared:
            self.join(self._declared.setdefault(space.name, number), number)
        if space.declared or space.size is not None:
            self._sized.append(number)
            if has_formula(space):
                self._formulas.append((k, number))
                self._spoken.append((k, space.dimension.free_symbols))
        return number

    def _add(
        self, k: int, one: Value, stock: Inventory, common: set[str], common_tensors: set[str]
    ) -> None:
        """Note the spaces of value k in it or one of its contents that others may share."""
        for name, space in stock.spaces.items() if common else ():
            if name in common:
                self.place(k, space)
        # A sum built in a loop has ever more tensors, and most often none in common with the next.
        for name, tensor in stock.tensors.items() if common_tensors else ():
            if name in common_tensors:
                self._join_ports(k, tensor)
        for space in stock.formulas:
            self.place(k, space)
        for group in stock.groups:
            self._groups.append([self.place(k, space) for space in group.spaces()])
        owner = self._owner.setdefault(id(one), k)
        if owner != k:
            for space in stock.spaces.values():
                self.join(self.place(owner, space), self.place(k, space))

    def _join_ports(self, k: int, tensor: Tensor) -> None:
        """Make each leg of a tensor one with that of the first tensor of its name."""
        base = tensor.base()
        places = [self.place(k, space) for space in base.spaces()]
        m, other, first = self._tensors.setdefault(tensor.name, (k, base, places))
        if first is places:
            return
        if other is not base:
            check_same(other, base)
        for a, b in zip(first, places, strict=True):
            self.join(a, b)
        if base.entries is None and other.entries is None:
            return
        if other.entries != base.entries:
            self._entries.append((m, other, k, base))
        elif base.entries is not None:
            for name in _size_names(base.entries.free_symbols):
                self.join(self.place(m, Space(name)), self.place(k, Space(name)))

    def _note_counted(self, k: int, value: Value, stocks: Iterable[Inventory]) -> None:
        held = {space.name for space in leg_spaces(value)}.union(*(one.held for one in stocks))
        own = self._own[k]
        self._counted += (
            own[name]
            for name in dict.fromkeys(name for stock in stocks for name in stock.spaces)
            if name not in held and name in own and self._is_plain(own[name])
        )

    def _is_plain(self, place: int) -> bool:
        space = self._spaces[place]
        return not space.declared and not has_formula(space)

    def join_counted(self) -> None:
        """Make each space that is only counted or spoken of the first one of its name."""
        for k, symbols in self._spoken:
            own = self._own[k]
            for name in _size_names(symbols):
                if name not in own:
                    own[name] = len(self._spaces)
                    self._counted.append(own[name])
                    self._spaces.append(Space(name))
                    self._parent.append(own[name])
        for place in self._counted:
            self.join(self._first.setdefault(self._spaces[place].name, place), place)

    def join_reshaped(self) -> None:
        """Make the parts of a thick leg one, and the thick legs of the same parts, as in text.

        Spaces that are both named, or of different known sizes, stay apart; so do parts that are on
        two sides of an arrow.
        """
        changed = bool(self._groups)
        sides = self._sides() if changed else []
        named: dict[int, object] = {}
        sizes: dict[int, object] = {}
        for place in self._sized if changed else ():
            root, space = self.root(place), self._spaces[place]
            if space.declared:
                named[root] = space.name
            if space.dimension.is_Integer:
                sizes[root] = int(space.dimension)
        while changed:
            changed = False
            thick = {self.root(first) for first, *_ in self._groups}
            known: dict[object, list[int]] = {}
            for first, *inner in self._groups:
                pairs = [(first, known.setdefault(("parts", *map(self.root, inner)), [first])[0])]
                before = known.setdefault(("thick", self.root(first), len(inner)), [first, *inner])
                if thick.isdisjoint(map(self.root, (*inner, *before[1:]))) and (
                    not self._by_name or self._spaces[before[0]] != self._spaces[first]
                ):
                    pairs += zip(inner, before[1:], strict=True)
                roots = [(self.root(a), self.root(b)) for a, b in pairs]
                if any(_differ(kind, a, b) for kind in (named, sizes) for a, b in roots):
                    continue
                apart = ({self.root(a), self.root(b)} for a, b in sides)
                # That the parts are the same is a guess; that thick legs of the same parts have one
                # size is not.
                guessed = [set(pair) for pair in roots[1:]]
                if any(pair in guessed for pair in apart if named.keys().isdisjoint(pair)):
                    continue
                for a, b in roots:
                    if (a := self.root(a)) != (b := self.root(b)):
                        self.join(a, b)
                        for kind in (named, sizes):
                            if (label := kind.get(a, kind.get(b))) is not None:
                                kind[self.root(a)] = label
                        changed = True

    def _sides(self) -> list[tuple[int, int]]:
        """The places of the legs that stand on two sides of an arrow."""
        found = []
        for k, stock in self._stocks:
            for tensor in (one.base() for one in stock.tensors.values() if one.facts):
                spaces = tensor.spaces()
                for _, a, b in sides_apart(tensor.facts):
                    if spaces[a] != spaces[b]:
                        found.append((self.place(k, spaces[a]), self.place(k, spaces[b])))
        return found

    def changes(self) -> list[dict[Space, Space]]:
        """For each value, its spaces that become others and what they become."""
        roots = [self.root(place) for place in range(len(self._spaces))]
        merged = self._merged(roots)
        changes = []
        for own in self._own:
            changed: dict[Space, Space] = {}
            for place in own.values():
                space, new = self._spaces[place], merged[roots[place]]
                if new is not space and (new != space or new.declared is not space.declared):
                    changed[space] = new
            changes.append(changed)
        for m, other, k, base in self._entries:
            first, second = (
                tensor.entries and tensor.entries.xreplace(sizes_of(changes[number]))
                for number, tensor in ((m, other), (k, base))
            )
            if first != second:
                raise NotationError(f"the tensor {base.name!r} has two different entries")
        return changes

    def _merged(self, roots: Sequence[int]) -> dict[int, Space]:
        """The space that each set of places becomes, with its name and size."""
        merged = {root: self._spaces[root] for root in roots}
        for _, place in self._formulas:
            if place in merged:
                merged[place] = _bare(merged[place])
        for place in self._sized:
            root = roots[place]
            merged[root] = merge_spaces(merged[root], _bare(self._spaces[place]))
        fresh = FreshNames(self._names)
        used = {space.name for space in merged.values() if space.declared}
        for root, space in merged.items():
            if not space.declared:
                name = fresh.name(space.name) if space.name in used else space.name
                used.add(name)
                if name != space.name:
                    merged[root] = Space(name, space.size)
        self._put_formulas(merged, roots)
        return merged

    def _put_formulas(self, merged: dict[int, Space], roots: Sequence[int]) -> None:
        """Give merged spaces the sizes that are formulas, which may agree once others do."""
        waiting = self._formulas
        while waiting:
            open_roots = {roots[place] for _, place in waiting}
            later = []
            for k, place in waiting:
                space = self._spaces[place]
                symbols = {
                    symbol: roots[self._own[k][symbol.name]]
                    for symbol in space.dimension.free_symbols
                    if is_size(symbol)
                }
                if not open_roots.isdisjoint(symbols.values()):
                    later.append((k, place))
                    continue
                sizes = {symbol: merged[root].dimension for symbol, root in symbols.items()}
                root = roots[place]
                merged[root] = merge_spaces(merged[root], with_sizes(space, sizes))
            if len(later) == len(waiting):
                name = self._spaces[later[0][1]].name
                raise SpaceError(f"the leg {name!r} cannot be a part of itself")
            waiting = later


def check_same(first: Tensor, second: Tensor) -> None:
    """Raise NotationError unless two unmarked tensors of one name are declared alike."""
    if first.rank != second.rank or first.facts != second.facts:
        raise NotationError(
            f"the tensor {first.name!r} is declared in two ways: "
            f"{describe(first)} and {describe(second)}"
        )


def describe(tensor: Tensor) -> str:
    """A tensor's legs and facts in a few words, for messages."""
    facts = ", ".join(fact.kind for fact in tensor.facts) or "no facts"
    return f"{tensor.name}[{', '.join(leg.name for leg in tensor.legs)}] with {facts}"


def _size_names(symbols: Iterable[sympy.Symbol]) -> list[str]:
    """The names of the sizes among symbols."""
    return sorted({symbol.name for symbol in symbols if is_size(symbol)})


def _differ(labels: Mapping[int, object], first: int, second: int) -> bool:
    """Whether two sets of places have two different labels."""
    return first in labels and second in labels and labels[first] != labels[second]


def _bare(space: Space) -> Space:
    """The space, without its size where that is a formula."""
    return Space(space.name, None, space.declared) if has_formula(space) else space


class FreshNames:
    """Names that are not in use; the numbers tried are tried once."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)
        self._number: dict[str, int] = {}

    def name(self, stem: str) -> str:
        """The stem with the next number that gives a free name."""
        number = self._number.get(stem, 0) + 1
        while (found := numbered(stem, number)) in self.taken:
            number += 1
        self._number[stem] = number
        self.taken.add(found)
        return found

    def unused(self, name: str) -> str:
        """The name itself where it is free, else as `name`."""
        if name in self.taken:
            return self.name(name)
        self.taken.add(name)
        return name
