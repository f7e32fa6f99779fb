"""Rules and rule sets, read from TOML; the engine knows none of them by name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tnalgebra.core.spaces import UnionFind
from tnalgebra.core.values import Diagram
from tnalgebra.errors import RuleError, TnalgebraError
from tnalgebra.notation.declarations import Declarations, parse_declarations
from tnalgebra.notation.elaborate import elaborate
from tnalgebra.notation.parse import parse
from tnalgebra.notation.syntax import parse_program
from tnalgebra.notation.trees import Call, IndexName, Name, Product, Program, Subscript, Tree

COPY_TENSORS = ("delta", "eye", "ones")
STEPS = ("distribute", "regroup")
"""What proofs call the steps that need no rule."""

KINDS = ("simplify", "both", "abstraction")
_FIELDS = ("name", "kind", "doc", "where", "lhs", "rhs", "picture")
_EXAMPLES = ("applies", "refuses")


@dataclass(frozen=True)
class Example:
    """One use of a rule: an expression and, where the rule applies, an equal one it leads to."""

    expr: str
    where: str = ""
    gives: str = ""


@dataclass(frozen=True)
class Rule:
    """One equation between diagrams, with its direction and its examples.

    kind: "simplify" (used left to right), "both" (an equality without a preferred side) or
    "abstraction" (equal only at recorded values). A starred index stands for a group of legs.
    """

    name: str
    kind: str
    doc: str
    lhs: str
    rhs: str
    where: str = ""
    picture: str = ""
    set_name: str = ""
    applies: tuple[Example, ...] = field(default=(), repr=False)
    refuses: tuple[Example, ...] = field(default=(), repr=False)

    @cached_property
    def declarations(self) -> Declarations:
        """What `where` says, groups still starred."""
        return parse_declarations(self.where, starred=True)

    @cached_property
    def programs(self) -> tuple[Program, Program]:
        """The syntax trees of both sides."""
        return parse_program(self.lhs), parse_program(self.rhs)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The starred leg groups of the left side, in order of first use."""
        return tuple(dict.fromkeys(_starred(self.programs[0].sides[0])))

    @cached_property
    def subscripts(self) -> dict[str, list[tuple[IndexName, ...]]]:
        """For each tensor of the left side but copy tensors, the indices of its occurrences."""
        found: dict[str, list[tuple[IndexName, ...]]] = {}
        for factor in factors_of(self.programs[0].sides[0]):
            head = factor.base if isinstance(factor, Subscript) else factor
            while isinstance(head, Call) and len(head.arguments) == 1:
                head = head.arguments[0]
            if not isinstance(factor, Subscript) or not isinstance(head, Name):
                raise RuleError(
                    "the left side is a product of tensors with their indices",
                    text=self.lhs,
                    span=factor.span,
                )
            if head.name not in COPY_TENSORS:
                found.setdefault(head.name, []).append(factor.indices)
        return found

    @cached_property
    def inverted(self) -> frozenset[str]:
        """The tensors that stand inverted or pseudo-inverted on either side."""
        both = f"{self.lhs} {self.rhs}"
        return frozenset(re.findall(r"\bp?inv\(\s*([^\s()]+)\s*\)", both))

    @cached_property
    def is_structural(self) -> bool:
        """Whether the left side speaks of copy tensors, so that the rule applies as typed."""
        heads = [f.base for f in factors_of(self.programs[0].sides[0]) if isinstance(f, Subscript)]
        return any(isinstance(head, Name) and head.name in COPY_TENSORS for head in heads)

    def expanded(self, lengths: Mapping[str, int]) -> tuple[Diagram, Diagram]:
        """Both sides with every leg group spelled out at the given length.

        Raises RuleError where a side is no single diagram or the free legs differ.
        """
        groups = {name: [f"{name}_{k}" for k in range(n)] for name, n in lengths.items()}
        declared = parse_declarations(_spelled(self.where, groups))
        lhs, rhs = self.programs
        both = Program(self.lhs, (), (lhs.sides[0], rhs.sides[0]))
        equation: Any = elaborate(both, declared, groups)
        for side in (equation.lhs, equation.rhs):
            if not isinstance(side, Diagram):
                raise RuleError("a side must be one diagram", text=self.lhs)
        return equation.lhs, equation.rhs

    def check_readable(self) -> None:
        """Raise where a side or an example cannot be read, or the sides have other free legs."""
        for program in self.programs:
            if len(program.sides) != 1 or program.shared:
                raise RuleError("a side of a rule is one expression", text=program.text)
        subscripts = self.subscripts
        lhs, rhs = self.expanded(self.shortest())
        self._check_right(lhs, rhs)
        if self.is_structural:
            for factor in factors_of(self.programs[0].sides[0]):
                if isinstance(factor, Subscript) and sum(i.starred for i in factor.indices) > 1:
                    raise RuleError(
                        "beside copy tensors a factor has one group of legs",
                        text=self.lhs,
                        span=factor.span,
                    )
            self._check_joined()
            self.expanded(dict.fromkeys(self.groups, 0))
            for variable, uses in subscripts.items():
                declared = self.declarations.tensors.get(variable)
                if len(uses) > 1 or (declared and declared.facts):
                    raise RuleError(
                        f"beside copy tensors {variable!r} must stand for anything, once",
                        text=self.lhs,
                    )
        for example in (*self.applies, *self.refuses):
            parse(example.expr, example.where)
            if example.gives:
                parse(f"{example.expr} == {example.gives}", example.where)

    def _check_joined(self) -> None:
        """Raise RuleError unless the factors of the left side hang together by single legs."""
        union = UnionFind()
        factors = [f for f in factors_of(self.programs[0].sides[0]) if isinstance(f, Subscript)]
        for number, factor in enumerate(factors):
            union.add(number)
            for index in factor.indices:
                if not index.starred:
                    union.union(number, index.name)
        if len({union.find(number) for number in range(len(factors))}) > 1:
            raise RuleError("beside copy tensors the factors share legs", text=self.lhs)

    def _check_right(self, lhs: Diagram, rhs: Diagram) -> None:
        if lhs.boxes or rhs.boxes or lhs.coefficient != 1:
            raise RuleError(
                "a side is a product of tensors and copy tensors, the left one without a number",
                text=self.lhs,
            )
        known = {tensor.name for tensor in lhs.tensors}
        for tensor in rhs.tensors:
            if tensor.name not in known:
                raise RuleError(
                    f"the right side uses {tensor.name!r}, which the left side does not hold",
                    text=self.rhs,
                )

    def shortest(self) -> dict[str, int]:
        """One leg for each group: the lengths at which the rule is read and checked first."""
        return dict.fromkeys(self.groups, 1)


