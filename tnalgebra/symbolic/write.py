"""`to_sympy`: values as matrix, array or indexed expressions of sympy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import sympy
from sympy.tensor.array.expressions.array_expressions import ZeroArray

from tnalgebra.core.collected import collected
from tnalgebra.core.nesting import contents, leg_spaces
from tnalgebra.core.values import Equation, Sum, Value, terms_of
from tnalgebra.errors import NotationError
from tnalgebra.symbolic.write_arrays import array_form
from tnalgebra.symbolic.write_indexed import indexed_form
from tnalgebra.symbolic.write_matrices import matrix_form
from tnalgebra.symbolic.writing import UnsayableError, Writer

Form = Literal["matrix", "array", "indexed"]

_FORMS: dict[str, Callable[[Writer], sympy.Expr]] = {
    "matrix": matrix_form,
    "array": array_form,
    "indexed": indexed_form,
}


def to_sympy(value: Value | Equation, as_: Form | None = None) -> Any:
    """The sympy expression that says a value; an Equation gives sympy.Eq.

    as_: "matrix" (products, traces, Hadamard products; a vector is a column), "array" (tensor
    products, contractions and diagonals of ArraySymbols) or "indexed" (sums over Indexed, the free
    legs as symbols; a leg along which it is constant does not occur); by default the first of these
    that can say it with all its legs. Sizes are symbols of the names of spaces, `dim(i)` where a
    space has no name; declared facts are not carried over.
    Raises NotationError for what the form cannot say.

    >>> from tnalgebra.core.build import contract, symbol
    >>> from tnalgebra.core.nodes import Tensor
    >>> from tnalgebra.core.spaces import Leg, Space
    >>> A = symbol(Tensor("A", (Leg("i", Space("i")), Leg("j", Space("j")))), ["i", "j"])
    >>> print(to_sympy(contract(A, A.conj().rename(i="k"), keep="ik")))
    A*Adjoint(A)
    """
    if as_ is not None and as_ not in _FORMS:
        raise NotationError(f"no form is called {as_!r}; there are: {', '.join(_FORMS)}")
    sides = [value.lhs, value.rhs] if isinstance(value, Equation) else [value]
    writers = Writer.together(sides)
    if as_ is not None:
        found = [_FORMS[as_](writer) for writer in writers]
    else:
        found = _first_form(writers)
    return sympy.Eq(*found, evaluate=False) if len(found) == 2 else found[0]


def _first_form(writers: list[Writer]) -> list[sympy.Expr]:
    for form in (matrix_form, array_form):
        try:
            return [form(writer) for writer in writers]
        except UnsayableError:
            continue
    found = [indexed_form(writer) for writer in writers]
    symbols = {symbol.name for one in found for symbol in one.free_symbols}
    lost = [leg.name for leg in writers[0].value.legs if leg.name not in symbols]
    if not lost:
        return found
    if all(_vanishes(writer.value) for writer in writers):
        shapes = (writer.sizes_of(leg_spaces(writer.value)) for writer in writers)
        return [ZeroArray(*shape) for shape in shapes]
    raise NotationError(
        f"only a formula can say this, and it is constant along the leg {lost[0]!r}",
        hint='as_="indexed" writes it; read again, it has no such leg',
    )


def _vanishes(value: Value) -> bool:
    """Whether a value is zero, by what cancels in it or in a content that it multiplies."""
    zeros: set[int] = set()
    for one in [*contents(value), value]:
        terms = [
            term
            for term in terms_of(one)
            if not any(box.function is None and id(box.content) in zeros for box in term.boxes)
        ]
        if not collected(Sum(terms, one.legs)):
            zeros.add(id(one))
    return id(value) in zeros
