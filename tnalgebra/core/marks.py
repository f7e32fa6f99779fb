"""The marks a tensor may carry: conjugated, inverted, pseudo-inverted, and how two combine.

This file needs the standard library alone, because the proof replayer trusts it.
"""

from __future__ import annotations

MARKS = ("none", "conj", "inv", "conj inv", "pinv", "conj pinv")


def is_conj(mark: str) -> bool:
    """Whether the tensor stands conjugated."""
    return mark.startswith("conj")


def is_turned(mark: str) -> bool:
    """Whether the two ports stand the other way round: under `inv` and `pinv`."""
    return mark.endswith("inv")


def combine(first: str, second: str) -> str:
    """The mark of a tensor marked twice: conjugates cancel, inverses of one kind cancel.

    Raises ValueError for an inverse of a pseudo-inverse, which is no single mark.

    >>> combine("conj inv", "conj"), combine("pinv", "pinv")
    ('inv', 'none')
    """
    (a, inner), (b, outer) = _parts(first), _parts(second)
    if inner and outer and inner != outer:
        raise ValueError(f"{first!r} and {second!r} make no single mark")
    inverse = "" if inner == outer else inner or outer
    words = [word for word in ("conj" if a != b else "", inverse) if word]
    return " ".join(words) or "none"


def _parts(mark: str) -> tuple[bool, str]:
    """Whether a mark conjugates, and its kind of inverse or ""."""
    last = mark.rpartition(" ")[2]
    return is_conj(mark), last if is_turned(mark) else ""
