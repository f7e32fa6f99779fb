"""Different spellings of one value, and the errors that bad text gets."""

from __future__ import annotations

import pytest

import tnalgebra as tn
from tnalgebra.errors import DeclarationError, NotationError, SpaceError

EQUIVALENT = [
    (["(A @ B)[i,k]", "A[i,j]*B[j,k]"], ""),
    (["(A @ B @ C)[i,l]", "A[i,j]*B[j,k]*C[k,l]", "((A @ B) @ C)[i,l]"], ""),
    (["tr(A)", "A[i,i]", "A[i,j]*delta[i,j]", "A[i,j]*eye[j,i]"], ""),
    (["A.T[i,j]", "A[j,i] -> i, j"], ""),
    (["A.H[i,j]", "conj(A)[j,i] -> i, j", "conj(A.T)[i,j]", "conj(A).T[i,j]"], ""),
    (["diag(v)[i,j]", "delta[i,j,k]*v[k]", "v[k]*delta[k,i,j] -> i, j"], ""),
    (["ones[i]", "delta[i]"], ""),
    (["eye[i,j]", "delta[i,j]", "eye[j,i] -> i, j"], ""),
    (["A[0,j]", "onehot(0)[i]*A[i,j]", "A[i,j]*onehot(0)[i]"], ""),
    (["2*A[i,j]/3", "2/3*A[i,j]", "A[i,j]*2/3", "(2*A[i,j])/3", "A[i,j]/1.5"], ""),
    (["A[i,j] - B[i,j]", "-B[i,j] + A[i,j] -> i, j", "A[i,j] + -1*B[i,j]"], ""),
    (["sum(A[i,j], j)", "A[i,j]*ones[j]", "A[i,j] -> i"], ""),
    (["A[i,j]*v[j] + w[i]", "(A @ v)[i] + w[i]"], "v: tensor(j)"),
    (["inv(A)[i,j]", "inv(A.T)[j,i] -> i, j", "inv(A).T.T[i,j]"], ""),
    (["exp(A[i,j])*exp(A[i,j]) -> i, j", "exp(A[x,y])[i,j]*exp(A)[i,j] -> i,j"], "A: tensor(i, j)"),
    (["A[i,j]*v[j]", " A [ i , j ]\n* v[ j ] "], ""),
    (["sqrt(2)*I*A[i,j]", "A[i,j]*I*2**(1/2)"], ""),
]


@pytest.mark.parametrize(("texts", "where"), EQUIVALENT)
def test_equivalent_texts(texts, where):
    first, *others = [tn.parse(text, where=where) for text in texts]
    for other in others:
        assert other == first


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("tr(A @ B.T)", "tr(A @ B)"),
        ("A.H[i,j]", "A.T[i,j]"),
        ("diag(v)[i,j]", "v[i]*ones[j]"),
        ("sum(A[i,j], j)", "sum(A[i,j], i)"),
        ("A[i,j]*B[i,j] -> i", "A[i,j]*B[k,j]*ones[k] -> i"),
        ("-A[i,j]", "A[i,j]"),
    ],
)
def test_different_texts(first, second):
    assert tn.parse(first) != tn.parse(second)


def test_summing_an_index_that_stays_elsewhere():
    kept = tn.parse("A[i,b]*v[b]*B[b,j] -> i,j")
    assert kept == tn.parse("A[i,b1]*v[b2]*B[b3,j]*delta[b1,b2,b3]")
    assert [leg.name for leg in kept.legs] == ["i", "j"]
    assert tn.parse("A[i,b]*v[b]*B[b,j] -> b").legs[0].name == "b"


def test_spaces_by_inference():
    value = tn.parse("U[i,j]*v[j]", where="U: unitary(i, j); i: seq = 5")
    assert {space.name for space in value.spaces} == {"seq"}
    tip, base = tn.parse("V[x,y]", where="V: isometry(m -> a)").spaces
    assert (tip.name, base.name) == ("m", "a")
    assert tn.parse("delta[i]*delta[i]", where="i: n") == tn.parse("n", where="i: n")


