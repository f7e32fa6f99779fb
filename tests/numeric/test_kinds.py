"""evaluate() in every precision and on every device; plans shared by relabelled diagrams."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import tnalgebra as tn
from tnalgebra.errors import ArrayError
from tnalgebra.numeric.contraction import plan

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
KINDS = [
    *(torch.float32, torch.float64, torch.complex64, torch.complex128),
    *(torch.bfloat16, torch.float16),
]
VALUE = tn.parse(
    "2*A[i,a,b]*v[b]*B[b,a,j] + softmax(conj(R)[i,j], j)/3 - x[i]*y[j] -> i,j", where="R: real"
)
SHAPES = {"A": (3, 2, 4), "v": (4,), "B": (4, 2, 5), "R": (3, 5), "x": (3,), "y": (5,)}


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_each_precision_on_each_device(kind, device):
    generator = torch.Generator().manual_seed(0)
    exact = {
        name: torch.randn(shape, generator=generator, dtype=torch.float64)
        for name, shape in SHAPES.items()
    }
    given = {name: array.to(device, kind) for name, array in exact.items()}
    found = VALUE.evaluate(**given)
    assert (found.dtype, found.device.type) == (kind, device)
    rounded = {name: array.to("cpu").to(torch.complex128) for name, array in given.items()}
    expected = VALUE.evaluate(**rounded)
    error = (found.cpu().to(torch.complex128) - expected).abs().max() / expected.abs().max()
    assert error < 20 * torch.finfo(kind).eps


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.complex64, np.longdouble])
def test_each_precision_of_numpy(kind):
    rng = np.random.default_rng(0)
    given = {name: rng.standard_normal(shape).astype(kind) for name, shape in SHAPES.items()}
    assert VALUE.evaluate(**given).dtype == kind


@pytest.mark.parametrize("real", [torch.float32, torch.float64])
def test_real_with_complex_of_one_precision(real):
    given = {name: torch.ones(shape, dtype=real) for name, shape in SHAPES.items()}
    given["v"] = given["v"] * 1j
    assert VALUE.evaluate(**given).dtype == real.to_complex()
    other = torch.complex128 if real == torch.float32 else torch.complex64
    given["v"] = given["v"].to(other)
    with pytest.raises(ArrayError, match="differ in precision"):
        VALUE.evaluate(**given)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("I*A[i]", ""),
        ("exp(I*A[i])", ""),
        ("A[i] + I*ones[i]", ""),
        ("B[i]*A[i]", "B = [1, I]"),
        ("B[i]*A[i]", "B[i] = I*i"),
        ("alpha*A[i]", ""),
    ],
)
def test_half_precision_has_no_complex_numbers(text, where):
    """Once 1j*A came back in another precision, or in one that torch hardly computes with."""
    value = tn.parse(text, where)
    symbols = {"alpha": 1j} if "alpha" in text else {}
    space = {}
    exec(value.to_torch(), space)
    for kind in (torch.bfloat16, torch.float16):
        name = str(kind).removeprefix("torch.")
        with pytest.raises(ArrayError, match=f"^{name} has no complex numbers") as refused:
            value.evaluate(A=torch.ones(2, dtype=kind), **symbols)
        assert refused.value.hint == "give arrays of single or double precision"
        with pytest.raises(TypeError, match=f"{name} has no complex numbers"):
            space["diagram"](torch.ones(2, dtype=kind), **symbols)
    with pytest.raises(ArrayError, match="float16 has no complex numbers"):
        value.evaluate(A=np.ones(2, np.float16), **symbols)
    found = space["diagram"](torch.ones(2), **symbols)
    assert found.dtype == value.evaluate(A=torch.ones(2), **symbols).dtype == torch.complex64


def test_half_precision_takes_real_numbers():
    for kind in (torch.bfloat16, torch.float16):
        value = tn.parse("alpha*B[i]*A[i]/3 -> i", "B = [1, -I*I]")
        space = {}
        exec(value.to_torch(), space)
        array = torch.ones(2, dtype=kind)
        assert value.evaluate(A=array, alpha=3).dtype == kind
        assert space["diagram"](array, alpha=3 + 0j).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("A[i,j]*B[j,k]*C[k,l]", "A[x,y]*B[y,z]*C[z,w]"),
        ("A[i,j]*B[j,k]*C[k,l]", "X[i,j]*Y[j,k]*Z[k,l]"),
        ("A[i,a,b]*v[b]*B[b,a,j] -> i,j", "A[b,j,i]*v[i]*B[i,j,a] -> b,a"),
        ("tr(A @ B @ C)", "P[a,c]*Q[c,b]*R[b,a]"),
    ],
)
def test_relabelled_diagrams_share_one_plan(first, second):
    shapes = {"v": (3,), "C": (3, 3), "R": (3, 3)}
    plan.cache_clear()
    for text in (first, second):
        value = tn.parse(text)
        value.evaluate(
            **{t.name: np.ones(shapes.get(t.name, (3,) * t.rank)) for t in value.tensors}
        )
    assert plan.cache_info().misses == 1
    assert plan.cache_info().hits == 1
