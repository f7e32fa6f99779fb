"""`parse`: text and declarations in, a value or an equation out."""

from __future__ import annotations

from tnalgebra.core.collector import collector_paused
from tnalgebra.core.values import Equation, Value
from tnalgebra.notation.declarations import parse_declarations
from tnalgebra.notation.elaborate import elaborate
from tnalgebra.notation.syntax import parse_program


def parse(text: str, where: str = "") -> Value | Equation:
    """The Diagram, Sum or Equation that a text says, under the declarations of `where`.

    Raises NotationError, DeclarationError or SpaceError with a caret under the place.

    >>> d = parse("conj(V)[m,a]*V[m,b]", where="V: isometry(m -> a)")
    >>> [(leg.name, leg.space.name) for leg in d.legs]
    [('a', 'a'), ('b', 'a')]
    """
    with collector_paused():
        return elaborate(parse_program(text), parse_declarations(where))
