"""What the proof replayer reads: polynomials, and the flat text of rules; trusted with it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

from tnalgebra.core.facts import KINDS
from tnalgebra.core.marks import combine
from tnalgebra.errors import ProofError

Poly = dict[tuple[tuple[str, int], ...], Fraction]

_FACTOR = re.compile(r"\s*(?:dim\((\w+)\)|([\w()]+)\[([^\]]*)\])\s*")
_HEAD = re.compile(r"(conj\()?(p?inv\()?(\w+)\)*\Z")
_CLAIM = re.compile(r"\s*(\w+)\s*:\s*(\w+)\s*(?:\((.*)\))?\s*\Z")


def rule_digest(rule: Mapping[str, Any]) -> str:
    """The sha256 of what one rule says."""
    said = [rule["name"], rule.get("where", ""), rule["lhs"], rule["rhs"]]
    return sha256(json.dumps(said).encode()).hexdigest()


def read_rules(folder: Path) -> list[dict[str, Any]]:
    """The rules of every TOML file in a folder."""
    return [
        rule
        for path in sorted(folder.glob("*.toml"))
        for rule in tomllib.loads(path.read_text(encoding="utf-8"))["rule"]
    ]


def poly(data: Sequence[Sequence[Any]]) -> Poly:
    """A polynomial from its written form."""
    result: Poly = {}
    for number, powers in data:
        key = tuple(sorted((str(name), int(power)) for name, power in powers.items() if power))
        result[key] = result.get(key, Fraction(0)) + Fraction(number)
    return {key: value for key, value in result.items() if value}


def add(first: Poly, second: Poly, sign: int = 1) -> Poly:
    """The sum of two polynomials, or with sign -1 their difference."""
    result = dict(first)
    for key, value in second.items():
        result[key] = result.get(key, Fraction(0)) + sign * value
    return {key: value for key, value in result.items() if value}


def multiply(first: Poly, second: Poly) -> Poly:
    """The product of two polynomials."""
    result: Poly = {}
    for a, x in first.items():
        for b, y in second.items():
            powers = dict(a)
            for name, power in b:
                powers[name] = powers.get(name, 0) + power
            key = tuple(sorted((name, power) for name, power in powers.items() if power))
            result[key] = result.get(key, Fraction(0)) + x * y
    return {key: value for key, value in result.items() if value}


def _spell(indices: str, lengths: Mapping[str, int]) -> list[str]:
    names: list[str] = []
    for name in filter(None, (part.strip() for part in indices.split(","))):
        starred = name.startswith("*")
        names += [f"{name[1:]}_{k}" for k in range(lengths[name[1:]])] if starred else [name]
    return names


def read_side(
    text: str, lengths: Mapping[str, int]
) -> tuple[list[tuple[str, str, list[str]]], list[str], list[list[str]]]:
    """The tensors, the dim() factors and the copy tensors of one side of a rule."""
    tensors, scalars, lines, place = [], [], [], 0
    while match := _FACTOR.match(text, place):
        place = match.end()
        if match[1]:
            scalars.append(match[1])
        else:
            row = _spell(match[3], lengths)
            if match[2] == "eye":
                half = len(row) // 2
                lines += [[a, b] for a, b in zip(row[:half], row[half:], strict=True)]
            elif match[2] in ("delta", "ones"):
                lines.append(row)
            else:
                head = _HEAD.match(match[2])
                if head is None:
                    raise _unread(text)
                mark = combine((head[1] or "none")[:4], (head[2] or "none(")[:-1])
                tensors.append((head[3], mark, row))
        if place == len(text):
            return tensors, scalars, lines
        if text[place] != "*":
            break
        place += 1
    raise _unread(text)


def read_declarations(
    where: str, lengths: Mapping[str, int]
) -> tuple[dict[str, list[str]], dict[str, list[tuple[str, list[list[str]]]]]]:
    """The legs of each tensor of a rule, in order, and its facts."""
    legs: dict[str, list[str]] = {}
    claims: dict[str, list[tuple[str, list[list[str]]]]] = {}
    for part in filter(str.strip, re.split(r"[;\n]", where)):
        match = _CLAIM.match(part)
        if match is None or match[2] not in {"tensor", *KINDS}:
            raise _unread(where)
        name, kind, inside = match[1], match[2], match[3]
        if inside is None:
            claims.setdefault(name, []).append((kind, []))
            continue
        sides = [_spell(side, lengths) for side in inside.split("->")]
        if len(sides) == 1 and kind != "tensor":
            sides = [[leg] for leg in sides[0]]
        legs.setdefault(name, [leg for side in sides for leg in side])
        if kind != "tensor":
            claims.setdefault(name, []).append((kind, sides))
    return legs, claims


def _unread(text: str) -> ProofError:
    return ProofError(f"the replayer cannot read the rule text {text!r}")
