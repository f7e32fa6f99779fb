"""`tnalgebra show`: what an expression or equation is: legs, spaces, tensors, graph, digest."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import Any

from tnalgebra.cli import common
from tnalgebra.core import build
from tnalgebra.core.nesting import all_tensors, contents
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.values import Equation, Value, terms_of
from tnalgebra.notation.parse import parse


def add_parser(commands: common.Subparsers) -> None:
    """Register the command."""
    parser = commands.add_parser("show", help="what an expression or equation is made of")
    common.add_expression(parser, "EXPR", "the expression or equation")
    common.add_output(parser, "text", "json")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what was read: as text that can be read again, and its parts."""
    found = parse(common.expression(options), options.where)
    sides = {"": found} if isinstance(found, Value) else _sides(found)
    data = {name: _data(side) for name, side in sides.items()}
    head = {"schema_version": 1, "text": str(found), "where": found.where}
    if options.format == "json":
        common.write(options, common.as_json(head | data.get("", data)))
    else:
        lines = [str(found), *([f"where {found.where}"] if found.where else [])]
        for name, side in data.items():
            lines += ["", *([f"{name}:"] if name else []), *_lines(side)]
        common.write(options, "\n".join(lines))
    return 0


def _sides(equation: Equation) -> dict[str, Value]:
    return {"left": equation.lhs, "right": equation.rhs}


def _data(value: Value) -> dict[str, Any]:
    inside = contents(value)
    nodes: Counter[str] = Counter()
    edges = 0
    for one in [*inside, value]:
        for term in terms_of(one):
            nodes.update(type(node).__name__ for _, node in term.graph.nodes(data="node"))
            edges += term.graph.number_of_edges()
    return {
        "kind": type(value).__name__.lower(),
        "legs": [
            {"name": leg.name, "space": leg.space.name, "size": str(leg.space.dimension)}
            for leg in value.legs
            if leg.space is not None
        ],
        "tensors": _tensors(value),
        "graph": {
            "terms": len(terms_of(value)),
            "contents": len(inside),
            "edges": edges,
            **{name.lower(): count for name, count in sorted(nodes.items())},
        },
        "digest": value.content_digest(),
    }


def _tensors(value: Value) -> list[dict[str, Any]]:
    uses: dict[Tensor, Counter[str]] = {}
    for tensor in all_tensors(value):
        base = tensor if tensor.is_builtin else tensor.base()
        uses.setdefault(base, Counter())[tensor.mark] += 1
    return [
        {
            "name": tensor.name,
            "legs": [
                leg.name if leg.name == space.name else f"{leg.name}: {space.name}"
                for leg, space in zip(tensor.legs, tensor.spaces(), strict=True)
            ],
            "facts": _facts(tensor),
            "uses": dict(marks),
        }
        for tensor, marks in uses.items()
    ]


def _facts(tensor: Tensor) -> list[str]:
    """The declared facts as they are written, the name of the tensor left out."""
    if not tensor.facts:
        return []
    names = [f"i{port}" for port in range(tensor.rank)]
    parts = build.symbol(tensor, names).where.split("; ")
    lead = f"{tensor.name}: "
    return [part.removeprefix(lead) for part in parts if part.startswith(lead)]


def _lines(data: dict[str, Any]) -> list[str]:
    legs = [
        f"{leg['name']}: {leg['space']}"
        + (f" = {leg['size']}" if leg["size"] != leg["space"] else "")
        for leg in data["legs"]
    ]
    graph = ", ".join(f"{count} {name}" for name, count in data["graph"].items())
    lines = [
        f"kind     {data['kind']}",
        f"legs     {', '.join(legs) or 'none'}",
        f"graph    {graph}",
        f"digest   {data['digest']}",
    ]
    for tensor in data["tensors"]:
        uses = ", ".join(f"{mark} {count}" for mark, count in tensor["uses"].items())
        facts = "; ".join(tensor["facts"])
        text = f"tensor   {tensor['name']}[{', '.join(tensor['legs'])}], marks: {uses}"
        lines.append(f"{text}; facts: {facts}" if facts else text)
    return lines
