"""The indexed form: sums over Indexed entries, the free legs as symbols; it says every value."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from tnalgebra.core.functions import applied
from tnalgebra.core.nesting import all_tensors, contents
from tnalgebra.core.nodes import Box, Function, Tensor
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram, Value, terms_of
from tnalgebra.core.words import numbered
from tnalgebra.errors import LimitError, NotationError
from tnalgebra.symbolic.functions import mask
from tnalgebra.symbolic.writing import Writer

MOST_FACTORS = 5_000
"""How many factors are written out at most: an expression of sympy repeats what is shared."""

_LETTERS = "ijklmpqrstuvwxyzabcdefgh"


def indexed_form(writer: Writer) -> sympy.Expr:
    """The value as an expression in the symbols of its free legs."""
    return _Indexed(writer).run()


class _Indexed:
    def __init__(self, writer: Writer) -> None:
        value = writer.value
        every = [*contents(value), value]
        _check_length(every)
        symbols = {
            symbol
            for one in every
            for term in terms_of(one)
            for symbol in writer.coefficient(term).free_symbols
        }
        legs = {leg.name for leg in value.legs}
        # a size that is called like an index is told apart from it
        clash = {
            size: sympy.Symbol(f"dim({size.name})", integer=True, positive=True)
            for one in every
            for term in terms_of(one)
            for space in term.spaces
            for size in writer.size(space).free_symbols
            if size.name in legs
        }
        self.writer = Writer(value, {**writer.sizes, **clash})
        self.taken = {symbol.name for symbol in symbols} | legs
        self.taken |= {tensor.name for tensor in all_tensors(value)}
        sizes = (writer.size(s) for one in every for t in terms_of(one) for s in t.spaces)
        self.taken |= {symbol.name for size in sizes for symbol in size.free_symbols}

    def run(self) -> sympy.Expr:
        """The whole value."""
        value = self.writer.value
        return self.value(
            value, [sympy.Symbol(leg.name, integer=True) for leg in value.legs], set()
        )

    def value(self, value: Value, indices: Sequence[sympy.Symbol], used: set[str]) -> sympy.Expr:
        """A value with these symbols for its free legs; `used` are names of indices around."""
        return sympy.Add(*(self.term(term, indices, {*used}) for term in terms_of(value)))

    def fresh(self, space: Space, used: set[str]) -> sympy.Symbol:
        """A new symbol for an index: by the name of an unnamed space, else the next letter."""
        stems = [space.name] if not space.declared else list(_LETTERS)
        number = 0
        while True:
            for stem in stems:
                name = numbered(stem, number) if number else stem
                if name not in self.taken and name not in used:
                    used.add(name)
                    return sympy.Symbol(name, integer=True)
            number += 1

    def term(self, term: Diagram, indices: Sequence[sympy.Symbol], used: set[str]) -> sympy.Expr:
        """One term: its factors, summed over every index that is not free."""
        form = term.spider
        at: dict[int, sympy.Symbol] = {}
        factors = [self.writer.coefficient(term)]
        for index, symbol in zip(form.free, indices, strict=True):
            if index in at:
                factors.append(self.delta(at[index], symbol, form.spaces[index]))
            at.setdefault(index, symbol)
        inner = [index for index in range(len(form.spaces)) if index not in at]
        for index in inner:
            at[index] = self.fresh(form.spaces[index], used)
        for label, row in zip(form.labels, form.ports, strict=True):
            factors.append(self.label(label, [at[index] for index in row], used))
        for group, (thick, *parts) in zip(form.groups, form.group_ports, strict=True):
            place = sympy.Integer(0)
            for space, part in zip(group.parts, parts, strict=True):
                place = place * self.writer.size(space) + at[part]
            factors.append(self.delta(at[thick], place, group.thick))
        body = sympy.Mul(*factors)
        limits = [(at[index], 0, self.writer.size(form.spaces[index]) - 1) for index in inner]
        return sympy.Sum(body, *limits) if limits else body

    def label(self, label: Tensor | Box, row: Sequence[sympy.Symbol], used: set[str]) -> sympy.Expr:
        """An entry of a tensor, or of a box whose content is written out in place."""
        if isinstance(label, Box):
            if label.function is None:
                return self.value(label.content, row, used)
            return self.function(label, label.function, row, used)
        if not label.rank:
            return self.writer.number(label)
        if label.is_inverse:
            inverse = self.writer.matrix(label if not label.is_conj else label.conj())
            found = inverse[tuple(row)]
        elif label.position >= 0:
            found = self.delta(sympy.Integer(label.position), row[0], label.spaces()[0])
        elif label.name == "causal":
            found = mask(*row)
        elif label.entries is not None:
            found = self.writer.entry(label.base(), row)
        else:
            shape = self.writer.sizes_of(label.spaces())
            found = sympy.IndexedBase(label.name, shape=shape)[tuple(row)]
        return sympy.conjugate(found) if label.is_conj else found

    def delta(self, first: sympy.Expr, second: sympy.Expr, space: Space) -> sympy.Expr:
        """1 where two indices agree, with their range: no tensor may be there to tell it."""
        return sympy.KroneckerDelta(first, second, (0, self.writer.size(space) - 1))

    def function(
        self, box: Box, function: Function, row: Sequence[sympy.Symbol], used: set[str]
    ) -> sympy.Expr:
        """A function of entries; a softmax is an exponential divided by the sum of all."""
        if function.name not in ("softmax", "causal_softmax"):
            found = applied(function.name, self.value(box.content, row, used))
            if found is None:
                raise NotationError(f"sympy has no word for {function.name}")
            return found
        along = function.along[-1]
        space = box.legs[along].space
        assert space is not None
        other = self.fresh(space, used)
        weight = self.weight(box, function, row, used)
        if row.count(row[along]) == 1:
            # not written anew: the indices that are summed inside are called alike
            beside = weight.xreplace({row[along]: other})
        else:
            places = [other if axis == along else index for axis, index in enumerate(row)]
            beside = self.weight(box, function, places, used)
        return weight / sympy.Sum(beside, (other, 0, self.writer.size(space) - 1))

    def weight(
        self, box: Box, function: Function, row: Sequence[sympy.Symbol], used: set[str]
    ) -> sympy.Expr:
        """The exponential of an entry; 0 where a causal softmax does not look."""
        found = sympy.exp(self.value(box.content, row, used))
        if function.name == "softmax":
            return found
        query, key = (row[axis] for axis in function.along)
        return found * mask(query, key)


def _check_length(every: Sequence[Value]) -> None:
    """Raise LimitError where a value, its shared contents repeated, would be too long."""
    length: dict[int, int] = {}
    for one in every:
        boxes = [box for term in terms_of(one) for box in term.boxes]
        repeated = sum((1 + _is_softmax(box)) * length[id(box.content)] for box in boxes)
        length[id(one)] = repeated + sum(
            1 + len(term.spider.labels) + len(term.spider.groups) for term in terms_of(one)
        )
    if length[id(every[-1])] > MOST_FACTORS:
        raise LimitError(
            f"written out, the value has {length[id(every[-1])]} factors, not {MOST_FACTORS}",
            hint='use as_="array", which keeps shared values shared',
        )


def _is_softmax(box: Box) -> bool:
    return box.function is not None and bool(box.function.along)
