"""The notation as Python objects, and einsum strings: the same values as text."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from strategies import dense

import tnalgebra as tn
from tnalgebra.core.facts import KINDS
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.errors import DeclarationError, NotationError, SpaceError, TnalgebraError

i, j, k, a, b = tn.legs("i j k a b")
A, B, C = tn.tensor("A", "i j"), tn.tensor("B", "j k"), tn.tensor("C", "k i")
M, N = tn.tensor("M", "i j"), tn.tensor("N", "i j")
v, w = tn.tensor("v", "j"), tn.tensor("w", "i")
H3, u, K3 = tn.tensor("A", "i a b"), tn.tensor("v", "b"), tn.tensor("B", "b a j")
SIZES = {"i": 2, "j": 3, "k": 4, "a": 3, "b": 2, "c": 2, "l": 2, "m": 3}


@pytest.mark.parametrize(
    ("text", "objects", "einsum"),
    [
        ("w[i]*v[j]", w[i] * v[j], tn.einsum("i,j->ij", w, v)),
        ("v[j]*x[j]", v[j] * tn.tensor("x", "j")[j], tn.einsum("j,j", v, tn.tensor("x", "j"))),
        ("M[i,j]*v[j]", M[i, j] * v[j], tn.einsum("row col, col -> row", M, v)["i",]),
        ("w[i]*M[i,j]", w[i] * M[i, j], tn.einsum("i,ij->j", w, M)),
        ("(A @ B)[i,k]", A[i, j] * B[j, k], tn.einsum("ij,jk->ik", A, B)),
        ("M[i,j]*N[i,j]", M[i, j] * N[i, j], tn.einsum("ij,ij->", M, N)),
        ("tr(S)", tn.tensor("S", "i j")[i, i], tn.einsum("ii->", tn.tensor("S", "i j"))),
        ("tr(A @ B @ C)", A[i, j] * B[j, k] * C[k, i], tn.einsum("ij,jk,ki->", A, B, C)),
        ("tr(A @ B @ C)", (B @ C @ A).trace(), tn.einsum("j k, k i, i j ->", B, C, A)),
        (
            "A[i,a,b]*v[b]*B[b,a,j] -> i,j",
            tn.contract(H3[i, a, b], u[b], K3[b, a, j], keep="i j"),
            tn.einsum("i a b, b, b a j -> i j", H3, u, K3),
        ),
        (
            "delta[i,j,b]*v[b]",
            tn.delta(i, j, b) * u[b],
            tn.einsum("b, i j b -> i j", u, tn.delta(i, j, b)),
        ),
        ("eye[i,j]", tn.eye(i, j), tn.delta(i, j)),
    ],
)
def test_three_spellings(text, objects, einsum):
    assert tn.parse(text) == objects
    assert objects == einsum
    assert tn.parse(str(objects), where=objects.where) == objects


def test_the_ladder_in_three_spellings():
    string = "ij,ir,jkl,rks,lmn,smt,nop,tou,pq,uq->"
    rows = string[:-2].split(",")
    names = ["A", "V", "B", "W", "C", "X", "D", "Y", "E", "Z"]
    tensors = [tn.tensor(n, " ".join(row)) for n, row in zip(names, rows, strict=True)]
    text = "*".join(f"{n}[{','.join(row)}]" for n, row in zip(names, rows, strict=True))
    objects = tensors[0]["i", "j"]
    for tensor, row in zip(tensors[1:], rows[1:], strict=True):
        objects = objects * tensor[tuple(row)]
    assert tn.parse(text) == tn.einsum(string, *tensors) == objects
    assert objects.is_closed
    assert len(objects.tensors) == 10


@pytest.mark.parametrize(
    "string",
    [
        "ij,jk->ik",
        "ij,jk->ki",
        "ij,jk",
        "ij,jk->",
        "ij,jk->j",
        "ij,ij->ij",
        "ii->i",
        "ii",
        "iij->j",
        "ijk,ijk,ij->k",
        "i,j,k->kji",
        "i,i,i->i",
        "aab,bc,c->abc",
        "ba",
        "ij->",
        "lmi,i,ijk->jlm",
    ],
)
def test_einsum_is_numpys(string):
    rng = np.random.default_rng(5)
    rows = string.split("->")[0].split(",")
    arrays = [rng.standard_normal([SIZES[x] for x in row]) for row in rows]
    tensors = [
        tn.tensor(f"T{n}", " ".join(f"{x}{m}" for m, x in enumerate(row)))
        for n, row in enumerate(rows)
    ]
    value = tn.einsum(string, *tensors)
    named = {f"T{n}": array for n, array in enumerate(arrays)}
    sizes = {f"{x}{m}": SIZES[x] for row in rows for m, x in enumerate(row)}
    expected = np.einsum(string, *arrays)
    np.testing.assert_allclose(dense(value, named, sizes), expected, atol=1e-12)
    np.testing.assert_allclose(value.evaluate(**named), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("string", "operands", "fragment"),
    [
        ("ij,jk->il", (A, B), "'l' is in no input"),
        ("ij->i->j", (A,), "one '->'"),
        ("ij,jk", (A,), "2 operands, 1 are given"),
        ("ijk", (A,), "has 2 legs"),
        ("i j", (v,), r"has 1 legs, the string gives it 2 \(i j\)\n  i j\Z"),
        ("ij", (v,), "a word alone is read as letters"),
        ("i$->i", (A,), "is no index"),
        ("ij->ii", (A,), "kept twice"),
        ("ij,jk", (A, "B"), "not a diagram"),
    ],
)
def test_bad_einsum(string, operands, fragment):
    with pytest.raises(NotationError, match="(?s).*" + fragment.replace("$", r"\$")):
        tn.einsum(string, *operands)


def test_facts_as_objects_are_facts_as_text():
    pairs = [
        (tn.isometry("V", "m -> a"), "V: isometry(m -> a)", "V[m,a]"),
        (tn.isometry("V", "m n -> a"), "V: isometry(m, n -> a)", "V[m,n,a]"),
        (tn.unitary("U", "i j"), "U: unitary(i, j)", "U[i,j]"),
        (tn.unitary("U", "i j -> k l"), "U: unitary(i, j -> k, l)", "U[i,j,k,l]"),
        (tn.orthogonal("Q", "i j"), "Q: orthogonal(i, j)", "Q[i,j]"),
        (tn.symmetric("S", "i j k"), "S: symmetric(i, j, k)", "S[i,j,k]"),
        (tn.symmetric("T", "(i k) (j l)"), "T: symmetric((i,k), (j,l))", "T[i,k,j,l]"),
        (tn.symmetric("T", "(i,k),(j,l)"), "T: symmetric((i,k), (j,l))", "T[i,k,j,l]"),
        (tn.invertible("X", "i j"), "X: invertible(i, j)", "X[i,j]"),
        (tn.tensor("R", "i j", "real"), "R: real", "R[i,j]"),
        (
            tn.tensor("W", "i j k", "symmetric(i, k)"),
            "W: tensor(i,j,k); W: symmetric(i, k)",
            "W[i,j,k]",
        ),
    ]
    for made, where, text in pairs:
        parsed = tn.parse(text, where=where)
        assert made[tuple(leg.name for leg in parsed.legs)] == parsed, where
    assert tn.tensor("c", "").is_closed


def test_legs_are_strings_or_objects():
    assert A[i, j] == A["i", "j"]
    assert [str(leg) for leg in tn.legs("i, j k")] == ["i", "j", "k"]
    with pytest.raises(NotationError):
        tn.legs("i 2")


def test_an_index_summed_inside_a_value_is_private():
    inner = A[i, j] * B[j, k]
    with pytest.raises(NotationError, match="'j' is already summed"):
        inner * v[j]
    with pytest.raises(NotationError, match="already summed"):
        v[j] * inner
    with pytest.raises(NotationError, match="already summed"):
        tn.exp(inner) * (inner["p", "q"] + inner["p", "q"])["j", "l"]
    assert inner * tn.tensor("x", "k")[k] == tn.parse("A[i,j]*B[j,k]*x[k]")


def test_what_python_refuses():
    with pytest.raises(NotationError, match="3 indices for 2"):
        A[i, j, k]
    with pytest.raises(NotationError, match="at most twice"):
        H3[i, i, i]
    with pytest.raises(NotationError, match="kept twice"):
        tn.contract(A[i, j], keep="i i")
    with pytest.raises(NotationError, match="cannot keep 'z'"):
        tn.contract(A[i, j], keep="z")
    with pytest.raises(NotationError, match="declared in two ways"):
        tn.tensor("A", "i j") * tn.symmetric("A", "i j")
    with pytest.raises(NotationError, match="the free legs differ"):
        A[i, j] + v[j]
    with pytest.raises(NotationError, match="the divisor has 2 legs without names"):
        A[i, j] / A
    with pytest.raises(NotationError, match="divided by 0"):
        A[i, j] / 0
    with pytest.raises(NotationError, match="cannot combine"):
        A[i, j] * "B"
    with pytest.raises(NotationError, match="cannot combine"):
        A[i, j] * float("nan")
    with pytest.raises(DeclarationError, match="unknown fact"):
        tn.tensor("A", "i j", "symetric(i, j)")
    with pytest.raises(NotationError, match="no name of a tensor"):
        tn.tensor("2", "i j")
    with pytest.raises(NotationError, match="has a meaning of its own"):
        tn.tensor("delta", "i j")
    one, four = tn.parse("x[i]", where="i = 1"), tn.parse("y[i]", where="i = 4")
    with pytest.raises(SpaceError, match=r"(?s)size 1 .* size 4"):
        one * four
    seq, hidden = tn.parse("x[i]", where="i: seq"), tn.parse("y[i]", where="i: hidden")
    with pytest.raises(SpaceError, match=r"(?s)seq.*hidden"):
        seq * hidden


def test_onehots_of_two_spaces_may_stand_together():
    first = tn.parse("onehot(0)[i]", where="i: seq")
    second = tn.parse("onehot(0)[j]", where="j: hidden")
    assert {leg.space.name for leg in (first * second).legs} == {"seq", "hidden"}


@pytest.mark.parametrize("wrong", ["i-j", "3", "I", "softmax", ""])
def test_a_leg_is_called_by_a_name(wrong):
    """Once delta("i j k") was a vector whose leg was called so."""
    with pytest.raises(tn.TnalgebraError):
        tn.delta(wrong)
    with pytest.raises(tn.TnalgebraError):
        tn.tensor("A", "i j")[wrong, "k"]
    assert tn.delta("i j k") == tn.delta("i", "j", "k") == tn.parse("delta[i,j,k]")
    assert tn.tensor("A", ("i", "j")) == tn.tensor("A", "i j") == tn.tensor("A", "i, j")
    with pytest.raises(tn.TnalgebraError):
        tn.tensor("A", 3)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("real", "onehot")])
def test_each_fact_has_a_constructor(kind):
    signature = {"arrow": "m -> a"}.get(KINDS[kind].shape, "i j")
    signature = "a -> m" if kind == "right_invertible" else signature
    made = getattr(tn, kind)("T", signature, "real")
    (node,) = made.tensors
    assert {fact.kind for fact in node.facts} == {kind, "real"}
    assert tn.parse(str(made), made.where)[tuple("xy")] == made["x", "y"]
    assert kind in getattr(tn, kind).__doc__


def test_a_leg_brings_its_space():
    rows = [Leg("i", Space("n", 2)), Leg("j", Space("m", 3))]
    sized = tn.tensor("A", rows)
    assert sized == tn.parse("A[i,j]", "i = 2; j = 3")
    assert sized.evaluate(A=np.ones((2, 3))).shape == (2, 3)
    named = tn.tensor("A", [Leg("i", Space("n", 2, True)), "j"], "symmetric(i, j)")
    assert named["i", "j"] == tn.parse("A[i,j]", "A: symmetric(i, j); i, j: n = 2")
    assert tn.delta(Leg("i"), Leg("j", Space("n", 3))) == tn.parse("eye[i,j]", "i = 3")


@pytest.mark.parametrize(
    "make",
    [
        lambda: tn.tensor("A", [Leg("i", Space("n", 2)), Leg("j", Space("n", 3))]),
        lambda: tn.tensor(
            "A", [Leg("i", Space("n", 2)), Leg("j", Space("m", 3))], "symmetric(i,j)"
        ),
        lambda: tn.tensor(
            "V", [Leg("m", Space("m", 2)), Leg("a", Space("a", 3))], "isometry(m -> a)"
        ),
        lambda: (
            tn.isometry("V", "m -> a")
            * tn.eye(Leg("m", Space("m", 2)), "x")
            * tn.eye(Leg("a", Space("a", 3)), "y")
        ),
        lambda: tn.delta(Leg("i", Space("n", 2)), Leg("j", Space("m", 3))),
        lambda: tn.delta("i i"),
        lambda: Space("n", 0),
        lambda: Space("n", -1),
        lambda: Space("n", 2.5),
        lambda: Space("n", True),
        lambda: Space(3),
        lambda: Leg(3),
        lambda: Leg("i", 3),
        lambda: tn.tensor("A", [Leg("i", 3)]),
        lambda: tn.tensor("A", "i", entries=["x"]),
        lambda: tn.tensor("A", "i j", entries=[[1, 2], ["x", 3]]),
        lambda: tn.tensor("A", "i j").rename(i=3),
        lambda: tn.tensor("A", "i j").rename(i="j"),
        lambda: tn.tensor("A", "i j")[None, "j"],
        lambda: tn.tensor("A", "i j")[..., "j"],
        lambda: tn.tensor("A", "i j")[0.5, "j"],
        lambda: tn.tensor("A", "i j")[-1, "j"],
        lambda: tn.tensor("A", "i j").group(p=5),
        lambda: tn.tensor("A", "i j").split(i=5),
        lambda: tn.kron(tn.tensor("A", "i j"), 5),
        lambda: tn.contract(tn.tensor("A", "i j"), 5),
        lambda: tn.contract([tn.tensor("A", "i j")]),
        lambda: tn.contract(tn.tensor("A", "i j"), keep=5),
        lambda: tn.tensor(5, "i"),
        lambda: tn.isometry("V", 5),
        lambda: tn.tensor("A", "i j", "symmetric(i, j); B: real"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_cast(make):
    with pytest.raises(TnalgebraError):
        make()


def test_a_slice_is_any_whole_number():
    a = tn.tensor("A", "i j")
    assert a[np.int64(1), "j"] == a[1, "j"] == a[sympy.Integer(1), "j"]


def test_a_second_leg_is_no_fact():
    """Once tensor("M", "i", "j") was a vector, and the j was forgotten."""
    with pytest.raises(DeclarationError, match="'j' is no fact of M"):
        tn.tensor("M", "i", "j")
    assert tn.tensor("M", "i", "real").where == "M: real"


def test_a_formula_of_the_indices_gives_entries():
    x, y = sympy.symbols("x y")
    found = tn.tensor("H", "i j", entries=sympy.Lambda((x, y), 1 / (x + y + 1)))
    assert found["i", "j"] == tn.parse("H[i,j]", "H[i,j] = 1/(i + j + 1)")
    assert tn.parse(str(found), found.where) == found
    np.testing.assert_allclose(found.evaluate(sizes={"i": 2, "j": 2}), [[1, 1 / 2], [1 / 2, 1 / 3]])
    with pytest.raises(DeclarationError, match="2 legs, its entries 1 axes"):
        tn.tensor("H", "i j", entries=sympy.Lambda(x, x))
    with pytest.raises(NotationError):
        tn.tensor("H", "i", entries=sympy.Lambda(x, sympy.zeta(x)))


def test_an_index_with_a_space_puts_the_leg_in_it():
    """Once A[Leg("i", Space("n", 3)), "j"] lost the size, and took arrays of any."""
    row = Leg("r", Space("n", 3))
    assert A[row, "c"].legs[0].space == Space("n", 3)
    assert A[row, "c"].legs[1].space == A.legs[1].space
    with pytest.raises(SpaceError):
        tn.parse("A[i,j]", "i = 2")[row, "c"]
    assert A[row, Leg("s", Space("n", 3))]["r", "r"].evaluate(A=np.eye(3)) == 3


def test_legs_are_named_one_by_one_or_in_one_text():
    value = tn.parse("T[i,j,k]", "i, j: n")
    assert value.permute("k j i") == value.permute("k", "j", "i") == value.permute(k, j, i)
    assert value.sum("i j") == value.sum("i", "j") == value.sum(i, j)
    assert value.trace("i j") == value.trace("i", "j") == value.trace(i, j)
    with pytest.raises(NotationError, match="joins two legs, not 1"):
        value.trace("i")


def test_entries_given_as_floats_are_those_that_python_writes():
    """Once 1/3 lost its last digit on its way through sympy."""
    third = tn.tensor("X", "i", entries=[1 / 3, 2.0**70])
    assert third.evaluate().tolist() == [1 / 3, 2.0**70]
    assert third.tensors[0].entries[0] == sympy.Rational(repr(1 / 3))


def test_renaming_takes_legs():
    value = tn.parse("A[i,j]")
    assert value.rename(i=tn.Leg("x"), j="y") == tn.parse("A[x,y]")
    sized = value.rename(i=tn.Leg("x", Space("n", 3)))
    assert sized.legs[0].space == Space("n", 3)
    with pytest.raises(NotationError, match="no free leg is called 'k'"):
        value.rename(k=tn.Leg("x"))


def test_a_leg_may_be_called_self():
    """Once Python took it for the diagram itself."""
    value = tn.parse("A[self,j]")
    assert value.rename(self="x") == tn.parse("A[x,j]")
    thick = value.group(self=("self", "j"))
    assert thick.split(self=("a", "b")).expand() == thick.split(self=("a", "b"))
    assert [leg.name for leg in thick.legs] == ["self"]
