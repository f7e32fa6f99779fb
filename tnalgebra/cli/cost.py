"""`tnalgebra cost`: what evaluating an expression costs, as numbers or formulas of sizes."""

from __future__ import annotations

import argparse

import sympy

from tnalgebra.cli import common, inputs


def add_parser(commands: common.Subparsers) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "cost", help="the multiplications and the largest array of an evaluation"
    )
    common.add_expression(parser, "EXPR", "the expression, e.g. 'A[i,j]*B[j,k]*v[k]'")
    inputs.add_sizes(parser)
    common.add_output(parser, "text", "json")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the cost and its steps, formulas where sizes are not given."""
    cost = inputs.value(options, "cost").cost(inputs.sizes(options))
    if options.format == "text":
        common.write(options, str(cost))
        return 0

    def shown(count: sympy.Expr) -> int | str:
        return int(count) if count.is_Integer else str(count)

    steps = [
        {"pair": list(step.pair), "flops": shown(step.flops), "entries": shown(step.entries)}
        for step in cost.steps
    ]
    data = {"flops": shown(cost.flops), "peak": shown(cost.peak), "steps": steps}
    common.write(options, common.as_json({"schema_version": 1, **data}))
    return 0
