"""Substitution: a value in the place of a tensor, or an expression in the place of a symbol."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import sympy

from tnalgebra.core import build, compose, nesting
from tnalgebra.core.draft import Draft
from tnalgebra.core.nodes import Box, Function, Tensor
from tnalgebra.core.scalars import checked, expression
from tnalgebra.core.spaces import is_size
from tnalgebra.core.validity import check_tensors
from tnalgebra.errors import NotationError

if TYPE_CHECKING:
    from tnalgebra.core.scalars import Scalar
    from tnalgebra.core.values import Value


def substitute(value: Value, name: str, replacement: Value | Scalar) -> Value:
    """The value with another one everywhere a tensor occurs, conjugated or inverted where it is.

    The free legs of the replacement stand for the tensor's legs in order. A symbol of coefficients
    takes a number or expression. Raises NotationError for a name that does not occur, and for
    another number of legs; SpaceError for legs that do not fit.
    """
    from tnalgebra.core.values import Value as AnyValue

    tensors = {tensor.name: tensor.base() for tensor in nesting.all_tensors(value)}
    if name not in tensors:
        return _with_symbol(value, name, replacement, tensors)
    base = tensors[name]
    other = (
        replacement
        if isinstance(replacement, AnyValue)
        else compose.scalar(expression(replacement))
    )
    if len(other.legs) != base.rank:
        legs = ", ".join(leg.name for leg in base.legs)
        raise NotationError(
            f"{name}[{legs}] has {base.rank} legs, and what is to replace it {len(other.legs)}"
        )
    pairs = zip(base.spaces(), nesting.leg_spaces(other), strict=True)
    value, other = compose.brought_together([value, other], [((0, a), (1, b)) for a, b in pairs])
    return _replaced(value, _Versions(name, other).of)


class _Versions:
    """The replacement under each mark, made once."""

    def __init__(self, name: str, plain: Value) -> None:
        self.name = name
        self._known = {"none": plain}

    def of(self, node: Tensor) -> Value | None:
        """What replaces a node, its legs in the order of the node's ports; None to keep it."""
        if node.name != self.name:
            return None
        if node.mark not in self._known:
            plain = self._known["none"]
            if node.is_inverse:
                box = build.boxed(Function(node.mark.rpartition(" ")[2]), plain)
                plain = compose.transpose(box)
            self._known[node.mark] = nesting.conj(plain) if node.is_conj else plain
        return self._known[node.mark]


def _replaced(value: Value, choose: Callable[[Tensor], Value | None]) -> Value:
    """The value with other values in the place of tensors, contents first."""
    from tnalgebra.core.values import Diagram, Sum, terms_of

    done: dict[int, Value] = {}
    for one in [*nesting.contents(value), value]:
        terms = []
        for term in terms_of(one):
            draft = Draft()
            ends = draft.absorb(term.graph)
            nodes, ports = draft.nodes, draft.ports
            draft.nodes, draft.ports = [], []
            for node, row in zip(nodes, ports, strict=True):
                other = choose(node) if isinstance(node, Tensor) else None
                if isinstance(node, Box):
                    draft.add(Box(node.function, node.legs, done[id(node.content)]), row)
                elif other is None:
                    draft.add(node, row)
                else:
                    for wire, end in zip(compose.absorb(draft, other), row, strict=True):
                        draft.join(wire, end)
            draft.free = [(leg.name, wire) for leg, wire in zip(term.legs, ends, strict=True)]
            terms.append(Diagram(draft.graph(), named=term.named, summed=term.summed))
        done[id(one)] = (
            terms[0]
            if isinstance(one, Diagram)
            else Sum(terms, one.legs, named=one.named, summed=one.summed)
        )
    return done[id(value)]


def _with_symbol(
    value: Value, name: str, replacement: Value | Scalar, tensors: dict[str, Tensor]
) -> Value:
    from tnalgebra.core.values import Value as AnyValue

    spoken = [term.coefficient for term in nesting.all_terms(value)]
    spoken += [tensor.entries for tensor in tensors.values() if tensor.entries is not None]
    symbols = {symbol for one in spoken for symbol in one.free_symbols}
    found = {symbol for symbol in symbols if symbol.name == name and not is_size(symbol)}
    if not found:
        known = ", ".join(tensors) or "none"
        raise NotationError(f"no tensor or symbol is called {name!r}; the tensors are: {known}")
    if isinstance(replacement, AnyValue):
        raise NotationError(f"{name!r} is a symbol, so a number or expression takes its place")
    new = expression(replacement)
    if any(symbol.is_real for symbol in found) and new.is_real is False:
        raise NotationError(f"{name!r} is declared real, and {new} is not")
    exchange = dict.fromkeys(found, new)

    def coefficient(old: sympy.Expr) -> sympy.Expr:
        return checked(old.subs(exchange))

    result = nesting.with_coefficients(value, coefficient)
    check_tensors(nesting.all_tensors(result))
    nesting.check_symbols([result])
    return result
