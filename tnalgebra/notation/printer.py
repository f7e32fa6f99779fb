"""Values to text: `parse(text, where)` of what is printed gives an equal value back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeAlias

import sympy

from tnalgebra.core import size_names
from tnalgebra.core.functions import FUNCTIONS
from tnalgebra.core.nesting import contents, leg_spaces
from tnalgebra.core.nodes import Box, Delta, Free, Group, Node, Tensor
from tnalgebra.core.spaces import Space, is_size
from tnalgebra.core.values import Diagram, Equation, Sum, Value, terms_of
from tnalgebra.core.words import RESERVED, numbered
from tnalgebra.notation.group_text import Factor, with_reshapes
from tnalgebra.notation.numbers import ScalarPrinter
from tnalgebra.notation.where_text import WhereText

_INLINE_DEPTH = 8

Ends: TypeAlias = tuple[tuple[Hashable, int], tuple[Hashable, int]]


class _Used:
    """Index names in use, on top of those of the text around; and the numbers tried so far."""

    def __init__(self, around: _Used | None = None, names: Iterable[str] = ()) -> None:
        self.around = around
        self.names = set(names)
        self.tried: dict[Space, int] = {}

    def __contains__(self, name: str) -> bool:
        return name in self.names or (self.around is not None and name in self.around)

    def first_number(self, space: Space) -> int:
        """The first number that may still give a free name in this space."""
        if space not in self.tried:
            self.tried[space] = self.around.first_number(space) if self.around else 0
        return self.tried[space]


def to_text(value: Value | Equation) -> tuple[str, str]:
    """The text of a value and the declarations it needs.

    >>> from tnalgebra.notation.parse import parse
    >>> to_text(parse("tr(V @ V.H)", "V: isometry(m -> a)"))
    ('V[m,a]*conj(V)[m,a]', 'V: isometry(m -> a)')
    """
    draft = _Printer(value)
    text = draft.run()
    return _Printer(value, draft.index_of_counted()).run() if draft.counted else text


class _Printer(WhereText):
    def __init__(self, value: Value | Equation, leaders: Mapping[Space, str] | None = None) -> None:
        self.sides = [value.lhs, value.rhs] if isinstance(value, Equation) else [value]
        every = dict.fromkeys(id(one) for side in self.sides for one in contents(side))
        by_id = {id(one): one for side in self.sides for one in contents(side)}
        self.contents = [by_id[key] for key in every]
        terms = [term for one in [*self.contents, *self.sides] for term in terms_of(one)]
        self.tensors = {}
        for term in terms:
            for tensor in term.own_tensors:
                if not tensor.is_builtin:
                    self.tensors.setdefault(tensor.name, tensor.base())
        self.symbols = {symbol for term in terms for symbol in _counting(term).free_symbols}
        self.symbols |= {symbol for term in terms for symbol in term.coefficient.free_symbols}
        self.symbols |= set().union(
            *(one.entries.free_symbols for one in self.tensors.values() if one.entries is not None)
        )
        legs = [leg.space for one in [*self.contents, *self.sides] for leg in one.legs if leg.space]
        self.known = {s.name: s for s in [*legs, *(s for term in terms for s in term.spaces)]}
        self.reserved = {*self.tensors, *RESERVED}
        # An index called like a symbol would make the symbol the size of the index.
        self.reserved |= {
            s.name for s in self.symbols if not is_size(s) or s.name not in self.known
        }
        self.space_of = {}
        for side in self.sides:
            for leg in side.legs:
                assert leg.space is not None
                self.space_of.setdefault(leg.name, leg.space)
        self.claims = []
        self.reshapes = []
        sizes = sorted(filter(is_size, self.symbols), key=str)
        counted = [self.known[s.name] for s in sizes if s.name in self.known]
        self.counted = {space for space in counted if space.size is None and not space.declared}
        self.nameless = set()
        for one in [*self.contents, *self.sides]:
            if own := self.counted & _sizes_in(one):
                told = size_names.of_value(one, [space.dimension for space in own])
                self.nameless |= {space for space in own if space.dimension not in told}
        self.in_formulas = {
            symbol for s in self.known.values() if s.size for symbol in s.dimension.free_symbols
        }
        self.leaders = leaders or {}
        self.spaceless = {s for s in self.symbols if is_size(s) and s.name not in self.known}
        self.written = {s.dimension: sympy.Symbol(f"dim({n})") for s, n in self.leaders.items()}
        self.written |= {s: sympy.Symbol(f"dim({s.name})") for s in self.spaceless}
        self.bound: dict[int, str] = {}
        self.bindings: list[str] = []

    def run(self) -> tuple[str, str]:
        """The text, shared values first, and the declarations that go with it."""
        self.bind_contents()
        texts = [self.text(side, [leg.name for leg in side.legs], _Used()) for side in self.sides]
        body = "; ".join([*self.bindings, " == ".join(texts)])
        return body, self.where()

    def index_of_counted(self) -> dict[Space, str]:
        """For each unnamed space whose size is written: the index that `dim` is asked of."""
        leaders: dict[Space, str] = {}
        for name, space in self.space_of.items():
            if space in self.counted and (space not in leaders or name == space.name):
                leaders[space] = name
        for space in self.nameless & set(leaders):
            if self.space_of.get(space.name, space) == space:
                leaders[space] = space.name
        return leaders

    def name(self, space: Space, used: _Used) -> str:
        """An index name of this space that is not in use."""
        number = used.first_number(space)
        while True:
            name = numbered(space.name, number) if number else space.name
            number += 1
            clash = name in used or self.space_of.get(name, space) != space
            other = number > 1 and name in self.known
            if not clash and not other and name not in self.reserved:
                self.space_of[name] = space
                used.tried[space] = number
                used.names.add(name)
                return name

    def scalar(self, value: sympy.Expr) -> str:
        """A coefficient as text that `parse` reads as the same expression."""
        return str(ScalarPrinter().doprint(value.xreplace(self.written)))

    def times(self, coefficient: sympy.Expr, factors: Sequence[str]) -> str:
        """A term from its coefficient and factors."""
        if not factors:
            return self.scalar(coefficient)
        body = "*".join(factors)
        if coefficient == 1:
            return body
        if coefficient == -1:
            return f"-{body}"
        text = self.scalar(coefficient)
        return f"({text})*{body}" if coefficient.is_Add else f"{text}*{body}"

    def bind_contents(self) -> None:
        """Write each content that is shared, deep or no sum as a value of its own, inner first."""
        uses: Counter[int] = Counter()
        inside_function: set[int] = set()
        for one in [*self.contents, *self.sides]:
            for box in (box for term in terms_of(one) for box in term.boxes):
                uses[id(box.content)] += 1
                if box.function is not None:
                    inside_function.add(id(box.content))
        depth: dict[int, int] = {}
        for content in self.contents:
            inner = [depth[id(box.content)] for term in terms_of(content) for box in term.boxes]
            depth[id(content)] = 1 + max(inner, default=0)
            is_sum = isinstance(content, Sum) and len(content.terms) > 1
            inline = uses[id(content)] == 1 and (is_sum or id(content) in inside_function)
            if not inline or depth[id(content)] > _INLINE_DEPTH:
                depth[id(content)] = 0
                self.bind(content)

    def text(self, value: Value, names: Sequence[str], used: _Used) -> str:
        """The text of a value whose free legs get these names; `used` learns all names in it."""
        taken = _Used(used, names)
        terms = terms_of(value)
        if not terms:
            self.claims += [(("index", name), ("index", name)) for name in names]
            return "*".join(["0", *(f"ones[{name}]" for name in names)])
        text: list[str] = []
        order: list[str] | None = None
        learned: set[str] = set()
        for term in terms:
            inside = _Used(taken)
            piece, seen = self.term(term, names, inside)
            learned |= inside.names
            order = order or seen
            if text:
                piece = f" - {piece[1:]}" if piece.startswith("-") else f" + {piece}"
            text.append(piece)
        used.names |= learned
        if names and order != list(names):
            text.append(f" -> {','.join(names)}")
        return "".join(text)

    def term(self, term: Diagram, names: Sequence[str], used: _Used) -> tuple[str, list[str]]:
        """The text of one term, and its free indices in order of appearance."""
        graph, nodes = term.graph, {n: data["node"] for n, data in term.graph.nodes(data=True)}
        index: dict[tuple[Hashable, int], str] = {}
        wires = []
        bare = []
        for _, _, data in graph.edges(data=True):
            ends = data["ends"]
            free = [nodes[n] for n, _ in ends if isinstance(nodes[n], Free)]
            if len(free) == 2:
                bare.append([names[node.position] for node in free])
            elif free:
                index.update(dict.fromkeys(ends, names[free[0].position]))
            else:
                wires.append((ends, data["space"]))
        slices = self.slices(wires, nodes)
        index.update({end: str(number) for ends, number in slices.items() for end in ends})
        cut = {n for ends in slices for n, _ in ends if nodes[n].is_builtin}
        wires = [wire for wire in wires if wire[0] not in slices]
        order = {n: k for k, n in enumerate(nodes)}
        wires.sort(key=lambda wire: min((order[n], port) for n, port in wire[0]))
        for ends, space in wires:
            index.update(dict.fromkeys(ends, self.name(space, used)))
        factors: list[Factor] = []
        reshapes = []
        for n, node in nodes.items():
            if isinstance(node, Free) or n in cut:
                continue
            row = [index[(n, port)] for port in range(graph.degree(n))]
            if isinstance(node, Delta):
                factors.append(Factor(self.delta(node, row), row))
            elif isinstance(node, Tensor):
                legs = [name for name in row if not name.isdigit()]
                factors.append(Factor(self.tensor(node, row), legs))
            elif isinstance(node, Group):
                self.reshapes.append((row[0], row[1:]))
                reshapes.append((row[0], row[1:]))
            else:
                text = self.box(node, row, used)
                turned = row != list(names) and sorted(row) == sorted(names)
                if turned and node.function is None and id(node.content) not in self.bound:
                    # Without indices of its own, a sum that is a whole term would be read as terms.
                    text += f"[{','.join(row)}]"
                factors.append(Factor(text, row[::-1] if _is_inverse(node) else row))
        for row in bare:
            self.same(row[:1], row[1:])
            factors.append(Factor(f"eye[{','.join(row)}]", row))
        factors = with_reshapes(factors, reshapes, lambda one: self.line(one, used))
        appearing = [name for factor in factors for name in factor.legs]
        kept = set(names)
        free_order = [name for name in dict.fromkeys(appearing) if name in kept]
        return self.times(term.coefficient, [factor.text for factor in factors]), free_order

    def slices(
        self, wires: Sequence[tuple[Ends, Space]], nodes: Mapping[Hashable, Node]
    ) -> dict[Ends, int]:
        """The wires from a tensor to a unit vector, whose place is written as a slice.

        A space that the user named or sized needs an index to say so.
        """
        found: dict[Ends, int] = {}
        for ends, space in wires:
            pair = [nodes[n] for n, _ in ends]
            units = [node.position for node in pair if isinstance(node, Tensor)]
            is_cut = len(units) == 2 and sorted(place >= 0 for place in units) == [False, True]
            if is_cut and not any(isinstance(n, Tensor) and n.name == "causal" for n in pair):
                said = space.declared or space.size is not None or space in self.counted
                if not said and space.dimension not in self.in_formulas:
                    found[ends] = max(units)
        return found

    def line(self, index: str, used: _Used) -> str:
        """Another index in the space of one, to be joined with it by an identity."""
        other = self.name(self.space_of[index], used)
        self.same([index], [other])
        return other

    def same(self, first: Sequence[str], second: Sequence[str]) -> None:
        """Note that the text puts these indices in the same spaces, one by one."""
        for a, b in zip(first, second, strict=True):
            self.claims.append((("index", a), ("index", b)))

    def delta(self, node: Delta, row: Sequence[str]) -> str:
        self.same([*row[:1]] * len(row), row)
        if not row:
            return self.scalar(node.space.dimension)
        head = {1: "ones", 2: "eye"}.get(len(row), "delta")
        return f"{head}[{','.join(row)}]"

    def tensor(self, node: Tensor, row: Sequence[str]) -> str:
        if node.is_builtin:
            self.same([*row[:1]] * len(row), row)
            return f"{node.name}[{','.join(row)}]"
        ports = range(node.rank)
        for port, name in zip(reversed(ports) if node.is_inverse else ports, row, strict=True):
            if not name.isdigit():
                self.claims.append((("port", node.name, port), ("index", name)))
        head = node.name
        if node.is_inverse:
            head = f"{node.mark.rpartition(' ')[2]}({head})"
        if node.is_conj:
            head = f"conj({head})"
        return f"{head}[{','.join(row)}]"

    def box(self, node: Box, row: Sequence[str], used: _Used) -> str:
        """A box: a function of its content, a shared value by name, or a sum in parentheses."""
        content, names = node.content, list(row)
        is_bound = id(content) in self.bound
        if len(set(names)) != len(names) and (node.function is not None or not is_bound):
            names = self.own_names(content, used)
            self.same(names, row)
        if is_bound:
            name = self.bound[id(content)]
            for index, leg in zip(names, content.legs, strict=True):
                self.claims.append((("index", index), ("content", name, leg.name)))
            text = f"{name}[{','.join(names)}]"
        else:
            text = self.text(content, names, used)
            if node.function is None or " -> " in text:
                text = f"({text})"
        if node.function is not None:
            along = [names[k] for k in node.function.along]
            text = f"{node.function.name}({', '.join([text, *along])})"
            if _is_inverse(node):
                return f"{text}[{','.join(reversed(row))}]"
        return text if names == list(row) else f"{text}[{','.join(row)}]"

    def own_names(self, content: Value, used: _Used) -> list[str]:
        """Fresh names for the free legs of a content."""
        return [self.name(space, used) for space in leg_spaces(content)]

    def bind(self, content: Value) -> None:
        """Write a content once, under a name of its own."""
        names = self.own_names(content, _Used())
        text = self.text(content, names, _Used())
        number = len(self.bound) + 1
        while f"r{number}" in {*self.reserved, *self.space_of, *self.known}:
            number += 1
        name = f"r{number}"
        self.reserved.add(name)
        self.bound[id(content)] = name
        for inner, leg in zip(names, content.legs, strict=True):
            self.claims.append((("index", inner), ("content", name, leg.name)))
        self.bindings.append(f"{name} := {text}")

    def names(self, spaces: Sequence[Space]) -> list[str]:
        """Different index names of these spaces."""
        used = _Used()
        return [self.name(space, used) for space in spaces]


def _is_inverse(node: Box) -> bool:
    """Whether the text has the legs of a box in the other order: inv(X)[j,i] for X[i,j]."""
    return node.function is not None and FUNCTIONS[node.function.name].of_matrix


def _counting(term: Diagram) -> sympy.Expr:
    """The coefficient and the sizes of loops, not multiplied out as for comparisons."""
    return term.coefficient * term.normal.scalar


def _sizes_in(value: Value) -> set[Space]:
    """The unnamed spaces whose size a coefficient, or a closed loop, of this value counts."""
    coefficients = [_counting(term) for term in terms_of(value)]
    names = {symbol.name for c in coefficients for symbol in c.free_symbols if is_size(symbol)}
    return {Space(name) for name in names}
