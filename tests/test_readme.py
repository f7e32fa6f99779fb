"""Every command and number in the README is true: its blocks are run here."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

import tnalgebra as tn
from tnalgebra.cli import main

README = Path(__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")


def test_the_python_blocks_give_what_they_say():
    result = doctest.testfile(str(README), module_relative=False, verbose=False)
    assert result.attempted > 5
    assert result.failed == 0


def commands() -> list[tuple[str, str]]:
    found = []
    for block in re.findall(r"```console\n(.*?)```", TEXT, re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


@pytest.mark.parametrize(("command", "output"), commands(), ids=[c for c, _ in commands()])
def test_the_commands_print_what_they_say(command, output, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name, *arguments = shlex.split(command)
    assert name == "tnalgebra"
    main(arguments)
    captured = capsys.readouterr()
    assert steady(captured.out + captured.err) == steady(output)


def steady(text: str) -> str:
    """The text without what differs from machine to machine: rounding errors and the device."""
    return re.sub(r"\d(\.\d+)?e-1\d\b", "rounding", text).replace("(cuda:0)", "(cpu)")


def test_the_rule_files_hold(tmp_path):
    blocks = re.findall(r"```toml\n(.*?)```", TEXT, re.S)
    assert blocks
    for block in blocks:
        path = tmp_path / "mine.toml"
        path.write_text(block, encoding="utf-8")
        assert tn.RuleSet.from_toml(path).check()


def test_the_two_commands_are_targets_of_the_makefile():
    makefile = (README.parent / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", TEXT, re.M):
        assert re.search(rf"^{target}:", makefile, re.M)


def test_the_picture_is_there_and_is_what_the_tool_draws():
    from examples.readme_picture import picture

    path = README.parent / re.search(r"!\[.*?\]\((.*?)\)", TEXT)[1]
    assert path.read_text(encoding="utf-8") == picture()
