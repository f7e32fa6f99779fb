"""Where a rule applies: bindings of its tensors, its groups' lengths, and the nodes it covers."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from tnalgebra.core.facts import Fact
from tnalgebra.core.marks import combine
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram
from tnalgebra.rewrite.forms import Form, Subject, fused_form, typed_form
from tnalgebra.rewrite.rules import Rule
from tnalgebra.rewrite.structure import structural_matches


@dataclass(frozen=True, slots=True)
class Binding:
    """What a tensor of a rule stands for: a tensor, its ports in the rule's order, and a mark.

    tensor: its `Tensor.key`. ports[k]: the subject's own port for the rule tensor's own port k. The
    mark is what turns the rule's unmarked tensor into the subject's: "conj" says that it stands for
    the conjugate.
    """

    tensor: str
    ports: tuple[int, ...]
    mark: str = "none"


@dataclass(frozen=True)
class Match:
    """One place where a rule applies.

    nodes[k], ports[k]: the graph node for the k-th node of the rule's left side and, for each of
    its ports, the port it covers. lengths: how many legs each starred group has here.
    """

    rule: Rule
    lengths: tuple[tuple[str, int], ...]
    bindings: tuple[tuple[str, Binding], ...]
    nodes: tuple[Hashable, ...]
    ports: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Instance:
    """A rule with its groups spelled out: both sides as values and as the matcher sees them."""

    lhs: Diagram
    rhs: Diagram
    left: Form
    right: Form


@lru_cache(maxsize=4096)
def instance(rule: Rule, lengths: tuple[tuple[str, int], ...]) -> Instance:
    """The rule at given group lengths."""
    lhs, rhs = rule.expanded(dict(lengths))
    form = typed_form if rule.is_structural else fused_form
    return Instance(lhs, rhs, form(lhs), form(rhs))


def find_matches(rule: Rule, diagram: Diagram | Subject) -> Iterator[Match]:
    """Every place where the rule applies, lazily, in text order.

    A rule that speaks of copy tensors is matched on the graph as typed, any other one modulo their
    laws, on the spider normal form.
    """
    subject = diagram if isinstance(diagram, Subject) else Subject(diagram)
    if rule.is_structural:
        form = subject.typed
        place = {n: k for k, n in enumerate(form.ids)}
        for found in structural_matches(rule, form):
            pattern = instance(rule, found.lengths).left
            if _spaces_fit(pattern, form, [place[n] for n in found.nodes], found.ports):
                yield Match(rule, found.lengths, (), found.nodes, found.ports)
        return
    form = subject.fused
    for bindings, lengths in _instances(rule, form):
        pattern = instance(rule, lengths).left
        for nodes, ports in _embeddings(pattern, form, dict(bindings)):
            if not _spaces_fit(pattern, form, nodes, ports):
                continue
            ids = tuple(form.ids[node] for node in nodes)
            yield Match(rule, lengths, bindings, ids, ports)


def _spaces_fit(
    pattern: Form, form: Form, nodes: Sequence[int], ports: Sequence[Sequence[int]]
) -> bool:
    """Whether legs that a rule has in one space, or in one of known size, are so here too."""
    images: dict[Space, Space] = {}
    for own, node, row in zip(pattern.ports, nodes, ports, strict=True):
        for index, port in zip(own, row, strict=True):
            space, image = pattern.spaces[index], form.spaces[form.ports[node][port]]
            if images.setdefault(space, image) != image:
                return False
            if space.size is not None and space.dimension != image.dimension:
                return False
    return True


def _instances(
    rule: Rule, form: Form
) -> Iterator[tuple[tuple[tuple[str, Binding], ...], tuple[tuple[str, int], ...]]]:
    """Every choice of tensors for the rule's variables, with the group lengths it fixes."""
    items = rule.subscripts
    bases: dict[str, Tensor] = {}
    marks: dict[str, set[str]] = {}
    for label in form.labels:
        if isinstance(label, Tensor):
            bases.setdefault(label.key, label.base())
            marks.setdefault(label.key, set()).add(label.mark)
    choices = []
    for variable in items:
        found: list[tuple[Binding, dict[str, int]]] = []
        for name, base in bases.items():
            found.extend(_bindings(rule, variable, base, marks[name]))
        choices.append(found)
    for chosen in product(*choices):
        lengths: dict[str, int] = {}
        if all(_consistent(lengths, one) for _, one in chosen):
            bindings = tuple(zip(items, (binding for binding, _ in chosen), strict=True))
            yield bindings, tuple(sorted(lengths.items()))


def _consistent(lengths: dict[str, int], more: Mapping[str, int]) -> bool:
    return all(lengths.setdefault(name, length) == length for name, length in more.items())


