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
