"""Pictures as data: nothing overlaps, every leg is drawn once and meets the outlines it joins."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from itertools import combinations
from math import hypot
from xml.etree import ElementTree

import pytest

import tnalgebra as tn
from tnalgebra.core.build import contract, symbol
from tnalgebra.core.nodes import Box, Delta, Tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Diagram, Equation, Sum, Value
from tnalgebra.draw.picture import scene, to_svg
from tnalgebra.draw.scene import Circle, Drawing, Path, Polygon, Rect, Shape, Text, overlap

TABLE: dict[str, tuple[str, str]] = {
    "matrix": ("A[i,j]", ""),
    "number": ("alpha/2", ""),
    "chain": ("A[i,j]*B[j,k]*C[k,l]", ""),
    "transposed": ("A[i,j]*B[k,j]", ""),
    "trace": ("tr(A @ B @ C)", ""),
    "trace of one": ("tr(A)", ""),
    "ladder": (
        "A[i,j]*V[i,r]*B[j,k,l]*W[r,k,s]*C[l,m,n]*X[s,m,t]*D[n,o,p]*Y[t,o,u]*E[p,q]*Z[u,q]",
        "",
    ),
    "cp": ("lambda_[s]*U[i,s]*V[j,s]*W[k,s] -> i,j,k", ""),
    "tucker": ("C[a,b,c]*U[i,a]*V[j,b]*W[k,c]", ""),
    "svd": ("U[i,a]*D[a]*conj(V)[j,a] -> i,j", "U: isometry(i -> a); V: isometry(j -> a)"),
    "projector": ("V @ V.H", "V: isometry(m -> a)"),
    "isometry": ("conj(V)[m,a]*V[m,b]*A[b,c]", "V: isometry(m -> a)"),
    "grouped isometry": ("V[m,n,a]*conj(V)[m,n,b]", "V: isometry(m, n -> a)"),
    "unitary": ("U[i,j]*conj(U)[k,j]", "U: unitary(i, j)"),
    "inverse": ("A[i,j]*inv(A)[j,k] == eye[i,k]", ""),
    "identity": ("eye[i,j]", ""),
    "identities": ("eye[i,j]*B[k,l]*eye[m,n]", ""),
    "deltas": ("delta[i,j,k]*delta[k,l,m] == delta[i,j,l,m]", ""),
    "two shared legs": ("delta[i,j,k]*delta[k,j,l]", ""),
    "ring and ones": ("delta[i,i]*delta[j]*A[j,k]*x[k]", ""),
    "delta on a matrix": ("delta[i,j,k]*A[i,j]", ""),
    "onehot": ("onehot(3)[i]*W_E[i,d]", ""),
    "train": ("A1[s1,a]*A2[a,s2,b]*A3[b,s3,c]*A4[c,s4]", ""),
    "operator train": ("A1[s1,t1,a]*A2[a,s2,t2,b]*A3[b,s3,t3]", ""),
    "sum": ("2*A[i,j]*B[j,k] - alpha*C[i,k]/2 + sqrt(3)*(x[i]*y[k]) - D[i,k]", ""),
    "sum as a factor": ("(A[i,j] + B[i,k]*C[k,j])*D[j,l]", ""),
    "sum of three legs": ("(A[i,j,k] + B[i,l]*C[l,j,k])*D[j,m]*E[k,n]", ""),
    "nested sums": ("((A[i,j] + B[i,j])*C[j,k] + E[i,k])*D[k,l]", ""),
    "shared": ("r := A[i,j]*B[j,k] + C[i,k]; r[i,k]*D[k,l]*r[l,m]", ""),
    "bubble": ("W2[k,j]*gelu(W1[j,i]*x[i])[j]", ""),
    "bubble of a product": ("gelu(A[i,j]*x[k])*M[j,k]", ""),
    "bubble of three parts": ("gelu(A[i,j]*x[k]*B[l,m])*M[j,k,l]", ""),
    "attention": (
        "softmax(x[q,d]*W_Q[d,e]*W_K[f,e]*x[k,f], k)*x[k,g]*W_V[g,h]*W_O[h,m]",
        "q, k: seq; d, m: hidden",
    ),
    "hyper-index": ("A[i,a,b]*v[b]*B[b,a,j] -> i,j", ""),
    "heads": (
        "A[n,q,k]*x[k,d]*W_V[n,d,e]*W_O[n,e,f] -> q,f",
        "n: heads; q, k: seq; d, f: hidden; e: head_size",
    ),
    "parts": ("A[i,j]*x[k]*y[l]", ""),
    "tree": ("T[a,b]*L[a,c,d]*R[b,e,f]*P[c,i,j]*Q[d,k,l]*S[e,m,n]*U[f,o,p]", ""),
    "ring with legs": ("A[a,b,i]*B[b,c,j]*C[c,d,k]*D[d,e,l]*E[e,a,m]", ""),
    "norm": ("x[i]*A[i,j]*conj(x)[j]", ""),
    "equation": ("tr(A @ B) == tr(B.T @ A.T)", ""),
}


def random_diagram(seed: int) -> Diagram:
    """A contraction of a few random tensors in which indices meet once, twice or more often."""
    draw = random.Random(seed)
    space = Space("n")
    names = "abcdefgh"[: draw.randint(2, 8)]
    parts = []
    for number in range(draw.randint(1, 7)):
        rank = draw.choice((1, 2, 2, 2, 3, 3, 4))
        chosen = draw.sample(names, min(rank, len(names)))
        legs = tuple(Leg(f"x{k}", space) for k in range(len(chosen)))
        parts.append(symbol(Tensor(f"T{number}", legs), chosen))
    used = sorted({leg.name for part in parts for leg in part.legs})
    return contract(*parts, keep=[name for name in used if draw.random() < 0.4])


def edge_names(value: Value, prefix: str = "") -> list[str]:
    """The names of all edges of a value, those inside its boxes too, as pictures call them."""
    if isinstance(value, Sum):
        return [
            name
            for number, term in enumerate(value.terms)
            for name in edge_names(term, f"{prefix}t{number}.")
        ]
    assert isinstance(value, Diagram)
    names = [f"{prefix}e{number}" for number in range(value.graph.number_of_edges())]
    for n, data in value.graph.nodes(data=True):
        if isinstance(data["node"], Box):
            names += edge_names(data["node"].content, f"{prefix}n{n}.")
    return names


def solid(drawing: Drawing) -> list[Shape]:
    return [shape for shape in drawing.shapes if not isinstance(shape, Path | Text)]


def inside(one: Shape, other: Shape) -> bool:
    """Whether one of two shapes was drawn in the other's frame, or is its label."""
    first, second = one.id + ".", other.id + "."
    return first.startswith(second) or second.startswith(first)


