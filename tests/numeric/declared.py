"""Tensors with declared facts, and exact samples of them, for the tests of this folder."""

from __future__ import annotations

from tnalgebra.core.facts import Fact
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.numeric.samples import instances
from tnalgebra.numeric.sizes import choose_sizes

ROW, COLUMN = (0,), (1,)
SYMMETRIC = Fact("symmetric", (ROW, COLUMN))
REAL = Fact("real")
INVERTIBLE = Fact("invertible", (ROW, COLUMN))
UNITARY = Fact("unitary", (ROW, COLUMN))
ORTHOGONAL = Fact("orthogonal", (ROW, COLUMN))
ISOMETRY = Fact("isometry", (ROW, COLUMN))


def tensor(name, spaces, *facts):
    legs = tuple(Leg(f"{name}{k}", Space(s)) for k, s in enumerate(spaces.split()))
    return Tensor(name, legs, tuple(facts))


def draw(tensors, sizes=None, batch=8, seed=0, symbols=()):
    sizes = sizes or choose_sizes(tensors)
    return instances(tensors, sizes, symbols=symbols, batch=batch, seed=seed, device="cpu")
