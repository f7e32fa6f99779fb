"""Search for a counterexample: small whole numbers first, then residues, then floats."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import prod
from typing import Any

import numpy as np
import sympy

from tnalgebra.core.compose import scalar
from tnalgebra.core.functions import FUNCTIONS, FunctionKind
from tnalgebra.core.nesting import contents
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.values import Equation, terms_of
from tnalgebra.numeric.agreement import Difference
from tnalgebra.numeric.interpreter import Needs, needs
from tnalgebra.numeric.modular import PRIME
from tnalgebra.numeric.residues import residue
from tnalgebra.numeric.samples import float_arrays
from tnalgebra.numeric.sizes import choose_sizes
from tnalgebra.numeric.small import small_arrays
from tnalgebra.verification.program import Finding, Trial
from tnalgebra.verification.verdict import Counterexample

DRAWS = 24
FLOAT_DRAWS = 8
MOST_WORK = 10**8
MOST_MANY_DIGITS = 10**6
MOST_FREE = 4


def small_counterexample(equation: Equation, *, seed: int) -> Counterexample | None:
    """A counterexample in small whole numbers, the one with the fewest entries that was found."""
    wanted = needs(equation.lhs, equation.rhs)
    if any(tensor.entries is not None for tensor in wanted.tensors.values()):
        return None
    multiplier = _common_denominator(equation)
    tensors = list(wanted.tensors.values())
    for sizes in _small_sizes(wanted):
        found: list[tuple[int, int, Trial, Finding]] = []
        for draw in range(_draws(equation, sizes)):
            arrays = small_arrays(tensors, sizes, real=draw % 2 == 0, seed=seed * DRAWS + draw)
            if arrays is None:
                continue
            trial = Trial(
                equation,
                wanted.tensors,
                sizes,
                {name: _whole(array) for name, array in arrays.items()},
                {**_dimensions(sizes), **_small_symbols(wanted, draw)},
                exact=True,
                multiplier=multiplier,
            )
            if _is_whole(trial) and (one := trial.difference()) is not None:
                entries = sum(int(np.count_nonzero(a)) for a in arrays.values())
                found.append((entries, draw, trial, one))
        for _, _, trial, one in sorted(found, key=lambda entry: entry[:2]):
            if (result := trial.counterexample(one)) is not None:
                return result
    return None


def _draws(equation: Equation, sizes: Mapping[str, int]) -> int:
    """How many samples to try: fewer where each costs more, but a real and a complex one."""
    return max(2, min(DRAWS, MOST_WORK // _work(equation, sizes)))


def _work(equation: Equation, sizes: Mapping[str, int]) -> int:
    """The multiplications of the largest term, contracted all at once."""
    return max(
        prod(sizes[space.name] for space in term.spider.spaces)
        for side in (equation.lhs, equation.rhs)
        for value in (*contents(side), side)
        for term in (*terms_of(value), scalar(sympy.Integer(1)))
    )


def _small_sizes(wanted: Needs) -> list[Mapping[str, int]]:
    """Sizes to try, smallest first; the sampler passes over those that no fact allows."""
    tensors = list(wanted.tensors.values())
    usual: list[Mapping[str, int]] = []
    for least in (2, 3):
        bounds = {
            space.name: max(least, wanted.least.get(space.name, 1)) for space in wanted.spaces
        }
        usual.append(choose_sizes(tensors, wanted.spaces, least=bounds))
    free = [space.name for space in wanted.spaces if space.size is None]
    if len(free) > MOST_FREE or any(isinstance(s.size, sympy.Expr) for s in wanted.spaces):
        return usual
    fixed = {space.name: int(space.size) for space in wanted.spaces if space.size is not None}
    tiny = [
        {**fixed, **dict(zip(free, sizes, strict=True))}
        for sizes in product((1, 2), repeat=len(free))
    ]
    tiny = [one for one in tiny if all(one[name] >= size for name, size in wanted.least.items())]
    return sorted(tiny, key=lambda sizes: sum(sizes.values())) + usual


def _small_symbols(wanted: Needs, draw: int) -> dict[sympy.Symbol, sympy.Expr]:
    values = [sympy.Integer(2), sympy.Integer(3), sympy.Integer(-1), 1 + sympy.I]
    return {
        symbol: sympy.re(values[(draw + k) % 4]) if symbol.is_real else values[(draw + k) % 4]
        for k, symbol in enumerate(wanted.symbols)
    }


def _common_denominator(equation: Equation) -> int:
    """What clears the numeric denominators of the two sides' own coefficients."""
    denominators = [1]
    for term in (*terms_of(equation.lhs), *terms_of(equation.rhs)):
        for part in sympy.Add.make_args(sympy.expand(term.coefficient)):
            number = part.as_coeff_Mul()[0]
            denominators.append(int(number.q) if number.is_Rational else 1)
    return int(np.lcm.reduce(denominators))


def _is_whole(trial: Trial) -> bool:
    """Whether every coefficient becomes a whole Gaussian number that floats hold exactly.

    A pseudo-inverse of whole numbers need not be whole.
    """
    for side in (trial.equation.lhs, trial.equation.rhs):
        for value in (*contents(side), side):
            if any(t.mark.endswith("pinv") for term in terms_of(value) for t in term.own_tensors):
                return False
            factor = trial.multiplier if value is side else 1
            for term in terms_of(value):
                parts = trial.number(term.coefficient * factor).as_real_imag()
                if not all(part.is_Integer and abs(part) < 2**53 for part in parts):
                    return False
    return True


def _dimensions(sizes: Mapping[str, int]) -> dict[sympy.Expr, sympy.Expr]:
    return {
        sympy.Symbol(name, integer=True, positive=True): sympy.Integer(size)
        for name, size in sizes.items()
    }


