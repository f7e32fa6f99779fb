"""Simplification by the shipped rules."""

from __future__ import annotations

from measure import Row, Work

import tnalgebra as tn


def isometries(n: int) -> tuple[Work, None]:
    """V.H V cancelled n times in a chain."""
    text = " @ ".join(["V.H @ V"] * n)
    diagram = tn.parse(text, where="V: isometry(m -> a)")
    return diagram.derivation, None


ROWS = [Row("V.H V cancelled n times", isometries, (10, 30, 100))]
