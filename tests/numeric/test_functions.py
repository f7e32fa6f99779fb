"""Functions of entries: each against torch, in every way of evaluating and of writing it down."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
import torch

import tnalgebra as tn
from tnalgebra.core.functions import FUNCTIONS
from tnalgebra.errors import ArrayError, NotationError
from tnalgebra.verification.numpy_code import FUNCTION_CODE

ORACLES = {
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "reciprocal": torch.reciprocal,
    "abs": torch.abs,
    "sin": torch.sin,
    "cos": torch.cos,
    "tan": torch.tan,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "silu": lambda x: x * torch.sigmoid(x),
    "relu": torch.relu,
    "step": lambda x: torch.heaviside(x, torch.zeros((), dtype=x.dtype)),
    "gelu": lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
}
OF_ENTRIES = [name for name, kind in FUNCTIONS.items() if kind.formula is not None]
OF_POSITIVE = {"log", "sqrt"}
POSITIVE = np.array([0.1, 0.5, 1.0, 2.5, 30.0])
REAL = np.array([-20.0, -1.25, -0.1, 0.3, 2.0, 20.0])
COMPLEX = np.array([0.5 + 0.25j, -1 + 2j, 1.5 - 0.75j, -2 - 0.1j, 3 + 0j])


def numbers_for(name):
    """Real arguments of a function, and complex ones where it takes them."""
    yield POSITIVE
    if name not in OF_POSITIVE:
        yield REAL
    if not FUNCTIONS[name].real_only:
        yield COMPLEX


def test_every_function_of_entries_has_an_oracle():
    assert sorted(ORACLES) == sorted(OF_ENTRIES)


@pytest.mark.parametrize("name", OF_ENTRIES)
def test_numpy_and_torch(name):
    value = tn.parse(f"{name}(x[i])")
    for array in numbers_for(name):
        expected = ORACLES[name](torch.from_numpy(array)).numpy()
        np.testing.assert_allclose(value.evaluate(x=array), expected, rtol=1e-12, atol=1e-15)
        found = value.evaluate(x=torch.from_numpy(array))
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12, atol=1e-15)
    for kind in (torch.float32, torch.bfloat16):
        given = torch.from_numpy(POSITIVE).to(kind)
        found = value.evaluate(x=given)
        assert found.dtype == kind
        torch.testing.assert_close(found, ORACLES[name](given), rtol=0.02, atol=0.02)


@pytest.mark.parametrize("name", OF_ENTRIES)
def test_the_formula_in_sympy(name):
    value = tn.parse(f"{name}(x[i])")
    for array in numbers_for(name):
        exact = sympy.Array([sympy.nsimplify(number, rational=True) for number in array.tolist()])
        found = [complex(sympy.N(one, 30)) for one in value.evaluate(symbolic=True, x=exact)]
        np.testing.assert_allclose(found, value.evaluate(x=array), rtol=1e-9, atol=1e-12)
    indexed = value.to_sympy(as_="indexed")
    back = tn.from_sympy(indexed)
    np.testing.assert_allclose(back.evaluate(x=POSITIVE), value.evaluate(x=POSITIVE), rtol=1e-12)


@pytest.mark.parametrize("name", OF_ENTRIES)
def test_the_programs_that_are_written(name):
    value = tn.parse(f"{name}(x[i])")
    space: dict[str, object] = {}
    exec(value.to_torch(), space)
    helper: dict[str, object] = {"np": np}
    exec(FUNCTION_CODE[name], helper)
    for array in numbers_for(name):
        expected = value.evaluate(x=array)
        found = space["diagram"](torch.from_numpy(array)).numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-12)
        np.testing.assert_allclose(helper[name](array), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", OF_ENTRIES)
def test_the_python_function_of_that_name(name):
    x = tn.tensor("x", "i")
    assert getattr(tn, name)(x["i"]) == tn.parse(f"{name}(x[i])")


@pytest.mark.parametrize("name", sorted(OF_POSITIVE))
def test_negative_real_numbers_are_refused(name):
    value = tn.parse(f"{name}(x[i])")
    program: dict[str, object] = {}
    exec(value.to_torch(), program)
    for array in (REAL, torch.from_numpy(REAL)):
        with pytest.raises(ArrayError, match=f"{name} of a negative number is complex"):
            value.evaluate(x=array)
    with pytest.raises(ValueError, match=f"{name} of a negative number is complex"):
        program["diagram"](torch.from_numpy(REAL))
    np.testing.assert_allclose(value.evaluate(x=REAL + 0j), getattr(np.emath, name)(REAL))


def test_no_overflow_far_from_zero():
    far = np.array([-1e4, 1e4])
    with np.errstate(over="raise", invalid="raise"):
        np.testing.assert_array_equal(tn.parse("sigmoid(x[i])").evaluate(x=far), [0, 1])
        np.testing.assert_array_equal(tn.parse("silu(x[i])").evaluate(x=far), [0, 1e4])


DIVISIONS = [
    ("x[i]/y[i] -> i", "x[i]*reciprocal(y[i]) -> i", lambda x, y: x / y),
    ("x[i]/y[i]", "x[i]*reciprocal(y[i])", lambda x, y: (x / y).sum()),
    ("x[i]/sqrt(x[j]*x[j])", "x[i]*reciprocal(sqrt(x[j]*x[j]))", lambda x, y: x / np.sqrt(x @ x)),
    ("1/(x[i]*y[i])", "reciprocal(x[i]*y[i])", lambda x, y: 1 / (x @ y)),
    ("x[i]/2/(ones[j]*y[j])", "x[i]*reciprocal(y[j]*ones[j])/2", lambda x, y: x / 2 / y.sum()),
    ("x[i]/(x[i] + y[i]) -> i", "x[i]*reciprocal(x[i] + y[i]) -> i", lambda x, y: x / (x + y)),
]


@pytest.mark.parametrize(("text", "same", "expected"), DIVISIONS, ids=[row[0] for row in DIVISIONS])
def test_division_is_by_entries(text, same, expected):
    x, y = np.array([1.0, 2.0, -3.0]), np.array([2.0, 0.5, 4.0])
    value = tn.parse(text)
    assert value == tn.parse(same)
    assert tn.parse(str(value), value.where) == value
    given = {name: array for name, array in (("x", x), ("y", y)) if f"{name}[" in text}
    np.testing.assert_allclose(value.evaluate(**given), expected(x, y))


def test_division_in_python():
    i, j = tn.legs("i j")
    x, y, A = tn.tensor("x", "i"), tn.tensor("y", "i"), tn.tensor("A", "i j")
    assert x[i] / y[i] == tn.parse("x[i]/y[i]")
    assert 1 / x[i] == tn.reciprocal(x[i])
    p, q = tn.legs("p q")
    assert A[p, q] / tn.tr(A) == tn.parse("A[p,q]/tr(A)")
    assert x[i] / tn.sqrt(x[j] * x[j]) == tn.parse("x[i]/sqrt(x[j]*x[j])")
    assert x[i] / sympy.Integer(4) == tn.parse("x[i]/4")
    with pytest.raises(NotationError, match="the divisor has 2 legs without names"):
        x[i] / A
    with pytest.raises(NotationError, match="cannot be divided by 0"):
        x[i] / 0
    with pytest.raises(NotationError, match="division by zero"):
        tn.parse("x[i]/(2 - 2)")
    with pytest.raises(NotationError, match="the divisor has legs without names"):
        tn.parse("x[i]/A.T")


def test_layer_norm_in_the_notation():
    text = (
        "m := x[p,d]*ones[d]/dim(d); c := x[p,d] - m[p]*ones[d];"
        "c[p,d]/sqrt((c[p,d]*c[p,d] -> p)/dim(d) + epsilon*ones[p]) -> p,d"
    )
    x = np.random.default_rng(0).standard_normal((3, 5))
    expected = torch.nn.functional.layer_norm(torch.from_numpy(x), (5,), eps=1e-5).numpy()
    found = tn.parse(text, where="epsilon: real").evaluate(x=x, epsilon=1e-5)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_a_layer_with_biases_in_the_notation():
    shapes = {"x": (3, 4), "W": (4, 6), "b": (6,), "V": (6, 2), "c": (2,)}
    generator = np.random.default_rng(0)
    arrays = {name: generator.standard_normal(shape) for name, shape in shapes.items()}
    x, W, b, V, c = (torch.from_numpy(array) for array in arrays.values())
    value = tn.parse("gelu(x[q,d]*W[d,m] + b[m]*ones[q])*V[m,e] + c[e]*ones[q]")
    expected = torch.nn.functional.gelu(x @ W + b, approximate="tanh") @ V + c
    np.testing.assert_allclose(value.evaluate(**arrays), expected.numpy(), rtol=1e-12, atol=1e-12)


def test_a_function_of_a_number_is_a_number():
    assert tn.parse("A[i]*abs(alpha)") == tn.parse("A[i]*Abs(alpha)")
    assert tn.parse("reciprocal(4)*A[i]") == tn.parse("A[i]/4")
    assert tn.parse("sigmoid(0)*A[i]") == tn.parse("A[i]/2")
    with pytest.raises(NotationError):
        tn.parse("reciprocal(0)*A[i]")


def test_conj_does_not_pass_a_branch_cut():
    with pytest.raises(NotationError, match="conj does not pass through sqrt"):
        tn.parse("sqrt(x[i])").conj()
    with pytest.raises(NotationError, match="log"):
        tn.parse("conj(log(x[i]))")
    assert tn.parse("conj(sin(x[i]))") == tn.parse("sin(conj(x)[i])")


@pytest.mark.parametrize("name", ["sqrt", "log"])
def test_roots_inside_vmap_are_not_checked(name):
    """Once the look at signs, which vmap does not let anyone take, was torch's RuntimeError."""
    value, each = tn.parse(f"{name}(x[i])"), getattr(torch, name)
    space = {}
    exec(value.to_torch(), space)
    batch = torch.tensor([[1.0, 4.0], [9.0, -1.0]])
    for function in (lambda x: value.evaluate(x=x), space["diagram"]):
        found = torch.vmap(function)(batch)
        torch.testing.assert_close(found, each(batch), equal_nan=True)
        slope = torch.vmap(torch.func.grad(lambda x, f=function: f(x).sum()))(batch[:1])
        wanted = torch.func.grad(lambda x: each(x).sum())(batch[:1])
        torch.testing.assert_close(slope, wanted)
        _, tangent = torch.func.jvp(function, (batch[0],), (torch.ones(2),))
        torch.testing.assert_close(tangent, wanted[0])


def test_roots_inside_grad_are_checked():
    value = tn.parse("sqrt(x[i])*ones[i]")
    with pytest.raises(ArrayError, match="sqrt of a negative number"):
        torch.func.grad(lambda x: value.evaluate(x=x))(torch.tensor([-1.0]))
