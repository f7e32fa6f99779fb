"""Ways out that an error shows: the function that was meant, or the user's own text amended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import chain, count, islice

import sympy

from tnalgebra.core.functions import FUNCTIONS
from tnalgebra.core.words import SCALAR_FUNCTIONS, SHORTHAND
from tnalgebra.notation.trees import (
    Addition,
    Arrow,
    Attribute,
    Call,
    IndexName,
    Name,
    Number,
    Span,
    Tree,
)

KNOWN_FUNCTIONS = tuple(
    dict.fromkeys([*SHORTHAND, "dim", "sum", "onehot", *FUNCTIONS, *SCALAR_FUNCTIONS])
)
OF_NUMBERS = ("eq", *(name for name in SCALAR_FUNCTIONS if name not in FUNCTIONS))
"""The functions that take numbers only."""

OTHER_WORDS = {
    "ln": "log",
    "trace": "tr",
    "inverse": "inv",
    "conjugate": "conj",
    "swish": "silu",
    "heaviside": "step",
    "reshape": "group",
}
"""What others call a function that is known here."""

SPELLINGS = {
    "transpose": "the transpose of A is A.T",
    "adjoint": "the adjoint of A is A.H",
    "dagger": "the adjoint of A is A.H",
    "mean": "the mean over a leg is sum(X, i)/dim(i)",
    "norm": "the norm of a real x is sqrt(x[i]*x[i])",
    "max": "the larger of two values, entry by entry, is relu(X - Y) + Y",
    "min": "the smaller of two values, entry by entry, is X - relu(X - Y)",
    **{
        f"{name}m": f"there is no {name} of a matrix; {name}(A) is that of each entry"
        for name in ("exp", "log", "sqrt", "sin", "cos", "tan")
    },
}
"""How what others have a function for is written here."""

NEAR = 0.7
LETTERS = "ijklmnopqrstuvwxyz"
_NAME = re.compile(r"[^\W\d]\w*'*")
LONGEST = 60


def of_unknown_function(
    text: str,
    tree: Call,
    tensors: Iterable[str],
    indices: Iterable[str],
    *,
    in_entries: bool = False,
) -> str:
    """What to write for a function that is not known.

    tensors, indices: the names of the text that are known as such. in_entries: whether it stands in
    a formula of entries, where indices are numbers.

    >>> of_unknown_function("", Call("sofmax", (), (0, 0)), [], [])
    'did you mean softmax?'
    """
    word = tree.function.lower()
    if word in ("max", "maximum", "min", "minimum"):
        return _of_two(text, tree, word[:3], set(indices), in_entries)
    if _is_tensor(tree, set(tensors), set(indices)):
        names = ",".join(source(text, one) or "" for one in tree.arguments)
        return f"a tensor has its indices in square brackets: {tree.function}[{names}]"
    if word in SPELLINGS:
        return SPELLINGS[word]
    near = get_close_matches(word, KNOWN_FUNCTIONS, 1, NEAR)
    if word in OTHER_WORDS or near:
        return f"did you mean {OTHER_WORDS.get(word) or near[0]}?"
    general = ", ".join(name for name in KNOWN_FUNCTIONS if name not in OF_NUMBERS)
    return f"known are {general}, and of numbers only {', '.join(OF_NUMBERS)}"


def _of_two(text: str, tree: Call, word: str, indices: set[str], in_entries: bool) -> str:
    """The larger or smaller of two values in the user's own text."""
    hint = SPELLINGS[word]
    sources = [source(text, one) for one in tree.arguments]
    if in_entries and len(sources) == 2 and None not in sources:
        first, second = sources
        low = f"({second})" if isinstance(tree.arguments[1], Addition) else second
        sign = "+" if word == "max" else "-"
        return f"of two numbers it is ({first} + {second} {sign} abs({first} - {low}))/2"
    legs = [isinstance(one, Name) and one.name in indices for one in tree.arguments]
    if any(legs[1:]) and not legs[0]:
        return f"there is no {word} over a leg; {hint}"
    if len(sources) != 2 or None in sources or any(isinstance(a, Number) for a in tree.arguments):
        return hint
    first, second = (
        f"({given})" if isinstance(one, Addition | Arrow) else given
        for one, given in zip(tree.arguments, sources, strict=True)
    )
    head, _, _ = hint.partition("relu" if word == "max" else "X")
    difference = f"relu({first} - {second})"
    return head + (f"{difference} + {second}" if word == "max" else f"{first} - {difference}")


