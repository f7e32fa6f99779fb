"""`tnalgebra draw`: an expression or equation to an SVG picture."""

from __future__ import annotations

import argparse
from pathlib import Path

from tnalgebra.cli import common
from tnalgebra.notation.parse import parse


def add_parser(commands: common.Subparsers) -> None:
    """Register the command."""
    parser = commands.add_parser("draw", help="draw an expression or equation as SVG")
    common.add_expression(parser, "EXPR", "the expression or equation")
    parser.add_argument("-o", "--output", metavar="FILE.svg", help="the picture to write")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the picture, to standard output where no file is named."""
    if options.output and Path(options.output).suffix != ".svg":
        raise common.UsageError(
            f"cannot draw to {options.output!r}", hint="name a file that ends in .svg"
        )
    common.write(options, parse(common.expression(options), options.where).to_svg())
    return 0
