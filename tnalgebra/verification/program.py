"""The numpy program of a counterexample: written, run, and run again with many digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import prod
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import sympy

from tnalgebra.core.facts import SIGNS
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.values import Equation
from tnalgebra.verification.many_digits import ManyDigits, UnsureError, many
from tnalgebra.verification.numpy_code import CodeWriter
from tnalgebra.verification.verdict import Counterexample

TOLERANCE = 1e-6
DIGITS = 400
"""More than the range of float64, so that no cancellation of finite numbers looks like a value."""

Arrays = Mapping[str, "np.ndarray[Any, Any]"]


@dataclass(frozen=True)
class Trial:
    """One choice of numbers for an equation.

    sizes: by space name; arrays: by tensor name; values: the number for each size symbol and scalar
    symbol. modulus: the prime modulo which everything is meant (None: ordinary numbers), with
    `conj` the conjugates, which are independent there. exact: whether all numbers are whole
    (Gaussian) numbers. multiplier: what both sides are multiplied by, to clear denominators.
    """

    equation: Equation
    tensors: Mapping[str, Tensor]
    sizes: Mapping[str, int]
    arrays: Arrays
    values: Mapping[sympy.Expr, sympy.Expr]
    exact: bool
    modulus: int | None = None
    conj: Arrays = field(default_factory=dict)
    multiplier: int = 1

    def number(self, coefficient: sympy.Expr) -> sympy.Expr:
        """A coefficient with every symbol replaced by its number."""
        return sympy.expand(coefficient.xreplace(dict(self.values)))

    def difference(self) -> Finding | None:
        """Where the sides differ as numpy evaluates them; None where they agree."""
        program = _Program(self)
        code = program.text()
        with np.errstate(all="ignore"):
            found = _run(code, {"print": lambda *_: None})
        return None if found is None else Finding(program, code, found)

    def counterexample(self, found: Finding) -> Counterexample | None:
        """A difference with its program; None where it may be rounding or overflow alone."""
        if not self._is_confirmed(found):
            return None
        lhs, rhs = (_plain(found.names[side][found.entry]) for side in ("lhs", "rhs"))
        tensors = {
            name: array.tolist() if not np.iscomplexobj(array) else _strings(array)
            for name, array in self.arrays.items()
        }
        sizes, code = dict(self.sizes), found.code
        return Counterexample(
            sizes, tensors, found.entry, lhs, rhs, self.exact, code, self.modulus, self.multiplier
        )

    def _is_confirmed(self, found: Finding) -> bool:
        if self.modulus is not None:
            return True
        sides = [np.asarray(found.names[side], complex) for side in ("lhs", "rhs")]
        if not all(np.isfinite(side).all() for side in sides):
            return False
        return self._stays_whole(found) if self.exact else self._differs_in_many_digits(found)

    def _stays_whole(self, found: Finding) -> bool:
        """Whether whole numbers stayed below 2^53 on the way, so that all of them were exact.

        The same program runs on magnitudes, each at least 1, which bound every partial product.
        """
        program = _Magnitudes(self)
        code = program.text()
        names = {
            program.writer.name(*one): np.maximum(
                np.abs(found.names[found.program.writer.name(*one)]), 1.0
            )
            for one in program.writer.arrays
        }
        with np.errstate(all="ignore"):
            _run(code, space := {"print": lambda *_: None, **names})
        return all(np.max(space[side], initial=0.0) < 2**53 for side in ("lhs", "rhs"))

    def _differs_in_many_digits(self, found: Finding) -> bool:
        """Whether many digits show a difference at the entry too."""
        program = _ManyDigitsProgram(self)
        with mpmath.workdps(DIGITS):
            try:
                again = _run(program.text(), {"np": ManyDigits(), "numbers": program.numbers})
            except (UnsureError, ZeroDivisionError):
                return False
            if again is None:
                return False
            lhs, rhs = (again[side][found.entry] for side in ("lhs", "rhs"))
            return bool(abs(lhs - rhs) > TOLERANCE * (1 + abs(lhs) + abs(rhs)))


@dataclass(frozen=True)
class Finding:
    """A program that showed two sides to differ, and the names it defined."""

    program: _Program
    code: str
    names: Mapping[str, Any]

    @property
    def entry(self) -> tuple[int, ...]:
        """The first place where the sides differ."""
        entry: tuple[int, ...] = self.names["entry"]
        return entry


class _Program:
    """The text of one program: arrays, both sides, the entry where they differ."""

    header: tuple[str, ...] = ("import numpy as np", "")
    footer: tuple[str, ...] = ('print("at", entry, "left", lhs[entry], "right", rhs[entry])',)

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.end = f" % {trial.modulus}" if trial.modulus else ""
        self.writer = CodeWriter(trial.sizes, self.written, whole="object" if self.end else "int")

    def text(self) -> str:
        """The whole program."""
        trial, writer = self.trial, self.writer
        sides = [
            writer.value(side, trial.multiplier)
            for side in (trial.equation.lhs, trial.equation.rhs)
        ]
        lines = [*self.header, *writer.helpers.values()]
        marks: dict[str, set[str]] = {}
        for name, mark in writer.arrays:
            marks.setdefault(name, set()).add(mark)
        for name in trial.arrays:
            if name in marks:
                lines += self.tensor(name, marks[name])
        lines += writer.lines
        if trial.multiplier != 1:
            lines.append(f"# both sides are multiplied by {trial.multiplier}")
        shape = tuple(trial.sizes[leg.space.name] for leg in trial.equation.lhs.legs if leg.space)
        for side, expression in zip(("lhs", "rhs"), sides, strict=True):
            whole = f"({expression}){self.end}" if self.end else expression
            lines.append(f"{side} = np.asarray({whole}).reshape({shape})")
        lines += [
            f"places = np.argwhere({self.differs()})",
            "assert len(places), 'the two sides agree here'",
            "entry = tuple(map(int, places[0]))",
            *self.footer,
        ]
        return "\n".join(lines) + "\n"

    def differs(self) -> str:
        """The condition under which two entries count as different."""
        if self.trial.exact:
            return "lhs != rhs"
        return f"np.abs(lhs - rhs) > {TOLERANCE} * (1 + np.abs(lhs) + np.abs(rhs))"

    def written(self, coefficient: sympy.Expr) -> str:
        """A coefficient as Python text."""
        value = self.trial.number(coefficient)
        if value == 1:
            return "1"
        if value.is_Integer and (self.trial.exact or abs(value) < 2**53):
            return str(value) if value >= 0 else f"({value})"
        return f"({complex(value)!r})" if sympy.im(value) != 0 else repr(float(value))

    def tensor(self, name: str, marks: set[str]) -> list[str]:
        """The arrays of a tensor with each of its marks, and checks of its facts."""
        trial = self.trial
        array = trial.arrays[name]
        kind = ", dtype=object" if trial.modulus else ""
        lines = [f"{self.writer.name(name)} = np.array({array.tolist()}{kind})"]
        conj = self.writer.name(name, "conj")
        if trial.modulus:
            other = f"np.array({trial.conj[name].tolist()}, dtype=object)"
            lines.append(f"{conj} = {other}  # independent modulo {trial.modulus}")
        elif any(mark.startswith("conj") for mark in marks):
            lines.append(f"{conj} = {self.writer.name(name)}.conj()")
        for mark in sorted(one for one in marks if one.endswith("inv")):
            lines += self.inverse(name, mark)
        if trial.exact and not trial.modulus:
            lines += _facts(trial.tensors[name], self.writer.name(name), array.shape)
        return lines

    def inverse(self, name: str, mark: str) -> list[str]:
        """The inverse of a matrix, with a check where numbers are exact."""
        trial = self.trial
        target = self.writer.name(name, mark)
        plain = self.writer.name(name, "conj" if mark.startswith("conj") else "none")
        size = len(trial.arrays[name])
        if mark.endswith("pinv"):
            return self.pseudo_inverse(name, mark, target, plain)
        if trial.modulus:
            source = trial.conj if mark.startswith("conj") else trial.arrays
            matrix = sympy.Matrix(source[name].tolist()).inv_mod(trial.modulus)
            numbers = [[int(x) for x in row] for row in matrix.tolist()]
            return [
                f"{target} = np.array({numbers}, dtype=object)",
                f"assert ({target} @ {plain}{self.end} == np.eye({size})).all()",
            ]
        if not trial.exact:
            return [f"{target} = np.linalg.inv({plain})"]
        # Whole-number samples have determinant 1 or a unit, so the rounded inverse is exact.
        rounded = f"np.rint(np.linalg.inv({plain}).real)"
        if np.iscomplexobj(trial.arrays[name]):
            rounded = f"({rounded} + 1j * np.rint(np.linalg.inv({plain}).imag))"
        return [f"{target} = {rounded}", f"assert ({target} @ {plain} == np.eye({size})).all()"]

    def pseudo_inverse(self, name: str, mark: str, target: str, plain: str) -> list[str]:
        """The pseudo-inverse of a matrix; of residues, what the exact sample has for it."""
        trial = self.trial
        if not trial.modulus:
            return [f"{target} = np.linalg.pinv({plain})"]
        first, second = trial.arrays[name], trial.conj[name]
        matrix, other = (second, first) if mark.startswith("conj") else (first, second)
        numbers = _pseudo_inverse_modulo(matrix, other.T, trial.modulus)
        unit = f"{plain} @ {target} @ {plain}"
        return [
            f"{target} = np.array({numbers}, dtype=object)",
            f"assert (({unit} - {plain}){self.end} == 0).all()",
        ]


class _Magnitudes(_Program):
    """The program on magnitudes that are given, arrays and coefficients alike."""

    footer = ()

    def tensor(self, name: str, marks: set[str]) -> list[str]:
        """Nothing: the arrays are there."""
        return []

    def written(self, coefficient: sympy.Expr) -> str:
        """The magnitude of a coefficient, at least 1."""
        return repr(max(1.0, float(abs(complex(self.trial.number(coefficient))))))

    def differs(self) -> str:
        """Every place counts: the values are what is wanted."""
        return "lhs == lhs"


class _ManyDigitsProgram(_Program):
    """The program in mpmath numbers; `numbers` are its coefficients."""

    header = footer = ()

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self.numbers: list[Any] = []

    def written(self, coefficient: sympy.Expr) -> str:
        """A coefficient with all its digits."""
        self.numbers.append(many(self.trial.number(coefficient)))
        return f"numbers[{len(self.numbers) - 1}]"


_MATRIX_FACTS = {
    "hermitian": "A == A.conj().T",
    "idempotent": "A @ A == A",
    "diagonal": "A == A * np.eye(len(A), dtype=int)",
    "stochastic": "A.sum(1) == 1",
    "permutation": "A * A == A",
    "onehot": "np.sort(A) == np.eye(len(A), dtype=int)[-1]",
}


def _facts(tensor: Tensor, name: str, shape: Sequence[int]) -> list[str]:
    """Assertions that an array has its declared facts."""
    lines = []
    for fact in tensor.known:
        if fact.kind == "isometry":
            base, tip = fact.sides
            rows, columns = (prod(shape[port] for port in side) for side in fact.sides)
            matrix = name
            if tensor.rank > 2:
                matrix = f"{name}.transpose({base + tip}).reshape({rows}, {columns})"
            elif base == (1,):
                matrix = f"{name}.T"
            gram = f"{matrix}.conj().T @ {matrix}"
            what = f"{tensor.name} is an isometry"
            lines.append(f"assert ({gram} == np.eye({columns})).all()  # {what}")
        elif fact.kind in SIGNS:
            sign = "-" if SIGNS[fact.kind] < 0 else ""
            for first, second in pairwise(fact.sides):
                order = list(range(tensor.rank))
                for a, b in zip(first, second, strict=True):
                    order[a], order[b] = b, a
                swapped = f"{sign}{name}.transpose({tuple(order)})"
                lines.append(f"assert ({name} == {swapped}).all()  # {tensor.name}: {fact.kind}")
        elif fact.kind in _MATRIX_FACTS:
            test = _MATRIX_FACTS[fact.kind].replace("A", name)
            if fact.sides[0] == (1,):
                test = _MATRIX_FACTS[fact.kind].replace("A", f"{name}.T")
            lines.append(f"assert ({test}).all()  # {tensor.name}: {fact.kind}")
    return lines


def _pseudo_inverse_modulo(
    matrix: np.ndarray[Any, Any], adjoint: np.ndarray[Any, Any], modulus: int
) -> list[list[int]]:
    """A^H (A A^H)^-1, or (A^H A)^-1 A^H for a matrix with more rows than columns."""
    a, h = sympy.Matrix(matrix.tolist()), sympy.Matrix(adjoint.tolist())
    found = h * (a * h).inv_mod(modulus) if a.rows <= a.cols else (h * a).inv_mod(modulus) * h
    return [[int(x) % modulus for x in row] for row in found.tolist()]


def _run(code: str, space: dict[str, Any]) -> dict[str, Any] | None:
    """Run a program and return its names; None where the two sides agree on its numbers."""
    try:
        exec(compile(code, "<counterexample>", "exec"), space)
    except AssertionError as error:
        if str(error) != "the two sides agree here":
            raise
        return None
    return space


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, complex) and value.imag == 0:
        value = value.real
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _strings(array: np.ndarray[Any, Any]) -> Any:
    return np.vectorize(str, otypes=[object])(array).tolist()
