"""Values as plain data for proofs: nodes over numbered wires, coefficients as polynomials."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from hashlib import blake2b
from typing import Any

import sympy

from tnalgebra.core.nesting import all_tensors, contents, replace_contents
from tnalgebra.core.nodes import Box, Delta, Free, Group, Tensor
from tnalgebra.core.scalars import expanded
from tnalgebra.core.spaces import is_size
from tnalgebra.core.values import Diagram, Equation, Sum, Value, terms_of
from tnalgebra.errors import ProofError, TnalgebraError
from tnalgebra.notation.parse import parse

Polynomial = list[list[Any]]


def flatten_equation(equation: Equation) -> dict[str, Any]:
    """The part of a proof that follows from its statement alone.

    "lhs" and "rhs" list terms as typed; "tensors", "spaces" and "contents" say what the names in
    them stand for.
    """
    keys = Keys()
    sides = (equation.lhs, equation.rhs)
    inside: dict[str, Value] = {}
    for one in (content for side in sides for content in contents(side)):
        inside.setdefault(keys.of(one), one)
    tensors: dict[str, Any] = {}
    spaces: dict[str, Polynomial] = {}
    for value in [*sides, *inside.values()]:
        assert isinstance(value, Diagram | Sum)
        for space in value.spaces:
            spaces[space.name] = polynomial(space.dimension)
    for base in {tensor.base() for side in sides for tensor in all_tensors(side)}:
        facts = [[fact.kind, [list(side) for side in fact.sides]] for fact in base.facts]
        entries = None if base.entries is None else sympy.srepr(base.entries)
        names = [space.name for space in base.spaces()]
        tensors[base.key] = {"spaces": names, "facts": facts, "entries": entries}
        for space in base.spaces():
            spaces[space.name] = polynomial(space.dimension)
    return {
        "tensors": dict(sorted(tensors.items())),
        "spaces": dict(sorted(spaces.items())),
        "contents": {key: _terms(value, keys) for key, value in sorted(inside.items())},
        "lhs": _terms(equation.lhs, keys),
        "rhs": _terms(equation.rhs, keys),
    }


def in_one_form(equation: Equation) -> Equation:
    """The equation with equal contents of boxes in the form in which they occur first.

    A proof lists each content once, whatever the order of its terms and factors elsewhere.
    """
    keys = Keys()
    first: dict[str, Value] = {}

    def choose(content: Value) -> Value:
        return first.setdefault(keys.of(content), content)

    sides = (replace_contents(side, choose) for side in (equation.lhs, equation.rhs))
    return Equation(*sides)


def check_statement(proof: Mapping[str, Any]) -> str:
    """The statement of a proof as text; raises ProofError unless its terms are what it says."""
    said = proof["statement"]
    text = f"{said['lhs']} == {said['rhs']}"
    try:
        equation = parse(text, said["where"])
    except TnalgebraError as error:
        raise ProofError(f"the statement cannot be read: {error}") from error
    if not isinstance(equation, Equation):
        raise ProofError("the statement is no equation", text=text)
    for name, data in flatten_equation(equation).items():
        if proof[name] != data:
            raise ProofError(f"{name!r} of the proof is not what its statement says", text=text)
    return text + (f"   where {said['where']}" if said["where"] else "")


class Keys:
    """Fingerprints that hold the names of all spaces, so that one key means one value.

    A value that only wraps another as a box has the key of that other. Structural equality forgets
    which space an index ranges over where no tensor tells; within one equation that matters.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[Value, str]] = {}

    def of(self, value: Value) -> str:
        """The key of a value; shared contents are visited once."""
        if id(value) not in self._known:
            for one in [*contents(value), value]:
                if id(one) not in self._known:
                    self._known[id(one)] = (one, self._key(one))
        return self._known[id(value)][1]

    def of_term(self, term: Diagram) -> str:
        """The key of a term without its coefficient: like terms have the same."""
        form, order = term.normal, term.canonical()
        labels = [form.labels[place] for place in order.nodes]
        boxes = [self.of(one.content) for one in labels if isinstance(one, Box)]
        names = [form.spaces[index].name for index in order.classes]
        return blake2b(repr((order.digest, names, boxes)).encode(), digest_size=16).hexdigest()

    def _key(self, value: Value) -> str:
        if isinstance(value, Diagram) and (wrapped := value.sole_content) is not None:
            return self._known[id(wrapped)][1]
        terms = sorted(self.of_term(term) for term in terms_of(value))
        legs = [leg.space.name for leg in value.legs if leg.space is not None]
        text = repr((value.content_digest(), legs, terms))
        return blake2b(text.encode(), digest_size=16).hexdigest()


