"""`tnalgebra eval`: an expression to its array, on files, on random numbers, or exactly."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tnalgebra.cli import common, inputs
from tnalgebra.core.functions import FUNCTIONS
from tnalgebra.core.nesting import contents
from tnalgebra.core.values import Value, terms_of
from tnalgebra.numeric.inputs import check_names
from tnalgebra.numeric.interpreter import Needs, needs
from tnalgebra.numeric.samples import float_arrays
from tnalgebra.numeric.sizes import choose_sizes, partial_sizes, resolve_sizes, split_sizes


def add_parser(commands: common.Subparsers) -> None:
    """Register the command."""
    parser = commands.add_parser("eval", help="evaluate an expression on arrays")
    common.add_expression(parser, "EXPR", "the expression, e.g. 'A @ B'")
    parser.add_argument(
        "--array",
        action="append",
        default=[],
        metavar="A=FILE.npy",
        help="the array of a tensor; once for each",
    )
    parser.add_argument(
        "--number",
        action="append",
        default=[],
        metavar="alpha=0.5",
        help="a symbol's number; once for each",
    )
    inputs.add_sizes(parser)
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument(
        "--random",
        action="store_true",
        help="random complex arrays, with the declared facts, for tensors without --array, "
        "and random real numbers for symbols",
    )
    kinds.add_argument(
        "--symbolic", action="store_true", help="exactly, tensors by their entries A[0,1]"
    )
    parser.add_argument("--real", action="store_true", help="with --random: real arrays")
    common.add_seed(parser, "arrays")
    common.add_output(parser, "text", "json")
    parser.epilog = "With -o, a FILE that ends in .npy takes the array alone, in numpy's format."
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the array, its legs with their sizes, and the random arrays that it was made of."""
    is_array = _is_array_file(options)
    value = inputs.value(options, "eval")
    sizes = inputs.sizes(options)
    named = inputs.pairs(options.array, "--array")
    arrays: dict[str, Any] = {name: inputs.array(path) for name, path in named.items()}
    if options.symbolic and arrays:
        raise common.UsageError("--symbolic takes no arrays", hint="evaluate on numbers without it")
    if options.real and not options.random:
        raise common.UsageError("--real is about random arrays", hint="give --random --real")
    numbers = inputs.pairs(options.number, "--number")
    symbols: dict[str, Any] = {name: inputs.number(name, text) for name, text in numbers.items()}
    drawn: dict[str, Any] = {}
    if options.random:
        wanted = needs(value)
        check_names(wanted, arrays | symbols)
        sizes = _all_sizes(wanted, arrays, sizes, options.seed)
        drawn = _random_arrays(value, wanted, arrays, sizes, options)
        generator = np.random.default_rng(options.seed)
        for symbol in wanted.symbols:
            if symbol.name not in symbols and not symbol.is_integer:
                drawn[symbol.name] = round(float(generator.standard_normal()), 3)
    elif not options.symbolic:
        _check_given(value, arrays, {**sizes, **symbols})
    given = arrays | symbols | drawn
    result = value.evaluate(sizes=sizes, symbolic=options.symbolic, **given)
    if is_array:
        _save(options.output, result)
    elif options.format == "json":
        common.write(options, common.as_json(_json(value, result, drawn)))
    else:
        common.write(options, _text(value, result, drawn))
    return 0


BINARY = (".npz", ".pt", ".pth", ".pkl", ".pickle", ".safetensors", ".h5", ".hdf5", ".mat", ".bin")
"""Endings of files that hold no text, and that no array is written to here."""


def _is_array_file(options: argparse.Namespace) -> bool:
    """Whether -o names a file in numpy's format; UsageError where its name would be wrong."""
    ending = Path(options.output or "").suffix.lower()
    if ending in BINARY:
        raise common.UsageError(
            f"cannot write {options.output}: eval writes text, JSON and numpy's .npy",
            hint="name a file that ends in .npy, or one of text",
        )
    if ending != ".npy":
        return False
    if options.format == "json" or options.symbolic:
        what = "--symbolic" if options.symbolic else "--format json"
        raise common.UsageError(
            f"{options.output} is a file of numbers in numpy's format, and {what} gives text",
            hint=f"leave {what} out, or name a file that ends in .json or .txt",
        )
    return True


