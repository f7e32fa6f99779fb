"""The functions a bubble may apply: what each is called, which legs it names, what it allows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FunctionKind:
    """One known function.

    along: how many legs the text names after the argument (0: elementwise). real_only: arguments
    must be real. commutes_with_conj: f(conj(x)) == conj(f(x)). of_matrix: it takes a two-legged
    argument as a whole, and its value has the same legs: inv(X)[j,i] stands at X's legs i and j.
    """

    along: int = 0
    real_only: bool = False
    commutes_with_conj: bool = True
    of_matrix: bool = False


FUNCTIONS: dict[str, FunctionKind] = {
    "softmax": FunctionKind(along=1),
    "causal_softmax": FunctionKind(along=2),
    "exp": FunctionKind(),
    "tanh": FunctionKind(),
    "relu": FunctionKind(real_only=True),
    "step": FunctionKind(real_only=True),
    "gelu": FunctionKind(real_only=True),
    "inv": FunctionKind(of_matrix=True),
    "pinv": FunctionKind(of_matrix=True),
}
