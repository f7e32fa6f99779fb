"""What commands on numbers read: sizes, arrays in files, numbers of symbols, random arrays."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sympy

from tnalgebra.cli import common
from tnalgebra.core.values import Diagram, Equation, Value
from tnalgebra.notation.parse import parse


def value(options: argparse.Namespace, command: str) -> Value:
    """The value of the expression; raises UsageError for an equation."""
    text = common.expression(options)
    found = parse(text, options.where)
    if isinstance(found, Equation):
        raise common.UsageError(f"{command} takes an expression", text=text, hint="try verify")
    return found


def add_sizes(parser: argparse.ArgumentParser) -> None:
    """The option for sizes of spaces."""
    parser.add_argument(
        "--sizes",
        action="append",
        default=[],
        metavar="i=3,j=4",
        help="sizes by space name, in one list with commas",
    )


def sizes(options: argparse.Namespace) -> dict[str, int]:
    """The sizes that the user gives."""
    parts = (part.strip() for part in ",".join(options.sizes).split(","))
    given = pairs(filter(None, parts), "--sizes")
    for name, size in given.items():
        if not size.isdecimal():
            raise common.UsageError(f"the size of {name!r} is a whole number, not {size!r}")
    return {name: int(size) for name, size in given.items()}


def pairs(texts: Iterable[str], option: str) -> dict[str, str]:
    """The sides of NAME=VALUE, each name once; raises UsageError."""
    found: dict[str, str] = {}
    for name, value in (pair(text, option) for text in texts):
        if found.setdefault(name, value) != value:
            raise common.UsageError(
                f"{option} is given twice for {name!r}: {found[name]} and {value}"
            )
    return found


def pair(text: str, option: str) -> tuple[str, str]:
    """The two sides of NAME=VALUE."""
    name, sign, other = (part.strip() for part in text.partition("="))
    if not (name and sign and other):
        raise common.UsageError(f"{option} takes NAME=VALUE, not {text!r}")
    return name, other


def array(path: str) -> Any:
    """The array of a .npy file."""
    import numpy as np

    try:
        found = np.load(Path(path), allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise common.UsageError(f"cannot read the array {path}: {error}") from error
    if not isinstance(found, np.ndarray):
        raise common.UsageError(f"{path} holds several arrays", hint="save one array as .npy")
    return found


def number(name: str, text: str) -> complex | sympy.Expr:
    """The number of a symbol: as Python writes it, or exact in the notation, as 1/3 or sqrt(2)."""
    for kind in (int, float, complex):
        try:
            found: complex | float | int = kind(text.replace(" ", ""))
        except ValueError:
            continue
        return found
    exact = parse(text)
    if isinstance(exact, Diagram) and not exact.graph and exact.coefficient.is_number:
        return exact.coefficient
    raise common.UsageError(
        f"the symbol {name!r} needs a number such as 0.5, 1/3 or 1+2j, not {text!r}"
    )
