"""Random residues of one seed, the components they are drawn for, and rotations made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tnalgebra.numeric.modular import PRIME, inverse, product, reduced, settled

if TYPE_CHECKING:
    import torch

    Residues = torch.Tensor

ATTEMPTS = 16


class Draw:
    """Random residues of one batch length on one device, the same for one seed on every device."""

    def __init__(self, batch: int, seed: int, device: torch.device) -> None:
        import torch

        self.batch = batch
        self.device = device
        self._generator = torch.Generator().manual_seed(seed % 2**63)

    def residues(self, *shape: int) -> Residues:
        """Uniform residues [batch, *shape]."""
        import torch

        full = (self.batch, *shape)
        drawn = torch.randint(PRIME, full, generator=self._generator)
        return drawn.to(device=self.device, dtype=torch.float64)

    def signs(self, *shape: int) -> Residues:
        """Uniform signs +1 and -1 [batch, *shape]."""
        import torch

        drawn = torch.randint(2, (self.batch, *shape), generator=self._generator)
        return (2 * drawn - 1).to(device=self.device, dtype=torch.float64)

    def eye(self, n: int) -> Residues:
        """The unit matrix [1, n, n]."""
        import torch

        return torch.eye(n, dtype=torch.float64, device=self.device)[None]


Pair = tuple["Residues", "Residues"]
Sampler = Callable[[Draw], "tuple[Residues, Residues] | None"]


@dataclass(frozen=True)
class Component:
    """One irreducible component: its name in words, how to sample it, and a degree.

    degree: a bound on the degrees, in the residues drawn, of the numerator and of the common
    denominator of every entry of the tensor and of its conjugate.
    """

    label: str
    degree: int
    sample: Sampler


def redrawn(
    draw: Callable[[], tuple[Residues, Residues]],
    is_singular: Callable[[Residues, Residues], Residues],
) -> tuple[Residues, Residues] | None:
    """Two batches drawn together, singular samples drawn again; None if they stay singular."""
    first, second = draw()
    for _ in range(ATTEMPTS):
        singular = is_singular(first, second)
        if not bool(singular.any()):
            return first, second
        again = draw()
        first, second = replaced(first, again[0], singular), replaced(second, again[1], singular)
    return None


def replaced(old: Residues, new: Residues, where: Residues) -> Residues:
    """The batch with other samples where a mask says so."""
    result = old.clone()
    result[where] = new[where]
    return result


def rotation(draw: Draw, n: int, determinant: int) -> Residues | None:
    """Orthogonal matrices of one determinant: the Cayley transform times random signs of rows."""
    eye = draw.eye(n)
    drawn = draw.residues(n, n)
    for _ in range(ATTEMPTS):
        skew = reduced(drawn - drawn.transpose(1, 2))
        inverted, singular = inverse(reduced(eye + skew))
        if not bool(singular.any()):
            cayley = product(reduced(eye - skew), inverted)
            signs = draw.signs(n, 1)
            signs[:, 0] *= determinant * signs.prod(1)
            result: Residues = settled(cayley * signs)
            return result
        drawn = replaced(drawn, draw.residues(n, n), singular)
    return None
