"""The post's section "Operations", typed in the notation and checked against plain PyTorch.

Taylor, "Graphical tensor notation for interpretability" (2023, arXiv 2402.01790), from a product of
two numbers to the Kronecker product of identities. All sizes differ, so that no mistake in the
order of legs can hide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

import tnalgebra as tn

SIZES = {"i": 2, "j": 3, "k": 4, "l": 5, "a": 3, "b": 4}

Arrays = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Operation:
    """One operation: the notation, the same in plain PyTorch, and the legs of its tensors."""

    name: str
    text: str
    plain: Callable[[Arrays], torch.Tensor]
    legs: dict[str, str]
    where: str = ""

    def arrays(self) -> Arrays:
        """Random arrays, a size for each leg."""
        generator = torch.Generator().manual_seed(0)
        return {
            name: torch.randn(
                [SIZES[leg] for leg in legs], generator=generator, dtype=torch.float64
            )
            for name, legs in self.legs.items()
        }

    def difference(self) -> float:
        """How far the notation and PyTorch are apart; raises where their shapes differ."""
        arrays = self.arrays()
        found = torch.as_tensor(tn.parse(self.text, self.where).evaluate(**arrays))
        expected = self.plain(arrays)
        if found.shape != expected.shape:
            raise AssertionError(f"{self.name}: {found.shape} is not {expected.shape}")
        return float((found - expected).abs().max())


def right_reshape(T: torch.Tensor) -> torch.Tensor:
    """T with the legs i j k l grouped to (i l) (k j), as the post's einops line says it."""
    return T.transpose(1, 3).reshape(T.shape[0] * T.shape[3], T.shape[2] * T.shape[1])


def printed_reshape(T: torch.Tensor) -> torch.Tensor:
    """What the post prints in PyTorch beside it: the shape is that of the legs before the swap."""
    return T.transpose(1, 3).reshape((T.shape[0] * T.shape[1], T.shape[2] * T.shape[3]))


