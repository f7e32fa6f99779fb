"""Diagrams with arrays as quimb tensor networks, and back: names are tags, legs are indices.

quimb is the package of Gray, "quimb: a python package for quantum information and many-body
calculations", JOSS 3, 819 (2018). It is imported only when one of these functions is called.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np
import sympy

from tnalgebra.core.draft import Draft
from tnalgebra.core.nodes import Delta, Tensor
from tnalgebra.core.scalars import checked
from tnalgebra.core.spaces import Leg, Space, UnionFind
from tnalgebra.core.values import Diagram, Value
from tnalgebra.core.words import NAME, RESERVED, numbered
from tnalgebra.errors import ArrayError, NotationError
from tnalgebra.numeric.arrays import matching
from tnalgebra.numeric.evaluate import Operands, operands

DELTA, COEFFICIENT = "delta", "coefficient"
"""The tags of copy tensors and of the number that multiplies a network."""


def to_quimb(
    value: Value, arrays: Mapping[str, Any], sizes: Mapping[str, int] | None = None
) -> Any:
    """A diagram as a quimb.tensor.TensorNetwork whose outer indices are the free legs.

    Each tensor occurrence is a quimb tensor tagged with its name, its mark done in the array; a
    box is contracted and its function applied, under the tag "box". An index that joins three or
    more tensors is one hyper-index; where a free leg meets one, or closes nothing, a copy tensor
    tagged "delta" stands between. A coefficient is a tensor without indices. Contract with
    `network.contract(output_inds=[...])`, which hyper-indices need.

    Raises NotationError for a sum, ArrayError as `evaluate` does, and ImportError without quimb.
    """
    import quimb.tensor as qtn

    if not isinstance(value, Diagram):
        raise NotationError(
            "a sum is no tensor network",
            hint="make one of each term: [term.to_quimb(arrays) for term in value.terms]",
        )
    form, parts = value.normal, operands(value, arrays, sizes)
    index, copies = _indices(value)
    tensors = [
        qtn.Tensor(array, [index[c] for c in row], tags=[_tag(label)])
        for label, row, array in zip(form.labels, form.ports, parts.arrays, strict=True)
    ]
    for group, row in zip(form.groups, form.group_ports, strict=True):
        size = parts.sizes[row[0]]
        shape = [parts.sizes[c] for c in row]
        array = matching(np.eye(size).reshape(shape), parts.like)
        tensors.append(qtn.Tensor(array, [index[c] for c in row], tags=[group.thick.name]))
    for c, names in copies:
        tensors.append(qtn.Tensor(_copy(parts, c, len(names)), names, tags=[DELTA]))
    if value.coefficient * form.scalar != 1 or not tensors:
        tensors.append(qtn.Tensor(parts.number, [], tags=[COEFFICIENT]))
    return qtn.TensorNetwork(tensors)


def _indices(diagram: Diagram) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The index of each class at its tensors, and the copy tensors that free legs need."""
    form = diagram.normal
    inner = [0] * len(form.spaces)
    for row in (*form.ports, *form.group_ports):
        for c in row:
            inner[c] += 1
    outer: list[list[str]] = [[] for _ in form.spaces]
    for leg, c in zip(diagram.legs, form.free, strict=True):
        outer[c].append(leg.name)
    taken = {leg.name for leg in diagram.legs}
    index, copies = [], []
    for c, (space, names) in enumerate(zip(form.spaces, outer, strict=True)):
        if len(names) == 1 and inner[c] == 1:
            index.append(names[0])
            continue
        name = next(one for one in _names(space.name) if one not in taken)
        taken.add(name)
        index.append(name)
        if names or inner[c] == 1:
            copies.append((c, [name, *names] if inner[c] else names))
    return index, copies


def _names(first: str) -> Iterator[str]:
    yield first
    yield from (numbered(first, k) for k in count(1))


def _tag(label: object) -> str:
    return label.name if isinstance(label, Tensor) else "box"


def _copy(parts: Operands, c: int, rank: int) -> Any:
    """The copy tensor of an index class: 1 where all its indices agree."""
    array = np.zeros((parts.sizes[c],) * rank)
    array[(np.arange(parts.sizes[c]),) * rank] = 1
    return matching(array, parts.like)