ERRORS = [
    ("softmaxx(A[i,j])", "", NotationError, (0, 8), "unknown function 'softmaxx'"),
    ("A[i,i]*v[i]", "", NotationError, (9, 10), "'i' occurs 3 times"),
    ("A[i,j", "", NotationError, (1, 2), "'[' is never closed"),
    ("(A[i,j]", "", NotationError, (0, 1), "'(' is never closed"),
    ("exp(A[i,j]", "", NotationError, (3, 4), "'(' is never closed"),
    ("A[i,j)", "", NotationError, (5, 6), "expected ']'"),
    ("(A[i,j]]", "", NotationError, (7, 8), "expected ')'"),
    ("A[i,j])", "", NotationError, (6, 7), "')' closes nothing"),
    ("A[i,j]]", "", NotationError, (6, 7), "']' closes nothing"),
    ("A[i,,j]", "", NotationError, (4, 5), "expected an index"),
    ("A[i j]", "", NotationError, (4, 5), "expected ']'"),
    ("", "", NotationError, (0, 0), "the text is empty"),
    ("A[i,j] *", "", NotationError, (8, 8), "found the end"),
    ("A[i,j] B[j,k]", "", NotationError, (7, 8), "expected an operator"),
    ("A[i,j] = B[i,j]", "", NotationError, (7, 8), "write =="),
    ("A[i] == B[i] == C[i]", "", NotationError, (13, 15), "two sides"),
    ("A[i] $ B[i]", "", NotationError, (5, 6), "cannot read '$'"),
    ("(" * 101 + "A" + ")" * 101, "", NotationError, (100, 101), "limited to 100"),
    ("exp(" * 101 + "A[i,j]" + ")" * 101, "", NotationError, (403, 404), "limited to 100"),
    ("A[i,j] -> k", "", NotationError, (10, 11), "'k' is no index here"),
    ("A[i,j] -> i, i", "", NotationError, (13, 14), "kept twice"),
    ("A[i]*A[i,j]", "", NotationError, (5, 11), "A has 2 legs here and 1 elsewhere"),
    ("A[i,j,k]", "A: symmetric(i, j)", NotationError, (0, 8), "3 elsewhere"),
    ("A[i] + B[j]", "", NotationError, (7, 11), "different free legs: [i] and [j]"),
    ("A[i,j] == v[i]", "", NotationError, (10, 14), "the free legs differ"),
    ("A @ B == C", "", NotationError, (9, 10), "a bare name is a number"),
    ("f(B -> i, k)", "", NotationError, (4, 6), "ambiguous"),
    ("A.X", "", NotationError, (2, 3), "stands T or H"),
    ("inv(A[i,j]*B[j,k]*C[k,l,m])", "", NotationError, (0, 27), "has 3 legs"),
    ("v[ij]", "ij: n*m", DeclarationError, (0, 7), "cannot read this declaration"),
    ("A[i,j]/B.T", "", NotationError, (7, 10), "legs without names"),
    ("A[i,j]/0", "", NotationError, (7, 8), "division by zero"),
    ("A[i,j]*A", "", NotationError, (0, 8), "use @ for matrices"),
    ("delta[]", "", NotationError, (0, 7), "at least one index"),
    ("dim(z)", "", NotationError, (4, 5), "no index is called 'z'"),
    ("softmax(A[i,j], k)", "", NotationError, (16, 17), "[i, j]"),
    ("sum(A[i,j], k)", "", NotationError, (12, 13), "free leg of its argument"),
    ("A[i,j]*exp(B[j,k]*C[k,m])*D[k,l]", "", NotationError, (0, 32), "already summed"),
    ("r := A[i,j]; r := B[i,j]; r[i,j]", "", NotationError, (13, 14), "named twice"),
    ("r := r[i,j]*v[j]; r[i]", "", NotationError, (5, 6), "'r' is used in its own definition"),
    ("r := 2*r; r", "", NotationError, (7, 8), "'r' is used in its own definition"),
    ("r := s[i]; s := x[i]; r[i]", "", NotationError, (5, 6), "'s' is used before it is named"),
    ("r := A[i,j]", "", NotationError, (11, 11), "expected ';'"),
    ("A[*x]", "", NotationError, (3, 4), "only rules have"),
    ("A[x]*B[x]", "x = 1; A: tensor(a); a = 4", SpaceError, (2, 3), "never broadcast"),
    ("A[x]*B[x]", "A: tensor(a); a = 4; B: tensor(b); b = 1", SpaceError, (7, 8), "not even 1"),
    ("A[x]*B[x]", "A: tensor(a); a: s; B: tensor(b); b: t", SpaceError, (7, 8), "two different"),
    ("V[i,j]", "V: isomtry(i -> j)", DeclarationError, (0, 18), "did you mean 'isometry'"),
    ("V[i,j]", "alpha: real; V: isometry(i, j)", DeclarationError, (13, 30), "has an arrow"),
    ("V[m,a]", "V: isometry(m -> a); m = 2; a = 3", DeclarationError, (0, 19), "size 2 to size 3"),
    ("v[i]", "v: real; V: isometry(m -> a)", DeclarationError, (9, 28), "has 'v' in its place"),
    ("alpha*v[i]", "Alpha: real", DeclarationError, (0, 11), "has 'alpha' in its place"),
    ("A[i,k]", "i = 3; A: symmetric(i, k); k = 4", SpaceError, (7, 25), "cannot join"),
    ("A[i]", "i = 3; i: n = 4", SpaceError, (7, 15), "cannot join"),
    ("A[i]", "i: seq = 0", DeclarationError, (0, 10), "at least 1"),
    ("A[i]", "i: a; i: b", DeclarationError, (6, 10), "in two spaces"),
    ("A[i]", "i = 2; i = 3", DeclarationError, (7, 12), "two sizes"),
    ("A[i,j]", "A: symmetric(i, j", DeclarationError, (0, 17), "never closed"),
    ("A[i,j]", "A symmetric", DeclarationError, (0, 11), "cannot read"),
    ("A[i,j]", "A: tensor(i, i)", DeclarationError, (0, 15), "named twice"),
    ("A[i,j]", "A: tensor(i, j, k)", NotationError, (0, 6), "3 legs by its declaration"),
    ("F", "F[j,k] = 1/n; F: symmetric(j,k); j: n", DeclarationError, (14, 31), "or give sizes"),
    ("softmax(S[q,k], axis=1)", "", NotationError, (21, 22), "softmax(X, k)"),
    ("I @ A", "", NotationError, (0, 1), "the identity is eye"),
    ("tr(A @ B)*I[i,j]", "", NotationError, (10, 11), "no tensor is called so"),
    ("A[i,j]*sum[j]", "", NotationError, (7, 10), "no tensor is called so"),
    ("T[i][j]", "", NotationError, (4, 5), "write T[i,j]"),
    ("A[i,j] B[j,k]", "", NotationError, (7, 8), "a product is written *"),
    ("A[i,j]*B[k,j] -> k i", "", NotationError, (19, 20), "separated by commas"),
    ("A[i j]", "", NotationError, (4, 5), "separated by commas"),
    ("1j*A[i]", "", NotationError, (1, 2), "the imaginary unit is I"),
    ("C[i] := A[i]", "", NotationError, (5, 7), "a shared value is a name alone"),
    ("A^T", "", NotationError, (1, 2), "a transpose A.T"),
    ("A†", "", NotationError, (1, 2), "write A.H"),
    ("reshape(X[i,j], ij=(i,j))", "", NotationError, (0, 7), "unknown function 'reshape'"),
    ("exp(X[i,j], ij=(i,j))", "", NotationError, (12, 14), "exp has no argument ij"),
    ("split(X[ij], ij=(i,3))", "", NotationError, (19, 20), "h = 3"),
    ("softmax(A @ B, k)", "", NotationError, (15, 16), "name the legs"),
    ("sum(A[i,j]*B[j,k], j)", "", NotationError, (19, 20), "summed already"),
    ("1 - A[i]", "", NotationError, (0, 1), "write ones[i]"),
    ("A[i,j]", "A: symmetric(i,j), B: real", DeclarationError, (0, 26), "separated by ;"),
]


