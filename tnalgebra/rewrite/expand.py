"""Distribution: a sum, or a shared value, used as a factor gives one term for each of its terms."""

from __future__ import annotations

from collections.abc import Hashable

from tnalgebra.core.draft import Draft
from tnalgebra.core.nodes import Box, Free
from tnalgebra.core.values import Diagram, Sum, Value, terms_of
from tnalgebra.errors import LimitError

MOST_TERMS = 10_000


def distribute(term: Diagram, node: Hashable) -> list[Diagram]:
    """One term for each term of the box at `node`, whose content takes the box's place."""
    box = term.graph.nodes[node]["node"]
    assert isinstance(box, Box)
    assert box.function is None
    result = []
    for content in terms_of(box.content):
        draft = Draft()
        wires: dict[tuple[Hashable, int], int] = {}
        for _, _, data in term.graph.edges(data=True):
            wire = draft.wire(data["space"])
            wires.update(dict.fromkeys(data["ends"], wire))
        open_at: dict[int, int] = {}
        for n, data in term.graph.nodes(data=True):
            label = data["node"]
            if n == node:
                for port, wire in enumerate(draft.absorb(content.graph)):
                    draft.join(wires[(n, port)], wire)
            elif isinstance(label, Free):
                open_at[label.position] = wires[(n, 0)]
            else:
                draft.add(label, [wires[(n, port)] for port in range(term.graph.degree(n))])
        draft.free = [(leg.name, open_at[k]) for k, leg in enumerate(term.legs)]
        draft.coefficient = draft.coefficient * term.coefficient
        result.append(Diagram(draft.graph(), named=term.named, summed=term.summed))
    return result


def first_open_box(term: Diagram) -> Hashable | None:
    """The first box without a function, which distribution can open."""
    for n, data in term.graph.nodes(data=True):
        node = data["node"]
        if isinstance(node, Box) and node.function is None:
            return n  # type: ignore[no-any-return]
    return None


def expand(value: Value) -> Value:
    """Distribute until no sum and no shared value is a factor; functions stay closed.

    Raises LimitError beyond 10 000 terms.

    >>> import tnalgebra as tn
    >>> str(expand(tn.parse("(A[i,j] + B[i,j])*v[j]")))
    'A[i,j]*v[j] + B[i,j]*v[j]'
    """
    waiting, done = list(reversed(terms_of(value))), []
    while waiting:
        term = waiting.pop()
        node = first_open_box(term)
        if node is None:
            done.append(term)
        else:
            waiting.extend(reversed(distribute(term, node)))
        if len(waiting) + len(done) > MOST_TERMS:
            raise LimitError(f"expanding gives more than {MOST_TERMS} terms")
    if len(done) == 1:
        return done[0]
    return Sum(done, value.legs, named=value.named, summed=value.summed)
