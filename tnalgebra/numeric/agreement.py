"""Whether two values agree on exact random numbers: the one place that compares two sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tnalgebra.core.values import Value
from tnalgebra.numeric.exact import degree_bound, evaluate_exact
from tnalgebra.numeric.heights import is_decided_by_residues
from tnalgebra.numeric.interpreter import needs
from tnalgebra.numeric.modular import PRIME
from tnalgebra.numeric.samples import Instance, instances
from tnalgebra.numeric.sizes import check_positions, choose_sizes

if TYPE_CHECKING:
    import torch


MOST_ERROR = 1e-9
"""The largest probability of a wrong answer that still counts as evidence."""


@dataclass(frozen=True)
class Difference:
    """One sample and one entry at which two values differ, as residues modulo PRIME."""

    instance: Instance
    sample: int
    entry: tuple[int, ...]
    lhs: int
    rhs: int


@dataclass(frozen=True)
class Agreement:
    """What a comparison found: the first difference, or how surely there is none at these sizes.

    error_bound: the probability that a false equation, at these sizes, passed all samples of the
    component where it fails (Schwartz 1980; independent samples multiply). decisive: whether the
    numbers written in it are small enough for residues to tell them apart.
    """

    sizes: Mapping[str, int]
    samples: int
    components: tuple[str, ...]
    error_bound: float
    device: str
    difference: Difference | None = None
    decisive: bool = True

    @property
    def is_evidence(self) -> bool:
        """Whether agreement speaks for the equation at these sizes."""
        return self.decisive and self.error_bound < MOST_ERROR


def compare(
    lhs: Value,
    rhs: Value,
    *,
    sizes: Mapping[str, int] | None = None,
    least: Mapping[str, int] | None = None,
    batch: int = 16,
    seed: int = 0,
) -> Agreement | None:
    """Compare two values with the same legs on exact random instances, every component of them.

    sizes: by space name, chosen small and distinct where None; least: their lower bounds. None
    where the declared facts have no sampler together. Raises NotExactError for functions.
    """
    wanted = needs(lhs, rhs)
    tensors = list(wanted.tensors.values())
    if sizes is None:
        bounds = {
            space.name: max((least or {}).get(space.name, 1), wanted.least.get(space.name, 1))
            for space in wanted.spaces
        }
        chosen: Mapping[str, int] = choose_sizes(tensors, wanted.spaces, least=bounds, seed=seed)
    else:
        chosen = sizes
    check_positions(wanted.least, chosen)
    found = instances(tensors, chosen, symbols=wanted.symbols, batch=batch, seed=seed)
    if found is None:
        return None
    bound = 0.0
    for instance in found:
        left, right = evaluate_exact(lhs, instance), evaluate_exact(rhs, instance)
        degree = degree_bound(lhs, rhs, instance=instance)
        bound = max(bound, min(1.0, degree / PRIME) ** batch)
        if (difference := _first_difference(left, right, instance)) is not None:
            return _report(chosen, batch, found, 0.0, difference)
    decisive = is_decided_by_residues(lhs, rhs, dict(chosen))
    return replace(_report(chosen, batch, found, bound, None), decisive=decisive)


def _report(
    sizes: Mapping[str, int],
    batch: int,
    found: list[Instance],
    bound: float,
    difference: Difference | None,
) -> Agreement:
    labels = tuple(instance.component for instance in found if instance.component)
    device = str(found[0].device) if found else "cpu"
    return Agreement(dict(sizes), batch, labels, bound, device, difference)


def _first_difference(
    left: torch.Tensor, right: torch.Tensor, instance: Instance
) -> Difference | None:
    unequal = (left != right).nonzero()
    if not len(unequal):
        return None
    place = tuple(int(k) for k in unequal[0])
    return Difference(instance, place[0], place[1:], int(left[place]), int(right[place]))
