"""`tnalgebra doctor`: is this installation whole: versions, device, rules, and one proof."""

from __future__ import annotations

import argparse
import platform
from importlib import metadata

from tnalgebra import __version__
from tnalgebra.cli import common
from tnalgebra.numeric.devices import describe_device
from tnalgebra.rewrite.rules import load
from tnalgebra.verification.verify import verify

PACKAGES = ("sympy", "numpy", "torch", "networkx", "opt_einsum")


def add_parser(commands: common.Subparsers) -> None:
    """Register the command."""
    parser = commands.add_parser("doctor", help="check this installation")
    common.add_output(parser, "text", "json")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what was found; check every rule on numbers and decide one equation each way."""
    from tnalgebra.nn.load import load as load_model

    rules = load()
    checks = rules.check()
    proved = verify("tr(A @ B) == tr(B @ A)").status
    refuted = verify("V @ V.H == eye", where="V: isometry(m -> a)").status
    model = load_model("induction")
    residual = model.path_expansion("telescoped").evaluate([1, 2, 3, 1, 2]).relative_residual
    found = {
        "tnalgebra": __version__,
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in PACKAGES},
        "device": describe_device(),
        "rules": f"{len(checks)} rules, each true on numbers",
        "verify": f"tr(A @ B) == tr(B @ A) is {proved}; V @ V.H == eye is {refuted}",
        "model": f"the shipped model loads; its ten terms add up to {residual:.0e}",
    }
    healthy = (proved, refuted) == ("proved", "refuted") and residual < 1e-10
    if options.format == "json":
        common.write(options, common.as_json({"schema_version": 1, "healthy": healthy, **found}))
    else:
        lines = [f"{name:<11}{text}" for name, text in found.items()]
        common.write(options, "\n".join([*lines, "all is well" if healthy else "NOT WELL"]))
    return 0 if healthy else 3
