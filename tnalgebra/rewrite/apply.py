"""One rewrite of one diagram: the matched nodes go, the rule's other side takes their place."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import sympy

from tnalgebra.core.draft import Draft
from tnalgebra.core.marks import combine
from tnalgebra.core.nodes import Box, Delta, Free, Tensor
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram
from tnalgebra.rewrite.forms import Form, fused_form, typed_form
from tnalgebra.rewrite.match import Binding, Match, instance

Label = Tensor | Box | Delta


@dataclass(frozen=True)
class Rewritten:
    """The result of a rewrite, the nodes that went, and the nodes of the result that are new."""

    after: Diagram
    removed: tuple[Hashable, ...]
    added: tuple[Hashable, ...]


def apply_match(diagram: Diagram, match: Match) -> Rewritten:
    """The diagram after one use of a rule; equal to it wherever the rule is true.

    New nodes stand where the first covered node stood. A line left without ends is worth the
    dimension of its space.
    """
    parts = instance(match.rule, match.lengths)
    subject = (typed_form if match.rule.is_structural else fused_form)(diagram)
    position = {n: k for k, n in enumerate(subject.ids)}
    covered = [position[n] for n in match.nodes]
    class_of: dict[int, int] = {}
    for own, node, row in zip(parts.left.ports, covered, match.ports, strict=True):
        for index, port in zip(own, row, strict=True):
            class_of[index] = subject.ports[node][port]
    inner = set(class_of) - set(parts.left.free)
    removed = {*match.nodes}
    removed |= {n for index in inner for n in subject.deltas[class_of[index]]}

    draft = Draft()
    wires: dict[tuple[Hashable, int], int] = {}
    for _, _, data in diagram.graph.edges(data=True):
        wire = draft.wire(data["space"])
        wires.update(dict.fromkeys(data["ends"], wire))
    dangling: dict[int, list[int]] = {}
    for own, n, row in zip(parts.left.ports, match.nodes, match.ports, strict=True):
        for index, port in zip(own, row, strict=True):
            if index not in inner:
                dangling.setdefault(index, []).append(wires[(n, port)])

    touched: list[int] = []
    right: dict[int, int] = {}
    for position_, index in enumerate(parts.right.free):
        for wire in dangling[parts.left.free[position_]]:
            right[index] = draft.join(right.get(index, wire), wire)
            touched.append(wire)
    spaces = {parts.left.spaces[own]: subject.spaces[image] for own, image in class_of.items()}
    labels = _labels(parts.left, covered, subject, match)
    placed, added = False, range(0)
    for n, data in diagram.graph.nodes(data=True):
        node = data["node"]
        if n in match.nodes and not placed:
            placed = True
            first_added = len(draft.nodes)
            _add_right(draft, parts.right, right, dict(match.bindings), labels, spaces)
            added = range(first_added, len(draft.nodes))
        if n not in removed and not isinstance(node, Free):
            ports = range(diagram.graph.degree(n))
            draft.add(node, [wires[(n, port)] for port in ports])
    free_ends = {}
    for n, data in diagram.graph.nodes(data=True):
        if isinstance(data["node"], Free):
            free_ends[data["node"].position] = wires[(n, 0)]
    draft.free = [(leg.name, free_ends[k]) for k, leg in enumerate(diagram.legs)]
    ended = {draft.root(w) for row in draft.ports for w in row}
    ended |= {draft.root(wire) for _, wire in draft.free}
    loops = {draft.root(wire) for wire in touched} - ended
    factor = sympy.prod([draft.space(wire).dimension for wire in loops])
    ratio = _coefficient(parts.rhs, match, spaces) / _coefficient(parts.lhs, match, spaces)
    draft.coefficient = diagram.coefficient * ratio * factor
    after = Diagram(draft.graph(), named=diagram.named, summed=diagram.summed)
    return Rewritten(after, tuple(n for n in diagram.graph if n in removed), tuple(added))


def _labels(
    pattern: Form, covered: list[int], subject: Form, match: Match
) -> dict[str, tuple[Label, tuple[int, ...]]]:
    """The node each tensor name of the rule stands for, and its port for each pattern port."""
    found = {}
    for label, node, row in zip(pattern.labels, covered, match.ports, strict=True):
        if isinstance(label, Tensor):
            found[label.name] = (subject.labels[node], row)
    return found


def _add_right(
    draft: Draft,
    form: Form,
    right: dict[int, int],
    bindings: Mapping[str, Binding],
    labels: Mapping[str, tuple[Label, tuple[int, ...]]],
    spaces: Mapping[Space, Space],
) -> None:
    for label, row in zip(form.labels, form.ports, strict=True):
        ends = []
        for index in row:
            if index not in right:
                right[index] = draft.wire(spaces[form.spaces[index]])
            ends.append(right[index])
        if isinstance(label, Delta):
            draft.add(Delta(draft.space(ends[0]) if ends else spaces[label.space]), ends)
        elif isinstance(label, Tensor) and label.name in bindings:
            node, ports = _bound(label, bindings[label.name], labels[label.name][0])
            draft.add(node, [ends[ports.index(port)] for port in range(node.rank)])
        else:
            assert isinstance(label, Tensor)
            kept, order = labels[label.name]
            draft.add(kept, [ends[order.index(port)] for port in range(len(order))])


def _bound(label: Tensor, binding: Binding, subject: Label) -> tuple[Tensor, list[int]]:
    """The tensor a variable stands for on the right side, and the port for each pattern port."""
    assert isinstance(subject, Tensor)
    mark = combine(label.mark, binding.mark)
    base = subject.base()
    node = base.marked(mark)
    last = base.rank - 1
    order = []
    for port in range(base.rank):
        target = binding.ports[last - port if label.is_inverse else port]
        order.append(last - target if node.is_inverse else target)
    return node, order


def _coefficient(side: Diagram, match: Match, spaces: Mapping[Space, Space]) -> sympy.Expr:
    """A side's coefficient with the dimensions of the places it covers."""
    scalar = side.coefficient if match.rule.is_structural else side.scalar
    return scalar.xreplace({own.dimension: image.dimension for own, image in spaces.items()})
