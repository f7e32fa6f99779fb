"""A computer algebra system whose expressions are tensor diagrams."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tnalgebra import nn as nn
    from tnalgebra.bridges.einsum import einsum as einsum
    from tnalgebra.bridges.json_reader import from_json as from_json
    from tnalgebra.bridges.quimb import from_quimb as from_quimb
    from tnalgebra.core.build import bubble as bubble
    from tnalgebra.core.build import shared as shared
    from tnalgebra.core.reshape import kron as kron
    from tnalgebra.core.spaces import Leg as Leg
    from tnalgebra.core.spaces import Space as Space
    from tnalgebra.core.values import Diagram as Diagram
    from tnalgebra.core.values import Equation as Equation
    from tnalgebra.core.values import Sum as Sum
    from tnalgebra.core.values import equation as equation
    from tnalgebra.errors import TnalgebraError as TnalgebraError
    from tnalgebra.notation.parse import parse as parse
    from tnalgebra.notation.shorthand import abs as abs
    from tnalgebra.notation.shorthand import causal as causal
    from tnalgebra.notation.shorthand import causal_softmax as causal_softmax
    from tnalgebra.notation.shorthand import conj as conj
    from tnalgebra.notation.shorthand import cos as cos
    from tnalgebra.notation.shorthand import cosh as cosh
    from tnalgebra.notation.shorthand import diag as diag
    from tnalgebra.notation.shorthand import exp as exp
    from tnalgebra.notation.shorthand import gelu as gelu
    from tnalgebra.notation.shorthand import group as group
    from tnalgebra.notation.shorthand import inv as inv
    from tnalgebra.notation.shorthand import log as log
    from tnalgebra.notation.shorthand import onehot as onehot
    from tnalgebra.notation.shorthand import ones as ones
    from tnalgebra.notation.shorthand import pinv as pinv
    from tnalgebra.notation.shorthand import reciprocal as reciprocal
    from tnalgebra.notation.shorthand import relu as relu
    from tnalgebra.notation.shorthand import sigmoid as sigmoid
    from tnalgebra.notation.shorthand import silu as silu
    from tnalgebra.notation.shorthand import sin as sin
    from tnalgebra.notation.shorthand import sinh as sinh
    from tnalgebra.notation.shorthand import softmax as softmax
    from tnalgebra.notation.shorthand import split as split
    from tnalgebra.notation.shorthand import sqrt as sqrt
    from tnalgebra.notation.shorthand import step as step
    from tnalgebra.notation.shorthand import sum as sum
    from tnalgebra.notation.shorthand import tan as tan
    from tnalgebra.notation.shorthand import tanh as tanh
    from tnalgebra.notation.shorthand import tr as tr
    from tnalgebra.notation.symbols import contract as contract
    from tnalgebra.notation.symbols import delta as delta
    from tnalgebra.notation.symbols import eye as eye
    from tnalgebra.notation.symbols import legs as legs
    from tnalgebra.notation.tensors import antisymmetric as antisymmetric
    from tnalgebra.notation.tensors import diagonal as diagonal
    from tnalgebra.notation.tensors import hermitian as hermitian
    from tnalgebra.notation.tensors import idempotent as idempotent
    from tnalgebra.notation.tensors import invertible as invertible
    from tnalgebra.notation.tensors import isometry as isometry
    from tnalgebra.notation.tensors import orthogonal as orthogonal
    from tnalgebra.notation.tensors import permutation as permutation
    from tnalgebra.notation.tensors import projector as projector
    from tnalgebra.notation.tensors import right_invertible as right_invertible
    from tnalgebra.notation.tensors import stochastic as stochastic
    from tnalgebra.notation.tensors import symmetric as symmetric
    from tnalgebra.notation.tensors import tensor as tensor
    from tnalgebra.notation.tensors import unitary as unitary
    from tnalgebra.rewrite import rules as rules
    from tnalgebra.rewrite.rules import RuleSet as RuleSet
    from tnalgebra.symbolic.read import from_sympy as from_sympy
    from tnalgebra.verification.verify import verify as verify

__version__ = "0.1.0"

_HOMES = {
    "Diagram": "core.values",
    "Equation": "core.values",
    "Leg": "core.spaces",
    "RuleSet": "rewrite.rules",
    "Space": "core.spaces",
    "Sum": "core.values",
    "TnalgebraError": "errors",
    "abs": "notation.shorthand",
    "antisymmetric": "notation.tensors",
    "bubble": "core.build",
    "causal": "notation.shorthand",
    "causal_softmax": "notation.shorthand",
    "conj": "notation.shorthand",
    "contract": "notation.symbols",
    "cos": "notation.shorthand",
    "cosh": "notation.shorthand",
    "delta": "notation.symbols",
    "diag": "notation.shorthand",
    "diagonal": "notation.tensors",
    "einsum": "bridges.einsum",
    "equation": "core.values",
    "exp": "notation.shorthand",
    "eye": "notation.symbols",
    "from_json": "bridges.json_reader",
    "from_quimb": "bridges.quimb",
    "from_sympy": "symbolic.read",
    "gelu": "notation.shorthand",
    "group": "notation.shorthand",
    "hermitian": "notation.tensors",
    "idempotent": "notation.tensors",
    "inv": "notation.shorthand",
    "invertible": "notation.tensors",
    "isometry": "notation.tensors",
    "kron": "core.reshape",
    "legs": "notation.symbols",
    "log": "notation.shorthand",
    "onehot": "notation.shorthand",
    "ones": "notation.shorthand",
    "orthogonal": "notation.tensors",
    "parse": "notation.parse",
    "permutation": "notation.tensors",
    "pinv": "notation.shorthand",
    "projector": "notation.tensors",
    "reciprocal": "notation.shorthand",
    "relu": "notation.shorthand",
    "right_invertible": "notation.tensors",
    "shared": "core.build",
    "sigmoid": "notation.shorthand",
    "silu": "notation.shorthand",
    "sin": "notation.shorthand",
    "sinh": "notation.shorthand",
    "softmax": "notation.shorthand",
    "split": "notation.shorthand",
    "sqrt": "notation.shorthand",
    "step": "notation.shorthand",
    "stochastic": "notation.tensors",
    "sum": "notation.shorthand",
    "symmetric": "notation.tensors",
    "tan": "notation.shorthand",
    "tanh": "notation.shorthand",
    "tensor": "notation.tensors",
    "tr": "notation.shorthand",
    "unitary": "notation.tensors",
    "verify": "verification.verify",
}
_MODULES = {"nn": "nn", "rules": "rewrite.rules", "draw": "draw"}

__all__ = sorted([*_HOMES, *_MODULES])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"tnalgebra.{_MODULES[name]}")
    if name in _HOMES:
        return getattr(importlib.import_module(f"tnalgebra.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'tnalgebra' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
