"""Declared facts as statements about arrays: sides grouped to matrices, symmetry groups, checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

from tnalgebra.core.facts import SIGNS, Fact
from tnalgebra.core.nodes import Tensor
from tnalgebra.numeric.arrays import Array, permuted

Side = tuple[int, ...]


@dataclass(frozen=True)
class Grouping:
    """The ports of a tensor in two groups, rows and columns, and the sizes of all its ports."""

    rows: Side
    columns: Side
    sizes: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows and of columns."""
        return prod(self.sizes[p] for p in self.rows), prod(self.sizes[p] for p in self.columns)

    def matrix(self, array: Array) -> Array:
        """[batch, *ports] as [batch, rows, columns]."""
        order = [0, *(port + 1 for port in self.rows + self.columns)]
        return permuted(array, order).reshape([array.shape[0], *self.shape])

    def tensor(self, matrix: Array) -> Array:
        """[batch, rows, columns] as [batch, *ports]."""
        ports = self.rows + self.columns
        split = matrix.reshape([matrix.shape[0], *(self.sizes[p] for p in ports)])
        return permuted(split, [0, *(ports.index(p) + 1 for p in range(len(ports)))])


def isometry_grouping(tensor: Tensor, sizes: Sequence[int]) -> Grouping | None:
    """The grouping in which the tensor is an isometry.

    None unless there is exactly one and it holds all ports. Of a unitary's two directions, the
    lesser is taken.
    """
    sides = {tuple(sorted(f.sides)) if _both(tensor, f) else f.sides for f in _isometries(tensor)}
    if len(sides) != 1:
        return None
    ((rows, columns),) = sides
    if sorted(rows + columns) != list(range(tensor.rank)):
        return None
    return Grouping(rows, columns, tuple(sizes))


def _isometries(tensor: Tensor) -> list[Fact]:
    return [fact for fact in tensor.known if fact.kind == "isometry"]


def _both(tensor: Tensor, fact: Fact) -> bool:
    return Fact("isometry", fact.sides[::-1]) in tensor.known


def symmetrized(tensor: Tensor, array: Array) -> Array:
    """The sum of [batch, *ports] over the tensor's symmetry group, with its signs."""
    if tensor.group.trivial:
        return array
    result = 0 * array
    for element, sign in tensor.group.elements().items():
        result = result + sign * permuted(array, [0, *(port + 1 for port in element)])
    return result


def keeps_columns(tensor: Tensor, grouping: Grouping) -> bool:
    """Whether every symmetry leaves each column port where it is."""
    return all(
        element[port] == port for element in tensor.group.elements() for port in grouping.columns
    )


def is_transposition(tensor: Tensor, grouping: Grouping) -> bool:
    """Whether the only symmetry is the exchange of rows and columns."""
    if len(grouping.rows) != len(grouping.columns):
        return False
    swap = list(range(tensor.rank))
    for row, column in zip(grouping.rows, grouping.columns, strict=True):
        swap[row], swap[column] = column, row
    return dict(tensor.group.elements()) == {tuple(range(tensor.rank)): 1, tuple(swap): 1}


@dataclass(frozen=True)
class Checks:
    """What checking a fact needs to know of an arithmetic.

    product: of batches of matrices; close: whether two arrays agree; identity: the unit matrix of
    n rows; invertible: whether all matrices of a batch are.
    """

    product: Callable[[Array, Array], Array]
    close: Callable[[Array, Array], bool]
    identity: Callable[[int], Array]
    invertible: Callable[[Array], bool]


def holds(fact: Fact, tensor: Tensor, plain: Array, conj: Array, checks: Checks) -> bool:
    """Whether [batch, *ports] arrays of a tensor and of its conjugate satisfy a declared fact."""
    return CHECKS[fact.kind](fact, tensor, plain, conj, checks)


def _isometry(fact: Fact, tensor: Tensor, plain: Array, conj: Array, checks: Checks) -> bool:
    rows, columns = fact.sides
    grouping = Grouping(rows, columns, tuple(plain.shape[1:]))
    matrix, other = grouping.matrix(plain), grouping.matrix(conj)
    gram = checks.product(permuted(other, [0, 2, 1]), matrix)
    return checks.close(gram, checks.identity(grouping.shape[1]))


def _unitary(fact: Fact, tensor: Tensor, plain: Array, conj: Array, checks: Checks) -> bool:
    return all(
        _isometry(Fact("isometry", sides), tensor, plain, conj, checks)
        for sides in (fact.sides, fact.sides[::-1])
    )


