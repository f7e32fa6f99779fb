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
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from tnalgebra.core.facts import Fact, PortGroup, closure
from tnalgebra.core.regroup import regroup
from tnalgebra.errors import ProofError
from tnalgebra.rewrite.flatten import check_statement
from tnalgebra.rewrite.replay_input import (
    Poly,
    add,
    multiply,
    poly,
    read_rules,
    rule_digest,
)
from tnalgebra.rewrite.replay_rule import Rewrite
from tnalgebra.rewrite.replay_shape import check_shape, read_json

MALFORMED = (KeyError, IndexError, ValueError)


def replay(proof: Mapping[str, Any], rules: Iterable[Mapping[str, Any]]) -> str:
    """Check a proof against trusted rules and return the statement it proves.

    proof: untrusted data of any kind. Raises ProofError, which names the step that broke.
    """
    check_shape(proof)
    statement = check_statement(proof)
    Replay(proof, {rule["name"]: rule for rule in rules}).run()
    return statement


class Term:
    """One term: `nodes` are (label, indices); copy tensors have become equal indices."""

    def __init__(self, data: Mapping[str, Any], replay: Replay) -> None:
        self.replay = replay
        self.coefficient = poly(data["coefficient"])
        self.spaces = list(data["wires"])
        self.same = list(range(len(self.spaces)))
        self.nodes = [(_label(node), list(node["wires"])) for node in data["nodes"]]
        self.free = list(data["free"])
        self.groups = [(tuple(one["spaces"]), list(one["wires"])) for one in data["groups"]]
        for spaces, row in self.groups:
            if [self.spaces[wire] for wire in row] != list(spaces):
                raise ProofError("a port of a group lies on an index of another space")
            replay.check_sizes(spaces)
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
        held = {self.root(w) for _, row in self.nodes + self.groups for w in row}
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
        return sum(self.root(w) == index for _, row in self.nodes + self.groups for w in row)

    def regroup(self) -> None:
        """Apply the laws of groups, which say that thick indices and parts determine each other."""
        rows = [[self.root(wire) for wire in row] for _, row in self.groups]
        degrees = [0] * len(self.spaces)
        for wire in self.free:
            degrees[self.root(wire)] += 1
        for _, row in self.nodes + self.groups:
            for wire in row:
                degrees[self.root(wire)] += 1
        found = regroup([spaces for spaces, _ in self.groups], rows, degrees)
        for index, other in enumerate(found.same):
            self.join(other, index)
        self.groups = [(kind, list(row)) for _, kind, row in found.kept]
        for index in found.loops:
            self.coefficient = multiply(self.coefficient, self.replay.dimension(self.spaces[index]))


def _label(node: Mapping[str, Any]) -> tuple[Any, ...]:
    if "tensor" in node:
        return ("tensor", node["tensor"], node["mark"])
    return ("box", node["box"], json.dumps(node["function"]))


