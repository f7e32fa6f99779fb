"""The one family of exceptions: each shows the user's own text, the place, and the way out."""

from __future__ import annotations

_WINDOW = 100


def _excerpt(text: str, start: int, stop: int) -> tuple[str, int, int]:
    """The line that holds `start`, cut to a readable window, with the place moved along."""
    begin = text.rfind("\n", 0, start) + 1
    end = text.find("\n", start)
    line = text[begin : end if end >= 0 else len(text)]
    start, stop = start - begin, min(max(stop, start + 1) - begin, len(line))
    shift = 0
    if len(line) > _WINDOW:
        shift = max(0, start - _WINDOW // 2)
        tail = "..." if shift + _WINDOW < len(line) else ""
        line = line[shift : shift + _WINDOW] + tail
        if shift:
            line, shift = "..." + line, shift - 3
    return line, start - shift, min(stop - shift, len(line))


class TnalgebraError(Exception):
    """Something this library refuses, with the place in the user's text and what to do about it.

    >>> print(TnalgebraError("an index occurs three times", text="A[i,i]*v[i]", span=(9, 10)))
    an index occurs three times
      A[i,i]*v[i]
               ^
    """

    def __init__(
        self,
        message: str,
        *,
        text: str | None = None,
        span: tuple[int, int] | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.span = span
        self.hint = hint

    def __str__(self) -> str:
        lines = [self.message]
        if self.text is not None:
            start, stop = self.span if self.span is not None else (0, 0)
            line, start, stop = _excerpt(self.text, start, stop)
            lines.append("  " + line)
            if self.span is not None:
                lines.append("  " + " " * start + "^" * max(1, stop - start))
        if self.hint:
            lines.append(self.hint)
        return "\n".join(lines)


class NotationError(TnalgebraError):
    """Text, or a use of names, that the notation does not allow."""


class DeclarationError(TnalgebraError):
    """A declaration that cannot be read, or that contradicts another."""


class SpaceError(TnalgebraError):
    """Two legs that may not be joined: different spaces or unequal sizes."""


class GraphError(TnalgebraError):
    """A graph that does not follow the schema of a diagram."""


class JsonError(TnalgebraError):
    """JSON text that describes no value, or a value that JSON text cannot describe."""


class ArrayError(TnalgebraError):
    """An array that is missing, has the wrong shape, or does not fit the others.

    `about` names the tensor or symbol, so that the error can be shown in the value's text.
    """

    def __init__(
        self,
        message: str,
        *,
        text: str | None = None,
        span: tuple[int, int] | None = None,
        hint: str | None = None,
        about: str | None = None,
    ) -> None:
        super().__init__(message, text=text, span=span, hint=hint)
        self.about = about


class RuleError(TnalgebraError):
    """A rule or rule file that cannot be used, or a rule that was found to be false."""


class ProofError(TnalgebraError):
    """A proof that does not hold; the message names the step that broke."""


class UndecidedError(TnalgebraError):
    """A verdict `unknown` asked for its truth value."""


class LimitError(TnalgebraError):
    """Work refused because it would exceed a stated limit."""
