"""Text to syntax trees: a tokenizer and a precedence parser that never recurses on length."""

from __future__ import annotations

import re
from itertools import accumulate, compress
from typing import NamedTuple, NoReturn

import sympy

from tnalgebra.core.words import RESERVED
from tnalgebra.errors import NotationError
from tnalgebra.notation.trees import (
    Addition,
    Arrow,
    Attribute,
    Call,
    IndexName,
    Name,
    Number,
    Power,
    Product,
    Program,
    Span,
    Subscript,
    Tree,
)

MAX_NESTING = 100
MOST_DIGITS = 3900

_TOKEN = re.compile(
    r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[^\W\d]\w*'*|->|:=|==|\*\*|[-+*/@()\[\],;.:=]|\s+"
)

_OTHER_SIGNS = {
    "^": "a power is written **, a transpose A.T",
    "†": "write A.H",
    "⊗": "write kron(A, B), or A[i,j]*B[k,l]",
    "·": "a product is written *",
    "×": "a product is written *",
    "∑": "an index that occurs twice is summed",
    "'": "names stand without quotes",
    '"': "names stand without quotes",
}


class Token(NamedTuple):
    """One token: its text, empty at the end, and its place."""

    text: str
    span: Span


def tokenize(text: str) -> tuple[list[str], list[int]]:
    """The text and the start of every token; raises NotationError at what is none.

    >>> tokenize("2 * A")
    (['2', '*', 'A'], [0, 2, 4])
    """
    found = _TOKEN.findall(text)
    starts = list(accumulate(map(len, found), initial=0))
    if starts.pop() != len(text):
        place = 0
        while match := _TOKEN.match(text, place):
            place = match.end()
        raise NotationError(
            f"cannot read {text[place]!r} here",
            text=text,
            span=(place, place + 1),
            hint=_OTHER_SIGNS.get(text[place]),
        )
    kept = [not one.isspace() for one in found]
    return list(compress(found, kept)), list(compress(starts, kept))


