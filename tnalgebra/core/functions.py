"""The functions a bubble may apply: what each is called, which legs it names, what it allows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FunctionKind:
    """One known function.

    along: how many legs the text names after the argument (0: elementwise). real_only: arguments
    must be real. commutes_with_conj: f(conj(x)) == conj(f(x)).
    """

    along: int = 0
    real_only: bool = False
    commutes_with_conj: bool = True


FUNCTIONS: dict[str, FunctionKind] = {
    "softmax": FunctionKind(along=1),
    "causal_softmax": FunctionKind(along=2),
    "exp": FunctionKind(),
    "tanh": FunctionKind(),
    "relu": FunctionKind(real_only=True),
    "gelu": FunctionKind(real_only=True),
}
