"""Terms of a path expansion on numbers."""

from __future__ import annotations

import math

import numpy as np
from measure import Row, Work

import tnalgebra as tn


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


ROWS = [Row("ten terms, shipped model", ten_terms, (8, 32))]
