"""Syntax trees of the notation: what a text says, before any name has a meaning."""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy

Span = tuple[int, int]


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
