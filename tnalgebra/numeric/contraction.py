"""Contraction of tensors over index classes: planned once by shape, run pairwise, any length.

No step uses letters, so the number of indices has no limit; sizes are taken as checked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Protocol

import opt_einsum

from tnalgebra.numeric.arrays import Array, check_size, permuted, spread, together

Classes = tuple[int, ...]


class Arithmetic(Protocol):
    """The operations that a contraction is made of, and what it may cost."""

    def check(self, how: Plan, entries: int) -> None:
        """Raise LimitError where a plan, or a result of so many entries, costs too much."""

    def add(self, first: Array, second: Array) -> Array:
        """The elementwise sum."""

    def multiply(self, first: Array, second: Array) -> Array:
        """The elementwise product, broadcast."""

    def matmul(self, first: Array, second: Array) -> Array:
        """The batched matrix product."""

    def add_up(self, array: Array, axes: tuple[int, ...]) -> Array:
        """The sum over some axes."""


class FloatArithmetic:
    """Real and complex floating-point arithmetic of numpy or torch."""

    def check(self, how: Plan, entries: int) -> None:
        """Raise LimitError beyond any memory; else numbers may take what they need."""
        check_size(max(how.largest, entries))

    def add(self, first: Array, second: Array) -> Array:
        """The elementwise sum."""
        return first + second

    def multiply(self, first: Array, second: Array) -> Array:
        """The elementwise product, broadcast."""
        return first * second

    def matmul(self, first: Array, second: Array) -> Array:
        """The batched matrix product."""
        first, second = together(first, second)
        return first @ second

    def add_up(self, array: Array, axes: tuple[int, ...]) -> Array:
        """The sum over some axes."""
        return array.sum(axes)


@dataclass(frozen=True, slots=True)
class _Operand:
    """What is done to one array before all else: drop axes of size 1, diagonals, sums."""

    shape: tuple[int, ...]
    diagonals: tuple[tuple[int, int], ...]
    summed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """One pair: each brought to (batch, own, summed) and (batch, summed, own), then multiplied."""

    first: int
    second: int
    first_order: tuple[int, ...]
    first_shape: tuple[int, int, int]
    second_order: tuple[int, ...]
    second_shape: tuple[int, int, int]
    is_product: bool
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a contraction runs.

    axes: the classes of the last array; flops: all multiplications; largest: the entries of the
    largest array that arises.
    """

    operands: tuple[_Operand, ...]
    steps: tuple[_Step, ...]
    axes: Classes
    flops: int
    largest: int


@lru_cache(maxsize=4096)
def plan(inputs: tuple[Classes, ...], output: Classes, sizes: tuple[int, ...]) -> Plan:
    """The pairwise order found by opt_einsum for arrays of these index classes.

    inputs: the class of each axis of each array; output: the classes kept, repeats allowed;
    sizes: by class.

    >>> plan(((0, 1), (1, 2), (2, 0)), (), (2, 3, 4)).flops
    30
    """
    kept = frozenset(output)
    uses = Counter(c for row in inputs for c in set(row))
    operands, rows = [], []
    for row in inputs:
        operand, classes = _prepared(row, kept, uses, sizes)
        operands.append(operand)
        rows.append(classes)
    live: dict[int, Classes] = dict(enumerate(rows))
    uses = Counter(c for row in rows for c in row)
    uses.update(kept)
    flops, largest = 0, max((prod(sizes[c] for c in row) for row in rows), default=1)
    steps: list[_Step] = []
    path = planned_path(rows, kept, dict(enumerate(sizes)))
    for first, second in pairs_of(path, len(rows)):
        a, b = live.pop(first), live.pop(second)
        uses.subtract(a)
        uses.subtract(b)
        step, classes = _step(first, second, a, b, uses, sizes)
        uses.update(classes)
        live[len(rows) + len(steps)] = classes
        steps.append(step)
        flops += prod(sizes[c] for c in {*a, *b})
        largest = max(largest, prod(step.shape))
    axes = next(iter(live.values()), ())
    return Plan(tuple(operands), tuple(steps), axes, flops, largest)


