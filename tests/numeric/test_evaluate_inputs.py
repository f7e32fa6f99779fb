"""What evaluate() takes for an array or a number, and what it refuses by name."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
import torch

import tnalgebra as tn
from tnalgebra.errors import ArrayError, LimitError

A = np.array([[2.0, 1.0], [1.0, 3.0]])
PRODUCT = tn.parse("A @ B")
INVERSE = tn.parse("inv(A)", "A: invertible(i, j)")


@pytest.mark.parametrize(
    ("wrong", "way_out"),
    [
        (A.view(np.matrix), "numpy.asarray"),
        (np.ma.masked_array(A, mask=A > 2), "filled"),
        (torch.from_numpy(A).to_sparse(), "to_dense"),
    ],
)
def test_arrays_that_mean_something_else_are_refused_by_name(wrong, way_out):
    other = torch.from_numpy(A) if isinstance(wrong, torch.Tensor) else A
    with pytest.raises(ArrayError, match="'A'") as refused:
        PRODUCT.evaluate(A=wrong, B=other)
    assert refused.value.about == "A"
    assert way_out in refused.value.hint


def test_harmless_subclasses_become_plain_arrays(tmp_path):
    mapped = np.memmap(tmp_path / "A.bin", dtype=float, mode="w+", shape=A.shape)
    mapped[:] = A
    found = PRODUCT.evaluate(A=mapped, B=A.view(np.recarray))
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, A @ A)
    alone = tn.parse("A[i,j]").evaluate(A=mapped)
    assert type(alone) is np.ndarray
    assert not np.shares_memory(alone, mapped)


@pytest.mark.parametrize(
    "wrong", [A.astype(np.float16), A.astype(np.longdouble), torch.from_numpy(A).bfloat16()]
)
def test_no_inverse_in_a_precision_that_has_none(wrong):
    with pytest.raises(ArrayError, match=r"inv\(A\) needs entries of single or double"):
        INVERSE.evaluate(A=wrong)


@pytest.mark.parametrize("array", [A, A.astype(np.float32), A.astype(complex)])
def test_inverses_in_single_and_double_precision(array):
    np.testing.assert_allclose(INVERSE.evaluate(A=array), np.linalg.inv(array))
    found = INVERSE.evaluate(A=torch.from_numpy(array))
    np.testing.assert_allclose(found.numpy(), np.linalg.inv(array), rtol=1e-6)
    with pytest.raises(ArrayError, match="singular"):
        INVERSE.evaluate(A=torch.zeros(2, 2))


def test_more_axes_than_an_array_has_are_refused():
    def outer(count):
        names = [f"i{place}" for place in range(count)]
        text = " * ".join(f"v[{name}]" for name in names)
        return tn.parse(f"{text} -> {', '.join(names)}")

    assert outer(64).evaluate(v=np.ones(1)).ndim == 64
    with pytest.raises(ArrayError, match="at most 64 axes, and this value has 65"):
        outer(65).evaluate(v=np.ones(1))


def test_a_symbol_is_no_number_for_a_symbol():
    with pytest.raises(ArrayError, match="'alpha' needs a plain number, not the expression z"):
        tn.parse("alpha*A[i,j]").evaluate(A=A, alpha=sympy.Symbol("z"))


@pytest.mark.parametrize(
    ("text", "alpha"),
    [
        ("1/alpha*A[i,j]", 0),
        ("alpha*A[i,j]", float("nan")),
        ("alpha*A[i,j]", sympy.oo),
        ("alpha*A[i,j]", 10**400),
        ("alpha**2*A[i,j]", -(10**200)),
    ],
)
def test_coefficients_that_are_not_finite_are_named(text, alpha):
    with pytest.raises(ArrayError, match=r"the coefficient .*alpha.* is not a finite number"):
        tn.parse(text).evaluate(A=A, alpha=alpha)


def test_a_coefficient_must_be_finite_in_the_arrays_own_precision():
    value = tn.parse("alpha*A[i,j]")
    assert np.isfinite(value.evaluate(A=A, alpha=10**100)).all()
    for array in (A.astype(np.float32), torch.from_numpy(A).float()):
        with pytest.raises(ArrayError, match="not a finite number"):
            value.evaluate(A=array, alpha=10**100)


@pytest.mark.parametrize(
    "text", ["A @ A", "A.T", "2*A[i,j] + A[j,i]", "softmax(A[i,j], j) -> i,j", "tr(A)", "inv(A)"]
)
def test_evaluate_inside_of_vmap(text):
    value = tn.parse(text, "A: invertible(i, j)")
    batch = torch.stack([torch.from_numpy(A), torch.from_numpy(A).T * 2])
    found = torch.func.vmap(lambda array: value.evaluate(A=array))(batch)
    wanted = torch.stack([value.evaluate(A=array) for array in batch])
    torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize(
    "formula", ["1/(i + j)", "log(i + j)", "gamma(i + j)", "exp(1000 - i - j)"]
)
@pytest.mark.filterwarnings("error")
def test_entries_must_be_finite(formula):
    """Once they were inf and nan, with a warning of numpy's."""
    value = tn.parse("H[i,j]", where=f"H[i,j] = {formula}; i = 2; j = 3")
    with pytest.raises(ArrayError, match=r"entry \[0, 0\] of H is not a finite number"):
        value.evaluate()
    if "exp" not in formula:  # which is a number, but no float
        with pytest.raises(ArrayError, match=r"entry \[0, 0\] of H is not a finite number"):
            value.evaluate(symbolic=True)


