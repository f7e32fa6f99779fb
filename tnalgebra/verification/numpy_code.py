"""A value as a few lines of plain numpy, so that anyone can re-evaluate a counterexample."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Hashable, Mapping
from math import prod

import numpy as np
import sympy
from opt_einsum import contract_path, get_symbol

from tnalgebra.bridges.code_text import Names, einsum_text
from tnalgebra.core.nodes import Box, Delta, Free, Group, Tensor
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram, Value, terms_of

DELTA = '''def delta(n, k):
    """The copy tensor with k legs of size n."""
    d = np.zeros((n,) * k, int)
    d[(np.arange(n),) * k] = 1
    return d
'''

FUNCTION_CODE = {
    "softmax": '''def softmax(x, k):
    """Softmax along axis k."""
    e = np.exp(x - x.max(axis=k, keepdims=True))
    return e / e.sum(axis=k, keepdims=True)
''',
    "causal_softmax": '''def causal_softmax(x, q, k):
    """Softmax along axis k of what axis q may see: index k <= index q."""
    x = np.moveaxis(x, (q, k), (-2, -1))
    x = np.where(np.tri(*x.shape[-2:], dtype=bool), x, -np.inf)
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.moveaxis(e / e.sum(axis=-1, keepdims=True), (-2, -1), (q, k))
''',
    "exp": "exp = np.exp\n",
    **{name: f"{name} = np.{name}\n" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    # Of negative numbers these are complex, which np.sqrt and np.log do not say of real ones.
    **{name: f"{name} = np.emath.{name}\n" for name in ("sqrt", "log")},
    "reciprocal": "reciprocal = lambda x: 1 / x\n",
    "abs": "abs = np.abs\n",
    "sigmoid": "sigmoid = lambda x: 1 / (1 + np.exp(-x))\n",
    "silu": "silu = lambda x: x / (1 + np.exp(-x))\n",
    "relu": "relu = lambda x: np.maximum(x, 0)\n",
    "inv": "inv = lambda x: np.linalg.inv(x).T\n",
    "pinv": "pinv = lambda x: np.linalg.pinv(x).T\n",
    "step": "step = lambda x: (x > 0) * 1.0\n",
    "gelu": (
        "gelu = lambda x: x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))) / 2\n"
    ),
}

MOST_WORK = 1_000_000
_TAKEN = {
    "np",
    "delta",
    "lhs",
    "rhs",
    "entry",
    "places",
    "numbers",
    *FUNCTION_CODE,
    *dir(builtins),
}


class CodeWriter:
    """Writes expressions over one choice of sizes; notes the helpers and arrays they need.

    `lines` are statements that must come before the expressions: the steps of long contractions.
    whole: the type of the whole numbers in copy tensors, "object" where they may be long.
    """

    def __init__(
        self, sizes: Mapping[str, int], number: Callable[[sympy.Expr], str], whole: str = "int"
    ) -> None:
        self.sizes = sizes
        self.number = number
        self.whole = whole
        self.helpers: dict[str, str] = {}
        self.arrays: dict[tuple[str, str], Tensor] = {}
        self.lines: list[str] = []
        self._names = Names(_TAKEN, reserved=("step",))

    def name(self, tensor: str, mark: str = "none") -> str:
        """The Python name of a tensor with its mark, different from every other one."""
        return self._names.of(tensor, "" if mark == "none" else mark)

    def value(self, value: Value, factor: int = 1) -> str:
        """A numpy expression for a value times a whole number, axes in the order of its legs."""
        terms = [self.term(term, factor) for term in terms_of(value)]
        if not terms:
            return f"np.zeros({self.shape([leg.space for leg in value.legs])}, {self.whole})"
        return " + ".join(terms)

    def shape(self, spaces: list[Space | None]) -> str:
        """The shape of an array over these spaces."""
        return str(tuple(self.sizes[space.name] for space in spaces if space is not None))

    def term(self, term: Diagram, factor: int) -> str:
        """One term: an einsum over its tensors, copy tensors and boxes."""
        letters: dict[tuple[Hashable, int], str] = {}
        sizes: dict[str, int] = {}
        for number, (_, _, data) in enumerate(term.graph.edges(data=True)):
            letters.update(dict.fromkeys(data["ends"], get_symbol(number)))
            sizes[get_symbol(number)] = self.sizes[data["space"].name]
        inputs, operands = [], []
        free: dict[int, str] = {}
        for n, data in term.graph.nodes(data=True):
            node = data["node"]
            row = "".join(letters[(n, port)] for port in range(term.graph.degree(n)))
            if isinstance(node, Free):
                free[node.position] = row
            else:
                inputs.append(row)
                operands.append(self.node(node, len(row)))
        coefficient = self.number(term.coefficient * factor)
        if not operands:
            return coefficient
        output = "".join(free[position] for position in range(len(free)))
        front = "" if coefficient == "1" else f"{coefficient} * "
        if prod(sizes.values()) > MOST_WORK and len(operands) > 2:
            inputs, operands = self.shortened(inputs, operands, output, sizes)
        if len(operands) == 1 and inputs[0] == output and len(set(output)) == len(output):
            return front + operands[0]
        return front + einsum_text("np.einsum", inputs, output, operands)

    def shortened(
        self, inputs: list[str], operands: list[str], output: str, sizes: Mapping[str, int]
    ) -> tuple[list[str], list[str]]:
        """Contract pair by pair, each pair a line, until two operands are left."""
        shapes = [tuple(sizes[letter] for letter in row) for row in inputs]
        equation = f"{','.join(inputs)}->{output}"
        path, _ = contract_path(equation, *shapes, shapes=True, optimize="greedy")
        for places in path[:-1]:
            taken = sorted(places, reverse=True)
            rows = [inputs.pop(k) for k in taken]
            names = [operands.pop(k) for k in taken]
            wanted = set(output).union(*inputs)
            kept = "".join(one for one in dict.fromkeys("".join(rows)) if one in wanted)
            step = f"step{len(self.lines)}"
            self.lines.append(f"{step} = {einsum_text('np.einsum', rows, kept, names)}")
            inputs.append(kept)
            operands.append(step)
        return inputs, operands

    def node(self, node: Tensor | Box | Delta | Group, rank: int) -> str:
        """The array of one node."""
        if isinstance(node, Delta):
            size = self.sizes[node.space.name]
            if rank == 2:
                return f"np.eye({size}, dtype={self.whole})"
            if rank == 1:
                return f"np.ones({size}, {self.whole})"
            if rank == 0:
                return f"np.array({size})"
            self.helpers["delta"] = DELTA.replace("int)", f"{self.whole})")
            return f"delta({size}, {rank})"
        if isinstance(node, Group):
            thick, *parts = (self.sizes[space.name] for space in node.spaces())
            return f"np.eye({thick}, dtype={self.whole}).reshape({(thick, *parts)})"
        if isinstance(node, Tensor) and node.entries is not None:
            return self.declared(node)
        if isinstance(node, Tensor):
            self.arrays[(node.name, node.mark)] = node
            return self.name(node.name, node.mark)
        inside = self.value(node.content)
        if node.function is None:
            return f"({inside})"
        self.helpers[node.function.name] = FUNCTION_CODE[node.function.name]
        along = "".join(f", {axis}" for axis in node.function.along)
        return f"{node.function.name}({inside}{along})"

    def declared(self, tensor: Tensor) -> str:
        """The array of a tensor with declared entries, written out."""
        base = tensor.base()
        assert base.entries is not None
        shape = [self.sizes[space.name] for space in base.spaces()]
        if tensor.is_builtin and tensor.position < 0:
            return f"np.tri({shape[0]}, dtype={self.whole})"
        if tensor.is_builtin:
            return f"np.eye({shape[0]}, dtype={self.whole})[{tensor.position}]"
        numbers = [self.number(base.entry(*place)) for place in np.ndindex(*shape)]
        text = f"np.array([{', '.join(numbers)}]).reshape({tuple(shape)})"
        text = f"np.linalg.inv({text})" if tensor.is_inverse else text
        return f"{text}.conj()" if tensor.is_conj else text
