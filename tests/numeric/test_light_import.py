"""Importing the numeric package costs no torch."""

from __future__ import annotations

import subprocess
import sys

MODULES = [
    "evaluate",
    "exact",
    "samples",
    "samplers",
    "modular",
    "functions",
    "devices",
    "contraction",
    "sizes",
]


def test_numeric_modules_do_not_load_torch():
    imports = "; ".join(f"import tnalgebra.numeric.{name}" for name in MODULES)
    code = f"import sys; {imports}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
