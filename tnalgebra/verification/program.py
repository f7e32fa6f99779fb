"""The numpy program of a counterexample: written, run, and run again with many digits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import sympy

from tnalgebra.core.nodes import Tensor
from tnalgebra.core.values import Equation
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

    def counterexample(self) -> Counterexample | None:
        """The counterexample with its program; None where the sides agree but for rounding."""
        with np.errstate(all="ignore"):
            code = _Program(self, precise=False).text()
            found = _run(code, {"print": lambda *_: None})
        if found is None or not self._confirmed(found):
            return None
        entry = found["entry"]
        lhs, rhs = (_plain(found[side][entry]) for side in ("lhs", "rhs"))
        tensors = {
            name: array.tolist() if not np.iscomplexobj(array) else _strings(array)
            for name, array in self.arrays.items()
        }
        sizes = dict(self.sizes)
        return Counterexample(
            sizes, tensors, entry, lhs, rhs, self.exact, code, self.modulus, self.multiplier
        )

    def _confirmed(self, found: Mapping[str, Any]) -> bool:
        """Whether many digits give the same two values at the entry, which then differ."""
        if self.modulus is not None:
            return True
        sides = [found[side] for side in ("lhs", "rhs")]
        if not all(np.isfinite(np.asarray(side, complex)).all() for side in sides):
            return False
        program = _Program(self, precise=True)
        with mpmath.workdps(DIGITS):
            again = _run(program.text(), {"np": _ManyDigits(), "numbers": program.numbers})
            if again is None:
                return False
            entry = found["entry"]
            pairs = [(found[side][entry], again[side][entry]) for side in ("lhs", "rhs")]
            if self.exact:
                return all(mpmath.almosteq(_many(a), b, 0, 1e-9) for a, b in pairs)
            scale = 1 + sum(abs(b) for _, b in pairs)
            return bool(abs(pairs[0][1] - pairs[1][1]) > TOLERANCE * scale)


class _Program:
    """The text of one program: arrays, both sides, the entry where they differ."""

    def __init__(self, trial: Trial, *, precise: bool) -> None:
        self.trial, self.precise = trial, precise
        self.numbers: list[Any] = []
        self.end = f" % {trial.modulus}" if trial.modulus else ""

    def text(self) -> str:
        """The whole program."""
        trial = self.trial
        self.writer = writer = CodeWriter(trial.sizes, self.written)
        sides = [
            writer.value(side, trial.multiplier)
            for side in (trial.equation.lhs, trial.equation.rhs)
        ]
        lines = [] if self.precise else ["import numpy as np", ""]
        lines += list(writer.helpers.values())
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
        differs = "lhs != rhs"
        if self.precise or not trial.exact:
            differs = f"np.abs(lhs - rhs) > {TOLERANCE} * (1 + np.abs(lhs) + np.abs(rhs))"
        lines += [
            f"places = np.argwhere({differs})",
            "assert len(places), 'the two sides agree here'",
            "entry = tuple(map(int, places[0]))",
        ]
        if not self.precise:
            lines.append('print("at", entry, "left", lhs[entry], "right", rhs[entry])')
        return "\n".join(lines) + "\n"

    def written(self, coefficient: sympy.Expr) -> str:
        """A coefficient as Python text."""
        value = self.trial.number(coefficient)
        if value == 1:
            return "1"
        if self.precise:
            self.numbers.append(_many(value))
            return f"numbers[{len(self.numbers) - 1}]"
        if value.is_Integer:
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
        if trial.exact and not self.precise and not trial.modulus:
            lines += _facts(trial.tensors[name], self.writer.name(name))
        return lines

    def inverse(self, name: str, mark: str) -> list[str]:
        """The inverse of a matrix, with a check where numbers are exact."""
        trial = self.trial
        target = self.writer.name(name, mark)
        plain = self.writer.name(name, "conj" if mark.startswith("conj") else "none")
        size = len(trial.arrays[name])
        if trial.modulus:
            source = trial.conj if mark.startswith("conj") else trial.arrays
            matrix = sympy.Matrix(source[name].tolist()).inv_mod(trial.modulus)
            numbers = [[int(x) for x in row] for row in matrix.tolist()]
            return [
                f"{target} = np.array({numbers}, dtype=object)",
                f"assert ({target} @ {plain}{self.end} == np.eye({size})).all()",
            ]
        if not trial.exact or self.precise:
            return [f"{target} = np.linalg.inv({plain})"]
        # Whole-number samples have determinant 1 or a unit, so the rounded inverse is exact.
        rounded = f"np.rint(np.linalg.inv({plain}).real)"
        if np.iscomplexobj(trial.arrays[name]):
            rounded = f"({rounded} + 1j * np.rint(np.linalg.inv({plain}).imag))"
        return [f"{target} = {rounded}", f"assert ({target} @ {plain} == np.eye({size})).all()"]


def _facts(tensor: Tensor, name: str) -> list[str]:
    """Assertions that a matrix has its declared facts."""
    if tensor.rank != 2:
        return []
    lines = []
    for fact in tensor.known:
        if fact.kind == "isometry":
            second = fact.sides[1] == (1,)
            gram = f"{name}.conj().T @ {name}" if second else f"{name} @ {name}.conj().T"
            what = f"{tensor.name} is an isometry"
            lines.append(f"assert ({gram} == np.eye({name}.shape[{int(second)}])).all()  # {what}")
        elif fact.kind == "symmetric":
            lines.append(f"assert ({name} == {name}.T).all()  # {tensor.name} is symmetric")
    return lines


def _run(code: str, space: dict[str, Any]) -> dict[str, Any] | None:
    """Run a program and return its names; None where the two sides agree on its numbers."""
    try:
        exec(compile(code, "<counterexample>", "exec"), space)
    except AssertionError as error:
        if str(error) != "the two sides agree here":
            raise
        return None
    return space


class _ManyDigits:
    """numpy for arrays of mpmath numbers, as far as the programs use it."""

    def __init__(self) -> None:
        self.pi = mpmath.mp.pi
        self.linalg = SimpleNamespace(inv=_inverse)
        self.exp, self.tanh, self.sqrt = (
            np.frompyfunc(function, 1, 1) for function in (mpmath.exp, mpmath.tanh, mpmath.sqrt)
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def array(self, numbers: Any) -> np.ndarray[Any, Any]:
        """Nested lists of numbers as an array of mpmath numbers."""
        plain = np.array(numbers)
        if not plain.ndim:
            return np.array(_many(plain.item()), dtype=object)
        converted: np.ndarray[Any, Any] = np.frompyfunc(_many, 1, 1)(plain.astype(object))
        return converted


def _inverse(matrix: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.array(mpmath.inverse(mpmath.matrix(matrix.tolist())).tolist(), dtype=object)


def _many(number: Any) -> Any:
    """A number with all digits."""
    if isinstance(number, sympy.Expr):
        real, imaginary = (part._to_mpmath(mpmath.mp.prec) for part in number.as_real_imag())
        return real if imaginary == 0 else mpmath.mpc(real, imaginary)
    return mpmath.mpmathify(number.item() if hasattr(number, "item") else number)


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, complex) and value.imag == 0:
        value = value.real
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _strings(array: np.ndarray[Any, Any]) -> Any:
    return np.vectorize(str, otypes=[object])(array).tolist()
