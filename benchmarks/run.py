"""The measurements: `make bench` prints one table, ours against what a user would write by hand.

Each row is timed at growing sizes in one run, best of three; the last column is the exponent of
growth from the first size to the last. Trust ratios and exponents, not seconds.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import numpy as np
from ladder import arrays_of, ladder, line_first

import tnalgebra as tn

Work = Callable[[], object]


def seconds(work: Work, repeats: int = 3) -> float:
    """The shortest of several runs."""
    best = math.inf
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def chain_text(n: int) -> str:
    """A product of n matrices."""
    return "*".join(f"A{k}[i{k},i{k + 1}]" for k in range(n))


def parsing(n: int) -> tuple[Work, None]:
    """Text of n factors to a diagram."""
    text = chain_text(n)
    return lambda: tn.parse(text), None


def printing(n: int) -> tuple[Work, None]:
    """A diagram of n factors to text."""
    diagram = tn.parse(chain_text(n))
    return lambda: str(diagram), None


def canonical_chain(n: int) -> tuple[Work, None]:
    """The canonical form of an open chain."""
    graph = tn.parse(chain_text(n)).graph
    return lambda: tn.Diagram.from_graph(graph).canonical(), None


def canonical_trace(n: int) -> tuple[Work, None]:
    """The canonical form of the trace of a power."""
    text = "*".join(f"A[i{k},i{(k + 1) % n}]" for k in range(n))
    graph = tn.parse(text).graph
    return lambda: tn.Diagram.from_graph(graph).canonical(), None


def isometries(n: int) -> tuple[Work, None]:
    """V.H V cancelled n times in a chain."""
    text = " @ ".join(["V.H @ V"] * n)
    diagram = tn.parse(text, where="V: isometry(m -> a)")
    return diagram.derivation, None


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


def ten_terms(n: int) -> tuple[Work, Work]:
    """Ten telescoped terms of the shipped model on n tokens, against its forward pass in numpy."""
    model = tn.nn.load("induction")
    tokens = [k % 7 for k in range(n)]
    expansion = model.path_expansion("telescoped")
    w = model.weights

    def forward() -> object:
        r = w["W_E"][tokens] + w["W_pos"][:n]
        mask = np.tril(np.ones((n, n), bool))
        for layer in (0, 1):
            q, k, v = (np.einsum("pd,nde->npe", r, w[f"W_{x}{layer}"]) for x in "QKV")
            s = np.where(mask, np.einsum("nqe,nke->nqk", q, k) / math.sqrt(q.shape[-1]), -np.inf)
            p = np.exp(s - s.max(-1, keepdims=True))
            p /= p.sum(-1, keepdims=True)
            r = r + np.einsum("nqk,nke,ned->qd", p, v, w[f"W_O{layer}"], optimize=True)
        return r @ w["W_U"]

    return lambda: expansion.evaluate(tokens).terms, forward


def zipper_ladder(n: int) -> tuple[Work, Work]:
    """Two lines of n sites contracted as evaluate plans it, against numpy.einsum's greedy order."""
    diagram, arrays = ladder(n), arrays_of(n, 4)
    call = diagram.to_einsum()
    operands = [arrays[name] for name in call.operands]

    def by_hand() -> object:
        return np.einsum(call.equation, *operands, optimize="greedy")

    return lambda: diagram.evaluate(**arrays), by_hand


def whole_line(n: int) -> tuple[Work, Work]:
    """The same value with one whole line contracted first, against site by site."""
    diagram, better, arrays = line_first(n), ladder(n), arrays_of(n, 4)
    return lambda: diagram.evaluate(**arrays), lambda: better.evaluate(**arrays)


ROWS: list[tuple[str, Callable[[int], tuple[Work, Work | None]], Sequence[int]]] = [
    ("parse a chain", parsing, (100, 1000, 10000)),
    ("print a chain", printing, (100, 1000, 10000)),
    ("canonical form, open chain", canonical_chain, (100, 1000, 10000)),
    ("canonical form, Tr(A^n)", canonical_trace, (100, 1000, 10000)),
    ("V.H V cancelled n times", isometries, (10, 30, 100)),
    ("exact checks of Tr(ABC)", checks, (64, 1024, 8192)),
    ("ten terms, shipped model", ten_terms, (8, 32)),
    ("ladder, as evaluate plans", zipper_ladder, (4, 8, 16)),
    ("ladder, whole line first", whole_line, (4, 6, 8, 10)),
]


def main() -> None:
    """Print the table."""
    print(f"{'work':<28}{'n':>7}{'ours (s)':>12}{'by hand (s)':>13}{'ratio':>9}{'exponent':>10}")
    for name, make, sizes in ROWS:
        times = []
        for n in sizes:
            ours, other = make(n)
            times.append(seconds(ours))
            hand = seconds(other) if other is not None else None
            shown = "" if hand is None else f"{hand:>13.5f}{times[-1] / hand:>9.3f}"
            last = n == sizes[-1]
            growth = math.log(times[-1] / times[0]) / math.log(sizes[-1] / sizes[0]) if last else 0
            exponent = f"{growth:>10.2f}" if last else ""
            print(f"{name:<28}{n:>7}{times[-1]:>12.5f}{shown:<22}{exponent}")


if __name__ == "__main__":
    main()
