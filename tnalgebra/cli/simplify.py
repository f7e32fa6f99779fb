"""`tnalgebra simplify`: an expression to its simplest form, with the checked steps."""

from __future__ import annotations

import argparse

from tnalgebra.cli import common
from tnalgebra.core.values import Equation
from tnalgebra.notation.parse import parse


def add_parser(commands: common.Subparsers) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "simplify", help="simplify an expression, every step checked on numbers"
    )
    common.add_expression(parser, "EXPR", "the expression, e.g. 'tr(V @ V.H)'")
    common.add_rules(parser)
    common.add_output(parser, "text", "json", "svg")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the derivation, or its result as a picture."""
    text = common.expression(options)
    value = parse(text, options.where)
    if isinstance(value, Equation):
        raise common.UsageError("simplify takes an expression", text=text, hint="try verify")
    derivation = value.derivation(common.rules(options))
    if options.format == "json":
        common.write(options, derivation.dumps())
    elif options.format == "svg":
        common.write(options, derivation.result.to_svg())
    else:
        common.write(options, str(derivation))
    return 0