def _orthogonal(fact: Fact, tensor: Tensor, plain: Array, conj: Array, checks: Checks) -> bool:
    return checks.close(plain, conj) and _unitary(fact, tensor, plain, conj, checks)


def _invertible(fact: Fact, tensor: Tensor, plain: Array, conj: Array, checks: Checks) -> bool:
    rows, columns = fact.sides
    grouping = Grouping(rows, columns, tuple(plain.shape[1:]))
    return all(checks.invertible(grouping.matrix(array)) for array in (plain, conj))


def _right_invertible(
    fact: Fact, tensor: Tensor, plain: Array, conj: Array, checks: Checks
) -> bool:
    rows, columns = fact.sides
    grouping = Grouping(rows, columns, tuple(plain.shape[1:]))
    small, other = grouping.matrix(plain), grouping.matrix(conj)
    return checks.invertible(checks.product(small, permuted(other, [0, 2, 1])))


def _hermitian(fact: Fact, tensor: Tensor, plain: Array, conj: Array, checks: Checks) -> bool:
    ((row,), (column,)) = fact.sides
    order = list(range(tensor.rank + 1))
    order[row + 1], order[column + 1] = column + 1, row + 1
    return checks.close(conj, permuted(plain, order))


def _idempotent(fact: Fact, tensor: Tensor, plain: Array, conj: Array, checks: Checks) -> bool:
    rows, columns = fact.sides
    grouping = Grouping(rows, columns, tuple(plain.shape[1:]))
    matrices = [grouping.matrix(array) for array in (plain, conj)]
    return all(checks.close(checks.product(one, one), one) for one in matrices)


def _projector(fact: Fact, tensor: Tensor, plain: Array, conj: Array, checks: Checks) -> bool:
    return all(check(fact, tensor, plain, conj, checks) for check in (_hermitian, _idempotent))


def _diagonal(fact: Fact, tensor: Tensor, plain: Array, conj: Array, checks: Checks) -> bool:
    rows, columns = fact.sides
    grouping = Grouping(rows, columns, tuple(plain.shape[1:]))
    kept = checks.identity(grouping.shape[0])
    matrices = [grouping.matrix(array) for array in (plain, conj)]
    return all(checks.close(one * kept, one) for one in matrices)


def _stochastic(fact: Fact, tensor: Tensor, plain: Array, conj: Array, checks: Checks) -> bool:
    rows, columns = fact.sides
    grouping = Grouping(rows, columns, tuple(plain.shape[1:]))
    matrices = [grouping.matrix(array) for array in (plain, conj)]
    return all(checks.close(one.sum(2), 0 * one[:, :, 0] + 1) for one in matrices)


def _permutation(fact: Fact, tensor: Tensor, plain: Array, conj: Array, checks: Checks) -> bool:
    whole = checks.close(plain * plain, plain)
    return whole and all(
        check(fact, tensor, plain, conj, checks) for check in (_orthogonal, _stochastic)
    )


def _onehot(fact: Fact, tensor: Tensor, plain: Array, conj: Array, checks: Checks) -> bool:
    whole = checks.close(plain * plain, plain) and checks.close(plain, conj)
    return whole and checks.close(plain.sum(1), 0 * plain[:, 0] + 1)


def _symmetric(fact: Fact, tensor: Tensor, plain: Array, conj: Array, checks: Checks) -> bool:
    sign = SIGNS[fact.kind]
    for first, second in zip(fact.sides, fact.sides[1:], strict=False):
        order = list(range(tensor.rank + 1))
        for a, b in zip(first, second, strict=True):
            order[a + 1], order[b + 1] = b + 1, a + 1
        if not all(checks.close(array, sign * permuted(array, order)) for array in (plain, conj)):
            return False
    return True


def _real(fact: Fact, tensor: Tensor, plain: Array, conj: Array, checks: Checks) -> bool:
    return checks.close(plain, conj)


CHECKS: dict[str, Callable[[Fact, Tensor, Array, Array, Checks], bool]] = {
    "isometry": _isometry,
    "unitary": _unitary,
    "orthogonal": _orthogonal,
    "invertible": _invertible,
    "symmetric": _symmetric,
    "antisymmetric": _symmetric,
    "right_invertible": _right_invertible,
    "hermitian": _hermitian,
    "idempotent": _idempotent,
    "projector": _projector,
    "diagonal": _diagonal,
    "stochastic": _stochastic,
    "permutation": _permutation,
    "onehot": _onehot,
    "real": _real,
}
