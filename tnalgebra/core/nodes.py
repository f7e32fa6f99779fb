"""What stands at a node of a diagram: tensor, delta, box or free end."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import sympy

from tnalgebra.core.facts import Fact, PortGroup, closure
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.errors import NotationError, SpaceError

if TYPE_CHECKING:
    from tnalgebra.core.values import Value

CONJ_OF = {"none": "conj", "conj": "none", "inv": "conj inv", "conj inv": "inv"}
INVERSE_OF = {"none": "inv", "inv": "none", "conj": "conj inv", "conj inv": "conj"}


@dataclass(frozen=True)
class Tensor:
    """A named tensor with ordered ports.

    `legs[k]` belongs to port k. `mark` is "none", "conj", "inv" or "conj inv". `facts` are those of
    the unmarked tensor, in its own port order: an inverse carries its two ports the other way
    round. `entries`, where given, is a sympy Lambda from index values to the entry.
    """

    name: str
    legs: tuple[Leg, ...]
    facts: tuple[Fact, ...] = ()
    mark: str = "none"
    entries: sympy.Lambda | None = None

    def __post_init__(self) -> None:
        if not self.name.startswith("onehot(") or self.legs[0].space is None:
            return
        space = self.legs[0].space
        if space.dimension.is_Integer and space.dimension <= self.position:
            raise SpaceError(
                f"{self.name} has no place in the space {space.name!r} of size {space.size}",
                hint="positions are counted from 0",
            )

    @property
    def rank(self) -> int:
        """The number of ports."""
        return len(self.legs)

    @property
    def is_builtin(self) -> bool:
        """Whether the notation defines this tensor, in every space alike: onehot(3), causal."""
        return self.name == "causal" or self.name.startswith("onehot(")

    @property
    def position(self) -> int:
        """Where a unit vector is 1, counted from 0; -1 for every other tensor."""
        is_onehot = self.name.startswith("onehot(")
        return int(self.name[len("onehot(") : -1]) if is_onehot else -1

    @property
    def key(self) -> str:
        """The name that no other tensor of a value has: a builtin one says its space too."""
        return f"{self.name} of {self.spaces()[0].name}" if self.is_builtin else self.name

    @property
    def is_conj(self) -> bool:
        """Whether the tensor stands conjugated."""
        return self.mark.startswith("conj")

    @property
    def is_inverse(self) -> bool:
        """Whether the tensor stands inverted."""
        return self.mark.endswith("inv")

    @cached_property
    def known(self) -> tuple[Fact, ...]:
        """The declared facts and all that follows from them."""
        return closure(self.facts)

    @cached_property
    def group(self) -> PortGroup:
        """The port permutations that leave this tensor unchanged."""
        return PortGroup(self.rank, self.facts)

    def spaces(self) -> tuple[Space, ...]:
        """The space of each port."""
        return tuple(_space(leg) for leg in self.legs)

    def conj(self) -> Tensor:
        """The complex conjugate: the same ports, the other mark; builtin tensors are real."""
        if self.is_builtin:
            return self
        return Tensor(self.name, self.legs, self.facts, CONJ_OF[self.mark], self.entries)

    def inverse(self) -> Tensor:
        """The inverse matrix: the two ports change places."""
        if self.rank != 2:
            raise NotationError(f"inv({self.name}) needs a tensor of two legs, not {self.rank}")
        return Tensor(self.name, self.legs[::-1], self.facts, INVERSE_OF[self.mark], self.entries)

    def base(self) -> Tensor:
        """The tensor without its mark."""
        legs = self.legs[::-1] if self.is_inverse else self.legs
        return Tensor(self.name, legs, self.facts, "none", self.entries)


def onehot_tensor(position: int, leg: Leg) -> Tensor:
    """The unit vector that is 1 at `position`, counted from 0."""
    index = sympy.Symbol("i", integer=True)
    entries = sympy.Lambda((index,), sympy.KroneckerDelta(index, position))
    return Tensor(f"onehot({position})", (leg,), (), "none", entries)


def causal_tensor(query: Leg, key: Leg) -> Tensor:
    """The causal mask: 1 where the index of `key` is at most that of `query`, else 0."""
    q, k = sympy.symbols("q k", integer=True)
    entries = sympy.Lambda((q, k), sympy.Piecewise((1, k <= q), (0, True)))
    return Tensor("causal", (query, key), (), "none", entries)


@dataclass(frozen=True, slots=True)
class Delta:
    """A copy tensor (spider): 1 where all its indices agree. Its ports have no order."""

    space: Space


@dataclass(frozen=True, slots=True)
class Function:
    """A function applied to a contracted content; `along` are the content's free legs it mixes.

    Without `along` the function is elementwise.
    """

    name: str
    along: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A content contracted on its own, and a function of it (or none: a sum or a shared value).

    Port k of the box is free leg k of its content. Contents are shared objects.
    """

    function: Function | None
    legs: tuple[Leg, ...]
    content: Value = field(hash=False)

    @property
    def rank(self) -> int:
        """The number of ports."""
        return len(self.legs)


@dataclass(frozen=True, slots=True)
class Free:
    """The open end of a leg: its name and its place among the free legs."""

    name: str
    position: int


Node = Tensor | Delta | Box | Free


def _space(leg: Leg) -> Space:
    if leg.space is None:
        raise NotationError(f"leg {leg.name!r} has no space yet")
    return leg.space


def node_spaces(node: Tensor | Box) -> tuple[Space, ...]:
    """The space of each port of a tensor or box."""
    return tuple(_space(leg) for leg in node.legs)


def node_group(node: Tensor | Box) -> PortGroup:
    """The port permutations that leave this node unchanged."""
    return node.group if isinstance(node, Tensor) else PortGroup(node.rank, ())
