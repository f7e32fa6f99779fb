"""Numbers from sympy's matrix and array expressions, head by head in numpy: a fast oracle."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np
import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalOf
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.array.expressions import array_expressions as arrays_of
from sympy_oracle import number, sized

Arrays = Mapping[str, np.ndarray]


def evaluated(expression: Any, arrays: Arrays, sizes: Mapping[str, int]) -> np.ndarray:
    """A matrix or array expression, or a number made of them."""
    return np.asarray(_of(sized(expression, sizes), arrays))


def _of(one: Any, arrays: Arrays) -> Any:
    inner = [_of(argument, arrays) for argument in one.args] if _is_plain(one) else []
    shape = tuple(int(size) for size in getattr(one, "shape", ()) or ())
    if isinstance(one, sympy.MatrixSymbol):
        return np.reshape(arrays[one.name], shape)
    if isinstance(one, arrays_of.ArraySymbol):
        return np.reshape(arrays[one.name.name], shape)
    if isinstance(one, sympy.MatMul):
        return reduce(lambda a, b: a @ b if np.ndim(a) and np.ndim(b) else a * b, inner)
    if isinstance(one, sympy.MatAdd | sympy.Add | arrays_of.ArrayAdd):
        return sum(inner)
    if isinstance(one, sympy.HadamardProduct | sympy.Mul):
        return reduce(np.multiply, inner)
    if isinstance(one, sympy.Inverse):
        return np.linalg.inv(inner[0])
    if isinstance(one, sympy.MatPow):
        return np.linalg.matrix_power(inner[0], int(one.exp))
    if isinstance(one, sympy.Pow):
        return inner[0] ** inner[1]
    if isinstance(one, sympy.Transpose):
        return inner[0].T
    if isinstance(one, sympy.Adjoint):
        return inner[0].conj().T
    if isinstance(one, sympy.Trace):
        return np.trace(inner[0])
    if isinstance(one, DiagMatrix):
        return np.diag(inner[0].ravel())
    if isinstance(one, DiagonalOf):
        return np.diag(inner[0])[:, None]
    if isinstance(one, sympy.Identity):
        return np.eye(*shape)
    if isinstance(one, sympy.OneMatrix | arrays_of.OneArray):
        return np.ones(shape)
    if isinstance(one, sympy.ZeroMatrix | arrays_of.ZeroArray):
        return np.zeros(shape)
    if isinstance(one, sympy.FunctionMatrix):
        entries = [[complex(one[i, j]) for j in range(shape[1])] for i in range(shape[0])]
        return np.asarray(entries)
    if isinstance(one, MatrixElement):
        return _of(one.parent, arrays)[tuple(int(i) for i in one.indices)]
    if isinstance(one, ElementwiseApplyFunction | arrays_of.ArrayElementwiseApplyFunc):
        content = np.asarray(_of(one.expr, arrays))
        (variable,) = one.function.variables
        entries = [
            number(one.function.expr, {**arrays, variable.name: entry}, {})
            for entry in content.ravel()
        ]
        return np.reshape(entries, content.shape)
    if isinstance(one, arrays_of.ArrayTensorProduct):
        return reduce(lambda a, b: np.multiply.outer(a, b), inner)
    if isinstance(one, arrays_of.ArrayContraction):
        return _einsum(_of(one.expr, arrays), one.contraction_indices, keep=False)
    if isinstance(one, arrays_of.ArrayDiagonal):
        return _einsum(_of(one.expr, arrays), one.diagonal_indices, keep=True)
    if isinstance(one, arrays_of.PermuteDims):
        return np.transpose(_of(one.expr, arrays), one.permutation.array_form)
    if inner:
        functions = {"exp": np.exp, "tanh": np.tanh, "conjugate": np.conj}
        return functions[type(one).__name__](*inner)
    return number(one, arrays, {})


def _is_plain(one: Any) -> bool:
    """Whether the arguments of this head are values themselves."""
    special = (sympy.MatrixSymbol, arrays_of.ArraySymbol, sympy.FunctionMatrix, MatrixElement)
    special += (ElementwiseApplyFunction, arrays_of.ArrayElementwiseApplyFunc)
    special += (arrays_of.ArrayContraction, arrays_of.ArrayDiagonal, arrays_of.PermuteDims)
    return not isinstance(one, special)


def _einsum(array: np.ndarray, groups: Any, *, keep: bool) -> np.ndarray:
    row = list(range(array.ndim))
    for group in groups:
        for axis in group:
            row[axis] = int(group[0])
    used = {int(axis) for group in groups for axis in group}
    out = [axis for axis in range(array.ndim) if axis not in used]
    out += [int(group[0]) for group in groups] if keep else []
    return np.einsum(array, row, out)
