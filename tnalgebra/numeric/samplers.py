"""How each combination of declared facts is sampled modulo PRIME, component by component.

A tensor and its conjugate are two arrays. An identity that is polynomial in both holds for all
complex arrays with the declared facts exactly when it holds on the complexification, where the
two are independent up to the facts; that variety is what the samplers parametrise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tnalgebra.core.nodes import Tensor
from tnalgebra.numeric.draws import ATTEMPTS, Component, Draw, Sampler, replaced, rotation
from tnalgebra.numeric.matrices import (
    Grouping,
    is_transposition,
    isometry_grouping,
    keeps_columns,
    symmetrized,
)
from tnalgebra.numeric.matrix_samplers import MAKERS, special_components
from tnalgebra.numeric.modular import inverse, product, settled

if TYPE_CHECKING:
    import torch

    Residues = torch.Tensor


def components(tensor: Tensor, sizes: Sequence[int]) -> list[Component] | None:
    """The irreducible components of all arrays of these sizes that satisfy the tensor's facts.

    None where no sampler is known for the tensor's combination of facts.
    """
    kinds = {fact.kind for fact in tensor.known}
    if MAKERS.keys() & kinds:
        return special_components(tensor, tuple(sizes)) or None
    if not {"isometry", "unitary", "orthogonal"} & kinds:
        return _generic(tensor, tuple(sizes), kinds)
    grouping = isometry_grouping(tensor, sizes)
    if grouping is None:
        return None
    rows, columns = grouping.shape
    if "real" in kinds:
        make = _orthogonal if rows == columns else _real_isometry
        return make(tensor, grouping)
    return _isometry(tensor, grouping)


def _generic(tensor: Tensor, sizes: tuple[int, ...], kinds: set[str]) -> list[Component]:
    """All arrays with the symmetries, or of those the dense open set of invertible matrices."""
    is_real = "real" in kinds

    def array(draw: Draw) -> Residues:
        return settled(symmetrized(tensor, draw.residues(*sizes)))

    def sample(draw: Draw) -> tuple[Residues, Residues] | None:
        if "invertible" not in kinds:
            plain = array(draw)
            return plain, plain if is_real else array(draw)
        first = _regular(lambda: array(draw))
        second = first if is_real else _regular(lambda: array(draw))
        return None if first is None or second is None else (first, second)

    return [Component("", 1, sample)]


def _regular(draw_matrices: Callable[[], Residues]) -> Residues | None:
    """A batch of invertible matrices, singular ones drawn again; None if they stay singular."""
    result = draw_matrices()
    for _ in range(ATTEMPTS):
        _, singular = inverse(result)
        if not bool(singular.any()):
            return result
        result[singular] = draw_matrices()[singular]
    return None


def _isometry(tensor: Tensor, grouping: Grouping) -> list[Component] | None:
    """V generic, its conjugate W = X (V^T X)^-1 with X generic, or 1 for a square V: W^T V = 1."""
    rows, columns = grouping.shape
    is_square = rows == columns
    free = keeps_columns(tensor, grouping)
    if not free and not (is_square and is_transposition(tensor, grouping)):
        return None

    def sample(draw: Draw) -> tuple[Residues, Residues] | None:
        def drawn() -> Residues:
            array = settled(symmetrized(tensor, draw.residues(*grouping.sizes)))
            matrix: Residues = grouping.matrix(array)
            return matrix

        plain = drawn()
        other = draw.eye(rows).expand(plain.shape) if is_square else drawn()
        for _ in range(ATTEMPTS):
            inverted, singular = inverse(product(plain.transpose(1, 2), other))
            if not bool(singular.any()):
                conj = settled(product(other, inverted))
                return grouping.tensor(plain), grouping.tensor(conj)
            plain = replaced(plain, drawn(), singular)
            other = other if is_square else replaced(other, drawn(), singular)
        return None

    return [Component("", columns if is_square else 2 * columns, sample)]


def _real_isometry(tensor: Tensor, grouping: Grouping) -> list[Component] | None:
    """The first columns of an orthogonal matrix; one component, as the base is larger."""
    if not tensor.group.trivial:
        return None
    rows, columns = grouping.shape

    def sample(draw: Draw) -> tuple[Residues, Residues] | None:
        matrix = rotation(draw, rows, 1)
        if matrix is None:
            return None
        array = grouping.tensor(matrix[:, :, :columns])
        return array, array

    return [Component("", rows, sample)]


def _orthogonal(tensor: Tensor, grouping: Grouping) -> list[Component] | None:
    """One component for each determinant; a symmetric one has one for each count of -1."""
    n, _ = grouping.shape

    def of_determinant(determinant: int) -> Sampler:
        def sample(draw: Draw) -> tuple[Residues, Residues] | None:
            matrix = rotation(draw, n, determinant)
            if matrix is None:
                return None
            array = grouping.tensor(matrix)
            return array, array

        return sample

    def reflection(negative: int) -> Sampler:
        def sample(draw: Draw) -> tuple[Residues, Residues] | None:
            matrix = rotation(draw, n, 1)
            if matrix is None:
                return None
            flipped = matrix.clone()
            flipped[:, :, :negative] *= -1
            array = grouping.tensor(settled(product(flipped, matrix.transpose(1, 2))))
            return array, array

        return sample

    name = tensor.name
    if tensor.group.trivial:
        return [
            Component(f"{name}: det = {determinant}", n, of_determinant(determinant))
            for determinant in (1, -1)
        ]
    if not is_transposition(tensor, grouping):
        return None
    return [
        Component(f"{name}: {count} eigenvalues -1", 2 * n, reflection(count))
        for count in range(n + 1)
    ]
