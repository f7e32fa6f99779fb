"""Exact checks of equations on random instances."""

from __future__ import annotations

from measure import Row, Work

import tnalgebra as tn


def checks(n: int) -> tuple[Work, Work]:
    """n exact checks of the trace of three 3x3 matrices, against one einsum a check."""
    import torch

    from tnalgebra.numeric.exact import evaluate_exact
    from tnalgebra.numeric.interpreter import needs
    from tnalgebra.numeric.samples import instances

    equation = tn.parse("tr(A @ B @ C) == tr(B @ C @ A)")
    tensors = list(needs(equation.lhs, equation.rhs).tensors.values())
    sizes = dict.fromkeys([s.name for t in tensors for s in t.spaces()], 3)
    (instance,) = instances(tensors, sizes, batch=n, seed=0) or ()

    def ours() -> object:
        return bool(
            (evaluate_exact(equation.lhs, instance) == evaluate_exact(equation.rhs, instance)).all()
        )

    a, b, c = (instance.plain[name] for name in "ABC")

    def by_hand() -> object:
        return [
            torch.isclose(
                torch.einsum("ij,jk,ki->", a[k], b[k], c[k]),
                torch.einsum("jk,ki,ij->", b[k], c[k], a[k]),
            )
            for k in range(n)
        ]

    return ours, by_hand


ROWS = [Row("exact checks of Tr(ABC)", checks, (64, 1024, 8192))]