def _save(path: str, result: Any) -> None:
    """Write an array in numpy's format, under the name as it is given."""
    try:
        with open(path, "wb") as file:
            np.save(file, np.asarray(result), allow_pickle=False)
    except OSError as error:
        raise common.UsageError(f"cannot write {path}: {error.strerror}") from error


def _check_given(value: Value, arrays: Mapping[str, Any], numbers: Mapping[str, Any]) -> None:
    """Raise for an array or number that is missing, in the words of the shell."""
    wanted = needs(value)
    check_names(wanted, arrays)
    for name, tensor in wanted.tensors.items():
        if name not in arrays and tensor.entries is None:
            raise common.UsageError(
                f"no array is given for the tensor {name!r}",
                text=str(value),
                hint=f"give --array {name}=FILE.npy, or take --random or --symbolic",
            )
    for symbol in wanted.symbols:
        if symbol.name not in numbers and not symbol.is_integer:
            raise common.UsageError(
                f"no number is given for the symbol {symbol.name!r}",
                text=str(value),
                hint=f"give --number {symbol.name}=0.5, or take --random or --symbolic",
            )


def _all_sizes(
    wanted: Needs, arrays: Mapping[str, Any], given: Mapping[str, int], seed: int
) -> dict[str, int]:
    """The sizes told by arrays and options; small ones that the facts allow for all others."""
    of_symbols, of_spaces = split_sizes(wanted, given)
    tensors = list(wanted.tensors.values())
    shapes = {name: array.shape for name, array in arrays.items()}
    bases = [wanted.tensors[name] for name in shapes]
    known = partial_sizes(wanted.spaces, bases, shapes, of_spaces)
    chosen = choose_sizes(tensors, wanted.spaces, least=wanted.least, seed=seed)
    full = {space.name: chosen[space.name] for space in wanted.spaces} | known
    spaces = {space.name for space in wanted.spaces}
    symbols = {name: size for name, size in full.items() if name not in spaces}
    told = {name: size for name, size in full.items() if name in spaces} | symbols
    found = resolve_sizes(wanted.spaces, bases, shapes, told)
    return {name: found[name] for name in spaces} | of_symbols


def _random_arrays(
    value: Value,
    wanted: Needs,
    arrays: Mapping[str, Any],
    sizes: Mapping[str, int],
    options: argparse.Namespace,
) -> dict[str, Any]:
    """Normal random arrays with the declared facts; real ones for --real or a function."""
    boxes = [box for one in [*contents(value), value] for t in terms_of(one) for box in t.boxes]
    functions = [FUNCTIONS[box.function.name] for box in boxes if box.function is not None]
    missing = [tensor for name, tensor in wanted.tensors.items() if name not in arrays]
    real = options.real or any(function.real_only for function in functions)
    found = float_arrays(missing, sizes, real=real, seed=options.seed)
    if found is None:
        raise common.UsageError(
            "no random arrays have the declared facts at these sizes",
            hint="give other --sizes, or the arrays themselves by --array",
        )
    return found


def _text(value: Value, result: Any, drawn: Mapping[str, Any]) -> str:
    legs = ", ".join(
        f"{leg.name} = {size}" for leg, size in zip(value.legs, result.shape, strict=True)
    )
    lines = [f"{name} = {_shown(array)}" for name, array in drawn.items()]
    return "\n".join([*lines, f"axes: {legs or 'none'}", _shown(result)])


def _shown(array: Any) -> str:
    if isinstance(array, np.ndarray) and array.ndim:
        return np.array2string(array, precision=6, suppress_small=True)
    return str(array)


def _json(value: Value, result: Any, drawn: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "axes": [
            {"name": leg.name, "size": int(size)}
            for leg, size in zip(value.legs, result.shape, strict=True)
        ],
        **_entries(result),
        "random": {name: _entries(np.asarray(array)) for name, array in drawn.items()},
    }


def _entries(array: Any) -> dict[str, Any]:
    """The entries of an array as nested lists; what is not finite is null, sympy's are text."""
    if not isinstance(array, np.ndarray | np.generic):
        nested: Any = array[()] if not array.shape else array.tolist()
        return {"entries": _each(nested, str)}

    def finite(number: float) -> float | None:
        return number if math.isfinite(number) else None

    parts = {"entries": _each(array.real.tolist(), finite)}
    if np.iscomplexobj(array):
        parts["imaginary"] = _each(array.imag.tolist(), finite)
    return parts


def _each(nested: Any, change: Any) -> Any:
    return [_each(one, change) for one in nested] if isinstance(nested, list) else change(nested)