def _terms(value: Value, keys: Keys) -> list[dict[str, Any]]:
    return [_term(term, keys) for term in terms_of(value)]


def _term(term: Diagram, keys: Keys) -> dict[str, Any]:
    """One term as typed: tensors and boxes in text order, copy tensors, and where each leg is.

    "wires" lists the space of each wire; nodes, deltas, groups (the thick leg first) and free legs
    refer to wires by number.
    """
    place: dict[tuple[Hashable, int], int] = {}
    spaces: list[str] = []
    for _, _, data in term.graph.edges(data=True):
        place.update(dict.fromkeys(data["ends"], len(spaces)))
        spaces.append(data["space"].name)
    nodes: list[dict[str, Any]] = []
    deltas: list[dict[str, Any]] = []
    groups: list[dict[str, Any]] = []
    free: dict[int, int] = {}
    for n, data in term.graph.nodes(data=True):
        node = data["node"]
        if isinstance(node, Free):
            free[node.position] = place[(n, 0)]
            continue
        row = [place[(n, port)] for port in range(term.graph.degree(n))]
        if isinstance(node, Delta):
            deltas.append({"space": node.space.name, "wires": row})
        elif isinstance(node, Group):
            groups.append({"spaces": [space.name for space in node.spaces()], "wires": row})
        else:
            nodes.append({**_label(node, keys), "wires": row})
    return {
        "coefficient": polynomial(term.coefficient),
        "nodes": nodes,
        "deltas": deltas,
        "groups": groups,
        "wires": spaces,
        "free": [free[position] for position in range(len(free))],
    }


def _label(node: Tensor | Box, keys: Keys) -> dict[str, Any]:
    """What a node is, wires apart."""
    if isinstance(node, Tensor):
        return {"tensor": node.key, "mark": node.mark}
    function = None if node.function is None else [node.function.name, list(node.function.along)]
    return {"box": keys.of(node.content), "function": function}


def polynomial(expression: sympy.Expr) -> Polynomial:
    """An expression as [["num/den", {generator: exponent}], ...].

    A size is a generator by its name; anything else that is no number is one by its sympy text,
    which no name can be, so that a size called E is not the number E.

    >>> n = sympy.Symbol("n", integer=True, positive=True)
    >>> polynomial(n**2 / 2 - sympy.pi)
    [['1/2', {'n': 2}], ['-1/1', {'=pi': 1}]]
    """
    found = []
    for term in sympy.Add.make_args(expanded(expression)):
        number, rest = term.as_coeff_Mul()
        if not number.is_Rational:
            number, rest = sympy.Integer(1), term
        powers: dict[str, int] = {}
        for base, exponent in rest.as_powers_dict().items():
            if base == 1:
                continue
            whole = exponent if exponent.is_Integer else sympy.Integer(1)
            part = base if exponent.is_Integer else base**exponent
            name = part.name if is_size(part) else f"={sympy.srepr(part)}"
            powers[name] = powers.get(name, 0) + int(whole)
        if number != 0:
            found.append([f"{number.p}/{number.q}", dict(sorted(powers.items()))])
    return sorted(found, key=lambda one: sorted(one[1].items()), reverse=True)
