"""Measured text: an own table of widths, and names such as W_Q1 or sigma as runs of glyphs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tnalgebra.draw.style import Style

_ITALIC = (
    "A611B611C667D722E611F611G722H722I333J444K667L556M833N667O722P611Q722R611S500T556U722V611W833"
    "X611Y556Z556a500b500c444d500e444f278g500h500i278j278k444l278m722n500o500p500q500r389s389t278"
    "u500v444w667x444y444z389"
)
_UPRIGHT = (
    "A722B667C667D722E611F556G722H722I333J389K722L611M889N722O722P556Q722R667S556T611U722V722W944"
    "X722Y722Z611a444b500c444d500e444f333g500h500i278j278k500l278m778n500o500p500q500r333s389t278"
    "u500v500w722x500y500z444"
)
_SHARED = {
    " ": 250, "+": 620, "=": 620, "−": 620, "-": 333, "·": 250, "×": 620, "/": 300, "(": 333,
    ")": 333, "[": 340, "]": 340, "{": 440, "}": 440, ",": 250, ".": 250, ":": 278, ";": 278,
    "'": 200, "*": 500, "†": 460, "|": 230, "√": 560, "_": 500, "…": 900, "<": 620, ">": 620,
}  # fmt: skip
_GREEK_TEXT = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho
sigma tau upsilon phi chi psi omega
"""
_GREEK_LETTERS = "αβγδεζηθικλμνξοπρστυφχψω"
GREEK = dict(zip(_GREEK_TEXT.split(), _GREEK_LETTERS, strict=True))
GREEK.update({name.capitalize(): letter.upper() for name, letter in list(GREEK.items())})
GREEK["lamda"] = "λ"

_ASCENT, _DESCENT = 0.72, 0.22


def _table(packed: str) -> dict[str, float]:
    return {key: int(value) / 1000 for key, value in re.findall(r"(\w)(\d{3})", packed)}


_WIDTHS = {True: _table(_ITALIC), False: _table(_UPRIGHT)}


def text_width(text: str, size: float, italic: bool = True) -> float:
    """The width of a text in px, from the table here and never from a machine's fonts.

    >>> round(text_width("W", 15.0), 2)
    12.49
    """
    table = _WIDTHS[italic]
    return size * sum(table.get(c, _SHARED.get(c, 550) / 1000) for c in text)


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one size and slant, its baseline starting at (x, y)."""

    text: str
    x: float
    y: float
    size: float
    italic: bool = True

    @property
    def width(self) -> float:
        """The width in px."""
        return text_width(self.text, self.size, self.italic)


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight stroke that belongs to a text: a fraction bar, an overline, a root's roof."""

    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Label:
    """Runs and rules set from x = 0 on the baseline y = 0, with the box they fill."""

    runs: tuple[Run, ...] = ()
    rules: tuple[Rule, ...] = ()
    width: float = 0.0
    ascent: float = 0.0
    descent: float = 0.0

    @property
    def height(self) -> float:
        """From the top of the highest run to the bottom of the lowest."""
        return self.ascent + self.descent

    def shifted(self, dx: float, dy: float = 0.0) -> Label:
        """The same text elsewhere; the box keeps its left edge at 0, so it grows to the right."""
        return Label(
            tuple(replace(run, x=run.x + dx, y=run.y + dy) for run in self.runs),
            tuple(replace(rule, x=rule.x + dx, y=rule.y + dy) for rule in self.rules),
            self.width + dx,
            self.ascent - dy,
            self.descent + dy,
        )

    def plain(self) -> str:
        """The characters alone."""
        return "".join(run.text for run in self.runs)


def run_label(text: str, size: float, *, italic: bool = True) -> Label:
    """One run as a label."""
    if not text:
        return Label()
    run = Run(text, 0.0, 0.0, size, italic)
    return Label((run,), (), run.width, _ASCENT * size, _DESCENT * size)


def beside(labels: Iterable[Label], space: float = 0.0) -> Label:
    """Labels in a row on one baseline."""
    runs: list[Run] = []
    rules: list[Rule] = []
    x, ascent, descent = 0.0, 0.0, 0.0
    for count, label in enumerate(labels):
        x += space if count else 0.0
        moved = label.shifted(x)
        runs.extend(moved.runs)
        rules.extend(moved.rules)
        x += label.width
        ascent, descent = max(ascent, label.ascent), max(descent, label.descent)
    return Label(tuple(runs), tuple(rules), x, ascent, descent)


def with_scripts(
    base: Label, size: float, style: Style, below: Label | None = None, above: Label | None = None
) -> Label:
    """A label with a subscript and a superscript, which start at the same x."""
    result, width = base, base.width
    for script, dy in (
        (below, style.subscript_shift * size),
        (above, -style.superscript_shift * size),
    ):
        if script is None or not script.runs:
            continue
        moved = script.shifted(base.width + 0.4, dy)
        width = max(width, moved.width)
        result = Label(
            result.runs + moved.runs,
            result.rules + moved.rules,
            width,
            max(result.ascent, moved.ascent),
            max(result.descent, moved.descent),
        )
    return result


def name_parts(name: str) -> tuple[str, str]:
    """A name's letter part and its subscript; greek names become letters.

    >>> name_parts("W_Q1"), name_parts("A1"), name_parts("sigma"), name_parts("copy")
    (('W', 'Q1'), ('A', '1'), ('σ', ''), ('copy', ''))
    """
    if match := re.fullmatch(r"onehot\((\w+)\)", name):
        return "e", match[1]
    if match := re.fullmatch(r"(W)([QKVOEU]\d*)", name):
        stem, script = match[1], match[2]
    elif match := re.fullmatch(r"([^_]+)_+(\w*)", name):
        stem, script = match[1], match[2].replace("_", ",")
        if len(stem) > 2 and len(script) > 2 and stem not in GREEK:
            stem, script = f"{stem} {script}".replace(",", " "), ""
    elif match := re.fullmatch(r"([^\W\d_]+)(\d+)", name):
        stem, script = match[1], match[2]
    else:
        stem, script = name, ""
    if (match := re.fullmatch(r"([^\W\d_]+)(\d+)", stem)) and script:
        stem, script = match[1], f"{match[2]},{script}"
    return GREEK.get(stem, stem), GREEK.get(script, script)


def name_label(name: str, size: float, style: Style, *, mark: str = "") -> Label:
    """A tensor's or leg's name set as its field writes it, with "bar", or a superscript mark."""
    stem, script = name_parts(name)
    small = size * style.script_scale
    base = run_label(stem, size)
    if mark.startswith("bar"):
        mark = mark[3:]
        height = (0.70 if stem[:1].isupper() or stem[:1] in "bdfhklt" else 0.52) * size + 1.6
        rule = Rule(0.14 * base.width + 0.06 * size, -height, 0.84 * base.width)
        base = Label(base.runs, (rule,), base.width, max(base.ascent, height + 1.0), base.descent)
    above = run_label(mark, small, italic=False)
    below = run_label(script, small, italic=not script.isdigit())
    return with_scripts(base, size, style, below, above)
