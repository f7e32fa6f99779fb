"""Contractions and sums of parts that already share their spaces: one graph each."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from tnalgebra.core.build import total
from tnalgebra.core.draft import Draft
from tnalgebra.core.functions import FUNCTIONS
from tnalgebra.core.nodes import Box, Function, Tensor, node_spaces
from tnalgebra.core.values import Diagram, Sum, Value

Part = Tensor | Box | Diagram


def product(*factors: tuple[Part, str], keep: str, coefficient: sympy.Expr | int = 1) -> Diagram:
    """Join the legs of all factors by name and keep those of `keep` free, in that order.

    Names are separated by spaces, one for each leg in order; a name may occur any number of times.
    """
    draft = Draft()
    wires: dict[str, int] = {}
    for factor, names in factors:
        if isinstance(factor, Diagram):
            own = draft.absorb(factor.graph)
        else:
            own = [draft.wire(space) for space in node_spaces(factor)]
            draft.add(factor, own)
        for name, wire in zip(names.split(), own, strict=True):
            wires[name] = draft.join(wires[name], wire) if name in wires else wire
    draft.coefficient *= coefficient
    draft.free = [(name, wires[name]) for name in keep.split()]
    return Diagram(draft.graph())


def summed(*terms: Diagram) -> Sum:
    """The sum of diagrams with equal legs, kept as typed."""
    return total(terms, terms[0].legs)


def shared(value: Value) -> Box:
    """A value as one node, so that its uses share it."""
    return Box(None, value.legs, value)


def applied(function: str, value: Value, along: Sequence[int]) -> Box:
    """A function of a value as one node."""
    assert len(along) == FUNCTIONS[function].along
    return Box(Function(function, tuple(along)), value.legs, value)