def from_quimb(
    network: Any, output_inds: Sequence[str] | None = None
) -> tuple[Diagram, dict[str, Any]]:
    """A quimb.tensor.TensorNetwork as a diagram and the array of each of its tensors by name.

    A tensor is called by the one of its tags that the fewest tensors share. Tensors of one such
    tag are one tensor where their arrays are equal, or conjugate; the others get numbers. A tensor
    tagged "delta" that is a copy tensor becomes one. output_inds: the free legs in order, by
    default the indices that occur once; hyper-indices may be among them.

    Raises NotationError for a free leg whose index is no name, ArrayError for what is no network.
    """
    import quimb.tensor as qtn

    if isinstance(network, qtn.Tensor):
        network = network.as_network()
    if not isinstance(network, qtn.TensorNetwork):
        raise ArrayError(f"expected a quimb TensorNetwork, not {type(network).__name__}")
    reader = _Reader(network)
    return reader.diagram(network.outer_inds() if output_inds is None else output_inds)


class _Reader:
    """The tensors of one network with their names, and the indices that share a space."""

    def __init__(self, network: Any) -> None:
        self.network = network
        self.arrays: dict[str, Any] = {}
        self.union = UnionFind()
        self.named: list[tuple[str, bool, Sequence[str]]] = []
        self.deltas: list[Sequence[str]] = []
        for tensor in network.tensors:
            for ind in tensor.inds:
                self.union.add(("index", ind))
            if DELTA in tensor.tags and tensor.inds and _is_copy(tensor.data):
                self.deltas.append(tensor.inds)
                for ind in tensor.inds:
                    self.union.union(("index", tensor.inds[0]), ("index", ind))
                continue
            name, is_conj = self.name(tensor)
            self.named.append((name, is_conj, tensor.inds))
            for port, ind in enumerate(tensor.inds):
                self.union.union(("index", ind), ("port", name, port))

    def name(self, tensor: Any) -> tuple[str, bool]:
        """The name of a tensor, and whether it is the conjugate of the array of that name."""
        shared = self.network.tag_map
        fit = [tag for tag in tensor.tags if _is_name(tag)]
        first = min(fit, key=lambda tag: len(shared[tag]), default="T")
        for name in _names(first):
            known = self.arrays.setdefault(name, tensor.data)
            if _equal(known, tensor.data):
                return name, False
            if _equal(known, tensor.data.conj()):
                return name, True
        raise AssertionError("names do not end")

    def diagram(self, free: Sequence[str]) -> tuple[Diagram, dict[str, Any]]:
        """The diagram with these free legs, and the arrays."""
        draft, wires = Draft(), dict[str, int]()
        for ind in free:
            if ind not in self.network.ind_map:
                raise NotationError(f"no index of the network is called {ind!r}")
            if not _is_name(ind):
                raise NotationError(
                    f"{ind!r} cannot name a free leg",
                    hint=f"rename it first: network.reindex({{{ind!r}: 'x'}})",
                )
        spaces = self.spaces()
        for ind in self.network.ind_map:
            wires[ind] = draft.wire(spaces[self.union.find(("index", ind))])
        tensors: dict[str, Tensor] = {}
        for name, is_conj, inds in self.named:
            if name not in tensors:
                own = [spaces[self.union.find(("port", name, k))] for k in range(len(inds))]
                legs = [Leg(numbered(s.name, k) if k else s.name, s) for k, s in enumerate(own)]
                tensors[name] = Tensor(name, tuple(legs))
            tensor = tensors[name]
            draft.add(tensor.conj() if is_conj else tensor, [wires[ind] for ind in inds])
        for inds in self.deltas:
            space = spaces[self.union.find(("index", inds[0]))]
            draft.add(Delta(space), [wires[ind] for ind in inds])
        draft.free = [(ind, wires[ind]) for ind in free]
        if self.network.exponent:
            exponent = sympy.Rational(repr(float(self.network.exponent)))
            draft.coefficient = checked(sympy.Integer(10) ** exponent)
        return Diagram(draft.graph()), self.arrays

    def spaces(self) -> dict[Hashable, Space]:
        """A space for each set of indices; its size is said where no array tells it."""
        found: dict[Hashable, Space] = {}
        taken: set[str] = set()
        for root, members in self.union.groups().items():
            pairs = [member for member in members if isinstance(member, tuple)]
            inds = [pair[1] for pair in pairs if pair[0] == "index"]
            fit = [ind for ind in inds if _is_name(ind)]
            name = next(one for one in _names(fit[0] if fit else "i") if one not in taken)
            taken.add(name)
            is_known = len(inds) < len(members)
            found[root] = Space(name, None if is_known else int(self.network.ind_size(inds[0])))
        return found


def _is_name(text: str) -> bool:
    return bool(NAME.fullmatch(text)) and text not in RESERVED


def _is_copy(array: Any) -> bool:
    array = np.asarray(array)
    if len(set(array.shape)) != 1:
        return False
    copy = np.zeros(array.shape)
    copy[(np.arange(array.shape[0]),) * array.ndim] = 1
    return np.array_equal(array, copy)


def _equal(first: Any, second: Any) -> bool:
    return bool(first.shape == second.shape and (first == second).all())
