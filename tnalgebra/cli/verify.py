"""`tnalgebra verify`: an equation to its verdict, with the proof or the counterexample."""

from __future__ import annotations

import argparse

from tnalgebra.cli import common
from tnalgebra.verification.verify import verify

EXIT_CODES = {"proved": 0, "certified": 0, "refuted": 1, "unknown": 3}


def add_parser(commands: common.Subparsers) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "verify", help="prove an equation, or refute it by a counterexample"
    )
    common.add_expression(parser, "EQUATION", "the equation, e.g. 'tr(A @ B) == tr(B @ A)'")
    common.add_rules(parser)
    common.add_output(parser, "text", "json")
    common.add_seed(parser, "samples")
    parser.add_argument("--proof", metavar="FILE", help="write the proof as JSON to FILE")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the verdict; the exit code says which it is."""
    verdict = verify(
        common.expression(options),
        where=options.where,
        rules=common.rules(options),
        seed=options.seed,
    )
    if options.proof and verdict.proof is not None:
        common.write(argparse.Namespace(output=options.proof), verdict.proof.dumps())
    as_json = options.format == "json"
    common.write(options, common.as_json(verdict.to_json()) if as_json else str(verdict))
    return EXIT_CODES[verdict.status]
