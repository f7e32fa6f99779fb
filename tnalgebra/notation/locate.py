"""Where a value's own text speaks of its tensors: for errors, and for the order of arguments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tnalgebra.core.values import Value
from tnalgebra.errors import ArrayError
from tnalgebra.notation.printer import to_text


@contextmanager
def located(value: Value) -> Iterator[None]:
    """Give an ArrayError the text of the value, with a caret where it names a tensor or symbol.

    >>> import tnalgebra as tn
    >>> tn.parse("A[i,j]*B[j,k]").evaluate()
    Traceback (most recent call last):
    ...
    tnalgebra.errors.ArrayError: no array is given for the tensor A[i, j]
      A[i,j]*B[j,k]
      ^
    pass an array of 2 axes as A=...
    """
    try:
        yield
    except ArrayError as error:
        if error.text is None:
            text = to_text(value)[0]
            name = re.escape(error.about or "")
            found = re.search(rf"(?<![\w']){name}(?![\w'])", text) if name else None
            error.text, error.span = text, found.span() if found else None
        raise


def in_order_of_text(names: Iterable[str], text: str) -> list[str]:
    """The names of tensors in the order in which a printed value first has them.

    >>> in_order_of_text(["A", "W", "x"], "r := W[i,x]*x[x]; r[i]*A[i,j]")
    ['W', 'x', 'A']
    """
    bare = re.sub(r"\[[^\]]*\]", "[]", text)
    first: dict[str, int] = {}
    for found in re.finditer(r"[^\W\d][\w']*", bare):
        first.setdefault(found[0], found.start())
    return sorted(names, key=lambda name: first.get(name, len(bare)))