def overlaps(drawing: Drawing) -> list[tuple[str, str]]:
    found = []
    for one, other in combinations([s for s in drawing.shapes if not isinstance(s, Path)], 2):
        if not inside(one, other) and overlap(one.bounds(), other.bounds()):
            found.append((one.id, other.id))
    return found


def on_outline(shape: Shape, x: float, y: float) -> bool:
    if isinstance(shape, Circle):
        far = hypot(x - shape.x, y - shape.y)
        return abs(far - shape.radius) < 0.1 or ("dot" in shape.css and far < 0.1)
    if isinstance(shape, Polygon):
        return any(
            abs(hypot(a - x, b - y) + hypot(c - x, d - y) - hypot(a - c, b - d)) < 0.05
            for (a, b), (c, d) in zip(
                shape.points, shape.points[1:] + shape.points[:1], strict=True
            )
        )
    assert isinstance(shape, Rect)
    left, top, right, bottom = shape.bounds()
    level = min(abs(x - left), abs(x - right)) < 0.1 and top - 0.1 < y < bottom + 0.1
    upright = min(abs(y - top), abs(y - bottom)) < 0.1 and left - 0.1 < x < right + 0.1
    return level or upright


def loose_ends(drawing: Drawing) -> int:
    """How many ends of legs lie on no outline."""
    shapes = solid(drawing)
    count = 0
    for path in drawing.shapes:
        if not isinstance(path, Path) or "ring" in path.css:
            continue
        points = path.points()
        for x, y in (points[0], points[-1]):
            count += not any(on_outline(shape, x, y) for shape in shapes)
    return count


def free_legs(value: Value) -> int:
    """The open ends that a picture shows: its own, and those of sums inside frames."""
    if isinstance(value, Sum):
        return sum(free_legs(term) for term in value.terms)
    assert isinstance(value, Diagram)
    count = len(value.legs)
    for box in value.boxes:
        inner = free_legs(box.content)
        count += inner - (len(box.legs) if isinstance(box.content, Diagram) else 0)
    return count


def check(value: Value, drawing: Drawing) -> None:
    assert overlaps(drawing) == []
    covered = Counter(
        name for path in drawing.shapes if isinstance(path, Path) for name in path.covers
    )
    assert covered == Counter(edge_names(value))
    assert loose_ends(drawing) == free_legs(value)


