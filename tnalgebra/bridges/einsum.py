"""`einsum` of diagrams or of explicit arrays, and the einsum string of a diagram."""

from __future__ import annotations

from typing import Any, NamedTuple

from opt_einsum import get_symbol

from tnalgebra.bridges.code_text import MOST_LETTERS
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.values import Diagram, Value
from tnalgebra.errors import ArrayError, NotationError
from tnalgebra.notation.einsum import einsum_diagram, read_einsum
from tnalgebra.notation.printer import to_text


def einsum(equation: str, *operands: Any) -> Any:
    """The contraction an einsum string says, einops-spaced ("i a b, b -> i a") or compact.

    operands: diagrams, which give a Diagram; or arrays of one kind, which give an array of that
    kind: numpy, torch, or sympy (arrays or matrices; out comes a sympy.ImmutableDenseNDimArray,
    exact). Integer arrays of one type stay of that type. Without `->` the letters that occur once
    are kept, sorted, as numpy does; a string of words needs the `->`. Axes of size 0 are taken as
    numpy takes them, a sum over none being 0; the spaces of diagrams have sizes from 1.
    Raises NotationError for a string that does not fit, ArrayError for arrays that do not, sizes
    1 against 4 too, and LimitError where integers may overflow.

    >>> import numpy as np, tnalgebra as tn
    >>> A, B = tn.tensor("A", "i j"), tn.tensor("B", "j k")
    >>> str(einsum("ij,jk->ik", A, B))
    'A[i,j]*B[j,k]'
    >>> einsum("row mid, mid -> row", np.eye(2), np.array([5.0, 7.0]))
    array([5., 7.])
    """
    string = read_einsum(equation, len(operands))
    symbolic = [isinstance(operand, Value) for operand in operands]
    if all(symbolic):
        return einsum_diagram(string, operands)
    if any(symbolic):
        number = symbolic.index(False)
        raise NotationError(
            f"operand {number} is of type {type(operands[number]).__name__}, not a diagram as "
            f"operand {symbolic.index(True)} is",
            hint="name the tensor and give its array to evaluate()",
        )
    from tnalgebra.numeric.einsum import einsum as einsum_arrays

    try:
        return einsum_arrays(string.inputs, string.output, operands)
    except ArrayError as error:
        error.text = equation
        raise


class EinsumCall(NamedTuple):
    """An einsum string and what its operands are called, a marked tensor as `conj(A)`."""

    equation: str
    operands: tuple[str, ...]


def to_einsum(value: Value) -> EinsumCall:
    """The einsum string of a diagram that is one product of tensors, with its operands in order.

    Compact up to 52 indices, which numpy and torch run too; beyond that of words (i0, i1, ...),
    which `tn.einsum` runs. Raises NotationError for what an einsum string cannot say: sums, boxes,
    coefficients, reshapes, and copy tensors that make new legs.

    >>> import tnalgebra as tn
    >>> to_einsum(tn.parse("A[i,a,b]*v[b]*conj(B)[b,a,j] -> i,j"))
    EinsumCall(equation='iab,b,baj->ij', operands=('A', 'v', 'conj(B)'))
    """
    if not isinstance(value, Diagram):
        raise _refused(value, "it is a sum", "take its terms one by one, or to_torch()")
    spider = value.normal
    if spider.groups:
        raise _refused(value, "it groups or splits legs", "to_torch() writes reshapes")
    names = []
    for label in spider.labels:
        if not isinstance(label, Tensor):
            raise _refused(value, "it holds a box", "to_torch() writes functions and sums")
        names.append(label.name if label.mark == "none" else _marked(label))
    if (scalar := value.coefficient * spider.scalar) != 1:
        raise _refused(value, f"it has the factor {scalar}", "multiply by it afterwards")
    if not names:
        raise _refused(value, "it has no tensor", "to_torch() writes copy tensors")
    used = {index for row in spider.ports for index in row}
    if len(set(spider.free)) < len(spider.free) or not used.issuperset(spider.free):
        raise _refused(value, "a copy tensor makes legs of its own", "to_torch() writes them")
    letters = _letters(value)
    gap = "" if len(letters) <= MOST_LETTERS else " "
    rows = [gap.join(letters[index] for index in row) for row in (*spider.ports, spider.free)]
    return EinsumCall(f"{','.join(rows[:-1])}->{rows[-1]}", tuple(names))


def _marked(tensor: Tensor) -> str:
    name = tensor.name
    for word in reversed(tensor.mark.split()):
        name = f"{word}({name})"
    return name


def _letters(value: Diagram) -> list[str]:
    """A name for each index class: the user's own letter where there is one."""
    spider = value.normal
    count = len(spider.spaces)
    if count > MOST_LETTERS:
        return [f"i{number}" for number in range(count)]
    wanted: dict[int, str] = {}
    for leg, index in zip(value.legs, spider.free, strict=True):
        wanted.setdefault(index, leg.name)
    for label, row in zip(spider.labels, spider.ports, strict=True):
        for leg, index in zip(label.legs, row, strict=True):
            wanted.setdefault(index, leg.name)
    spare = [get_symbol(number) for number in range(MOST_LETTERS)]
    letters = [""] * count
    for index, name in wanted.items():
        if name in spare:
            letters[index] = name
            spare.remove(name)
    return [letter or spare.pop(0) for letter in letters]


def _refused(value: Value, why: str, hint: str) -> NotationError:
    return NotationError(f"no einsum string says this: {why}", text=to_text(value)[0], hint=hint)
