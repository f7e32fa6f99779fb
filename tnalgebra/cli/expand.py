"""`tnalgebra expand`: the path expansion of a transformer, symbolic or on a trained model."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from typing import Any

from tnalgebra.cli import common
from tnalgebra.errors import LimitError
from tnalgebra.nn.load import Model, load
from tnalgebra.nn.paths import PathExpansion, Term, composition_table
from tnalgebra.nn.paths.address import count_text
from tnalgebra.nn.transformer import Transformer

MODES = ("telescoped", "linear", "frozen")
MOST_SHOWN = 2000
MOST_DIGITS = 4000
LEAST_CONTEXT = 4


def add_parser(commands: common.Subparsers) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "expand",
        help="the path-expansion terms of a transformer, and that they add up",
        epilog=f"In JSON, count is a number of at most {MOST_DIGITS} digits; a longer one is text, "
        "such as 'about 2.8e+6570'.",
    )
    parser.add_argument("--layers", type=int, help="layers of a symbolic transformer (2)")
    parser.add_argument("--heads", type=int, help="heads a layer of a symbolic transformer")
    parser.add_argument("--mode", choices=MODES, default=MODES[0], help="how attention expands")
    parser.add_argument("--split-heads", action="store_true", help="one term for each head")
    parser.add_argument("--model", help="'induction', the shipped model, or a .npz of weights")
    parser.add_argument(
        "--prompt",
        metavar="TOKENS",
        help="token numbers, e.g. '3 1 4 3 1'; default: '0 1 .. 0 1 ..'",
    )
    parser.add_argument("--term", type=int, metavar="N", help="one term alone, counted from 0")
    common.add_output(parser, "text", "json", "svg")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the terms; with a model also the residual, and which composition carries induction."""
    model = _model(options)
    source: Model | Transformer = model if model is not None else _symbolic(options)
    expansion = source.path_expansion(options.mode, split_heads=options.split_heads)
    terms = _terms(options, expansion)
    if options.format == "svg":
        if len(terms) != 1:
            raise common.UsageError("an SVG shows one term", hint="choose it with --term N")
        common.write(options, terms[0].diagram.to_svg())
    elif options.format == "json":
        common.write(options, common.as_json(_json(options, expansion, terms, model)))
    else:
        common.write(options, _text(options, expansion, terms, model))
    return 0


def _model(options: argparse.Namespace) -> Model | None:
    if options.model is None:
        if options.prompt is not None:
            raise common.UsageError("--prompt needs --model", hint="try --model induction")
        return None
    if options.layers is not None or options.heads is not None:
        raise common.UsageError("--layers and --heads describe a symbolic transformer")
    model = load(options.model)
    return model.with_pattern("linear") if options.mode == "linear" else model


def _symbolic(options: argparse.Namespace) -> Transformer:
    pattern = "linear" if options.mode == "linear" else "softmax"
    layers = 2 if options.layers is None else options.layers
    return Transformer(layers=layers, heads=options.heads, pattern=pattern)


def _terms(options: argparse.Namespace, expansion: PathExpansion) -> Sequence[Term]:
    if options.term is not None:
        if not 0 <= options.term < expansion.count:
            raise common.UsageError(
                f"there is no term {options.term}; they are 0 to {count_text(expansion.count - 1)}"
            )
        return [expansion[options.term]]
    if expansion.count > MOST_SHOWN:
        raise common.UsageError(
            f"the expansion has {count_text(expansion.count)} terms, "
            f"of which at most {MOST_SHOWN} are printed",
            hint="choose one with --term N",
        )
    return list(expansion)


def _tokens(options: argparse.Namespace, model: Model) -> list[int]:
    if options.prompt is None:
        vocab = model.weights["W_E"].shape[0]
        block = [number % vocab for number in range(max(1, model.context // 4))]
        return (block * 2)[: model.context]
    try:
        return [int(word) for word in options.prompt.replace(",", " ").split()]
    except ValueError as error:
        raise common.UsageError(
            "a prompt is a list of token numbers", text=options.prompt
        ) from error


def _text(
    options: argparse.Namespace,
    expansion: PathExpansion,
    terms: Sequence[Term],
    model: Model | None,
) -> str:
    width = max(len(term.label) for term in terms)
    count = "1 term" if expansion.count == 1 else f"{count_text(expansion.count)} terms"
    lines = [f"{options.mode} expansion: {count}; {expansion.order_of_sources}", ""]
    if model is not None and options.mode == "linear":
        lines[1:] = ["the model's weights with masked linear attention in place of softmax", ""]
    lines.append(f"{'term':<{width}}  kind  order")
    lines += [f"{term.label:<{width}}  {term.kind:<4}  {term.order:>5}" for term in terms]
    if options.term is not None:
        lines += ["", str(terms[0].diagram)]
    if model is not None:
        lines += ["", str(expansion.evaluate(_tokens(options, model)))]
        if options.mode != "frozen" and not options.split_heads:
            lines += ["", _table(options, model)]
    return "\n".join(lines)


def _table(options: argparse.Namespace, model: Model) -> str:
    if model.context < LEAST_CONTEXT:
        return f"no induction table: it needs a context of {LEAST_CONTEXT}, not {model.context}"
    try:
        return str(composition_table(model, mode=options.mode))
    except LimitError as error:
        return f"no induction table: {error.message}"


def _json_count(count: int) -> int | str:
    """The exact number; as rounded text beyond MOST_DIGITS digits, which few JSON readers take."""
    return count if count < 10**MOST_DIGITS else count_text(count)


def _json(
    options: argparse.Namespace,
    expansion: PathExpansion,
    terms: Sequence[Term],
    model: Model | None,
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "schema_version": 1,
        "mode": options.mode,
        "count": _json_count(expansion.count),
        "order_of_sources": expansion.order_of_sources,
        "terms": [
            {
                "index": term.index,
                "label": term.label,
                "kind": term.kind,
                "order": term.order,
                "heads": list(term.heads),
                "diagram": str(term.diagram),
                "where": term.diagram.where,
            }
            for term in terms
        ],
    }
    if model is not None:
        result = expansion.evaluate(_tokens(options, model))
        data["residual"] = float(result.residual)
        relative = result.relative_residual
        data["relative_residual"] = relative if math.isfinite(relative) else None
    return data
