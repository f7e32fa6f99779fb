"""to_torch(): the programs are run, and give what evaluate() gives."""

from __future__ import annotations

import inspect
import subprocess
import sys

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given, settings
from strategies import SIZES, arrays_for, values

import tnalgebra as tn
from tnalgebra.core.build import symbol
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.errors import LimitError, NotationError
from tnalgebra.notation.locate import in_order_of_text
from tnalgebra.numeric.interpreter import needs

FUNCTIONS = ("exp", "tanh", "softmax")
SYMBOLS = {"alpha": 0.5 + 0.25j, "beta": -0.75}


def function_of(value):
    space = {}
    exec(compile(value.to_torch(), "<diagram>", "exec"), space)
    return space["diagram"]


def order_of(value):
    """The tensors that a program takes, in its order; a declared entry is no argument."""
    names = [name for name, one in needs(value).tensors.items() if one.entries is None]
    return in_order_of_text(names, str(value))


def keywords_of(value):
    """The numbers and sizes that a program asks for, found as a user would: by its signature."""
    code = function_of(value).__code__
    names = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]
    found = {}
    for name in names:
        if name.startswith("size_"):
            found[name] = SIZES[name.removeprefix("size_")]
        elif name not in ("dtype", "device"):
            found[name] = {**SYMBOLS, **SIZES}[name]
    return found


def agree(value, arrays, sizes, **symbols):
    """Run the program and evaluate; compare."""
    tensors = {name: torch.from_numpy(np.asarray(array)) for name, array in arrays.items()}
    found = function_of(value)(*[tensors[n] for n in order_of(value)], **keywords_of(value))
    expected = value.evaluate(**tensors, **symbols, sizes=sizes)
    np.testing.assert_allclose(
        np.asarray(found), np.asarray(expected), rtol=1e-8, atol=1e-8 * _scale(expected)
    )


def _scale(array):
    return max(1.0, float(np.abs(np.asarray(array)).max(initial=0.0)))


@settings(max_examples=200)
@given(values(depth=2, functions=FUNCTIONS))
def test_random_values(value):
    wanted = needs(value)
    names = {symbol.name for symbol in wanted.symbols}
    sizes = {space.name: SIZES[space.name] for space in wanted.spaces if space.name in SIZES}
    sizes |= {name: SIZES[name] for name in names if name in SIZES}
    given_symbols = {name: SYMBOLS[name] for name in names if name in SYMBOLS}
    agree(value, arrays_for(value, np.random.default_rng(0)), sizes, **given_symbols)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("A[i,j]*B[j,k]", ""),
        ("A[i,j]*B[j,k] -> k,i", ""),
        ("conj(A)[i,j]*inv(X)[j,k]", "X: invertible(i, j)"),
        ("conj(inv(X))[i,j]", "X: invertible(i, j)"),
        ("conj(pinv(A))[i,j]*B[j,k]", ""),
        ("A[i,a,b]*v[b]*B[b,a,j] -> i,j", ""),
        ("delta[i,j,k]*v[k]", ""),
        ("delta[i,j,k]", "i: n = 3"),
        ("delta[i,i]*ones[k]", ""),
        ("2*A[i,j] - B[j,i]/3", ""),
        ("sqrt(2)*I*A[i,j]", ""),
        ("exp(alpha)*factorial(beta + 2)*A[i,j]/dim(i)", ""),
        ("conj(alpha)*Abs(alpha)*tan(beta)*A[i,j]", ""),
        ("softmax(S[q,k]/sqrt(dim(e)), k)*W[k,e] -> q,e", ""),
        ("causal_softmax(S[q,k], q, k)*W[k,e] -> q,e", ""),
        ("causal_softmax(S[k,q], q, k)*W[k,e] -> q,e", ""),
        ("gelu(W[m,h]*x[h])*W[m,k]", "W: real; x: real"),
        ("relu(W[m,h])", "W: real"),
        ("onehot(2)[i]*A[i,j]", "i: n = 3"),
        ("causal[i,j]*A[i,j] -> i,j", ""),
        ("r := A[i,j] + B[i,j]; r[i,k]*r[j,k] - r[i,j]", "i, j, k: n"),
        ("(A + B) @ (A - B)", "A: tensor(i,j); B: tensor(i,j); i, j: n"),
        ("A[i,j]*v[j]", "i: n; j: n = 3"),
        ("3*alpha", ""),
        ("A[i,j] - A[i,j]", ""),
    ],
)
def test_values_by_hand(text, where):
    value = tn.parse(text, where)
    wanted = needs(value)
    rng = np.random.default_rng(1)
    arrays = {}
    for name, one in wanted.tensors.items():
        array = rng.standard_normal((3,) * one.rank)
        real = any(fact.kind == "real" for fact in one.known)
        arrays[name] = array if real else array + 1j * rng.standard_normal(array.shape)
    tensors = {name: torch.from_numpy(np.asarray(array)) for name, array in arrays.items()}
    function = function_of(value)
    code = function.__code__
    asked = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]
    keywords = {n: 3 if n.startswith("size_") else SYMBOLS[n] for n in asked if n not in KINDS}
    found = function(*[tensors[name] for name in order_of(value)], **keywords)
    symbols = {name: number for name, number in keywords.items() if name in SYMBOLS}
    told = {leg.space for t in wanted.tensors.values() for leg in t.legs}
    sizes = {s.name: 3 for s in wanted.spaces if s not in told}
    expected = value.evaluate(**tensors, **symbols, sizes=sizes)
    torch.testing.assert_close(torch.as_tensor(found), torch.as_tensor(expected), check_dtype=False)


