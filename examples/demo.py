"""The three jobs in one go: simplify a diagram, verify identities, expand a transformer."""

from __future__ import annotations

from pathlib import Path

import tnalgebra as tn
from tnalgebra.nn.paths import composition_table

PICTURES = Path("demo")
IDENTITIES = [
    ("tr(A @ B @ C) == tr(B @ C @ A)", ""),
    ("tr(V @ V.H) == dim(a)", "V: isometry(m -> a)"),
    ("delta[i,j,k]*v[k] == diag(v)[i,j]", ""),
    ("V @ V.H == eye", "V: isometry(m -> a)"),
    ("tr(A @ B @ C) == tr(A @ C @ B)", ""),
]


def simplify() -> None:
    """Job one: an isometry cancels, each step checked on numbers."""
    print("JOB ONE: simplify\n")
    diagram = tn.parse("conj(V)[m,a]*V[m,b]*A[b,c]", where="V: isometry(m -> a)")
    derivation = diagram.derivation()
    print(derivation, "\n")
    draw("simplify.svg", tn.equation(diagram, derivation.result))


def verify() -> None:
    """Job two: proofs, and counterexamples that numpy alone re-evaluates."""
    print("JOB TWO: verify\n")
    for text, where in IDENTITIES:
        print(tn.verify(text, where=where), "\n")
    draw("cyclic.svg", tn.parse("tr(A @ B @ C) == tr(B @ C @ A)"))


def expand() -> None:
    """Job three: the ten terms of a trained two-layer model, that they add up, what they do."""
    print("JOB THREE: expand\n")
    model = tn.nn.load("induction")
    tokens = [3, 14, 15, 9, 26, 5, 8, 23] * 2
    for mode in ("telescoped", "frozen", "linear"):
        source = model.with_pattern("linear") if mode == "linear" else model
        print(source.path_expansion(mode).evaluate(tokens), "\n")
    print(composition_table(model))
    symbolic = tn.nn.Transformer(layers=2).path_expansion("telescoped")
    for number, term in enumerate(symbolic):
        draw(f"term-{number}.svg", term.diagram)


def draw(name: str, value: tn.Diagram | tn.Sum | tn.Equation) -> None:
    """Write one picture."""
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / name).write_text(value.to_svg(), encoding="utf-8")


if __name__ == "__main__":
    simplify()
    verify()
    expand()
    print(f"\nThe pictures are in {PICTURES}/.")
