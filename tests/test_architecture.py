"""The house rules: imports run one way, files are short and say what they are for."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tnalgebra
from tnalgebra.core.facts import KINDS, Fact
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.numeric.samplers import components

PACKAGE = Path(tnalgebra.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted(Path(__file__).parent.rglob("*.py"))
LAYERS = (
    ("errors", "methods"),
    ("core",),
    ("notation", "numeric", "symbolic"),
    ("bridges", "rewrite"),
    ("verification",),
    ("decompose", "networks", "nn"),
    ("draw",),
    ("cli",),
    ("__main__",),
)
HEIGHT = {name: height for height, names in enumerate(LAYERS) for name in names}
SIDEWAYS = {("networks", "decompose")}
LOOKS_UP = {"methods.py", "__init__.py"}


def _home(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(file: Path) -> set[str]:
    """The parts of the package that a file imports anywhere, but for type checkers alone."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting.extend(node.orelse)
            continue
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names]
        parts = [name.split(".") for name in names]
        inside = [part[1] for part in parts if part[0] == "tnalgebra" and len(part) > 1]
        found.update(name for name in inside if name != "__version__")
        waiting.extend(ast.iter_child_nodes(node))
    return found


def _name(file: Path) -> str:
    return str(file.relative_to(PACKAGE.parent))


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_imports_run_one_way(file):
    if str(file.relative_to(PACKAGE)) in LOOKS_UP:
        return
    home = _home(file)
    assert home in HEIGHT, f"{home} has no layer"
    for target in _imports(file) - {home}:
        if target == "errors" or (target == "methods" and home == "core"):
            continue
        assert target in HEIGHT, f"{_name(file)} imports tnalgebra.{target}, which has no layer"
        allowed = HEIGHT[target] < HEIGHT[home] or (home, target) in SIDEWAYS
        assert allowed, f"{_name(file)} imports {target}, which is not below {home}"


def test_the_walker_sees_nested_imports(tmp_path):
    file = tmp_path / "nested.py"
    file.write_text(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from tnalgebra.cli import main\n"
        "else:\n    import tnalgebra.draw.svg\n"
        "def f():\n    from tnalgebra.nn import x\n    from tnalgebra import rewrite\n"
    )
    assert _imports(file) == {"draw", "nn", "rewrite"}


@pytest.mark.parametrize("file", FILES + TESTS, ids=lambda f: f.name)
def test_each_file_says_what_it_is_for(file):
    text = file.read_text(encoding="utf-8")
    first = text.partition("\n")[0]
    assert first.startswith('"""'), f"{file} has no docstring in its first line"
    assert len(first) > 20
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("file", FILES + TESTS, ids=lambda f: f.name)
def test_files_are_short(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 400


def test_importing_loads_nothing_heavy():
    code = (
        "import sys, tnalgebra as tn; tn.parse('A[i,j]*B[j,k]');"
        "print([name for name in ('torch', 'matplotlib', 'scipy') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("kind", KINDS)
def test_each_fact_can_be_sampled(kind):
    p, q = Space("p", 3), Space("q", 2)
    spaces = (p, q) if KINDS[kind].shape == "arrow" else (p, p)
    spaces = (q, p) if kind == "right_invertible" else spaces
    sides = {"bare": (), "leg": ((0,),)}.get(KINDS[kind].shape, ((0,), (1,)))
    spaces = spaces[: len(sides) or 2]
    legs = tuple(Leg(f"i{k}", space) for k, space in enumerate(spaces))
    tensor = Tensor("A", legs, (Fact(kind, sides),))
    assert components(tensor, [int(space.size or 0) for space in spaces])
