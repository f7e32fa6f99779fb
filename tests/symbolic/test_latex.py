"""LaTeX of values: what it says by a reader of its own, and that it is well formed."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from strategies import SIZES, arrays_for, dense, diagrams, equations, size_of, values

import tnalgebra as tn
from tnalgebra.core import build
from tnalgebra.symbolic.latex_names import name_latex

GROUP = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"


@pytest.mark.parametrize(
    ("text", "where", "latex"),
    [
        ("A[i,j]*B[j,k]", "", r"\sum_{j} A_{i j} B_{j k}"),
        ("A[j,i] -> i,j", "", r"\left[A_{j i}\right]_{i j}"),
        ("conj(A)[j,i]*inv(B)[j,k]", "", r"\sum_{j} \overline{A}_{j i} B^{-1}_{j k}"),
        ("pinv(A)[j,i]*conj(pinv(B'))[j,k]", "", r"\sum_{j} A^{+}_{j i} \overline{{B'}^{+}}_{j k}"),
        ("conj(inv(B'))[j,k]", "", r"\overline{{B'}^{-1}}_{j k}"),
        ("A[i,j]*B[i,j]*v[j] -> i", "", r"\sum_{j} A_{i j} B_{i j} v_{j}"),
        ("v[i]*delta[i,j,k]", "", r"v_{j} \delta_{j k}"),
        ("ones[i]*c[]", "", r"c \mathbf{1}_{i}"),
        ("onehot(3)[alpha]", "", r"(e_{3})_{\alpha}"),
        ("causal[q,k]*S[q,k] -> q,k", "", r"\mathbf{1}[k \le q] S_{q k}"),
        ("x[pos,e]*W_Q[e,h1]", "", r"\sum_{e} x_{\mathrm{pos}, e} (W_{Q})_{e h_{1}}"),
        ("2*beta*A[i,j] - dim(i)*B[i,j]", "", r"2 \beta A_{i j} - d_{i} B_{i j}"),
        ("dim(i)*d[i,j]", "", r"\dim(i) d_{i j}"),
        ("dim(i)*A[i,j]", "i: n", r"n A_{i j}"),
        ("A[i,j]/sqrt(dim(j))", "j = 4", r"\frac{1}{2} A_{i j}"),
        ("(1 + alpha)*A[i,j]", "", r"\left(\alpha + 1\right) A_{i j}"),
        ("eye[i,j]*eye[j,i]*v[k]", "", r"d_{i} v_{k}"),
        ("-A[i,i]", "", r"- \sum_{i} A_{i i}"),
        ("(A[i,j] - B[i,j])*v[j]", "", r"\sum_{j} \left(A_{i j} - B_{i j}\right) v_{j}"),
        ("softmax(S[q,k], k)*V[k,d]", "",
         r"\sum_{k} \operatorname{softmax}_{k}\!\left(S_{q k}\right) V_{k d}"),
        ("exp(A[i,j])", "", r"\exp\!\left(A_{i j}\right)"),
        ("softmax(S[q,k], k)[a,a] -> a", "",
         r"\left.\operatorname{softmax}_{q_{1}}\!\left(S_{q q_{1}}\right)\right"
         r"|_{q = a, q_{1} = a}"),
        ("causal_softmax(S[q,k], q, k)", "",
         r"\operatorname{causal\_softmax}_{q, k}\!\left(S_{q k}\right)"),
        ("r := x[q,d] + a[q,d]; r[q,d]*W[d,e] + r[q,e]", "",
         r"\sum_{d} (r_{1})_{q d} W_{d e} + (r_{1})_{q e} "
         r"\quad \text{where } (r_{1})_{q d} = x_{q d} + a_{q d}"),
        ("A[i,j] == conj(A)[j,i]", "", r"A_{i j} = \overline{A}_{j i}"),
        ("group(v[i]*w[j], ij=(i, j))", "",
         r"\sum_{i, j} v_{i} w_{j} \mathbf{1}[\mathrm{ij} = (i, j)]"),
        ("3/4", "", r"\frac{3}{4}"),
        ("I*A[i,j]", "", r"\mathrm{i} A_{i j}"),
        ("exp(2*I*pi/3)*v[i]/I", "", r"- \mathrm{i} e^{\frac{2 \mathrm{i} \pi}{3}} v_{i}"),
    ],
)  # fmt: skip
def test_texts(text, where, latex):
    value = tn.parse(text, where)
    assert value.latex() == latex
    assert value._repr_latex_() == f"$\\displaystyle {value.latex()}$"


@pytest.mark.parametrize(
    ("text", "where", "latex"),
    [
        ("A.T", "", r"\left[A_{i j}\right]_{j i}"),
        ("A.T[i,j]", "", r"\left[A_{j i}\right]_{i j}"),
        ("A.H", "", r"\left[\overline{A}_{i j}\right]_{j i}"),
        ("A[i,j] -> j,i", "", r"\left[A_{i j}\right]_{j i}"),
        ("(A @ B).T", "", r"\left[\sum_{j} A_{i j} B_{j k}\right]_{k i}"),
        ("2*A[i,j] + B[j,i] -> j,i", "", r"\left[2 A_{i j} + B_{j i}\right]_{j i}"),
        ("exp(A[i,j]) -> j,i", "", r"\left[\exp\!\left(A_{i j}\right)\right]_{j i}"),
        ("sqrt((A[i,j] -> j,i))", "", r"\left[\sqrt{A_{i j}}\right]_{j i}"),
        ("softmax(S[q,k], k) -> k,q", "",
         r"\left[\operatorname{softmax}_{k}\!\left(S_{q k}\right)\right]_{k q}"),
        ("S[seq,k] -> k,seq", "",
         r"\left[S_{\mathrm{seq}, k}\right]_{k, \mathrm{seq}}"),
        ("causal[q,k] -> k,q", "", r"\left[\mathbf{1}[k \le q]\right]_{k q}"),
        ("v[j]*ones[i] -> i,j", "", r"\left[v_{j} \mathbf{1}_{i}\right]_{i j}"),
        ("r := A[i,j] + B[i,j]; r[i,k]*r[k,j] -> j,i", "",
         r"\left[\sum_{i_{1}} (r_{1})_{i i_{1}} (r_{1})_{i_{1} j}\right]_{j i} "
         r"\quad \text{where } (r_{1})_{i i_{1}} = A_{i i_{1}} + B_{i i_{1}}"),
    ],
)  # fmt: skip
def test_an_order_of_axes_that_the_indices_do_not_show_is_written(text, where, latex):
    assert tn.parse(text, where).latex() == latex


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("A", "A: tensor(i, j)"),
        ("A.T @ B.T", ""),
        ("A[j,i]*x[i]", ""),
        ("B[j,k]*A[i,j]", ""),
        ("A[j,i] + B[i,j]", ""),
        ("inv(A)", ""),
        ("inv(A @ B)", ""),
        ("pinv(A + B)[j,i]", "A, B: tensor(i, j)"),
        ("softmax(S[q,k], k)[a,a] -> a", ""),
        ("A[i,j] == B[j,i]", ""),
        ("A.T == B.T", "B: tensor(i, j)"),
    ],
)
def test_an_order_of_axes_that_the_indices_show_is_not_written_again(text, where):
    latex = tn.parse(text, where).latex()
    assert "[" not in latex
    assert well_formed(latex)


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("A", "A"),
        ("alpha", r"\alpha"),
        ("Gamma", r"\Gamma"),
        ("Alpha", r"\mathrm{A}"),
        ("ψ", r"\psi"),
        ("Σ", r"\Sigma"),
        ("A'", "A'"),
        ("x12'", "x_{12}'"),
        ("W_Q", "W_{Q}"),
        ("W_Q_1", "W_{Q, 1}"),
        ("W_out2", r"W_{\mathrm{out}_{2}}"),
        ("what", r"\mathrm{what}"),
        ("é", r"\text{é}"),
    ],
)
def test_names(name, latex):
    assert name_latex(name) == latex


def well_formed(latex: str) -> bool:
    """Balanced braces and brackets, and no second subscript or superscript on one base."""
    depth = 0
    for token in re.findall(r"\\.|[{}]", latex):
        depth += {"{": 1, "}": -1}.get(token, 0)
        if depth < 0:
            return False
    pairs = len(re.findall(r"\\left[(.|[]", latex)) == len(re.findall(r"\\right[).|\]]", latex))
    twice = re.search(rf"_(?:{GROUP})'*_|\^(?:{GROUP})\^|'\^", latex)
    return depth == 0 and pairs and twice is None and "\n" not in latex


@given(values(most_nodes=3))
def test_values_are_well_formed(value):
    assert well_formed(value.latex())


@given(equations())
def test_equations_are_well_formed(equation):
    assert well_formed(equation.latex())
    assert " = " in equation.latex()


FACTOR = re.compile(
    rf"\\mathbf\{{1\}}\[(?P<key>.*?) \\le (?P<query>.*?)\]"
    rf"|(?P<head>\\mathbf\{{1\}}|\\delta|\(e_{GROUP}\)|\\overline{GROUP}|[A-Zvwc](?:\^\{{-1\}})?)"
    rf"(?:_(?P<row>{GROUP}))?"
)


def read_back(latex: str, value: tn.Diagram, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """The array that the LaTeX of a plain diagram without loops says, read factor by factor."""
    legs = [name_latex(leg.name) for leg in value.legs]
    whole = re.fullmatch(rf"\\left\[(.*)\\right\]_({GROUP})", latex)
    if whole:
        latex = whole[1]
        assert re.split(",? ", whole[2][1:-1]) == legs
    summed = re.match(r"\\sum_\{((?:[^{}]|\{[^{}]*\})*)\} ", latex)
    names = summed[1].split(", ") if summed else []
    sizes = {name_latex(leg.name): size_of(leg.space) for leg in value.legs}
    wires = {name: k for k, name in enumerate(dict.fromkeys([*sizes, *names]))}
    found: list[tuple[str, np.ndarray | None, list[str]]] = []
    for factor in FACTOR.finditer(latex[summed.end() if summed else 0 :]):
        if factor["key"]:
            found.append(("causal", None, [factor["query"], factor["key"]]))
            continue
        row = re.split(",? ", factor["row"][1:-1]) if factor["row"] else []
        conjugate = re.fullmatch(r"\\overline\{(.*)\}", factor["head"])
        name = conjugate[1] if conjugate else factor["head"]
        array = arrays.get(name.removesuffix("^{-1}"))
        if array is not None:
            array = np.linalg.inv(array) if name.endswith("^{-1}") else array
            array = array.conj() if conjugate else array
            for index, size in zip(row, array.shape, strict=True):
                assert sizes.setdefault(index, size) == size
        found.append((name, array, row))
    seen = [one for one in dict.fromkeys(one for *_, row in found for one in row) if one in legs]
    assert (seen == legs) == (whole is None)
    operands: list[object] = [np.array(1.0), []]
    for name, array, row in found:
        shape = [sizes[index] for index in row]
        if name == "\\mathbf{1}":
            array = np.ones(shape)
        elif name == "\\delta":
            array = np.zeros(shape)
            array[(np.arange(shape[0]),) * len(row)] = 1
        elif name == "causal":
            array = np.tri(*shape)
        elif name.startswith("(e_"):
            array = np.eye(shape[0])[int(name[4:-2])]
        operands += [array, [wires[index] for index in row]]
    return np.einsum(*operands, [wires[name_latex(leg.name)] for leg in value.legs])


@given(diagrams(plain=True))
def test_plain_diagrams_say_what_they_are(value):
    form = value.spider
    told = set(form.free)
    for label, row in zip(form.labels, form.ports, strict=True):
        told |= set() if label.is_builtin else set(row)
    if form.loops or told != set(range(len(form.spaces))):
        return  # nothing in the text tells the size of such an index
    arrays = arrays_for(value, np.random.default_rng(5))
    assert np.allclose(read_back(value.latex(), value, arrays), dense(value, arrays, SIZES))


def test_depth_and_sharing_cost_no_recursion_and_no_repetition():
    value = tn.parse("A[i,j]")
    for _ in range(3000):
        value = build.bubble("tanh", value)
    assert value.latex().count("tanh") == 3000
    value = tn.parse("A[i,j]")
    for _ in range(40):
        value = build.shared(value)
        value = (value @ value)["i", "j"]
    assert len(value.latex()) < 5000
    assert well_formed(value.latex())


@pytest.mark.parametrize(
    ("factor", "count", "summed"),
    [
        ("A[i{k},i{next}]", 20000, 19999),
        ("v[i{k}]*v[i{k}]", 20000, 20000),
        ("exp(A[i{k},i{next}])", 5000, 4999),
    ],
)
def test_long_products(factor, count, summed):
    value = tn.parse("*".join(factor.format(k=k, next=k + 1) for k in range(count)))
    indices = re.match(r"\\sum_\{(.*?)\} ", value.latex())[1].split(", ")
    assert len(indices) == len(set(indices)) == summed


def test_two_boxes_may_use_one_name_inside_but_none_that_is_used_around_them():
    value = tn.parse("exp(A[i,a]*B[a,j])*exp(A[j,b]*B[b,k])*v[k]")
    around, first, second = re.findall(r"\\sum_\{(.*?)\}", value.latex())
    assert first == second
    assert first not in around.split(", ")