def _kind(token: str) -> str:
    """What a token is: "number", "name", "op" or, where it is empty, "end"."""
    first = token[:1]
    if first.isdecimal():
        return "number"
    if first.isalnum() or first == "_":
        return "name"
    return "op" if first else "end"


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
        self.tokens, self.starts = tokenize(text)
        self.tokens.append("")
        self.starts.append(len(text))
        self.at = 0
        self.height = 0
        self.opened: list[Token] = []

    def fail(self, message: str, span: Span | None = None, hint: str | None = None) -> NoReturn:
        raise NotationError(message, text=self.text, span=span or self.token().span, hint=hint)

    def token(self) -> Token:
        """The token that comes next."""
        text, start = self.tokens[self.at], self.starts[self.at]
        return Token(text, (start, start + len(text)))

    def sees(self, text: str) -> bool:
        return self.tokens[self.at] == text

    def take(self) -> Token:
        token = self.token()
        self.at += 1
        return token

    def expect(self, text: str, after: str) -> Token:
        if not self.sees(text):
            token = self.token()
            if text in ")]" and self.opened and token.text:
                opened = self.opened[-1].text
                self.fail(
                    f"expected {text!r} to close the {opened!r} before {token.text!r}",
                    hint=self.between(text),
                )
            self.unexpected(f"{text!r} after {after}", token)
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
        while _kind(self.tokens[self.at]) == "name" and self.tokens[self.at + 1] == ":=":
            token = self.take()
            self.take()
            if token.text in RESERVED:
                self.fail(f"{token.text!r} has a meaning of its own", token.span)
            shared.append((Name(token.text, token.span), self.arrow()))
            self.expect(";", f"the value of {token.text!r}")
        if self.sees(""):
            self.fail("expected an expression, found the end" if shared else "the text is empty")
        sides.append(self.arrow())
        if self.sees("=="):
            self.take()
            sides.append(self.arrow())
        token = self.token()
        if token.text:
            if token.text in (")", "]"):
                self.fail(f"{token.text!r} closes nothing")
            if token.text == "==":
                self.fail("an equation has two sides")
            kept = isinstance(sides[-1], Arrow)
            self.fail(f"expected an operator, found {token.text!r}", hint=self.between("->" * kept))
        return Program(self.text, tuple(shared), tuple(sides))

    def between(self, wanted: str) -> str | None:
        """What would let the next token stand where it does: `wanted` should have come."""
        token, before = self.token().text, self.tokens[self.at - 1]
        if token == "=":
            return "write == for an equation"
        if token == ":=":
            return "a shared value is a name alone, said first: r := X; r[i,j]*v[j]"
        if _kind(token) == "end" or (_kind(token) == "op" and token != "("):
            return None
        if wanted in ("->", "]"):
            return "indices are separated by commas"
        if _kind(before) == "number" and token in ("i", "j"):
            return "the imaginary unit is I, and a product is written *"
        return "a product is written *, a matrix product @"

    def arrow(self) -> Tree:
        body = self.addition()
        if not self.sees("->"):
            return body
        end = self.take().span[1]
        keep: list[IndexName] = []
        while _kind(self.tokens[self.at]) == "name" or self.sees("*"):
            keep.append(self.index())
            end = keep[-1].span[1]
            if not self.sees(","):
                break
            end = self.take().span[1]
        return Arrow(body, tuple(keep), (body.span[0], end))

    def addition(self) -> Tree:
        terms = [(self.sign(), self.product())]
        height = self.height
        while self.sees("+") or self.sees("-"):
            terms.append((self.sign(), self.product()))
            height = max(height, self.height)
        self.height = height
        if len(terms) == 1 and terms[0][0] == 1:
            return terms[0][1]
        return Addition(tuple(terms), (terms[0][1].span[0], terms[-1][1].span[1]))

    def product(self) -> Tree:
        factors = [("*", self.power())]
        height = self.height
        while (operator := self.tokens[self.at]) in ("*", "/", "@"):
            self.at += 1
            factors.append((operator, self.power()))
            height = max(height, self.height)
        self.height = height
        if len(factors) == 1:
            return factors[0][1]
        return Product(tuple(factors), (factors[0][1].span[0], factors[-1][1].span[1]))

    def power(self) -> Tree:
        start = self.starts[self.at]
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
        while (token := self.tokens[self.at]) in ("-", "+"):
            self.at += 1
            sign = -sign if token == "-" else sign
        return sign

    def postfix(self) -> Tree:
        tree = self.atom()
        height = self.height
        start = self.at
        while self.tokens[self.at] in ("[", "."):
            if self.sees("[") and self.at > start and self.tokens[self.at - 1] == "]":
                self.fail("one pair of brackets holds all indices", hint="write T[i,j]")
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
            self.at += 1
        return tuple(found)

    def index(self) -> IndexName:
        starred = self.sees("*")
        self.at += starred
        text, start = self.tokens[self.at], self.starts[self.at]
        span = (start, start + len(text))
        if text in RESERVED:
            self.fail(f"{text!r} has a meaning of its own", span, "name another index")
        kind = _kind(text)
        if kind == "number" and text.isdigit() and not starred:
            if len(text) > 18:
                self.fail("the index is too large", span)
            self.at += 1
            return IndexName(text, span, slice=int(text))
        if kind != "name":
            self.unexpected("an index", Token(text, span))
        self.at += 1
        return IndexName(text, span, starred)

    def atom(self) -> Tree:
        self.height = 0
        token = self.take()
        kind = _kind(token.text)
        if kind == "name":
            return self.call(token) if self.sees("(") else Name(token.text, token.span)
        if kind == "number":
            return self.number(token)
        if token.text != "(":
            if token.text in (")", "]") and not self.opened:
                self.fail(f"{token.text!r} closes nothing", token.span)
            self.unexpected("an expression", token)
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

    def unexpected(self, wanted: str, token: Token) -> NoReturn:
        if not token.text and self.opened:
            self.fail(f"{self.opened[-1].text!r} is never closed", self.opened[-1].span)
        found = repr(token.text) if token.text else "the end"
        self.fail(f"expected {wanted}, found {found}", token.span)

    def call(self, name: Token) -> Tree:
        self.enter(self.take())
        arguments: list[Tree] = []
        groups: list[tuple[IndexName, tuple[IndexName, ...]]] = []
        height = 0
        while not self.sees(")"):
            if self.tokens[self.at + 1 : self.at + 2] == ["="]:
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
        if not self.sees("(") and self.token().text:
            self.fail(
                f"expected '(' after {thick.name}=, found {self.token().text!r}",
                hint="as in group(X, ij=(i, j)); other calls name their legs alone: softmax(X, k)",
            )
        self.expect("(", f"{thick.name}=")
        found: list[IndexName] = []
        while not self.sees(")"):
            found.append(self.index())
            if not self.sees(","):
                break
            self.take()
        self.expect(")", f"the parts of {thick.name}")
        return thick, tuple(found)
