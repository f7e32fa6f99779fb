"""One use of a rule on one term of a proof: that it fits exactly there, and what it leaves."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from tnalgebra.core.facts import Fact, same_space_ports
from tnalgebra.core.marks import combine
from tnalgebra.core.spaces import UnionFind
from tnalgebra.errors import ProofError
from tnalgebra.rewrite.replay_input import multiply, read_declarations, read_side

if TYPE_CHECKING:
    from tnalgebra.rewrite.replay import Replay, Term


class Rewrite:
    """One use of a rule on one term."""

    def __init__(
        self, replay: Replay, term: Term, rule: Mapping[str, Any], step: Mapping[str, Any]
    ) -> None:
        self.replay, self.term, self.step = replay, term, step
        ranks = [len(tensor["spaces"]) for tensor in replay.tensors.values()]
        if any(length > max(ranks) for length in step["lengths"].values()):
            raise ProofError("a group has more legs than any tensor")
        self.legs, self.claims = read_declarations(rule.get("where", ""), step["lengths"])
        self.left, self.left_scalars, left_lines = read_side(rule["lhs"], step["lengths"])
        self.right, self.right_scalars, self.lines = read_side(rule["rhs"], step["lengths"])
        if left_lines or self.left_scalars:
            raise ProofError("the replayer uses no rule whose left side has copy tensors")
        self.image: dict[str, int] = {}

    def run(self) -> None:
        """Check that the rule fits, and rewrite the term."""
        term = self.term
        names = [name for _, _, row in self.left for name in row]
        inner = {name for name in names if names.count(name) > 1}
        covered = [node for node, _ in self.step["nodes"]]
        if len(set(covered)) != len(covered) or len(covered) != len(self.left):
            raise ProofError("the rule's nodes are not covered one by one")
        for (variable, mark, row), (node, ports) in zip(self.left, self.step["nodes"], strict=True):
            self.cover(variable, mark, row, node, ports)
        images = [self.image[name] for name in inner]
        outer = {self.image[name] for name in names if name not in inner}
        outer |= {term.root(wire) for wire in term.free}
        if len(set(images)) != len(images) or set(images) & outer:
            raise ProofError("an index the rule sums is not summed here, or is two of its indices")
        self.check_spaces()
        for name in inner:
            if term.count(self.image[name]) != names.count(name):
                raise ProofError(f"the summed index {name} leads out of the rule")
        self.replace(covered, names, inner)

    def check_spaces(self) -> None:
        """Indices that the rule has in one space must be in one space here."""
        same = UnionFind()
        for variable, mark, row in [*self.left, *self.right]:
            own = self.legs.get(variable) or [f"{variable} {port}" for port in range(len(row))]
            for name, leg in zip(row, own[::-1] if mark.endswith("inv") else own, strict=True):
                same.union(name, leg)
        for variable, claims in self.claims.items():
            for kind, sides in claims:
                ports = tuple(tuple(map(self.legs[variable].index, side)) for side in sides)
                for a, b in same_space_ports(Fact(kind, ports)):
                    same.union(self.legs[variable][a], self.legs[variable][b])
        for row in self.lines:
            for name in row:
                same.union(row[0], name)
        known: dict[Hashable, str] = {}
        for name, index in self.image.items():
            space = self.term.spaces[index]
            if known.setdefault(same.find(name), space) != space:
                raise ProofError(f"the index {name} is in another space than the rule has it")

    def cover(self, variable: str, mark: str, row: list[str], node: int, ports: list[int]) -> None:
        """Check that a node is what the rule's tensor stands for, and note its indices."""
        label, wires = self.term.nodes[node]
        binding = self.binding(variable)
        if label != ("tensor", binding["tensor"], combine(mark, binding["mark"])):
            raise ProofError(f"node {node} is not what {variable} stands for")
        plain = self.ports(variable, mark, label[2], len(wires))
        if len(ports) != len(row) or sorted(ports) != list(range(len(wires))):
            raise ProofError(f"the ports of node {node} are not listed once each")
        moved = [0] * len(wires)
        for before, after in zip(plain, ports, strict=True):
            moved[before] = after
        if self.replay.group(label, len(wires)).sign(moved) != 1:
            raise ProofError(f"the ports of node {node} are in an order its facts do not allow")
        for name, port in zip(row, ports, strict=True):
            index = self.term.root(wires[port])
            if self.image.setdefault(name, index) != index:
                raise ProofError(f"the index {name} of the rule is two indices here")

    def binding(self, variable: str) -> Mapping[str, Any]:
        """What a tensor of the rule stands for, its facts checked."""
        binding: Mapping[str, Any] = self.step["bindings"][variable]
        rank = len(self.replay.tensors[binding["tensor"]]["spaces"])
        ports, facts = binding["ports"], self.replay.facts[binding["tensor"]]
        if sorted(ports) != list(range(rank)):
            raise ProofError(f"the binding of {variable} is malformed")
        if self.claims.get(variable) and binding["mark"].endswith("inv"):
            raise ProofError(f"{variable} has facts, which its inverse may not have")
        if variable in self.legs and len(self.legs[variable]) != rank:
            raise ProofError(f"{variable} has another number of legs")
        for kind, sides in self.claims.get(variable, ()):
            own = tuple(tuple(ports[self.legs[variable].index(x)] for x in s) for s in sides)
            if Fact(kind, own) not in facts:
                raise ProofError(f"{binding['tensor']} is not known to be {kind} in this order")
        return binding

    def ports(self, variable: str, mark: str, subject_mark: str, rank: int) -> list[int]:
        """The subject's port for each port of a tensor of the rule, symmetries apart."""
        order = self.binding(variable)["ports"]
        if len(order) != rank:
            raise ProofError(f"{variable} has another number of legs")
        own = range(rank)[::-1] if mark.endswith("inv") else range(rank)
        targets = [order[port] for port in own]
        return [rank - 1 - t for t in targets] if subject_mark.endswith("inv") else targets

    def replace(self, covered: list[int], names: list[str], inner: set[str]) -> None:
        """Take the covered nodes out and put the rule's right side in."""
        term, place = self.term, min(covered)
        loose = [([self.image[n]], term.spaces[self.image[n]]) for n in names if n not in inner]
        scalars = [(term.spaces[self.image[name]]) for name in self.right_scalars]
        for name in inner:
            del self.image[name]
        fresh: list[tuple[tuple[Any, ...], list[int]]] = []
        for variable, mark, row in self.right:
            binding = self.binding(variable)
            label = ("tensor", binding["tensor"], combine(mark, binding["mark"]))
            ports = self.ports(variable, mark, label[2], len(row))
            spaces = list(self.replay.tensors[label[1]]["spaces"])
            spaces = spaces[::-1] if label[2].endswith("inv") else spaces
            wires = [0] * len(row)
            for name, port in zip(row, ports, strict=True):
                wires[port] = self.index(name, spaces[port])
            term.check_spaces(label, wires)
            fresh.append((label, wires))
        for row in self.lines:
            for name in row:
                term.join(self.image[row[0]], self.image[name])
        kept = [(k, node) for k, node in enumerate(term.nodes) if k not in covered]
        before = [node for k, node in kept if k < place]
        term.nodes = before + fresh + [node for k, node in kept if k > place]
        for space in scalars:
            term.coefficient = multiply(term.coefficient, self.replay.dimension(space))
        term.settle(loose)

    def index(self, name: str, space: str) -> int:
        """The index a name of the right side stands for; a new one where the left has none."""
        if name not in self.image:
            self.term.spaces.append(space)
            self.term.same.append(len(self.term.same))
            self.image[name] = len(self.term.same) - 1
        return self.image[name]
