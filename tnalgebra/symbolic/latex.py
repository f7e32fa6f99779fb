"""`latex`: values and equations in index notation, every sum with its sign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import sympy

from tnalgebra.core.marks import MARKS
from tnalgebra.core.nesting import all_spaces, contents, leg_spaces
from tnalgebra.core.nodes import Box, Function, Tensor
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram, Equation, Value, terms_of
from tnalgebra.core.words import numbered
from tnalgebra.errors import NotationError
from tnalgebra.symbolic.latex_names import has_subscript, indices_latex, name_latex

_INLINE_DEPTH = 8


def to_latex(value: Value | Equation) -> str:
    r"""The LaTeX of a value in index notation, for use between dollar signs.

    A content that is used more than once is named after "where". The size of an unnamed space is
    written d with an index of it. A value whose axes do not come in the order in which its free
    indices first appear is set in square brackets with its indices in the order of its axes; the
    sides of an equation meet by name, and are not. Raises NotationError for nodes that have no
    LaTeX.

    >>> from tnalgebra.core.build import contract, symbol
    >>> from tnalgebra.core.nodes import Tensor
    >>> from tnalgebra.core.spaces import Leg, Space
    >>> A = symbol(Tensor("A", (Leg("i", Space("i")), Leg("j", Space("j")))), ["i", "j"])
    >>> print(to_latex(contract(A, A.conj().rename(i="k"), keep="ik")))
    \sum_{j} A_{i j} \overline{A}_{k j}
    >>> print(to_latex(contract(A, keep="ji")))
    \left[A_{i j}\right]_{j i}
    """
    return _Latex(value).run()


class _Used:
    """The index names in use at some place, and the last number tried for each space.

    What is within a place takes its names back: a copy for each would cost as much as all of them.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.tried: dict[Space, int] = {}
        self._taken: list[tuple[str, Space, int]] = []

    def take(self, name: str, space: Space, number: int) -> None:
        """Note that a name is in use, the one of this number for its space."""
        self._taken.append((name, space, self.tried.get(space, 0)))
        self.names.add(name)
        self.tried[space] = number

    @contextmanager
    def within(self, names: Iterable[str]) -> Iterator[None]:
        """A place where these names are in use besides."""
        added = [name for name in dict.fromkeys(names) if name not in self.names]
        count = len(self._taken)
        self.names.update(added)
        yield
        self.names.difference_update(added)
        while len(self._taken) > count:
            name, space, before = self._taken.pop()
            self.names.discard(name)
            self.tried[space] = before


