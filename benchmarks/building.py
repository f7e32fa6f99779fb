"""Diagrams from Python objects."""

from __future__ import annotations

from measure import Row, Work

import tnalgebra as tn


def one_tensor(n: int) -> tuple[Work, None]:
    """The contraction of n uses of one matrix."""
    a = tn.tensor("A", "i j")
    operands = [a[f"i{k}", f"i{k + 1}"] for k in range(n)]
    return lambda: tn.contract(*operands, keep=["i0", f"i{n}"]), None


def many_tensors(n: int) -> tuple[Work, None]:
    """The contraction of n different matrices."""
    operands = [tn.parse(f"A{k}[i{k},i{k + 1}]") for k in range(n)]
    return lambda: tn.contract(*operands, keep=["i0", f"i{n}"]), None


ROWS = [
    Row("contract uses of one matrix", one_tensor, (1000, 10000, 100000)),
    Row("contract different matrices", many_tensors, (1000, 10000, 100000)),
]