def punctured(x: Arrays) -> torch.Tensor:
    """The derivative of Tr(ABC) by B, found by PyTorch; as the trace is linear, any B will do."""
    B = torch.ones(x["A"].shape[1], x["C"].shape[0], dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(torch.trace(x["A"] @ B @ x["C"]), B)
    return gradient


def delta3(n: int) -> torch.Tensor:
    """The three-leg delta, entry by entry."""
    return torch.tensor(
        [[[float(i == j == k) for k in range(n)] for j in range(n)] for i in range(n)],
        dtype=torch.float64,
    )


OPERATIONS = [
    Operation("product of numbers", "a[]*b[]", lambda x: x["a"] * x["b"], {"a": "", "b": ""}),
    Operation(
        "outer product",
        "a[i]*b[j]",
        lambda x: torch.outer(x["a"], x["b"]),
        {"a": "i", "b": "j"},
    ),
    Operation("dot product", "a[i]*b[i]", lambda x: x["a"] @ x["b"], {"a": "i", "b": "i"}),
    Operation(
        "matrix times vector", "A[i,j]*b[j]", lambda x: x["A"] @ x["b"], {"A": "ij", "b": "j"}
    ),
    Operation(
        "vector times matrix", "b[i]*A[i,j]", lambda x: x["b"] @ x["A"], {"b": "i", "A": "ij"}
    ),
    Operation("matrix product", "A @ B", lambda x: x["A"] @ x["B"], {"A": "ij", "B": "jk"}),
    Operation(
        "full contraction",
        "A[i,j]*B[i,j]",
        lambda x: (x["A"] * x["B"]).sum(),
        {"A": "ij", "B": "ij"},
    ),
    Operation("trace", "tr(A)", lambda x: torch.trace(x["A"]), {"A": "ii"}),
    Operation("transpose", "A.T", lambda x: x["A"].transpose(0, 1), {"A": "ij"}),
    Operation(
        "rearranging legs",
        "T[i,j,k,l] -> i,k,j,l",
        lambda x: x["T"].transpose(1, 2),
        {"T": "ijkl"},
    ),
    Operation(
        "grouping legs",
        "group(T[i,j,k,l], il=(i,l), kj=(k,j))",
        lambda x: right_reshape(x["T"]),
        {"T": "ijkl"},
    ),
    Operation(
        "splitting a leg",
        "split(group(T[i,j,k], jk=(j,k)), jk=(x,y))",
        lambda x: x["T"],
        {"T": "ijk"},
    ),
    Operation(
        "cyclic trace",
        "tr(A @ B)",
        lambda x: torch.trace(x["B"] @ x["A"]),
        {"A": "ij", "B": "ji"},
    ),
    Operation(
        "cyclic trace, transposed",
        "tr(A @ B)",
        lambda x: torch.trace(x["A"].T @ x["B"].T),
        {"A": "ij", "B": "ji"},
    ),
    Operation(
        "a number of a tensor",
        "A[0,2,0]",
        lambda x: x["A"][0, 2, 0],
        {"A": "ijk"},
    ),
    Operation(
        "a sum over a shared index of three",
        "A[i,a,b]*v[b]*B[b,a,j] -> i,j",
        lambda x: torch.einsum("iab,b,baj->ij", x["A"], x["v"], x["B"]),
        {"A": "iab", "v": "b", "B": "baj"},
    ),
    Operation(
        "a hole: the derivative of Tr(ABC) by B",
        "A[i,j]*C[k,i] -> j,k",
        punctured,
        {"A": "ij", "C": "ki"},
    ),
    Operation(
        "identity",
        "eye[i,j]*v[j]",
        lambda x: torch.eye(3, dtype=torch.float64) @ x["v"],
        {"v": "j"},
    ),
    Operation(
        "three-leg delta",
        "delta[i,j,k]",
        lambda x: delta3(3),
        {},
        "i, j, k: n = 3",
    ),
    Operation("diagonal matrix", "delta[i,j,k]*v[k]", lambda x: torch.diag(x["v"]), {"v": "k"}),
    Operation(
        "two deltas on a leg are one",
        "delta[i,j,m]*delta[m,k,l]*v[l] -> i,j,k",
        lambda x: torch.einsum("ijk,k->ijk", delta3(5), x["v"]),
        {"v": "l"},
    ),
    Operation(
        "Kronecker product",
        "kron(A, B)",
        lambda x: torch.kron(x["A"], x["B"]),
        {"A": "ij", "B": "kl"},
    ),
    Operation(
        "Kronecker product of identities",
        "kron(eye[i,j], eye[k,l])",
        lambda x: torch.eye(15, dtype=torch.float64),
        {},
        "i = 5; k = 3",
    ),
]


def ladder_difference() -> float:
    """The post's ladder of ten tensors, its einsum string as it is, against torch.einsum."""
    equation = "i j, i r, j k l, r k s, l m n, s m t, n o p, t o u, p q, u q -> "
    sizes = {letter: 2 + number % 3 for number, letter in enumerate("ijklmnopqrstu")}
    rows = [row.split() for row in equation.removesuffix("-> ").split(",")]
    generator = torch.Generator().manual_seed(1)
    arrays = [
        torch.randn([sizes[x] for x in row], generator=generator, dtype=torch.float64)
        for row in rows
    ]
    return float((tn.einsum(equation, *arrays) - torch.einsum(equation, *arrays)).abs())


def main() -> None:
    """Check every operation and print how far apart the two are."""
    for operation in OPERATIONS:
        difference = operation.difference()
        print(f"{operation.name:<40}{operation.text:<44}{difference:.0e}")
        assert difference < 1e-12
    difference = ladder_difference()
    print(f"{'the ladder of ten tensors':<84}{difference:.0e}")
    assert difference < 1e-9
    T = torch.arange(120.0).reshape(2, 3, 4, 5)
    right, printed = tuple(right_reshape(T).shape), tuple(printed_reshape(T).shape)
    print(f"\ni j k l -> (i l) (k j) of {tuple(T.shape)} is {right};")
    print(f"the post's PyTorch line gives {printed}, other rows: it holds for equal sizes alone.")
    assert right == (10, 12)
    assert printed == (6, 20)


if __name__ == "__main__":
    main()