@pytest.mark.parametrize("name", TABLE)
def test_table_is_drawn_without_overlaps_and_completely(name: str) -> None:
    text, where = TABLE[name]
    value = tn.parse(text, where=where)
    drawing = scene(value)
    assert overlaps(drawing) == []
    if isinstance(value, Equation):
        for prefix, side in (("lhs.", value.lhs), ("rhs.", value.rhs)):
            shapes = tuple(shape for shape in drawing.shapes if shape.id.startswith(prefix))
            covered = [c for shape in shapes if isinstance(shape, Path) for c in shape.covers]
            assert sorted(covered) == sorted(edge_names(side, prefix))
    elif name != "shared":
        check(value, drawing)


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("labels", ["free", "all", "none"])
def test_svg_is_xml_and_the_same_on_a_second_run(name: str, labels: str) -> None:
    text, where = TABLE[name]
    first = to_svg(tn.parse(text, where=where), labels=labels)  # type: ignore[arg-type]
    second = to_svg(tn.parse(text, where=where), labels=labels)  # type: ignore[arg-type]
    assert first == second
    root = ElementTree.fromstring(first)
    assert root.tag.endswith("svg")
    assert "nan" not in first


@pytest.mark.parametrize("seed", range(48))
def test_random_contractions_are_drawn_without_overlaps_and_completely(seed: int) -> None:
    diagram = random_diagram(seed)
    first = scene(diagram, labels="all" if seed % 2 else "free")
    check(diagram, first)
    if seed < 12:
        assert first == scene(random_diagram(seed), labels="all" if seed % 2 else "free")


def test_equation_sides_name_the_same_free_legs() -> None:
    drawing = scene(tn.parse("A[i,j]*B[j,k] == C[i,k]"))
    names = {
        prefix: sorted(
            shape.label.plain()
            for shape in drawing.shapes
            if isinstance(shape, Text) and "free" in shape.css and shape.id.startswith(prefix)
        )
        for prefix in ("lhs.", "rhs.")
    }
    assert names["lhs."] == names["rhs."] == ["i", "k"]


def test_a_chain_stands_in_one_row_from_left_to_right() -> None:
    drawing = scene(tn.parse("A[i,j]*B[j,k]*C[k,l]"))
    discs = [shape for shape in drawing.shapes if isinstance(shape, Circle)]
    assert len({disc.y for disc in discs}) == 1
    assert [disc.x for disc in discs] == sorted(disc.x for disc in discs)


def test_a_ladder_stands_in_two_rows_with_straight_legs() -> None:
    drawing = scene(tn.parse(*TABLE["ladder"][:1]))
    discs = [shape for shape in drawing.shapes if isinstance(shape, Circle)]
    rows = Counter(disc.y for disc in discs)
    assert sorted(rows.values()) == [5, 5]
    assert all(len(p.commands) == 2 for p in drawing.shapes if isinstance(p, Path))


def test_a_diagonal_stands_on_its_dot_between_the_isometries() -> None:
    drawing = scene(tn.parse(*TABLE["svd"][:1], where=TABLE["svd"][1]))
    triangles = [shape for shape in drawing.shapes if isinstance(shape, Polygon)]
    (dot,) = [s for s in drawing.shapes if isinstance(s, Circle) and "dot" in s.css]
    (disc,) = [s for s in drawing.shapes if isinstance(s, Circle) and "diagonal" in s.css]
    assert disc.x == dot.x
    assert disc.y < dot.y
    left, right = sorted(triangles, key=lambda t: t.bounds()[0])
    assert max(left.points)[1] == dot.y
    assert min(right.points)[1] == dot.y
    assert len([p for p in left.points if p[0] == left.bounds()[2]]) == 1
    assert len([p for p in right.points if p[0] == right.bounds()[0]]) == 1


def test_highlight_changes_strokes_and_nothing_else() -> None:
    diagram = tn.parse("A[i,j]*eye[j,k]*B[k,l]")
    assert isinstance(diagram, Diagram)
    plain = scene(diagram)
    marks = {n: "redex" for n, data in diagram.graph.nodes(data=True) if _is_inner(data["node"])}
    lit = scene(diagram, highlight=marks)
    assert [s.bounds() for s in plain.shapes] == [s.bounds() for s in lit.shapes]
    assert sum("hl redex" in shape.css for shape in lit.shapes) == 3
    assert not any("hl" in shape.css for shape in plain.shapes)


def _is_inner(node: object) -> bool:
    return isinstance(node, Tensor | Delta)


def test_highlight_of_a_sum_names_the_term() -> None:
    value = tn.parse("A[i,j] + B[i,j]")
    lit = scene(value, highlight={(1, 0): "result"})
    assert [s.id for s in lit.shapes if "hl result" in s.css] == ["t1.n0"]


