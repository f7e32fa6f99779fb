"""Names as LaTeX: greek letters, subscripts after `_`, numbers and primes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from sympy.core.alphabets import greeks
from sympy.printing.latex import tex_greek_dictionary


def name_latex(name: str) -> str:
    r"""A name in mathematics; several letters are set upright.

    >>> print(name_latex("alpha"), name_latex("W_Q"), name_latex("x12'"), name_latex("seq"))
    \alpha W_{Q} x_{12}' \mathrm{seq}
    """
    stem = name.rstrip("'")
    primes = name[len(stem) :]
    head, *subscripts = [part for part in stem.split("_") if part] or ["\\_"]
    letters, number = _split(head)
    below = [_word(number)] if number else []
    below += [_with_number(part) for part in subscripts]
    lower = f"_{{{', '.join(below)}}}" if below else ""
    return f"{_word(letters)}{lower}{primes}"


def has_subscript(latex: str) -> bool:
    """Whether a subscript after this would be a second one."""
    return "_{" in latex


def indices_latex(names: Sequence[str]) -> str:
    r"""Index names side by side, with commas where one has several letters.

    >>> print(indices_latex(["i", "beta"]), "and", indices_latex(["pos", "i"]))
    i \beta and \mathrm{pos}, i
    """
    found = [name_latex(name) for name in names]
    return (", " if any("\\mathrm" in one for one in found) else " ").join(found)


def _split(word: str) -> tuple[str, str]:
    letters = re.sub(r"\d+$", "", word)
    return (letters, word[len(letters) :]) if letters else (word, "")


def _with_number(word: str) -> str:
    letters, number = _split(word)
    return f"{_word(letters)}_{{{number}}}" if number else _word(letters)


def _word(word: str) -> str:
    if word.isascii() and (len(word) == 1 or word.isdigit() or word.startswith("\\")):
        return word
    if len(word) == 1:
        kind, _, greek = unicodedata.name(word, "").partition(" LETTER ")
        is_plain = kind in ("GREEK SMALL", "GREEK CAPITAL") and greek.lower() in greeks
        if not is_plain:
            return f"\\text{{{word}}}"
        word = greek.lower() if kind == "GREEK SMALL" else greek.capitalize()
    if word.lower() in greeks and word in (word.lower(), word.capitalize()):
        return str(tex_greek_dictionary.get(word, f"\\{word}"))
    return f"\\mathrm{{{word}}}" if word.isascii() else f"\\text{{{word}}}"
