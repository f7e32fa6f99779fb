"""What an unnamed space is called is no part of a value, even where sizes are made of its size."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import UNNAMED, values

import tnalgebra as tn
from tnalgebra.core.nesting import all_spaces, contents
from tnalgebra.core.respace import replace_spaces
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import terms_of

EQUAL = [
    ("exp(group(R[a,b], x=(a,b)))", "exp(group(R[c,b], x=(c,b)))"),
    ("r := group(R[a,b], x=(a,b)); r[x]*v[y]", "r := group(R[c,d], x=(c,d)); r[x]*v[y]"),
    ("(group(R[a,b], x=(a,b)) + v[x])*w[x]", "(group(R[c,b], x=(c,b)) + v[x])*w[x]"),
    ("group(R[a,b], x=(a,b)) - v[x]", "group(R[c,d], x=(c,d)) - v[x]"),
    (
        "group(S[a]*split(G[g], g=(d,q)), j=(a,q))",
        "group(S[a]*split(G[g], g=(d,y)), j=(a,y))",
    ),
    ("dim(a)*group(R[a,b], x=(a,b))", "dim(c)*group(R[c,d], x=(c,d))"),
    ("split(exp(G[g]), g=(a,b))*v[a]*w[b]", "split(exp(G[g]), g=(c,d))*v[c]*w[d]"),
    ("split(exp(G[g]), g=(a,b))*ones[a]*w[b]", "split(exp(G[g]), g=(c,d))*ones[c]*w[d]"),
    (
        "split(G[g], g=(a,b))*ones[a]*v[b]*exp(G[h]*w[h])",
        "split(G[g], g=(c,d))*ones[c]*v[d]*exp(G[h]*w[h])",
    ),
    (
        "split(exp(exp(G[g]) + H[g])[g], g=(a,b))*R[a,b]",
        "split(exp(exp(G[g]) + H[g])[g], g=(c,d))*R[c,d]",
    ),
    (
        "split((dim(e)*H[e] - H[e]), e=(a,b))*M[a,b]",
        "split((dim(g)*H[g] - H[g]), g=(c,d))*M[c,d]",
    ),
    (
        "exp(dim(e)**2*H[e])*sin(G[e])*split(G[f], f=(a,b))*M[a,b]*split(H[h], h=(c,d))*M[c,d] ->",
        "exp(dim(i)**2*H[i])*sin(G[i])*split(G[j], j=(k,l))*M[k,l]*split(H[m], m=(n,o))*M[n,o] ->",
    ),
    (
        "A[p,q]*ones[p]*ones[q] + 1 + dim(p)*onehot(0)[p]*ones[p]",
        "s := 1 + dim(r)*onehot(0)[r]*ones[r]; A[r,q]*ones[r]*ones[q] + s[]",
    ),
    ("B[i]*v[i]*dim(i) + A[i]*v[i] - A[i]*v[i]", "B[k]*v[k]*dim(k)"),
    ("exp(dim(k)*H[a])*M[k,n]*N[k]*H[a]", "exp(dim(x)*H[a])*M[x,n]*N[x]*H[a]"),
    ("(dim(k)*H[a] + G[a])*M[k,n]*N[k]", "(dim(x)*H[a] + G[a])*M[x,n]*N[x]"),
    (
        "exp(sin(dim(k)*H[a]))*tr(exp(M[k,n])[k,n]*N[n,i])",
        "exp(sin(dim(x)*H[a]))*tr(exp(M[x,n])[x,n]*N[n,i])",
    ),
    (
        "exp(dim(k)*dim(n)**2*H[a])*A_0[i,k]*split(A[g], g=(m,n))*R[i,k,m,n]",
        "exp(dim(x)*dim(y)**2*H[a])*A_0[i,x]*split(A[g], g=(m,y))*R[i,x,m,y]",
    ),
]
UNEQUAL = [
    ("dim(a)*group(R[a,b], x=(a,b))", "dim(b)*group(R[a,b], x=(a,b))"),
    ("exp(group(R[a,b], x=(a,b)))", "exp(group(R[b,a], x=(a,b)))"),
    ("group(S[a]*split(G[g], g=(d,q)), j=(a,q))", "group(S[a]*split(G[g], g=(q,d)), j=(a,q))"),
    (
        "split(exp(dim(a)*H[e]), e=(a,b))*M[a,b]",
        "split(exp(dim(b)*H[e]), e=(a,b))*M[a,b]",
    ),
    ("split(exp(dim(e)*H[e]), e=(a,b))*M[a,b]", "split(exp(H[e]), e=(a,b))*M[a,b]"),
    ("split(exp(G[g]), g=(a,b))*v[b]", "split(exp(G[g]), g=(a,b))*v[a]"),
    ("dim(d)*split(G[g], g=(d,q))*w[q]", "dim(q)*split(G[g], g=(d,q))*w[q]"),
]


@pytest.mark.parametrize(("first", "second"), EQUAL, ids=[one for one, _ in EQUAL])
def test_other_names_of_inner_indices(first, second):
    one, two = tn.parse(first), tn.parse(second)
    assert one == two
    assert hash(one) == hash(two)
    assert tn.parse(str(one), one.where) == one


SAME_NAMES = [
    ("(dim(k)*H[a] + G[a])*M[k,n]*H[a]*v[k]*w[n]", "(dim(k)*H[a] + G[a])*M[n,k]*H[a]*v[n]*w[k]"),
    (
        "sin(dim(k)*H[a])*M[k,n]*H[a]*ones[k]*ones[n]",
        "sin(dim(k)*H[a])*M[n,k]*H[a]*ones[k]*ones[n]",
    ),
    ("exp(sin(dim(k)*H[a]))*M[k,n]*H[a]*ones[k]", "exp(sin(dim(n)*H[a]))*M[k,n]*H[a]*ones[k]"),
    (
        "split((dim(k)*H[v] + G[v]), v=(k,n))*M[k,n]",
        "split((dim(k)*H[v] + G[v]), v=(n,k))*M[n,k]",
    ),
]


@pytest.mark.parametrize(("first", "second"), SAME_NAMES, ids=[one for one, _ in SAME_NAMES])
def test_a_content_that_counts_another_size(first, second):
    """Once these were equal, as the name of the size in the content was that of another outside."""
    assert tn.parse(first) != tn.parse(second)


@pytest.mark.parametrize(("first", "second"), UNEQUAL, ids=[one for one, _ in UNEQUAL])
def test_other_spaces(first, second):
    assert tn.parse(first) != tn.parse(second)


DECLARED = [
    ("exp(A[i,d]*B[d,j])", "d = n*e", "d = n*f"),
    ("exp(A[i,d]*B[d,j])", "d: hidden = n*e", "d: hidden = n*n"),
    ("exp(A[i,d])*B[d,j]", "d = n*e", "d = 2*n"),
    ("A[d]", "d = n*e", "d = n*f"),
]


@pytest.mark.parametrize(("text", "first", "second"), DECLARED)
def test_declared_formulas_of_sizes_are_part_of_a_value(text, first, second):
    assert tn.parse(text, first) == tn.parse(text, first)
    assert tn.parse(text, first) != tn.parse(text, second)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(values(UNNAMED, depth=2))
def test_other_names_of_all_unnamed_spaces(value):
    # A space that only coefficients speak of, and no tensor or leg, has no name but its own.
    every = [term for one in (*contents(value), value) for term in terms_of(one)]
    counted = {symbol for term in every for symbol in term.scalar.free_symbols}
    counted -= {leg.space.dimension for leg in value.legs}
    tensors = [one for term in every for one in term.tensors if not one.is_builtin]
    counted -= {space.dimension for one in tensors for space in one.spaces()}
    spaces = (space for space in all_spaces(value) if not space.declared)
    wanted = [space for space in spaces if not counted & space.dimension.free_symbols]
    symbols = {
        space.dimension: Space(f"z{k}").dimension
        for k, space in enumerate(reversed(wanted))
        if space.size is None
    }
    names = {space: f"z{k}" for k, space in enumerate(reversed(wanted))}
    changed = {
        space: Space(
            names[space],
            space.size if isinstance(space.size, int | None) else space.size.xreplace(symbols),
        )
        for space in wanted
    }
    (other,) = replace_spaces([value], changed)
    assert other == value
    assert hash(other) == hash(value)


def test_a_diagonal_of_a_function_of_a_reshape_reads_back():
    """Once the printed text of these was another value."""
    matrix = tn.tensor("A", "i j")
    parts = tn.tensor("G", "ij").split(ij=(tn.Leg("d", Space("ds", 2)), "q"))
    for value in (
        tn.diag(tn.exp(matrix.group(i=("j", "i")))),
        tn.kron(tn.symmetric("S", "i j"), parts)["i1", "q"],
    ):
        assert tn.parse(str(value), value.where) == value
