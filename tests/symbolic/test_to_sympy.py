"""Values as sympy expressions: their entries are those of the value, and reading gives it back."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy_oracle import evaluated
from strategies import NAMED, SIZES, UNNAMED, arrays_for, dense, values
from sympy_oracle import explicit, indexed

import tnalgebra as tn
from tnalgebra.core import build
from tnalgebra.core.draft import Draft
from tnalgebra.core.facts import Fact
from tnalgebra.core.nesting import all_tensors, contents
from tnalgebra.core.nodes import Box, Delta, Function, Tensor, onehot_tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Diagram, Value, terms_of
from tnalgebra.errors import LimitError, NotationError
from tnalgebra.symbolic.writing import UnsayableError

SYMBOLS = {"alpha": 0.3 + 0.2j, "beta": -0.7}
OUTSIDE = {**SIZES, "dim(p)": SIZES["p"], "dim(q)": SIZES["q"]}
CLOSE = {"rtol": 1e-8, "atol": 1e-8}


def leg_sizes(value: Value) -> dict[str, int]:
    """The size of each free leg."""
    return {leg.name: int(leg.space.size or SIZES[leg.space.name]) for leg in value.legs}


def oracle(value: Value) -> tuple[dict[str, object], np.ndarray]:
    """Numbers for everything in a value, and its array by walking the graph."""
    arrays = arrays_for(value, np.random.default_rng(3))
    return {**arrays, **SYMBOLS}, dense(value, arrays, SIZES, SYMBOLS)


@settings(max_examples=60)
@given(values(most_nodes=3))
def test_the_indexed_form_says_every_value(value):
    given_numbers, wanted = oracle(value)
    expression = value.to_sympy(as_="indexed")
    found = indexed(expression, leg_sizes(value), given_numbers, OUTSIDE)
    assert np.allclose(found, wanted, **CLOSE)


@settings(max_examples=60)
@given(values(most_nodes=3))
def test_the_array_form_says_what_it_can(value):
    given_numbers, wanted = oracle(value)
    try:
        expression = value.to_sympy(as_="array")
    except UnsayableError:
        every = [*contents(value), value]
        assert any(term.spider.groups for one in every for term in terms_of(one))
        return
    found = evaluated(expression, given_numbers, OUTSIDE)
    assert found.shape == wanted.shape
    assert np.allclose(found, wanted, **CLOSE)


@st.composite
def networks(
    draw: st.DrawFn,
    spaces: tuple[Space, Space] | None = None,
    legs: list[Leg] | None = None,
    depth: int = 1,
) -> Diagram:
    """Matrices, vectors and numbers without facts, joined at random, with at most two free legs."""
    hidden = Space("hidden", None, True)
    spaces = draw(st.sampled_from([UNNAMED, (NAMED[0], hidden)])) if spaces is None else spaces
    p, q = spaces
    rows = {"A": (p, q), "B": (q, p), "S": (p, p), "v": (p,), "w": (q,), "c": ()}
    tensors = [Tensor(name, tuple(Leg("i", s) for s in row)) for name, row in rows.items()]
    square = Tensor("X", (Leg("i", p), Leg("j", p)), (Fact("invertible", ((0,), (1,))),))
    tensors += [square.inverse(), onehot_tensor(1, Leg("i", q))]
    if legs is None:
        names = draw(st.sampled_from(["", "i", "ij", "ij"]))
        legs = [Leg(name, draw(st.sampled_from(spaces))) for name in names]
    draft = Draft()
    wires: dict[Space, list[int]] = {space: [] for space in spaces}

    def wire(space: Space) -> int:
        known = wires[space]
        choice = draw(st.integers(0, len(known)))
        if choice == len(known):
            known.append(draft.wire(space))
        return known[choice]

    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["tensor"] * 5 + ["delta"] + ["box"] * (depth > 0)))
        if kind == "tensor":
            tensor = draw(st.sampled_from(tensors))
            tensor = tensor.conj() if draw(st.booleans()) else tensor
            draft.add(tensor, [wire(space) for space in tensor.spaces()])
        elif kind == "delta":
            space = draw(st.sampled_from(spaces))
            draft.add(Delta(space), [wire(space) for _ in range(draw(st.integers(0, 4)))])
        else:
            content: Value = draw(networks(spaces, depth=depth - 1))
            name = "tanh" if content.tensors and draw(st.booleans()) else None
            if name is None:
                other = draw(networks(spaces, list(content.legs), depth - 1))
                content = build.total([*terms_of(content), other], content.legs)
            box = Box(Function(name) if name else None, content.legs, content)
            draft.add(box, [wire(leg.space) for leg in box.legs])
    draft.free = [(leg.name, wire(leg.space)) for leg in legs]
    scales = [sympy.Integer(1), sympy.Symbol("alpha"), p.dimension / 3]
    draft.coefficient = draw(st.sampled_from(scales))
    return Diagram(draft.graph())


@settings(max_examples=150)
@given(networks())
def test_the_matrix_form_has_the_entries_of_the_value(value):
    try:
        expression = value.to_sympy(as_="matrix")
    except UnsayableError:
        return
    given_numbers, wanted = oracle(value)
    found = evaluated(expression, given_numbers, OUTSIDE)
    assert found.size == wanted.size
    assert np.allclose(found.reshape(wanted.shape), wanted, **CLOSE)


@settings(max_examples=150)
@given(networks(), st.sampled_from([None, "matrix", "array", "indexed"]))
def test_reading_what_was_written_gives_the_value_back(value, form):
    try:
        expression = value.to_sympy(as_=form)
    except UnsayableError:
        assert form == "matrix"
        return
    found = tn.from_sympy(expression)
    names = [leg.name for leg in value.legs]
    if form != "indexed":
        found = found[tuple(names)] if names else found
    elif {leg.name for leg in found.legs} == set(names):
        found = found.permute(*names)
    else:
        # a leg along which a formula is constant does not occur in it
        assert {leg.name for leg in found.legs} < set(names)
        return
    units = [tensor for tensor in all_tensors(value) if tensor.is_builtin]
    if all(box.content.legs for box in value.boxes) and (
        form != "indexed" or not (units or value.boxes)
    ):
        assert found == value
        return
    # sympy itself collects numbers and deltas, and a formula shows no diagonal of a function
    arrays = arrays_for(value, np.random.default_rng(3))
    wanted = dense(value, arrays, SIZES, SYMBOLS)
    assert np.allclose(dense(found, arrays, SIZES, SYMBOLS), wanted, **CLOSE)


@pytest.mark.parametrize(
    ("text", "where", "matrix"),
    [
        ("A[i,j]*B[j,k]", "", "A*B"),
        ("A[j,i]*B[j,k]", "", "A.T*B"),
        ("conj(A)[j,i]*B[j,k]", "", "Adjoint(A)*B"),
        ("conj(A)[i,j]*B[j,k]", "", "Adjoint(A.T)*B"),
        ("A[i,j]*B[k,j]", "", "A*B.T"),
        ("tr(A @ B @ A @ B)", "", "Trace(B*A*B*A)"),
        ("v[i]*S[i,j]*w[j]", "", "(v.T*S*w)[0, 0]"),
        ("v[i]*w[i]", "", "(v.T*w)[0, 0]"),
        ("A[i,i]", "", "Trace(A)"),
        ("A[i,i] -> i", "", "DiagonalOf(A)"),
        ("v[i]*delta[i,j,k]", "", "DiagMatrix(v)"),
        ("A[i,j]*v[j]*B[j,k] -> i,k", "", "A*DiagMatrix(v)*B"),
        ("A[i,j]*B[i,j] -> i,j", "", "HadamardProduct(A, B)"),
        ("v[i]*w[i]*u[i] -> i", "", "HadamardProduct(v, w, u)"),
        ("v[i]*w[j]", "", "v*w.T"),
        ("eye[i,j]", "i, j: n", "I"),
        ("inv(A)[i,j]*B[j,k]", "", "A**(-1)*B"),
        ("2*A[i,j] + B[i,j]", "", "2*A + B"),
        ("(A[i,j] + B[i,j])*v[j]", "", "(A + B)*v"),
        ("exp(A[i,j])*v[j]", "", "Lambda(x, exp(x)).(A)*v"),
        ("relu(A[i,j])", "", "Lambda(x, Max(0, x)).(A)"),
        ("c[]*A[i,j]", "", "c[0, 0]*A"),
        ("alpha*delta[i,j]*delta[i,j]*v[k]", "i, j: n", "(alpha*n)*v"),
        ("A[i,a]*B[a,b]*C[a,c]*D[b,c]*E[b,j]*F[c,k]*v[k] -> i,j", "",
         "A*(HadamardProduct(B, C*DiagMatrix(F*v)*D.T))*E"),
    ],
)  # fmt: skip
def test_matrix_forms_read_as_they_are_written_on_paper(text, where, matrix):
    value = tn.parse(text, where)
    expression = value.to_sympy()
    assert str(expression) == matrix or str(expression) == f"({matrix})"
    names = tuple(leg.name for leg in value.legs)
    found = tn.from_sympy(expression)
    assert (found[names] if names else found) == value


@pytest.mark.parametrize(
    ("text", "array"),
    [
        ("T[i,j,k]*v[j]", "ArrayContraction(ArrayTensorProduct(T, v), (1, 3))"),
        ("T[i,j,k] -> k,i", "PermuteDims(ArrayContraction(T, (1,)), (0 1))"),
        ("T[i,j,i] -> j,i", "ArrayDiagonal(T, (0, 2))"),
        ("delta[i,j,k]", "PermuteDims(ArrayDiagonal(ArrayTensorProduct(I, I), (0, 2)), (0 2 1))"),
    ],
)
def test_what_is_no_matrix_is_an_array(text, array):
    value = tn.parse(text)
    expression = value.to_sympy()
    assert str(expression) == array
    assert tn.from_sympy(expression)[tuple(leg.name for leg in value.legs)] == value


def test_softmax_is_said_as_arrays_and_as_indices():
    text = "softmax(S[q,k] + T[q,k], k)*V[k,d]*softmax(v[q], q)"
    value = tn.parse(text, "q: seq = 3; k = 2; d = 4")
    given_numbers, wanted = oracle(value)
    with pytest.raises(NotationError, match="no softmax"):
        value.to_sympy(as_="matrix")
    found = evaluated(value.to_sympy(), given_numbers, {})
    assert np.allclose(found, wanted)
    found = indexed(value.to_sympy(as_="indexed"), {"d": 4}, given_numbers, {})
    assert np.allclose(found, wanted)


@pytest.mark.parametrize("size", [2, 4])
def test_causal_softmax_looks_back_alone(size):
    value = tn.parse("causal_softmax(S[q,k], q, k)", f"q = 3; k = {size}")
    array = np.random.default_rng(1).standard_normal((3, size))
    wanted = value.evaluate(S=array)
    assert np.allclose(evaluated(value.to_sympy(), {"S": array}, {}), wanted)
    legs = {"q": 3, "k": size}
    assert np.allclose(indexed(value.to_sympy(as_="indexed"), legs, {"S": array}, {}), wanted)


@pytest.mark.parametrize("form", ["matrix", "array", "indexed"])
def test_builtin_tensors_are_formulas_and_read_back(form):
    value = tn.parse("causal[q,k]*S[q,k]*onehot(2)[q] -> k", "q, k: n")
    expression = value.to_sympy(as_=form)
    found = tn.from_sympy(expression)
    assert (found[tuple(leg.name for leg in value.legs)] if value.legs else found) == value


def test_named_spaces_keep_their_names_and_others_are_dimensions_of_indices():
    named = tn.parse("A[i,j]*B[j,k]", "i: seq; j: hidden")
    assert [str(size) for size in named.to_sympy().shape] == ["seq", "dim(k)"]
    assert tn.from_sympy(named.to_sympy())["i", "k"] == named
    size = 2 * sympy.Symbol("n", integer=True, positive=True)
    legs = (Leg("i", Space("n", None, True)), Leg("j", Space("wide", size)))
    sized = build.symbol(Tensor("A", legs), ["i", "j"]) * (size + 1)
    assert tn.from_sympy(sized.to_sympy())["i", "j"] == sized


def test_a_size_called_like_an_index_is_told_apart():
    value = tn.parse("A[seq,j]*v[j]*dim(seq)", "seq: seq")
    expression = value.to_sympy(as_="indexed")
    assert {symbol.name for symbol in expression.free_symbols} >= {"seq", "dim(seq)"}


@pytest.mark.parametrize(
    ("text", "matrix"),
    [
        ("kron(A, B)", "KroneckerProduct(A, B)"),
        ("2*kron(A, B.T, conj(C))", "2*(KroneckerProduct(A, B.T, Adjoint(C.T)))"),
        ("kron(A, eye)", "KroneckerProduct(A, I)"),
        ("group(v[i]*w[j], ij=(i, j))", "KroneckerProduct(v, w)"),
        ("group(T[i,j,k], ij=(i, j))", ""),
    ],
)
def test_reshapes_are_kronecker_products_or_formulas(text, matrix):
    value = tn.parse(text, "A: tensor(a, b); B: tensor(e, f); a = 2; b = 3; e = 3; f = 2")
    expression = value.to_sympy()
    if matrix:
        assert str(expression) == matrix
        names = tuple(leg.name for leg in value.legs)
        assert tn.from_sympy(expression)[names] == value
    else:
        with pytest.raises(NotationError, match="reshape"):
            value.to_sympy(as_="array")


def test_a_reshape_has_the_entries_of_its_formula():
    value = tn.parse("group(T[i,j,k]*v[k], ij=(i, j))", "i = 2; j = 3; k = 2")
    rng = np.random.default_rng(2)
    arrays = {"T": rng.standard_normal((2, 3, 2)), "v": rng.standard_normal(2)}
    found = indexed(value.to_sympy(), {"ij": 6}, arrays, {})
    assert np.allclose(found, value.evaluate(**arrays))
    split = tn.parse("split(M[ij,k], ij=(i, j))", "i = 2; j = 3; k = 2")
    array = {"M": rng.standard_normal((6, 2))}
    found = indexed(split.to_sympy(), {"i": 2, "j": 3, "k": 2}, array, {})
    assert np.allclose(found, split.evaluate(**array))


def test_sides_of_size_one_stay_legs_in_arrays():
    value = tn.parse("A[i,j]*B[j,k]", "j = 1; i = 2; k = 3")
    with pytest.raises(NotationError, match="1 long"):
        value.to_sympy(as_="matrix")
    assert tn.from_sympy(value.to_sympy())["i", "k"] == value


def test_equations():
    claim = tn.parse("A[i,j]*B[j,k] == C[i,k] + D[i,k]")
    assert str(claim.to_sympy()) == "Eq(A*B, C + D)"
    assert tn.from_sympy(claim.to_sympy()).lhs == tn.from_sympy(claim.to_sympy().lhs)
    mixed = tn.parse("A[i,j]*v[j] == T[i,j,k]*v[j]*w[k]")
    assert "ArrayContraction" in str(mixed.to_sympy())


def test_shared_contents_stay_shared_in_arrays_and_are_limited_in_indices():
    value = tn.parse("A[i,j]")
    for _ in range(9):
        inner = build.shared(build.bubble("tanh", value))
        value = build.shared((inner @ inner)["i", "j"] + inner["i", "j"])
    assert isinstance(value.to_sympy(), sympy.MatAdd)
    with pytest.raises(LimitError, match="factors"):
        value.to_sympy(as_="indexed")


def test_what_sympy_cannot_follow_is_refused():
    value = tn.parse("A[i,j]")
    for _ in range(60):
        value = build.bubble("tanh", value)
    for form in ("matrix", "array", "indexed"):
        with pytest.raises(LimitError, match="deeper"):
            value.to_sympy(as_=form)
    with pytest.raises(NotationError, match="no word for the mark"):
        tn.parse("pinv(Y)[i,j]", "Y: isometry(m -> a)").to_sympy()
    with pytest.raises(NotationError, match="no form is called"):
        tn.parse("A[i,j]").to_sympy(as_="tensor")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        # sympy 1.14: ArraySymbol("c", ()).as_explicit() fails, so a number is an entry of 1 by 1
        ("c[]*T[i,j,k]", "array"),
        # ArrayAdd of a number, which has no shape, fails
        ("v[i]*v[i] + c[] + 2", "array"),
        # a function of an array without axes fails, and so does Mul or Add with one
        ("exp(v[a]*v[a])*T[i,j,k]*v[i]", "array"),
        ("(v[i]*v[i] + T[i,j,i]*u[j])*v[k]*T[k,l,m]", "array"),
        ("softmax(v[i], i)", "array"),
        ("(v[a]*S[a,b]*v[b] + c[])*tanh(S[i,k])", "matrix"),
        ("tr(S @ S)*conj(S)[i,a]*v[a]*S[i,k] -> i,k", "matrix"),
        ("softmax(S[i,k], k)", "array"),
        ("delta[i,k,m]*v[i]", "array"),
        ("conj(T)[i,j,k] -> k,i", "array"),
    ],
)
def test_sympy_itself_can_make_explicit_what_is_written(text, form):
    where = "v: tensor(i); S: tensor(i, k); T: tensor(i, j, m); u: tensor(j); i, k, m = 2; j = 3"
    value = tn.parse(text, where)
    given_numbers, wanted = oracle(value)
    found = explicit(value.to_sympy(as_=form), given_numbers)
    assert np.allclose(found, wanted)
