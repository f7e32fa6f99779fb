"""What stands at a node of a diagram: tensor, delta, box, group or free end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import sympy

from tnalgebra.core.facts import Fact, PortGroup, closure
from tnalgebra.core.marks import combine, is_conj, is_turned
from tnalgebra.core.spaces import Leg, Space, misfit
from tnalgebra.errors import NotationError, SpaceError

if TYPE_CHECKING:
    from tnalgebra.core.values import Value


@dataclass(frozen=True)
class Tensor:
    """A named tensor with ordered ports.

    `legs[k]` belongs to port k. `mark` is one of `MARKS`. `facts` are those of the unmarked
    tensor, in its own port order: an inverse carries its two ports the other way round. `entries`,
    where given, is a sympy Lambda from index values to the entry, or all entries in an array.
    """

    name: str
    legs: tuple[Leg, ...]
    facts: tuple[Fact, ...] = ()
    mark: str = "none"
    entries: sympy.Lambda | sympy.ImmutableDenseNDimArray | None = None

    def __post_init__(self) -> None:
        if len(self.facts) > 1:
            object.__setattr__(self, "facts", tuple(sorted(set(self.facts))))
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

    def entry(self, *place: int | sympy.Expr) -> sympy.Expr:
        """The declared entry at index values; an array has entries at numbers alone."""
        assert self.entries is not None
        if isinstance(self.entries, sympy.Lambda):
            return self.entries(*place)
        return sympy.sympify(self.entries[place])

    @property
    def is_conj(self) -> bool:
        """Whether the tensor stands conjugated."""
        return is_conj(self.mark)

    @property
    def is_inverse(self) -> bool:
        """Whether the tensor stands inverted or pseudo-inverted, its two ports exchanged."""
        return is_turned(self.mark)

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
        return self._spaces

    @cached_property
    def _spaces(self) -> tuple[Space, ...]:
        return tuple(_space(leg) for leg in self.legs)

    def conj(self) -> Tensor:
        """The complex conjugate: the same ports, the other mark; builtin tensors are real."""
        if self.is_builtin:
            return self
        return replace(self, mark=combine(self.mark, "conj"))

    def inverse(self, mark: str = "inv") -> Tensor:
        """The inverse matrix, or pseudo-inverse ("pinv"): the two ports change places.

        Raises NotationError for other than two legs, and for an inverse of a pseudo-inverse.
        """
        if self.rank != 2:
            raise NotationError(f"{mark}({self.name}) needs a tensor of two legs, not {self.rank}")
        try:
            return replace(self, legs=self.legs[::-1], mark=combine(self.mark, mark))
        except ValueError:
            raise NotationError(
                f"{mark}({self.mark}({self.name})) is no tensor with one mark",
                hint="name the inner one: P = pinv(A)",
            ) from None

    def marked(self, mark: str) -> Tensor:
        """The unmarked tensor under a mark; raises NotationError where it needs two legs."""
        turned = self.inverse(mark.rpartition(" ")[2]) if is_turned(mark) else self
        return turned.conj() if is_conj(mark) else turned

    def base(self) -> Tensor:
        """The tensor without its mark."""
        if self.mark == "none":
            return self
        legs = self.legs[::-1] if self.is_inverse else self.legs
        return replace(self, legs=legs, mark="none")


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


@dataclass(frozen=True, slots=True)
class Group:
    """A reshape: port 0 is the thick leg, the further ports are its parts, in order.

    It is 1 where the thick index counts the indices of the parts, the last one fastest, and else 0.
    """

    parts: tuple[Space, ...]
    thick: Space

    def check(self) -> None:
        """Raise SpaceError unless the thick leg's size is the product of its parts' sizes."""
        product = sympy.prod([space.dimension for space in self.parts])
        if sympy.expand(product - self.thick.dimension) != 0:
            parts = [(space.name, space.dimension) for space in self.parts]
            message, hint = misfit(self.thick.name, self.thick.dimension, parts)
            raise SpaceError(message, hint=hint)

    @property
    def rank(self) -> int:
        """The number of ports."""
        return 1 + len(self.parts)

    def spaces(self) -> tuple[Space, ...]:
        """The space of each port."""
        return (self.thick, *self.parts)


Node = Tensor | Delta | Box | Group | Free
Inner = Tensor | Delta | Box | Group
"""What a node of a diagram is, open ends apart."""


def _space(leg: Leg) -> Space:
    if leg.space is None:
        raise NotationError(f"leg {leg.name!r} has no space yet")
    return leg.space


def node_spaces(node: Tensor | Box | Group) -> tuple[Space, ...]:
    """The space of each port of a tensor, box or group."""
    if isinstance(node, Group):
        return node.spaces()
    return tuple(_space(leg) for leg in node.legs)


def node_group(node: Tensor | Box) -> PortGroup:
    """The port permutations that leave this node unchanged."""
    return node.group if isinstance(node, Tensor) else PortGroup(node.rank, ())