@pytest.mark.parametrize(("text", "where", "kind", "span", "fragment"), ERRORS)
def test_bad_text(text, where, kind, span, fragment):
    with pytest.raises(kind) as caught:
        tn.parse(text, where=where)
    error = caught.value
    assert type(error) is kind
    assert error.span == span
    assert fragment in str(error)
    if span is not None:
        assert "^" in str(error)


def test_the_caret_stands_under_the_place():
    with pytest.raises(NotationError) as caught:
        tn.parse("A[i,i]*v[i]")
    assert str(caught.value).splitlines() == [
        "the index 'i' occurs 3 times",
        "  A[i,i]*v[i]",
        "           ^",
        "say which indices stay free: ... -> i (or nothing after ->)",
        "or join them in a copy tensor: delta[i1,i2,i3]",
    ]


@pytest.mark.parametrize("value", [None, 5, ["A[i,j]"]])
def test_only_text_is_parsed(value):
    with pytest.raises(NotationError):
        tn.parse(value)
    with pytest.raises(DeclarationError):
        tn.parse("A[i,j]", where=value)


def test_a_constant_is_no_tensor_beside_one():
    assert tn.parse("diag(pi*v)") == tn.parse("pi*diag(v)")
    assert tn.parse("tr(I*A)") == tn.parse("I*tr(A)")
