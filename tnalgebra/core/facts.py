"""Declared facts about tensors: each kind once, with its legs, symmetries and consequences.

This file needs the standard library and the errors alone, because the proof replayer trusts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from math import factorial, prod
from typing import Literal

from tnalgebra.errors import DeclarationError, LimitError

MOST_ELEMENTS = 50_000

Sides = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """One declared fact: its kind and the ports it speaks of, one tuple of ports a side.

    >>> Fact("isometry", ((0, 1), (2,)))
    Fact(kind='isometry', sides=((0, 1), (2,)))
    """

    kind: str
    sides: Sides = ()


@dataclass(frozen=True, slots=True)
class FactKind:
    """How one kind of fact is written and what it says.

    shape: "arrow" (`m, n -> a`), "pair" (`i, j`), "pair or arrow", "legs" (`i, j, k` or grouped
    `(i, k), (j, l)`), "leg" (`i`), or "bare" (no legs). same_space: its sides, leg by leg, share
    their spaces (for "pair or arrow" only when written as a pair).
    """

    shape: Literal["arrow", "pair", "pair or arrow", "legs", "leg", "bare"]
    same_space: bool = False
    doc: str = ""


KINDS: dict[str, FactKind] = {
    "isometry": FactKind("arrow", doc="conj(V)[m,a]*V[m,b] == eye[a,b]; base legs -> tip legs"),
    "unitary": FactKind("pair or arrow", True, "an isometry both ways"),
    "orthogonal": FactKind("pair or arrow", True, "unitary and real"),
    "permutation": FactKind("pair", True, "one 1 in each row and column, all else 0"),
    "invertible": FactKind("pair", True, "A[i,j]*inv(A)[j,k] == eye[i,k]"),
    "right_invertible": FactKind("arrow", doc="Y[b,c]*pinv(Y)[c,d] == eye[b,d]; small -> large"),
    "hermitian": FactKind("pair", True, "conj(H)[j,i] == H[i,j]"),
    "projector": FactKind("pair", True, "hermitian and idempotent: orthogonal, of any rank"),
    "idempotent": FactKind("pair", True, "E[i,j]*E[j,k] == E[i,k]"),
    "diagonal": FactKind("pair", True, "zero unless both indices are equal"),
    "stochastic": FactKind("pair", doc="A[q,k]*ones[k] == ones[q]; entries of any sign"),
    "onehot": FactKind("leg", doc="a unit vector, 1 at one unknown place"),
    "symmetric": FactKind("legs", True, "unchanged when its sides are permuted"),
    "antisymmetric": FactKind("legs", True, "changes sign when two of its sides are exchanged"),
    "real": FactKind("bare", doc="conj(R) == R"),
}


def fact_text(fact: Fact, legs: Sequence[str]) -> str:
    """A fact of a tensor with these legs, as declarations write it.

    >>> fact_text(Fact("isometry", ((0, 1), (2,))), "mna")
    'isometry(m, n -> a)'
    """
    if not fact.sides:
        return fact.kind
    sides = [", ".join(legs[port] for port in side) for side in fact.sides]
    shape, grouped = KINDS[fact.kind].shape, any(len(side) > 1 for side in fact.sides)
    if shape == "arrow" or (shape == "pair or arrow" and grouped):
        return f"{fact.kind}({' -> '.join(sides)})"
    if grouped:
        sides = [f"({side})" for side in sides]
    return f"{fact.kind}({', '.join(sides)})"


SIGNS = {"symmetric": 1, "antisymmetric": -1}
"""The facts that let sides change places, with the sign of one exchange."""


def implied(fact: Fact) -> Iterator[Fact]:
    """The fact itself and everything that follows from it.

    >>> sorted(f.kind for f in implied(Fact("orthogonal", ((0,), (1,)))))
    ['invertible', 'isometry', 'isometry', 'orthogonal', 'real', 'unitary']
    """
    yield fact
    if fact.kind == "permutation":
        yield Fact("stochastic", fact.sides)
        yield Fact("stochastic", fact.sides[::-1])
        yield from implied(Fact("orthogonal", fact.sides))
    elif fact.kind == "orthogonal":
        yield Fact("real")
        yield from implied(Fact("unitary", fact.sides))
    elif fact.kind == "unitary":
        row, column = fact.sides
        yield Fact("isometry", (row, column))
        yield Fact("isometry", (column, row))
        if len(row) == len(column) == 1:
            yield Fact("invertible", fact.sides)
    elif fact.kind == "projector":
        yield Fact("hermitian", fact.sides)
        yield Fact("idempotent", fact.sides)
    elif fact.kind == "diagonal":
        yield Fact("symmetric", tuple(sorted(fact.sides)))
    elif fact.kind == "onehot":
        yield Fact("real")


def same_space_ports(fact: Fact) -> list[tuple[int, int]]:
    """The pairs of ports that a fact puts in one space."""
    if not KINDS[fact.kind].same_space:
        return []
    if fact.kind not in SIGNS and any(len(side) != 1 for side in fact.sides):
        return []
    first = fact.sides[0]
    return [pair for side in fact.sides[1:] for pair in zip(first, side, strict=True)]


def sides_apart(facts: Iterable[Fact]) -> Iterator[tuple[Fact, int, int]]:
    """The pairs of ports that only the user, and no inference, may put in one space.

    They are the two sides of each arrow, less those that another fact puts in one space, each
    with its fact.

    >>> [pair[1:] for pair in sides_apart([Fact("isometry", ((0, 1), (2,)))])]
    [(0, 2), (1, 2)]
    >>> list(sides_apart([Fact("isometry", ((0,), (1,))), Fact("hermitian", ((0,), (1,)))]))
    []
    """
    facts = list(facts)
    one_space: list[set[int]] = []
    for pair in (set(pair) for fact in facts for pair in same_space_ports(fact)):
        met = [group for group in one_space if group & pair]
        one_space = [group for group in one_space if not group & pair] + [pair.union(*met)]
    for fact in facts:
        if KINDS[fact.kind].shape in ("legs", "leg", "bare") or same_space_ports(fact):
            continue
        for a, b in product(*fact.sides):
            if not any({a, b} <= group for group in one_space):
                yield fact, a, b


def closure(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """All facts that follow from the given ones, sorted, each once."""
    return tuple(sorted({one for fact in facts for one in implied(fact)}))


class PortGroup:
    """The permutations of a tensor's ports that leave it unchanged up to a sign.

    A block is one symmetric or antisymmetric fact: its sides may change places, each exchange at
    the block's sign. Blocks that share no port are handled side by side; only blocks that overlap
    need every permutation listed.

    >>> group = PortGroup(3, [Fact("antisymmetric", ((0,), (2,)))])
    >>> group.least((5, 1, 2)), group.sign((2, 1, 0)), group.sign((1, 0, 2))
    ((2, 1, 5), -1, 0)
    """

    def __init__(self, rank: int, facts: Iterable[Fact]) -> None:
        self.rank = rank
        found = [fact for fact in closure(facts) if fact.kind in SIGNS]
        self.blocks: tuple[Sides, ...] = tuple(fact.sides for fact in found)
        self.signs: tuple[int, ...] = tuple(SIGNS[fact.kind] for fact in found)
        self.trivial = not self.blocks
        self.is_signed = -1 in self.signs
        used = [port for sides in self.blocks for side in sides for port in side]
        self.is_separate = len(used) == len(set(used))
        self._elements: dict[tuple[int, ...], int] | None = None
        orbit = list(range(rank))
        for sides in self.blocks:
            for ports in zip(*sides, strict=True):
                low = min(orbit[port] for port in ports)
                old = {orbit[port] for port in ports}
                orbit = [low if value in old else value for value in orbit]
        self.orbits: tuple[int, ...] = tuple(orbit)

    def elements(self) -> Mapping[tuple[int, ...], int]:
        """Every permutation with its sign: position k takes the port that stood at result[k].

        Raises LimitError where there are more than 50 000, and DeclarationError for facts that
        make the tensor zero.
        """
        if self._elements is None:
            if self.is_separate and prod(factorial(len(s)) for s in self.blocks) > MOST_ELEMENTS:
                raise self._too_many()
            identity = tuple(range(self.rank))
            generators = []
            for sides, sign in zip(self.blocks, self.signs, strict=True):
                for first, second in pairwise(sides):
                    swap = list(identity)
                    for a, b in zip(first, second, strict=True):
                        swap[a], swap[b] = b, a
                    generators.append((tuple(swap), sign))
            found, fresh = {identity: 1}, [identity]
            while fresh:
                element = fresh.pop()
                for generator, sign in generators:
                    new = tuple(element[port] for port in generator)
                    if new not in found:
                        found[new] = found[element] * sign
                        fresh.append(new)
                    elif found[new] != found[element] * sign:
                        raise DeclarationError(
                            f"{self._names()} together leave no tensor but zero",
                            hint="an exchange of legs cannot both keep the sign and change it",
                        )
                if len(found) > MOST_ELEMENTS:
                    raise self._too_many()
            self._elements = dict(sorted(found.items()))
        return self._elements

    def check(self) -> None:
        """Raise DeclarationError where the facts together make the tensor zero."""
        if self.is_signed and not self.is_separate:
            self.elements()

    def _names(self) -> str:
        texts = []
        for sides, sign in zip(self.blocks, self.signs, strict=True):
            names = [f"({', '.join(map(str, s))})" if len(s) > 1 else str(s[0]) for s in sides]
            kind = "symmetric" if sign == 1 else "antisymmetric"
            texts.append(f"{kind}({', '.join(names)})")
        return " and ".join(texts)

    def _too_many(self) -> LimitError:
        return LimitError(
            f"{self._names()} allow more than {MOST_ELEMENTS} orders of the ports",
            hint="declare a symmetry between fewer legs, counted here from 0",
        )

    def least(self, row: Sequence[int]) -> tuple[int, ...]:
        """The arrangement of `row` (one number a port) that stands for all the group allows.

        The sides of each block stand in ascending order; where blocks overlap it is the smallest.
        """
        return self.settled(row)[0]

    def settled(self, row: Sequence[int]) -> tuple[tuple[int, ...], int]:
        """The least arrangement of `row` and the sign of reaching it; 0 where both signs do."""
        if self.trivial:
            return tuple(row), 1
        if not self.is_separate:
            found: dict[tuple[int, ...], set[int]] = {}
            for element, sign in self.elements().items():
                found.setdefault(tuple(row[port] for port in element), set()).add(sign)
            least = min(found)
            return least, sum(found[least])
        result, sign = list(row), 1
        for sides, exchange in zip(self.blocks, self.signs, strict=True):
            places = sorted(sides)
            values = [tuple(row[port] for port in side) for side in places]
            ordered = sorted(values)
            if exchange == -1:
                sign *= _parity(values)
            for side, numbers in zip(places, ordered, strict=True):
                for port, number in zip(side, numbers, strict=True):
                    result[port] = number
        return tuple(result), sign

    def arrangement(self, row: Sequence[int], target: Sequence[int]) -> tuple[int, ...] | None:
        """An allowed permutation, of either sign, that turns `row` into `target`, or None."""
        if tuple(row) == tuple(target):
            return tuple(range(self.rank))
        if not self.is_separate:
            for element in self.elements():
                if all(row[p] == value for p, value in zip(element, target, strict=True)):
                    return element
            return None
        result = list(range(self.rank))
        for sides in self.blocks:
            unused: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
            for side in sides:
                unused.setdefault(tuple(row[port] for port in side), []).append(side)
            for side in sides:
                sources = unused.get(tuple(target[port] for port in side))
                if not sources:
                    return None
                for port, source in zip(side, sources.pop(), strict=True):
                    result[port] = source
        ok = all(row[p] == value for p, value in zip(result, target, strict=True))
        return tuple(result) if ok else None

    def sign(self, permutation: Sequence[int]) -> int:
        """The sign at which the group holds this permutation of ports; 0 where it does not."""
        row = tuple(range(self.rank))
        if tuple(sorted(permutation)) != row:
            return 0
        arrangement, sign = self.settled(permutation)
        return sign if arrangement == self.settled(row)[0] else 0

    def negation(self, row: Sequence[int]) -> tuple[int, ...] | None:
        """A permutation of sign -1 that leaves `row` as it is, or None."""
        if not self.is_separate:
            for element, sign in self.elements().items():
                if sign == -1 and tuple(row[port] for port in element) == tuple(row):
                    return element
            return None
        for sides, exchange in zip(self.blocks, self.signs, strict=True):
            for first, second in combinations(sides, 2) if exchange == -1 else ():
                if all(row[a] == row[b] for a, b in zip(first, second, strict=True)):
                    result = list(range(self.rank))
                    for a, b in zip(first, second, strict=True):
                        result[a], result[b] = b, a
                    return tuple(result)
        return None


def _parity(values: Sequence[tuple[int, ...]]) -> int:
    """The sign of the permutation that sorts these values; 0 where two are equal."""
    order = sorted(range(len(values)), key=values.__getitem__)
    if any(values[a] == values[b] for a, b in pairwise(order)):
        return 0
    sign = 1
    for k in range(len(order)):
        while order[k] != k:
            other = order[k]
            order[k], order[other] = order[other], other
            sign = -sign
    return sign
