"""`verify`: prove, else refute, else certify at fixed sizes, else say what was tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod

from tnalgebra.core.inventory import inventory
from tnalgebra.core.nesting import contents
from tnalgebra.core.values import Equation, Value, equation
from tnalgebra.errors import LimitError, NotationError
from tnalgebra.notation.names import numbers
from tnalgebra.notation.parse import parse
from tnalgebra.notation.printer import to_text
from tnalgebra.numeric.agreement import Agreement, compare
from tnalgebra.numeric.interpreter import Needs, needs
from tnalgebra.numeric.modular import PRIME, NotExactError
from tnalgebra.rewrite.rules import RuleSet
from tnalgebra.verification.prove import prove
from tnalgebra.verification.refute import (
    float_counterexample,
    residue_counterexample,
    small_counterexample,
)
from tnalgebra.verification.verdict import Verdict

LARGEST_SIZE = 4
MOST_SHOWN = 100_000


def verify(
    claim: str | Equation | tuple[Value, Value],
    *,
    where: str = "",
    rules: RuleSet | None = None,
    seed: int = 0,
) -> Verdict:
    """The verdict on an equation: proved, certified, refuted or unknown, with its evidence.

    claim: text `lhs == rhs`, an Equation, or a pair of values. Raises NotationError where it is no
    equation.

    >>> verify("tr(A @ B) == tr(B @ A)").status
    'proved'
    >>> verify("V @ V.H == eye", where="V: isometry(m -> a)").status
    'refuted'
    """
    claimed = _equation(claim, where)
    statement = to_text(claimed)[0]
    names = numbers(claim, where) if isinstance(claim, str) else _symbols(claimed)
    return replace(_verdict(claimed, statement, rules, seed), notes=_notes(names))


def _symbols(claimed: Equation) -> list[str]:
    """The names of the symbols in an equation that are neither sizes nor declared real."""
    values = [one for side in (claimed.lhs, claimed.rhs) for one in [*contents(side), side]]
    symbols = {symbol for one in values for symbol in inventory(one).symbols}
    return sorted(symbol.name for symbol in symbols if not symbol.is_real)


def _notes(names: Sequence[str]) -> tuple[str, ...]:
    """That names which look like matrices stand for numbers; nothing where none does."""
    found = [name for name in names if name[0].isupper()]
    if not found:
        return ()
    stand = "stands for a number" if len(found) == 1 else "stand for numbers"
    listed = " and ".join(filter(None, [", ".join(found[:-1]), found[-1]]))
    return (f"{listed} {stand} here, as a bare name does; matrices are A @ B, or A[i,j]*B[j,k]",)


def _verdict(claimed: Equation, statement: str, rules: RuleSet | None, seed: int) -> Verdict:
    proof = prove(claimed, rules)
    if not isinstance(proof, str):
        return Verdict(statement, "proved", proof=proof)
    tried = [f"no proof: {proof}"]
    wanted = needs(claimed.lhs, claimed.rhs)
    try:
        return _by_residues(claimed, statement, wanted, tried, seed)
    except NotExactError as error:
        tried.append(f"no exact arithmetic: {error.message}")
    except LimitError as error:
        return Verdict(statement, "unknown", tried=(*tried, error.message))
    return _by_floats(claimed, statement, tried, seed)


def _by_floats(claimed: Equation, statement: str, tried: list[str], seed: int) -> Verdict:
    found, words = float_counterexample(claimed, seed=seed)
    if found is not None:
        return Verdict(statement, "refuted", counterexample=found, tried=tuple(tried))
    return Verdict(statement, "unknown", tried=(*tried, words))


def _by_residues(
    claimed: Equation, statement: str, wanted: Needs, tried: list[str], seed: int
) -> Verdict:
    last: Agreement | None = None
    for least in (2, 3, LARGEST_SIZE):
        free = [space.name for space in wanted.spaces if space.size is None]
        least_sizes = dict.fromkeys(free, least)
        agreement = compare(claimed.lhs, claimed.rhs, least=least_sizes, seed=seed)
        if agreement is None:
            tried.append("the declared facts have no sampler together")
            return Verdict(statement, "unknown", tried=tuple(tried))
        if agreement.difference is not None:
            if (entries := _entries(wanted, agreement.sizes)) > MOST_SHOWN:
                tried.append(
                    f"the sides differ on exact samples at {_sizes(agreement.sizes)}, "
                    f"but a counterexample would hold {entries} numbers"
                )
                return Verdict(statement, "unknown", tried=tuple(tried))
            found = small_counterexample(claimed, seed=seed) or residue_counterexample(
                claimed, agreement.difference
            )
            return Verdict(statement, "refuted", counterexample=found, tried=tuple(tried))
        last = agreement
        if not free:
            break
    assert last is not None
    if not last.is_evidence:
        tried.append(f"its numbers or powers are too large for residues modulo {PRIME}")
        if (small := small_counterexample(claimed, seed=seed)) is not None:
            return Verdict(statement, "refuted", counterexample=small, tried=tuple(tried))
        return _by_floats(claimed, statement, tried, seed)
    shown = _sizes(last.sizes)
    tried.append(
        f"exact arithmetic agreed on {last.samples} samples at {shown}"
        + (f", on every component: {'; '.join(last.components)}" if last.components else "")
    )
    if any(space.size is None for space in wanted.spaces):
        tried.append("the sizes are free, so agreement at some sizes decides nothing")
        return Verdict(statement, "unknown", sizes=last.sizes, tried=tuple(tried))
    return Verdict(
        statement,
        "certified",
        error_bound=last.error_bound,
        sizes=last.sizes,
        tried=(*tried, f"probability that a false equation passed: {last.error_bound:.1e}"),
    )


def _sizes(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name}={size}" for name, size in sorted(sizes.items())) or "no free size"


def _equation(claim: str | Equation | tuple[Value, Value], where: str) -> Equation:
    if isinstance(claim, tuple) and len(claim) == 2:
        return equation(*claim)
    if isinstance(claim, str):
        found = parse(claim, where)
        if not isinstance(found, Equation):
            raise NotationError("verify needs an equation: lhs == rhs", text=claim)
        return found
    if isinstance(claim, Equation):
        return claim
    hint = "`==` between values is structural; write tn.equation(lhs, rhs)"
    raise TypeError(f"verify needs an equation, not {type(claim).__name__}; {hint}")


def _entries(wanted: Needs, sizes: Mapping[str, int]) -> int:
    """How many numbers the arrays of all tensors hold."""
    return sum(
        prod(sizes[space.name] for space in tensor.spaces()) for tensor in wanted.tensors.values()
    )
