"""True and false equations for the tests of verdicts, and numpy.einsum to decide them."""

from __future__ import annotations

import numpy as np
from strategies import arrays_for, dense

from tnalgebra.core.values import Equation
from tnalgebra.numeric.interpreter import needs

# Section 1 of the post; the text of each entry says which formula.
PROVED = [
    ("F1: a[i]*M[i,j]*b[j] == a @ M @ b", "a: tensor(i); b: tensor(j)"),
    ("F1: a[i]*b[j] == b[j]*a[i] -> i, j", ""),
    ("F1: M[i,j]*N[i,j] == tr(M @ N.T)", ""),
    ("F3: tr(A @ B) == tr(B @ A)", ""),
    ("F3: tr(A @ B @ C) == tr(B @ C @ A)", ""),
    ("F3: tr(A @ B) == tr(B.T @ A.T)", ""),
    ("F3: tr(A @ B @ C @ D) == tr(D @ A @ B @ C)", ""),
    ("F4: A[i,a,b]*v[b]*B[b,a,j] -> i, j == A[i,a,b]*diag(v)[b,c]*B[c,a,j]", ""),
    ("F4: A[i,a,b]*v[b]*B[b,a,j] -> i, j == A[i,a,b]*v[c]*delta[b,c,d]*B[d,a,j]", ""),
    (
        "F5: A[i,j]*V[i,r]*B[j,k,l]*W[r,k,s]*C[l,m,n]*X[s,m,t]*D[n,o,p]*Y[t,o,u]*E[p,q]*Z[u,q]"
        " == ((((A[i,j]*V[i,r])*B[j,k,l]*W[r,k,s])*C[l,m,n]*X[s,m,t])*D[n,o,p]*Y[t,o,u])"
        "*E[p,q]*Z[u,q]",
        "",
    ),
    ("F7: delta[i,a,b]*delta[a,b,j] == eye[i,j]", ""),
    ("F7: delta[i,j,k]*delta[k,l,m] == delta[i,j,l,m]", ""),
    ("F7: delta[i,j,k]*v[k] == diag(v)[i,j]", ""),
    ("F7: delta[i,j,k]*ones[k] == eye[i,j]", ""),
    ("F7: delta[i,i] == dim(i)", "i: n"),
    ("F7: delta[i,i]*A[j,k]*eye[k,l] == dim(i)*A[j,l]", ""),
    ("F8: V.H @ V == eye", "V: isometry(m -> a)"),
    ("F8: tr(V @ V.H) == dim(a)", "V: isometry(m -> a)"),
    ("F8: V @ V.H @ V @ V.H == V @ V.H", "V: isometry(m -> a)"),
    ("F8: conj(W)[m,n,a]*W[m,n,b] == eye[a,b]", "W: isometry(m, n -> a)"),
    ("F8: U @ U.H == eye", "U: unitary(i, j)"),
    ("F8: U.H @ U == eye", "U: unitary(i, j)"),
    ("F8: Q @ Q.T == eye", "Q: orthogonal(i, j)"),
    ("inverse: A @ inv(A) @ B @ inv(B) == eye", ""),
    ("inverse: tr(inv(U) @ U.H.H) == tr(U.H @ U)", "U: unitary(i, j)"),
    ("sums: (A + B) @ C == A @ C + B @ C", ""),
    ("sums: (A + B) @ (A - B) == A @ A - A @ B + B @ A - B @ B", ""),
    ("sums: A[i,j] - A[i,j] == 0", ""),
    ("functions: softmax(S[q,k]*ones[k], q) == softmax(ones[k]*S[q,k], q)", ""),
    ("sums: (A + B) @ C == (B + A) @ C", ""),
    ("sums: (A[]+B[])*(C[]+D[]) == (D[]+C[])*(B[]+A[])", ""),
    ("functions: exp((A+B)[i,j]*v[j])*w[i] == w[k]*exp(v[l]*(B+A)[k,l])", ""),
    ("symmetric: S[i,j]*v[j] == S[j,i]*v[j] -> i", "S: symmetric(i, j)"),
]

