"""Legs keep clear of shapes, of free labels and of one another."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

import tnalgebra as tn
from tnalgebra.draw.detours import sampled, shared_length
from tnalgebra.draw.picture import scene
from tnalgebra.draw.scene import Circle, Path, Shape, Text

CASES = (
    "A[b]*B[c,a,b,a] -> b",
    "A[d]*B[b,a,d,a] -> d,b",
    "A[i2,i5,i0,i4,i3,i1]*B[i10,i4,i8,i9]*C[i5,i6]*D[i2,i7,i0,i6]*E[i9,i1,i3,i8]*F[i7]",
    "A[a,a,a]*B[a] -> a",
    "A[i6,i5,i7,i1,i4]*B[i6,i2]*C[i2,i3,i0]*D[i3,i4,i8,i5]*E[i1,i0,i9]",
    "U[b,a,a,b,b,b] -> a",
)


def network(seed: int) -> str:
    """A random connected network whose indices meet twice, with a few free legs."""
    draw = random.Random(seed)
    count = draw.randint(2, 8)
    bonds = [(draw.randrange(n), n) for n in range(1, count)]
    bonds += [(m, n) for m, n in (draw.sample(range(count), 2) for _ in range(count // 2))]
    legs: list[list[str]] = [[] for _ in range(count)]
    for number, bond in enumerate(bonds):
        for m in bond:
            legs[m].append(f"i{number}")
    for number in range(draw.randint(0, 3)):
        legs[draw.randrange(count)].append(f"f{number}")
    for own in legs:
        draw.shuffle(own)
    return "*".join(f"{'ABCDEFGH'[n]}[{','.join(own)}]" for n, own in enumerate(legs))


def repeated(seed: int) -> str:
    """A few tensors in which an index may stand any number of times."""
    draw = random.Random(seed)
    names = "abcd"[: draw.randint(1, 4)]
    legs = [[draw.choice(names) for _ in range(draw.randint(1, 4))] for _ in range(3)]
    used = sorted({name for own in legs for name in own})
    kept = [name for name in used if draw.random() < 0.4]
    tensors = "*".join(f"{'ABC'[n]}[{','.join(own)}]" for n, own in enumerate(legs))
    return f"{tensors} -> {','.join(kept)}"


def runs_under(path: Path, shape: Shape) -> bool:
    """Whether a leg runs inside a foreign or its own disc, or through a free label."""
    points = sampled(path.points())
    if isinstance(shape, Circle) and "dot" not in shape.css:
        far = shape.radius - 2.0
        return sum((x - shape.x) ** 2 + (y - shape.y) ** 2 < far**2 for x, y in points) > 1
    if isinstance(shape, Text) and "free" in shape.css:
        left, top, right, bottom = shape.bounds()
        return any(left + 1 < x < right - 1 and top + 1 < y < bottom - 1 for x, y in points)
    return False


def faults(text: str) -> int:
    """How many legs run under a node or label, and how many pairs along one another."""
    shapes = scene(tn.parse(text)).shapes
    legs = [s for s in shapes if isinstance(s, Path) and "ring" not in s.css]
    under = sum(runs_under(leg, shape) for leg in legs for shape in shapes)
    pairs = combinations(legs, 2)
    return under + sum(shared_length(sampled(a.points()), [b.points()]) >= 12.0 for a, b in pairs)


@pytest.mark.parametrize("text", CASES)
def test_legs_keep_clear(text: str) -> None:
    assert faults(text) == 0


def test_legs_of_random_networks_keep_clear() -> None:
    assert [seed for seed in range(60) if faults(network(seed))] == []


def test_legs_of_random_repeated_indices_keep_clear() -> None:
    assert [seed for seed in range(40) if faults(repeated(seed))] == []
