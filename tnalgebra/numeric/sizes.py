"""The size of every space: read off arrays, or chosen so that all declared facts can hold."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod

import numpy as np
import sympy

from tnalgebra.core.nodes import Tensor
from tnalgebra.core.spaces import Space, has_formula
from tnalgebra.errors import ArrayError, DeclarationError
from tnalgebra.numeric.factorings import thick_of_parts, way_out
from tnalgebra.numeric.interpreter import Needs


def split_sizes(
    wanted: Needs, sizes: Mapping[str, int] | None
) -> tuple[dict[str, int], dict[str, int]]:
    """The sizes that a user gives, those of size symbols whose space is gone apart.

    Raises ArrayError for what is no size.
    """
    if sizes is not None and not isinstance(sizes, Mapping):
        raise ArrayError(f"sizes are given by name, not as {sizes!r}", hint="as in {'i': 3}")
    loose = {symbol.name for symbol in wanted.symbols if symbol.is_integer}
    found: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for name, size in (sizes or {}).items():
        if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
            raise ArrayError(
                f"the size of {name!r} is given as {size!r}", hint="sizes are whole numbers from 1"
            )
        found[name not in loose][name] = int(size)
    return found


def known_sizes(
    wanted: Needs, shapes: Mapping[str, tuple[int, ...]], given: Mapping[str, int]
) -> dict[str, int]:
    """The sizes that shapes by tensor name, declared entries and `given` tell; as resolve_sizes."""
    known = {
        name: tensor.entries.shape
        for name, tensor in wanted.tensors.items()
        if isinstance(tensor.entries, sympy.NDimArray)
    }
    known |= {name: tuple(shape) for name, shape in shapes.items()}
    bases = [wanted.tensors[name] for name in known]
    return resolve_sizes(wanted.spaces, bases, known, given, thick_of=thick_of_parts(wanted.groups))


def resolve_sizes(
    spaces: Sequence[Space],
    tensors: Sequence[Tensor],
    shapes: Mapping[str, tuple[int, ...]],
    given: Mapping[str, int],
    *,
    thick_of: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """The size of each space and size symbol by name, from shapes, `given` and declared sizes.

    tensors: unmarked, each with its shape in `shapes`. thick_of: by space name, the thick leg that
    may have made two spaces this one. Raises ArrayError for a wrong rank, two sizes of one space (1
    against 4 too), or a space that nothing tells the size of.
    """
    known = partial_sizes(spaces, tensors, shapes, given, thick_of=thick_of)
    for space in spaces:
        if space.name not in known:
            raise ArrayError(
                f"nothing tells the size of the space {space.name!r}",
                hint=f"pass sizes={{{space.name!r}: ...}}",
            )
    return known


def partial_sizes(
    spaces: Sequence[Space],
    tensors: Sequence[Tensor],
    shapes: Mapping[str, tuple[int, ...]],
    given: Mapping[str, int],
    *,
    thick_of: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """As resolve_sizes, with the spaces left out that nothing tells the size of."""
    names = {space.name for space in spaces} | {
        symbol.name for space in spaces for symbol in space.dimension.free_symbols
    }
    for name in given:
        if name not in names:
            raise ArrayError(
                f"a size is given for the space {name!r}, which the value does not have",
                hint=f"its spaces are: {', '.join(sorted(names)) or 'none'}",
            )
    known: dict[str, tuple[int, str]] = {
        name: (size, f"sizes={{{name!r}: {size}}}") for name, size in given.items()
    }
    for space in spaces:
        if space.dimension.is_Integer:
            _learn(known, space.name, int(space.dimension), f"the declared space {space.name!r}")
    for tensor in tensors:
        shape = shapes[tensor.name]
        if len(shape) != tensor.rank:
            legs = ", ".join(leg.name for leg in tensor.legs)
            raise ArrayError(
                f"the array of {tensor.name}[{legs}] needs {tensor.rank} axes, "
                f"not the shape {tuple(shape)}",
                hint=_of_axes(tensor, len(shape)),
                about=tensor.name,
            )
        for leg, space, size in zip(tensor.legs, tensor.spaces(), shape, strict=True):
            source = f"leg {leg.name!r} of {tensor.name!r}"
            thick = (thick_of or {}).get(space.name)
            hint = way_out(thick, tensor, shape) if thick else None
            _learn(known, space.name, size, source, about=tensor.name, hint=hint)
    _follow_formulas(spaces, known)
    return {name: size for name, (size, _) in known.items()}


def _of_axes(tensor: Tensor, axes: int) -> str:
    """What to do about an array of so many axes, which the tensor does not have."""
    if (tensor.rank, axes) != (2, 1) or tensor.facts:
        return "axes follow the declared order of the tensor's legs"
    name, other = tensor.name, "B" if tensor.name == "A" else "A"
    return (
        f"{name} is a matrix here, as every bare name under @ is; "
        f"for a vector declare {name}: tensor(j), or write {other}[i,j]*{name}[j]"
    )


def _learn(
    known: dict[str, tuple[int, str]],
    name: str,
    size: int,
    source: str,
    about: str | None = None,
    hint: str | None = None,
) -> None:
    old, where = known.setdefault(name, (size, source))
    if old != size:
        raise ArrayError(
            f"{source} has size {size}, but {where} has size {old}; both are the space {name!r}",
            hint=hint or "sizes are never broadcast, not even 1; give arrays of equal size there",
            about=about,
        )


def check_positions(least: Mapping[str, int], sizes: Mapping[str, int]) -> None:
    """Raise ArrayError where a unit vector stands at a position that its space does not have."""
    for name, size in least.items():
        if sizes[name] < size:
            raise ArrayError(
                f"onehot({size - 1}) needs a space of at least {size}, "
                f"but the size of {name!r} is {sizes[name]}",
                hint="positions are counted from 0",
            )


def _follow_formulas(spaces: Sequence[Space], known: dict[str, tuple[int, str]]) -> None:
    """Sizes that are formulas of others, and a symbol that is itself the size of a known space."""
    open_spaces = [space for space in spaces if space.dimension.free_symbols]
    before = -1
    while len(known) > before:  # what one space tells, another may need
        before = len(known)
        for space in open_spaces:
            formula = space.dimension
            if formula.is_Symbol and space.name in known:
                _learn(known, formula.name, known[space.name][0], f"the space {space.name!r}")
            values = {s: known[s.name][0] for s in formula.free_symbols if s.name in known}
            loose = formula.free_symbols - values.keys()
            if space.name in known and len(loose) == 1 and not formula.is_Symbol:
                (symbol,) = loose
                found = _solutions(formula.subs(values), symbol, known[space.name][0])
                if not found:
                    raise ArrayError(
                        f"the space {space.name!r} has the size {known[space.name][0]}, "
                        f"which is not {formula} for any size {symbol}"
                    )
                if len(found) == 1:
                    values[symbol] = found[0]
                    _learn(known, symbol.name, found[0], f"the space {space.name!r}")
            if len(values) == len(formula.free_symbols):
                size = sympy.sympify(formula.subs(values))
                if not (size.is_Integer and size > 0):
                    raise ArrayError(f"the space {space.name!r} has the size {formula} = {size}")
                _learn(known, space.name, int(size), f"the declared size {formula}")


def check_possible(tensors: Iterable[Tensor], sizes: Mapping[str, int]) -> None:
    """Raise ArrayError where a tensor cannot have a declared fact at these sizes, by name."""
    for tensor in tensors:
        for limit in _limits(tensor):
            base, tip = (prod(sizes[s.name] for s in side) for side in (limit.base, limit.tip))
            if not limit.allows(base, tip, strict=False):
                raise ArrayError(
                    f"{limit}, and the sizes are {base} and {tip}",
                    hint="give other arrays, or leave the fact out of the declaration",
                    about=tensor.name,
                )


def _solutions(formula: sympy.Expr, symbol: sympy.Symbol, size: int) -> list[int]:
    """The whole numbers from 1 for which a formula of one symbol has a given value."""
    numerator, _ = sympy.fraction(sympy.together(formula - size))
    roots = sympy.roots(sympy.Poly(numerator, symbol), filter="Z")
    return sorted(int(root) for root in roots if root > 0 and formula.subs(symbol, root) == size)


LARGEST_CHOICES = (6, 12, 24)
"""How large a free size may be; the next bound is tried where none fits below the one before."""


def choose_sizes(
    tensors: Iterable[Tensor],
    spaces: Iterable[Space] = (),
    *,
    least: Mapping[str, int] | None = None,
    seed: int = 0,
) -> dict[str, int]:
    """Small sizes at which every declared fact can hold, different for different spaces.

    tensors: unmarked; spaces: others that need a size; least: the smallest size of a space, by name
    (2 where not named); seed 0 prefers 2, 3, 4, ..., other seeds other orders. Fixed sizes are
    kept, a base is larger than its tip where it can be. Raises DeclarationError where no sizes fit.

    >>> from tnalgebra.core.facts import Fact
    >>> from tnalgebra.core.spaces import Leg
    >>> legs = (Leg("m", Space("m")), Leg("a", Space("a")))
    >>> choose_sizes([Tensor("V", legs, (Fact("isometry", ((0,), (1,))),))])
    {'m': 3, 'a': 2}
    """
    tensors = list(tensors)
    found = dict.fromkeys([s for t in tensors for s in t.spaces()])
    found.update(dict.fromkeys(spaces))
    limits = [limit for tensor in tensors for limit in _limits(tensor)]
    search = _SizeSearch(list(found), limits, least or {}, seed)
    for largest, strict in [*((bound, True) for bound in LARGEST_CHOICES), (6, False)]:
        sizes = search.first(largest, strict=strict)
        if sizes is not None:
            return sizes
    raise DeclarationError(
        "no sizes satisfy the declared facts: " + "; ".join(search.impossible()),
        hint="an isometry's base is at least as large as its tip; a unitary's sides are equal",
    )


class _Limit:
    """The base of one isometry, its tip, and whether the two must be of equal size."""

    def __init__(self, name: str, base: list[Space], tip: list[Space], equal: bool) -> None:
        self.name, self.base, self.tip, self.equal = name, base, tip, equal

    def holds(self, sizes: Mapping[sympy.Symbol, int], strict: bool) -> bool:
        """Whether these sizes allow the fact; `strict` asks for a base that is larger."""
        base, tip = (prod(_size(space, sizes) for space in side) for side in (self.base, self.tip))
        return self.allows(base, tip, strict)

    def allows(self, base: int, tip: int, strict: bool) -> bool:
        """The same for the sizes of the whole sides."""
        if self.equal:
            return base == tip
        return base > tip if strict else base >= tip

    def symbols(self) -> set[sympy.Symbol]:
        """The symbols that the sizes of its legs depend on."""
        return set().union(*(space.dimension.free_symbols for space in self.base + self.tip))

    def __str__(self) -> str:
        sides = [
            " * ".join(str(space.dimension) for space in side) or "1"
            for side in (self.base, self.tip)
        ]
        return f"{self.name!r} needs {sides[0]} {'=' if self.equal else '>='} {sides[1]}"


class _Whole:
    """A size that is a formula, and so may not be a whole number, or not one from 1."""

    def __init__(self, space: Space) -> None:
        self.space = space

    def holds(self, sizes: Mapping[sympy.Symbol, int], strict: bool) -> bool:
        """Whether the size is a whole number from 1."""
        size = self.space.dimension.subs(sizes)
        return bool(size.is_Integer and size > 0)

    def symbols(self) -> set[sympy.Symbol]:
        """The symbols of the formula."""
        return set(self.space.dimension.free_symbols)

    def __str__(self) -> str:
        return f"{self.space.name!r} has the size {self.space.dimension}"


def _size(space: Space, sizes: Mapping[sympy.Symbol, int]) -> int:
    formula = space.dimension
    return sizes[formula] if formula.is_Symbol else int(formula.subs(sizes))


def _limits(tensor: Tensor) -> Iterator[_Limit]:
    spaces = tensor.spaces()
    for fact in tensor.known:
        if fact.kind == "isometry":
            base, tip = fact.sides
            equal = any(f.kind == "isometry" and f.sides == (tip, base) for f in tensor.known)
            yield _Limit(tensor.name, [spaces[p] for p in base], [spaces[p] for p in tip], equal)
        elif fact.kind == "right_invertible":
            small, large = ([spaces[p] for p in side] for side in fact.sides)
            yield _Limit(tensor.name, large, small, equal=False)


def _levels(symbols: list[sympy.Symbol], limits: list[_Limit]) -> dict[sympy.Symbol, int]:
    """How many isometries stand below each symbol: tips are chosen first, then their bases."""
    level = dict.fromkeys(symbols, 0)
    for _ in symbols:
        for limit in limits:
            below = [level[s] for space in limit.tip for s in space.dimension.free_symbols]
            if limit.equal or not below:
                continue
            for space in limit.base:
                for symbol in space.dimension.free_symbols:
                    level[symbol] = max(level[symbol], min(max(below) + 1, len(symbols)))
    return level


class _SizeSearch:
    """A depth-first search over sizes, limited in steps."""

    STEPS = 20_000

    def __init__(
        self, spaces: list[Space], limits: list[_Limit], least: Mapping[str, int], seed: int
    ) -> None:
        self.spaces = spaces
        whole = (_Whole(space) for space in spaces if has_formula(space))
        self.limits: list[_Limit | _Whole] = [*whole, *limits]
        self.least = least
        self.shuffle = random.Random(seed) if seed else None
        symbols: dict[sympy.Symbol, None] = {}
        for limit in limits:
            for space in limit.tip + limit.base:
                symbols.update(dict.fromkeys(sorted(space.dimension.free_symbols, key=str)))
        for space in spaces:
            symbols.update(dict.fromkeys(sorted(space.dimension.free_symbols, key=str)))
        level = _levels(list(symbols), limits)
        self.symbols = sorted(symbols, key=lambda symbol: level[symbol])
        self.after: list[list[_Limit | _Whole]] = [[] for _ in range(len(self.symbols) + 1)]
        for one in self.limits:
            places = [self.symbols.index(symbol) + 1 for symbol in one.symbols()]
            self.after[max(places, default=0)].append(one)

    def impossible(self) -> list[str]:
        """The facts that fixed sizes alone rule out; all facts where none does so by itself."""
        alone = [str(one) for one in self.after[0] if not one.holds({}, strict=False)]
        return alone or [str(limit) for limit in self.limits]

    def first(self, largest: int, *, strict: bool) -> dict[str, int] | None:
        """The first sizes up to `largest` that satisfy every limit, by name of space and symbol."""
        if not all(limit.holds({}, strict=strict) for limit in self.after[0]):
            return None
        chosen: dict[sympy.Symbol, int] = {}
        used = Counter(int(s.dimension) for s in self.spaces if s.dimension.is_Integer)
        choices = [self._choices(0, used, largest, strict)] if self.symbols else []
        steps = 0
        while len(chosen) < len(self.symbols):
            if not choices or steps > self.STEPS:
                return None
            steps += 1
            depth = len(choices) - 1
            symbol = self.symbols[depth]
            if symbol in chosen:
                used[chosen.pop(symbol)] -= 1
            if not choices[-1]:
                choices.pop()
                continue
            chosen[symbol] = choices[-1].pop(0)
            used[chosen[symbol]] += 1
            if not all(limit.holds(chosen, strict) for limit in self.after[depth + 1]):
                used[chosen.pop(symbol)] -= 1
            elif depth + 1 < len(self.symbols):
                choices.append(self._choices(depth + 1, used, largest, strict))
        sizes = {symbol.name: size for symbol, size in chosen.items()}
        sizes |= {space.name: _size(space, chosen) for space in self.spaces}
        return {space.name: sizes[space.name] for space in self.spaces} | sizes

    def _choices(self, depth: int, used: Counter[int], largest: int, strict: bool) -> list[int]:
        least = max(2, self.least.get(self.symbols[depth].name, 2))
        sizes = list(range(least, max(largest, least + 4) + 1))
        if self.shuffle is not None:
            self.shuffle.shuffle(sizes)
        sizes.sort(key=lambda size: used[size])
        return sizes if strict else [*sizes, 1]
