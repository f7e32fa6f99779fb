"""The values a user holds: Diagram, Sum and Equation; immutable, compared by canonical form."""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import networkx as nx
import sympy

from tnalgebra.core import compose, fingerprint, nesting, pickling, reshape
from tnalgebra.core.canonical import CanonicalForm, canonical_form
from tnalgebra.core.collector import collector_paused
from tnalgebra.core.draft import checked_copy, edges_of, free_legs, nodes_of
from tnalgebra.core.nodes import Box, Tensor
from tnalgebra.core.scalars import Scalar, expanded, expression
from tnalgebra.core.size_names import of_form
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.spider import SpiderForm, regrouped, spider_form
from tnalgebra.core.words import check_name
from tnalgebra.methods import EquationMethods, ValueMethods


class Value(ValueMethods, ABC):
    """What Diagram and Sum share: free legs, arithmetic, equality."""

    __array_ufunc__ = None
    __iter__ = None

    legs: tuple[Leg, ...]
    named: bool
    summed: frozenset[str]

    def __init__(self, legs: Iterable[Leg], named: bool, summed: Iterable[str]) -> None:
        vars(self).update(legs=tuple(legs), named=named, summed=frozenset(summed))

    def __setattr__(self, name: str, _: object) -> None:
        raise AttributeError(f"{name!r} cannot be set: a {type(self).__name__} does not change")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{name!r} cannot go: a {type(self).__name__} does not change")

    def __copy__(self) -> Value:
        return self

    def __deepcopy__(self, _: object) -> Value:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return (pickling.restored, (pickling.records(self),))

    @property
    def is_closed(self) -> bool:
        """Whether no leg is free, so that the value is a number."""
        return not self.legs

    @cached_property
    def tensors(self) -> tuple[Tensor, ...]:
        """Every tensor, those inside boxes too, in text order, with its marks and repetitions.

        A shared content counts once.

        >>> import tnalgebra as tn
        >>> [tensor.name for tensor in tn.parse("A[i]*exp(conj(B)[i] + C[i])*A[i] -> i").tensors]
        ['A', 'B', 'C', 'A']
        """
        return tuple(nesting.tensors_in_order(self))

    def content_digest(self) -> str:
        """A fingerprint of everything but the names of the free legs, the same in every process."""
        return fingerprint.content_digest(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Value):
            return NotImplemented
        if self is other:
            return True
        if self._leg_names() != other._leg_names():
            return False
        return fingerprint.identity(self) == fingerprint.identity(other)

    def __hash__(self) -> int:
        text = repr((self._leg_names(), fingerprint.identity(self))).encode()
        return int.from_bytes(blake2b(text, digest_size=7).digest())

    def _leg_names(self) -> list[str]:
        return [leg.name for leg in self.legs]

    def __mul__(self, other: Value | Scalar) -> Value:
        return compose.multiply(self, _operand(other))

    def __rmul__(self, other: Value | Scalar) -> Value:
        return compose.multiply(_operand(other), self)

    def __truediv__(self, other: Value | Scalar) -> Value:
        from tnalgebra.core.build import quotient

        return quotient(self, _operand(other))

    def __rtruediv__(self, other: Scalar) -> Value:
        return _operand(other) / self

    def __add__(self, other: Value | Scalar) -> Value:
        return compose.add([self, _operand(other)])

    def __radd__(self, other: Value | Scalar) -> Value:
        if type(other) is int and other == 0:  # with it `sum` of a list of values begins
            return self
        return compose.add([_operand(other), self])

    def __sub__(self, other: Value | Scalar) -> Value:
        return self + (-1) * _operand(other)

    def __rsub__(self, other: Value | Scalar) -> Value:
        return _operand(other) + (-1) * self

    def __neg__(self) -> Value:
        return self * -1

    def __matmul__(self, other: Value) -> Value:
        return compose.matmul(self, _operand(other))

    def __rmatmul__(self, other: Value) -> Value:
        return compose.matmul(_operand(other), self)

    def __getitem__(self, names: str | int | Leg | tuple[str | int | Leg, ...]) -> Value:
        """Name the free legs in order; a name given twice joins its two legs, a number slices."""
        given = names if isinstance(names, tuple) else (names,)
        return compose.subscript(self, given)

    def rename(self, /, **names: str | Leg) -> Value:
        """The same value with some free legs renamed: `d.rename(i="x")`."""
        return compose.renamed(self, names)

    def permute(self, *names: str | Leg) -> Value:
        """The same value with its free legs in another order: `d.permute("j", "i")` or `"j i"`."""
        return compose.permute(self, compose.spelled(names))

    def trace(self, *names: str | Leg) -> Value:
        """Join two free legs, `d.trace("i", "j")`; those of a matrix where none are named."""
        return compose.trace(self, compose.spelled(names))

    def group(self, /, **groups: Sequence[str | Leg]) -> Value:
        """The value with legs joined to thick ones: `d.group(ij=("i", "j"))`, the last fastest."""
        return reshape.group(self, groups)

    def split(self, /, **groups: Sequence[str | Leg]) -> Value:
        """The value with thick legs taken apart: `d.split(ij=("i", "j"))`; undoes `group`."""
        return reshape.split(self, groups)

    def sum(self, *names: str | Leg) -> Value:
        """The explicit sum over some free legs; over all of them where none is named."""
        return compose.summed(self, compose.spelled(names))

    def substitute(self, name: str | Value | sympy.Symbol, replacement: Value | Scalar) -> Value:
        """Another value everywhere a tensor occurs, conjugated where it is.

        name: that of a tensor or symbol, or the tensor or symbol itself. The replacement's free
        legs stand for the tensor's in order; a symbol takes a number. Raises NotationError for
        what does not occur so, and SpaceError for legs that do not fit.

        >>> import tnalgebra as tn
        >>> print(tn.parse("tr(M @ conj(M))").substitute("M", tn.parse("U[i,a]*D[a,j]")))
        U[i,a]*D[a,i1]*conj(U)[i1,a1]*conj(D)[a1,i]
        """
        from tnalgebra.core.called import names_of
        from tnalgebra.core.substitution import substitute

        return substitute(self, names_of(self, [name])[0], replacement)

    def derivative(self, name: str | Value) -> Value:
        """The derivative by a tensor's entries: the legs of the value, then those of the tensor.

        name: the tensor's, or the tensor itself. The sum over its occurrences, each with a hole in
        its place; conj(A) is held constant unless A is real; of a symmetric A each entry is varied
        by itself. Raises NotationError for a tensor that does not occur so.

        >>> import tnalgebra as tn
        >>> d = tn.parse("x[i]*A[i,j]*x[j]").derivative("x")
        >>> print(d, [leg.name for leg in d.legs])
        A[i,i1]*x[i1] + x[i1]*A[i1,i] ['i']
        """
        from tnalgebra.core.called import names_of
        from tnalgebra.core.derivative import derivative

        return derivative(self, names_of(self, [name])[0])

    def conj(self) -> Value:
        """The complex conjugate."""
        return nesting.conj(self)

    @property
    def T(self) -> Value:
        """The transpose of a two-legged value."""
        return compose.transpose(self)

    @property
    def H(self) -> Value:
        """The conjugate transpose of a two-legged value."""
        return compose.transpose(nesting.conj(self))