class _Latex:
    def __init__(self, value: Value | Equation) -> None:
        self.sides = [value.lhs, value.rhs] if isinstance(value, Equation) else [value]
        by_id = {id(one): one for side in self.sides for one in contents(side)}
        self.contents = list(by_id.values())
        every = [*self.contents, *self.sides]
        self.terms = [term for one in every for term in terms_of(one)]
        symbols = {s for term in self.terms for s in term.coefficient.free_symbols}
        spaces = {space for side in self.sides for space in all_spaces(side)}
        sizes = {space.dimension: space for space in spaces if space.size is None}
        tensors = {tensor.name for term in self.terms for tensor in term.own_tensors}
        self.reserved = tensors | {symbol.name for symbol in symbols if symbol not in sizes}
        self.space_of: dict[str, Space] = {}
        for side in self.sides:
            for leg, space in zip(side.legs, leg_spaces(side), strict=True):
                self.space_of.setdefault(leg.name, space)
        self.leader: dict[Space, str] = {}
        for name, space in self.space_of.items():
            self.leader.setdefault(space, name)
        self.symbols = {symbol: name_latex(symbol.name) for symbol in symbols}
        loops = {space for term in self.terms for space in term.spider.loops}
        counted = {space for space in spaces if space in loops or space.dimension in symbols}
        self.reserved |= {space.name for space in counted if space.declared}
        formulas = {s for space in spaces for s in space.dimension.free_symbols}
        for symbol in sorted((formulas | symbols) & set(sizes), key=str):
            space = sizes[symbol]
            self.symbols[symbol] = self.size(space)
        self.bound: dict[int, str] = {}
        self.written: dict[str, None] = {}
        self.listens = True

    def run(self) -> str:
        """The sides, and then what is named in them."""
        named = [(content, self.bind(content)) for content in self.repeated()]
        text = " = ".join(
            self.value(side, [leg.name for leg in side.legs], _Used()) for side in self.sides
        )
        text = self.ordered(text)
        if not named:
            return text
        lines = []
        for content, head in named:
            used = _Used()
            names = [self.fresh(space, used) for space in leg_spaces(content)]
            self.bound.pop(id(content))
            lines.append(f"{_indexed(head, names)} = {self.value(content, names, _Used())}")
            self.bound[id(content)] = head
        where = ", \\; ".join(lines)
        return f"{text} \\quad \\text{{where }} {where}"

    def ordered(self, text: str) -> str:
        """The text of a value alone, with its indices in order where it does not show them so."""
        names = [leg.name for leg in self.sides[0].legs]
        seen = [name for name in self.written if name in names]
        if len(self.sides) > 1 or len(seen) != len(names) or seen == names:
            return text
        return f"\\left[{text}\\right]_{{{indices_latex(names)}}}"

    def write(self, row: Iterable[str]) -> None:
        """Note in which order indices are written; not those inside of what is restricted."""
        if self.listens:
            self.written.update(dict.fromkeys(row))

    def repeated(self) -> list[Value]:
        """The contents to name, inner first: those used more than once, and those too deep."""
        uses = Counter(id(box.content) for term in self.terms for box in term.boxes)
        depth: dict[int, int] = {}
        found = []
        for content in self.contents:
            inner = [depth[id(box.content)] for term in terms_of(content) for box in term.boxes]
            depth[id(content)] = 1 + max(inner, default=0)
            if uses[id(content)] > 1 or depth[id(content)] > _INLINE_DEPTH:
                depth[id(content)] = 0
                found.append(content)
        return found

    def bind(self, content: Value) -> str:
        """A name for a content."""
        number = len(self.bound) + 1
        while {f"r{number}", f"r_{number}"} & {*self.reserved, *self.space_of}:
            number += 1
        self.reserved.add(f"r{number}")
        self.bound[id(content)] = name_latex(f"r{number}")
        return self.bound[id(content)]

    def index_of(self, space: Space) -> str:
        """The index that the size of an unnamed space is written with."""
        if space not in self.leader:
            self.leader[space] = self.fresh(space, _Used())
        return self.leader[space]

    def fresh(self, space: Space, used: _Used) -> str:
        """An index name of this space that is not in use; `used` learns it."""
        number = used.tried.get(space, 0)
        while True:
            name = numbered(space.name, number) if number else space.name
            is_free = name not in used.names and name not in self.reserved
            if is_free and self.space_of.get(name, space) == space:
                self.space_of[name] = space
                used.take(name, space, number)
                return name
            number += 1

    def scalar(self, value: sympy.Expr) -> str:
        """A coefficient."""
        return str(sympy.latex(value, symbol_names=self.symbols, imaginary_unit="ri"))

    def size(self, space: Space) -> str:
        """The size of a space."""
        if space.size is None and not space.declared:
            index = name_latex(self.index_of(space))
            return f"\\dim({index})" if "d" in self.reserved else f"d_{{{index}}}"
        return name_latex(space.name) if space.size is None else self.scalar(space.dimension)

    def value(self, value: Value, names: Sequence[str], used: _Used) -> str:
        """A value whose free legs get these names; `used` are the index names around it."""
        text = ""
        for term in terms_of(value):
            with used.within(names):
                piece = self.term(term, names, used)
            if text:
                text += f" - {piece[1:].lstrip()}" if piece.startswith("-") else f" + {piece}"
            else:
                text = piece
        return text or "0"

    def term(self, term: Diagram, names: Sequence[str], used: _Used) -> str:
        """One term: coefficient, sum signs, factors; an index may occur in any number of them."""
        form = term.spider
        open_at: dict[int, list[str]] = {}
        for name, place in zip(names, form.free, strict=True):
            open_at.setdefault(place, []).append(name)
        index = {place: own[0] for place, own in open_at.items()}
        summed = []
        rows = [*form.ports, *form.group_ports]
        for place in dict.fromkeys(place for row in rows for place in row):
            if place not in index:
                index[place] = self.fresh(form.spaces[place], used)
                summed.append(name_latex(index[place]))
        factors = [self.size(space) for space in form.loops]
        factors += [f"\\sum_{{{', '.join(summed)}}}"] if summed else []
        for label, row in zip(form.labels, form.ports, strict=True):
            factors.append(self.factor(label, [index[place] for place in row], used))
        for thick, *parts in form.group_ports:
            self.write([index[thick], *(index[place] for place in parts)])
            inside = ", ".join(name_latex(index[place]) for place in parts)
            factors.append(f"\\mathbf{{1}}[{name_latex(index[thick])} = ({inside})]")
        met = {place for row in rows for place in row}
        for place, own in open_at.items():
            self.write(own)
            if len(own) > 1:
                factors.append(f"\\delta_{{{indices_latex(own)}}}")
            elif place not in met:
                factors.append(f"\\mathbf{{1}}_{{{indices_latex(own)}}}")
        return self.times(term.coefficient, factors)

    def times(self, coefficient: sympy.Expr, factors: Sequence[str]) -> str:
        """A coefficient before factors."""
        if not factors:
            return self.scalar(coefficient)
        body = " ".join(factors)
        if coefficient == 1:
            return body
        if coefficient == -1:
            return f"- {body}"
        text = self.scalar(coefficient)
        is_sum = coefficient.is_Add or (coefficient.is_Mul and coefficient.args[0].is_Add)
        return f"\\left({text}\\right) {body}" if is_sum else f"{text} {body}"

    def factor(self, node: object, row: Sequence[str], used: _Used) -> str:
        """One node with these indices at its ports."""
        if isinstance(node, Tensor):
            self.write(row)
            return _tensor(node, row)
        if isinstance(node, Box):
            return self.box(node, row, used)
        raise NotationError(f"LaTeX has no word for the node {node!r}")

    def content(self, content: Value, names: Sequence[str], used: _Used, *, listens: bool) -> str:
        """What is inside of a box, by its name where it has one."""
        before, self.listens = self.listens, self.listens and listens
        if id(content) in self.bound:
            text = _indexed(self.bound[id(content)], names)
            self.write(names)
        else:
            text = self.value(content, names, used)
        self.listens = before
        return text

    def box(self, node: Box, row: Sequence[str], used: _Used) -> str:
        """A function of a content, a named content, or a sum in brackets."""
        function, names = node.function, list(row)
        is_mixed = function is not None and bool(function.along)
        if is_mixed and len(set(names)) != len(names):
            names = [self.fresh(space, used) for space in leg_spaces(node.content)]
        exponent = None if function is None else EXPONENTS.get(function.name)
        listens = names == list(row) and exponent is None
        text = self.content(node.content, names, used, listens=listens)
        self.write(row if exponent is None else reversed(row))
        if id(node.content) in self.bound and function is None:
            return text
        if function is not None and function.name in ROUND:
            text = ROUND[function.name].replace("x", text)
            return text if names == list(row) else _restricted(text, names, row)
        text = f"\\left({text}\\right)"
        if exponent is not None:
            return f"{text}^{{{exponent}}}_{{{' '.join(map(name_latex, reversed(row)))}}}"
        if function is not None:
            text = f"{_function(function, names)}\\!{text}"
        return text if names == list(row) else _restricted(text, names, row)


