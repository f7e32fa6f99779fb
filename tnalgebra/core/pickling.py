"""Values as flat records and back, so that storing them needs no recursion in their depth.

Records stand innermost first; a box refers to its content by the number of its record, so that
shared contents stay shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import networkx as nx
import sympy

from tnalgebra.core.draft import checked_copy
from tnalgebra.core.nesting import contents
from tnalgebra.core.nodes import Box, Delta, Free, Function, Group, Tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.errors import GraphError

if TYPE_CHECKING:
    from tnalgebra.core.values import Diagram, Value

End: TypeAlias = tuple[object, int]


@dataclass(frozen=True, slots=True)
class BoxRecord:
    """A box whose content is a record's number, and whose legs are those of its content."""

    function: Function | None
    content: int


@dataclass(frozen=True, slots=True)
class TermRecord:
    """A diagram: its nodes with their ids, its edges as two ends and a space, its coefficient."""

    nodes: tuple[tuple[object, Tensor | Delta | Group | Free | BoxRecord], ...]
    edges: tuple[tuple[tuple[End, End], Space], ...]
    coefficient: sympy.Expr
    named: bool
    summed: frozenset[str]


@dataclass(frozen=True, slots=True)
class SumRecord:
    """A sum: its terms and its legs."""

    terms: tuple[TermRecord, ...]
    legs: tuple[Leg, ...]
    named: bool
    summed: frozenset[str]


def records(*values: Value) -> tuple[TermRecord | SumRecord, ...]:
    """Values as records, their own the last, in order; what they share is one record."""
    from tnalgebra.core.values import Diagram, terms_of

    inside = {id(one): one for value in values for one in contents(value)}
    number: dict[int, int] = {}
    found: list[TermRecord | SumRecord] = []
    for one in [*inside.values(), *values]:
        terms = tuple(_record(term, number) for term in terms_of(one))
        number[id(one)] = len(found)
        found.append(
            terms[0]
            if isinstance(one, Diagram)
            else SumRecord(terms, one.legs, one.named, one.summed)
        )
    return tuple(found)


def restored(found: Sequence[TermRecord | SumRecord]) -> Value:
    """The value that the last record describes; raises GraphError for records that describe none.

    >>> import tnalgebra as tn
    >>> d = tn.parse("exp(A[i,j]) + B[i,j]")
    >>> restored(records(d)) == d
    True
    """
    return all_restored(found)[-1]


def all_restored(found: Sequence[TermRecord | SumRecord]) -> list[Value]:
    """The value that each record describes; raises GraphError."""
    from tnalgebra.core.values import Sum

    values: list[Value] = []
    for record in found:
        if isinstance(record, TermRecord):
            values.append(_restored(record, values))
            continue
        terms = [_restored(term, values) for term in record.terms]
        if any(term.legs != record.legs for term in terms):
            raise GraphError("a term of a stored sum has other legs than the sum")
        values.append(Sum(terms, record.legs, named=record.named, summed=record.summed))
    return values


def _record(term: Diagram, number: dict[int, int]) -> TermRecord:
    nodes = []
    for n, data in term.graph.nodes(data=True):
        node = data["node"]
        if isinstance(node, Box):
            node = BoxRecord(node.function, number[id(node.content)])
        nodes.append((n, node))
    edges = tuple((data["ends"], data["space"]) for _, _, data in term.graph.edges(data=True))
    return TermRecord(tuple(nodes), edges, term.coefficient, term.named, term.summed)


def _restored(record: TermRecord, values: list[Value]) -> Diagram:
    from tnalgebra.core.values import Diagram

    graph = nx.MultiGraph(coefficient=record.coefficient)
    for n, node in record.nodes:
        if isinstance(node, BoxRecord):
            if not 0 <= node.content < len(values):
                raise GraphError(f"a box has the content {node.content}, which is not before it")
            content = values[node.content]
            graph.add_node(n, node=Box(node.function, content.legs, content))
        else:
            graph.add_node(n, node=node)
    for ends, space in record.edges:
        graph.add_edge(ends[0][0], ends[1][0], ends=ends, space=space)
    return Diagram(checked_copy(graph), named=record.named, summed=record.summed)
