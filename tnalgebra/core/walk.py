"""The canonical order of a diagram that leaves no choice, by one walk over its spider form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain

from tnalgebra.core.spider import SpiderForm


def walked_order(form: SpiderForm, kinds: Sequence[int]) -> tuple[list[int], list[int]] | None:
    """The nodes and groups, and the classes, in an order that equal diagrams share, or None.

    For nodes whose ports all have an order. kinds[v]: the same for nodes that only their places
    tell apart. Free legs and nodes of a kind of their own are known; from there the walk goes on,
    breadth first, through classes of two ends, as it comes by the one and can find only the other.
    None where that leaves some node out. Nothing else decides, so that of equal diagrams all are
    walked or none. Group k counts as the node that is k-th after all nodes.
    """
    count = Counter(kinds)
    single = sorted((kind, v) for v, kind in enumerate(kinds) if count[kind] == 1)
    if not single and not form.free:
        return None
    inner = len(form.ports) + len(form.group_ports)
    rows = (*form.ports, *form.group_ports, *((index,) for index in form.free))
    ends: list[list[int]] = [[] for _ in form.spaces]
    for v, row in enumerate(rows):
        for index in row:
            ends[index].append(v)
    order = [*range(inner, len(rows)), *(v for _, v in single)]
    classes = list(dict.fromkeys(chain.from_iterable(rows[v] for v in order)))
    is_new, is_new_class = [True] * len(rows), [True] * len(ends)
    for v in order:
        is_new[v] = False
    for index in classes:
        is_new_class[index] = False
    for index in classes:
        if len(ends[index]) > 2:
            continue
        for v in ends[index]:
            if is_new[v]:
                is_new[v] = False
                order.append(v)
                for other in rows[v]:
                    if is_new_class[other]:
                        is_new_class[other] = False
                        classes.append(other)
    return ([v for v in order if v < inner], classes) if len(order) == len(rows) else None