class RuleSet:
    """Rules in order; `ruleset["isometry"]`, `ruleset + other`, `ruleset.only("identity")`.

    >>> rules = load()
    >>> rules["isometry"].rhs
    'eye[*a, *b]'
    >>> [rule.name for rule in rules.only("trace")]
    ['cyclic']
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        names = [rule.name for rule in rules]
        for name in names:
            if names.count(name) > 1:
                raise RuleError(f"two rules are called {name!r}")
        self.rules = tuple(rules)

    @classmethod
    def from_toml(cls, path: str | Path) -> RuleSet:
        """The rules of one file; RuleError names the file, the rule and what is wrong with it."""
        path = Path(path)
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise RuleError(f"cannot read the rule file {path}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RuleError(f"{path} is no TOML: {error}") from error
        if set(data) != {"rule"} or not isinstance(data["rule"], list):
            raise RuleError(f"{path}: a rule file is a list of [[rule]] tables")
        rules = [_read(entry, path, k) for k, entry in enumerate(data["rule"])]
        try:
            return cls(rules)
        except RuleError as error:
            raise RuleError(f"{path}: {error.message}") from None

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    def __getitem__(self, name: str) -> Rule:
        for rule in self.rules:
            if rule.name == name:
                return rule
        known = ", ".join(rule.name for rule in self.rules)
        raise RuleError(f"no rule is called {name!r}", hint=f"there are: {known}")

    def __add__(self, other: RuleSet) -> RuleSet:
        return RuleSet([*self.rules, *other.rules])

    def only(self, *names: str) -> RuleSet:
        """The rules of the named sets, and those named themselves."""
        sets = {rule.set_name for rule in self.rules}
        for name in names:
            if name not in sets:
                self[name]
        return RuleSet([r for r in self.rules if r.name in names or r.set_name in names])

    def check(self) -> list[str]:
        """Check every rule on random numbers, its groups at one and at two legs; a line for each.

        Raises RuleError, with an instance, at a false one.
        """
        from tnalgebra.rewrite.check import LONGEST_GROUP, check_rule

        lines = []
        for rule in self.rules:
            check_rule(rule, dict.fromkeys(rule.groups, LONGEST_GROUP))
            lines.append(f"{rule.name}: {check_rule(rule, rule.shortest())}")
        return lines


def folder() -> Path:
    """Where the shipped rule files are: in the installed package, else beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed, checkout = package / "rules", package.parent / "rules"
    found = installed if installed.is_dir() else checkout
    if not found.is_dir():
        raise RuleError(f"the rule files are missing: neither {installed} nor {checkout} exists")
    return found


