"""The command line: one file a command, errors with a caret, exit codes that scripts read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tnalgebra.errors import LimitError, TnalgebraError

DONE, REFUTED, USAGE, UNKNOWN = 0, 1, 2, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 true or done, 1 refuted, 2 usage or parse error, 3 unknown or limit."""
    from tnalgebra import __version__
    from tnalgebra.cli import doctor, draw, expand, simplify, verify

    parser = argparse.ArgumentParser(
        prog="tnalgebra",
        description="Simplify, verify, expand and draw tensor diagrams.",
        epilog="Exit codes: 0 true or done, 1 refuted, 2 usage or parse error, 3 unknown or limit.",
    )
    parser.add_argument("--version", action="version", version=f"tnalgebra {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (simplify, verify, expand, draw, doctor):
        module.add_parser(commands)
    options = parser.parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except LimitError as error:
        print(error, file=sys.stderr)
        return UNKNOWN
    except TnalgebraError as error:
        print(error, file=sys.stderr)
        return USAGE
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    return code
