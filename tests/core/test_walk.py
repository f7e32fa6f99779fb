"""The walk of diagrams that leave no choice: against the search, and where it has to give up."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

import tnalgebra as tn
from tnalgebra.core import canonical
from tnalgebra.core.facts import Fact
from tnalgebra.core.nodes import Group, Tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.spider import SpiderForm
from tnalgebra.core.walk import walked_order

N, M = Space("n"), Space("m", 3, True)
RESHAPE = Group((N, N), N)


def _tensor(name: str, rank: int, *facts: Fact) -> Tensor:
    return Tensor(name, tuple(Leg(f"n{k}", N) for k in range(rank)), facts)


@dataclass(frozen=True)
class Wiring:
    """The tensors by name, the classes at the ports of tensors and reshapes, spaces, free legs."""

    names: list[str]
    rows: list[list[int]]
    reshapes: list[list[int]]
    spaces: list[Space]
    free: list[int]

    def form(self) -> SpiderForm:
        """The spider form; each tensor an object of its own."""
        pairs = zip(self.names, self.rows, strict=True)
        return SpiderForm(
            tuple(range(len(self.rows))),
            tuple(_tensor(name, len(row)) for name, row in pairs),
            tuple(map(tuple, self.rows)),
            tuple(self.spaces),
            tuple(self.free),
            (),
            ((),) * len(self.spaces),
            (RESHAPE,) * len(self.reshapes),
            tuple(range(len(self.reshapes))),
            tuple(map(tuple, self.reshapes)),
        )

    def rewritten(self, rng: random.Random) -> Wiring:
        """The same diagram with its tensors, reshapes and classes in another order."""
        nodes = rng.sample(range(len(self.rows)), len(self.rows))
        name = rng.sample(range(len(self.spaces)), len(self.spaces))
        spaces = list(self.spaces)
        for index, new in enumerate(name):
            spaces[new] = self.spaces[index]
        return Wiring(
            [self.names[v] for v in nodes],
            [[name[index] for index in self.rows[v]] for v in nodes],
            [
                [name[index] for index in row]
                for row in rng.sample(self.reshapes, len(self.reshapes))
            ],
            spaces,
            [name[index] for index in self.free],
        )

    def with_exchange(self, rng: random.Random) -> Wiring:
        """Two ends exchanged, which may or may not give the same diagram."""
        rows, reshapes = ([list(row) for row in one] for one in (self.rows, self.reshapes))
        free = list(self.free)
        ends = [(row, k) for row in (*rows, *reshapes, free) for k in range(len(row))]
        (one, a), (two, b) = rng.choice(ends), rng.choice(ends)
        one[a], two[b] = two[b], one[a]
        return Wiring(self.names, rows, reshapes, self.spaces, free)


def _random_wiring(rng: random.Random) -> Wiring:
    ranks = {"A": 2, "B": 2, "v": 1, "T": 3, "c": 0}
    names = [rng.choice("AAABvTTc") for _ in range(rng.randint(1, 6))]
    classes = rng.randint(2, 9)
    rows = [[rng.randrange(classes) for _ in range(ranks[name])] for name in names]
    reshapes = [[rng.randrange(classes) for _ in range(3)] for _ in range(rng.choice([0, 0, 1, 2]))]
    free = [rng.randrange(classes) for _ in range(rng.randint(0, 3))]
    used = sorted({index for row in (*rows, *reshapes, free) for index in row})
    number = {index: k for k, index in enumerate(used)}
    return Wiring(
        names,
        [[number[index] for index in row] for row in rows],
        [[number[index] for index in row] for row in reshapes],
        [rng.choice([N, N, M]) for _ in used],
        [number[index] for index in free],
    )


def _cubic(count: int, cuts: int, rng: random.Random) -> Wiring:
    """One tensor at each vertex of a random 3-regular multigraph with some edges cut."""
    ends = [v for v in range(count) for _ in range(3)]
    rng.shuffle(ends)
    rows: list[list[int]] = [[] for _ in range(count)]
    free = []
    for k, v in enumerate(ends):
        index = k if k < 2 * cuts else k // 2 + cuts
        rows[v].append(index)
        free += [index] if k < 2 * cuts else []
    return Wiring(["T"] * count, rows, [], [N] * (len(ends) // 2 + cuts), free)


def _is_walked(form: SpiderForm) -> bool:
    return walked_order(form, canonical._ranked(form.labels, canonical.label_key)[1]) is not None


def test_the_walk_and_the_search_find_the_same_diagrams_equal(monkeypatch):
    rng = random.Random(20240611)
    counts = dict.fromkeys([(True, True), (True, False), (False, True), (False, False)], 0)
    for trial in range(6000):
        wiring = _random_wiring(rng)
        other = wiring.rewritten(rng)
        if trial % 3 and other.spaces:
            other = other.with_exchange(rng)
        one, two = wiring.form(), other.form()
        is_equal = canonical.canonical_form(one).code == canonical.canonical_form(two).code
        with monkeypatch.context() as patch:
            patch.setattr(canonical, "walked_order", lambda *_: None)
            searched = canonical.canonical_form(one).code == canonical.canonical_form(two).code
        assert is_equal == searched, (trial, wiring, other)
        if is_equal:
            assert _is_walked(one) == _is_walked(two)
        counts[_is_walked(one), is_equal] += 1
    assert min(counts.values()) > 300


@pytest.mark.parametrize(("count", "cuts"), [(10, 1), (200, 1), (200, 5), (2000, 1)])
def test_open_regular_networks_keep_their_form_when_written_in_another_way(count, cuts):
    rng = random.Random(count + cuts)
    wiring = _cubic(count, cuts, rng)
    form = canonical.canonical_form(wiring.form())
    for _ in range(3):
        other = wiring.rewritten(rng)
        assert _is_walked(other.form())
        assert canonical.canonical_form(other.form()).code == form.code
    turned = [list(row) for row in wiring.rows]
    turned[-1] = [turned[-1][1], turned[-1][0], turned[-1][2]]
    twin = Wiring(wiring.names, turned, [], wiring.spaces, wiring.free)
    assert canonical.canonical_form(twin.form()).code != form.code
    exchanged = Wiring(wiring.names, wiring.rows, [], wiring.spaces, wiring.free[::-1])
    assert canonical.canonical_form(exchanged.form()).code != form.code


def test_every_class_counts_with_its_space():
    rng = random.Random(4)
    wiring = _cubic(6, 1, rng)
    codes = {canonical.canonical_form(wiring.form()).code}
    for index in range(len(wiring.spaces)):
        spaces = [M if k == index else N for k in range(len(wiring.spaces))]
        other = Wiring(wiring.names, wiring.rows, [], spaces, wiring.free)
        code = canonical.canonical_form(other.form()).code
        assert canonical.canonical_form(other.rewritten(rng).form()).code == code
        codes.add(code)
    assert len(codes) == 1 + len(wiring.spaces)


def test_the_walk_names_the_order_that_gives_its_code():
    rng = random.Random(3)
    wiring = _cubic(50, 2, rng)
    one, two = wiring.form(), wiring.rewritten(rng).form()
    first, second = canonical.canonical_form(one), canonical.canonical_form(two)
    same = dict(zip(first.classes, second.classes, strict=True))
    assert [same[index] for index in one.free] == list(two.free)
    for v, w in zip(first.nodes, second.nodes, strict=True):
        assert [same[index] for index in one.ports[v]] == list(two.ports[w])


@pytest.mark.parametrize(
    ("text", "is_walked"),
    [
        ("A[i,j]*A[j,k]", True),
        ("A[i,j]*A[j,k]*A[k,l]*v[l]", True),
        ("A[i,j]*A[j,i]", False),
        ("A[i,j]*A[j,k]*B[k,i]", True),
        ("A[i,j]*A[j,k]*B[k,i]*A[l,m]*A[m,l]", False),
        ("A[i,j]*B[i,k] -> i,j,k", True),
        ("A[i,j]*A[i,k] -> i,j,k", True),
        ("A[i,j]*v[j]*A[i,k]*v[k] -> i", False),
        ("A[i,j]*v[j]*A[i,k]*B[k,l] -> i,l", True),
        ("A[i,j]*B[j,k]*C[j,l] -> i,k,l", True),
        ("v[i]*v[i]", False),
        ("A[i,i]*A[j,j] -> i,j", False),
        ("eye[i,j]", True),
        ("A[i,j]*A[j,k]*eye[l,m]", True),
        ("tr(A @ A)*A[i,j]", False),
    ],
)
def test_what_the_walk_reaches(text, is_walked):
    assert _is_walked(tn.parse(text).spider) == is_walked


def test_tensors_with_exchangeable_legs_are_left_to_the_search():
    one = tn.parse("S[i,j]*A[j,k]", where="S: symmetric(i,j)")
    assert one == tn.parse("S[j,i]*A[j,k]", where="S: symmetric(i,j)")
    assert one != tn.parse("S[j,i]*A[k,j]", where="S: symmetric(i,j)")
