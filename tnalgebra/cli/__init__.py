"""The command line: one file a command, errors with a caret, exit codes that scripts read."""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import traceback
from collections.abc import Sequence

from tnalgebra.errors import LimitError, TnalgebraError

DONE, REFUTED, USAGE, UNKNOWN, BUG = 0, 1, 2, 3, 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    The exit code is 0 for true or done, 1 for refuted, 2 for a usage, parse or output error, 3 for
    unknown or a limit, memory included, and 4 for a bug in tnalgebra, whose traceback is shown.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # not every terminal can show an α
    try:
        return _run(arguments)
    except LimitError as error:
        _complain(str(error))
        return UNKNOWN
    except BrokenPipeError:  # the reader has seen enough; without the verdict the code is not 0
        return USAGE
    except TnalgebraError as error:
        _complain(str(error))
        return USAGE
    except Exception as error:
        if _is_out_of_memory(error):
            _complain(f"out of memory: {error}")
            return UNKNOWN
        _complain(f"{traceback.format_exc()}this is a bug in tnalgebra")
        return BUG


def _run(arguments: Sequence[str] | None) -> int:
    from tnalgebra import __version__
    from tnalgebra.cli import common, cost, doctor, draw, eval, expand, show, simplify, verify

    parser = argparse.ArgumentParser(
        prog="tnalgebra",
        description="Simplify, verify, evaluate, expand and draw tensor diagrams.",
        epilog="Exit codes: 0 true or done, 1 refuted, 2 usage, parse or output error, "
        "3 unknown or limit, 4 a bug in tnalgebra.",
    )
    parser.add_argument("--version", action="version", version=f"tnalgebra {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (simplify, verify, eval, show, cost, expand, draw, doctor):
        module.add_parser(commands)
    options, extra = parser.parse_known_args(arguments)
    if extra:
        common.check_extra(options, extra)
        parser.error(f"unrecognized arguments: {' '.join(extra)}")
    code: int = options.run(options)
    return code


def _complain(text: str) -> None:
    """Print to standard error; where there is none that takes it, the exit code must do."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(text, file=sys.stderr, flush=True)


def _is_out_of_memory(error: Exception) -> bool:
    """Whether memory ran out, which torch says by a RuntimeError."""
    text = str(error)
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError)
        and ("out of memory" in text or "DefaultCPUAllocator" in text)
    )