def load() -> RuleSet:
    """All shipped rules, set by set in the order of their file names."""
    rules = RuleSet([])
    for path in sorted(folder().glob("*.toml")):
        rules = rules + RuleSet.from_toml(path)
    return rules


def _read(entry: Any, path: Path, place: int) -> Rule:
    named = f"{path}, rule {place + 1}"
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise RuleError(f"{named} has no name", hint=f"a rule has {', '.join(_FIELDS)}")
    named = f"{path}, rule {entry['name']!r}"
    texts = _texts(entry, _FIELDS, ("kind", "doc", "lhs", "rhs"), named)
    if texts["name"] in STEPS:
        raise RuleError(f"{named}: {texts['name']!r} is a step of the engine, not a rule")
    if texts["kind"] not in KINDS:
        raise RuleError(f"{named}: kind must be one of {', '.join(KINDS)}, not {texts['kind']!r}")
    applies, refuses = (_examples(entry.get(key, []), f"{named}, {key}") for key in _EXAMPLES)
    rule = Rule(**texts, set_name=path.stem, applies=applies, refuses=refuses)
    try:
        rule.check_readable()
    except TnalgebraError as error:
        raise RuleError(f"{named}: {error}") from error
    return rule


def _texts(
    entry: Mapping[str, Any], known: Iterable[str], needed: Sequence[str], named: str
) -> dict[str, Any]:
    """The text fields of a table; raises RuleError for fields unknown, missing or no text."""
    for key, value in entry.items():
        if key not in known and key not in _EXAMPLES:
            raise RuleError(f"{named}: unknown field {key!r}", hint=f"known: {_listed(known)}")
        if key in known and not isinstance(value, str):
            raise RuleError(f"{named}: {key!r} must be text, not {value!r}")
    missing = [key for key in needed if key not in entry]
    if missing:
        raise RuleError(
            f"{named}: missing: {', '.join(map(repr, missing))}",
            hint=f"the fields are {', '.join(known)}, with examples in applies and refuses",
        )
    return {key: value for key, value in entry.items() if key in known}


def _examples(entries: Any, named: str) -> tuple[Example, ...]:
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise RuleError(f"{named}: a list of tables {{ expr, where, gives }} is expected")
    fields = ("expr", "where", "gives")
    return tuple(Example(**_texts(one, fields, ["expr"], named)) for one in entries)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def factors_of(tree: Tree) -> list[Tree]:
    """The factors of a product; a tree that is none is its own only one."""
    return [part for _, part in tree.factors] if isinstance(tree, Product) else [tree]


def _starred(tree: Tree) -> Iterator[str]:
    waiting: list[Any] = [tree]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, Subscript):
            yield from (item.name for item in one.indices if item.starred)
            waiting.append(one.base)
        for attribute in ("factors", "terms"):
            waiting.extend(part for _, part in getattr(one, attribute, ()))
        waiting.extend(getattr(one, "arguments", ()))


def _spelled(where: str, groups: Mapping[str, Sequence[str]]) -> str:
    """Declarations with each `*group` replaced by its legs, an empty one with its comma."""
    text = re.sub(r"\*(\w+)", lambda match: ", ".join(groups.get(match[1], ())), where)
    text = re.sub(r",(\s*,)+", ",", text)
    return re.sub(r"\(\s*,\s*", "(", re.sub(r",\s*(\)|->)", r"\1", text))
