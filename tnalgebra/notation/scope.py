"""What all parts of elaboration share: the names, spaces and wires of one text, and its errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NoReturn

import sympy

from tnalgebra.errors import LimitError, NotationError
from tnalgebra.notation.declarations import Declarations
from tnalgebra.notation.inference import SpaceTable, Variable
from tnalgebra.notation.names import classify
from tnalgebra.notation.open_terms import Piece, Settled, TensorPart
from tnalgebra.notation.trees import IndexName, Program, Span, Tree


class Scope(ABC):
    """The state of one elaboration.

    shared: the values named with `:=` so far. targets: the names of all of them, target: that of
    the one that is read now. dimensions: the symbol that stands for each `dim(i)` until
    the spaces are known. bound: the index values in a formula of entries. places: where in the text
    each named wire was written. ports: the part and the ports of each tensor met so far.
    """

    def __init__(
        self, program: Program, declarations: Declarations, groups: Mapping[str, Sequence[str]]
    ) -> None:
        self.program = program
        self.text = program.text
        self.declarations = declarations
        self.groups = groups
        self.names = classify(program, declarations, groups)
        self.table = SpaceTable(declarations, program.text)
        self.shared: dict[str, Settled] = {}
        self.targets = {name.name for name, _ in program.shared}
        self.target = ""
        self.dimensions: dict[sympy.Symbol, str] = {}
        self.places: dict[int, Span] = {}
        self.bound: dict[str, sympy.Symbol] = {}
        self.wires = 0
        self.ports: dict[str, tuple[TensorPart, list[Variable]]] = {}

    @abstractmethod
    def piece(self, tree: Tree) -> Piece:
        """The open value of one syntax tree."""

    def fail(self, message: str, span: Span, hint: str | None = None) -> NoReturn:
        """Refuse the text, with a caret under `span`."""
        raise NotationError(message, text=self.text, span=span, hint=hint)

    @contextmanager
    def reading(self, text: str) -> Iterator[None]:
        """Show errors in another text than that of the whole."""
        before = self.text
        self.text = self.table.text = text
        yield
        self.text = self.table.text = before

    @contextmanager
    def at(self, span: Span) -> Iterator[None]:
        """Show an error about a number at its place in the text."""
        try:
            yield
        except (NotationError, LimitError) as error:
            if error.text is None:
                error.text, error.span = self.text, span
            raise

    def wire(self, variable: Variable) -> int:
        """A new wire in the space of `variable`."""
        self.wires += 1
        self.table.attach(self.wires, variable)
        return self.wires

    def wire_like(self, wire: int) -> int:
        """A new wire in the space of another."""
        return self.wire(wire)

    def new_wire(self) -> int:
        """A new wire in a space of its own."""
        self.wires += 1
        self.table.add(self.wires)
        return self.wires

    def scalar(self, piece: Piece, span: Span, what: str, hint: str | None = None) -> sympy.Expr:
        """The sympy expression a piece is; refused where it holds a tensor."""
        value = piece.as_scalar()
        if value is None:
            self.fail(f"{what} needs a number here, not a tensor", span, hint)
        return value

    def matrix(self, piece: Piece, what: str, span: Span) -> Settled:
        """The piece with its sums done; refused unless it has two legs."""
        settled = piece.resolved(self)
        if len(settled.legs) != 2:
            self.fail(f"{what} needs two legs, this has {len(settled.legs)}", span)
        return settled

    def expanded(self, items: Sequence[IndexName]) -> list[IndexName]:
        """The indices, starred groups among them spelled out."""
        found: list[IndexName] = []
        for item in items:
            if not item.starred:
                found.append(item)
            elif item.name in self.groups:
                found += [IndexName(name, item.span) for name in self.groups[item.name]]
            else:
                self.fail(f"*{item.name} is a leg group, which only rules have", item.span)
        return found