def test_entries_must_be_finite_in_the_arrays_own_precision():
    value = tn.parse("H[i,j]*v[j]", where="H[i,j] = exp(100 + i + j)")
    assert np.isfinite(value.evaluate(v=np.ones(2), sizes={"i": 2})).all()
    with pytest.raises(ArrayError, match="entry"):
        value.evaluate(v=np.ones(2, dtype=np.float32), sizes={"i": 2})


@pytest.mark.parametrize(
    ("text", "where", "shape"),
    [
        ("V.H @ V", "V: isometry(m -> a)", (2, 3)),
        ("conj(U)[i,j,k]*U[i,j,l]", "U: unitary(i, j -> k)", (2, 2, 3)),
        ("Y @ pinv(Y)", "Y: right_invertible(b -> c)", (3, 2)),
    ],
)
def test_shapes_that_a_declared_fact_rules_out(text, where, shape):
    """Once an isometry took an array whose tip was larger than its base."""
    value = tn.parse(text, where)
    name = text[5] if text.startswith("conj") else text[0]
    with pytest.raises(ArrayError, match=f"'{name}' needs .*and the sizes are"):
        value.evaluate(**{name: np.ones(shape)})
    with pytest.raises(ArrayError, match="and the sizes are"):
        value.evaluate(
            symbolic=True,
            **{
                name: sympy.ones(*shape[:2])
                if len(shape) == 2
                else sympy.Array(np.ones(shape, int).tolist())
            },
        )


def test_a_tensor_may_be_called_self():
    np.testing.assert_array_equal(tn.parse("self @ self").evaluate(self=A), A @ A)


@pytest.mark.parametrize(
    ("dtype", "way_out"),
    [(torch.float8_e5m2, "v.double()"), (torch.complex32, "v.to(torch.complex64)")],
)
@pytest.mark.filterwarnings("ignore:ComplexHalf")
def test_types_that_torch_only_stores_are_refused_by_name(dtype, way_out):
    """Once torch's own NotImplementedError came through, or nothing at all."""
    for text in ("v[i]", "v[i]*v[i]"):
        with pytest.raises(ArrayError, match=f"type {dtype}") as refused:
            tn.parse(text).evaluate(v=torch.ones(3).to(dtype))
        assert way_out in refused.value.hint
    for kind in (torch.float16, torch.bfloat16, torch.complex64):
        assert tn.parse("v[i]").evaluate(v=torch.ones(3).to(kind)).dtype == kind


@pytest.mark.parametrize("where", ["R: real", "R: orthogonal(i, j)"])
def test_a_real_tensor_takes_no_array_that_is_not(where):
    """Once conj(R) was R for the simplifier and something else for the array."""
    value = tn.parse("R[i,j]", where)
    unreal = np.array([[1j, 0], [0, 1]])
    for array in (unreal, torch.from_numpy(unreal)):
        with pytest.raises(ArrayError, match="'R' is real, and its array has entries that are not"):
            value.evaluate(R=array)
        found = value.evaluate(R=abs(array) + 0j)
        assert (found == abs(array)).all()
    with pytest.raises(ArrayError, match="'R' is real"):
        value.evaluate(R=sympy.Matrix([[sympy.I, 0], [0, 1]]), symbolic=True)
    open_entry = sympy.Matrix([[sympy.Symbol("z"), 0], [0, 1]])
    assert value.evaluate(R=open_entry, symbolic=True)[0, 0] == sympy.Symbol("z")
    assert tn.parse("R[i,j]").evaluate(R=unreal)[0, 0] == 1j


def test_a_complex_batch_of_a_real_tensor_inside_of_vmap():
    value = tn.parse("R[i]*R[i]", "R: real")
    found = torch.func.vmap(lambda array: value.evaluate(R=array))(torch.ones(2, 3) + 0j)
    assert found.tolist() == [3, 3]


@pytest.mark.parametrize(
    ("text", "where", "given"),
    [
        ("ones[i]*ones[j]", "", {}),
        ("ones[i]*ones[j]*v[k]", "", {"v": np.ones(2)}),
        ("ones[i]*ones[j]*v[k]", "", {"v": torch.ones(2)}),
        ("H[i,j]", "H[i,j] = 1/(i + j + 1)", {}),
        ("0*ones[i]*ones[j]", "", {}),
    ],
)
def test_more_entries_than_any_memory_holds_are_a_limit(text, where, given):
    """Once this was a ValueError of numpy's, or a RuntimeError of torch's."""
    with pytest.raises(LimitError, match="which no memory holds"):
        tn.parse(text, where).evaluate(sizes={"i": 10**12, "j": 10**12}, **given)


