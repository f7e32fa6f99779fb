"""How many terms an expansion has, and which one stands at a given place, without listing any."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from tnalgebra.errors import LimitError

MODES = ("linear", "telescoped", "frozen")
MAX_DIGITS = 1_000_000
MAX_LAYERS = 10_000
SHOWN_DIGITS = 30


def count_text(count: int) -> str:
    """A whole number as shown to people: rounded where it has more than SHOWN_DIGITS digits.

    >>> count_text(1010), count_text(-(10**4567) * 49 // 40)
    ('1010', 'about -1.2e+4567')
    """
    if abs(count) < 10**SHOWN_DIGITS:
        return str(count)
    fraction, power = math.modf(math.log10(abs(count)))
    digits, carry = f"{10**fraction:.1e}".split("e")
    return f"about {'-' if count < 0 else ''}{digits}e+{int(power) + int(carry)}"


@dataclass(frozen=True, slots=True)
class Address:
    """One term: the input itself (layer -1), or a layer's attention with a term in each slot.

    `slots` are the query, key and value sources, or the value source alone where patterns are
    frozen; `head` is None where heads are not split. Layers and heads count from 0.
    """

    index: int
    layer: int = -1
    head: int | None = None
    slots: tuple[Address, ...] = ()

    def _occurrences(self) -> Iterator[Address]:
        """This term and those in its slots, all the way down, in the order of the label."""
        waiting = [self]
        while waiting:
            address = waiting.pop()
            yield address
            waiting.extend(reversed(address.slots))

    @property
    def order(self) -> int:
        """The number of attention occurrences, with multiplicity."""
        return sum(bool(address.slots) for address in self._occurrences())

    @property
    def kind(self) -> str:
        """The slots of the last attention that do not hold the input, such as "QK"; or "none"."""
        names = "QKV" if len(self.slots) == 3 else "V"
        used = [name for name, slot in zip(names, self.slots, strict=False) if slot.index]
        return "".join(used) or "none"

    @property
    def heads(self) -> tuple[str, ...]:
        """The heads, each as often as it occurs, in the order of the label; none if not split."""
        return tuple(one._name for one in self._occurrences() if one.head is not None)

    @property
    def label(self) -> str:
        """Such as "L1(L0,x,x)"; inside another label L0 stands for L0(x,x,x)."""
        pieces: list[str] = []
        waiting: list[Address | str] = [self]
        while waiting:
            piece = waiting.pop()
            if isinstance(piece, str):
                pieces.append(piece)
            elif not piece.slots:
                pieces.append("x")
            else:
                pieces.append(piece._name)
                if piece.layer or piece is self:
                    first, *others = piece.slots
                    inner = [part for slot in others for part in (",", slot)]
                    waiting.extend(reversed(["(", first, *inner, ")"]))
        return "".join(pieces)

    @property
    def _name(self) -> str:
        return f"L{self.layer}" if self.head is None else f"L{self.layer}H{self.head}"


class Numbering:
    """The terms of an expansion in their stated order.

    The sources of a layer are all terms of the layers before it, T of them; its own terms follow,
    by head (H of them where heads are split), then query, key and value source, the last fastest:
    T' = T + H T^3 terms, or T' = T + H T where patterns are frozen (post, C5).

    >>> Numbering(4, 1, slots=3).counts
    (1, 2, 10, 1010, 1030302010)
    >>> Numbering(12, 12, slots=1).count
    23298085122481
    """

    def __init__(self, layers: int, heads: int, *, slots: int, split: bool = False) -> None:
        if layers > MAX_LAYERS:
            raise LimitError(
                f"{layers} layers are too many to expand; the limit is {MAX_LAYERS}",
                hint="expand fewer layers",
            )
        counts = [1]
        for _ in range(layers):
            counts.append(counts[-1] + heads * counts[-1] ** slots)
            if counts[-1].bit_length() > 3.3 * MAX_DIGITS:
                raise LimitError(
                    f"the number of terms after {layers} layers has more than {MAX_DIGITS} digits",
                    hint="freeze the patterns, or expand fewer layers",
                )
        self.counts: tuple[int, ...] = tuple(counts)
        self.heads = heads
        self.slots = slots
        self.split = split

    @property
    def count(self) -> int:
        """The number of all terms."""
        return self.counts[-1]

    def digits(self, index: int) -> tuple[int, int, tuple[int, ...]]:
        """The layer, head and source numbers of the term at `index`, which is not the input."""
        layer = bisect_right(self.counts, index) - 1
        rest, base = index - self.counts[layer], self.counts[layer]
        digits: list[int] = []
        for _ in range(self.slots):
            rest, digit = divmod(rest, base)
            digits.append(digit)
        return layer, rest, tuple(reversed(digits))

    def address(self, index: int) -> Address:
        """The term at `index`; a loop follows the value sources, the others are few layers deep."""
        chain = []
        while index:
            layer, head, sources = self.digits(index)
            chain.append((index, layer, head if self.split else None, sources))
            index = sources[-1]
        address = Address(0)
        for number, layer, head_number, (*others, _) in reversed(chain):
            slots = (*(self.address(source) for source in others), address)
            address = Address(number, layer, head_number, slots)
        return address
