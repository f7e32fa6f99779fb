"""to_torch(): what its programs take and refuse, and the gradients they keep."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import tnalgebra as tn


def function_of(text, where=""):
    """The function that the program of a text defines."""
    space: dict = {}
    exec(tn.parse(text, where).to_torch(), space)
    return space["diagram"]


def scalar(number, **options):
    """A tensor of no axes."""
    return torch.tensor(number, dtype=torch.float64, requires_grad=True, **options)


X = torch.arange(1.0, 4.0, dtype=torch.float64)


@pytest.mark.parametrize(
    ("text", "where", "formula"),
    [
        ("alpha*x[i]*x[i]", "", lambda a: 14 * a),
        ("alpha**2*x[i]*x[i]/3 + x[i]*x[i]", "", lambda a: 14 * a**2 / 3 + 14),
        ("exp(alpha)*sqrt(alpha)*x[i]*x[i]", "", lambda a: 14 * a.exp() * a.sqrt()),
        ("log(alpha)*tan(alpha)*x[i]*x[i]/alpha", "", lambda a: 14 * a.log() * a.tan() / a),
        ("Abs(alpha)*conj(alpha)*x[i]*x[i]", "", lambda a: 14 * a * a.abs()),
        ("2**alpha*x[i]*x[i]", "alpha: real", lambda a: 14 * 2**a),
        ("factorial(alpha)*x[i]*x[i]", "", lambda a: 14 * torch.lgamma(1 + a).exp()),
        ("cot(alpha)*x[i]*x[i]", "", lambda a: 14 / a.tan()),
        ("A[i,j]*x[i]*x[j]", "A = [[1, alpha, 0], [alpha, 1, 0], [0, 0, 2]]", lambda a: 23 + 4 * a),
        ("H[i,j]*x[i]*x[j]", "H[i,j] = alpha", lambda a: 36 * a),
    ],
)
def test_the_gradient_of_a_symbol_is_kept(text, where, formula):
    """Once a program made plain numbers of tensors, and their gradient was None."""
    function = function_of(text, where)
    alpha, other = scalar(1.5), scalar(1.5)
    found = function(X, alpha=alpha)
    found.backward()
    wanted = formula(other)
    wanted.backward()
    torch.testing.assert_close(found, wanted)
    torch.testing.assert_close(alpha.grad, other.grad)
    plain = function(X, alpha=1.5)
    torch.testing.assert_close(plain, wanted.detach())
    assert not plain.requires_grad


def test_numbers_take_the_precision_of_the_arrays():
    function = function_of("alpha*x[i] + beta*x[i]")
    found = function(X.float(), alpha=scalar(2.0), beta=torch.tensor(3))
    assert (found.dtype, found.tolist()) == (torch.float32, [5, 10, 15])
    found = function(X.float(), alpha=torch.tensor(1j), beta=np.float32(1))
    assert (found.dtype, found.tolist()) == (torch.complex64, [1 + 1j, 2 + 2j, 3 + 3j])
    assert function(X, alpha=1 + 0j, beta=np.array(1)).dtype == torch.float64


def test_symbols_inside_vmap_and_grad():
    function = function_of("sqrt(alpha)*x[i]*x[i]")
    slope = torch.func.grad(lambda a: function(X, alpha=a))
    found = torch.func.vmap(slope)(torch.tensor([1.0, 4.0], dtype=torch.float64))
    torch.testing.assert_close(found, torch.tensor([7.0, 3.5], dtype=torch.float64))


@pytest.mark.parametrize(
    ("number", "error", "message"),
    [
        (1j, ValueError, "alpha is real, and 1j is not"),
        (torch.tensor(1j), ValueError, "alpha is real"),
        (torch.ones(2), TypeError, "alpha needs a number, not a tensor of 1 axes"),
        (np.ones(2), TypeError, "alpha needs a number"),
        (True, TypeError, "alpha needs a number"),
        ("1", TypeError, "alpha needs a number"),
        (torch.tensor(True), TypeError, "alpha needs a number"),
        (-1.0, None, ""),
        (scalar(-1.0), ValueError, "a negative number is complex"),
    ],
)
def test_numbers_that_a_symbol_refuses(number, error, message):
    function = function_of("sqrt(alpha)*x[i]", "alpha: real")
    if error is None:
        assert function(X, alpha=number).dtype == torch.complex128
        return
    with pytest.raises(error, match=message):
        function(X, alpha=number)


def test_a_symbol_that_is_not_declared_real_may_be_complex():
    assert function_of("alpha*x[i]")(X, alpha=1j).is_complex()
    assert function_of("alpha*x[i]", "alpha: real")(X, alpha=1 + 0j).dtype == torch.float64


PAIR = tn.parse("A[i,j]*x[j]", "A: real")


@pytest.mark.parametrize(
    ("A", "x", "error", "message"),
    [
        (X.reshape(1, 3) * 1j, X, ValueError, "A is real, and its array has entries"),
        (X.reshape(1, 3).float(), X, TypeError, "x has the type torch.float64 and others"),
        (X.reshape(1, 3).float(), X * 1j, TypeError, "x has the type torch.complex128"),
        (torch.ones(2, 0), torch.ones(0), ValueError, r"A has the shape \(2, 0\)"),
        (torch.ones(1, 3).double(), torch.ones(3, dtype=int), TypeError, "cast it, as in x"),
        (np.ones((1, 3)), X, TypeError, "A is given as ndarray, not as a torch tensor"),
        (X.reshape(1, 3), [1, 2, 3], TypeError, "x is given as list"),
        (X.reshape(1, 3).to(torch.float8_e5m2), X, TypeError, "type torch.float8_e5m2"),
        (X.reshape(1, 3), X.to("meta"), ValueError, "x is on the device meta and others on cpu"),
    ],
)
def test_arrays_that_evaluate_refuses_are_refused(A, x, error, message):
    """Once a program took them all, and 1j for what is real."""
    function = function_of(str(PAIR), PAIR.where)
    with pytest.raises(error, match=message):
        function(A, x)
    with pytest.raises(tn.TnalgebraError):
        PAIR.evaluate(A=A, x=x)


def test_real_and_complex_arrays_of_one_precision_are_taken():
    function = function_of(str(PAIR), PAIR.where)
    found = function(X.reshape(1, 3) + 0j, X * 1j)
    torch.testing.assert_close(found, torch.tensor([14j], dtype=torch.complex128))
    batch = torch.func.vmap(function)(torch.ones(4, 1, 3) + 0j, torch.ones(4, 3))
    assert (batch == 3).all()


@pytest.mark.parametrize("size", [0, -1, 2.5, True])
def test_sizes_are_whole_numbers_from_1(size):
    function = function_of("x[i]*ones[j]")
    assert function(X, size_j=2).shape == (3, 2)
    with pytest.raises(ValueError, match="the size j is given as"):
        function(X, size_j=size)