class Diagram(Value):
    """A tensor diagram: a frozen networkx.MultiGraph and nothing else; see `from_graph`.

    >>> import tnalgebra as tn
    >>> d = tn.parse("A[i,j]*B[j,k]")
    >>> [data["node"].name for _, data in d.graph.nodes(data=True)]
    ['A', 'B', 'i', 'k']
    """

    graph: nx.MultiGraph

    def __init__(
        self, graph: nx.MultiGraph, *, named: bool = True, summed: Iterable[str] = ()
    ) -> None:
        legs = [Leg(name, space) for name, space in free_legs(graph)]
        for leg in legs:
            check_name(leg.name, "leg")
        super().__init__(legs, named, summed)
        vars(self)["graph"] = graph

    @classmethod
    def from_graph(cls, graph: nx.MultiGraph) -> Diagram:
        """A diagram from any graph that follows the schema.

        Each node carries "node" (Tensor, Delta, Box or Free); each edge `ends`, the two (node,
        port) pairs it joins, and `space`; the graph may carry "coefficient". Raises GraphError, and
        NotationError for names that text cannot keep apart.

        >>> import networkx as nx, tnalgebra as tn
        >>> d = tn.parse("A[i,j]*B[j,k]")
        >>> Diagram.from_graph(d.graph.copy()) == d
        True
        """
        made = cls(checked_copy(graph))
        nesting.check_symbols([made])
        return made

    @property
    def sole_content(self) -> Value | None:
        """What stands in the one box without a function that is all of this, port by port."""
        form = self.spider
        if len(form.labels) != 1 or form.groups:
            return None
        (label,), (row,) = form.labels, form.ports
        is_wrapped = row == form.free and len(set(row)) == len(row) == len(form.spaces)
        bare = isinstance(label, Box) and label.function is None and is_wrapped
        return label.content if isinstance(label, Box) and bare else None

    @property
    def coefficient(self) -> sympy.Expr:
        """The number, or sympy expression, that multiplies the diagram."""
        return self.graph.graph["coefficient"]

    @cached_property
    def spider(self) -> SpiderForm:
        """The spider normal form: every delta fused, groups as typed."""
        return spider_form(self.graph)

    @cached_property
    def normal(self) -> SpiderForm:
        """The spider normal form with its groups in normal form too."""
        return regrouped(self.spider)

    def canonical(self) -> CanonicalForm:
        """The canonical form, which decides equality up to relabelling."""
        return self._canonical

    @cached_property
    def _canonical(self) -> CanonicalForm:
        with collector_paused():
            return canonical_form(self.normal, of_form(self.normal))

    @property
    def scalar(self) -> sympy.Expr:
        """The coefficient times the dimensions of all closed loops."""
        return expanded(self.coefficient * self.normal.scalar)

    @cached_property
    def own_tensors(self) -> tuple[Tensor, ...]:
        """The tensors, marks and repetitions included, in text order; boxes are not entered."""
        return tuple(node for _, node in nodes_of(self.graph) if isinstance(node, Tensor))

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        """The boxes, in text order."""
        return tuple(node for _, node in nodes_of(self.graph) if isinstance(node, Box))

    @property
    def spaces(self) -> tuple[Space, ...]:
        """Every space of a leg, each once, in order of first use."""
        found = [space for _, space in edges_of(self.graph)]
        return tuple(dict.fromkeys([*found, *self.spider.loops]))


