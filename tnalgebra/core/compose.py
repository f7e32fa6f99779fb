"""Composition of finished values: products, sums, traces, conjugates, renaming and alignment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from numbers import Integral
from typing import TYPE_CHECKING

import sympy

from tnalgebra.core.apart import Place, united
from tnalgebra.core.collector import collector_paused
from tnalgebra.core.draft import Draft
from tnalgebra.core.inventory import gathered, keep_inventory
from tnalgebra.core.nesting import check_leg_names, check_symbols, leg_spaces
from tnalgebra.core.nodes import Box, Delta, onehot_tensor
from tnalgebra.core.private import check_private
from tnalgebra.core.respace import replace_each, with_numbers
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.words import numbered
from tnalgebra.errors import NotationError

if TYPE_CHECKING:
    from tnalgebra.core.values import Diagram, Value


def scalar(coefficient: sympy.Expr) -> Diagram:
    """The closed diagram that holds a coefficient and no node."""
    from tnalgebra.core.values import Diagram

    draft = Draft()
    draft.coefficient = coefficient
    return Diagram(draft.graph())


def boxed(value: Value) -> Box:
    """A value as one node: port k is its free leg k."""
    return Box(None, value.legs, value)


def absorb(draft: Draft, value: Value) -> list[int]:
    """Put a value into a draft, a sum as one box; returns the wires of its free legs."""
    from tnalgebra.core.values import Diagram

    if isinstance(value, Diagram):
        return draft.absorb(value.graph)
    wires = [draft.wire(space) for space in leg_spaces(value)]
    draft.add(boxed(value), wires)
    return wires


@collector_paused()
def multiply(first: Value, second: Value) -> Value:
    """The product: free legs of one name are joined and summed."""
    from tnalgebra.core.values import Diagram, Sum

    for a, b in ((first, second), (second, first)):
        if isinstance(a, Diagram) and not a.graph.number_of_nodes():
            check_symbols([a, b])
            return scaled(b, a.coefficient)
    check_private(first, second)
    mine = dict(zip((leg.name for leg in first.legs), leg_spaces(first), strict=True))
    theirs = dict(zip((leg.name for leg in second.legs), leg_spaces(second), strict=True))
    meets = [((0, mine[name]), (1, space)) for name, space in theirs.items() if name in mine]
    first, second = brought_together([first, second], meets)
    draft = Draft()
    wires = dict(zip((leg.name for leg in first.legs), absorb(draft, first), strict=True))
    shared = set()
    for leg, wire in zip(second.legs, absorb(draft, second), strict=True):
        if leg.name in wires:
            draft.join(wires[leg.name], wire)
            shared.add(leg.name)
        else:
            wires[leg.name] = wire
    draft.free = [(name, wire) for name, wire in wires.items() if name not in shared]
    summed = first.summed | second.summed | shared
    assert isinstance(first, Diagram | Sum)
    made = Diagram(draft.graph(), named=first.named or second.named, summed=summed)
    check_leg_names(made.legs, [first, second])
    return made


def scaled(value: Value, coefficient: sympy.Expr) -> Value:
    """The value times a number or expression; a sum term by term."""
    from tnalgebra.core.values import Diagram, Sum

    if coefficient == 1:
        return value
    if isinstance(value, Sum):
        terms = [
            term for one in value.terms if isinstance(term := scaled(one, coefficient), Diagram)
        ]
        return Sum(terms, value.legs, named=value.named, summed=value.summed)
    assert isinstance(value, Diagram)
    draft = Draft()
    wires = draft.absorb(value.graph)
    draft.coefficient = draft.coefficient * coefficient
    draft.free = [(leg.name, wire) for leg, wire in zip(value.legs, wires, strict=True)]
    return Diagram(draft.graph(), named=value.named, summed=value.summed)


def add(values: Sequence[Value]) -> Value:
    """The sum of values with the same free legs; sums among them are flattened."""
    from tnalgebra.core.values import Sum, terms_of

    aligned = aligned_all(values)
    terms = list(chain.from_iterable(map(terms_of, aligned)))
    named = all(value.named for value in values)
    summed = frozenset[str]().union(*(value.summed for value in aligned))
    result = Sum(terms, aligned[0].legs, named=named, summed=summed)
    # Taken from the summands, so that a sum built in a loop does not count its terms each time.
    keep_inventory(result, gathered(result.legs, aligned))
    return result


def align(lhs: Value, rhs: Value) -> tuple[Value, Value]:
    """Both values with the same free legs in the same order and one set of spaces."""
    one, two = aligned_all([lhs, rhs])
    return one, two


def aligned_all(values: Sequence[Value]) -> list[Value]:
    """Values with the same free legs in the same order and one set of spaces.

    The legs are those of the first value that names them. Raises NotationError where legs differ.
    """
    names = [leg.name for leg in next((v for v in values if v.named), values[0]).legs]
    for value in values:
        theirs = [leg.name for leg in value.legs]
        if len(theirs) != len(names) or (value.named and set(theirs) != set(names)):
            less = sorted([names, theirs], key=len)
            lacks = [f"tn.ones({name!r})" for name in less[1] if name not in less[0]]
            is_part = value.named and set(less[0]) < set(less[1])
            raise NotationError(
                f"the free legs differ: [{', '.join(names)}] against [{', '.join(theirs)}]",
                hint=f"nothing is broadcast: multiply by {' * '.join(lacks)}" if is_part else None,
            )
    values = [permute(value, names) if value.named else relabel(value, names) for value in values]
    first, *others = (leg_spaces(value) for value in values)
    meets = [
        ((0, a), (k, b))
        for k, spaces in enumerate(others, 1)
        for a, b in zip(first, spaces, strict=True)
    ]
    found = brought_together(values, meets)
    check_leg_names(found[0].legs, found)
    return found


def check_values(values: Iterable[object], what: str) -> None:
    """Raise NotationError unless all of these are values."""
    from tnalgebra.core.values import Value

    for one in values:
        if not isinstance(one, Value):
            raise NotationError(
                f"{what} takes diagrams, not {one!r} of type {type(one).__name__}",
                hint="numbers multiply by *; arrays are given to evaluate()",
            )


def leg_names(given: str | Sequence[str | Leg], what: str) -> list[str]:
    """The names in text, or in a list of names and legs; raises NotationError for anything else."""
    if isinstance(given, str):
        return given.replace(",", " ").split()
    if isinstance(given, Sequence) and all(isinstance(name, str | Leg) for name in given):
        return [str(name) for name in given]
    raise NotationError(f"{what} names legs, as in 'i j', not {given!r}")


def spelled(names: Iterable[str | Leg]) -> list[str]:
    """The names one by one, where each is a leg's or text that names several."""
    return [name for one in names for name in leg_names(str(one), "this")]


