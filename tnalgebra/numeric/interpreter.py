"""One walk over a value that any arithmetic can fill in: floats here, residues there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from tnalgebra.core.inventory import inventory
from tnalgebra.core.nesting import all_tensors, contents
from tnalgebra.core.nodes import Box, Function, Group, Tensor
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram, Value, terms_of
from tnalgebra.numeric.arrays import Array, spread
from tnalgebra.numeric.contraction import Arithmetic, contract
from tnalgebra.numeric.reshaping import Reshaping
from tnalgebra.numeric.slices import Classes, Slices, remaining, sliced


@dataclass(frozen=True)
class Needs:
    """What a value is made of: unmarked tensors, spaces, symbols and reshapes, boxes entered.

    tensors: by name, builtin ones left out, which share a name between spaces. least: by space
    name, the smallest size that the space's unit vectors allow. symbols: those of coefficients and
    entries, sizes left out. expressions: these themselves.
    """

    tensors: dict[str, Tensor]
    spaces: tuple[Space, ...]
    least: dict[str, int]
    symbols: tuple[sympy.Symbol, ...]
    expressions: tuple[sympy.Expr, ...]
    groups: tuple[Group, ...]


def needs(*values: Value) -> Needs:
    """Everything that evaluating these values asks for."""
    tensors: dict[str, Tensor] = {}
    spaces: dict[Space, None] = {}
    least: dict[str, int] = {}
    expressions: list[sympy.Expr] = []
    groups: list[Group] = []
    for value in values:
        for tensor in all_tensors(value):
            if tensor.is_builtin:
                space = tensor.spaces()[0]
                least[space.name] = max(least.get(space.name, 1), tensor.position + 1)
            elif tensor.name not in tensors:
                tensors[tensor.name] = tensor.base()
                expressions += [tensor.entries] if tensor.entries is not None else []
        for content in [*contents(value), value]:
            spaces.update(dict.fromkeys(leg.space for leg in content.legs if leg.space))
            groups += inventory(content).groups
            for term in terms_of(content):
                spaces.update(dict.fromkeys(term.spaces))
                expressions.append(term.coefficient)
    for tensor in tensors.values():
        spaces.update(dict.fromkeys(tensor.spaces()))
    sized = {symbol.name for space in spaces for symbol in space.dimension.free_symbols}
    sized |= {space.name for space in spaces}
    found = set().union(*(expression.free_symbols for expression in expressions))
    symbols = [s for s in found if not (s.name in sized and s.is_integer)]
    return Needs(
        tensors,
        tuple(spaces),
        least,
        tuple(sorted(symbols, key=sympy.default_sort_key)),
        tuple(expressions),
        tuple(groups),
    )


class Interpreter(ABC):
    """Contracts a value from the inside out; each distinct content once."""

    arithmetic: Arithmetic
    batch: int | None = None
    """The length of the leading axis that every array has, or None where there is no such axis."""

    @abstractmethod
    def size(self, space: Space) -> int:
        """The size of a space."""

    @abstractmethod
    def tensor(self, tensor: Tensor) -> Array:
        """The array of a tensor with its mark, axes in the order of `tensor.legs`."""

    @abstractmethod
    def number(self, coefficient: sympy.Expr) -> Array:
        """A coefficient as an array that has the leading axis alone."""

    @abstractmethod
    def apply(self, function: Function, array: Array) -> Array:
        """A function of an array."""

    @abstractmethod
    def zeros(self, shape: Sequence[int]) -> Array:
        """An array of zeros, the leading axis included in `shape`."""

    def run(self, value: Value) -> Array:
        """The array of the value, axes in the order of `value.legs` after the leading axis."""
        self._results: dict[int, Array] = {}
        self._applied: dict[tuple[int, Function], Array] = {}
        for content in [*contents(value), value]:
            self._results[id(content)] = self._value(content)
        return self._results[id(value)]

    def parts(self, term: Diagram) -> list[Array]:
        """The array of each tensor and box of a diagram, in the order of its normal form."""
        self._results, self._applied = {}, {}
        for content in contents(term):
            self._results[id(content)] = self._value(content)
        return [self._node(label) for label in term.normal.labels]

    def _value(self, value: Value) -> Array:
        terms = terms_of(value)
        if not terms:
            lead = [] if self.batch is None else [self.batch]
            return self.zeros(lead + [self.size(leg.space) for leg in value.legs if leg.space])
        result = self._term(terms[0])
        for term in terms[1:]:
            result = self.arithmetic.add(result, self._term(term))
        return result

    def _term(self, term: Diagram) -> Array:
        form = term.normal
        sizes = [self.size(space) for space in form.spaces]
        lead = () if self.batch is None else (len(sizes),)
        sizes += [] if self.batch is None else [self.batch]
        split = Reshaping(form.groups, form.group_ports)
        output = lead + split.row(form.free)
        scalar = term.coefficient * form.scalar
        rows = [split.row(row) for row in form.ports]
        slices = Slices(form.labels, rows, output)
        points = slices.points(sizes)
        inputs: list[Classes] = []
        arrays: list[Array] = []

        def add(array: Array, row: Classes) -> None:
            arrays.append(sliced(array, row, points, sizes))
            inputs.append(remaining(row, points))

        for number in slices.left(points):
            add(self._node(form.labels[number]), lead + rows[number])
        for thick, row in split.others:
            unit = spread(self.number(sympy.Integer(1)), lead, (*lead, thick, thick), sizes)
            add(unit, lead + split.row((thick, *row)))
        for c, point in points.items():
            if point is None:
                sizes[c] = 0
        if arrays:
            result = contract(inputs, output, sizes, arrays, self.arithmetic)
        else:
            result = spread(self.number(sympy.Integer(1)), lead, output, sizes)
        result = result.reshape([sizes[index] for index in (*lead, *form.free)])
        if scalar == 1:
            return result
        factor = self.number(scalar)
        shape = [*factor.shape, *[1] * len(form.free)]
        return self.arithmetic.multiply(result, factor.reshape(shape))

    def _node(self, label: Tensor | Box) -> Array:
        return self.tensor(label) if isinstance(label, Tensor) else self._box(label)

    def _box(self, box: Box) -> Array:
        if box.function is None:
            return self._results[id(box.content)]
        key = (id(box.content), box.function)
        if key not in self._applied:
            self._applied[key] = self.apply(box.function, self._results[id(box.content)])
        return self._applied[key]
