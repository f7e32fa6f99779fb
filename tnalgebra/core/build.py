"""Values from their parts: a tensor, a delta, a contraction by index names, a bubble."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import sympy

from tnalgebra.core import compose, scalars
from tnalgebra.core.apart import Place, united
from tnalgebra.core.collector import collector_paused
from tnalgebra.core.draft import Draft
from tnalgebra.core.functions import FUNCTIONS
from tnalgebra.core.nesting import check_leg_names, leg_spaces
from tnalgebra.core.nodes import Box, Delta, Function, Tensor, onehot_tensor
from tnalgebra.core.respace import Respaced
from tnalgebra.core.scalars import Scalar
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Diagram, Sum, Value, number
from tnalgebra.errors import NotationError


def symbol(tensor: Tensor, names: Sequence[str] | None = None) -> Diagram:
    """The diagram of one tensor; its free legs are called `names`, or as the tensor's own legs."""
    draft = Draft()
    wires = [draft.wire(space) for space in tensor.spaces()]
    draft.add(tensor, wires)
    own = [leg.name for leg in tensor.legs]
    draft.free = list(zip(own if names is None else names, wires, strict=True))
    return Diagram(draft.graph(), named=names is not None)


def delta(space: Space, names: Sequence[str]) -> Diagram:
    """The copy tensor with one free leg for each name."""
    draft = Draft()
    wires = [draft.wire(space) for _ in names]
    draft.add(Delta(space), wires)
    draft.free = list(zip(names, wires, strict=True))
    return Diagram(draft.graph())


def onehot(position: int, space: Space, name: str) -> Diagram:
    """The unit vector that is 1 at `position` (counted from 0)."""
    return symbol(onehot_tensor(position, Leg(name, space)), [name])


def contract(*values: Value, keep: Sequence[str] = (), by_name: bool = True) -> Diagram:
    """Join the free legs of all values by name and keep those of `keep` free, in that order.

    A name may occur any number of times, in `keep` too (einsum's meaning): all its legs meet in one
    delta. by_name: the values are parts of one, so that spaces of one name are one. Linear in the
    number of values. Raises NotationError for a name in `keep` that no value has, and SpaceError
    for legs that do not fit.
    """
    made = _contracted(values, keep, lambda meets: united(values, meets, by_name=by_name))
    check_leg_names(made.legs, values)
    return made


def contract_within(*values: Value, keep: Sequence[str] = ()) -> Diagram:
    """`contract` for parts of one value, whose spaces agree: their contents are not looked at."""
    return _contracted(values, keep, lambda _: [{} for _ in values])


def _contracted(
    values: Sequence[Value],
    keep: Sequence[str],
    changes: Callable[[list[tuple[Place, Place]]], Sequence[Mapping[Space, Space]]],
) -> Diagram:
    first: dict[str, Place] = {}
    meets: list[tuple[Place, Place]] = []
    for k, value in enumerate(values):
        for leg, space in zip(value.legs, leg_spaces(value), strict=True):
            place = (k, space)
            if (other := first.setdefault(leg.name, place)) is not place:
                meets.append((other, place))
    for name in keep:
        if name not in first:
            raise NotationError(f"cannot keep {name!r}: the indices are {', '.join(first)}")
    if len(set(keep)) != len(keep):
        raise NotationError(f"an index is kept twice: {', '.join(keep)}")
    summed = frozenset(first) - frozenset(keep)
    with collector_paused():
        draft = Draft()
        respaced = Respaced()
        wires: dict[str, int] = {}
        for value, changed in zip(values, changes(meets), strict=True):
            row = respaced.absorb(draft, value, changed)
            for leg, wire in zip(value.legs, row, strict=True):
                wires[leg.name] = draft.join(wires[leg.name], wire) if leg.name in wires else wire
        draft.free = [(name, wires[name]) for name in keep]
        return Diagram(draft.graph(), summed=summed.union(*(value.summed for value in values)))


def bubble(function: str, value: Value | Scalar, *along: str) -> Diagram:
    """A function applied to a contracted value, along the named legs where the function has some.

    A function of a plain number is sympy's and gives a number. `inv` and `pinv` of a matrix X have
    X's legs in X's order: inv(X)[j,i] stands at the legs i and j of X.
    Raises NotationError for an unknown function or legs that do not fit it.
    """
    kind = FUNCTIONS.get(function)
    if kind is None:
        raise NotationError(f"unknown function {function!r}; known are {', '.join(FUNCTIONS)}")
    if not isinstance(value, Value):
        value = number(value)
    if isinstance(value, Diagram) and not value.graph.number_of_nodes():
        return compose.scalar(_of_number(function, value.coefficient))
    names = [leg.name for leg in value.legs]
    if len(along) != kind.along or any(name not in names for name in along):
        raise NotationError(
            f"{function} is applied along {kind.along} of the legs {names}, not {list(along)}"
        )
    if kind.of_matrix and len(names) != 2:
        raise NotationError(f"{function} takes a matrix, and this has {len(names)} legs")
    if function == "inv":
        first, second = leg_spaces(value)
        (value,) = compose.reconcile([value], [(first, second)])
    return boxed(Function(function, tuple(names.index(name) for name in along)), value)


def _of_number(function: str, argument: sympy.Expr) -> sympy.Expr:
    if not FUNCTIONS[function].is_of_numbers:
        raise NotationError(f"{function} is applied to a diagram, not to the number {argument}")
    return scalars.function(function, argument)


def quotient(value: Value, divisor: Value) -> Value:
    """A value divided by another, entry by entry: its product with the reciprocal.

    Raises NotationError for a divisor whose legs have no names: it might be meant as an inverse.
    """
    if divisor.legs and not divisor.named:
        raise NotationError(
            f"the divisor has {len(divisor.legs)} legs without names",
            hint="name them; entry by entry is (x[i]/y[i] -> i), and inv(...) an inverse",
        )
    if isinstance(divisor, Diagram) and divisor == compose.scalar(sympy.Integer(0)):
        raise NotationError("a diagram cannot be divided by 0")
    return compose.multiply(value, bubble("reciprocal", divisor))


def shared(value: Value) -> Diagram:
    """A value as one box, so that many uses share it; a box alone is taken as it is."""
    compose.check_values([value], "shared")
    return boxed(None, value)


def boxed(function: Function | None, value: Value) -> Diagram:
    """One box around a value; its legs are called as those of the value."""
    draft = Draft()
    wires = [draft.wire(space) for space in leg_spaces(value)]
    draft.add(Box(function, value.legs, value), wires)
    draft.free = list(zip((leg.name for leg in value.legs), wires, strict=True))
    return Diagram(draft.graph(), named=value.named, summed=value.summed)


def total(terms: Sequence[Diagram], legs: Sequence[Leg]) -> Sum:
    """The sum of diagrams that already have the same free legs in the same order and spaces."""
    for term in terms:
        if term.legs != tuple(legs):
            raise NotationError(f"a term has the legs {term.legs}, the sum {tuple(legs)}")
    return Sum(terms, legs)
