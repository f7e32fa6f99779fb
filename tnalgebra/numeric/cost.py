"""What evaluating a value costs: multiplications and the largest array, numbers or formulas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral

import sympy

from tnalgebra.core.nesting import contents
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram, Value, terms_of
from tnalgebra.errors import ArrayError
from tnalgebra.numeric.contraction import pairs_of, planned_path
from tnalgebra.numeric.interpreter import needs
from tnalgebra.numeric.reshaping import Reshaping
from tnalgebra.numeric.sizes import partial_sizes, split_sizes
from tnalgebra.numeric.slices import Slices, remaining

STAND_IN = 8
"""The size of every unknown space when the order for a formula is planned."""


@dataclass(frozen=True)
class Step:
    """One pairwise contraction.

    pair: positions among the arrays still left, as in opt_einsum's paths, so that the pairs of one
    diagram are an `order`; flops: its multiplications; entries: those of the array it makes.
    """

    pair: tuple[int, int]
    flops: sympy.Expr
    entries: sympy.Expr


@dataclass(frozen=True)
class Cost:
    """The cost of a value.

    flops: the scalar multiplications of all pairwise contractions, each the product of the sizes
    of all indices of its two arrays; additions, functions, inverses and coefficients are not
    counted. peak: the entries of the largest array, those given and the result included.
    """

    flops: sympy.Expr
    peak: sympy.Expr
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        lines = [f"{self.flops} multiplications, at most {self.peak} entries at once in one array"]
        width = max((len(str(step.pair)) for step in self.steps), default=0)
        lines += [
            f"  {step.pair!s:<{width}}  {step.flops} multiplications, {step.entries} entries"
            for step in self.steps
        ]
        return "\n".join(lines)


def cost(
    value: Value,
    sizes: Mapping[str, int] | None = None,
    order: Sequence[Sequence[int]] | None = None,
) -> Cost:
    """What evaluating a value costs: a formula in the sizes of its spaces that are not given.

    sizes: by space name. order: for one diagram, an opt_einsum path: each entry the positions, in
    text order, of the arrays to contract next, most often two; what they make goes to the end. A
    leg that is split in several ways adds a unit matrix, after the tensors; a unit vector on a
    summed index, as in A[0,j], slices the others and is none of the arrays.
    Without it the order is the one that `evaluate` takes; where sizes are unknown it is planned
    with 8 for each of them. The content of a box counts once, however often it is used.
    Raises ArrayError for sizes or an order that do not fit.

    >>> import tnalgebra as tn
    >>> chain = tn.parse("A[i,j]*B[j,k]*v[k]")
    >>> cost(chain, order=[(0, 1), (0, 1)]).flops
    i*j*k + i*k
    >>> cost(chain, {"i": 10, "j": 20, "k": 30})
    Cost(flops=800, peak=600, steps=(Step(pair=(1, 2), flops=600, entries=20), \
Step(pair=(0, 1), flops=200, entries=10)))

    The ladder of Taylor 2023 (arXiv 2402.01790, section "Operations"), with all sizes x: site by
    site, and one whole line first, which takes exponentially more in its length.

    >>> equation = "ij,ir,jkl,rks,lmn,smt,nop,tou,pq,uq->"
    >>> pairs = zip("AVBWCXDYEZ", equation.removesuffix("->").split(","), strict=True)
    >>> ladder = tn.einsum(equation, *(tn.tensor(name, " ".join(row)) for name, row in pairs))
    >>> zipper = [(0, 1), *((0, left - 1) for left in range(9, 1, -1))]
    >>> line = [(0, 2), (2, 8), (3, 7), (4, 6), *((0, left - 1) for left in range(6, 1, -1))]
    >>> x = sympy.Symbol("x")
    >>> for order in (zipper, line):
    ...     flops = cost(ladder, order=order).flops
    ...     print(flops.subs({symbol: x for symbol in flops.free_symbols}))
    6*x**4 + 2*x**3 + x**2
    4*x**6 + 2*x**5 + 2*x**4 + x**2
    """
    wanted = needs(value)
    _, given = split_sizes(wanted, sizes)
    known = partial_sizes(wanted.spaces, [], {}, given)
    if order is not None and not isinstance(value, Diagram):
        raise ArrayError("an order is for one diagram, not for a sum", hint="cost its terms alone")
    flops: list[sympy.Expr] = []
    arrays: list[sympy.Expr] = []
    steps: list[Step] = []
    for content in [*contents(value), value]:
        for term in terms_of(content):
            for step in _contraction(term, known, order if content is value else None, arrays):
                steps.append(step)
                flops.append(step.flops)
                arrays.append(step.entries)
        arrays.append(_product([leg.space for leg in content.legs if leg.space], known))
    return Cost(sympy.Add(*flops), _largest(arrays), tuple(steps))


def _contraction(
    term: Diagram,
    known: Mapping[str, int],
    order: Sequence[Sequence[int]] | None,
    arrays: list[sympy.Expr],
) -> list[Step]:
    """The steps of one diagram; the entries of its tensors are added to `arrays`."""
    form = term.normal
    split = Reshaping(form.groups, form.group_ports)
    sizes = [_dimension(space, known) for space in form.spaces]
    kept = frozenset(split.row(form.free))
    rows = [split.row(row) for row in form.ports]
    slices = Slices(form.labels, rows, kept)
    points = slices.points([_stand_in(size) for size in sizes])
    given = [rows[number] for number in slices.left(points)]
    given += [split.row((thick, *parts)) for thick, parts in split.others]
    arrays.extend(sympy.Mul(*[sizes[c] for c in row]) for row in given)
    given = [remaining(row, points) for row in given]
    for c, point in points.items():
        if point is None:
            sizes[c] = sympy.Integer(0)
    uses = Counter(c for row in given for c in set(row))
    rows = [
        tuple(c for c in dict.fromkeys(row) if sizes[c] != 1 and (uses[c] > 1 or c in kept))
        for row in given
    ]
    if order is None:
        path: Sequence[Sequence[int]] = planned_path(
            rows, kept, {c: _stand_in(size) for c, size in enumerate(sizes)}
        )
    else:
        path = order
        _check_order(order, len(rows))
    live = dict(enumerate(rows))
    left = Counter(c for row in rows for c in row) + Counter(kept)
    steps: list[Step] = []
    for first, second in pairs_of(path, len(rows)):
        places = list(live)
        pair = (places.index(first), places.index(second))
        a, b = live.pop(first), live.pop(second)
        left.subtract([*a, *b])
        joined = tuple(dict.fromkeys(a + b))
        made = tuple(c for c in joined if left[c] > 0)
        left.update(made)
        live[len(rows) + len(steps)] = made
        count, entries = (sympy.Mul(*[sizes[c] for c in row]) for row in (joined, made))
        steps.append(Step((min(pair), max(pair)), count, entries))
    return steps


def _check_order(order: Sequence[Sequence[int]], count: int) -> None:
    """Raise ArrayError unless the order is an opt_einsum path for so many arrays."""
    if isinstance(order, str) or not isinstance(order, Sequence):
        raise ArrayError(f"an order lists steps, as in [(0, 1), (0, 1)], and {order!r} is none")
    left = count
    for group in order:
        if (
            not isinstance(group, Sequence)
            or not all(isinstance(k, Integral) and 0 <= k < left for k in group)
            or len(set(group)) != len(group)
        ):
            raise ArrayError(
                f"{group!r} is no step of an order where {left} arrays are left",
                hint="a step names different positions among those left, counted from 0",
            )
        left -= max(len(group) - 1, 0)
    if left > 1:
        raise ArrayError(f"the order leaves {left} arrays", hint="its steps must lead to one array")


def _dimension(space: Space, known: Mapping[str, int]) -> sympy.Expr:
    if space.name in known:
        return sympy.Integer(known[space.name])
    formula = space.dimension
    return formula.subs({s: known[s.name] for s in formula.free_symbols if s.name in known})


def _product(spaces: Sequence[Space], known: Mapping[str, int]) -> sympy.Expr:
    return sympy.Mul(*[_dimension(space, known) for space in spaces])


def _stand_in(size: sympy.Expr) -> int:
    return int(size.subs(dict.fromkeys(size.free_symbols, STAND_IN)))


def _largest(arrays: Sequence[sympy.Expr]) -> sympy.Expr:
    """The largest of several products, as a formula where it depends; multiples stand alone."""
    found = list(dict.fromkeys(arrays))
    if all(one.is_Integer for one in found):
        return max(found, default=sympy.Integer(1))
    powers = [one.as_powers_dict() for one in found]
    if len(found) <= MOST_COMPARED:
        found = [
            one
            for one, mine in zip(found, powers, strict=True)
            if not any(mine is not other and _divides(mine, other) for other in powers)
        ]
    return found[0] if len(found) == 1 else sympy.Max(*found, evaluate=False)


def _divides(first: Mapping[sympy.Expr, int], second: Mapping[sympy.Expr, int]) -> bool:
    """Whether one product of sizes, as powers, divides another."""
    return all(first.get(base, 0) <= second.get(base, 0) for base in {*first, *second})


MOST_COMPARED = 200
"""Up to how many products each is compared with each other, to leave out divisors."""
