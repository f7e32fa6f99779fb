"""How each fact that fixes the form of a matrix or vector is sampled modulo PRIME."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import TYPE_CHECKING

from tnalgebra.core.nodes import Tensor
from tnalgebra.numeric.draws import Component, Draw, Sampler, redrawn, rotation
from tnalgebra.numeric.matrices import Grouping
from tnalgebra.numeric.modular import inverse, product, reduced, settled

if TYPE_CHECKING:
    import torch

    Residues = torch.Tensor

MOST_PERMUTED = 5

Maker = Callable[[str, int, int, bool], Iterator[Component]]


def special_components(tensor: Tensor, sizes: tuple[int, ...]) -> list[Component] | None:
    """The components of a tensor whose one declared fact, reality apart, is in MAKERS; else None.

    sizes: of all ports.
    """
    facts = [fact for fact in tensor.facts if fact.kind != "real"]
    if len(facts) != 1 or facts[0].kind not in MAKERS:
        return None
    (fact,) = facts
    if sorted(port for side in fact.sides for port in side) != list(range(tensor.rank)):
        return None
    rows, columns = fact.sides if len(fact.sides) == 2 else (fact.sides[0], ())
    grouping = Grouping(rows, columns, sizes)
    is_real = any(one.kind == "real" for one in tensor.known)

    def turned(sample: Sampler) -> Sampler:
        def ordered(draw: Draw) -> tuple[Residues, Residues] | None:
            pair = sample(draw)
            return None if pair is None else (grouping.tensor(pair[0]), grouping.tensor(pair[1]))

        return ordered

    made = MAKERS[fact.kind](tensor.name, *grouping.shape, is_real)
    return [Component(one.label, one.degree, turned(one.sample)) for one in made]


def _pair(make: Callable[[Draw], Residues], is_real: bool) -> Sampler:
    """A matrix and its conjugate, two independent draws, or one where it is real."""

    def sample(draw: Draw) -> tuple[Residues, Residues] | None:
        plain = make(draw)
        return plain, plain if is_real else make(draw)

    return sample


def _same(make: Callable[[Draw], Residues | None]) -> Sampler:
    """A matrix that is its own conjugate."""

    def sample(draw: Draw) -> tuple[Residues, Residues] | None:
        matrix = make(draw)
        return None if matrix is None else (matrix, matrix)

    return sample


def _transposed(make: Callable[[Draw], Residues | None]) -> Sampler:
    """A matrix whose conjugate is its transpose."""

    def sample(draw: Draw) -> tuple[Residues, Residues] | None:
        matrix = make(draw)
        return None if matrix is None else (matrix, matrix.transpose(1, 2))

    return sample


def _hermitian(name: str, n: int, _: int, is_real: bool) -> Iterator[Component]:
    def make(draw: Draw) -> Residues:
        matrix = draw.residues(n, n)
        return settled(matrix + matrix.transpose(1, 2)) if is_real else matrix

    yield Component("", 1, _transposed(make))


def _diagonal(name: str, n: int, _: int, is_real: bool) -> Iterator[Component]:
    yield Component("", 1, _pair(lambda draw: draw.residues(n, 1) * draw.eye(n), is_real))


def _stochastic(name: str, rows: int, columns: int, is_real: bool) -> Iterator[Component]:
    def make(draw: Draw) -> Residues:
        import torch

        free = draw.residues(rows, columns - 1)
        return torch.cat([free, settled(1 - reduced(free.sum(2, keepdim=True)))], dim=2)

    yield Component("", 1, _pair(make, is_real))


def _right_invertible(name: str, rows: int, columns: int, is_real: bool) -> Iterator[Component]:
    def sample(draw: Draw) -> tuple[Residues, Residues] | None:
        def drawn() -> tuple[Residues, Residues]:
            plain = draw.residues(rows, columns)
            return plain, plain if is_real else draw.residues(rows, columns)

        return redrawn(drawn, lambda a, b: inverse(product(a, b.transpose(1, 2)))[1])

    yield Component("", 1, sample)


def _idempotent(name: str, n: int, _: int, is_real: bool) -> Iterator[Component]:
    for rank in range(n + 1):

        def make(draw: Draw, rank: int = rank) -> Residues | None:
            pair = redrawn(lambda: (draw.residues(n, n),) * 2, lambda a, _: inverse(a)[1])
            if pair is None:
                return None
            inverted, _ = inverse(pair[0])
            return settled(product(pair[0][:, :, :rank], inverted[:, :rank]))

        def sample(
            draw: Draw, make: Callable[[Draw], Residues | None] = make
        ) -> tuple[Residues, Residues] | None:
            plain = make(draw)
            conj = plain if is_real else make(draw)
            return None if plain is None or conj is None else (plain, conj)

        yield Component(f"{name}: rank {rank}", n, sample)


def _projector(name: str, n: int, _: int, is_real: bool) -> Iterator[Component]:
    """V (W^T V)^-1 W^T with V and W generic; of a real one, the first columns of a rotation."""
    for rank in range(n + 1):

        def make(draw: Draw, rank: int = rank) -> Residues | None:
            if is_real:
                turn = rotation(draw, n, 1)
                if turn is None:
                    return None
                return settled(product(turn[:, :, :rank], turn[:, :, :rank].transpose(1, 2)))
            pair = redrawn(
                lambda: (draw.residues(n, rank), draw.residues(n, rank)),
                lambda v, w: inverse(product(w.transpose(1, 2), v))[1],
            )
            if pair is None:
                return None
            v, w = pair
            inverted, _ = inverse(product(w.transpose(1, 2), v))
            return settled(product(v, inverted, w.transpose(1, 2)))

        label = f"{name}: rank {rank}"
        yield Component(label, 2 * n, _same(make) if is_real else _transposed(make))


def _permutation(name: str, n: int, _: int, is_real: bool) -> Iterator[Component]:
    """Each permutation by itself; sizes beyond MOST_PERMUTED have no sampler."""
    for order in permutations(range(n)) if n <= MOST_PERMUTED else ():

        def make(draw: Draw, order: tuple[int, ...] = order) -> Residues:
            return draw.eye(n)[:, list(order)].expand(draw.batch, n, n)

        yield Component(f"{name}: {order}", 0, _same(make))


def _onehot(name: str, n: int, _: int, is_real: bool) -> Iterator[Component]:
    for position in range(n):

        def make(draw: Draw, position: int = position) -> Residues:
            return draw.eye(n)[:, :, position : position + 1].expand(draw.batch, n, 1)

        yield Component(f"{name}: 1 at {position}", 0, _same(make))


MAKERS: dict[str, Maker] = {
    "hermitian": _hermitian,
    "diagonal": _diagonal,
    "stochastic": _stochastic,
    "right_invertible": _right_invertible,
    "idempotent": _idempotent,
    "projector": _projector,
    "permutation": _permutation,
    "onehot": _onehot,
}
