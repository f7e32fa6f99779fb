"""How many terms an expansion has, and which one stands at a given place, without listing any."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from tnalgebra.errors import LimitError

MODES = ("linear", "telescoped", "frozen")
MAX_DIGITS = 1_000_000


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

    @property
    def order(self) -> int:
        """The number of attention occurrences, with multiplicity."""
        return len(self.slots[:1]) + sum(slot.order for slot in self.slots)

    @property
    def kind(self) -> str:
        """The slots of the last attention that do not hold the input, such as "QK"; or "none"."""
        names = "QKV" if len(self.slots) == 3 else "V"
        used = [name for name, slot in zip(names, self.slots, strict=False) if slot.index]
        return "".join(used) or "none"

    @property
    def heads(self) -> tuple[str, ...]:
        """The heads, each as often as it occurs, in the order of the label; none if not split."""
        own = () if self.head is None else (f"L{self.layer}H{self.head}",)
        return own + tuple(name for slot in self.slots for name in slot.heads)

    @property
    def label(self) -> str:
        """Such as "L1(L0,x,x)"; inside another label L0 stands for L0(x,x,x)."""
        if not self.slots:
            return "x"
        return f"{self._name}({','.join(slot._nested for slot in self.slots)})"

    @property
    def _name(self) -> str:
        return f"L{self.layer}" if self.head is None else f"L{self.layer}H{self.head}"

    @property
    def _nested(self) -> str:
        return self._name if self.layer == 0 else self.label


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
        """The term at `index`; the recursion is at most as deep as there are layers."""
        if index == 0:
            return Address(0)
        layer, head, sources = self.digits(index)
        slots = tuple(self.address(source) for source in sources)
        return Address(index, layer, head if self.split else None, slots)
