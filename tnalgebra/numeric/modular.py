"""Exact arithmetic modulo a prime, in float64 torch tensors.

PRIME is 1 modulo 120120 = 8*3*5*7*11*13, so that i and the square roots of all integers with prime
factors up to 13 have residues: an identity of such numbers stays one here. K products of
two residues add up exactly while K * PRIME^2 < 2^53.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import sympy

from tnalgebra.errors import LimitError, TnalgebraError
from tnalgebra.numeric.arrays import Array

if TYPE_CHECKING:
    from torch import Tensor

    from tnalgebra.numeric.contraction import Plan

PRIME = 8168161
"""The largest prime below 2^23 that is 1 modulo 120120."""

CHUNK = 128
"""How many products are summed before they are reduced: CHUNK * (PRIME + 1)^2 < 2^53."""


MOST_ENTRIES = 2**25
MOST_FLOPS = 2**34


class NotExactError(TnalgebraError):
    """A value that residues cannot express: a function, a float, or a root that does not exist."""


def settled(array: Tensor) -> Tensor:
    """The residues in 0 .. PRIME - 1."""
    return array.remainder(PRIME)


def reduced(array: Tensor) -> Tensor:
    """Integers below 2^53 in size brought to -1 .. PRIME, the same modulo PRIME.

    The rounded quotient may be off by one beside a multiple of PRIME, hence the two extra values.
    """
    return array.sub((array * (1.0 / PRIME)).floor_(), alpha=PRIME)


def check_entries(entries: int) -> None:
    """Raise LimitError for arrays that are too large to sample."""
    if entries > MOST_ENTRIES:
        raise LimitError(
            f"exact samples would need arrays of {entries} entries; the limit is {MOST_ENTRIES}",
            hint="declare smaller sizes",
        )


class ModularArithmetic:
    """Sums and products of residues, reduced after every operation."""

    def check(self, how: Plan, entries: int) -> None:
        """Raise LimitError where a plan, or a result of so many entries, costs too much."""
        check_entries(max(how.largest, entries))
        if how.flops > MOST_FLOPS:
            raise LimitError(
                f"an exact sample would need {how.flops} multiplications; "
                f"the limit is {MOST_FLOPS}",
                hint="declare smaller sizes",
            )

    def add(self, first: Array, second: Array) -> Array:
        """The elementwise sum."""
        return reduced(first + second)

    def multiply(self, first: Array, second: Array) -> Array:
        """The elementwise product, broadcast."""
        return reduced(first * second)

    def matmul(self, first: Array, second: Array) -> Array:
        """The batched matrix product, its summed index in chunks that stay exact."""
        length = first.shape[-1]
        if length <= CHUNK:
            return reduced(first @ second)
        total = reduced(first[..., :CHUNK] @ second[..., :CHUNK, :])
        for start in range(CHUNK, length, CHUNK):
            stop = start + CHUNK
            part = reduced(first[..., start:stop] @ second[..., start:stop, :])
            total = reduced(total + part)
        return total

    def add_up(self, array: Array, axes: tuple[int, ...]) -> Array:
        """The sum over some axes; exact below 2^30 terms."""
        return reduced(array.sum(axes))


def product(*factors: Tensor) -> Tensor:
    """The matrix product of several batches of matrices of residues."""
    result = factors[0]
    for factor in factors[1:]:
        result = ModularArithmetic().matmul(result, factor)
    return result


def reciprocal(array: Tensor) -> Tensor:
    """The inverse of each residue by Fermat's little theorem; 0 stays 0."""
    result, square, exponent = array.new_ones(array.shape), array, PRIME - 2
    while exponent:
        if exponent & 1:
            result = reduced(result * square)
        square = reduced(square * square)
        exponent >>= 1
    return settled(result)


def inverse(matrices: Tensor) -> tuple[Tensor, Tensor]:
    """The inverses of matrices [batch, n, n] by Gauss-Jordan, and which are singular [batch].

    The entries returned for a singular matrix mean nothing.
    """
    import torch

    batch, n, _ = matrices.shape
    eye = torch.eye(n, dtype=matrices.dtype, device=matrices.device).expand(batch, n, n)
    work = torch.cat([settled(matrices), eye], dim=2)
    singular = torch.zeros(batch, dtype=torch.bool, device=matrices.device)
    rows = torch.arange(batch, device=matrices.device)
    for column in range(n):
        nonzero = work[:, column:, column] != 0
        singular |= ~nonzero.any(1)
        pivot = column + nonzero.to(torch.uint8).argmax(1)
        chosen, replaced = work[rows, pivot].clone(), work[:, column].clone()
        work[rows, pivot] = replaced
        chosen = reduced(chosen * reciprocal(chosen[:, column])[:, None])
        factors = work[:, :, column].clone()
        factors[:, column] = 0
        work = settled(work - reduced(factors[:, :, None] * chosen[:, None, :]))
        work[:, column] = settled(chosen)
    return work[:, :, n:], singular


@lru_cache(maxsize=1024)
def square_root(number: int) -> int:
    """A residue whose square is `number`; multiplicative in it, so that roots are consistent.

    Raises NotExactError where a prime factor has no root.

    >>> square_root(2) * square_root(3) % PRIME == square_root(6)
    True
    """
    root = 1
    for factor, power in sympy.factorint(number).items():
        one = sympy.sqrt_mod(factor, PRIME)
        if one is None:
            raise NotExactError(
                f"sqrt({factor}) has no residue modulo {PRIME}",
                hint="choose sizes whose prime factors are at most 13",
            )
        root = root * pow(int(one), int(power), PRIME) % PRIME
    return root


IMAGINARY_UNIT = int(sympy.sqrt_mod(-1, PRIME))
"""The residue of i."""