KINDS = ("dtype", "device")


def test_declared_formulas_and_sizes_that_are_formulas():
    i, j = sympy.symbols("i j", integer=True)
    n = sympy.Symbol("n", integer=True, positive=True)
    fourier = sympy.Lambda((i, j), sympy.exp(2 * sympy.pi * sympy.I * i * j / n) / sympy.sqrt(n))
    legs = (Leg("i", Space("s", n)), Leg("j", Space("s", n)))
    value = symbol(Tensor("F", legs, (), "none", fourier))
    found = function_of(value)(size_n=4)
    np.testing.assert_allclose(found.numpy(), np.fft.ifft(np.eye(4), norm="ortho"), atol=1e-12)
    steps = sympy.Piecewise((1, i <= j), (-1, sympy.Eq(i, 2)), (0, True))
    value = symbol(Tensor("P", legs, (), "none", sympy.Lambda((i, j), steps)))
    found = function_of(value)(size_n=3)
    np.testing.assert_array_equal(found.numpy(), [[1, 1, 1], [0, 1, 1], [-1, -1, 1]])
    doubled = symbol(Tensor("A", (Leg("i", Space("i", n)), Leg("j", Space("j", 2 * n))))) * n
    function = function_of(doubled)
    assert (function(torch.ones(2, 4)) == 2).all()
    with pytest.raises(ValueError, match="the space j has the sizes 3 and 4"):
        function(torch.ones(2, 3))


@pytest.mark.parametrize(
    ("arrays", "error", "message"),
    [
        ((torch.ones(2, 4), torch.ones(1, 3)), ValueError, "space j has the sizes 4 and 1"),
        ((torch.ones(2, 1), torch.ones(4, 3)), ValueError, "space j has the sizes 1 and 4"),
        ((torch.ones(2), torch.ones(4, 3)), ValueError, "A has 1 axes, not 2"),
        ((torch.ones(2, 4, dtype=int), torch.ones(4, 3)), TypeError, "A has entries of type"),
    ],
)
def test_programs_refuse_what_evaluate_refuses(arrays, error, message):
    with pytest.raises(error, match=message):
        function_of(tn.parse("A[i,j]*B[j,k]"))(*arrays)


def test_names_that_python_keeps_are_changed():
    value = tn.parse("lambda[i]*torch[i]*step1[i]*A'[i]*one[j] -> i,j")
    tensors = [torch.full((2,), float(k)) for k in range(1, 5)]
    found = function_of(value)(*tensors, torch.ones(1))
    assert found.tolist() == [[24.0], [24.0]]
    value = tn.parse("size_i[i]*size_j*ones[j]")
    found = function_of(value)(torch.ones(2), size_j_=3, size_j=4)
    assert found.tolist() == [[3.0] * 4] * 2


