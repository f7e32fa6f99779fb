"""One exact canonical form for diagrams, from a walk or from the order of connected components.

Two diagrams have the same code exactly when they are equal up to the names of nodes and summed
indices and the allowed order of ports.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import chain
from operator import itemgetter
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

import sympy

from tnalgebra.core.facts import PortGroup
from tnalgebra.core.incidence import Incidence
from tnalgebra.core.labelling import canonical_order
from tnalgebra.core.nodes import Box, Tensor, node_group
from tnalgebra.core.spaces import Space
from tnalgebra.core.spider import SpiderForm
from tnalgebra.core.walk import walked_order

Code = tuple[Any, ...]
Order = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Nodes, classes and groups in some order."""

Sizes: TypeAlias = Mapping[sympy.Expr, sympy.Expr]
NO_SIZES: Sizes = MappingProxyType({})

Item = TypeVar("Item", Tensor | Box, Space)


@dataclass(frozen=True)
class CanonicalForm:
    """The code of a spider form, and the orders of its nodes and classes that produce it.

    nodes[k] is the position in the spider form of the node that stands k-th; `classes` and `groups`
    likewise. The code says nothing of the coefficient and holds the loops as dimensions of the
    scalar. sign: -1 where the form is the negative of what its code says, by an odd number of
    exchanges of antisymmetric legs; 0 where it is its own negative, so that the diagram is zero.
    `twin` then has all in an order that reads the same, and shows that together with the first.
    """

    code: Code
    nodes: tuple[int, ...]
    classes: tuple[int, ...]
    groups: tuple[int, ...] = ()
    sign: int = 1
    twin: Order | None = None

    @property
    def digest(self) -> str:
        """A short stable fingerprint of the code, the same in every process."""
        return blake2b(repr(self.code).encode(), digest_size=16).hexdigest()


def space_key(
    space: Space, declared: Container[str], sizes: Mapping[sympy.Expr, sympy.Expr]
) -> str:
    """What of a space takes part in equality: its size, and its name if a user chose that.

    sizes: for the sizes of unnamed spaces, names that say what ranges over them.
    """
    name = space.name if space.name in declared else ""
    return name if space.size is None else f"{name}={space.dimension.xreplace(dict(sizes))}"


def _entries_key(base: Tensor) -> str:
    """The entries of an unmarked tensor, the sizes of its own unnamed legs called by port."""
    own = {
        space.dimension: sympy.Symbol(f"dim.{port}", integer=True, positive=True)
        for port, space in enumerate(base.spaces())
        if space.size is None and not space.declared
    }
    assert base.entries is not None
    return str(sympy.srepr(base.entries.xreplace(own)))


def label_key(node: Tensor | Box) -> str:
    """What of a tensor or box takes part in equality, apart from where its ports lead."""
    if isinstance(node, Tensor):
        facts = ";".join(f"{fact.kind}{fact.sides}" for fact in node.facts)
        entries = "" if node.entries is None else _entries_key(node.base())
        return f"tensor {node.name} {node.mark} {node.rank} {facts} {entries}"
    function = "" if node.function is None else f"{node.function.name}{node.function.along}"
    return f"box {function} {node.content.content_digest()}"


def canonical_form(form: SpiderForm, sizes: Sizes = NO_SIZES) -> CanonicalForm:
    """The canonical form of a whole diagram.

    sizes: what the sizes of unnamed spaces are called where the sizes of others are made of them.
    The order of a diagram that leaves no choice comes from one walk. Any other has its components,
    each canonical, in sorted order. Equal diagrams go the same way.
    """
    names, kinds = _ranked(form.labels, label_key)
    space_names, spaces = _ranked_spaces(form, sizes)
    head = (names, space_names)
    # All nodes of one kind have the same group.
    examples = dict(zip(kinds, form.labels, strict=True))
    group_of = {kind: node_group(label) for kind, label in examples.items()}
    groups = [group_of[kind] for kind in kinds]
    is_ordered = all(group.trivial for group in group_of.values())
    writer = _Writer(form, kinds, spaces, groups, is_ordered)
    walked = walked_order(form, kinds) if is_ordered else None
    if walked is not None:
        order = _split(form, *walked)
        return CanonicalForm((*head, writer.code(order)), *order)
    # The position of a free leg tells its class apart from all others.
    colours = list(spaces)
    for position, index in enumerate(form.free):
        colours[index] = len(space_names) + position
    return _by_components(Incidence(form, groups, kinds, colours), writer, head)