def test_highlight_of_an_equation_names_the_side() -> None:
    lit = scene(tn.parse("A[i,j] == B[i,j]"), highlight={("rhs", 0): "redex"})
    assert [s.id for s in lit.shapes if "hl redex" in s.css] == ["rhs.n0"]


def test_unknown_words_are_refused() -> None:
    value = tn.parse("A[i,j]")
    with pytest.raises(tn.TnalgebraError, match="some"):
        scene(value, labels="some")  # type: ignore[arg-type]
    with pytest.raises(tn.TnalgebraError, match="hot"):
        scene(value, highlight={0: "hot"})


@pytest.mark.parametrize("name", TABLE)
def test_no_leg_runs_through_a_shape_or_a_free_label(name: str) -> None:
    drawing = scene(tn.parse(TABLE[name][0], where=TABLE[name][1]))
    for path in (shape for shape in drawing.shapes if isinstance(shape, Path)):
        for shape in drawing.shapes:
            name_of_leg = isinstance(shape, Text) and "free" in shape.css
            if isinstance(shape, Path) or (isinstance(shape, Text) and not name_of_leg):
                continue
            if isinstance(shape, Rect) and ("bubble" in shape.css or "group" in shape.css):
                continue
            left, top, right, bottom = shape.bounds()
            inner = [
                (x, y)
                for x, y in path.points()[2:-2]
                if left + 2 < x < right - 2 and top + 2 < y < bottom - 2
            ]
            assert "dot" in shape.css or len(inner) < 2, (path.id, shape.id)


def test_long_sums_are_broken_into_rows_of_the_page() -> None:
    text = " + ".join(f"A{n}[i,j]*B{n}[j,k]" for n in range(12))
    drawing = scene(tn.parse(text))
    assert drawing.width <= 720.0
    signs = [shape for shape in drawing.shapes if "operator" in shape.css]
    assert len({shape.bounds()[1] for shape in signs}) > 1


def test_a_repeated_content_is_drawn_once_and_named() -> None:
    text, where = TABLE["shared"]
    drawing = scene(tn.parse(text, where=where))
    names = [s.label.plain() for s in drawing.shapes if isinstance(s, Text) and s.label.runs]
    assert names.count("r1") == 3
    assert names.count("A") == 1


def test_coloured_legs_are_named_once() -> None:
    text, where = TABLE["heads"]
    drawing = scene(tn.parse(text, where=where))
    names = [s.label.plain() for s in drawing.shapes if isinstance(s, Text) and "leg" in s.css]
    assert sorted(names) == ["head size", "heads"]
    strokes = {shape.stroke for shape in drawing.shapes if isinstance(shape, Path)}
    assert strokes == {"#1f77b4", "#2a9d4a", "#d1495b", "#8a5fbf"}


def test_a_lone_box_is_opened() -> None:
    value = tn.parse("r := A[i,j] + B[i,j]; r[i,j]")
    drawing = scene(value)
    assert [s for s in drawing.shapes if isinstance(s, Rect)] == []
    assert len([s for s in drawing.shapes if isinstance(s, Circle)]) == 2


def test_a_long_chain_stays_one_row() -> None:
    text = "*".join(f"A{n}[i{n},i{n + 1}]" for n in range(60))
    drawing = scene(tn.parse(text))
    assert len({shape.y for shape in drawing.shapes if isinstance(shape, Circle)}) == 1


@pytest.mark.parametrize(
    ("text", "where", "marks"),
    [
        ("A[i,j]*B[j,k]", "", ["A", "B"]),
        ("A[i,j]*B[k,j]", "", ["A", "BT"]),
        ("A[i,j]*S[k,j]", "S: symmetric(i,j)", ["A", "S"]),
        ("V @ V.H", "V: isometry(m -> a)", ["V", "V†"]),
        ("A[i,j]*inv(B)[j,k]", "", ["A", "B−1"]),
    ],
)
def test_labels_say_how_a_matrix_stands(text: str, where: str, marks: list[str]) -> None:
    drawing = scene(tn.parse(text, where=where), labels="none")
    names = [s for s in drawing.shapes if isinstance(s, Text)]
    assert [s.label.plain() for s in sorted(names, key=lambda s: s.x)] == marks


def test_the_order_of_sets_and_hashes_plays_no_part() -> None:
    code = (
        "import tnalgebra as tn; from tnalgebra.draw.picture import to_svg;"
        f"print(to_svg(tn.parse({TABLE['heads'][0]!r}, where={TABLE['heads'][1]!r})))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_labels_none_leaves_the_legs_without_names() -> None:
    drawing = scene(tn.parse("A[i,j]*B[j,k]"), labels="none")
    texts = [s.label.plain() for s in drawing.shapes if isinstance(s, Text)]
    assert texts == ["A", "B"]