def brought_together(values: Sequence[Value], meets: Iterable[tuple[Place, Place]]) -> list[Value]:
    """Finished values with one set of spaces: those that meet agree, others stay apart.

    meets: pairs of spaces, each with the number of its value.
    """
    return replace_each(values, united(values, meets))


def reconcile(values: Sequence[Value], pairs: Iterable[tuple[Space, Space]]) -> list[Value]:
    """Parts of one value, where a name is one space, with spaces in which the given pairs agree."""
    meets = [((0, a), (0, b)) for a, b in pairs]
    return replace_each(values, united(values, meets, by_name=True))


def relabel(value: Value, names: Sequence[str]) -> Value:
    """The value with its free legs called `names`, in order."""
    if len(set(names)) != len(names):
        raise NotationError(f"two free legs cannot share a name: {', '.join(names)}")
    result = _rearranged(value, list(range(len(names))), names)
    check_symbols([result])
    check_leg_names(result.legs, [value])
    return result


def renamed(value: Value, names: Mapping[str, str | Leg]) -> Value:
    """The value with some free legs renamed; a Leg may say the space of the leg it names."""
    known = [leg.name for leg in value.legs]
    for name, new in names.items():
        if name not in known:
            raise NotationError(f"no free leg is called {name!r}; there are {known}")
        if not isinstance(new, str | Leg):
            raise NotationError(f"the new name of {name!r} is text or a leg, not {new!r}")
    given = [names.get(name, name) for name in known]
    value = over(value, [one.space if isinstance(one, Leg) else None for one in given])
    return relabel(value, list(map(str, given)))


