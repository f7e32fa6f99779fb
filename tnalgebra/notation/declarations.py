"""The `where` line: facts about tensors, named spaces, sizes and real symbols."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field

import sympy

from tnalgebra.core.facts import KINDS, Fact
from tnalgebra.core.scalars import checked, power
from tnalgebra.core.spaces import Space
from tnalgebra.core.words import RESERVED
from tnalgebra.errors import DeclarationError, NotationError
from tnalgebra.notation.advice import legs_apart, semicolons
from tnalgebra.notation.definitions import (
    Definition,
    Entries,
    Formula,
    injections,
    read_content,
    read_formula,
)
from tnalgebra.notation.syntax import parse_program
from tnalgebra.notation.trees import Addition, Name, Number, Power, Product, Tree

_NAMES = r"\*?[^\W\d]\w*'*(?:\s*,\s*\*?[^\W\d]\w*'*)*"
_TYPED = re.compile(
    rf"\s*(?P<names>{_NAMES})\s*:\s*(?P<kind>[^\W\d]\w*'*)\s*(?P<rest>.*?)\s*\Z", re.S
)
_ENTRY = re.compile(
    r"\s*(?P<names>[^\W\d]\w*'*)\s*\[(?P<indices>[^\]]*)\]\s*=\s*(?P<size>.+?)\s*\Z", re.S
)
_PART = re.compile(r"(?:\([^()\n]*\)|[^;\n])*")
_SIZED = re.compile(rf"\s*(?P<names>{_NAMES})\s*=\s*(?P<size>.+?)\s*\Z", re.S)
_GROUP = re.compile(r"\(([^()]*)\)|([^,()]+)")
_LEG = re.compile(r"\*?[^\W\d]\w*'*\Z")


@dataclass
class TensorDeclaration:
    """What is declared of one tensor: its legs in order (None: not said) and its facts."""

    name: str
    legs: tuple[str, ...] | None = None
    facts: list[Fact] = field(default_factory=list)
    ordered: bool = False


@dataclass
class Declarations:
    """Everything one `where` text says.

    size_symbols: the names that sizes are formulas of. entries, definitions: what tensors are.
    places: where it last speaks of each name.
    """

    text: str = ""
    tensors: dict[str, TensorDeclaration] = field(default_factory=dict)
    space_of: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, sympy.Expr] = field(default_factory=dict)
    size_symbols: set[str] = field(default_factory=set)
    real: set[str] = field(default_factory=set)
    entries: dict[str, Entries | Formula] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    any_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)

    def spaces(self) -> dict[str, list[str]]:
        """The indices of each declared space.

        In `i, j: i` the first of several indices names the space: they share it, and it has no name
        of its own.
        """
        members: dict[str, list[str]] = {}
        for index, space in self.space_of.items():
            members.setdefault(space, []).append(index)
        return members

    def named_spaces(self) -> set[str]:
        """The spaces that have a name of their own, which is also the symbol of their size."""
        return {name for name, own in self.spaces().items() if own == [name] or own[0] != name}


def parse_declarations(text: str, *, starred: bool = False) -> Declarations:
    """Read a `where` text; raises DeclarationError with a caret under what it cannot read.

    starred: whether it is a rule's, where `*m` stands for a group of legs.

    >>> parse_declarations("V: isometry(m -> a); q, k: seq = 64").sizes
    {'seq': 64}
    """
    if not isinstance(text, str):
        raise DeclarationError(f"declarations are text, not {type(text).__name__}")
    result = Declarations(text)
    for found in _PART.finditer(text):
        part, place = found[0], found.start()
        span = (place + len(part) - len(part.lstrip()), place + len(part.rstrip()))
        if not part.strip():
            continue
        match = _TYPED.match(part) or _ENTRY.match(part) or _SIZED.match(part)
        said = part.partition("=")[0]
        if match and match.groupdict().get("kind") in KINDS:
            said = f"{match['names']} {match['rest']}"
        _check_words(result, said if match else part, span, starred)
        if match is None:
            raise _error(result, "cannot read this declaration", span, _WAYS)
        result.places.update(dict.fromkeys(_names(match["names"]), span))
        if "kind" in match.groupdict():
            _typed(result, match, span)
        elif "indices" in match.groupdict():
            _indexed(result, match["names"], _names(match["indices"]), match["size"], span)
        else:
            for name in _names(match["names"]):
                _says(result, name, match["size"], span)
    for name in result.definitions:
        if name in result.tensors or name in result.real or name in result.entries:
            raise _error(
                result,
                f"{name!r} is defined by a value, so nothing else is declared of it",
                result.places[name],
            )
    return result


def _says(result: Declarations, name: str, text: str, span: tuple[int, int]) -> None:
    """What stands after `name =`: entries, a value, or a size."""
    try:
        content = read_content(text)
    except NotationError as error:
        raise _error(result, f"{name}: {error.message}", span, error.hint) from error
    if content is None:
        _set_size(result, name, text, span)
    elif name in result.definitions or name in result.entries:
        raise _error(result, f"{name!r} is said to be two things", span)
    elif isinstance(content, Entries):
        result.entries[name] = content
    else:
        result.definitions[name] = content


def _indexed(
    result: Declarations, name: str, indices: list[str], text: str, span: tuple[int, int]
) -> None:
    """What stands after `name[i,j] =`: an entry as a formula, or a value with these legs."""
    if any(not _LEG.match(index) for index in indices) or len(set(indices)) != len(indices):
        raise _error(result, f"{name} takes different index names, not {indices}", span)
    if name in result.definitions or name in result.entries:
        raise _error(result, f"{name!r} is said to be two things", span)
    try:
        content = read_formula(indices, text)
    except NotationError as error:
        raise _error(result, f"{name}: {error.message}", span, error.hint) from error
    if isinstance(content, Formula):
        result.entries[name] = content
        _fact(result, name, "tensor", ", ".join(indices), span)
    else:
        result.definitions[name] = content


def _injections(result: Declarations, names: list[str], inside: str, span: tuple[int, int]) -> None:
    """`J1, J2: injections(k; m, n)`: the parts of a direct sum, k counting m, then n."""
    outer, semicolon, rest = inside.partition(";")
    outer, parts = outer.strip(), _names(rest)
    legs = [outer, *parts]
    if not semicolon or len(parts) != len(names) or not all(map(_LEG.match, legs)):
        raise _error(result, "injections are written J1, J2: injections(k; m, n)", span)
    if len(set(legs)) != len(legs):
        raise _error(result, "the legs of injections are different ones", span)
    for name, part, formula in zip(names, parts, injections(outer, parts), strict=True):
        if name in result.tensors or name in result.entries or name in result.definitions:
            raise _error(result, f"{name!r} is said to be two things", span)
        _fact(result, name, "isometry", f"{outer} -> {part}", span)
        result.real.add(name)
        result.entries[name] = formula
    _set_size(result, outer, " + ".join(parts), span)


def _check_words(result: Declarations, part: str, span: tuple[int, int], starred: bool) -> None:
    if re.search(r"(?:^|[(:,>])\s*\*", part) and not starred:
        raise _error(result, "*m is a group of legs, which only rules have", span)
    for word in re.findall(r"[^\W\d]\w*'*", part):
        if word in RESERVED:
            raise _error(
                result,
                f"{word!r} has a meaning of its own, so nothing else is called so",
                span,
                "choose another name",
            )


_WAYS = (
    "write `V: isometry(m -> a)`, `q, k: seq = 64`, `i = 3`, `alpha: real`; "
    f"the facts are {', '.join(KINDS)} and tensor"
)


def _ways(result: Declarations, span: tuple[int, int]) -> str:
    """What may stand there: the same with semicolons, where commas separate declarations."""
    return semicolons(result.text[slice(*span)]) or _WAYS


def _error(
    result: Declarations, message: str, span: tuple[int, int], hint: str | None = None
) -> DeclarationError:
    return DeclarationError(message, text=result.text, span=span, hint=hint)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _typed(result: Declarations, match: re.Match[str], span: tuple[int, int]) -> None:
    kind, rest = match["kind"], match["rest"]
    names = _names(match["names"])
    if rest.startswith("("):
        if not rest.endswith(")"):
            inside, closed, further = rest[1:].rpartition(")")
            if closed:
                raise _error(
                    result,
                    f"cannot read {further.strip()!r} after {kind}({inside})",
                    span,
                    "declarations are separated by ;",
                )
            raise _error(result, f"'(' after {kind} is never closed", span)
        inside = rest[1:-1]
        if kind == "injections":
            _injections(result, names, inside, span)
            return
        if kind == "any":
            for name in names:
                result.any_of[name] = tuple(_names(inside))
            return
        if kind != "tensor" and kind not in KINDS:
            close = difflib.get_close_matches(kind, [*KINDS, "tensor"], 1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise _error(result, f"unknown fact {kind!r}", span, hint + _WAYS)
        for name in names:
            _fact(result, name, kind, inside, span)
    elif kind == "real" and not rest:
        result.real.update(names)
    elif kind in KINDS or kind == "tensor":
        if rest.startswith(","):
            raise _error(result, f"cannot read {rest!r} after {kind}", span, _ways(result, span))
        raise _error(result, f"{kind} needs its legs, as in {kind}(i, j)", span)
    else:
        result.places[kind] = span
        if rest and not rest.startswith("="):
            raise _error(result, "cannot read this declaration", span, _ways(result, span))
        for name in names:
            if result.space_of.setdefault(name, kind) != kind:
                raise _error(
                    result,
                    f"{name!r} is in two spaces: {result.space_of[name]!r} and {kind!r}",
                    span,
                )
        if rest:
            _set_size(result, kind, rest[1:].strip(), span)


def _set_size(result: Declarations, name: str, text: str, span: tuple[int, int]) -> None:
    if re.fullmatch(r"\d{1,18}", text):
        size: sympy.Expr = sympy.Integer(text)
        if size == 0:
            raise _error(result, f"the size of {name!r} must be at least 1", span)
    else:
        found = _formula(text)
        if found is None:
            raise _error(
                result,
                f"the size of {name!r} must be a whole number or a formula of sizes, not {text!r}",
                span,
                _ways(result, span),
            )
        size = found
        result.size_symbols |= {symbol.name for symbol in size.free_symbols}
    if result.sizes.setdefault(name, size) != size:
        raise _error(result, f"{name!r} has two sizes: {result.sizes[name]} and {size}", span)


def _formula(text: str) -> sympy.Expr | None:
    """A size such as `n*e`, `n/2` or `n**2 + 1` as an expression of sizes; None for other text."""
    try:
        (tree,) = parse_program(text).sides
        found = _size_of(tree)
        return None if found is None or found.is_integer is False else checked(found)
    except (NotationError, ValueError):
        return None


def _size_of(tree: Tree) -> sympy.Expr | None:
    match tree:
        case Number(value):
            return value if value.is_Integer else None
        case Name(name):
            return None if name in RESERVED else Space(name).dimension
        case Product(factors):
            found = sympy.Integer(1)
            for operator, factor in factors:
                part = _size_of(factor)
                if part is None or part == 0 or operator == "@":
                    return None
                found = found / part if operator == "/" else found * part
            return found
        case Addition(terms):
            parts = [_size_of(term) for sign, term in terms if sign == 1]
            return None if None in parts or len(parts) < len(terms) else sympy.Add(*parts)
        case Power(base, Number(exponent)):
            low = _size_of(base)
            return power(low, exponent) if low is not None and exponent.is_Integer else None
    return None


def _fact(result: Declarations, name: str, kind: str, inside: str, span: tuple[int, int]) -> None:
    sides, grouped = _sides(result, inside, span)
    flat = tuple(leg for side in sides for leg in side)
    if len(set(flat)) != len(flat):
        way = f"write {name}: {kind}({legs_apart(inside)})"
        raise _error(result, f"a leg of {name} is named twice", span, way)
    declared = result.tensors.setdefault(name, TensorDeclaration(name))
    if kind == "tensor":
        if declared.ordered and declared.legs != flat:
            raise _error(result, f"the legs of {name} are declared in two ways", span)
        if declared.legs is not None and not set(declared.legs) <= set(flat):
            raise _error(result, f"{name} has no leg called as an earlier fact says", span)
        _reorder(declared, flat)
        declared.ordered = True
        return
    _check_shape(result, kind, inside, sides, grouped, span)
    if declared.legs is None:
        declared.legs = flat
    missing = [leg for leg in flat if leg not in declared.legs]
    if missing:
        raise _error(
            result,
            f"{name} has the legs {', '.join(declared.legs)}, not {missing[0]!r}",
            span,
            f"say {name}: tensor(...) with all its legs in order",
        )
    ports = tuple(tuple(declared.legs.index(leg) for leg in side) for side in sides)
    fact = Fact(kind, ports)
    if fact not in declared.facts:
        declared.facts.append(fact)


def _reorder(declared: TensorDeclaration, flat: tuple[str, ...]) -> None:
    old = declared.legs or ()
    declared.facts = [
        Fact(f.kind, tuple(tuple(flat.index(old[p]) for p in side) for side in f.sides))
        for f in declared.facts
    ]
    declared.legs = flat


def _sides(
    result: Declarations, inside: str, span: tuple[int, int]
) -> tuple[tuple[tuple[str, ...], ...], bool]:
    """The legs of a fact by side, and whether parentheses or an arrow grouped them."""
    if "->" in inside:
        if inside.count("->") > 1:
            raise _error(result, "a fact has one arrow", span)
        sides = tuple(tuple(_names(part)) for part in inside.split("->"))
        grouped = True
    else:
        grouped = "(" in inside
        sides = tuple(
            tuple(_names(match[1])) if match[1] is not None else (match[2].strip(),)
            for match in _GROUP.finditer(inside)
            if match[1] is not None or match[2].strip()
        )
    for leg in (leg for side in sides for leg in side):
        if not _LEG.match(leg):
            raise _error(result, f"{leg!r} is no name of a leg", span)
    return sides, grouped


def _check_shape(
    result: Declarations,
    kind: str,
    inside: str,
    sides: tuple[tuple[str, ...], ...],
    grouped: bool,
    span: tuple[int, int],
) -> None:
    shape, arrow = KINDS[kind].shape, "->" in inside
    if shape == "arrow" and not arrow:
        raise _error(result, f"{kind} has an arrow: {kind}(m -> a), large side first", span)
    if shape == "pair" and (arrow or grouped or len(sides) != 2):
        raise _error(result, f"{kind} has two legs: {kind}(i, j)", span)
    if shape == "pair or arrow" and not arrow and (grouped or len(sides) != 2):
        raise _error(result, f"{kind} has two legs or an arrow: {kind}(i, j)", span)
    if shape == "leg" and (arrow or grouped or len(sides) != 1):
        raise _error(result, f"{kind} has one leg: {kind}(i)", span)
    if shape == "legs" and (arrow or len(sides) < 2 or len({len(side) for side in sides}) != 1):
        raise _error(result, f"{kind} has two or more legs, or groups of equal length", span)
    if shape == "bare":
        raise _error(result, f"{kind} takes no legs: `A: {kind}`", span)
