"""d.cost(): the counts of the plan that evaluate runs, formulas, explicit orders, the ladder."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import sympy
from hypothesis import given
from strategies import SIZED, diagrams

import tnalgebra as tn
from benchmarks.ladder import arrays_of, ladder, line_first, line_order, zipper_order
from tnalgebra.core.nesting import contents
from tnalgebra.core.values import terms_of
from tnalgebra.errors import ArrayError
from tnalgebra.numeric.contraction import plan
from tnalgebra.numeric.cost import cost
from tnalgebra.numeric.slices import Slices, remaining

X = sympy.Symbol("x", positive=True)


def in_x(formula):
    """The formula with every size x."""
    return sympy.Poly(formula.xreplace(dict.fromkeys(formula.free_symbols, X)), X)


@given(diagrams(SIZED, depth=2))
def test_the_counts_are_those_of_the_plan_that_evaluate_runs(diagram):
    flops, largest = 0, 0
    for content in [*contents(diagram), diagram]:
        for term in terms_of(content):
            spider = term.spider
            sizes = [int(space.size) for space in spider.spaces]
            slices = Slices(spider.labels, spider.ports, spider.free)
            points = slices.points(sizes)
            rows = tuple(remaining(spider.ports[k], points) for k in slices.left(points))
            if rows:
                sizes = tuple(0 if points.get(c, 0) is None else n for c, n in enumerate(sizes))
                how = plan(rows, spider.free, sizes)
                flops, largest = flops + how.flops, max(largest, how.largest)
    found = cost(diagram)
    assert found.flops == flops == sum(step.flops for step in found.steps)
    assert found.peak >= largest


def test_formulas_agree_with_numbers():
    value = tn.parse("A[i,a,b]*v[b]*B[b,a,j] -> i,j")
    sizes = {"i": 3, "j": 5, "a": 7, "b": 11}
    order = [(0, 1), (0, 1)]
    formula = value.cost(order=order)
    symbols = {symbol: sizes[symbol.name] for symbol in formula.flops.free_symbols}
    numbers = value.cost(sizes, order)
    assert formula.flops.subs(symbols) == numbers.flops == 3 * 7 * 11 + 3 * 5 * 7 * 11
    assert formula.peak.subs(symbols) == numbers.peak == 5 * 7 * 11
    partly = value.cost({"i": 3}, order)
    assert partly.flops.free_symbols == formula.flops.free_symbols - {symbols_of(formula)["i"]}


def symbols_of(found):
    return {symbol.name: symbol for symbol in found.flops.free_symbols}


def test_what_is_counted():
    assert tn.parse("A[i,j]").cost().flops == 0
    assert str(tn.parse("A[i,j]").cost().peak) == "i*j"
    assert tn.parse("2*A[i,j] + B[j,i]").cost().flops == 0
    assert tn.parse("tr(A)").cost().flops == 0
    assert tn.parse("v[i]*w[i]").cost({"i": 9}).flops == 9
    assert tn.parse("ones[i]*ones[j]").cost({"i": 9, "j": 2}).peak == 18
    assert tn.parse("A @ B + A @ B").cost({"i": 2, "j": 3, "k": 4}).flops == 48
    named = tn.parse("A[i,j]*B[j]", where="i: seq = 64")
    assert named.cost({"j": 2}).flops == 128
    formula = tn.parse("A[i,j]*B[j]", where="i: n; j: n")
    assert formula.cost({"n": 3}).flops == 9


def test_the_content_of_a_box_counts_once():
    value = tn.parse("r := (A @ B)[i,k]; r[i,k]*r[k,l]", where="i, k, l: n")
    assert len(value.boxes) == 2
    found = value.cost(dict.fromkeys(_spaces(value), 5))
    assert found.flops == 2 * 5**3


def test_a_reshape_costs_nothing():
    """A thick leg is read as its parts: kron(A, B) @ kron(C, D) never makes a large matrix."""
    assert tn.parse("group(X[i,j,k], ij=(i,j))").cost().flops == 0
    assert in_x(tn.parse("group(X[i,j,k], ij=(i,j))*Y[ij,l]").cost().flops).degree() == 4
    found = tn.parse("kron(A, B) @ kron(C, D)").cost()
    assert in_x(found.flops) == sympy.Poly(X**4 + 2 * X**3, X)


def test_a_slice_costs_what_is_left_of_its_array():
    sizes = {"i": 3, "j": 5, "k": 7}
    assert tn.parse("A[0,j]").cost({"i": 3, "j": 5}).flops == 0
    assert tn.parse("A[0,j]").cost({"i": 3, "j": 5}).peak == 15
    found = tn.parse("A[0,j]*B[j,k]*C[i,k] -> i").cost(sizes, order=[(0, 1), (0, 1)])
    assert found.flops == 5 * 7 + 3 * 7
    nothing = tn.parse("onehot(1)[i]*onehot(2)[i]*A[i,j] -> j", "i: m = 3; j: n = 5")
    assert nothing.cost().flops == 0


def test_explicit_orders():
    chain = tn.parse("A[i,j]*B[j,k]*C[k,l]")
    assert str(chain.cost(order=[(0, 1), (0, 1)]).flops) == "i*j*k + i*k*l"
    assert str(chain.cost(order=[(1, 2), (0, 1)]).flops) == "i*j*l + j*k*l"
    assert chain.cost(order=[(0, 1, 2)]).flops == chain.cost(order=[(0, 1), (0, 1)]).flops
    steps = chain.cost().steps
    assert chain.cost(order=[step.pair for step in steps]).steps == steps


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ([(0, 1)], "leaves 2 arrays"),
        ([], "leaves 3 arrays"),
        ([(0, 3), (0, 1)], r"\(0, 3\) is no step .* 3 arrays"),
        ([(0, 0), (0, 1)], r"\(0, 0\) is no step"),
        ([(0, 1), (0, -1)], "is no step"),
        ([None], "None is no step"),
        ([(0, "a")], "is no step"),
        ([(0, [1])], "is no step"),
        ("greedy", "an order lists steps"),
        (3, "an order lists steps"),
    ],
)
def test_orders_that_do_not_fit(order, message):
    with pytest.raises(ArrayError, match=message):
        tn.parse("A[i,j]*B[j,k]*C[k,l]").cost(order=order)


def test_refusals():
    with pytest.raises(ArrayError, match="not for a sum"):
        tn.parse("A[i] + B[i]").cost(order=[])
    with pytest.raises(ArrayError, match="which the value does not have"):
        tn.parse("A[i]").cost({"k": 2})
    with pytest.raises(ArrayError, match="has size 64"):
        tn.parse("A[i]", where="i: seq = 64").cost({"seq": 3})


LENGTHS = range(4, 13)


def test_the_ladder_site_by_site_is_linear_in_its_length():
    costs = [in_x(ladder(n).cost(order=zipper_order(n)).flops) for n in LENGTHS]
    assert len({later - former for former, later in pairwise(costs)}) == 1
    assert costs[0].degree() == 4
    peaks = {in_x(step.entries).degree() for step in ladder(12).cost(order=zipper_order(12)).steps}
    assert max(peaks) == 3


def test_the_ladder_one_line_first_is_exponential_in_its_length():
    found = [ladder(n).cost(order=line_order(n)) for n in LENGTHS]
    assert [in_x(one.flops).degree() for one in found] == [n + 1 for n in LENGTHS]
    largest = [max(in_x(step.entries).degree() for step in one.steps) for one in found]
    assert largest == list(LENGTHS)
    logarithms = [sympy.log(in_x(one.flops).eval(2)).evalf() for one in found]
    slope = np.polyfit(LENGTHS, np.array(logarithms, float), 1)[0]
    assert abs(slope - np.log(2)) < 0.05


def test_the_plan_for_unknown_sizes_finds_the_zipper():
    for n in (4, 8, 12):
        assert in_x(ladder(n).cost().flops).degree() == 4


@pytest.mark.parametrize("length", [3, 5, 7])
def test_both_orders_evaluate_to_one_number(length):
    arrays = arrays_of(length, 3)
    expected = ladder(length).evaluate(**arrays)
    np.testing.assert_allclose(line_first(length).evaluate(**arrays), expected)
    call = ladder(length).to_einsum()
    found = np.einsum(call.equation, *(arrays[n] for n in call.operands), optimize="greedy")
    np.testing.assert_allclose(found, expected)
    sizes = {space.name: 3 for space in ladder(length).spaces}
    first = line_first(length).cost(dict.fromkeys(_spaces(line_first(length)), 3))
    assert first.peak == 3**length
    assert ladder(length).cost(sizes).peak <= 27


def _spaces(value):
    inside = [space for content in contents(value) for space in content.spaces]
    return {space.name for space in [*inside, *value.spaces]}


def test_a_long_chain_is_costed_too():
    n = 300
    chain = tn.parse("*".join(f"A{k}[i{k},i{k + 1}]" for k in range(n)))
    found = chain.cost()
    assert in_x(found.flops) == sympy.Poly((n - 1) * X**3, X)
