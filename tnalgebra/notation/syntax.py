"""Text to syntax trees: a tokenizer and a precedence parser that never recurses on length."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn

import sympy

from tnalgebra.core.words import RESERVED
from tnalgebra.errors import NotationError

MAX_NESTING = 100
MOST_DIGITS = 3900

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|(?P<name>[^\W\d]\w*'*)|(?P<op>->|:=|==|\*\*|[-+*/@()\[\],;.:=]))"
)
_BLANK = re.compile(r"\s*\Z")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind ("number", "name", "op", "end"), its text, its place."""

    kind: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Number:
    """A literal, exact: `0.5` is one half."""

    value: sympy.Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """A bare name."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class IndexName:
    """One index of a subscript: a name, a starred group of a rule, or an integer slice."""

    name: str
    span: Span
    starred: bool = False
    slice: int | None = None


@dataclass(frozen=True, slots=True)
class Subscript:
    """`base[i, j]`."""

    base: Tree
    indices: tuple[IndexName, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """`function(argument, ...)`; `groups` are a reshape's thick legs with their parts."""

    function: str
    arguments: tuple[Tree, ...]
    span: Span
    groups: tuple[tuple[IndexName, tuple[IndexName, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """`base.T` or `base.H`."""

    base: Tree
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Product:
    """Factors with the operator before each: "*", "/" or "@" (the first has "*")."""

    factors: tuple[tuple[str, Tree], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Addition:
    """Terms with the sign of each."""

    terms: tuple[tuple[int, Tree], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Power:
    """`base ** exponent`."""

    base: Tree
    exponent: Tree
    span: Span


@dataclass(frozen=True, slots=True)
class Arrow:
    """`body -> i, j`: exactly these indices are kept, in this order."""

    body: Tree
    keep: tuple[IndexName, ...]
    span: Span


Tree = Number | Name | Subscript | Call | Attribute | Product | Addition | Power | Arrow


@dataclass(frozen=True)
class Program:
    """A whole text: shared values, then an expression or the two sides of an equation."""

    text: str
    shared: tuple[tuple[Name, Tree], ...]
    sides: tuple[Tree, ...] = field(default=())


def tokenize(text: str) -> list[Token]:
    """All tokens of the text and one "end"; raises NotationError at what is none."""
    tokens, place = [], 0
    while match := _TOKEN.match(text, place):
        kind = match.lastgroup or ""
        tokens.append(Token(kind, match[kind], match.span(kind)))
        place = match.end()
    if not _BLANK.match(text, place):
        place += len(text[place:]) - len(text[place:].lstrip())
        raise NotationError(f"cannot read {text[place]!r} here", text=text, span=(place, place + 1))
    tokens.append(Token("end", "", (len(text), len(text))))
    return tokens


def parse_program(text: str) -> Program:
    """The syntax tree of a whole text.

    Raises NotationError with a caret, for nesting beyond 100 too.
    """
    return _Parser(text).program()


class _Parser:
    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise NotationError(f"expected text, not {type(text).__name__}")
        self.text = text
        self.tokens = tokenize(text)
        self.at = 0
        self.height = 0
        self.opened: list[Token] = []

    def fail(self, message: str, span: Span | None = None, hint: str | None = None) -> NoReturn:
        raise NotationError(
            message, text=self.text, span=span or self.tokens[self.at].span, hint=hint
        )

    def sees(self, *texts: str) -> bool:
        token = self.tokens[self.at]
        return token.kind == "op" and token.text in texts

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def expect(self, text: str, after: str) -> Token:
        if not self.sees(text):
            token = self.tokens[self.at]
            if text in ")]" and self.opened:
                opened = self.opened[-1]
                if token.kind == "end":
                    self.fail(f"{opened.text!r} is never closed", opened.span)
                self.fail(f"expected {text!r} to close the {opened.text!r} before {token.text!r}")
            found = repr(token.text) if token.text else "the end"
            self.fail(f"expected {text!r} after {after}, found {found}")
        return self.take()

    def enter(self, token: Token) -> None:
        self.opened.append(token)
        if len(self.opened) > MAX_NESTING:
            self.fail(f"nesting is limited to {MAX_NESTING} levels", token.span)

    def grow(self, height: int, span: Span) -> None:
        """Note how deep the tree just read is: what follows walks it by recursion."""
        self.height = height
        if height > MAX_NESTING:
            self.fail(f"nesting is limited to {MAX_NESTING} levels", span)

    def program(self) -> Program:
        shared, sides = [], []
        while self.tokens[self.at].kind == "name" and self.tokens[self.at + 1].text == ":=":
            token = self.take()
            self.take()
            if token.text in RESERVED:
                self.fail(f"{token.text!r} has a meaning of its own", token.span)
            shared.append((Name(token.text, token.span), self.arrow()))
            self.expect(";", f"the value of {token.text!r}")
        if self.tokens[self.at].kind == "end":
            self.fail("expected an expression, found the end" if shared else "the text is empty")
        sides.append(self.arrow())
        if self.sees("=="):
            self.take()
            sides.append(self.arrow())
        token = self.tokens[self.at]
        if token.kind != "end":
            if token.text in (")", "]"):
                self.fail(f"{token.text!r} closes nothing")
            if token.text == "==":
                self.fail("an equation has two sides")
            hint = "write == for an equation" if token.text == "=" else None
            self.fail(f"expected an operator, found {token.text!r}", hint=hint)
        return Program(self.text, tuple(shared), tuple(sides))

    def arrow(self) -> Tree:
        body = self.addition()
        if not self.sees("->"):
            return body
        arrow = self.take()
        keep: list[IndexName] = []
        while self.tokens[self.at].kind == "name" or self.sees("*"):
            keep.append(self.index())
            if not self.sees(","):
                break
            self.take()
        return Arrow(
            body, tuple(keep), (body.span[0], self.tokens[self.at - 1].span[1] or arrow.span[1])
        )

    def addition(self) -> Tree:
        terms = [(self.sign(), self.product())]
        height = self.height
        while self.sees("+", "-"):
            terms.append((self.sign(), self.product()))
            height = max(height, self.height)
        self.height = height
        if len(terms) == 1 and terms[0][0] == 1:
            return terms[0][1]
        return Addition(tuple(terms), (terms[0][1].span[0], terms[-1][1].span[1]))

    def product(self) -> Tree:
        factors = [("*", self.power())]
        height = self.height
        while self.sees("*", "/", "@"):
            operator = self.take().text
            factors.append((operator, self.power()))
            height = max(height, self.height)
        self.height = height
        if len(factors) == 1:
            return factors[0][1]
        return Product(tuple(factors), (factors[0][1].span[0], factors[-1][1].span[1]))

    def power(self) -> Tree:
        start = self.tokens[self.at].span[0]
        parts = [(self.sign(), self.postfix())]
        height = self.height
        while self.sees("**"):
            operator = self.take()
            parts.append((self.sign(), self.postfix()))
            height = max(height, self.height) + 1
            self.grow(height, operator.span)
        sign, tree = parts.pop()
        while True:
            if sign < 0:
                tree = Addition(((-1, tree),), (start, tree.span[1]))
            if not parts:
                return tree
            sign, base = parts.pop()
            tree = Power(base, tree, (base.span[0], tree.span[1]))

    def sign(self) -> int:
        sign = 1
        while self.sees("-", "+"):
            sign = -sign if self.take().text == "-" else sign
        return sign

    def postfix(self) -> Tree:
        tree = self.atom()
        height = self.height
        while self.sees("[", "."):
            token = self.take()
            if isinstance(tree, Subscript | Attribute):
                height += 1
            self.grow(height, token.span)
            if token.text == "[":
                self.opened.append(token)
                indices = self.indices()
                end = self.expect("]", "the indices")
                self.opened.pop()
                tree = Subscript(tree, indices, (tree.span[0], end.span[1]))
            else:
                name = self.take()
                if name.text not in ("T", "H"):
                    self.fail(f"after '.' stands T or H, not {name.text!r}", name.span)
                tree = Attribute(tree, name.text, (tree.span[0], name.span[1]))
        return tree

    def indices(self) -> tuple[IndexName, ...]:
        found: list[IndexName] = []
        while not self.sees("]"):
            found.append(self.index())
            if not self.sees(","):
                break
            self.take()
        return tuple(found)

    def index(self) -> IndexName:
        starred = self.sees("*")
        if starred:
            self.take()
        token = self.take()
        if token.text in RESERVED:
            self.fail(f"{token.text!r} has a meaning of its own", token.span, "name another index")
        if token.kind == "number" and token.text.isdigit() and not starred:
            if len(token.text) > 18:
                self.fail("the index is too large", token.span)
            return IndexName(token.text, token.span, slice=int(token.text))
        if token.kind != "name":
            self.at -= 1
            found = repr(token.text) if token.text else "the end"
            if token.kind == "end" and self.opened:
                self.fail(f"{self.opened[-1].text!r} is never closed", self.opened[-1].span)
            self.fail(f"expected an index, found {found}", token.span)
        return IndexName(token.text, token.span, starred)

    def atom(self) -> Tree:
        token = self.take()
        self.height = 0
        if token.kind == "number":
            return self.number(token)
        if token.kind == "name":
            if self.sees("("):
                return self.call(token)
            return Name(token.text, token.span)
        if token.text != "(":
            self.no_atom(token)
        self.enter(token)
        tree = self.arrow()
        self.expect(")", "the expression")
        self.opened.pop()
        self.grow(self.height + 1, token.span)
        return tree

    def number(self, token: Token) -> Number:
        mantissa, _, exponent = token.text.lower().partition("e")
        if len(mantissa) > MOST_DIGITS or abs(int(exponent[:9] or 0)) > MOST_DIGITS:
            self.fail(f"a number has at most {MOST_DIGITS} digits", token.span)
        return Number(sympy.Rational(token.text), token.span)

    def no_atom(self, token: Token) -> NoReturn:
        if token.kind == "end" and self.opened:
            self.fail(f"{self.opened[-1].text!r} is never closed", self.opened[-1].span)
        if token.text in (")", "]") and not self.opened:
            self.fail(f"{token.text!r} closes nothing", token.span)
        found = repr(token.text) if token.text else "the end"
        self.fail(f"expected an expression, found {found}", token.span)

    def call(self, name: Token) -> Tree:
        self.enter(self.take())
        arguments: list[Tree] = []
        groups: list[tuple[IndexName, tuple[IndexName, ...]]] = []
        height = 0
        while not self.sees(")"):
            if self.tokens[self.at].kind == "name" and self.tokens[self.at + 1].text == "=":
                groups.append(self.parts())
                if not self.sees(","):
                    break
                self.take()
                continue
            arguments.append(self.addition())
            height = max(height, self.height)
            if self.sees("->"):
                self.fail(
                    "'->' inside a call is ambiguous",
                    hint=f"put the argument in parentheses: {name.text}((... -> i), ...)",
                )
            if not self.sees(","):
                break
            self.take()
        end = self.expect(")", f"the arguments of {name.text}")
        self.opened.pop()
        self.grow(height + 1, name.span)
        return Call(name.text, tuple(arguments), (name.span[0], end.span[1]), tuple(groups))

    def parts(self) -> tuple[IndexName, tuple[IndexName, ...]]:
        """A thick leg and its parts, `ij=(i, j)`."""
        thick = self.index()
        self.take()
        self.expect("(", f"{thick.name}=")
        found: list[IndexName] = []
        while not self.sees(")"):
            found.append(self.index())
            if not self.sees(","):
                break
            self.take()
        self.expect(")", f"the parts of {thick.name}")
        return thick, tuple(found)
