"""Draws the README's picture, docs/pictures/readme.svg, when it is run."""

from __future__ import annotations

from pathlib import Path

import tnalgebra as tn

TARGET = Path(__file__).parent.parent / "docs" / "pictures" / "readme.svg"
NORM = (
    "(U[i,a]*D[a]*conj(V)[j,a]*conj(U)[i,b]*conj(D)[b]*V[j,b] -> ) == D[a]*conj(D)[a]",
    "U: isometry(i -> a); V: isometry(j -> a)",
)


def picture() -> str:
    """The squared norm of a singular value decomposition, as SVG text."""
    return tn.parse(*NORM).to_svg()


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(picture(), encoding="utf-8")
