"""Matching of rules about copy tensors, on the graph as typed, their legs without order."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from tnalgebra.core.nodes import Box, Delta, Tensor
from tnalgebra.notation.trees import Name, Subscript, Tree
from tnalgebra.rewrite.forms import Form
from tnalgebra.rewrite.rules import COPY_TENSORS, Rule, factors_of


@dataclass(frozen=True)
class StructuralMatch:
    """The covered nodes and ports, and the length of each group."""

    lengths: tuple[tuple[str, int], ...]
    nodes: tuple[Hashable, ...]
    ports: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class _PatternNode:
    """One factor of the left side: a copy tensor (or any node), its single legs and its group."""

    is_copy: bool
    items: tuple[tuple[str, bool], ...]

    @property
    def singles(self) -> list[str]:
        return [name for name, starred in self.items if not starred]

    @property
    def groups(self) -> list[str]:
        return [name for name, starred in self.items if starred]


def structural_matches(rule: Rule, form: Form) -> Iterator[StructuralMatch]:
    """Every place where a rule about copy tensors applies to a graph as typed, in text order."""
    pattern = _pattern(rule.programs[0].sides[0])
    ends = form.ends
    where: dict[str, list[int]] = {}
    for k, one in enumerate(pattern):
        for name in one.singles:
            where.setdefault(name, []).append(k)
    joints = [(name, places) for name, places in where.items() if len(places) == 2]

    def place(
        chosen: dict[int, int], used: dict[str, tuple[tuple[int, int], tuple[int, int]]]
    ) -> Iterator[StructuralMatch]:
        if len(used) == len(joints):
            found = _complete(pattern, form, chosen, used)
            if found is not None:
                yield found
            return
        name, (first, second) = joints[len(used)]
        taken = {end for pair in used.values() for end in pair}
        anchors = [chosen[first]] if first in chosen else range(len(form.labels))
        for node in anchors:
            if first not in chosen and not _suits(pattern[first], form, node, chosen):
                continue
            for port, wire in enumerate(form.ports[node]):
                here = (node, port)
                for there in ends[wire]:
                    if there == here or here in taken or there in taken:
                        continue
                    grown = {**chosen, first: node}
                    if second in grown:
                        if grown[second] != there[0]:
                            continue
                    elif not _suits(pattern[second], form, there[0], grown):
                        continue
                    grown[second] = there[0]
                    yield from place(grown, {**used, name: (here, there)})

    if joints:
        yield from place({}, {})
        return
    for subject in range(len(form.labels)):
        if _suits(pattern[0], form, subject, {}):
            yield from place({0: subject}, {})


def _suits(node: _PatternNode, form: Form, subject: int, chosen: dict[int, int]) -> bool:
    label, degree = form.labels[subject], len(form.ports[subject])
    if subject in chosen.values() or node.is_copy != isinstance(label, Delta):
        return False
    if not node.is_copy and not isinstance(label, Tensor | Box):
        return False
    return degree >= len(node.singles) if node.groups else degree == len(node.singles)


def _complete(
    pattern: list[_PatternNode],
    form: Form,
    chosen: dict[int, int],
    used: dict[str, tuple[tuple[int, int], tuple[int, int]]],
) -> StructuralMatch | None:
    """Give the ports that no shared index took to the other legs, in order."""
    lengths: dict[str, int] = {}
    rows = []
    for k, node in enumerate(pattern):
        subject = chosen[k]
        shared = {}
        for name, pair in used.items():
            shared[name] = [port for owner, port in pair if owner == subject]
        taken = {port for ports in shared.values() for port in ports}
        rest = [port for port in range(len(form.ports[subject])) if port not in taken]
        loose = [name for name in node.singles if name not in used]
        if len(rest) < len(loose) or (not node.groups and len(rest) != len(loose)):
            return None
        for name in node.groups:
            lengths[name] = len(rest) - len(loose)
        row: list[int] = []
        for name, starred in node.items:
            if starred:
                row += rest[: lengths[name]]
                rest = rest[lengths[name] :]
            elif name in used:
                row.append(shared[name].pop(0))
            else:
                row.append(rest.pop(0))
        rows.append(tuple(row))
    ids = tuple(form.ids[chosen[k]] for k in range(len(pattern)))
    return StructuralMatch(tuple(sorted(lengths.items())), ids, tuple(rows))


def _pattern(tree: Tree) -> list[_PatternNode]:
    nodes = []
    for factor in factors_of(tree):
        assert isinstance(factor, Subscript)
        assert isinstance(factor.base, Name)
        items = tuple((item.name, item.starred) for item in factor.indices)
        nodes.append(_PatternNode(factor.base.name in COPY_TENSORS, items))
    return nodes