def _prepared(
    row: Classes, kept: frozenset[int], uses: Counter[int], sizes: tuple[int, ...]
) -> tuple[_Operand, Classes]:
    classes = [c for c in row if sizes[c] != 1]
    shape = tuple(sizes[c] for c in classes)
    diagonals = []
    for c in [c for c, count in Counter(classes).items() if count > 1]:
        while classes.count(c) > 1:
            first = classes.index(c)
            second = classes.index(c, first + 1)
            diagonals.append((first, second))
            classes = [x for k, x in enumerate(classes) if k not in (first, second)] + [c]
    summed = tuple(k for k, c in enumerate(classes) if uses[c] == 1 and c not in kept)
    rest = tuple(c for k, c in enumerate(classes) if k not in summed)
    return _Operand(shape, tuple(diagonals), summed), rest


def planned_path(
    rows: Sequence[Sequence[int]], kept: frozenset[int], sizes: Mapping[int, int]
) -> list[tuple[int, ...]]:
    """The order that opt_einsum finds, as its paths are: positions among the arrays still left.

    rows: the distinct classes of each array; what a step makes goes to the end.
    """
    if len(rows) < 2:
        return []
    names = {c for row in rows for c in row}
    return list(
        opt_einsum.paths.auto(
            [frozenset(row) for row in rows],
            frozenset(kept & names),
            {c: sizes[c] for c in names},
        )
    )


def pairs_of(path: Iterable[Sequence[int]], count: int) -> list[tuple[int, int]]:
    """The pairs that a path contracts; arrays are numbered as they come, the given ones first.

    >>> pairs_of([(0, 2), (0, 1)], 3)
    [(0, 2), (1, 3)]
    """
    pairs: list[tuple[int, int]] = []
    live = list(range(count))
    for group in path:
        taken = [live.pop(position) for position in sorted(group, reverse=True)]
        while len(taken) > 1:
            pairs.append((taken.pop(), taken.pop()))
            taken.append(count + len(pairs) - 1)
        live.extend(taken)
    return pairs


def _step(
    first: int, second: int, a: Classes, b: Classes, uses: Counter[int], sizes: tuple[int, ...]
) -> tuple[_Step, Classes]:
    both = [c for c in a if c in b]
    batch = [c for c in both if uses[c] > 0]
    summed = [c for c in both if uses[c] == 0]
    left = [c for c in a if c not in both]
    right = [c for c in b if c not in both]

    def size(classes: Sequence[int]) -> int:
        return prod(sizes[c] for c in classes)

    classes = (*batch, *left, *right)
    step = _Step(
        first,
        second,
        tuple(a.index(c) for c in (*batch, *left, *summed)),
        (size(batch), size(left), size(summed)),
        tuple(b.index(c) for c in (*batch, *summed, *right)),
        (size(batch), size(summed), size(right)),
        not summed,
        tuple(sizes[c] for c in classes),
    )
    return step, classes


def run(how: Plan, arrays: Sequence[Array], arithmetic: Arithmetic) -> Array:
    """The array that the plan ends with, its axes in the order of `how.axes`."""
    live: dict[int, Array] = {}
    for number, (operand, array) in enumerate(zip(how.operands, arrays, strict=True)):
        array = array.reshape(operand.shape)
        for first, second in operand.diagonals:
            array = array.diagonal(0, first, second)
        live[number] = arithmetic.add_up(array, operand.summed) if operand.summed else array
    for number, step in enumerate(how.steps, start=len(live)):
        first = permuted(live.pop(step.first), step.first_order).reshape(step.first_shape)
        second = permuted(live.pop(step.second), step.second_order).reshape(step.second_shape)
        operation = arithmetic.multiply if step.is_product else arithmetic.matmul
        live[number] = operation(first, second).reshape(step.shape)
    (result,) = live.values()
    return result


def contract(
    inputs: Sequence[Classes],
    output: Classes,
    sizes: Sequence[int],
    arrays: Sequence[Array],
    arithmetic: Arithmetic,
) -> Array:
    """Contract at least one array; a class named only in `output` is a copy tensor's own index.

    >>> import numpy as np
    >>> contract([(0, 1), (1,)], (0,), (2, 3), [np.ones((2, 3)), np.ones(3)], FloatArithmetic())
    array([3., 3.])
    """
    sizes = tuple(sizes)
    how = plan(tuple(inputs), output, sizes)
    arithmetic.check(how, prod(sizes[c] for c in output))
    result = run(how, arrays, arithmetic)
    ones = list(dict.fromkeys(c for c in output if sizes[c] == 1))
    axes = (*how.axes, *ones)
    return spread(result.reshape([sizes[c] for c in axes]), axes, output, sizes)
