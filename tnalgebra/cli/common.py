"""What the commands share: reading an expression, declarations and rules; writing a result."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from tnalgebra.errors import TnalgebraError
from tnalgebra.rewrite.rules import RuleSet


class Subparsers(Protocol):
    """What argparse's `add_subparsers` returns."""

    def add_parser(self, name: str, **options: Any) -> argparse.ArgumentParser: ...


class UsageError(TnalgebraError):
    """Options or files of the command line that cannot be used."""


def add_expression(parser: argparse.ArgumentParser, name: str, text: str) -> None:
    """The expression argument and its declarations."""
    parser.add_argument("expression", metavar=name, help=f"{text}; - reads standard input")
    parser.add_argument("--where", default="", help="declarations, e.g. 'V: isometry(m -> a)'")


def add_seed(parser: argparse.ArgumentParser, what: str) -> None:
    """The seed of what is drawn at random."""
    parser.add_argument("--seed", type=_seed, default=0, help=f"seed of the random {what}")


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"a seed is a whole number from 0, not {text!r}")
    return int(text)


def add_output(parser: argparse.ArgumentParser, *formats: str) -> None:
    """The format and the file to write to."""
    parser.add_argument("--format", choices=formats, default=formats[0], help="what to print")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE, not to the terminal")


def add_rules(parser: argparse.ArgumentParser) -> None:
    """Rule files to use beside the shipped ones."""
    parser.add_argument(
        "--rules", action="append", default=[], metavar="FILE", help="use this rule file too"
    )


def check_extra(options: argparse.Namespace, extra: Sequence[str]) -> None:
    """Raise UsageError for pairs that no option takes, as `--sizes i=2 j=3` leaves them."""
    loose = [*extra, getattr(options, "expression", "")]
    sizes = [one for one in loose if re.fullmatch(r"[^\W\d]\w*'*=\d+,?", one)]
    hint = None
    if sizes and getattr(options, "sizes", None):
        given = ",".join(one.strip(",") for one in [*options.sizes, *sizes])
        hint = f"sizes are one list with commas: --sizes {given}"
    elif hasattr(options, "array") and any(re.match(r"[^\W\d]\w*'*=", one) for one in extra):
        hint = "--array and --number are given once for each name: --number a=1 --number b=2"
    if hint:
        raise UsageError(f"unrecognized arguments: {' '.join(extra)}", hint=hint)


def expression(options: argparse.Namespace) -> str:
    """The expression text, from the command line or standard input."""
    text: str = options.expression
    if text != "-":
        return text
    if sys.stdin is None:
        raise UsageError("there is no standard input", hint="give the expression itself, not -")
    try:
        return sys.stdin.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read standard input: {error}") from error


def rules(options: argparse.Namespace) -> RuleSet | None:
    """The shipped rules with those of the given files; None for the shipped ones alone."""
    from tnalgebra.rewrite.rules import load

    if not options.rules:
        return None
    result = load()
    for path in options.rules:
        result = result + RuleSet.from_toml(path)
    return result


def write(options: argparse.Namespace, text: str) -> None:
    """Print the text, or write it to the file of `-o`."""
    text = text if text.endswith("\n") else text + "\n"
    if not options.output:
        _print(text)
        return
    try:
        Path(options.output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {options.output}: {error.strerror}") from error


def _print(text: str) -> None:
    if sys.stdout is None:
        raise UsageError("there is no standard output to write to")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        _abandon_output()
        if isinstance(error, BrokenPipeError):
            raise
        raise UsageError(f"cannot write to standard output: {error.strerror}") from error


def _abandon_output() -> None:
    """Send what is still unwritten nowhere, for Python tries again, and fails, when it exits."""
    with contextlib.suppress(io.UnsupportedOperation), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def as_json(data: Any) -> str:
    """Data as JSON text; a number that is not finite has none."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
