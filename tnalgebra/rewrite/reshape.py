"""One step that brings all reshapes of a term to their normal form."""

from __future__ import annotations

from tnalgebra.core.draft import Draft
from tnalgebra.core.values import Diagram

REGROUP = "regroup"


def with_normal_groups(term: Diagram) -> Diagram | None:
    """The term with its groups in normal form; None where they are already.

    Its copy tensors are those of the spider normal form.

    >>> import tnalgebra as tn
    >>> str(with_normal_groups(tn.parse("split(group(A[i,j], p=(i,j)), p=(k,l))")))
    'A[k,l]'
    """
    form, before = term.normal, term.spider
    if form.group_ids == before.group_ids and form.groups == before.groups:
        return None
    draft = Draft()
    wires = [draft.wire(space) for space in form.spaces]
    for label, row in zip(form.labels, form.ports, strict=True):
        draft.add(label, [wires[index] for index in row])
    for group, row in zip(form.groups, form.group_ports, strict=True):
        draft.add(group, [wires[index] for index in row])
    draft.free = [(leg.name, wires[index]) for leg, index in zip(term.legs, form.free, strict=True)]
    draft.coefficient = term.scalar
    return Diagram(draft.graph(), named=term.named, summed=term.summed)
