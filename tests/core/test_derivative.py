"""Derivatives by a tensor against torch.autograd, and what is held constant."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from strategies import diagrams, size_of

import tnalgebra as tn
from tnalgebra.core import build
from tnalgebra.core.derivative import MOST_BOXES
from tnalgebra.core.nesting import all_tensors, all_terms
from tnalgebra.errors import NotationError
from tnalgebra.numeric.interpreter import needs

SIZES = (3, 4, 2, 5, 3, 4, 6, 2)
CASES = [
    ("x[i]*A[i,j]*x[j]", "x"),
    ("A @ B @ C", "B"),
    ("tr(A @ A @ A)", "A"),
    ("A[i,i]", "A"),
    ("A[i,j]*A[j,i]*v[k]", "A"),
    ("c[]*c[]*A[i,j]", "c"),
    ("delta[i,j,k]*v[i]*v[j]*A[k,l]", "v"),
    ("inv(A)[i,j]*v[j]", "A"),
    ("inv(A)[i,j]*A[j,k]*inv(A)[k,l]", "A"),
    ("exp(A[i,j]*v[j])*w[i]", "A"),
    ("tanh(A[i,j]*v[j])", "A"),
    ("relu(A[i,j]*v[j])", "A"),
    ("gelu(A[i,j]*v[j])", "A"),
    ("(c[] + 2*c[])*A[i,j]", "c"),
    ("silu(A[i,j]*v[j])", "A"),
    ("sigmoid(A[i,j]*v[j])", "A"),
    ("sin(A[i,j]*v[j])*cos(A[i,k]*v[k])", "A"),
    ("tan(A[i,j]*v[j])", "v"),
    ("sinh(A[i,j]*v[j]) + cosh(A[i,j]*v[j])", "A"),
    ("log(exp(A[i,j]*v[j]))", "A"),
    ("sqrt(exp(A[i,j]*v[j]))", "A"),
    ("v[j]/sqrt(v[i]*v[i])", "v"),
    ("A[i,j]*reciprocal(exp(v[j])) -> i,j", "v"),
    ("softmax(A[i,j]*B[j,k], k)", "A"),
    ("causal_softmax(A[i,j]*B[j,k], i, k)", "B"),
    ("softmax(A[q,k], k)*softmax(A[q,k1], q)", "A"),
    ("(A[i,j] + B[i,j])*(A[j,k] + C[j,k])", "A"),
    ("r := A[i,j]*v[j]; r[i]*r[i]*w[k]", "A"),
    ("r := exp(A[i,j]*v[j]); s := r[i]*r[i]; s[]*s[]*w[k]", "v"),
    ("group(A[i,j]*A[j,k], p=(i,k))", "A"),
    ("exp(exp(v[i]) + A[i,j]*v[j])", "v"),
    ("alpha*A[i,j]*dim(i)*v[j]", "A"),
    ("sin(" * 20 + "A[i,j]*v[j]" + ")" * 20, "v"),
    ("v[i]*tanh((" * 12 + "A[i,j]*w[j]" + " -> i))" * 12 + " -> i", "A"),
]


def _arrays(value, generator):
    known: dict[str, int] = {}
    sizes = iter(SIZES)
    arrays = {}
    for tensor in needs(value).tensors.values():
        shape = []
        for space in tensor.spaces():
            if space.name not in known:
                known[space.name] = next(sizes)
            shape.append(known[space.name])
        arrays[tensor.name] = torch.randn(shape, generator=generator, dtype=torch.float64)
    return arrays, known


def _evaluated(value, arrays, sizes):
    wanted = needs(value)
    given = {name: arrays[name] for name in wanted.tensors}
    symbols = {symbol.name: 0.75 for symbol in wanted.symbols}
    spaces = {space.name for space in wanted.spaces}
    known = {name: size for name, size in sizes.items() if name in spaces}
    return torch.as_tensor(value.evaluate(sizes=known, **given, **symbols))


@pytest.mark.parametrize(("text", "name"), CASES)
def test_derivatives_are_those_of_autograd(text, name):
    value = tn.parse(text)
    arrays, sizes = _arrays(value, torch.Generator().manual_seed(0))
    found = value.derivative(name)
    expected = torch.autograd.functional.jacobian(
        lambda x: _evaluated(value, {**arrays, name: x}, sizes), arrays[name]
    )
    torch.testing.assert_close(_evaluated(found, arrays, sizes), expected, rtol=1e-9, atol=1e-9)
    assert tn.parse(str(found), found.where) == found
    legs = [leg.name for leg in found.legs]
    assert legs[: len(value.legs)] == [leg.name for leg in value.legs]


@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much])
@given(diagrams(functions=("exp", "tanh", "softmax")))
def test_random_diagrams(diagram):
    plain = [t for t in all_tensors(diagram) if not t.is_builtin]
    assume(plain)
    name = sorted(t.name for t in plain)[0]
    assume(not any(t.is_conj for t in plain if t.name == name))
    base = next(t for t in plain if t.name == name).base()
    assume(not any(fact.kind == "real" for fact in base.facts))
    assume(not any(symbol.name == "alpha" for symbol in needs(diagram).symbols))
    generator = torch.Generator().manual_seed(0)
    arrays = {
        t.name: 0.5
        * torch.randn([size_of(s) for s in t.base().spaces()], generator=generator).double()
        for t in plain
    }
    sizes = {space.name: size_of(space) for space in needs(diagram).spaces if space.size is None}
    found = diagram.derivative(name)

    def real(x):
        result = _evaluated(diagram, {**arrays, name: x}, sizes)
        return torch.view_as_real(result.to(torch.complex128))

    expected = torch.autograd.functional.jacobian(real, arrays[name])
    rank = base.rank
    order = [k for k in range(expected.ndim) if k != len(diagram.legs)] + [len(diagram.legs)]
    expected = torch.view_as_complex(expected.permute(order).contiguous())
    assert len(found.legs) == len(diagram.legs) + rank
    torch.testing.assert_close(
        _evaluated(found, arrays, sizes).to(torch.complex128), expected, rtol=1e-7, atol=1e-7
    )


def test_conjugates_are_held_constant_unless_real():
    value = tn.parse("conj(A)[i,j]*A[i,k]")
    assert value.derivative("A") == tn.parse("conj(A)[i,j]*eye[k,j1] -> j,k,i,j1")
    real = tn.parse("conj(R)[i,j]*R[i,j]", "R: real").derivative("R")
    assert real == tn.parse("R[i,j] + conj(R)[i,j]", "R: real")


def test_a_symmetric_tensor_is_varied_entry_by_entry():
    found = tn.parse("v[i]*S[i,j]*w[j]", "S: symmetric(i, j)").derivative("S")
    assert found == tn.parse("v[i]*w[j]")
    assert found != tn.parse("v[j]*w[i] -> i,j")


def test_shared_contents_are_differentiated_once():
    text = "r0 := A[i,j]*v[j]; "
    text += "".join(f"r{k + 1} := exp(r{k}[i])*r{k}[i] -> i; " for k in range(12))
    found = tn.parse(text + "r12[i]*w[i]").derivative("v")
    assert len(str(found)) < 20_000


def test_the_derivative_of_a_thousand_nested_functions():
    value = tn.parse("A[i,j]")
    for _ in range(1000):
        value = build.bubble("exp", value)
    found = value.derivative("A")
    assert max(len(term.boxes) for term in all_terms(found)) <= MOST_BOXES + 1


def test_shallow_functions_stay_in_one_product():
    value = tn.parse("exp(exp(exp(v[i])))")
    assert str(value.derivative("v")) == (
        "r1 := v[i]; r2 := exp(r1[i]); exp(exp(r2[i2]))*exp(r2[i3])*exp(r1[i4])*eye[i5,i1]"
        "*delta[i4,i5,i6]*delta[i3,i6,i7]*delta[i2,i7,i] -> i,i1"
    )


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("A[i,j]", "B", "no tensor is called 'B'; there are: A"),
        ("pinv(A)[i,j]", "A", "pinv"),
        ("onehot(1)[i]*A[i]", "onehot(1)", "entries of its own"),
        ("step(A[i])", "A", "the derivative of step"),
    ],
)
def test_what_has_no_derivative_is_refused(text, name, message):
    with pytest.raises(NotationError, match=message):
        tn.parse(text).derivative(name)


def test_a_constant_has_the_derivative_zero():
    found = tn.parse("A[i,j]*conj(B)[j,k]").derivative("B")
    assert [leg.name for leg in found.legs] == ["i", "k", "j", "k1"]
    a, b = np.ones((2, 3)), np.ones((3, 4))
    assert not found.terms
    assert found.evaluate(sizes=_sizes(found, (2, 4, 3, 4))).shape == (2, 4, 3, 4)
    assert a.shape[1] == b.shape[0]


def _sizes(value, shape):
    return {leg.space.name: size for leg, size in zip(value.legs, shape, strict=True)}
