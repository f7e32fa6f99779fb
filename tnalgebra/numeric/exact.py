"""A value on exact samples: residues modulo PRIME, a batch at once; a degree bound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

import numpy as np
import sympy

from tnalgebra.core.nesting import contents
from tnalgebra.core.nodes import Function, Tensor
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram, Value, terms_of
from tnalgebra.numeric.interpreter import Interpreter, needs
from tnalgebra.numeric.modular import (
    ModularArithmetic,
    NotExactError,
    check_entries,
    inverse,
    product,
    settled,
)
from tnalgebra.numeric.residues import degrees, residue
from tnalgebra.numeric.samples import Instance

if TYPE_CHECKING:
    import torch

__all__ = ["NotExactError", "degree_bound", "evaluate_exact"]


def evaluate_exact(value: Value, instance: Instance) -> torch.Tensor:
    """The residues [batch, *legs] of a value, legs in the order of `value.legs`.

    Raises NotExactError for functions, floats, and inverses of matrices that are singular here.
    """
    return settled(_Exact(instance).run(value))


class _Exact(Interpreter):
    """One call: arrays of marked tensors are made once each."""

    def __init__(self, instance: Instance) -> None:
        self.arithmetic = ModularArithmetic()
        self.batch = instance.batch
        self._instance = instance
        self._marked: dict[Tensor, torch.Tensor] = {}

    def size(self, space: Space) -> int:
        return self._instance.sizes[space.name]

    def tensor(self, tensor: Tensor) -> torch.Tensor:
        if tensor not in self._marked:
            self._marked[tensor] = self._array(tensor)
        return self._marked[tensor]

    def _array(self, tensor: Tensor) -> torch.Tensor:
        if tensor.entries is not None:
            array = self._entries(tensor)
        else:
            known = self._instance.conj if tensor.is_conj else self._instance.plain
            array = known[tensor.name]
        if not tensor.is_inverse:
            return array
        if tensor.mark.endswith("pinv"):
            return self._pseudo_inverse(tensor, array)
        if array.shape[1] != array.shape[2]:
            raise NotExactError(f"inv({tensor.name}) needs a square array")
        inverted, singular = inverse(array)
        if bool(singular.any()):
            raise NotExactError(f"inv({tensor.name}) is asked of a singular matrix")
        return inverted

    def _pseudo_inverse(self, tensor: Tensor, array: torch.Tensor) -> torch.Tensor:
        """A^H (A A^H)^-1 where A has full row rank by a declared fact, or the like for columns."""
        known = self._instance.plain if tensor.is_conj else self._instance.conj
        kinds = {fact.kind: fact.sides for fact in tensor.known}
        if tensor.entries is not None or tensor.rank != 2:
            raise NotExactError(f"pinv({tensor.name}) has no exact value")
        adjoint = known[tensor.name].transpose(1, 2)
        if "isometry" in kinds:
            return adjoint
        if "right_invertible" not in kinds and "invertible" not in kinds:
            raise NotExactError(
                f"pinv({tensor.name}) has an exact value only where the rank is known",
                hint=f"declare {tensor.name}: right_invertible(b -> c), or an isometry",
            )
        by_rows = kinds.get("right_invertible", ((0,), (1,))) == ((0,), (1,))
        gram = product(array, adjoint) if by_rows else product(adjoint, array)
        inverted, singular = inverse(gram)
        if bool(singular.any()):
            raise NotExactError(f"pinv({tensor.name}) is asked of a matrix of lesser rank")
        return product(adjoint, inverted) if by_rows else product(inverted, adjoint)

    def _entries(self, tensor: Tensor) -> torch.Tensor:
        base = tensor.base()
        sizes = [self.size(space) for space in base.spaces()]
        check_entries(self._instance.batch * prod(sizes))
        result = self.zeros([self._instance.batch, *sizes])
        assert base.entries is not None
        if base.position >= 0:
            result[:, base.position] = 1
            return result
        if base.is_builtin:
            return (result + 1).tril()
        for place in np.ndindex(*sizes):
            entry = base.entry(*place)
            entry = sympy.conjugate(entry) if tensor.is_conj else entry
            result[(..., *place)] = self._residue(entry)
        return result

    def _residue(self, expression: sympy.Expr) -> int | torch.Tensor:
        instance = self._instance
        sized = {
            symbol: instance.sizes[symbol.name]
            for symbol in expression.free_symbols
            if symbol not in instance.symbols and symbol.name in instance.sizes
        }
        return residue(expression.subs(sized) if sized else expression, instance.symbols)

    def number(self, coefficient: sympy.Expr) -> torch.Tensor:
        found = self._residue(coefficient)
        if not isinstance(found, int):
            return found
        return self.zeros([self._instance.batch]) + found

    def apply(self, function: Function, array: torch.Tensor) -> torch.Tensor:
        raise NotExactError(
            f"{function.name} has no exact value",
            hint="compare values with functions in floating point",
        )

    def zeros(self, shape: Sequence[int]) -> torch.Tensor:
        import torch

        return torch.zeros(tuple(shape), dtype=torch.float64, device=self._instance.device)


def degree_bound(*values: Value, instance: Instance) -> int:
    """A bound on the degree of a linear combination of the values' entries, denominators cleared.

    The degree is that of the polynomial in the residues that the samplers draw. An equation of
    degree D that is false on the instance's component agrees at one random sample with probability
    at most D / PRIME (Schwartz 1980, lemma 1); the bound is one larger, which pays for samples that
    were drawn again because a matrix was singular. For `lhs == rhs` give both values.
    """
    uses: dict[int, tuple[Counter[tuple[str, str]], int, int]] = {}
    for value in values:
        for content in [*contents(value), value]:
            if id(content) not in uses:
                uses[id(content)] = _uses([_term_uses(t, uses) for t in terms_of(content)])
    counts, numerator, denominator = _uses([uses[id(value)] for value in values])
    tensors = needs(*values).tensors
    total = numerator + denominator
    for (name, mark), count in counts.items():
        degree = instance.degrees.get(name)
        if degree is None:
            total += count * _entry_degree(tensors[name], instance, mark)
            continue
        if mark.endswith("inv"):
            degree *= 3 if mark.endswith("pinv") else 1
            degree *= max(instance.sizes[space.name] for space in tensors[name].spaces())
        total += count * degree
    return total + 1


Uses = tuple["Counter[tuple[str, str]]", int, int]


def _uses(terms: Sequence[Uses]) -> Uses:
    """The largest use of each marked tensor in a sum; degrees of its scalars' parts."""
    counts: Counter[tuple[str, str]] = Counter()
    for one, _, _ in terms:
        counts |= one
    numerator = max((n for _, n, _ in terms), default=0)
    return counts, numerator, sum(d for _, _, d in terms)


def _term_uses(term: Diagram, known: dict[int, Uses]) -> Uses:
    numerator, denominator = degrees(term.coefficient)
    counts: Counter[tuple[str, str]] = Counter()
    for label in term.spider.labels:
        if isinstance(label, Tensor):
            if label.is_builtin:
                continue
            counts[(label.name, label.mark)] += 1
        else:
            inner, n, d = known[id(label.content)]
            counts += inner
            numerator, denominator = numerator + n, denominator + d
    return counts, numerator, denominator


def _entry_degree(tensor: Tensor, instance: Instance, mark: str) -> int:
    assert tensor.entries is not None
    if isinstance(tensor.entries, sympy.Lambda):
        numerator, denominator = degrees(tensor.entries.expr, set(tensor.entries.variables))
    else:
        found = [degrees(sympy.sympify(entry)) for entry in sympy.flatten(tensor.entries)]
        numerator = max((one for one, _ in found), default=0)
        denominator = sum(one for _, one in found)
    entries = 1
    for space in tensor.spaces():
        entries *= instance.sizes[space.name]
    degree = numerator + denominator * entries
    return degree * (instance.sizes[tensor.spaces()[0].name] if mark.endswith("inv") else 1)