def test_a_singular_matrix_in_a_box_is_called_by_what_it_is():
    value = tn.parse("inv(A + B)")
    zero = np.zeros((2, 2))
    for given in ({"A": zero, "B": zero}, {"A": torch.zeros(2, 2), "B": torch.zeros(2, 2)}):
        with pytest.raises(ArrayError, match=r"a matrix inside inv\(\.\.\.\) is singular"):
            value.evaluate(**given)
    with pytest.raises(ArrayError, match=r"a matrix inside inv\(\.\.\.\) is singular"):
        value.evaluate(A=sympy.zeros(2), B=sympy.zeros(2), symbolic=True)
    with pytest.raises(ArrayError, match=r"inv\(\.\.\.\) needs entries of single or double"):
        value.evaluate(A=zero.astype(np.float16), B=zero.astype(np.float16))


@pytest.mark.parametrize("sizes", [[1], 3, "i"])
def test_sizes_are_given_by_name(sizes):
    with pytest.raises(ArrayError, match=r"by name|is called 'sizes'"):
        tn.parse("ones[i]").evaluate(sizes=sizes)
    with pytest.raises(ArrayError, match="by name"):
        tn.parse("ones[i]").cost(sizes)


@pytest.mark.parametrize("text", ["A @ v", "v.H @ A", "2*A @ v"])
def test_a_vector_for_a_bare_name_under_at_is_told_how_to_declare_it(text):
    with pytest.raises(ArrayError, match="needs 2 axes") as refused:
        tn.parse(text).evaluate(A=A, v=np.ones(2))
    assert refused.value.about == "v"
    assert refused.value.hint == (
        "v is a matrix here, as every bare name under @ is; "
        "for a vector declare v: tensor(j), or write A[i,j]*v[j]"
    )
    for way in (tn.parse("A @ v", "v: tensor(j)"), tn.parse("A[i,j]*v[j]")):
        np.testing.assert_array_equal(way.evaluate(A=A, v=np.ones(2)), A @ np.ones(2))


@pytest.mark.parametrize(
    ("text", "where", "shape"),
    [("v", "v: symmetric(i, j)", (2,)), ("v @ v", "", (2, 2, 2)), ("v[i,j,k]", "", (2,))],
)
def test_other_wrong_numbers_of_axes_are_not_taken_for_a_vector(text, where, shape):
    with pytest.raises(ArrayError, match="axes, not the shape") as refused:
        tn.parse(text, where).evaluate(v=np.ones(shape))
    assert refused.value.hint == "axes follow the declared order of the tensor's legs"


@pytest.mark.parametrize("symbolic", [False, True])
def test_what_dropped_out_of_a_value_is_refused_with_what_it_takes(symbolic):
    loss = tn.parse("alpha*exp(W[i,j]*x[j]) + b[i]")
    arrays = {"W": A, "x": np.ones(2), "b": np.ones(2), "alpha": 2}
    if symbolic:
        arrays |= {name: sympy.Array(arrays[name].tolist()) for name in "Wxb"}
    slope = loss.derivative("W")
    with pytest.raises(ArrayError, match=r"called 'b'; this value takes .*, alpha") as refused:
        slope.evaluate(arrays, symbolic=symbolic)
    assert {"W", "x"} <= set(refused.value.message.rpartition(" takes ")[2].split(", "))
    assert "leave it out" in refused.value.hint
    held = {tensor.name for tensor in slope.tensors}
    given = {name: array for name, array in arrays.items() if name in held}
    assert slope.evaluate(given, alpha=2, symbolic=symbolic).shape == (2, 2, 2)


def test_arrays_of_a_value_without_tensors_are_refused_all_at_once():
    value = tn.parse("tr(V.H @ V)", "V: isometry(m -> a); a = 3").simplify()
    with pytest.raises(ArrayError, match="called 'V' or 'W'; this value takes none") as refused:
        value.evaluate(V=np.ones((4, 3)), W=np.ones(1))
    assert "leave them out" in refused.value.hint
    assert value.evaluate() == 3


def test_declared_entries_are_no_array_that_a_value_takes():
    value = tn.parse("X[i,j]*v[j]", "X = [[0, 1], [1, 0]]")
    with pytest.raises(ArrayError, match="this value takes v"):
        value.evaluate(Y=A, v=np.ones(2))
    with pytest.raises(ArrayError, match="'X' has declared entries"):
        value.evaluate(X=A, v=np.ones(2))


def test_a_tensor_of_no_axes_for_a_symbol_is_refused_with_the_way_out():
    x = torch.ones(3, dtype=torch.float64)
    alpha = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    with pytest.raises(ArrayError, match="'alpha' needs a plain number, not Tensor") as refused:
        tn.parse("alpha*x[i]*x[i]").evaluate(x=x, alpha=alpha)
    assert "declare `alpha: tensor()`" in (refused.value.hint or "")
    tn.parse("alpha*x[i]*x[i]", "alpha: tensor()").evaluate(x=x, alpha=alpha).backward()
    assert alpha.grad == 3
    with pytest.raises(ArrayError, match="not Tensor") as refused:
        tn.parse("alpha*x[i]*x[i]").evaluate(x=x, alpha=x)
    assert refused.value.hint is None