def test_more_indices_than_letters():
    n = 70
    text = "*".join(f"M{k}[i{k},i{k + 1}]" for k in range(n))
    value = tn.parse(text)
    arrays = [torch.randn(2, 2, dtype=torch.float64) for _ in range(n)]
    expected = torch.linalg.multi_dot(arrays)
    torch.testing.assert_close(function_of(value)(*arrays), expected)
    outer = "*".join(f"T{k}[{','.join(f'i{k}_{p}' for p in range(30))}]" for k in range(2))
    with pytest.raises(LimitError, match="60 indices"):
        tn.parse(outer).to_torch()


def test_gradients_and_vmap_pass_through():
    value = tn.parse(
        "(softmax((A[i,j]*x[j] -> i), i)*delta[i,k] -> i,k) + A[i,k]", where="i, j, k: n"
    )
    function = function_of(value)
    order = order_of(value)
    given_tensors = {
        "A": torch.randn(3, 3, dtype=torch.float64, requires_grad=True),
        "x": torch.randn(3, dtype=torch.float64, requires_grad=True),
    }
    arguments = [given_tensors[name] for name in order]
    assert torch.autograd.gradcheck(function, arguments)
    batch = [torch.stack([one, 2 * one]) for one in arguments]
    found = torch.func.vmap(function)(*batch)
    torch.testing.assert_close(found[1], function(*[2 * one for one in arguments]))


def test_each_content_is_computed_once():
    value = tn.parse("A[i]")
    for _ in range(30):
        value = tn.shared(value + value)
    program = value.to_torch()
    assert len(program.splitlines()) < 60
    space = {}
    exec(program, space)
    assert space["diagram"](torch.ones(1, dtype=torch.float64)).item() == 2.0**30


def test_a_program_runs_on_its_own(tmp_path):
    value = tn.parse("gelu(W[m,h]*x[h])*W[m,k]")
    path = tmp_path / "program.py"
    end = "print(diagram(torch.eye(2), torch.ones(2)).shape)\n"
    path.write_text(value.to_torch() + end, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "torch.Size([2])\n"


def test_what_no_program_says():
    i = sympy.Symbol("i", integer=True)
    n = Space("n", 3)
    strange = Tensor("A", (Leg("i", n),), (), "none", sympy.Lambda((i,), sympy.zeta(i + 2)))
    with pytest.raises(NotationError, match="has no text as a Python number"):
        symbol(strange).to_torch()


@pytest.mark.parametrize(
    ("text", "shapes", "sizes"),
    [
        ("group(X[i,j,k], ij=(i,j))*Y[ij,l]", {"X": (2, 3, 4), "Y": (6, 5)}, {}),
        ("group(X[i,j,k], ik=(k,i))", {"X": (2, 3, 4)}, {}),
        ("split(X[ij,k], ij=(i,j))*v[j]", {"X": (6, 4), "v": (3,)}, {"i": 2}),
        ("group(delta[i,j]*ones[k], jk=(k,j))", {}, {"i": 2, "k": 3}),
        ("kron(A, B)", {"A": (2, 3), "B": (4, 5)}, {}),
        ("exp(group(X[i,j,k], ij=(i,j)))", {"X": (2, 3, 4)}, {}),
    ],
)
def test_reshapes(text, shapes, sizes, monkeypatch):
    monkeypatch.setattr("tnalgebra.bridges.torch_code.to_text", lambda value: ("", ""))
    value = tn.parse(text)
    arrays = {name: torch.randn(shape, dtype=torch.float64) for name, shape in shapes.items()}
    given_sizes = {f"size_{name}": size for name, size in sizes.items()}
    found = function_of(value)(*(arrays[name] for name in order_of(value)), **given_sizes)
    expected = value.evaluate(**arrays, sizes=sizes)
    torch.testing.assert_close(found, torch.as_tensor(expected))


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("softmax(S[q,k], k)*V[k,d]", ["S", "V"]),
        ("A[i,j]*exp(B[j] + C[j])*D[i]", ["A", "B", "C", "D"]),
        ("r := W[i,a]*A[a,x]; r[i,x]*x[x] + exp(B[i]) -> i", ["W", "A", "x", "B"]),
        ("conj(T)[i,j]*inv(A)[j,k]", ["T", "A"]),
    ],
)
def test_the_arguments_come_as_in_the_text(text, order):
    """Once tensors inside boxes came last."""
    value = tn.parse(text)
    space: dict = {}
    exec(value.to_torch(), space)
    names = list(inspect.signature(space["diagram"]).parameters)
    assert names == order
    assert sorted(order, key=str(value).index) == order
