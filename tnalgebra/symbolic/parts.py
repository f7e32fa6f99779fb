"""A part of an expression that is being read: a value, and which of its legs are the axes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import sympy

from tnalgebra.core import build, compose
from tnalgebra.core.draft import Draft
from tnalgebra.core.nesting import leg_spaces
from tnalgebra.core.nodes import Delta, Group
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Diagram, Sum, Value
from tnalgebra.errors import SpaceError

ONE = Space("d1", 1)


@dataclass(frozen=True)
class Part:
    """A value whose legs are the axes of an array and, besides, its open indices.

    axes[k] is the leg of axis k, or None where the axis has size 1 and no leg: a side of a matrix
    that is 1 long is no leg, so that columns and rows are vectors.
    """

    value: Value
    axes: tuple[str | None, ...] = ()

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.axes)

    @property
    def number(self) -> sympy.Expr | None:
        """The number or expression this is, where it holds no diagram."""
        value = self.value
        plain = isinstance(value, Diagram) and not value.graph.number_of_nodes()
        return value.coefficient if isinstance(value, Diagram) and plain else None

    def indices(self) -> dict[str, Space]:
        """The open indices with their spaces."""
        pairs = zip(self.value.legs, leg_spaces(self.value), strict=True)
        return {leg.name: space for leg, space in pairs if leg.name not in self.axes}


def axis_name(axis: int) -> str:
    """What the leg of an axis is called while an expression is read."""
    return f"axis{axis}''"


@dataclass(frozen=True)
class _Index:
    """The label of an open index."""

    name: str


def index_label(name: str) -> Hashable:
    """The label that makes an axis an open index."""
    return _Index(name)


def index_text(name: str) -> str:
    """An index for messages, by the leg that stands for it while reading."""
    return name.removeprefix("index_").rstrip("'")


def known_size(space: Space) -> sympy.Expr | None:
    """The dimension of a space, where anything tells it."""
    return space.dimension if space.declared or space.size is not None else None


def check_sizes(spaces: Sequence[Space], what: str) -> None:
    """Raise SpaceError where the spaces have two different known sizes."""
    known = [size for space in spaces if (size := known_size(space)) is not None]
    for size in known[1:]:
        if size != known[0]:
            raise SpaceError(
                f"{what} has the sizes {known[0]} and {size}",
                hint="sizes are never broadcast, not even 1, and two symbols are two sizes",
            )


def combine(
    parts: Sequence[Part],
    rows: Sequence[Sequence[Hashable]],
    out: Sequence[Hashable],
    *,
    drop: Sequence[str] = (),
    ranges: Mapping[str, Space] | None = None,
) -> Part:
    """One contraction: axes with one label are joined, those of `out` stay, the others are summed.

    rows: a label for each axis of each part, `index_label` for one that becomes an open index. Open
    indices of one name are joined and stay, but for those of `drop`, which are summed. ranges: what
    open indices range over, where that is known besides.
    """
    scale: sympy.Expr = sympy.Integer(1)
    kept = []
    for part, row in zip(parts, rows, strict=True):
        if part.number is None:
            kept.append((part, row))
        else:
            scale *= part.number
    if (
        len(kept) == 1
        and not ranges
        and set(kept[0][1]) == set(out)
        and len(out) == kept[0][0].rank
    ):
        return _permuted(*kept[0], out, scale)
    joined = _joined([part for part, _ in kept], [row for _, row in kept], out, drop, ranges or {})
    return joined if scale == 1 else Part(joined.value * scale, joined.axes)


def _permuted(
    part: Part, row: Sequence[Hashable], out: Sequence[Hashable], scale: sympy.Expr
) -> Part:
    """A part with its axes in another order: no sum needs a box for that."""
    axes = [part.axes[row.index(label)] for label in out]
    indices = list(part.indices())
    value = compose.permute(part.value, [axis for axis in axes if axis is not None] + indices)
    names = {axis: axis_name(k) for k, axis in enumerate(axes) if axis is not None}
    result = renamed(Part(value), names, [names[axis] if axis else None for axis in axes])
    return Part(result.value * scale, result.axes)


def _joined(
    parts: Sequence[Part],
    rows: Sequence[Sequence[Hashable]],
    out: Sequence[Hashable],
    drop: Sequence[str],
    ranges: Mapping[str, Space],
) -> Part:
    spaces: dict[Hashable, list[Space]] = {}
    bare: set[Hashable] = set()
    labels: list[dict[str, Hashable]] = []
    for part, row in zip(parts, rows, strict=True):
        label_of: dict[str, Hashable] = {}
        for axis, label in zip(part.axes, row, strict=True):
            if axis is None:
                bare.add(label)
            else:
                label_of[axis] = label
        for leg, space in zip(part.value.legs, leg_spaces(part.value), strict=True):
            label = label_of.setdefault(leg.name, index_label(leg.name))
            spaces.setdefault(label, []).append(space)
        labels.append(label_of)
    pairs: list[tuple[Space, Space]] = []
    for label, joined in spaces.items():
        if label in bare:
            joined.append(ONE)
        if isinstance(label, _Index):
            joined += [ranges[label.name]] if label.name in ranges else []
            check_sizes(joined, f"the index {index_text(label.name)}")
        else:
            check_sizes(joined, "a joined axis")
        pairs += [(joined[0], other) for other in joined[1:]]
    values = compose.reconcile([part.value for part in parts], pairs)
    draft = Draft()
    wires: dict[Hashable, int] = {}
    for value, label_of in zip(values, labels, strict=True):
        for leg, wire in zip(value.legs, compose.absorb(draft, value), strict=True):
            label = label_of[leg.name]
            wires[label] = draft.join(wires[label], wire) if label in wires else wire
    axes = tuple(axis_name(axis) if label in wires else None for axis, label in enumerate(out))
    draft.free = [
        (axis, wires[label]) for axis, label in zip(axes, out, strict=True) if axis is not None
    ]
    draft.free += [
        (label.name, wire)
        for label, wire in wires.items()
        if isinstance(label, _Index) and label.name not in drop
    ]
    _fuse(draft)
    return Part(Diagram(draft.graph()), axes)


def _fuse(draft: Draft) -> None:
    """Turn deltas into joined wires: the graph has those alone that its wires need."""
    fused: dict[int, None] = {}
    kept = []
    for node, row in zip(draft.nodes, draft.ports, strict=True):
        if isinstance(node, Delta) and row:
            for wire in row:
                draft.join(row[0], wire)
            fused[row[0]] = None
        else:
            kept.append((node, row))
    used = {draft.root(wire) for _, row in kept for wire in row}
    used |= {draft.root(wire) for _, wire in draft.free}
    loops = {draft.root(wire) for wire in fused} - used
    kept += [(Delta(draft.space(wire)), []) for wire in sorted(loops)]
    draft.nodes[:] = [node for node, _ in kept]
    draft.ports[:] = [row for _, row in kept]


def ones(space: Space, name: str) -> Part:
    """The vector of ones, its only leg an open index."""
    return Part(build.delta(space, [name]))


def add(parts: Sequence[Part]) -> Part:
    """The sum of parts of one rank; a part without some open index does not depend on it."""
    parts = filled(parts)
    return Part(compose.add([part.value for part in parts]), parts[0].axes)


def filled(parts: Sequence[Part]) -> list[Part]:
    """Parts of one rank with the same legs: ones along each that a part does not depend on."""
    has_leg = [any(part.axes[k] for part in parts) for k in range(parts[0].rank)]
    indices: dict[str, list[Space]] = {}
    for part in parts:
        for name, space in part.indices().items():
            indices.setdefault(name, []).append(space)
    for k in range(parts[0].rank):
        legs = [axis_space(part, k) for part in parts]
        check_sizes([space for space in legs if space is not None], f"axis {k}")
    for name, spaces in indices.items():
        check_sizes(spaces, f"the index {index_text(name)}")
    first = {name: spaces[0] for name, spaces in indices.items()}
    return [_filled(part, has_leg, first) for part in parts]


def axis_space(part: Part, axis: int) -> Space | None:
    """The space of an axis; the space of size 1 where it has no leg."""
    name = part.axes[axis]
    if name is None:
        return ONE
    return next(leg.space for leg in part.value.legs if leg.name == name)


def _filled(part: Part, has_leg: Sequence[bool], indices: Mapping[str, Space]) -> Part:
    """The part with legs for the axes and open indices that others have, ones all along."""
    own = part.indices()
    missing = {name: space for name, space in indices.items() if name not in own}
    axes = [k for k, wanted in enumerate(has_leg) if wanted and part.axes[k] is None]
    if not missing and not axes:
        return part
    extra = [ones(space, name) for name, space in missing.items()]
    extra += [Part(build.delta(ONE, [axis_name(k)]), (axis_name(k),)) for k in axes]
    labels = list(range(part.rank))
    rows = [labels, *([] for _ in missing), *([k] for k in axes)]
    return combine([part, *extra], rows, labels)


def zero(legs: Sequence[Space | None]) -> Part:
    """The zero array; None stands for an axis of size 1 without a leg."""
    axes = tuple(None if space is None else axis_name(k) for k, space in enumerate(legs))
    kept = [(axis, space) for axis, space in zip(axes, legs, strict=True) if axis is not None]
    return Part(Sum([], [Leg(name, space) for name, space in kept]), axes)


def renamed(part: Part, names: Mapping[str, str], axes: Sequence[str | None]) -> Part:
    """The part with legs renamed and its axes chosen anew."""
    legs = [names.get(leg.name, leg.name) for leg in part.value.legs]
    return Part(compose.relabel(part.value, legs), tuple(axes))


def with_all_axes(part: Part) -> Part:
    """The part with a leg of size 1 for each axis that has none."""
    return _filled(part, [True] * part.rank, {})


def grouping(thick: Space, spaces: Sequence[Space]) -> Part:
    """The reshape of several axes, which come after the thick one, into it."""
    made = Group(tuple(spaces), thick)
    made.check()
    draft = Draft()
    wires = [draft.wire(space) for space in made.spaces()]
    draft.add(made, wires)
    axes = tuple(axis_name(k) for k in range(made.rank))
    draft.free = list(zip(axes, wires, strict=True))
    return Part(Diagram(draft.graph()), axes)