def _bindings(
    rule: Rule, variable: str, base: Tensor, marks: set[str]
) -> Iterator[tuple[Binding, dict[str, int]]]:
    """How a variable of the rule can stand for one tensor: facts decide the order of ports."""
    declared = rule.declarations.tensors.get(variable)
    real = variable in rule.declarations.real
    if real and Fact("real") not in base.known:
        return
    facts = declared.facts if declared else []
    sided = [fact for fact in facts if fact.sides]
    legs = declared.legs if declared and declared.legs is not None else None
    orders: list[tuple[tuple[int, ...], dict[str, int]]] = []
    if sided:
        assert legs is not None
        for known in base.known:
            if known.kind == sided[0].kind and len(known.sides) == len(sided[0].sides):
                lengths: dict[str, int] = {}
                sides = zip(sided[0].sides, known.sides, strict=True)
                if all(_fit([legs[p] for p in own], len(side), lengths) for own, side in sides):
                    ports = tuple(port for side in known.sides for port in side)
                    if len(ports) == base.rank and _has_all(sided, legs, ports, lengths, base):
                        orders.append((ports, lengths))
    else:
        lengths = {}
        names = legs or [
            f"{'*' if one.starred else ''}{one.name}" for one in rule.subscripts[variable][0]
        ]
        if _fit(names, base.rank, lengths):
            orders.append((tuple(range(base.rank)), lengths))
    # A real tensor is its own conjugate, so a second reading would only undo the first.
    offsets = ("none",) if real else ("none", "conj") if declared else tuple(sorted(marks))
    if variable in rule.inverted:
        offsets = tuple(mark for mark in offsets if not mark.endswith("pinv"))
    for ports, lengths in orders:
        for subscript in rule.subscripts[variable]:
            names = [f"{'*' if one.starred else ''}{one.name}" for one in subscript]
            if not _same_shape(names, legs, lengths):
                break
        else:
            for mark in offsets:
                flip = mark.endswith("inv")
                yield Binding(base.key, ports[::-1] if flip else ports, mark), lengths


def _has_all(
    facts: Sequence[Fact],
    legs: Sequence[str],
    ports: Sequence[int],
    lengths: Mapping[str, int],
    base: Tensor,
) -> bool:
    """Whether a tensor has every fact of a rule's tensor, whose legs stand at its `ports`."""
    places: list[list[int]] = []
    rest = list(ports)
    for leg in legs:
        count = lengths[leg[1:]] if leg.startswith("*") else 1
        places.append(rest[:count])
        rest = rest[count:]
    return all(
        Fact(one.kind, tuple(tuple(p for leg in side for p in places[leg]) for side in one.sides))
        in base.known
        for one in facts
    )


def _fit(names: Sequence[str], count: int, lengths: dict[str, int]) -> bool:
    """Whether leg names with at most one starred group can be `count` legs; notes the length."""
    starred = [name[1:] for name in names if name.startswith("*")]
    if not starred:
        return len(names) == count
    rest = count - (len(names) - 1)
    return len(starred) == 1 and rest >= 0 and lengths.setdefault(starred[0], rest) == rest


def _same_shape(names: Sequence[str], legs: Sequence[str] | None, lengths: dict[str, int]) -> bool:
    """Give the groups of one subscript the lengths of the declared groups they stand at."""
    for name, leg in zip(names, legs or names, strict=False):
        if name.startswith("*") and leg.startswith("*"):
            length = lengths.setdefault(leg[1:], 0)
            if lengths.setdefault(name[1:], length) != length:
                return False
    return True


def _embeddings(
    pattern: Form, form: Form, bindings: Mapping[str, Binding]
) -> Iterator[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]]:
    """Every way to lay the pattern's nodes on the form's, inner classes exactly covered."""
    ends = form.ends
    own_ends = pattern.ends
    free = set(pattern.free)
    by_label: dict[tuple[str, str], list[int]] = {}
    for node, label in enumerate(form.labels):
        if isinstance(label, Tensor):
            by_label.setdefault((label.key, label.mark), []).append(node)
    outer_free = set(form.free)

    def wanted(k: int) -> tuple[str, str]:
        label = pattern.labels[k]
        assert isinstance(label, Tensor)
        binding = bindings[label.name]
        return binding.tensor, combine(label.mark, binding.mark)

    def extend(
        nodes: list[int], ports: list[tuple[int, ...]], classes: dict[int, int]
    ) -> Iterator[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]]:
        k = len(nodes)
        if k == len(pattern.labels):
            inner = [image for own, image in classes.items() if own not in free]
            outer = {image for own, image in classes.items() if own in free}
            if (
                len(set(inner)) == len(inner)
                and not set(inner) & (outer | outer_free)
                and all(
                    len(ends[classes[own]]) == len(own_ends[own])
                    for own in classes
                    if own not in free
                )
            ):
                yield tuple(nodes), tuple(ports)
            return
        label = pattern.labels[k]
        assert isinstance(label, Tensor)
        binding = bindings[label.name]
        candidates = by_label.get(wanted(k), [])
        for own in pattern.ports[k]:
            if own in classes:
                near = {node for node, _ in ends[classes[own]]}
                candidates = [node for node in candidates if node in near]
        for node in candidates:
            if node in nodes:
                continue
            subject = form.labels[node]
            assert isinstance(subject, Tensor)
            image = _port_image(label, binding, subject)
            for arrangement, sign in subject.group.elements().items():
                if sign != 1:
                    continue
                row = tuple(arrangement[port] for port in image)
                grown = dict(classes)
                if all(
                    grown.setdefault(own, form.ports[node][port]) == form.ports[node][port]
                    for own, port in zip(pattern.ports[k], row, strict=True)
                ):
                    yield from extend([*nodes, node], [*ports, row], grown)

    yield from extend([], [], {})


def _port_image(pattern: Tensor, binding: Binding, subject: Tensor) -> list[int]:
    """For each port of a pattern node, the port of the subject node before any symmetry."""
    last = subject.rank - 1
    image = []
    for port in range(pattern.rank):
        own = last - port if pattern.is_inverse else port
        target = binding.ports[own]
        image.append(last - target if subject.is_inverse else target)
    return image
