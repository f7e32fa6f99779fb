"""The words that the notation keeps for itself: no tensor, index, space or symbol is called so."""

from __future__ import annotations

import re

import sympy

from tnalgebra.core.functions import FUNCTIONS
from tnalgebra.errors import NotationError

BUILTIN_TENSORS = ("delta", "eye", "ones", "onehot", "causal")
SHORTHAND = ("conj", "tr", "diag", "kron", "group", "split", "eq")
SCALAR_FUNCTIONS = (
    *("sqrt", "exp", "log", "factorial", "gamma", "Abs", "sin", "cos", "tan", "cot", "sec", "csc"),
    *("sinh", "cosh", "tanh", "coth"),
)
CONSTANTS = {"I": sympy.I, "pi": sympy.pi}
RESERVED = {
    *BUILTIN_TENSORS,
    *SHORTHAND,
    *FUNCTIONS,
    *SCALAR_FUNCTIONS,
    *CONSTANTS,
    *("dim", "sum"),
}

NAME = re.compile(r"[^\W\d]\w*'*")


def numbered(name: str, number: int) -> str:
    """The name with a number before its primes.

    >>> numbered("j'", 1)
    "j1'"
    """
    stem = name.rstrip("'")
    return f"{stem}{number}{name[len(stem) :]}"


def words_in(text: str) -> set[str]:
    """Every name that a text has, in whatever sense.

    >>> sorted(words_in("V: isometry(m -> a'); m = j + 1"))
    ['V', "a'", 'isometry', 'j', 'm']
    """
    return set(re.findall(r"[^\W\d]\w*'*", text))


def check_name(name: str, what: str) -> None:
    """Raise NotationError unless a tensor, index, space or symbol may be called `name`."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise NotationError(
            f"{name!r} is no name of a {what}", hint="letters, digits and _, then primes"
        )
    if name in RESERVED:
        raise NotationError(
            f"{name!r} has a meaning of its own, so no {what} is called so",
            hint="choose another name",
        )
