"""Values and equations as JSON text: the flat records of a value, tables for what they repeat."""

from __future__ import annotations

import json
from numbers import Integral
from typing import Any, TypeAlias

import sympy

from tnalgebra.core.nesting import all_tensors, check_symbols
from tnalgebra.core.nodes import Delta, Free, Group, Tensor
from tnalgebra.core.pickling import BoxRecord, SumRecord, TermRecord, records
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.validity import check_tensors
from tnalgebra.core.values import Diagram, Equation, Value
from tnalgebra.errors import JsonError
from tnalgebra.notation.numbers import number_text

SCHEMA_VERSION = 1
WIDTH = 100
ASSUMPTIONS = (
    *("real", "positive", "negative", "nonnegative", "nonpositive", "nonzero", "zero"),
    *("integer", "even", "odd", "prime", "composite", "rational", "irrational", "algebraic"),
    *("transcendental", "imaginary", "hermitian", "antihermitian", "complex", "finite", "infinite"),
    *("extended_real", "extended_positive", "extended_negative", "extended_nonnegative"),
    *("extended_nonpositive", "extended_nonzero", "noninteger", "polar", "commutative"),
)

Json: TypeAlias = "dict[str, Any] | list[Any] | str | int | None"


def to_json(value: Value | Equation) -> str:
    """A value or equation as JSON text, the same in every process; see docs/json.md.

    Raises JsonError for a part that the schema has no words for, and NotationError for a
    coefficient that the notation cannot write.

    >>> from tnalgebra.notation.parse import parse
    >>> to_json(parse("2*v[i]")).splitlines()[1:5]
    [' "schema_version": 1,', ' "kind": "diagram",', ' "spaces": {"i": {"name": "i", \
"size": null, "declared": false}},', ' "symbols": {},']
    """
    return laid_out(_Writer().document(value)) + "\n"


def laid_out(data: Json, column: int = 0) -> str:
    """JSON text in which each part that fits has a line of its own."""
    short = json.dumps(data, ensure_ascii=False)
    if (len(short) + column <= WIDTH and column) or not isinstance(data, dict | list) or not data:
        return short
    inside = column + 1
    if isinstance(data, dict):
        parts = [
            f"{json.dumps(key, ensure_ascii=False)}: {laid_out(part, inside)}"
            for key, part in data.items()
        ]
    else:
        parts = [laid_out(part, inside) for part in data]
    opening, closing = "{}" if isinstance(data, dict) else "[]"
    body = ",\n".join(" " * inside + part for part in parts)
    return f"{opening}\n{body}\n{' ' * column}{closing}"


