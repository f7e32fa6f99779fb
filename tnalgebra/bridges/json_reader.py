"""JSON text to values and equations: every part is checked before anything is made of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod
from typing import Any, NoReturn

import sympy
from sympy.core.facts import InconsistentAssumptions

from tnalgebra.bridges.json_writer import ASSUMPTIONS, SCHEMA_VERSION
from tnalgebra.core.facts import Fact
from tnalgebra.core.nesting import all_tensors, check_symbols, leg_spaces, same_named
from tnalgebra.core.nodes import Delta, Free, Function, Group, Tensor, causal_tensor, onehot_tensor
from tnalgebra.core.pickling import BoxRecord, SumRecord, TermRecord, all_restored
from tnalgebra.core.scalars import check_symbols_sayable
from tnalgebra.core.spaces import Leg, Space, is_size
from tnalgebra.core.validity import check_tensors
from tnalgebra.core.values import Diagram, Equation, Value
from tnalgebra.core.words import check_name
from tnalgebra.errors import JsonError
from tnalgebra.notation.numbers import read_number

KINDS = ("diagram", "sum", "equation")


def from_json(text: str) -> Value | Equation:
    """The value or equation that `to_json` wrote.

    Raises JsonError with the place of what does not follow the schema, and GraphError,
    NotationError, SpaceError or LimitError for parts that make no value.

    >>> from tnalgebra.bridges.json_writer import to_json
    >>> from tnalgebra.notation.parse import parse
    >>> value = parse("softmax(S[q,k] + B[q,k], k)", where="S: symmetric(q, k)")
    >>> from_json(to_json(value)) == value
    True
    """
    return _Reader(_Part(_decoded(text), "$")).document()


def _decoded(text: str) -> object:
    if not isinstance(text, str):
        raise JsonError(f"expected JSON text, not {type(text).__name__}")
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise JsonError(
            f"this is no JSON: {error.msg}", text=text, span=(error.pos, error.pos + 1)
        ) from None
    except (RecursionError, ValueError) as error:
        raise JsonError(f"this JSON is too deep or its numbers too long: {error}") from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise JsonError(f"the key {twice!r} stands twice in one object")
    return found


def _no_number(name: str) -> NoReturn:
    raise JsonError(f"{name} is no number of JSON")


class _Part:
    """One part of the text with its path, and what it is wanted to be."""

    def __init__(self, data: Any, path: str) -> None:
        self.data = data
        self.path = path

    def fail(self, wanted: str) -> NoReturn:
        shown = json.dumps(self.data, ensure_ascii=False)
        shown = shown if len(shown) <= 60 else shown[:60] + "..."
        raise JsonError(f"{self.path} must be {wanted}, not {shown}", hint="see docs/json.md")

    def keys(self, *names: str) -> list[_Part]:
        """The parts of an object that has exactly these keys, in their order here."""
        if not isinstance(self.data, dict) or set(self.data) != set(names):
            self.fail(f"an object with the keys {', '.join(names)}")
        return [_Part(self.data[name], f"{self.path}.{name}") for name in names]

    def table(self) -> dict[str, _Part]:
        """The parts of an object whose keys are free."""
        if not isinstance(self.data, dict):
            self.fail("an object")
        return {name: _Part(data, f"{self.path}[{name!r}]") for name, data in self.data.items()}

    def list(self, count: int | None = None) -> list[_Part]:
        """The parts of a list."""
        if not isinstance(self.data, list) or count not in (None, len(self.data)):
            self.fail("a list" if count is None else f"a list of {count}")
        return [_Part(data, f"{self.path}[{k}]") for k, data in enumerate(self.data)]

    def text(self) -> str:
        """A text."""
        if not isinstance(self.data, str):
            self.fail("a text")
        return self.data

    def name(self, what: str) -> str:
        """A text that may name a tensor, index, space or symbol; raises NotationError."""
        name = self.text()
        check_name(name, what)
        return name

    def number(self, least: int = 0) -> int:
        """A whole number."""
        if type(self.data) is not int or self.data < least:
            self.fail(f"a whole number of at least {least}")
        return self.data

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.data, bool):
            self.fail("true or false")
        return self.data

    def one_of(self, table: Mapping[str, Any], what: str) -> Any:
        """The entry of a table that this text names."""
        if self.text() not in table:
            self.fail(f"one of the {what}")
        return table[self.data]


class _Reader:
    """The tables of one text, read before its values."""

    def __init__(self, whole: _Part) -> None:
        if isinstance(whole.data, dict) and whole.data.get("schema_version") != SCHEMA_VERSION:
            found = whole.data.get("schema_version")
            raise JsonError(f"$.schema_version is {found!r}, and {SCHEMA_VERSION} can be read")
        version, self.kind, spaces, symbols, tensors, self.values = whole.keys(
            "schema_version", "kind", "spaces", "symbols", "tensors", "values"
        )
        version.number()
        self.symbols = {name: _symbol(name, part) for name, part in symbols.table().items()}
        check_symbols_sayable(self.symbols.values())
        self.spaces = {label: self.space(part) for label, part in spaces.table().items()}
        for space in self.spaces.values():
            symbol = self.symbols.get(space.name)
            if isinstance(space.size, int) and symbol is not None and is_size(symbol):
                symbols.fail(f"without the size of {space.name!r}, which is {space.size}")
        self.tensors = {label: self.tensor(part) for label, part in tensors.table().items()}

    def document(self) -> Value | Equation:
        """The whole value or equation."""
        if self.kind.text() not in KINDS:
            self.kind.fail("diagram, sum or equation")
        wanted = 2 if self.kind.data == "equation" else 1
        found = all_restored([self.record(part) for part in self.values.list()])
        if len(found) < wanted:
            self.values.fail(f"a list of {wanted} or more")
        sides = found[-wanted:]
        check_symbols(sides)
        for space, _ in same_named(sides):
            raise JsonError(f"two different spaces are called {space.name!r}")
        check_tensors(tensor for side in sides for tensor in all_tensors(side))
        if wanted == 2:
            lhs, rhs = sides
            legs = [([leg.name for leg in side.legs], leg_spaces(side)) for side in sides]
            if legs[0] != legs[1]:
                self.values.fail("sides with the same free legs")
            return Equation(lhs, rhs)
        if isinstance(sides[0], Diagram) != (self.kind.data == "diagram"):
            self.kind.fail("that of the last value")
        return sides[0]

    def record(self, part: _Part) -> TermRecord | SumRecord:
        """One value."""
        if isinstance(part.data, dict) and part.data.get("kind") == "sum":
            named, summed, legs, terms = part.keys("kind", "named", "summed", "legs", "terms")[1:]
            return SumRecord(
                tuple(self.term(term) for term in terms.list()),
                self.legs(legs),
                named.flag(),
                _names(summed),
            )
        return self.term(part)

    def term(self, part: _Part) -> TermRecord:
        """One diagram."""
        kind, named, summed, coefficient, nodes, edges = part.keys(
            "kind", "named", "summed", "coefficient", "nodes", "edges"
        )
        if kind.data != "diagram":
            kind.fail("diagram or, outside of sums, sum")
        found = []
        for edge in edges.list():
            ends, space = edge.keys("ends", "space")
            a, b = (_end(end) for end in ends.list(2))
            found.append(((a, b), space.one_of(self.spaces, "spaces")))
        return TermRecord(
            tuple((k, self.node(node)) for k, node in enumerate(nodes.list())),
            tuple(found),
            read_number(coefficient.text(), self.symbols.values()),
            named.flag(),
            _names(summed),
        )

    def node(self, part: _Part) -> Tensor | Delta | Group | Free | BoxRecord:
        """One node."""
        kinds = part.data if isinstance(part.data, dict) else {}
        if "tensor" in kinds:
            tensor, mark = part.keys("tensor", "mark")
            base: Tensor = tensor.one_of(self.tensors, "tensors")
            marked = replace(base, mark=mark.text())
            return replace(marked, legs=base.legs[::-1]) if marked.is_inverse else marked
        if "delta" in kinds:
            (space,) = part.keys("delta")
            return Delta(space.one_of(self.spaces, "spaces"))
        if "group" in kinds:
            thick, parts = part.keys("group", "parts")
            inner = tuple(space.one_of(self.spaces, "spaces") for space in parts.list())
            return Group(inner, thick.one_of(self.spaces, "spaces"))
        if "free" in kinds:
            name, position = part.keys("free", "position")
            return Free(name.name("leg"), position.number())
        if "box" not in kinds:
            part.fail("a tensor, delta, group, free or box")
        content, function, along = part.keys("box", "function", "along")
        ports = tuple(port.number() for port in along.list())
        if function.data is None and ports:
            along.fail("empty where there is no function")
        called = None if function.data is None else Function(function.text(), ports)
        return BoxRecord(called, content.number())

    def legs(self, part: _Part) -> tuple[Leg, ...]:
        """Named legs with their spaces."""
        found = []
        for leg in part.list():
            name, space = leg.keys("name", "space")
            found.append(Leg(name.name("leg"), space.one_of(self.spaces, "spaces")))
        return tuple(found)

    def space(self, part: _Part) -> Space:
        """One space; its size is a whole number, an expression or none."""
        name, size, declared = part.keys("name", "size", "declared")
        called = name.name("space")
        if size.data is None:
            return Space(called, None, declared.flag())
        if not isinstance(size.data, str):
            return Space(called, size.number(1), declared.flag())
        found = read_number(size.data, self.symbols.values())
        if found.is_number or found.is_integer is False or found.is_positive is False:
            size.fail("a whole number, an expression that can be one, or null")
        return Space(called, found, declared.flag())

    def tensor(self, part: _Part) -> Tensor:
        """One unmarked tensor; what the notation defines itself is made anew."""
        name, legs, facts, entries = part.keys("name", "legs", "facts", "entries")
        called, own = name.text(), self.legs(legs)
        said = tuple(_fact(fact) for fact in facts.list())
        if called == "causal" or called.startswith("onehot("):
            if said or entries.data is not None:
                part.fail(f"{called} without facts and entries")
            return _builtin(called, own, name)
        return Tensor(called, own, said, "none", self.entries(entries, own))

    def entries(self, part: _Part, legs: tuple[Leg, ...]) -> Any:
        """Explicit entries or their formula, as sympy has them."""
        if part.data is None:
            return None
        if isinstance(part.data, dict) and "formula" in part.data:
            indices, formula = part.keys("indices", "formula")
            bound = {name: _symbol(name, one) for name, one in indices.table().items()}
            if len(bound) != len(legs):
                indices.fail(f"{len(legs)} indices")
            known = {**self.symbols, **bound}
            return sympy.Lambda(tuple(bound.values()), read_number(formula.text(), known.values()))
        shape, values = part.keys("shape", "values")
        sizes = [size.number(1) for size in shape.list(len(legs))]
        numbers = values.list(prod(sizes))
        return sympy.ImmutableDenseNDimArray(
            [read_number(one.text(), self.symbols.values()) for one in numbers], tuple(sizes)
        )


def _builtin(name: str, legs: tuple[Leg, ...], part: _Part) -> Tensor:
    makers: dict[int, Callable[[], Tensor]] = {}
    if name == "causal":
        makers[2] = lambda: causal_tensor(*legs)
    position = name.removeprefix("onehot(").removesuffix(")")
    if re.fullmatch(r"onehot\((0|[1-9]\d{0,17})\)", name, re.A):
        makers[1] = lambda: onehot_tensor(int(position), legs[0])
    if len(legs) not in makers:
        part.fail("causal of two legs or onehot(n) of one")
    return makers[len(legs)]()


def _symbol(name: str, part: _Part) -> sympy.Symbol:
    check_name(name, "symbol")
    said = {word: value.flag() for word, value in part.table().items()}
    if not set(said) <= set(ASSUMPTIONS) or said.get("commutative") is False:
        part.fail("assumptions that sympy knows")
    try:
        return sympy.Symbol(name, **said)
    except InconsistentAssumptions:
        part.fail("assumptions that agree with each other")


def _fact(part: _Part) -> Fact:
    kind, sides = part.list(2)
    return Fact(
        kind.text(),
        tuple(tuple(port.number() for port in side.list()) for side in sides.list()),
    )


def _end(part: _Part) -> tuple[object, int]:
    node, port = part.list(2)
    return node.number(), port.number()


def _names(part: _Part) -> frozenset[str]:
    return frozenset(one.name("summed index") for one in part.list())