HEADS = ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh")
"""The functions that LaTeX has a word for."""

EXPONENTS = {"inv": "-1", "pinv": "+"}
"""The functions of a matrix, by what is written above it."""

ROUND = {"sqrt": "\\sqrt{x}", "reciprocal": "\\frac{1}{x}", "abs": "\\left|x\\right|"}
"""The functions that are written round their argument x."""


def _restricted(text: str, names: Sequence[str], row: Sequence[str]) -> str:
    """The text at equal indices: `names` are those in it, `row` what they are."""
    equal = ", ".join(f"{name_latex(a)} = {name_latex(b)}" for a, b in zip(names, row, strict=True))
    return f"\\left.{text}\\right|_{{{equal}}}"


def _function(function: Function, names: Sequence[str]) -> str:
    name = function.name.replace("_", "\\_")
    head = f"\\{name}" if name in HEADS else f"\\operatorname{{{name}}}"
    along = ", ".join(name_latex(names[k]) for k in function.along)
    return f"{head}_{{{along}}}" if along else head


def _tensor(tensor: Tensor, row: Sequence[str]) -> str:
    if tensor.name == "causal":
        query, key = map(name_latex, row)
        return f"\\mathbf{{1}}[{key} \\le {query}]"
    if tensor.position >= 0:
        return f"(e_{{{tensor.position}}})_{{{indices_latex(row)}}}"
    if tensor.mark not in MARKS:
        raise NotationError(f"LaTeX has no word for the mark {tensor.mark!r}")
    head = name_latex(tensor.name)
    if tensor.is_inverse:
        exponent = "+" if tensor.mark.endswith("pinv") else "-1"
        head = f"{{{head}}}^{{{exponent}}}" if head.endswith("'") else f"{head}^{{{exponent}}}"
    return _indexed(f"\\overline{{{head}}}" if tensor.is_conj else head, row)


def _indexed(head: str, row: Sequence[str]) -> str:
    if not row:
        return head
    is_group = head.startswith("\\overline")
    head = f"({head})" if has_subscript(head) and not is_group else head
    return f"{head}_{{{indices_latex(row)}}}"