def of_power(text: str, base: Tree, exponent: sympy.Expr | None) -> str | None:
    """What to write for a tensor that is raised to a power entry by entry.

    >>> from tnalgebra.notation.syntax import parse_program
    >>> text = "x[i]**(1/2)"
    >>> of_power(text, parse_program(text).sides[0].base, sympy.Rational(1, 2))
    'the square root of each entry is sqrt(x[i])'
    """
    found = source(text, base)
    if found is None:
        return "(x[i]*x[i] -> i) is the square of each entry"
    inside = f"({found})" if isinstance(base, Arrow) else found
    roots = {
        sympy.Rational(1, 2): f"the square root of each entry is sqrt({inside})",
        sympy.Integer(-1): f"the reciprocal of each entry is reciprocal({inside})",
        sympy.Rational(-1, 2): f"that of each entry is reciprocal(sqrt({inside}))",
    }
    if exponent in roots:
        return roots[exponent]
    if isinstance(base, Name | Attribute):
        return f"{found} @ {found} is the product of matrices; a tensor names its legs: x[i]*x[i]"
    return "(x[i]*x[i] -> i) is the square of each entry"


def _is_tensor(tree: Call, tensors: set[str], indices: set[str]) -> bool:
    """Whether round brackets were written for square ones."""
    given = [one.name for one in tree.arguments if isinstance(one, Name)]
    if not given or not all(isinstance(one, Name | Number) for one in tree.arguments):
        return False
    if tree.function in tensors or indices.issuperset(given):
        return True
    is_short = len(tree.function) == 1 or tree.function[0].isupper()
    return is_short and not any(name[0].isupper() for name in given)


def source(text: str, tree: Tree) -> str | None:
    """What the user wrote for a tree, the brackets that its span leaves out put back.

    None where it is too long to repeat.

    >>> from tnalgebra.notation.syntax import parse_program
    >>> text = "-(A + B) @ C.T -> i,k"
    >>> source(text, parse_program(text).sides[0].body)
    '-(A + B) @ C.T'
    """
    start, stop = tree.span
    if isinstance(tree, Addition) and tree.terms[0][0] < 0:
        start = max(text.rfind("-", 0, start), 0)
    return _balanced(text, (start, stop))


def _balanced(text: str, span: Span) -> str | None:
    start, stop = span
    if stop - start > LONGEST:
        return None
    depth = lowest = 0
    for letter in text[start:stop]:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        lowest = min(lowest, depth)
    for _ in range(-lowest):
        start = max(text.rfind("(", 0, start), 0)
    for _ in range(depth - lowest):
        stop = text.find(")", stop) + 1 or len(text)
    return text[start:stop]


def with_legs(text: str, tree: Tree, names: Sequence[str]) -> str:
    """The user's text with these names for its legs.

    >>> from tnalgebra.notation.syntax import parse_program
    >>> text = "sum(A @ B, k)"
    >>> with_legs(text, parse_program(text).sides[0].arguments[0], ["i", "k"])
    '(A @ B)[i,k]'
    """
    found = source(text, tree) or "..."
    if found == "..." or not isinstance(tree, Name | Attribute | Call):
        found = f"({found})"
    return f"{found}[{','.join(names)}]"


