"""Random diagrams, sums and equations for every test, with arrays and a plain numpy oracle.

All tensors come from one fixed vocabulary over two spaces p and q (see `vocabulary`), so that any
two values drawn over the same spaces may be combined. Small by default.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping, Sequence

import networkx as nx
import numpy as np
import sympy
from hypothesis import strategies as st

from tnalgebra.core import build, nesting
from tnalgebra.core.draft import Draft
from tnalgebra.core.facts import Fact
from tnalgebra.core.nodes import (
    Box,
    Delta,
    Free,
    Function,
    Group,
    Tensor,
    causal_tensor,
    onehot_tensor,
)
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Diagram, Equation, Sum, Value, equation, terms_of

UNNAMED = (Space("p"), Space("q"))
NAMED = (Space("seq", None, True), Space("hidden", 2, True))
SIZED = (Space("p", 3), Space("q", 2))


class Sizes(dict[str, int]):
    """Sizes by name of space; `p1`, which was told apart from `p`, has the size of `p`."""

    def __missing__(self, name: str) -> int:
        stem = name.rstrip("0123456789")
        if stem == name:
            raise KeyError(name)
        return self[stem]


SIZES = Sizes({"p": 3, "q": 2, "seq": 3, "hidden": 2})
LEG_NAMES = ("i", "j", "k", "p", "q", "x")
FUNCTIONS = ("exp", "tanh", "softmax")


@functools.cache
def vocabulary(spaces: tuple[Space, Space]) -> tuple[Tensor, ...]:
    """One tensor for each rank from 0 to 4 and for each kind of fact; dim p is at least dim q."""
    p, q = spaces

    def tensor(name: str, row: Sequence[Space], *facts: Fact) -> Tensor:
        legs = tuple(Leg(f"{space.name}{k or ''}", space) for k, space in enumerate(row))
        return Tensor(name, legs, tuple(sorted(facts)))

    pair = ((0,), (1,))
    return (
        tensor("A", (p, q)),
        tensor("B", (q, p)),
        tensor("T", (p, q, p)),
        tensor("D", (p, q, q, p)),
        tensor("v", (p,)),
        tensor("w", (q,)),
        tensor("c", ()),
        tensor("R", (p, q), Fact("real")),
        tensor("S", (p, p), Fact("symmetric", pair)),
        tensor("Z", (q, q, q), Fact("symmetric", ((0,), (1,), (2,)))),
        tensor("W", (p, q, p, q), Fact("symmetric", ((0, 1), (2, 3)))),
        tensor("V", (p, q), Fact("isometry", pair)),
        tensor("Y", (p, p, q), Fact("isometry", ((0, 1), (2,)))),
        tensor("U", (p, p), Fact("unitary", pair)),
        tensor("O", (q, q), Fact("orthogonal", pair)),
        tensor("X", (p, p), Fact("invertible", pair)),
    )


@functools.cache
def reshapes(spaces: tuple[Space, Space]) -> tuple[Group, ...]:
    """Reshapes of the two spaces; as in text, an unnamed thick leg has one set of two parts."""
    p, q = spaces

    def thick(name: str, *parts: Space) -> Space:
        size = sympy.prod([space.dimension for space in parts])
        return Space(name, int(size) if size.is_Integer else size)

    pq, pp = thick("pq", p, q), thick("pp", p, p)
    return (
        Group((p, q), pq),
        Group((q, p), pq if p.declared or p.size else thick("qp", q, p)),
        Group((p, p), pp),
        Group((pq, q), thick("pqq", p, q, q)),
        Group((p, q, q), thick("pqq", p, q, q)),
    )


def coefficients(spaces: tuple[Space, Space]) -> st.SearchStrategy[sympy.Expr]:
    """Numbers, symbols, and sizes of spaces."""
    alpha, beta = sympy.Symbol("alpha"), sympy.Symbol("beta", real=True)
    p, q = (space.dimension for space in spaces)
    exact = [1, 1, 1, -1, 2, sympy.Rational(-1, 3), sympy.sqrt(2), sympy.I]
    symbolic = [alpha, 2 * alpha - beta, beta**2, sympy.conjugate(alpha) / 2, sympy.exp(alpha)]
    sizes = [p, q * p, 1 / sympy.sqrt(q), p + 1]
    return st.sampled_from([sympy.sympify(one) for one in exact + symbolic + sizes])


def space_pairs() -> st.SearchStrategy[tuple[Space, Space]]:
    """The two spaces of a value: free, named, or of known size."""
    return st.sampled_from([UNNAMED, UNNAMED, NAMED, SIZED])


@st.composite
def leg_rows(draw: st.DrawFn, spaces: tuple[Space, Space], most: int = 3) -> tuple[Leg, ...]:
    """The free legs of a value."""
    names = draw(st.lists(st.sampled_from(LEG_NAMES), max_size=most, unique=True))
    own = dict(zip("pq", spaces, strict=True))
    return tuple(Leg(name, own.get(name) or draw(st.sampled_from(spaces))) for name in names)


@st.composite
def diagrams(
    draw: st.DrawFn,
    spaces: tuple[Space, Space] | None = None,
    legs: Sequence[Leg] | None = None,
    *,
    most_nodes: int = 4,
    depth: int = 1,
    functions: Sequence[str] = FUNCTIONS,
    plain: bool = False,
    pool: list[Value] | None = None,
    groups: bool = True,
) -> Diagram:
    """One diagram: tensors with marks, deltas, boxes, reshapes, loops, several components.

    plain: no boxes and coefficient 1. depth: how deep boxes nest. pool: contents drawn before,
    which may be used again.
    """
    spaces = draw(space_pairs()) if spaces is None else spaces
    legs = draw(leg_rows(spaces)) if legs is None else legs
    pool = [] if pool is None else pool
    draft = Draft()
    wires: dict[Space, list[int]] = {space: [] for space in spaces}

    def wire(space: Space) -> int:
        known = wires.setdefault(space, [])
        choice = draw(st.integers(0, len(known)))
        if choice == len(known):
            known.append(draft.wire(space))
        return known[choice]

    kinds = ["tensor", "tensor", "tensor", "delta", "onehot", "causal"]
    kinds += ["group"] if groups else []
    kinds += ["box"] if depth and not plain else []
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=most_nodes)):
        if kind == "tensor":
            tensor = draw(st.sampled_from(vocabulary(spaces)))
            if tensor.name in "XUO" and draw(st.booleans()):
                tensor = tensor.inverse()
            if draw(st.booleans()):
                tensor = tensor.conj()
            draft.add(tensor, [wire(space) for space in tensor.spaces()])
        elif kind == "box":
            box = draw(_boxes(spaces, depth, functions, pool))
            draft.add(box, [wire(leg.space) for leg in box.legs])
        elif kind == "group":
            group = draw(st.sampled_from(reshapes(spaces)))
            draft.add(group, [wire(space) for space in group.spaces()])
        else:
            space = draw(st.sampled_from(spaces))
            leg = Leg(space.name, space)
            if kind == "onehot":
                draft.add(onehot_tensor(draw(st.integers(0, 1)), leg), [wire(space)])
            elif kind == "causal":
                draft.add(causal_tensor(leg, leg), [wire(space), wire(space)])
            else:
                degree = draw(st.integers(0, 4))
                draft.add(Delta(space), [wire(space) for _ in range(degree)])
    draft.free = [(leg.name, wire(leg.space)) for leg in legs]
    if not plain:
        draft.coefficient = draw(coefficients(spaces))
    return Diagram(draft.graph())


@st.composite
def _boxes(
    draw: st.DrawFn,
    spaces: tuple[Space, Space],
    depth: int,
    functions: Sequence[str],
    pool: list[Value],
) -> Box:
    if pool and draw(st.booleans()):
        content = draw(st.sampled_from(pool))
    else:
        content = draw(
            values(spaces, most_nodes=2, depth=depth - 1, functions=functions, pool=pool)
        )
        if not content.legs and not nesting.all_tensors(content):
            # A function of a plain number is sympy's, and text folds numbers into coefficients.
            content = build.symbol(vocabulary(spaces)[4], ["i"])
        pool.append(content)
    allowed = [name for name in functions if name != "softmax" or content.legs]
    name = draw(st.sampled_from([None, *allowed]))
    along = (draw(st.integers(0, len(content.legs) - 1)),) if name == "softmax" else ()
    return Box(Function(name, along) if name else None, content.legs, content)


@st.composite
def sums(
    draw: st.DrawFn,
    spaces: tuple[Space, Space] | None = None,
    legs: Sequence[Leg] | None = None,
    *,
    most_terms: int = 3,
    most_nodes: int = 3,
    depth: int = 1,
    functions: Sequence[str] = FUNCTIONS,
    pool: list[Value] | None = None,
) -> Sum:
    """A sum of diagrams with the same free legs; it may have one term or none."""
    spaces = draw(space_pairs()) if spaces is None else spaces
    legs = draw(leg_rows(spaces)) if legs is None else legs
    term = diagrams(
        spaces, legs, most_nodes=most_nodes, depth=depth, functions=functions, pool=pool
    )
    return build.total(draw(st.lists(term, max_size=most_terms)), legs)


def values(
    spaces: tuple[Space, Space] | None = None, legs: Sequence[Leg] | None = None, **options: object
) -> st.SearchStrategy[Value]:
    """A diagram or a sum."""
    return st.one_of(diagrams(spaces, legs, **options), sums(spaces, legs, **options))


@st.composite
def equations(draw: st.DrawFn) -> Equation:
    """Two values with the same free legs; as a claim it is mostly false."""
    spaces = draw(space_pairs())
    legs = draw(leg_rows(spaces))
    return equation(draw(values(spaces, legs)), draw(values(spaces, legs)))


def shuffled_copy(
    diagram: Diagram, rng: random.Random, *, symmetric: bool = False
) -> nx.MultiGraph:
    """A copy of the diagram's graph: nodes renamed, everything in another order, edges turned.

    The ports of deltas are permuted, which have no order; with `symmetric` so are the ports of
    tensors, within what their facts allow.
    """
    graph = diagram.graph
    nodes = list(graph.nodes)
    rng.shuffle(nodes)
    names = {n: f"n{k}" for k, n in enumerate(nodes)}
    ports: dict[tuple[object, int], int] = {}
    for n in nodes:
        node = graph.nodes[n]["node"]
        order = list(range(graph.degree(n)))
        if isinstance(node, Delta):
            rng.shuffle(order)
        elif isinstance(node, Tensor) and symmetric:
            order = list(rng.choice(list(node.group.elements())))
        ports.update({(n, port): new for port, new in enumerate(order)})
    copy = nx.MultiGraph(coefficient=diagram.coefficient)
    rng.shuffle(nodes)
    copy.add_nodes_from((names[n], {"node": graph.nodes[n]["node"]}) for n in nodes)
    edges = [data for _, _, data in graph.edges(data=True)]
    rng.shuffle(edges)
    for data in edges:
        ends = [(names[n], ports[n, port]) for n, port in data["ends"]]
        rng.shuffle(ends)
        copy.add_edge(ends[0][0], ends[1][0], ends=tuple(ends), space=data["space"])
    return copy


def arrays_for(
    value: Value | Equation, rng: np.random.Generator, sizes: Mapping[str, int] = SIZES
) -> dict[str, np.ndarray]:
    """A random complex array for each tensor of a value, satisfying its facts."""
    sides = [value.lhs, value.rhs] if isinstance(value, Equation) else [value]
    tensors = {t.name: t.base() for side in sides for t in nesting.all_tensors(side)}
    return {
        name: _array(tensor, rng, sizes)
        for name, tensor in sorted(tensors.items())
        if not tensor.is_builtin
    }


def size_of(space: Space, sizes: Mapping[str, int] = SIZES) -> int:
    """The size of a space: its own, else from the table."""
    if space.size is None:
        return int(sizes[space.name])
    named = {symbol: sizes[symbol.name] for symbol in space.dimension.free_symbols}
    return int(space.dimension.subs(named))


def _array(tensor: Tensor, rng: np.random.Generator, sizes: Mapping[str, int]) -> np.ndarray:
    shape = [size_of(space, sizes) for space in tensor.spaces()]
    known = {fact.kind: fact for fact in tensor.known}
    array = rng.standard_normal(shape)
    if "real" not in known:
        array = array + 1j * rng.standard_normal(shape)
    if "isometry" in known:
        (base, tip) = (known["unitary"] if "unitary" in known else known["isometry"]).sides
        order = [*base, *tip]
        permuted = array.transpose(order)
        rows = int(np.prod([shape[port] for port in base]))
        array = np.linalg.qr(permuted.reshape(rows, -1))[0].reshape(permuted.shape)
        array = array.transpose(np.argsort(order))
    if "symmetric" in known:
        array = sum(array.transpose(element) for element in tensor.group.elements())
    return array


def dense(
    value: Value,
    arrays: Mapping[str, np.ndarray],
    sizes: Mapping[str, int] = SIZES,
    symbols: Mapping[str, complex] | None = None,
) -> np.ndarray:
    """The value as one array by walking its graph with numpy.einsum: slow, plain, independent."""
    shape = [size_of(leg.space, sizes) for leg in value.legs]
    total = np.zeros(shape, complex)
    for term in terms_of(value):
        total = total + _dense_term(term, arrays, sizes, symbols or {})
    return total


def number_of(
    expression: sympy.Expr, sizes: Mapping[str, int], symbols: Mapping[str, complex]
) -> complex:
    """A coefficient with numbers for its symbols."""
    given = {
        s: symbols[s.name] if s.name in symbols else sizes[s.name] for s in expression.free_symbols
    }
    return complex(expression.subs(given))


def _dense_term(
    term: Diagram,
    arrays: Mapping[str, np.ndarray],
    sizes: Mapping[str, int],
    symbols: Mapping[str, complex],
) -> np.ndarray:
    index = {}
    for number, (_, _, data) in enumerate(term.graph.edges(data=True)):
        index.update(dict.fromkeys(data["ends"], number))
    operands: list[object] = [np.array(number_of(term.coefficient, sizes, symbols)), []]
    output: dict[int, int] = {}
    for n, data in term.graph.nodes(data=True):
        node = data["node"]
        row = [index[n, port] for port in range(term.graph.degree(n))]
        if isinstance(node, Free):
            output[node.position] = row[0]
            continue
        operands += [dense_node(node, len(row), arrays, sizes, symbols), row]
    kept = [output[position] for position in range(len(output))]
    return np.einsum(*operands, kept, optimize="greedy")


def dense_node(
    node: Tensor | Delta | Box | Group,
    degree: int,
    arrays: Mapping[str, np.ndarray],
    sizes: Mapping[str, int],
    symbols: Mapping[str, complex],
) -> np.ndarray:
    """The array of one node, as it stands: marks, functions and contents included."""
    if isinstance(node, Delta):
        size = size_of(node.space, sizes)
        if not degree:
            return np.array(size)
        array = np.zeros((size,) * degree)
        array[(np.arange(size),) * degree] = 1
        return array
    if isinstance(node, Group):
        thick, *parts = (size_of(space, sizes) for space in node.spaces())
        return np.eye(thick).reshape(thick, *parts)
    if isinstance(node, Tensor):
        if node.is_builtin:
            size = size_of(node.spaces()[0], sizes)
            return np.tri(size) if node.name == "causal" else np.eye(size)[int(node.name[7:-1])]
        array = arrays[node.name]
        array = np.linalg.inv(array) if node.is_inverse else array
        return array.conj() if node.is_conj else array
    content = dense(node.content, arrays, sizes, symbols)
    if node.function is None:
        return content
    if node.function.name == "softmax":
        exponential = np.exp(content)
        return exponential / exponential.sum(axis=node.function.along[0], keepdims=True)
    library = np.emath if node.function.name in ("log", "sqrt") else np
    return getattr(library, node.function.name)(content)
