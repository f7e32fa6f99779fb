"""Which composition carries the induction behaviour: each term's part of the right prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tnalgebra.errors import ArrayError

if TYPE_CHECKING:
    from tnalgebra.nn.load import Model


@dataclass(frozen=True, slots=True)
class CompositionRow:
    """One term: its mean contribution in logits, and its share of the sum, None of a sum of 0."""

    label: str
    kind: str
    order: int
    contribution: float
    share: float | None


@dataclass(frozen=True)
class CompositionTable:
    """What each term adds to the right token's logit less the mean, on repeated sequences."""

    rows: tuple[CompositionRow, ...]
    mode: str
    sequences: int
    period: int
    seed: int

    @property
    def total(self) -> float:
        """The sum of all contributions: the model's own mean logit of the right token."""
        return sum(row.contribution for row in self.rows)

    def __str__(self) -> str:
        width = max(len("sum"), *(len(row.label) for row in self.rows))
        lines = [
            f"{self.mode} terms, mean over {self.sequences} sequences of {self.period} random "
            f"tokens, repeated (seed {self.seed})",
            "contribution: to the right next token's logit less the mean logit, in the repeat",
            "",
            f"{'term':<{width}}  kind  order  contribution    share",
        ]
        lines += [
            f"{row.label:<{width}}  {row.kind:<4}  {row.order:>5}  {row.contribution:>12.3f}  "
            f"{_percent(row.share)}"
            for row in self.rows
        ]
        whole = _percent(1 if self.total else None)
        lines.append(f"{'sum':<{width}}  {'':4}  {'':5}  {self.total:>12.3f}  {whole}")
        return "\n".join(lines)


def _percent(share: float | None) -> str:
    return f"{'-':>7}" if share is None else f"{share:>7.1%}"


def composition_table(
    model: Model,
    *,
    mode: str = "telescoped",
    period: int | None = None,
    sequences: int = 16,
    seed: int = 0,
) -> CompositionTable:
    """The table of all terms on seeded random sequences of `period` tokens, each said twice.

    period: half the model's context where not given. Positions of the second half with a known
    next token count. Raises ArrayError for a period that does not fit the context.

    >>> from tnalgebra.nn import load
    >>> table = composition_table(load("induction"), sequences=4)
    >>> max(table.rows, key=lambda row: row.contribution).kind
    'K'
    """
    period = model.context // 2 if period is None else period
    if not 2 <= period <= model.context // 2:
        raise ArrayError(
            f"a period of {period} tokens does not fit, said twice, a context of {model.context}",
            hint=f"give a period from 2 to {model.context // 2}",
        )
    expansion = model.path_expansion(mode)
    generator = np.random.default_rng(seed)
    vocab = model.weights["W_E"].shape[0]
    added = np.zeros(expansion.count)
    asked = np.arange(period, 2 * period - 1)
    for _ in range(sequences):
        block = generator.integers(vocab, size=period)
        tokens = np.concatenate([block, block])
        terms = expansion.evaluate(tokens.tolist()).terms
        right = terms[:, asked, tokens[asked + 1]] - terms[:, asked].mean(-1)
        added += right.mean(1) / sequences
    total = sum(added.tolist())
    rows = tuple(
        CompositionRow(
            term.label, term.kind, term.order, float(part), float(part) / total if total else None
        )
        for term, part in zip(expansion, added, strict=True)
    )
    return CompositionTable(rows, mode, sequences, period, seed)