class Sum(Value):
    """A sum of diagrams with the same free legs; it keeps its legs even when it has no term."""

    terms: tuple[Diagram, ...]

    def __init__(
        self,
        terms: Sequence[Diagram],
        legs: Sequence[Leg],
        *,
        named: bool = True,
        summed: Iterable[str] = (),
    ) -> None:
        super().__init__(legs, named, summed)
        vars(self)["terms"] = tuple(terms)

    @property
    def spaces(self) -> tuple[Space, ...]:
        """Every space of a leg, each once, in order of first use."""
        own = [leg.space for leg in self.legs if leg.space is not None]
        return tuple(dict.fromkeys(own + [s for term in self.terms for s in term.spaces]))


@dataclass(frozen=True, repr=False)
class Equation(EquationMethods):
    """Two values claimed to be equal; their free legs have the same names.

    Its truth is asked of `verify`, never of `bool`.
    """

    lhs: Value
    rhs: Value

    def __bool__(self) -> bool:
        raise TypeError("an Equation has no truth value of its own; ask tn.verify(equation)")


def equation(lhs: Value | Scalar, rhs: Value | Scalar) -> Equation:
    """The claim that two values are equal; legs align by name, or by position where unnamed.

    Raises NotationError where the free legs differ and SpaceError where their spaces do.
    """
    return Equation(*compose.align(_operand(lhs), _operand(rhs)))


def terms_of(value: Value) -> tuple[Diagram, ...]:
    """The terms of a value: a diagram is its own only one."""
    if isinstance(value, Sum):
        return value.terms
    assert isinstance(value, Diagram)
    return (value,)


def number(value: Scalar) -> Diagram:
    """The closed diagram that is a plain number or sympy expression; raises NotationError."""
    return compose.scalar(expression(value))


def _operand(value: Value | Scalar) -> Value:
    return value if isinstance(value, Value) else number(value)
