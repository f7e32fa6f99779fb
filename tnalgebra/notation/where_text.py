"""The `where` line of a printed value: what its text alone would not give back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

import sympy

from tnalgebra.core.facts import fact_text, same_space_ports, sides_apart
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.scalars import is_sayable
from tnalgebra.core.spaces import Space, is_size
from tnalgebra.errors import SpaceError
from tnalgebra.notation.declarations import parse_declarations
from tnalgebra.notation.definitions import Entries
from tnalgebra.notation.inference import SpaceTable, Variable, index_name


class WhereText(ABC):
    """What a printer has gathered, and the declarations that go with it.

    space_of: the space of each index in the text. claims, reshapes: what the text says of the
    spaces of indices. leaders: for each unnamed space whose size is written, the index that `dim`
    is asked of. written: how sizes are written. nameless, spaceless: see the printer.
    """

    tensors: dict[str, Tensor]
    symbols: set[sympy.Symbol]
    space_of: dict[str, Space]
    claims: list[tuple[Variable, Variable]]
    reshapes: list[tuple[str, list[str]]]
    leaders: Mapping[Space, str]
    nameless: set[Space]
    spaceless: set[sympy.Symbol]
    written: dict[sympy.Expr, sympy.Symbol]

    @abstractmethod
    def scalar(self, value: sympy.Expr) -> str:
        """A coefficient or an entry as text."""

    @abstractmethod
    def names(self, spaces: Sequence[Space]) -> list[str]:
        """Different index names of these spaces."""

    def where(self) -> str:
        """The declarations without which the text would not give the same value."""
        parts = [part for name, t in self.tensors.items() for part in self.facts(name, t)]
        parts += [f"{s.name}: real" for s in sorted(self.symbols, key=str) if _is_real(s)]
        apart = {index for tensor in self.tensors.values() for index in self.sided(tensor)}
        found = self.inferred("; ".join(parts))
        text = "; ".join([*self.spaces(found, apart), *parts])
        if self.reshapes and any(isinstance(space.size, int) for space in self.space_of.values()):
            # Sizes keep the parts of thick legs apart, and with them what the text made one.
            told = {i: space for i, space in self.inferred(text).items() if i in self.space_of}
            one: dict[Space, set[Space]] = {}
            for index, inferred in told.items():
                one.setdefault(self.space_of[index], set()).add(inferred)
            lost = {index for index in told if len(one[self.space_of[index]]) > 1}
            text = "; ".join([*self.spaces(found, apart | lost), *parts]) if lost else text
        return text

    def spaces(self, found: Mapping[str, Space], apart: Collection[str]) -> list[str]:
        """What is declared of spaces, given those that the text lets infer.

        apart: indices of which none tells the space of another.
        """
        groups: dict[Space, dict[Hashable, str]] = {}
        meant: dict[Space, set[Space]] = {}
        for index, inferred in found.items():
            meant.setdefault(inferred, set()).add(self.space_of[index])
        for index, inferred in found.items():
            # Where the text would join what declarations keep apart, each index is declared.
            same = inferred if len(meant[inferred]) == 1 and index not in apart else index
            groups.setdefault(self.space_of[index], {}).setdefault(same, index)
        lines = []
        in_formulas = {s for space in groups for s in space.dimension.free_symbols if space.size}
        for space, names in groups.items():
            size = self.size(space, names)
            listed = list(names.values())
            leader = self.leaders.get(space, listed[0])
            lead = ", ".join([leader, *(name for name in listed if name != leader)])
            if space.declared:
                own_last = sorted(listed, key=lambda name: name == space.name)
                lines.append(f"{', '.join(own_last)}: {space.name}{size}")
            elif space.size is not None:
                line = f"{leader}{size}" if len(names) == 1 else f"{lead}: {leader}{size}"
                lines += [line] if size else []
            elif (space in self.leaders or space.dimension in in_formulas) and (
                len(names) > 1 or (space in self.nameless and listed != [leader])
            ):
                lines.append(f"{lead}: {leader}")
        declared = {space.name for space in groups if space.declared}
        for symbol in sorted(self.symbols, key=str):
            unsaid = is_size(symbol) and (symbol not in self.written or symbol in self.spaceless)
            if unsaid and symbol.name not in declared:
                lines.append(f"{symbol.name}: {symbol.name}")
        return lines

    def size(self, space: Space, names: Mapping[Hashable, str]) -> str:
        """The size of a space as a declaration says it; nothing where reshapes in the text do."""
        formula = space.dimension
        (first, *others) = names
        known = isinstance(first, Space) and first.size is not None and not others
        if space.size is None or known:
            return ""
        written = {
            other.dimension: sympy.Symbol(name)
            for name, other in reversed(self.space_of.items())
            if other.size is None and not other.declared
        }
        return f" = {formula.xreplace(written)}"

    def inferred(self, declarations: str) -> dict[str, Space]:
        """The space of each index name as `parse` would infer it from the text."""
        try:
            return self._inferred(declarations, {})
        except SpaceError:
            # A leg with parts of two kinds needs the sizes that are numbers to be said.
            said = {i: space for i, space in self.space_of.items() if isinstance(space.size, int)}
        try:
            return self._inferred(declarations, said) | {index: Space(index) for index in said}
        except SpaceError:
            return {index: Space(index) for index in self.space_of}

    def _inferred(self, declarations: str, said: Mapping[str, Space]) -> dict[str, Space]:
        """The same, where the sizes of some indices are said beside the declarations."""
        declared = parse_declarations(declarations)
        table = SpaceTable(declared, "")
        for name, declaration in declared.tensors.items():
            for port, leg in enumerate(declaration.legs or ()):
                table.join(("port", name, port), ("index", leg))
            for fact in declaration.facts:
                for first, second in same_space_ports(fact):
                    table.join(("port", name, first), ("port", name, second))
        for a, b in self.claims:
            table.add(a)
            table.join(a, b)
        for name, entries in declared.entries.items():
            for port, size in enumerate(entries.shape if isinstance(entries, Entries) else ()):
                table.resize(("port", name, port), sympy.Integer(size), name)
        for index, space in said.items():
            table.resize(("index", index), space.dimension, index)
        for thick, parts in self.reshapes:
            table.split(("index", thick), [("index", part) for part in parts])
        found = ((index_name(variable), space) for variable, space in table.spaces(()).items())
        return {name: space for name, space in found if name is not None}

    def sided(self, tensor: Tensor) -> set[str]:
        """The indices in a tensor's declaration that are one space on two sides of an arrow."""
        spaces = tensor.spaces()
        ports = {
            port
            for _, *pair in sides_apart(tensor.facts)
            if len({spaces[p] for p in pair}) == 1
            for port in pair
        }
        names = self.names(spaces) if ports else []
        return {names[port] for port in ports}

    def facts(self, name: str, tensor: Tensor) -> list[str]:
        """What is declared of one tensor."""
        sided = [fact for fact in tensor.facts if fact.sides]
        formula = tensor.entries if isinstance(tensor.entries, sympy.Lambda) else None
        names = self.names(tensor.spaces()) if sided or formula is not None else []
        parts = []
        if sided and [p for side in sided[0].sides for p in side] != list(range(tensor.rank)):
            parts.append(f"{name}: tensor({', '.join(names)})")
        parts += [f"{name}: {fact_text(fact, names)}" for fact in tensor.facts]
        if isinstance(tensor.entries, sympy.ImmutableDenseNDimArray):
            parts.append(f"{name} = {self.rows(tensor.entries)}")
        # Formulas that text cannot say come from Python alone; from_graph refuses them.
        if formula is not None and is_sayable(formula.expr):
            own = {
                space.dimension: sympy.Symbol(f"dim({index})")
                for index, space in zip(names, tensor.spaces(), strict=True)
                if space.size is None
            }
            indices = dict(zip(formula.variables, map(sympy.Symbol, names), strict=True))
            text = self.scalar(formula.expr.xreplace({**own, **indices}))
            parts.append(f"{name}[{', '.join(names)}] = {text}")
        return parts

    def rows(self, entries: Any) -> str:
        """Explicit entries as nested rows."""
        if not isinstance(entries, sympy.NDimArray):
            return self.scalar(sympy.sympify(entries))
        if not entries.shape:
            return self.scalar(entries[()])
        return f"[{', '.join(self.rows(entries[k]) for k in range(entries.shape[0]))}]"


def _is_real(symbol: sympy.Symbol) -> bool:
    return bool(symbol.is_real) and not is_size(symbol)
