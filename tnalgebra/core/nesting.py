"""Values through and through: every tensor and content, shared ones once, and changes to all nodes.

Contents are visited innermost first and without recursion, so depth of nesting costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import sympy

from tnalgebra.core.draft import Draft, edges_of, nodes_of
from tnalgebra.core.functions import FUNCTIONS
from tnalgebra.core.inventory import inventory
from tnalgebra.core.nodes import Box, Delta, Inner, Tensor
from tnalgebra.core.spaces import Leg, Space, is_size
from tnalgebra.errors import NotationError

if TYPE_CHECKING:
    from tnalgebra.core.values import Diagram, Value

Entries: TypeAlias = sympy.Lambda | sympy.ImmutableDenseNDimArray


def leg_spaces(value: Value) -> list[Space]:
    """The space of each free leg."""
    return [leg.space for leg in value.legs if leg.space is not None]


def contents(value: Value) -> list[Value]:
    """Every content of a box inside a value, each once, the innermost first."""
    return list(parts([value]))[:-1]


def parts(values: Iterable[Value]) -> Iterator[Value]:
    """The values and every content of a box inside them, each once, the innermost first."""
    return inside_out(values, lambda term: (box.content for box in term.boxes))


def inside_out(
    values: Iterable[Value], enter: Callable[[Diagram], Iterable[Value]]
) -> Iterator[Value]:
    """The values and what is entered from their terms, each once, the innermost first."""
    from tnalgebra.core.values import terms_of

    seen: set[int] = set()
    for value in values:
        waiting = [(value, False)]
        while waiting:
            one, is_done = waiting.pop()
            if is_done:
                yield one
            elif id(one) not in seen:
                seen.add(id(one))
                waiting.append((one, True))
                waiting.extend((inner, False) for term in terms_of(one) for inner in enter(term))


def through(value: Value) -> Sequence[Value]:
    """The value and every content inside it, each once, the innermost first."""
    return list(parts([value])) if inventory(value).contents else (value,)


def all_tensors(*values: Value) -> list[Tensor]:
    """Every tensor of some values, those inside boxes too; shared contents are visited once."""
    from tnalgebra.core.values import terms_of

    found: list[Tensor] = []
    seen: set[int] = set()
    for value in values:
        waiting = [value]
        while waiting:
            one = waiting.pop()
            if id(one) not in seen:
                seen.add(id(one))
                for term in terms_of(one):
                    found.extend(term.own_tensors)
                    waiting.extend(box.content for box in term.boxes)
    return found


def tensors_in_order(value: Value) -> Iterator[Tensor]:
    """Every tensor of a value as often as it stands there, a shared content's once.

    They come in text order, those of a box in its place.
    """
    from tnalgebra.core.values import terms_of

    def nodes(one: Value) -> Iterator[object]:
        return (node for term in terms_of(one) for _, node in nodes_of(term.graph))

    seen: set[int] = set()
    waiting = [nodes(value)]
    while waiting:
        for node in waiting[-1]:
            if isinstance(node, Tensor):
                yield node
            elif isinstance(node, Box) and id(node.content) not in seen:
                seen.add(id(node.content))
                waiting.append(nodes(node.content))
                break
        else:
            waiting.pop()


def all_spaces(*values: Value) -> dict[Space, None]:
    """Every space of some values, boxes entered, each once."""
    return dict.fromkeys(_every_space(values))


def _every_space(values: Iterable[Value]) -> Iterator[Space]:
    """Every space of some values, as often as it is met."""
    from tnalgebra.core.values import terms_of

    for one in parts(values):
        yield from leg_spaces(one)
        for term in terms_of(one):
            for _, space in edges_of(term.graph):
                yield space
            # A closed circle is a delta without an edge.
            for _, node in nodes_of(term.graph):
                if isinstance(node, Delta):
                    yield node.space


def same_named(values: Iterable[Value]) -> Iterator[tuple[Space, Space]]:
    """Pairs of different spaces of one name, such as one whose size is known on one side alone."""
    known: dict[str, Space] = {}
    for space in _every_space(values):
        other = known.setdefault(space.name, space)
        if other is not space and other != space:
            yield other, space


def check_symbols(values: Iterable[Value]) -> None:
    """Raise NotationError where two symbols, or a symbol and a tensor, leg or space, share a name.

    The size of a space is called like it; a space that the user did not name gives way in text.
    """
    symbols: dict[str, sympy.Symbol] = {}
    every = [one for value in values for one in through(value)]
    for one in every:
        for symbol in inventory(one).symbols:
            if symbols.setdefault(symbol.name, symbol) != symbol:
                raise NotationError(f"two different symbols are called {symbol.name!r}")
    loose = {name for name, symbol in symbols.items() if not is_size(symbol)}
    if not loose:
        return
    if clash := loose.intersection(leg.name for one in every for leg in one.legs):
        raise NotationError(
            f"the symbol {min(clash)!r} is called like a leg",
            hint=f"rename one of them; the size of a leg is written dim({min(clash)})",
        )
    for one in every:
        held = inventory(one)
        for name in sorted(loose):
            if name in held.tensors:
                raise NotationError(
                    f"the symbol {name!r} is called like a tensor", hint="rename one of them"
                )
            if name in held.spaces and held.spaces[name].declared:
                raise NotationError(
                    f"the symbol {name!r} is called like a space",
                    hint="rename it; the symbol of a size has integer=True, positive=True",
                )


def check_leg_names(legs: Iterable[Leg], values: Iterable[Value]) -> None:
    """Raise NotationError for a leg called like a named space in the values that is not its own.

    In text an index that is called like a named space ranges over it.
    """
    loose = [
        leg for leg in legs if leg.space and not (leg.space.declared and leg.name == leg.space.name)
    ]
    if not loose:
        return
    stocks = [inventory(one) for value in values for one in through(value)]
    for leg in loose:
        if any(leg.name in stock.spaces and stock.spaces[leg.name].declared for stock in stocks):
            raise NotationError(
                f"the leg {leg.name!r} is called like a named space that it does not range over",
                hint=f"rename it, or put it there: tn.Leg({leg.name!r}, tn.Space({leg.name!r}))",
            )


def replace_contents(value: Value, choose: Callable[[Value], Value]) -> Value:
    """The value with another content in each box, chosen innermost first."""

    def node(old: Inner, done: Mapping[int, Value]) -> Inner:
        if isinstance(old, Box):
            return Box(old.function, old.legs, choose(done[id(old.content)]))
        return old

    return _rebuilt([value], node)[0]


def conj(value: Value) -> Value:
    """The complex conjugate, pushed into boxes; refused where a function does not allow it."""

    def node(old: Inner, done: Mapping[int, Value]) -> Inner:
        if isinstance(old, Tensor):
            return old.conj()
        if isinstance(old, Box):
            if old.function and not FUNCTIONS[old.function.name].commutes_with_conj:
                raise NotationError(f"conj does not pass through {old.function.name}")
            return Box(old.function, old.legs, done[id(old.content)])
        return old

    return _rebuilt([value], node, coefficient=sympy.conjugate)[0]


def all_terms(value: Value) -> Iterator[Diagram]:
    """Every term of a value and of its contents; shared contents are visited once."""
    from tnalgebra.core.values import terms_of

    for one in [*contents(value), value]:
        yield from terms_of(one)


def with_coefficients(value: Value, change: Callable[[sympy.Expr], sympy.Expr]) -> Value:
    """The value with every coefficient and declared entry changed, those in boxes too."""

    def node(old: Inner, done: Mapping[int, Value]) -> Inner:
        if isinstance(old, Box):
            return Box(old.function, old.legs, done[id(old.content)])
        if isinstance(old, Tensor) and old.entries is not None and not old.is_builtin:
            return replace(old, entries=_changed(old.entries, change))
        return old

    return _rebuilt([value], node, coefficient=change)[0]


def _changed(entries: Entries, change: Callable[[sympy.Expr], sympy.Expr]) -> Entries:
    if isinstance(entries, sympy.Lambda):
        return sympy.Lambda(entries.variables, change(entries.expr))
    return entries.applyfunc(change)


def _rebuilt(
    values: Sequence[Value],
    change: Callable[[Inner, Mapping[int, Value]], Inner],
    coefficient: Callable[[sympy.Expr], sympy.Expr] | None = None,
) -> list[Value]:
    """The values with every node changed, contents first; `change` sees what they became."""
    from tnalgebra.core.values import Diagram, Sum, terms_of

    done: dict[int, Value] = {}
    for one in parts(values):
        terms = []
        for term in terms_of(one):
            draft = Draft()
            wires = draft.absorb(term.graph)
            draft.nodes = [change(node, done) for node in draft.nodes]
            if coefficient is not None:
                draft.coefficient = coefficient(draft.coefficient)
            draft.free = [(leg.name, wire) for leg, wire in zip(term.legs, wires, strict=True)]
            terms.append(Diagram(draft.graph(), named=term.named, summed=term.summed))
        done[id(one)] = (
            terms[0]
            if isinstance(one, Diagram)
            else Sum(terms, one.legs, named=one.named, summed=one.summed)
        )
    return [done[id(value)] for value in values]