def named(text: str, tree: Tree, count: int, kept: Sequence[str]) -> str:
    """The ways to name the legs of a shorthand before an arrow that keeps some of them.

    >>> from tnalgebra.notation.syntax import parse_program
    >>> text = "A @ B -> k,i"
    >>> print(named(text, parse_program(text).sides[0].body, 2, ["k", "i"]))
    name its legs: (A @ B)[i,k] -> k,i
    or, without an arrow: (A @ B)[k,i]
    """
    whole = len(kept) == count
    if whole and list(kept) == sorted(kept):
        return f"name its legs: {with_legs(text, tree, kept)}"
    names = with_legs(text, tree, legs_of(count, kept))
    first = f"name its legs: {names} -> {','.join(kept)}"
    return f"{first}\nor, without an arrow: {with_legs(text, tree, kept)}" if whole else first


def naming(text: str, tree: Tree, count: int, wanted: Sequence[Tree | IndexName]) -> str:
    """How to name the legs of a shorthand in a call that names some of them.

    >>> from tnalgebra.notation.syntax import parse_program
    >>> text = "softmax(A @ B, k)"
    >>> first, *legs = parse_program(text).sides[0].arguments
    >>> naming(text, first, 2, legs)
    'name the legs: (A @ B)[i,k]'
    """
    names = [one.name for one in wanted if isinstance(one, Name | IndexName)]
    return f"name the legs: {with_legs(text, tree, legs_of(count, names))}"


def legs_of(count: int, wanted: Sequence[str]) -> list[str]:
    """So many names of legs in alphabetical order, those wanted among them.

    >>> legs_of(2, ["k"])
    ['i', 'k']
    """
    spare = (letter for letter in LETTERS if letter not in wanted)
    return sorted([*wanted, *islice(spare, max(0, count - len(wanted)))])


def spread(text: str, tree: Tree, own: Sequence[str | None], wanted: Sequence[str | None]) -> str:
    """How to add a term that has legs of its own only to terms that have all those wanted.

    >>> from tnalgebra.notation.syntax import parse_program
    >>> text = "X[i,j] + 2*b"
    >>> spread(text, parse_program(text).sides[0].terms[1][1], [], ["i", "j"])
    'nothing is broadcast: write 2*b*ones[i]*ones[j]'
    """
    found = source(text, tree) or "(...)"
    if isinstance(tree, Addition | Arrow):
        found = f"({found})"
    factors = [] if found == "1" else [found]
    factors += [f"ones[{name}]" for name in wanted if name not in own]
    hint = f"nothing is broadcast: write {'*'.join(factors)}"
    if isinstance(tree, Name) and not own:
        names = ",".join(str(name) for name in wanted)
        hint += f"\na bare name is a number; a tensor names its legs: {tree.name}[{names}]"
    return hint


def legs_apart(inside: str) -> str:
    """The legs of a declared fact, those that repeat another one renamed.

    >>> legs_apart("k, k"), legs_apart("(i, m) -> i")
    ('k, l', '(i, m) -> j')
    """
    taken, seen = set(_NAME.findall(inside)), set[str]()

    def fresh(found: re.Match[str]) -> str:
        name = found[0]
        if name in seen:
            numbers = (f"{name}{number}" for number in count(1))
            letters = islice(LETTERS, LETTERS.find(name) + 1, None) if len(name) == 1 else ""
            name = next(one for one in chain(letters, numbers) if one not in taken)
        seen.add(name)
        taken.add(name)
        return name

    return _NAME.sub(fresh, inside)


def semicolons(text: str) -> str | None:
    """How declarations that commas separate are written; None where none do.

    >>> semicolons("x=2, y=3"), semicolons("q, k: seq = 64")
    ('declarations are separated by semicolons: x=2; y=3', None)
    """
    sign = re.search("[:=]", text)
    start = sign.end() if sign else len(text)
    parted = re.sub(r",(?=\s*[^\W\d]\w*'*\s*[:=])", ";", text[start:])
    if parted == text[start:]:
        return None
    return f"declarations are separated by semicolons: {text[:start]}{parted}"
