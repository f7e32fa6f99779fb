"""Coefficients: sympy expressions set as text, with fractions, powers and roots."""

from __future__ import annotations

import sympy

from tnalgebra.draw.style import Style
from tnalgebra.draw.text import Label, Rule, Run, beside, name_label, run_label, with_scripts

_SUM, _PRODUCT, _POWER, _ATOM = 0, 1, 2, 3


def math_label(expression: sympy.Expr, size: float, style: Style) -> Label:
    """An expression as a label.

    >>> import sympy
    >>> math_label(sympy.sqrt(2) * sympy.Symbol("x"), 15.0, Style()).plain()
    '√2x'
    """
    return _set(sympy.sympify(expression), size, style)[0]


def factor_label(expression: sympy.Expr, size: float, style: Style) -> Label:
    """An expression in front of something it multiplies, in brackets where it is a sum."""
    label, strength = _set(sympy.sympify(expression), size, style)
    return _bracketed(label, size) if strength == _SUM else label


def _set(e: sympy.Expr, size: float, style: Style) -> tuple[Label, int]:
    if isinstance(e, sympy.Symbol):
        return name_label(e.name, size, style), _ATOM
    if e.is_Integer or isinstance(e, sympy.Float):
        return _number(str(e), size), _ATOM if e >= 0 else _SUM
    if e is sympy.I:
        return run_label("i", size, italic=False), _ATOM
    if e is sympy.pi:
        return run_label("π", size), _ATOM
    if e is sympy.E:
        return run_label("e", size), _ATOM
    if isinstance(e, sympy.Rational | sympy.Mul):
        return _product(e, size, style)
    if isinstance(e, sympy.Add):
        return _sum(e, size, style), _SUM
    if isinstance(e, sympy.Pow):
        return _power(e, size, style)
    if isinstance(e, sympy.conjugate):
        inner, strength = _set(e.args[0], size, style)
        rule = Rule(0.5, -inner.ascent - 1.0, max(inner.width - 1.0, 2.0))
        runs, rules = inner.runs, (*inner.rules, rule)
        return Label(runs, rules, inner.width, inner.ascent + 2.5, inner.descent), strength
    if isinstance(e, sympy.Function):
        inside: list[Label] = []
        for count, argument in enumerate(e.args):
            if count:
                inside.append(run_label(", ", size, italic=False))
            inside.append(_set(argument, size, style)[0])
        name = run_label(e.func.__name__, size, italic=False)
        return beside([name, _bracketed(beside(inside), size)]), _ATOM
    return run_label(str(e), size), _SUM


def _number(text: str, size: float) -> Label:
    return run_label(text.replace("-", "−"), size, italic=False)


def _bracketed(label: Label, size: float) -> Label:
    return beside(
        [run_label("(", size, italic=False), label, run_label(")", size, italic=False)], 0.5
    )


def _sum(e: sympy.Expr, size: float, style: Style) -> Label:
    parts: list[Label] = []
    for count, term in enumerate(e.as_ordered_terms()):
        negative = term.could_extract_minus_sign()
        label, strength = _set(-term if negative else term, size, style)
        if strength == _SUM:
            label = _bracketed(label, size)
        if count or negative:
            parts.append(run_label("−" if negative else "+", size, italic=False))
        parts.append(label)
    return beside(parts, 0.18 * size)


def _product(e: sympy.Expr, size: float, style: Style) -> tuple[Label, int]:
    if e.could_extract_minus_sign():
        inner, strength = _set(-e, size, style)
        inner = _bracketed(inner, size) if strength == _SUM else inner
        return beside([run_label("−", size, italic=False), inner], 0.5), _SUM
    over, under = sympy.fraction(e)
    if under != 1:
        small = size * 0.82
        return _fraction(_set(over, small, style)[0], _set(under, small, style)[0], size), _PRODUCT
    parts = []
    for factor in e.as_ordered_factors():
        label, strength = _set(factor, size, style)
        parts.append(_bracketed(label, size) if strength == _SUM else label)
    return beside(parts, 0.12 * size), _PRODUCT


def _fraction(over: Label, under: Label, size: float) -> Label:
    width = max(over.width, under.width) + 3.0
    axis = 0.28 * size
    up = over.shifted((width - over.width) / 2, -axis - over.descent - 1.2)
    down = under.shifted((width - under.width) / 2, -axis + under.ascent + 1.8)
    rule = Rule(0.0, -axis, width)
    return Label(
        up.runs + down.runs, (*up.rules, *down.rules, rule), width, up.ascent, down.descent
    )


def _power(e: sympy.Expr, size: float, style: Style) -> tuple[Label, int]:
    base, exponent = e.as_base_exp()
    if exponent.could_extract_minus_sign():
        under = _set(sympy.Pow(base, -exponent), size * 0.82, style)[0]
        return _fraction(_number("1", size * 0.82), under, size), _PRODUCT
    if exponent == sympy.Rational(1, 2):
        inner = _set(base, size, style)[0]
        sign = Run("√", 0.0, 0.0, size, False)
        moved = inner.shifted(sign.width + 0.5)
        roof = Rule(sign.width - 0.5, -max(moved.ascent, 0.72 * size) - 0.6, inner.width + 1.5)
        height = max(moved.ascent, 0.72 * size) + 2.0
        return (
            Label(
                (sign, *moved.runs), (*moved.rules, roof), moved.width + 1.0, height, moved.descent
            ),
            _POWER,
        )
    inner, strength = _set(base, size, style)
    if strength != _ATOM:
        inner = _bracketed(inner, size)
    above = _set(exponent, size * style.script_scale, style)[0]
    return with_scripts(inner, size, style, None, above), _POWER
