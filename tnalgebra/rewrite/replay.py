"""Replays a proof without search: the part that has to be trusted, with what it imports.

A proof is plain data. Each side is a list of terms: tensors over numbered indices; they must be
what the text of the statement says. A step names a rule, says what each tensor of the rule stands
for and which nodes it covers; the replayer checks that the rule fits exactly there and rewrites. In
the end every remaining term must be listed in a group of equal terms, with the correspondence of
nodes written out, and in each group the coefficients of both sides must add up to the same
polynomial. Nothing is guessed, tried or sorted.

    python -m tnalgebra.rewrite.replay PROOF.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tnalgebra.core.facts import Fact, PortGroup, closure, same_space_ports
from tnalgebra.core.spaces import UnionFind
from tnalgebra.errors import ProofError
from tnalgebra.rewrite.flatten import check_statement
from tnalgebra.rewrite.replay_input import (
    Poly,
    add,
    combine,
    multiply,
    poly,
    read_declarations,
    read_rules,
    read_side,
    rule_digest,
)
from tnalgebra.rewrite.replay_shape import check_shape, read_json

MALFORMED = (KeyError, IndexError, ValueError)


def replay(proof: Mapping[str, Any], rules: Iterable[Mapping[str, Any]]) -> str:
    """Check a proof against trusted rules and return the statement it proves.

    proof: untrusted data of any kind. Raises ProofError, which names the step that broke.
    """
    check_shape(proof)
    statement = check_statement(proof)
    _Replay(proof, {rule["name"]: rule for rule in rules}).run()
    return statement


class _Term:
    """One term: `nodes` are (label, indices); copy tensors have become equal indices."""

    def __init__(self, data: Mapping[str, Any], replay: _Replay) -> None:
        self.replay = replay
        self.coefficient = poly(data["coefficient"])
        self.spaces = list(data["wires"])
        self.same = list(range(len(self.spaces)))
        self.nodes = [(_label(node), list(node["wires"])) for node in data["nodes"]]
        self.free = list(data["free"])
        for label, row in self.nodes:
            self.check_spaces(label, row)
        closed = []
        for delta in data["deltas"]:
            for wire in delta["wires"]:
                if self.spaces[wire] != delta["space"]:
                    raise ProofError("a copy tensor joins different spaces")
                self.join(delta["wires"][0], wire)
            closed.append((delta["wires"], delta["space"]))
        self.settle(closed)

    def check_spaces(self, label: tuple[Any, ...], row: Sequence[int]) -> None:
        """Every port of a tensor must lie on an index of its own space."""
        if label[0] != "tensor":
            return
        wanted = list(self.replay.tensors[label[1]]["spaces"])
        if label[2].endswith("inv"):
            wanted.reverse()
        if [self.spaces[wire] for wire in row] != wanted:
            raise ProofError(f"a port of {label[1]} lies on an index of another space")

    def root(self, wire: int) -> int:
        """The index that now stands for `wire`."""
        while self.same[wire] != wire:
            wire = self.same[wire]
        return wire

    def join(self, first: int, second: int) -> None:
        """Make two indices one."""
        a, b = self.root(first), self.root(second)
        if self.spaces[a] != self.spaces[b]:
            raise ProofError("two indices of different spaces are joined")
        self.same[b] = a

    def settle(self, loose: Iterable[tuple[Sequence[int], str]]) -> None:
        """Multiply by the dimension once for each of these lines that nothing holds any more."""
        held = {self.root(w) for _, row in self.nodes for w in row}
        held |= {self.root(w) for w in self.free}
        counted: set[int] = set()
        for wires, space in loose:
            roots = {self.root(wire) for wire in wires}
            if wires and (roots & held or roots <= counted):
                continue
            counted |= roots
            self.coefficient = multiply(self.coefficient, self.replay.dimension(space))

    def count(self, index: int) -> int:
        """How many ports lie on an index."""
        return sum(self.root(w) == index for _, row in self.nodes for w in row)


def _label(node: Mapping[str, Any]) -> tuple[Any, ...]:
    if "tensor" in node:
        return ("tensor", node["tensor"], node["mark"])
    return ("box", node["box"], json.dumps(node["function"]))


class _Replay:
    def __init__(self, proof: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]]) -> None:
        self.proof, self.rules = proof, rules
        self.tensors = proof["tensors"]
        self.spaces = {name: poly(size) for name, size in proof["spaces"].items()}
        self.facts = {
            name: closure(Fact(kind, tuple(map(tuple, sides))) for kind, sides in tensor["facts"])
            for name, tensor in self.tensors.items()
        }
        self.sides = {side: [_Term(term, self) for term in proof[side]] for side in ("lhs", "rhs")}

    def dimension(self, space: str) -> Poly:
        """The size of a space."""
        return self.spaces[space]

    def group(self, label: tuple[Any, ...], rank: int) -> PortGroup:
        """The port permutations that leave a node unchanged."""
        return PortGroup(rank, self.facts[label[1]] if label[0] == "tensor" else ())

    def run(self) -> None:
        for number, step in enumerate(self.proof["steps"], 1):
            try:
                self.step(step)
            except ProofError as error:
                raise ProofError(f"step {number} ({step['rule']}): {error.message}") from error
            except MALFORMED as error:
                raise ProofError(f"step {number} is malformed: {error!r}") from error
        try:
            self.conclude()
        except MALFORMED as error:
            raise ProofError(f"the conclusion is malformed: {error!r}") from error

    def step(self, step: Mapping[str, Any]) -> None:
        terms = self.sides[step["side"]]
        if step["rule"] == "distribute":
            terms[step["term"] : step["term"] + 1] = self.distribute(step)
            return
        rule = self.rules.get(step["rule"])
        if rule is None or self.proof["rules_sha256"].get(step["rule"]) != rule_digest(rule):
            raise ProofError("the rule is unknown, or is not the one the proof was made with")
        if rule["kind"] not in ("simplify", "both"):
            raise ProofError("the rule is no equality")
        _Rewrite(self, terms[step["term"]], rule, step).run()

    def distribute(self, step: Mapping[str, Any]) -> list[_Term]:
        """Open a box that has no function: one term for each term of its content."""
        old = self.sides[step["side"]][step["term"]]
        (kind, digest, function), wires = old.nodes[step["node"]]
        if kind != "box" or function != "null":
            raise ProofError("only a box without a function can be opened")
        result = []
        for content in self.proof["contents"][digest]:
            inner = _Term(content, self)
            shift = len(inner.spaces)
            term = _Term.__new__(_Term)
            term.replay = self
            term.coefficient = multiply(old.coefficient, inner.coefficient)
            term.spaces = inner.spaces + old.spaces
            term.same = inner.same + [wire + shift for wire in old.same]
            outer = [(label, [wire + shift for wire in row]) for label, row in old.nodes]
            outer[step["node"] : step["node"] + 1] = inner.nodes
            term.nodes, term.free = outer, [wire + shift for wire in old.free]
            touched = []
            for own, wire in zip(inner.free, wires, strict=True):
                term.join(own, wire + shift)
                touched.append(([own], term.spaces[own]))
            term.settle(touched)
            result.append(term)
        return result

    def conclude(self) -> None:
        """Every term lies in one group of equal terms, and the groups' coefficients agree."""
        seen = set()
        for group in self.proof["groups"]:
            totals: dict[str, Poly] = {"lhs": {}, "rhs": {}}
            first = group[0]
            for member in group:
                key = (member["side"], member["term"])
                if key in seen:
                    raise ProofError("a term is listed twice")
                seen.add(key)
                self.check_equal(first, member)
                term = self.sides[member["side"]][member["term"]]
                totals[member["side"]] = add(totals[member["side"]], term.coefficient)
            if add(totals["lhs"], totals["rhs"], -1):
                raise ProofError("the coefficients of a group of equal terms differ")
        for side, terms in self.sides.items():
            for number, term in enumerate(terms):
                if (side, number) not in seen and term.coefficient:
                    raise ProofError(f"term {number} of the {side} is in no group")

    def check_equal(self, first: Mapping[str, Any], second: Mapping[str, Any]) -> None:
        """Two terms are equal up to coefficient: node for node, port for port, index for index."""
        a, b = (self.sides[one["side"]][one["term"]] for one in (first, second))
        for one, term in ((first, a), (second, b)):
            if sorted(node for node, _ in one["nodes"]) != list(range(len(term.nodes))):
                raise ProofError("an isomorphism does not list every node once")
        forth: dict[int, int] = {}
        back: dict[int, int] = {}

        def match(x: int, y: int) -> None:
            x, y = a.root(x), b.root(y)
            if forth.setdefault(x, y) != y or back.setdefault(y, x) != x:
                raise ProofError("an isomorphism maps one index to two")
            if a.spaces[x] != b.spaces[y]:
                raise ProofError("an isomorphism changes a space")

        for (n, ports), (m, other) in zip(first["nodes"], second["nodes"], strict=True):
            (label, row), (twin, image) = a.nodes[n], b.nodes[m]
            group = self.group(label, len(row))
            if label != twin or not group.contains(ports) or not group.contains(other):
                raise ProofError("an isomorphism maps a node to another kind of node")
            for p, q in zip(ports, other, strict=True):
                match(row[p], image[q])
        for x, y in zip(a.free, b.free, strict=True):
            match(x, y)


class _Rewrite:
    """One use of a rule on one term."""

    def __init__(
        self, replay: _Replay, term: _Term, rule: Mapping[str, Any], step: Mapping[str, Any]
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
        if not self.replay.group(label, len(wires)).contains(moved):
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


def main(arguments: Sequence[str]) -> int:
    """Replay proof files against the shipped rules; 0 where all hold, 1 where one does not."""
    package = Path(__file__).resolve().parent.parent
    folder = package / "rules" if (package / "rules").is_dir() else package.parent / "rules"
    if not arguments:
        print("usage: python -m tnalgebra.rewrite.replay PROOF.json ...", file=sys.stderr)
        return 2
    failed = False
    for name in arguments:
        try:
            proof = read_json(Path(name).read_text(encoding="utf-8"))
            print("proved:", replay(proof, read_rules(folder)))
        except (OSError, UnicodeDecodeError) as error:
            print(f"cannot read {name}: {error}", file=sys.stderr)
            return 2
        except ProofError as error:
            print("not a proof:", error)
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
