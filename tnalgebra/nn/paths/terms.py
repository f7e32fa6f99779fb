"""The diagrams of single terms: literal, telescoped over prefix sums, or of frozen patterns."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from tnalgebra.core.values import Diagram
from tnalgebra.nn.paths.address import Address, Numbering
from tnalgebra.nn.product import Part, product, shared, summed
from tnalgebra.nn.transformer import Transformer

_KEPT = 4096


class TermBuilder:
    """Makes terms' diagrams [pos, hidden]; parts used twice are one object, within a term always.

    Telescoped terms follow the post's C2. With the prefix sums P_i = s_1 + ... + s_i of a layer's
    sources and f(i, j) the pattern of query P_i and key P_j, the term (i, j, v) is the mixed
    difference D_ij = f(i, j) - f(i-1, j) - f(i, j-1) + f(i-1, j-1) on the value s_v.
    """

    def __init__(self, transformer: Transformer, numbering: Numbering) -> None:
        self.transformer = transformer
        self.numbering = numbering
        self._made: dict[Hashable, Part] = {}

    def diagram(self, address: Address) -> Diagram:
        """The term at an address, unembedded where the model has a vocabulary."""
        if len(self._made) > _KEPT:
            self._made.clear()
        return self.transformer.unembed(self._source(address))

    def _once(self, name: Hashable, make: Callable[[], Part]) -> Part:
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def _source(self, address: Address) -> Part:
        if address.layer < 0:
            return self.transformer.stream(0)
        if len(address.slots) == 1:
            return self._path(address)
        return self._once(("source", address.index), lambda: self._attention(address))

    def _path(self, address: Address) -> Diagram:
        """A term of frozen patterns: one product, of as many factors as the layers it visits."""
        model = self.transformer
        patterns: list[tuple[Part, str]] = []
        circuits: list[list[tuple[Part, str]]] = []
        after, depth = "pos hidden", 0
        while address.slots:
            depth += 1
            before = f"p{depth} d{depth}"
            (out_at, out), (at, into) = after.split(), before.split()
            head, inner = f"n{depth}", f"e{depth}"
            layer = address.layer
            patterns.append((model.tensors[f"A{layer}"], f"{head} {out_at} {at}"))
            circuits.append(
                [
                    (model.tensors[f"W_V{layer}"], f"{head} {into} {inner}"),
                    (model.tensors[f"W_O{layer}"], f"{head} {inner} {out}"),
                ]
            )
            if address.head is not None:
                circuits[-1].append((model.head(address.head), head))
            after, (address,) = before, address.slots
        inward = [factor for circuit in reversed(circuits) for factor in circuit]
        return product(*patterns, (model.stream(0), after), *inward, keep="pos hidden")

    def _attention(self, address: Address) -> Diagram:
        model, layer = self.transformer, address.layer
        heads = None if address.head is None else model.head(address.head)
        query, key, value = address.slots
        if model.pattern == "linear":
            pattern = self._once(
                ("literal", layer, query.index, key.index),
                lambda: model.attention_pattern(layer, self._slot(query), self._slot(key)),
            )
        else:
            pattern = self._difference(layer, query.index + 1, key.index + 1)
        return model.attention(layer, pattern, self._slot(value), heads)

    def _slot(self, address: Address) -> Part:
        """A source as one node, so that its uses share it."""
        source = self._source(address)
        if not isinstance(source, Diagram):
            return source
        return self._once(("slot", address.index), lambda: shared(source))

    def _pattern(self, layer: int, query: int, key: int) -> Part:
        """f(i, j): the pattern of the first i sources as query and the first j as key."""
        return self._once(
            ("pattern", layer, query, key),
            lambda: self.transformer.attention_pattern(
                layer, self._prefix(query), self._prefix(key)
            ),
        )

    def _difference(self, layer: int, query: int, key: int) -> Part:
        """D_ij as one Sum box of at most four patterns; a single pattern stays as it is."""
        corners = [(query, key, 1), (query - 1, key, -1), (query, key - 1, -1)]
        corners.append((query - 1, key - 1, 1))
        return self._once(("difference", layer, query, key), lambda: self._combined(layer, corners))

    def _combined(self, layer: int, signed: Sequence[tuple[int, int, int]]) -> Part:
        """The patterns f(i, j) added with their signs; those of an empty sum are left out."""
        there = [(self._pattern(layer, i, j), sign) for i, j, sign in signed if i and j]
        if len(there) == 1:
            return there[0][0]
        keep = "n q k"
        return shared(
            summed(*(product((one, keep), keep=keep, coefficient=sign) for one, sign in there))
        )

    def _prefix(self, count: int) -> Part:
        """The sum of the first `count` sources as one shared node of few terms.

        Whole layers are the residual stream, and in the layer that is cut the differences
        telescope: the rows i <= a with all keys and values are f(a, all) on the whole stream.
        """
        counts = self.numbering.counts
        if count in counts:
            return self.transformer.stream(counts.index(count))
        return self._once(
            ("prefix", count), lambda: shared(summed(*self._parts(*self.numbering.digits(count))))
        )

    def _parts(self, layer: int, head: int, sources: Sequence[int]) -> list[Diagram]:
        model, everything = self.transformer, self.numbering.counts[layer]
        stream = model.stream(layer)
        query, key, value = sources
        parts = [product((stream, "pos hidden"), keep="pos hidden")]
        if head:
            pattern = self._pattern(layer, everything, everything)
            parts.append(model.attention(layer, pattern, stream, self._first_heads(head)))
        here = model.head(head) if self.numbering.split else None
        if query:
            pattern = self._pattern(layer, query, everything)
            parts.append(model.attention(layer, pattern, stream, here))
        if key:
            pattern = self._combined(layer, [(query + 1, key, 1), (query, key, -1)])
            parts.append(model.attention(layer, pattern, stream, here))
        if value:
            pattern = self._difference(layer, query + 1, key + 1)
            parts.append(model.attention(layer, pattern, self._prefix(value), here))
        return parts

    def _first_heads(self, count: int) -> Part:
        """The vector [n] that is 1 at the first `count` heads."""
        picked = [self.transformer.head(number) for number in range(count)]
        return self._once(
            ("heads", count), lambda: shared(summed(*picked)) if count > 1 else picked[0]
        )