def permute(value: Value, names: Sequence[str]) -> Value:
    """The value with its free legs in the order of `names`."""
    mine = [leg.name for leg in value.legs]
    if sorted(mine) != sorted(names):
        raise NotationError(f"the free legs are {mine}, not {list(names)}")
    place = {name: k for k, name in enumerate(mine)}
    return _rearranged(value, [place[name] for name in names], names)


def _rearranged(
    value: Value, order: Sequence[int], names: Sequence[str], *, named: bool = True
) -> Value:
    from tnalgebra.core.values import Diagram, Sum

    if [leg.name for leg in value.legs] == list(names) and value.named is named:
        return value
    legs = [Leg(name, value.legs[k].space) for k, name in zip(order, names, strict=True)]
    if isinstance(value, Sum):
        terms = [
            term
            for one in value.terms
            if isinstance(term := _rearranged(one, order, names, named=named), Diagram)
        ]
        return Sum(terms, legs, named=named, summed=value.summed)
    assert isinstance(value, Diagram)
    draft = Draft()
    wires = draft.absorb(value.graph)
    draft.free = [(name, wires[k]) for k, name in zip(order, names, strict=True)]
    return Diagram(draft.graph(), named=named, summed=value.summed)


def subscript(value: Value, given: Sequence[str | int | Leg]) -> Value:
    """`value[i, j, 0]`: name the free legs in order; a name given twice joins its two legs.

    A whole number is a slice, counted from 0. A Leg may say the space of the leg it names.
    """
    indices = [_index(one) for one in given]
    if len(indices) != len(value.legs):
        raise NotationError(f"{len(indices)} indices for {len(value.legs)} free legs")
    value = over(value, [one.space if isinstance(one, Leg) else None for one in given])
    if any(isinstance(index, int) for index in indices):
        value = _sliced(value, indices)
    names = [index for index in indices if isinstance(index, str)]
    if any(count > 2 for count in Counter(names).values()):
        raise NotationError("an index may occur at most twice", hint="join more with tn.delta")
    if len(set(names)) == len(names):
        return relabel(value, names)
    spaces = leg_spaces(value)
    places: dict[str, list[int]] = {}
    for k, name in enumerate(names):
        places.setdefault(name, []).append(k)
    twice = [(spaces[k[0]], spaces[k[1]]) for k in places.values() if len(k) == 2]
    (value,) = reconcile([value], twice)
    return _joined(value, list(places.values()), list(places))


def over(value: Value, spaces: Sequence[Space | None]) -> Value:
    """The value with its free legs in these spaces, where they are said."""
    from tnalgebra.core.values import Diagram

    def said() -> list[tuple[Space, Space]]:
        return [(own, one) for own, one in zip(leg_spaces(value), spaces, strict=True) if one]

    if not any(spaces):
        return value
    value = with_numbers(value, said())
    draft = Draft()
    draft.free = [(f"_{k}", draft.wire(space)) for k, (_, space) in enumerate(said())]
    for _, wire in draft.free:
        draft.add(Delta(draft.space(wire)), [wire])
    meets = [((0, space), (1, own)) for own, space in said()]
    return brought_together([Diagram(draft.graph()), value], meets)[1]


def _index(given: object) -> str | int:
    """A leg's name, or the place of a slice; raises NotationError for anything else."""
    if isinstance(given, str | Leg):
        return str(given)
    if isinstance(given, Integral) and not isinstance(given, bool) and int(given) >= 0:
        return int(given)
    raise NotationError(f"an index is a leg's name, or a slice from 0, not {given!r}")