class _Writer:
    """The tables of one text, filled while its records are written."""

    def __init__(self) -> None:
        self.spaces: dict[str, Json] = {}
        self.tensors: dict[str, Json] = {}
        self.symbols: dict[str, sympy.Symbol] = {}
        self._space_labels: dict[tuple[Space, bool], str] = {}
        self._tensor_labels: dict[object, str] = {}

    def document(self, value: Value | Equation) -> dict[str, Json]:
        """The whole text as data."""
        is_equation = isinstance(value, Equation)
        sides = [value.lhs, value.rhs] if isinstance(value, Equation) else [value]
        check_symbols(sides)
        check_tensors(tensor for side in sides for tensor in all_tensors(side))
        found = [
            self.term(record) if isinstance(record, TermRecord) else self.sum(record)
            for record in records(*sides)
        ]
        kind = "diagram" if isinstance(value, Diagram) else "sum"
        return {
            "schema_version": SCHEMA_VERSION,
            "kind": "equation" if is_equation else kind,
            "spaces": self.spaces,
            "symbols": {name: assumptions(self.symbols[name]) for name in sorted(self.symbols)},
            "tensors": self.tensors,
            "values": found,
        }

    def term(self, record: TermRecord) -> Json:
        """One diagram."""
        place = {n: k for k, (n, _) in enumerate(record.nodes)}
        edges: list[Json] = []
        for (first, second), space in record.edges:
            ends = [[place[first[0]], first[1]], [place[second[0]], second[1]]]
            edges.append({"ends": ends, "space": self.space(space)})
        return {
            "kind": "diagram",
            "named": record.named,
            "summed": sorted(record.summed),
            "coefficient": self.number(record.coefficient),
            "nodes": [self.node(node) for _, node in record.nodes],
            "edges": edges,
        }

    def sum(self, record: SumRecord) -> Json:
        """One sum."""
        return {
            "kind": "sum",
            "named": record.named,
            "summed": sorted(record.summed),
            "legs": self.legs(record.legs),
            "terms": [self.term(term) for term in record.terms],
        }

    def node(self, node: Tensor | Delta | Group | Free | BoxRecord) -> Json:
        """One node; a tensor and a space by its name in their table."""
        if isinstance(node, Tensor):
            return {"tensor": self.tensor(node.base()), "mark": node.mark}
        if isinstance(node, Delta):
            return {"delta": self.space(node.space)}
        if isinstance(node, Group):
            return {
                "group": self.space(node.thick),
                "parts": [self.space(space) for space in node.parts],
            }
        if isinstance(node, Free):
            return {"free": node.name, "position": node.position}
        if isinstance(node, BoxRecord):
            function = node.function
            return {
                "box": node.content,
                "function": None if function is None else function.name,
                "along": [] if function is None else list(function.along),
            }
        raise JsonError(f"the schema has no word for a {type(node).__name__}")

    def legs(self, legs: tuple[Leg, ...]) -> list[Json]:
        """Legs with the names of their spaces in the table."""
        found: list[Json] = []
        for leg in legs:
            if leg.space is None:
                raise JsonError(f"leg {leg.name!r} has no space yet")
            found.append({"name": leg.name, "space": self.space(leg.space)})
        return found

    def space(self, space: Space) -> str:
        """The name of a space in the table: its own, numbered where another one has it."""
        key = (space, space.declared)
        if key not in self._space_labels:
            size: Json = None
            if isinstance(space.size, Integral | sympy.Integer):
                size = int(space.size)
            elif space.size is not None:
                size = self.number(sympy.sympify(space.size))
            label = _label(space.name, self.spaces)
            self._space_labels[key] = label
            self.spaces[label] = {"name": space.name, "size": size, "declared": space.declared}
        return self._space_labels[key]

    def tensor(self, tensor: Tensor) -> str:
        """The name of an unmarked tensor in the table."""
        legs = self.legs(tensor.legs)
        key = (tensor, *(leg["space"] for leg in legs if isinstance(leg, dict)))
        if key not in self._tensor_labels:
            label = _label(tensor.name, self.tensors)
            self._tensor_labels[key] = label
            self.tensors[label] = {
                "name": tensor.name,
                "legs": legs,
                "facts": [
                    [fact.kind, [list(side) for side in fact.sides]] for fact in tensor.facts
                ],
                "entries": None if tensor.is_builtin else self.entries(tensor),
            }
        return self._tensor_labels[key]

    def entries(self, tensor: Tensor) -> Json:
        """Explicit entries, row by row, or a formula of the indices; None where there are none."""
        given = tensor.entries
        if given is None:
            return None
        if isinstance(given, sympy.Lambda):
            variables = given.variables
            if given.signature != variables or any(
                type(one) is not sympy.Symbol for one in variables
            ):
                raise JsonError(f"the indices of the entries of {tensor.name!r} are no symbols")
            names = [one.name for one in variables]
            formula = self.number(given.expr, bound=variables)
            said = {one.name: assumptions(one) for one in variables}
            if len(said) != len(names):
                raise JsonError(f"two indices of the entries of {tensor.name!r} share a name")
            return {"indices": said, "formula": formula}
        if isinstance(given, sympy.ImmutableDenseNDimArray):
            values = [self.number(sympy.sympify(one)) for one in sympy.flatten(given)]
            return {"shape": [int(size) for size in given.shape], "values": values}
        raise JsonError(f"the schema has no word for the entries of {tensor.name!r}")

    def number(self, value: sympy.Expr, bound: tuple[sympy.Symbol, ...] = ()) -> str:
        """A coefficient in the notation; its symbols enter the table."""
        for symbol in sorted(value.free_symbols - set(bound), key=str):
            if self.symbols.setdefault(symbol.name, symbol) != symbol:
                raise JsonError(f"two different symbols are called {symbol.name!r}")
        return number_text(value)


def assumptions(symbol: sympy.Symbol) -> dict[str, bool]:
    """The fewest assumptions from which sympy makes this symbol again."""
    given: dict[str, bool] = dict(symbol.assumptions0)
    for name in sorted(given, key=lambda one: -ASSUMPTIONS.index(one)):
        fewer = {other: value for other, value in given.items() if other != name}
        if sympy.Symbol(symbol.name, **fewer) == symbol:
            given = fewer
    return dict(sorted(given.items()))


def _label(name: str, table: dict[str, Json]) -> str:
    label, number = name, 1
    while label in table:
        number += 1
        label = f"{name}#{number}"
    return label