def _by_components(incidence: Incidence, writer: _Writer, head: Code) -> CanonicalForm:
    """The canonical form from the canonical order of each component."""
    parts = []
    sign = 1
    graph = incidence.graph
    for part in graph.parts(graph.components(range(len(graph.colours))), graph.colours):
        found, automorphisms = canonical_order(part.graph)
        vertices = [part.members[v] for v in found]
        order = twin = _split(incidence.form, vertices, incidence.classes(vertices))
        if any(incidence.symmetries[v].is_signed for v in order[0]):
            moved = (
                {part.members[v]: part.members[w] for v, w in one.items()} for one in automorphisms
            )
            own, twin = _signed(incidence, vertices, moved)
            sign *= own
        parts.append((writer.code(order), order, twin))
    parts.sort(key=itemgetter(0))
    code = (*head, *(part[0] for part in parts))
    twins = None if sign else _joined([part[2] for part in parts])
    return CanonicalForm(code, *_joined([part[1] for part in parts]), sign, twins)


@dataclass(frozen=True)
class _Writer:
    """Writes parts of a diagram down as numbers, from which they could be made again.

    kinds, spaces: the numbers of the nodes' and the classes' keys. is_ordered: whether every node
    has a trivial group.
    """

    form: SpiderForm
    kinds: Sequence[int]
    spaces: Sequence[int]
    groups: Sequence[PortGroup]
    is_ordered: bool

    @cached_property
    def _free(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for position, index in enumerate(self.form.free):
            found.setdefault(index, []).append(position)
        return found

    def code(self, order: Order) -> Code:
        """The kinds and ports of nodes, the ports of groups, the spaces and free legs of classes.

        Ports follow each other without a break: the kind of a node says how many are its own.
        """
        nodes, classes, reshapes = order
        form, free = self.form, self._free
        place = {index: k for k, index in enumerate(classes)}
        if self.is_ordered:
            ports = [place[index] for v in nodes for index in form.ports[v]]
        else:
            rows = ([place[index] for index in form.ports[v]] for v in nodes)
            least = (self.groups[v].least(row) for v, row in zip(nodes, rows, strict=True))
            ports = list(chain.from_iterable(least))
        return (
            tuple([self.kinds[v] for v in nodes]),
            tuple(ports),
            tuple([tuple([place[index] for index in form.group_ports[k]]) for k in reshapes]),
            tuple([self.spaces[index] for index in classes]),
            tuple([(place[index], *free[index]) for index in classes if index in free]),
        )


def _joined(orders: Sequence[Order]) -> Order:
    nodes, classes, groups = (
        tuple(chain.from_iterable(order[k] for order in orders)) for k in range(3)
    )
    return nodes, classes, groups


def _split(form: SpiderForm, vertices: Sequence[int], classes: Sequence[int]) -> Order:
    """The nodes and the groups among vertices that are numbered as in the incidence graph."""
    count, last = len(form.labels), len(form.labels) + len(form.groups)
    return (
        tuple([v for v in vertices if v < count]),
        tuple(classes),
        tuple([v - count for v in vertices if count <= v < last]),
    )


def _ranked(
    items: Sequence[Item], read: Callable[[Item], str]
) -> tuple[tuple[str, ...], list[int]]:
    """The different keys that are read off items, sorted, and the place of each item's among them.

    An item that stands in many places is read once.
    """
    known = {id(item): item for item in items}
    keys = {number: read(item) for number, item in known.items()}
    names = sorted(set(keys.values()))
    place = {name: k for k, name in enumerate(names)}
    ranks = {number: place[key] for number, key in keys.items()}
    return tuple(names), [ranks[id(item)] for item in items]


def _ranked_spaces(form: SpiderForm, sizes: Sizes) -> tuple[tuple[str, ...], list[int]]:
    """What of the spaces of all classes takes part in equality, as in `_ranked`."""
    spaces = {id(space): space for space in form.spaces}.values()
    declared = {space.name for space in spaces if space.declared}
    return _ranked(form.spaces, lambda space: space_key(space, declared, sizes))


def _signed(
    incidence: Incidence, order: list[int], automorphisms: Iterable[Mapping[int, int]]
) -> tuple[int, Order]:
    """The sign of a component read in this order, and an order to show it.

    The sign is that of bringing every node's ports to their least arrangement. It is 0 where an
    automorphism changes it, which the order that comes back reads as well as the first.
    """
    form, symmetries = incidence.form, incidence.symmetries

    def nodes(order: Iterable[int]) -> list[int]:
        return [v for v in order if v < incidence.nodes]

    def sign(order: Sequence[int], classes: Sequence[int]) -> int:
        place = {index: k for k, index in enumerate(classes)}
        result = 1
        for v in nodes(order):
            if symmetries[v].is_signed:
                result *= symmetries[v].settled([place[index] for index in form.ports[v]])[1]
        return result

    classes = incidence.classes(order)
    own = sign(order, classes)
    if own:
        for moved in automorphisms:
            other = [moved.get(v, v) for v in order]
            if sign(other, incidence.classes(other)) != own:
                return 0, _split(form, other, incidence.classes(other))
        for one, two in incidence.exchanges_at(classes):
            exchange = {one: two, two: one}
            swapped = [exchange.get(index, index) for index in classes]
            if sign(order, swapped) != own:
                return 0, _split(form, order, swapped)
    return own, _split(form, order, classes)
