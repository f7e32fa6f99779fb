"""A graph walker and the post's formulas in plain numpy: what the terms must equal."""

from itertools import product

import numpy as np

from tnalgebra.core.nodes import Box, Delta, Free, Tensor
from tnalgebra.core.values import Sum


def causal_softmax(scores):
    """Over the last axis, keys after the query left out."""
    allowed = np.tri(scores.shape[-1], dtype=bool)
    weights = np.where(allowed, np.exp(scores - scores.max(-1, keepdims=True)), 0)
    return weights / weights.sum(-1, keepdims=True)


class Walker:
    """Evaluates a value from its graph alone: nodes, edges, contents; each content once."""

    def __init__(self, arrays, sizes):
        self.arrays = arrays
        self.sizes = sizes
        self.done = {}
        self.formulas = {}

    def value(self, value):
        if id(value) not in self.done:
            terms = value.terms if isinstance(value, Sum) else (value,)
            self.done[id(value)] = value, sum(self.graph(term.graph) for term in terms)
        return self.done[id(value)][1]

    def graph(self, graph):
        label = {}
        for edge, (_, _, data) in enumerate(graph.edges(data=True)):
            for end in data["ends"]:
                label[end] = edge
        same = list(range(graph.number_of_edges()))
        for n, data in graph.nodes(data=True):
            if isinstance(data["node"], Delta):
                first, *others = (same[label[n, port]] for port in range(graph.degree(n)))
                same = [first if one in others else one for one in same]
        operands, free = [], {}
        for n, data in graph.nodes(data=True):
            node = data["node"]
            if isinstance(node, Free):
                free[node.position] = same[label[n, 0]]
            elif not isinstance(node, Delta):
                ports = [same[label[n, port]] for port in range(len(node.legs))]
                operands += [self.node(node), ports]
        letters = {one: k for k, one in enumerate(sorted(set(same)))}
        operands = [
            [letters[one] for one in part] if isinstance(part, list) else part for part in operands
        ]
        out = [letters[free[position]] for position in range(len(free))]
        return float(graph.graph["coefficient"]) * np.einsum(*operands, out, optimize=True)

    def node(self, node):
        if isinstance(node, Tensor):
            assert node.mark == "none"
            return self.tensor(node)
        assert isinstance(node, Box)
        content = self.value(node.content)
        if node.function is None:
            return content
        assert node.function.name == "causal_softmax"
        assert node.function.along == (1, 2)
        return causal_softmax(content)

    def tensor(self, node):
        if node.entries is None:
            return self.arrays[node.name]
        if node.name not in self.formulas:
            shape = [self.sizes[leg.space.name] for leg in node.legs]
            entries = [float(node.entries(*place)) for place in np.ndindex(*shape)]
            self.formulas[node.name] = np.reshape(entries, shape)
        return self.formulas[node.name]


class Formulas:
    """C1 and C2 of the post, written out: sources, prefix sums, mixed differences, heads."""

    def __init__(self, arrays, layers, *, linear=False):
        self.arrays = arrays
        self.layers = layers
        self.linear = linear
        if "x" in arrays:
            self.embedded = arrays["x"]
        else:
            self.embedded = arrays["tokens"] @ arrays["W_E"] + arrays["W_pos"]

    def unembed(self, stream):
        return stream @ self.arrays["W_U"] if "W_U" in self.arrays else stream

    def pattern(self, layer, query, key):
        """P[q WQ (k WK)^T], one matrix a head."""
        W_Q, W_K = self.arrays[f"W_Q{layer}"], self.arrays[f"W_K{layer}"]
        patterns = []
        for q, k in zip(W_Q, W_K, strict=True):
            scores = query @ q @ (key @ k).T / np.sqrt(q.shape[1])
            patterns.append(np.tril(scores) if self.linear else causal_softmax(scores))
        return np.stack(patterns)

    def heads(self, layer, pattern, value):
        """Each head's output: A^n v OV^n."""
        W_V, W_O = self.arrays[f"W_V{layer}"], self.arrays[f"W_O{layer}"]
        return [a @ value @ v @ o for a, v, o in zip(pattern, W_V, W_O, strict=True)]

    def forward(self):
        stream = self.embedded
        for layer in range(self.layers):
            pattern = self.pattern(layer, stream, stream)
            stream = stream + sum(self.heads(layer, pattern, stream))
        return self.unembed(stream)

    def three_slots(self, *, split):
        """The terms by label, literal where linear and telescoped otherwise."""
        sources = {"x": self.embedded}
        for layer in range(self.layers):
            names, streams = list(sources), list(sources.values())
            prefix = [sum(streams[: i + 1]) for i in range(len(streams))]
            fresh = {}
            for i, j, v in product(range(len(streams)), repeat=3):
                if self.linear:
                    D = self.pattern(layer, streams[i], streams[j])
                else:
                    D = self.pattern(layer, prefix[i], prefix[j])
                    if i:
                        D = D - self.pattern(layer, prefix[i - 1], prefix[j])
                    if j:
                        D = D - self.pattern(layer, prefix[i], prefix[j - 1])
                    if i and j:
                        D = D + self.pattern(layer, prefix[i - 1], prefix[j - 1])
                slots = ",".join(self.nested(names[s]) for s in (i, j, v))
                for head, out in enumerate(self.heads(layer, D, streams[v])):
                    name = f"L{layer}H{head}({slots})" if split else f"L{layer}({slots})"
                    fresh[name] = fresh.get(name, 0) + out
            sources |= fresh
        return {name: self.unembed(stream) for name, stream in sources.items()}

    def frozen(self, patterns, *, split):
        """The paths by label, patterns constant."""
        sources = {"x": self.embedded}
        for layer in range(self.layers):
            fresh = {}
            for name, stream in sources.items():
                for head, out in enumerate(self.heads(layer, patterns[layer], stream)):
                    this = f"L{layer}H{head}" if split else f"L{layer}"
                    label = f"{this}({self.nested(name)})"
                    fresh[label] = fresh.get(label, 0) + out
            sources |= fresh
        return {name: self.unembed(stream) for name, stream in sources.items()}

    @staticmethod
    def nested(label):
        """Inside another label, a layer-0 term goes without its slots."""
        return label.split("(")[0] if label.startswith("L0") else label


def random_arrays(transformer, sizes, seed):
    """Standard normal weights over the root of their fan-in."""
    rng = np.random.default_rng(seed)
    return {
        name: rng.standard_normal([sizes[leg.space.name] for leg in tensor.legs])
        / (1 if name == "x" else sizes["hidden"] ** 0.5)
        for name, tensor in transformer.tensors.items()
    }