def _whole(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Real whole numbers as int64; Gaussian ones stay complex, which holds them exactly."""
    if np.iscomplexobj(array) and np.any(array.imag):
        return array.astype(complex)
    whole: np.ndarray[Any, Any] = np.rint(array.real).astype(np.int64)
    return whole


def residue_counterexample(equation: Equation, difference: Difference) -> Counterexample:
    """A difference of exact samples as a counterexample modulo the prime."""
    found = difference.instance
    wanted = needs(equation.lhs, equation.rhs)
    dimensions = _dimensions(found.sizes)
    symbols = {s: sympy.Integer(int(v[difference.sample])) for s, v in found.symbols.items()}
    trial = _Residues(
        equation,
        wanted.tensors,
        found.sizes,
        {name: _sample(array, difference.sample) for name, array in found.plain.items()},
        {**dimensions, **symbols},
        exact=True,
        modulus=PRIME,
        conj={name: _sample(array, difference.sample) for name, array in found.conj.items()},
    )
    shown = trial.difference()
    result = None if shown is None else trial.counterexample(shown)
    assert result is not None
    return result


class _Residues(Trial):
    """A trial modulo PRIME, where a coefficient is its residue."""

    def number(self, coefficient: sympy.Expr) -> sympy.Expr:
        """The residue of a coefficient."""
        return sympy.Integer(int(residue(coefficient.xreplace(dict(self.values)), {})) % PRIME)


def _sample(array: Any, number: int) -> np.ndarray[Any, Any]:
    return np.array(array[number].long().cpu().numpy(), dtype=object)


def float_counterexample(equation: Equation, *, seed: int) -> tuple[Counterexample | None, str]:
    """A counterexample in floats, for equations with functions, and what was tried in words."""
    wanted = needs(equation.lhs, equation.rhs)
    tensors = list(wanted.tensors.values())
    if any(tensor.entries is not None for tensor in tensors):
        return None, "tensors with declared entries are not sampled with functions yet"
    if (function := _of_complex(equation)) is not None:
        return None, f"{function} is a function of real numbers, and its argument here is complex"
    sizes = choose_sizes(tensors, wanted.spaces, least=wanted.least)
    if _work(equation, sizes) > MOST_MANY_DIGITS:
        return None, "the sizes are too large to confirm a difference of floats in many digits"
    # The root of a negative number is no argument of a function of real numbers.
    wants_real = any(function.real_only for function in _functions(equation))
    bound = [tensor for tensor in tensors if _is_bound(tensor)]
    loose = [tensor for tensor in tensors if not _is_bound(tensor)]
    for draw in range(FLOAT_DRAWS):
        arrays = float_arrays(loose, sizes, real=True, seed=seed + draw)
        # Facts that hold to rounding alone could make a difference where there is none.
        whole = small_arrays(bound, sizes, real=True, seed=seed + draw)
        if arrays is None or whole is None:
            return None, "the declared facts have no sampler together"
        scaled = {name: array * (1 + draw) for name, array in arrays.items()}
        scaled |= {name: array.real.astype(float) for name, array in whole.items()}
        sign = -1 if draw % 2 and not wants_real else 1
        symbols = {
            s: sympy.Rational(sign * (1 + 2 * (k + draw)), 2) for k, s in enumerate(wanted.symbols)
        }
        values = {**_dimensions(sizes), **symbols}
        trial = Trial(equation, wanted.tensors, sizes, scaled, values, exact=False)
        if not _fits_floats(trial):
            return None, "a coefficient is too large for floats"
        shown = trial.difference()
        found = None if shown is None else trial.counterexample(shown)
        if found is not None:
            return found, ""
    where = ", ".join(f"{name}={size}" for name, size in sorted(sizes.items())) or "no free size"
    return None, f"float64 agreed on {FLOAT_DRAWS} real samples at {where}, which proves nothing"


def _functions(equation: Equation) -> list[FunctionKind]:
    """Every function of an equation."""
    return [
        FUNCTIONS[box.function.name]
        for side in (equation.lhs, equation.rhs)
        for value in (*contents(side), side)
        for term in terms_of(value)
        for box in term.boxes
        if box.function is not None
    ]


def _fits_floats(trial: Trial) -> bool:
    """Whether floats hold every coefficient, if not all of its digits."""
    return all(
        abs(part) < 10**300
        for side in (trial.equation.lhs, trial.equation.rhs)
        for value in (*contents(side), side)
        for term in terms_of(value)
        for part in trial.number(term.coefficient).as_real_imag()
    )


def _of_complex(equation: Equation) -> str | None:
    """A function of real numbers that stands around something that may not be real."""
    for side in (equation.lhs, equation.rhs):
        for value in (*contents(side), side):
            for box in (box for term in terms_of(value) for box in term.boxes):
                if box.function is None or not FUNCTIONS[box.function.name].real_only:
                    continue
                inside = [*contents(box.content), box.content]
                terms = [term for one in inside for term in terms_of(one)]
                functions = [one.function for term in terms for one in term.boxes if one.function]
                # Roots and logarithms, which conj does not pass, are complex at negative numbers.
                may_be_complex = any(
                    not FUNCTIONS[function.name].commutes_with_conj for function in functions
                )
                if may_be_complex or any(term.coefficient.has(sympy.I) for term in terms):
                    return box.function.name
    return None


def _is_bound(tensor: Tensor) -> bool:
    """Whether a multiple of the tensor would break one of its facts."""
    return any(fact.kind not in ("symmetric", "real", "invertible") for fact in tensor.known)
