"""`verify`: prove, else refute, else certify at fixed sizes, else say what was tried."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from tnalgebra.core.values import Equation, Value, equation
from tnalgebra.errors import NotationError
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
    proof = prove(claimed, rules)
    if not isinstance(proof, str):
        return Verdict(statement, "proved", proof=proof)
    tried = [f"no proof: {proof}"]
    wanted = needs(claimed.lhs, claimed.rhs)
    if _hides_from_residues(wanted):
        tried.append(f"a coefficient is a multiple of {PRIME}, so residues decide nothing")
        return Verdict(statement, "unknown", tried=tuple(tried))
    try:
        return _by_residues(claimed, statement, wanted, tried, seed)
    except NotExactError as error:
        tried.append(f"no exact arithmetic: {error.message}")
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
            found = small_counterexample(claimed, seed=seed) or residue_counterexample(
                claimed, agreement.difference
            )
            return Verdict(statement, "refuted", counterexample=found, tried=tuple(tried))
        last = agreement
        if not free:
            break
    assert last is not None
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


def _hides_from_residues(wanted: Needs) -> bool:
    """Whether some rational number of the equation vanishes, or has no value, modulo PRIME."""
    for expression in wanted.expressions:
        for number in expression.atoms(sympy.Rational):
            if int(number.p) % PRIME == 0 != int(number.p) or int(number.q) % PRIME == 0:
                return True
    return False