REFUTED = [
    ("V @ V.H == eye", "V: isometry(m -> a)"),
    ("tr(A @ B @ C) == tr(A @ C @ B)", ""),
    ("A @ B == B @ A", ""),
    ("A == A.T", "A: tensor(i, j)"),
    ("tr(V @ V.H) == dim(m)", "V: isometry(m -> a)"),
    ("V[m,a]*V[m,b] == eye[a,b]", "V: isometry(m -> a)"),
    ("conj(W)[m,n,a]*W[m,p,b] == eye[n,p]*eye[a,b]", "W: isometry(m, n -> a)"),
    ("delta[i,a,b]*delta[a,b,j] == dim(a)*eye[i,j]", ""),
    ("delta[i,i] == 1", ""),
    ("U @ U.T == eye", "U: unitary(i, j)"),
    ("conj(A) == A", "A: tensor(i, j)"),
    ("A[i,j]*v[j] == 2*A[i,j]*v[j] -> i", ""),
    ("A[i,j]/3 == A[i,j]/2", ""),
    ("alpha*A[i,j] == A[i,j]", ""),
    ("exp(A[i,j]) == A[i,j]", ""),
    ("softmax(S[q,k], k) == softmax(S[q,k], q)", ""),
    ("relu(x[i]) == x[i]", ""),
    ("sqrt((x[i]*x[i] -> i)) == x[i]", ""),
    ("log(exp(x[i]))/y[j] == x[i]*y[j]", ""),
    ("abs(x[i] + y[i]) == abs(x[i]) + abs(y[i])", ""),
    ("x[i]/(y[i] + z[i]) -> i == x[i]/y[i] + x[i]/z[i] -> i", ""),
    ("onehot(1)[i]*A[i,j] == onehot(0)[i]*A[i,j]", ""),
    ("causal[q,k]*v[k] == v[q]", ""),
    ("inv(A) @ B == B @ inv(A)", ""),
    ("S[i,j]*A[j,k] == A[i,j]*S[j,k]", "S: symmetric(i, j)"),
    ("A @ A == 0", ""),
    ("sqrt(alpha**2)*v[i] == alpha*v[i]", ""),
    ("sqrt(alpha*beta)*v[i] == sqrt(alpha)*sqrt(beta)*v[i]", ""),
    ("len[i,j] == tuple[i,j]", ""),
    ("A²[i] == B[i]", ""),
    ("ℌ[i,j] == H[i,j]", ""),
    ("sqrt(2)*c[]*c[]*c[]*c[] + ones[y]*ones[y] == 0", ""),
    ("E*v[i] == exp(1)*v[i]", ""),
    ("delta[k,k]*A[j] == exp(1)*A[j]", "k: E"),
]


def text_of(claim: str) -> str:
    """The equation of a table's entry, without the formula's number."""
    return claim.partition(": ")[2] if claim[0] in "Fisf" and ": " in claim else claim


def differs(equation: Equation, sizes: dict[str, int], seed: int = 0) -> bool:
    """Whether numpy.einsum on random arrays tells the two sides apart."""
    arrays = arrays_for(equation, np.random.default_rng(seed), sizes)
    symbols = {s.name: -0.7 - 0.3j for s in needs(equation.lhs, equation.rhs).symbols}
    lhs, rhs = (dense(side, arrays, sizes, symbols) for side in (equation.lhs, equation.rhs))
    return not np.allclose(lhs, rhs, rtol=1e-8, atol=1e-8)


def small_sizes(equation: Equation) -> dict[str, int]:
    """Sizes that fit the declared facts of the tables: a base m is larger than its tip."""
    spaces = needs(equation.lhs, equation.rhs).spaces
    return {s.name: int(s.size or (4 if s.name.startswith(("m", "p")) else 2)) for s in spaces}