def _sliced(value: Value, indices: Sequence[str | int]) -> Value:
    """The value with unit vectors on the legs that a number stands at; the rest stay free."""
    from tnalgebra.core.values import Diagram

    draft = Draft()
    wires = absorb(draft, value)
    for leg, wire, index in zip(value.legs, wires, indices, strict=True):
        if isinstance(index, str):
            draft.free.append((leg.name, wire))
        else:
            draft.add(onehot_tensor(index, leg), [wire])
    return Diagram(draft.graph(), named=value.named, summed=value.summed)


def summed(value: Value, names: Sequence[str]) -> Value:
    """The sum over some free legs, or over all of them where none is named."""
    from tnalgebra.core.values import Diagram

    known = [leg.name for leg in value.legs]
    for name in names:
        if name not in known or names.count(name) > 1:
            raise NotationError(f"cannot sum over {name!r}; the free legs are {known}")
    draft = Draft()
    wires = absorb(draft, value)
    gone = names or known
    draft.free = [(name, wire) for name, wire in zip(known, wires, strict=True) if name not in gone]
    return Diagram(draft.graph(), named=value.named, summed=value.summed.union(gone))


def _joined(value: Value, places: Sequence[Sequence[int]], names: Sequence[str]) -> Value:
    from tnalgebra.core.values import Diagram

    draft = Draft()
    wires = absorb(draft, value)
    summed = set(value.summed)
    for name, where in zip(names, places, strict=True):
        if len(where) == 2:
            draft.join(wires[where[0]], wires[where[1]])
            summed.add(name)
        else:
            draft.free.append((name, wires[where[0]]))
    return Diagram(draft.graph(), summed=summed)


def two_legs(value: Value, what: str) -> None:
    """Raise NotationError unless the value has exactly two free legs."""
    if len(value.legs) != 2:
        raise NotationError(f"{what} needs two free legs, not {len(value.legs)}")


def transpose(value: Value) -> Value:
    """The value with its two free legs in the other order."""
    two_legs(value, ".T")
    names = [value.legs[1].name, value.legs[0].name]
    return _rearranged(value, [1, 0], names, named=value.named)


@collector_paused()
def matmul(first: Value, second: Value) -> Value:
    """`first @ second`: the last leg of one joined to the first leg of the other."""
    from tnalgebra.core.values import Diagram

    if not (1 <= len(first.legs) <= 2 and 1 <= len(second.legs) <= 2):
        raise NotationError(
            f"@ joins vectors and matrices, not {len(first.legs)} and {len(second.legs)} free legs"
        )
    meets = [((0, leg_spaces(first)[-1]), (1, leg_spaces(second)[0]))]
    first, second = brought_together([first, second], meets)
    draft = Draft()
    left, right = absorb(draft, first), absorb(draft, second)
    draft.join(left[-1], right[0])
    names = [leg.name for leg in (*first.legs[:-1], *second.legs[1:])]
    if len(names) == 2 and names[0] == names[1]:
        names[1] = numbered(names[1], 1)
    draft.free = list(zip(names, [*left[:-1], *right[1:]], strict=True))
    made = Diagram(draft.graph(), named=False)
    check_leg_names(made.legs, [first, second])
    return made


def trace(value: Value, pair: Sequence[str]) -> Value:
    """Join two free legs by name; the two of a matrix where none is named."""
    names = [leg.name for leg in value.legs]
    if not pair:
        two_legs(value, "trace()")
    if len(pair) not in (0, 2):
        raise NotationError(f"trace() joins two legs, not {len(pair)}: {', '.join(pair)}")
    first, second = pair or names
    if first == second or first not in names or second not in names:
        raise NotationError(f"cannot join {first!r} and {second!r}; the free legs are {names}")
    a, b = names.index(first), names.index(second)
    spaces = leg_spaces(value)
    (value,) = reconcile([value], [(spaces[a], spaces[b])])
    places = [[a, b] if k == a else [k] for k in range(len(names)) if k != b]
    return _joined(value, places, [name for name in names if name != second])