class Replay:
    def __init__(self, proof: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]]) -> None:
        self.proof, self.rules = proof, rules
        self.tensors = proof["tensors"]
        self.spaces = {name: poly(size) for name, size in proof["spaces"].items()}
        self.facts = {
            name: closure(Fact(kind, tuple(map(tuple, sides))) for kind, sides in tensor["facts"])
            for name, tensor in self.tensors.items()
        }
        self.sides = {side: [Term(term, self) for term in proof[side]] for side in ("lhs", "rhs")}

    def dimension(self, space: str) -> Poly:
        """The size of a space."""
        return self.spaces[space]

    def check_sizes(self, spaces: Sequence[str]) -> None:
        """The size of a thick leg is the product of its parts' sizes."""
        product: Poly = {(): Fraction(1)}
        for space in spaces[1:]:
            product = multiply(product, self.dimension(space))
        if add(product, self.dimension(spaces[0]), -1):
            raise ProofError("a thick leg has another size than its parts")

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
        if step["rule"] == "regroup":
            terms[step["term"]].regroup()
            return
        if step["rule"] == "distribute":
            terms[step["term"] : step["term"] + 1] = self.distribute(step)
            return
        rule = self.rules.get(step["rule"])
        if rule is None or self.proof["rules_sha256"].get(step["rule"]) != rule_digest(rule):
            raise ProofError("the rule is unknown, or is not the one the proof was made with")
        if rule["kind"] not in ("simplify", "both"):
            raise ProofError("the rule is no equality")
        Rewrite(self, terms[step["term"]], rule, step).run()

    def distribute(self, step: Mapping[str, Any]) -> list[Term]:
        """Open a box that has no function: one term for each term of its content."""
        old = self.sides[step["side"]][step["term"]]
        (kind, digest, function), wires = old.nodes[step["node"]]
        if kind != "box" or function != "null":
            raise ProofError("only a box without a function can be opened")
        result = []
        for content in self.proof["contents"][digest]:
            inner = Term(content, self)
            shift = len(inner.spaces)
            term = Term.__new__(Term)
            term.replay = self
            term.coefficient = multiply(old.coefficient, inner.coefficient)
            term.spaces = inner.spaces + old.spaces
            term.same = inner.same + [wire + shift for wire in old.same]
            outer = [(label, [wire + shift for wire in row]) for label, row in old.nodes]
            outer[step["node"] : step["node"] + 1] = inner.nodes
            term.nodes, term.free = outer, [wire + shift for wire in old.free]
            term.groups = inner.groups + [
                (spaces, [wire + shift for wire in row]) for spaces, row in old.groups
            ]
            touched = []
            for own, wire in zip(inner.free, wires, strict=True):
                term.join(own, wire + shift)
                touched.append(([own], term.spaces[own]))
            term.settle(touched)
            result.append(term)
        return result

    def conclude(self) -> None:
        """Every term lies in one group of equal terms, and the groups' coefficients agree."""
        for term in (term for terms in self.sides.values() for term in terms if term.groups):
            term.regroup()
        seen = set()
        for one, other in self.proof["zero"]:
            key = (one["side"], one["term"])
            if key != (other["side"], other["term"]) or self.check_equal(one, other) != -1:
                raise ProofError("a term said to be zero is not its own negative")
            seen.add(key)
        for group in self.proof["groups"]:
            totals: dict[str, Poly] = {"lhs": {}, "rhs": {}}
            first = group[0]
            for member in group:
                key = (member["side"], member["term"])
                if key in seen:
                    raise ProofError("a term is listed twice")
                seen.add(key)
                sign = self.check_equal(first, member)
                term = self.sides[member["side"]][member["term"]]
                totals[member["side"]] = add(totals[member["side"]], term.coefficient, sign)
            if add(totals["lhs"], totals["rhs"], -1):
                raise ProofError("the coefficients of a group of equal terms differ")
        for side, terms in self.sides.items():
            for number, term in enumerate(terms):
                if (side, number) not in seen and term.coefficient:
                    raise ProofError(f"term {number} of the {side} is in no group")

    def check_equal(self, first: Mapping[str, Any], second: Mapping[str, Any]) -> int:
        """Two terms are equal up to coefficient, node for node, port for port; returns the sign."""
        a, b = (self.sides[one["side"]][one["term"]] for one in (first, second))
        for one, term in ((first, a), (second, b)):
            if sorted(node for node, _ in one["nodes"]) != list(range(len(term.nodes))):
                raise ProofError("an isomorphism does not list every node once")
        forth: dict[int, int] = {}
        back: dict[int, int] = {}
        sign = 1

        def match(x: int, y: int) -> None:
            x, y = a.root(x), b.root(y)
            if forth.setdefault(x, y) != y or back.setdefault(y, x) != x:
                raise ProofError("an isomorphism maps one index to two")
            if a.spaces[x] != b.spaces[y]:
                raise ProofError("an isomorphism changes a space")

        for (n, ports), (m, other) in zip(first["nodes"], second["nodes"], strict=True):
            (label, row), (twin, image) = a.nodes[n], b.nodes[m]
            group = self.group(label, len(row))
            sign *= group.sign(ports) * group.sign(other)
            if label != twin or not sign:
                raise ProofError("an isomorphism maps a node to another kind of node")
            for p, q in zip(ports, other, strict=True):
                match(row[p], image[q])
        for one, term in ((first, a), (second, b)):
            if sorted(one["groups"]) != list(range(len(term.groups))):
                raise ProofError("an isomorphism does not list every group once")
        for n, m in zip(first["groups"], second["groups"], strict=True):
            (kind, row), (other_kind, other_row) = a.groups[n], b.groups[m]
            if kind != other_kind:
                raise ProofError("an isomorphism maps a group to another kind of group")
            for x, y in zip(row, other_row, strict=True):
                match(x, y)
        for x, y in zip(a.free, b.free, strict=True):
            match(x, y)
        return sign


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
