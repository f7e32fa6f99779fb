"""Random arrays that satisfy declared facts: exact ones modulo PRIME, and floating-point ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product as combinations
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from tnalgebra.core.nodes import Tensor
from tnalgebra.numeric.devices import default_device
from tnalgebra.numeric.draws import Component, Draw
from tnalgebra.numeric.matrices import (
    Checks,
    holds,
    is_transposition,
    isometry_grouping,
    keeps_columns,
    symmetrized,
)
from tnalgebra.numeric.matrix_arrays import special_array
from tnalgebra.numeric.modular import check_entries, inverse, product, settled
from tnalgebra.numeric.samplers import components

if TYPE_CHECKING:
    import torch

MOST_COMPONENTS = 256


@dataclass(frozen=True)
class Instance:
    """A batch of samples of one irreducible component, as residues in float64 torch tensors.

    sizes: by space name. plain, conj: by tensor name, [batch, *ports of the unmarked tensor].
    component: which one, in words ("" where there is only one). symbols: the residues [batch] of
    each symbol and, for a complex one, of its conjugate. degrees: by tensor name, see `Component`.
    """

    sizes: Mapping[str, int]
    plain: Mapping[str, torch.Tensor]
    conj: Mapping[str, torch.Tensor]
    batch: int
    device: torch.device
    component: str = ""
    symbols: Mapping[sympy.Expr, torch.Tensor] = field(default_factory=dict)
    degrees: Mapping[str, int] = field(default_factory=dict)


def instances(
    tensors: Sequence[Tensor],
    sizes: Mapping[str, int],
    *,
    symbols: Iterable[sympy.Symbol] = (),
    batch: int,
    seed: int,
    device: torch.device | str | None = None,
) -> list[Instance] | None:
    """One instance for each combination of irreducible components of the tensors' facts.

    tensors: unmarked, those with declared entries are passed over; sizes: by space name. Every
    sample has been checked against every declared fact. None where a combination of facts has no
    sampler, no sample at these sizes, or more than MOST_COMPONENTS components.
    """
    import torch

    place = default_device() if device is None else torch.device(device)
    drawn = [tensor for tensor in tensors if tensor.entries is None]
    choices: list[list[Component]] = []
    for tensor in drawn:
        own = [sizes[space.name] for space in tensor.spaces()]
        check_entries(batch * prod(own))
        found = components(tensor, own)
        if found is None:
            return None
        choices.append(found)
    if prod(map(len, choices)) > MOST_COMPONENTS:
        return None
    result = []
    for number, chosen in enumerate(combinations(*choices)):
        draw = Draw(batch, seed * MOST_COMPONENTS + number, place)
        plain, conj = {}, {}
        for tensor, component in zip(drawn, chosen, strict=True):
            pair = component.sample(draw)
            if pair is None or not satisfies(tensor, *pair):
                return None
            plain[tensor.name], conj[tensor.name] = pair
        result.append(
            Instance(
                dict(sizes),
                plain,
                conj,
                batch,
                place,
                ", ".join(component.label for component in chosen if component.label),
                _symbol_residues(symbols, draw),
                {t.name: c.degree for t, c in zip(drawn, chosen, strict=True)},
            )
        )
    return result


def _symbol_residues(symbols: Iterable[sympy.Symbol], draw: Draw) -> dict[sympy.Expr, torch.Tensor]:
    found: dict[sympy.Expr, torch.Tensor] = {}
    for symbol in symbols:
        found[symbol] = draw.residues()
        conjugate = sympy.conjugate(symbol)
        if conjugate != symbol:
            found[conjugate] = draw.residues()
    return found


def satisfies(tensor: Tensor, plain: torch.Tensor, conj: torch.Tensor) -> bool:
    """Whether residues [batch, *ports] of a tensor and its conjugate satisfy all its facts."""
    import torch

    def close(first: torch.Tensor, second: torch.Tensor) -> bool:
        return not bool(settled(first - second).any())

    def identity(n: int) -> torch.Tensor:
        return torch.eye(n, dtype=plain.dtype, device=plain.device)

    def invertible(matrices: torch.Tensor) -> bool:
        return not bool(inverse(matrices)[1].any())

    checks = Checks(product, close, identity, invertible)
    return all(holds(fact, tensor, plain, conj, checks) for fact in tensor.known)


def float_arrays(
    tensors: Sequence[Tensor], sizes: Mapping[str, int], *, real: bool, seed: int
) -> dict[str, np.ndarray[Any, Any]] | None:
    """Random complex128 (`real`: float64) arrays that satisfy all declared facts, by tensor name.

    tensors: unmarked, those with declared entries are passed over; sizes: by space name. Every
    array is checked against every declared fact to 1e-9. None where a combination of facts has no
    sampler.
    """
    generator = np.random.default_rng(seed % 2**63)
    result = {}
    for tensor in tensors:
        if tensor.entries is not None:
            continue
        shape = tuple(sizes[space.name] for space in tensor.spaces())
        is_real = real or any(fact.kind == "real" for fact in tensor.known)
        array = _float_array(tensor, shape, is_real, generator)
        if array is None or not _close_to_facts(tensor, array):
            return None
        result[tensor.name] = array if real else array.astype(complex)
    return result


def _float_array(
    tensor: Tensor, shape: tuple[int, ...], is_real: bool, generator: np.random.Generator
) -> np.ndarray[Any, Any] | None:
    special = special_array(tensor, shape, not is_real, generator)
    if special is not None:
        return special * 1.0
    drawn = generator.standard_normal((1, *shape))
    if not is_real:
        drawn = drawn + 1j * generator.standard_normal((1, *shape))
    if not any(fact.kind == "isometry" for fact in tensor.known):
        array: np.ndarray[Any, Any] = symmetrized(tensor, drawn)[0]
        return array / len(tensor.group.elements())
    grouping = isometry_grouping(tensor, shape)
    if grouping is None or grouping.shape[0] < grouping.shape[1]:
        return None
    if keeps_columns(tensor, grouping):
        matrix = _polar(grouping.matrix(symmetrized(tensor, drawn)))
    elif is_transposition(tensor, grouping):
        matrix = _polar(grouping.matrix(drawn))
        signs = generator.choice([-1.0, 1.0], grouping.shape[0])
        matrix = (matrix * (signs if is_real else 1)) @ matrix.transpose(0, 2, 1)
    else:
        return None
    result: np.ndarray[Any, Any] = np.ascontiguousarray(grouping.tensor(matrix)[0])
    return result


def _polar(matrix: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The isometry V (V^H V)^(-1/2), which keeps every symmetry of the rows."""
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    result: np.ndarray[Any, Any] = left @ right
    return result


def _close_to_facts(tensor: Tensor, array: np.ndarray[Any, Any]) -> bool:
    checks = Checks(
        np.matmul,
        lambda first, second: bool(np.allclose(first, second, rtol=0, atol=1e-9)),
        np.eye,
        lambda matrices: bool((np.linalg.cond(matrices) < 1e12).all()),
    )
    return all(
        holds(fact, tensor, array[None], array.conj()[None], checks) for fact in tensor.known
    )
