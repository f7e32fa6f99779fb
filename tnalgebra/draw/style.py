"""The numbers and colours of a picture, all in one place."""

from __future__ import annotations

from dataclasses import dataclass

from tnalgebra.core.spaces import Space

_SEQUENCE = ("pos", "seq", "sequence", "position", "query", "key", "token", "tokens", "time")
_HIDDEN = ("hidden", "d_model", "model", "embed", "embedding", "residual", "channel")
_HEADS = ("head", "heads", "n_heads")
_HEAD_SIZE = ("head_size", "headsize", "d_head", "head size", "head_dim")
_VOCABULARY = ("vocab", "vocabulary", "d_vocab", "v_size")


@dataclass(frozen=True)
class Style:
    """Lengths in px at zoom 1, and colours; the defaults are the house style.

    >>> Style(gap=40.0).gap
    40.0
    """

    radius: float = 17.0
    widest_circle: float = 24.0
    label_room: float = 6.0
    triangle_depth: float = 21.0
    triangle_base: float = 1.1
    triangle_label: float = 0.3
    reshape_depth: float = 9.0
    dot: float = 4.0
    corner: float = 6.0
    gap: float = 30.0
    bubble_gap: float = 18.0
    stub: float = 26.0
    inner_stub: float = 7.0
    label_gap: float = 5.5
    port_spacing: float = 14.0
    leg_width: float = 1.7
    outline_width: float = 1.5
    highlight_width: float = 3.2
    loop_out: float = 18.0
    loop_corner: float = 13.0
    loop_clear: float = 26.0
    loop_nested: float = 12.0
    ring: float = 14.0
    bubble_padding: float = 13.0
    bubble_corner: float = 18.0
    bubble_width: float = 1.4
    operator_space: float = 22.0
    margin: float = 16.0
    widest_row: float = 720.0
    hanging_indent: float = 28.0
    row_space: float = 30.0
    node_font: float = 15.0
    leg_font: float = 11.0
    free_font: float = 12.0
    operator_font: float = 22.0
    script_scale: float = 0.68
    subscript_shift: float = 0.22
    superscript_shift: float = 0.38
    halo: float = 3.4

    ink: str = "#222222"
    background: str = "#ffffff"
    generic: str = "#dbe7f5"
    generic_conj: str = "#c3d6ee"
    isometry: str = "#fde3c4"
    isometry_conj: str = "#f9d5a7"
    reshape: str = "#ffffff"
    unitary: str = "#d9f0dd"
    unitary_conj: str = "#bfe3c6"
    diagonal: str = "#d6d6da"
    data: str = "#e4e4e8"
    function_line: str = "#c2187a"
    function_fill: str = "#c2187a"
    shared_fill: str = "#fde4f1"
    sum_line: str = "#2b50aa"
    sum_fill: str = "#2b50aa"
    tint: float = 0.07
    sequence: str = "#1f77b4"
    hidden: str = "#2a9d4a"
    heads: str = "#d1495b"
    head_size: str = "#8a5fbf"
    vocabulary: str = "#b8860b"
    redex: str = "#d62728"
    result: str = "#2a9d4a"

    fonts: str = (
        "'Latin Modern Roman','STIX Two Text','Times New Roman',Times,'Liberation Serif',"
        "'DejaVu Serif',serif"
    )
    collapse_depth: int = 2
    collapse_size: int = 8

    def leg_colour(self, space: Space | None) -> str:
        """The colour of a leg by what its space means; ink where the name says nothing.

        >>> Style().leg_colour(Space("seq")), Style().leg_colour(Space("i"))
        ('#1f77b4', '#222222')
        """
        if space is None:
            return self.ink
        name = space.name.lower()
        stem = name.rstrip("0123456789_")
        if space.declared and name in ("q", "k"):
            return self.sequence
        for names, colour in (
            (_SEQUENCE, self.sequence),
            (_HIDDEN, self.hidden),
            (_HEADS, self.heads),
            (_HEAD_SIZE, self.head_size),
            (_VOCABULARY, self.vocabulary),
        ):
            if name in names or stem in names:
                return colour
        return self.ink
