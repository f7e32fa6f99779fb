"""A value as the text of a PyTorch function that depends on nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np
import sympy

from tnalgebra.bridges.code_text import Names, einsum_text, number_text
from tnalgebra.bridges.torch_helpers import HELPERS, NEEDS, TAKEN
from tnalgebra.core.marks import MARKS
from tnalgebra.core.nesting import contents
from tnalgebra.core.nodes import Box, Function, Tensor
from tnalgebra.core.spaces import Space
from tnalgebra.core.values import Diagram, Value, terms_of
from tnalgebra.errors import GraphError, NotationError
from tnalgebra.notation.locate import in_order_of_text
from tnalgebra.notation.printer import to_text
from tnalgebra.numeric.contraction import pairs_of, planned_path
from tnalgebra.numeric.cost import STAND_IN
from tnalgebra.numeric.inputs import is_known_real
from tnalgebra.numeric.interpreter import needs
from tnalgebra.numeric.reshaping import Reshaping
from tnalgebra.numeric.slices import Place, Slices, remaining

INDENT = "    "


def to_torch(value: Value) -> str:
    """The text of a PyTorch function `diagram` that computes the value; runnable as it is.

    Its arguments are the tensors in the order in which `str(value)` first has them, each unmarked
    and with its axes in declared leg order; then, by keyword, the numbers of symbols, plain ones or
    tensors of no axes, which keep their gradient, and the sizes (`size_i`) that no tensor tells.
    The axes of the result follow `value.legs`. Each content of a box is computed once, and tensors
    pair by pair, in an order planned with size 8 where a size is not known.
    Raises NotationError for a coefficient that Python cannot compute, and LimitError for a single
    contraction of more than 52 indices.

    >>> import torch, tnalgebra as tn
    >>> program = to_torch(tn.parse("2*A[i,j]*B[j,k]"))
    >>> exec(program, space := {})
    >>> space["diagram"](torch.eye(2), torch.ones(2, 3))
    tensor([[2., 2., 2.],
            [2., 2., 2.]])
    """
    return _Writer(value).text()


class _Writer:
    """One program: `lines` are its body so far, `helpers` the functions that it calls."""

    kind = "dtype=one.dtype, device=one.device"

    def __init__(self, value: Value) -> None:
        self.value = value
        self.needs = needs(value)
        self.lines: list[str] = []
        self.checks: list[str] = []
        self.helpers: set[str] = set()
        self.names = Names(TAKEN, reserved=("step", "size_"))
        self.size_names = Names()
        self.about = to_text(value)
        self.arguments = in_order_of_text(
            (name for name, tensor in self.needs.tensors.items() if tensor.entries is None),
            self.about[0],
        )
        for name in self.arguments:
            self.names.of(name)
        self.symbols = {symbol.name for symbol in self.needs.symbols}
        self.keywords: list[str] = []
        self.numbers: dict[str, str] = {}
        self.steps = 0
        self.marked: dict[Tensor, str] = {}
        self.parts: dict[tuple[int, Function | None], str] = {}

    def text(self) -> str:
        """The whole program."""
        for symbol in self.needs.symbols:
            self.numbers[symbol.name] = self.keyword(self.names.of(symbol.name))
        self.sizes()
        self.start()
        result = "one"
        for content in [*contents(self.value), self.value]:
            result = self.parts[id(content), None] = self.part(content)
        names = [self.names.of(name) for name in self.arguments]
        if not names:
            self.keywords += ["dtype=torch.float64", "device=None"]
        signature = ", ".join([*names, *(["*", *self.keywords] if self.keywords else [])])
        legs = ", ".join(leg.name for leg in self.value.legs) or "none"
        text, where = self.about
        about = [f'"""{text}', *([f"where {where}"] if where else []), f"Axes: {legs}.", '"""']
        body = [INDENT + line for line in (*about, *self.lines, f"return {result}")]
        main = f"def diagram({signature}) -> torch.Tensor:\n" + "\n".join(body)
        parts = [*(code for name, code in HELPERS.items() if name in self.helpers), main]
        code = "\n".join([*parts[:-1], *self.lines])
        used = set(re.findall(r"\b(cmath|functools|math)[.,]", code))
        imports = [*(f"import {module}" for module in sorted(used)), "import torch"]
        return "\n\n\n".join(["\n".join(imports), *parts]) + "\n"

    def keyword(self, name: str) -> str:
        """A keyword argument of the function."""
        self.keywords.append(name)
        return name

    def size(self, space: Space) -> str:
        """The Python name of the size of a space."""
        return self.numbers[space.name]

    def sizes(self) -> None:
        """Learn every size from shapes, declarations and keywords, and check what is told twice."""
        tensors = self.needs.tensors
        for name in self.arguments:
            given, like = self.names.of(name), self.names.of(self.arguments[0])
            rank = str(tensors[name].rank)
            self.lines.append(self.call("checked", repr(name), given, rank, like))
            if is_known_real(tensors[name]):
                self.lines.append(self.call("real", repr(name), given))
        for name, tensor in tensors.items():
            for axis, space in enumerate(tensor.spaces()):
                if tensor.entries is None:
                    self.learn(space.name, f"{self.names.of(name)}.shape[{axis}]")
                elif isinstance(tensor.entries, sympy.NDimArray):
                    self.learn(space.name, str(tensor.entries.shape[axis]))
        formulas = {space.name: space.dimension for space in self.needs.spaces}
        self.follow(formulas)
        for symbol in sorted(
            {s for one in [*formulas.values()] for s in one.free_symbols}, key=str
        ):
            if symbol.name not in self.numbers:
                name = self.keyword(self.size_names.of(f"size_{symbol.name}"))
                self.numbers[symbol.name] = name
                self.lines.append(self.call("whole", repr(symbol.name), name))
                self.follow(formulas)
        self.lines += self.checks
        for name, least in self.needs.least.items():
            if least > 1:
                size = self.numbers[name]
                self.lines.append(self.call("placed", repr(name), size, str(least - 1)))

    def learn(self, name: str, source: str) -> None:
        """Name the size of a space or size symbol, or check it where it is known already."""
        if name in self.numbers:
            self.checks.append(self.call("same", repr(name), self.numbers[name], source))
        else:
            self.numbers[name] = self.size_names.of(f"size_{name}")
            self.lines.append(f"{self.numbers[name]} = {source}")

    def follow(self, formulas: dict[str, sympy.Expr]) -> None:
        """Learn the sizes that are formulas of known ones; what is done leaves `formulas`."""
        before = -1
        while len(self.numbers) > before:
            before = len(self.numbers)
            for name, formula in list(formulas.items()):
                if all(symbol.name in self.numbers for symbol in formula.free_symbols):
                    del formulas[name]
                    if not (formula.is_Symbol and formula.name == name):
                        self.learn(name, number_text(formula, self.numbers))
                elif formula.is_Symbol and name in self.numbers:
                    self.learn(formula.name, self.numbers[name])

    def start(self) -> None:
        """The number one, of the precision and device that constants are made in."""
        if self.arguments:
            self.lines.append(f"one = {self.names.of(self.arguments[0])}.real.new_ones(())")
        else:
            self.lines.append("one = torch.ones((), dtype=dtype, device=device)")
        for symbol in self.needs.symbols:
            name = self.numbers[symbol.name]
            checked = self.call("scalar", repr(symbol.name), name, str(bool(symbol.is_real)), "one")
            self.lines.append(f"{name} = {checked}")

    def part(self, value: Value) -> str:
        """The variable of a value or content."""
        terms = [self.term(term) for term in terms_of(value)]
        if not terms:
            shape = _tuple(self.size(leg.space) for leg in value.legs if leg.space)
            return self.step(f"one.new_zeros({shape})")
        return self.step(" + ".join(terms)) if len(terms) > 1 else terms[0]

    def step(self, expression: str) -> str:
        """A new variable for an expression."""
        self.steps += 1
        self.lines.append(f"step{self.steps} = {expression}")
        return f"step{self.steps}"

    def term(self, term: Diagram) -> str:
        """The variable of one diagram."""
        form = term.normal
        split = Reshaping(form.groups, form.group_ports)
        names = [self.size(space) for space in form.spaces]
        free = split.row(form.free)
        whole = [split.row(row) for row in form.ports]
        slices = Slices(form.labels, whole, free)
        points = {c: self.point(places, c, names) for c, places in slices.places.items()}
        gone = {c: None if is_range else point for c, (point, is_range) in points.items()}
        arrays: list[tuple[tuple[int, ...], str]] = []

        def add(name: str, before: Sequence[int], after: tuple[int, ...]) -> None:
            name = self.sliced(self.shaped(name, before, after, names), after, points)
            arrays.append((remaining(after, gone), name))

        for number in slices.left(gone):
            add(self.node(form.labels[number]), form.ports[number], whole[number])
        for thick, parts in split.others:
            unit = self.step(f"torch.eye({names[thick]}, {self.kind})")
            add(unit, (thick, thick), split.row((thick, *parts)))
        uses = Counter(c for row, _ in arrays for c in set(row))
        uses.update(set(free))
        sizes = dict(enumerate(_stand_ins(form.spaces)))
        rows = [tuple(dict.fromkeys(row)) for row, _ in arrays]
        path = planned_path(rows, frozenset(free), sizes)
        for first, second in pairs_of(path, len(arrays)):
            (a, x), (b, y) = arrays[first], arrays[second]
            uses.subtract({*a})
            uses.subtract({*b})
            made = tuple(c for c in dict.fromkeys(a + b) if uses[c] > 0)
            uses.update(made)
            arrays.append((made, self.einsum([a, b], made, [x, y])))
        axes, result = arrays[-1] if arrays else ((), "one")
        own = tuple(c for c in dict.fromkeys(free) if c in axes)
        if axes != own:
            result = self.einsum([axes], own, [result])
        if own != free:
            legs = tuple(own.index(c) if c in own else len(own) + c for c in free)
            result = self.step(
                self.call("copied", result, str(legs), _tuple(names[c] for c in free))
            )
        result = self.shaped(result, free, form.free, names)
        scalar = term.coefficient * form.scalar
        return result if scalar == 1 else self.step(f"{self.number(scalar)} * {result}")

    def point(self, places: Sequence[Place], own: int, names: Sequence[str]) -> tuple[str, bool]:
        """Where a class is sliced, and whether as a range, as where two places may disagree."""
        points = []
        for place in places:
            point = str(place.position)
            if place.after:
                point += f"//({'*'.join(names[c] for c in place.after)})"
            points.append(point if place.is_first else f"{point}%{names[own]}")
        if len(points) == 1:
            return points[0], False
        return self.call("agreed", *points), True

    def sliced(self, name: str, row: Sequence[int], points: Mapping[int, tuple[str, bool]]) -> str:
        """The variable at the points of its axes."""
        if not any(c in points for c in row):
            return name
        index = [points[c][0] if c in points else ":" for c in row]
        return self.step(f"{name}[{', '.join(index)}]")

    def shaped(
        self, name: str, before: Sequence[int], after: Sequence[int], names: Sequence[str]
    ) -> str:
        """The variable with its axes split or joined, so that they are those of other indices."""
        if tuple(before) == tuple(after):
            return name
        return self.step(f"{name}.reshape({_tuple(names[c] for c in after)})")

    def einsum(
        self, inputs: Sequence[Sequence[Hashable]], output: Sequence[Hashable], names: Sequence[str]
    ) -> str:
        """The variable of one einsum."""
        function = "torch.einsum" if len(names) == 1 else "einsum"
        if len(names) > 1:
            self.helpers.add("einsum")
        return self.step(einsum_text(function, inputs, output, names))

    def number(self, coefficient: sympy.Expr) -> str:
        """A coefficient: a plain number, or a tensor of no axes."""
        text = self.plain(coefficient)
        is_plain = coefficient.is_real and not coefficient.free_symbols
        return text if is_plain else self.call("number", text, "one")

    def plain(self, expression: sympy.Expr, places: Mapping[str, str] | None = None) -> str:
        """An expression in Python, its functions brought along; places: names of indices."""
        text = number_text(expression, {**self.numbers, **(places or {})}, self.symbols)
        for helper in re.findall(r"\b(function|power)\(", text):
            self.call(helper)
        return text

    def node(self, node: Tensor | Box) -> str:
        """The variable of a tensor or box."""
        if isinstance(node, Tensor):
            if node not in self.marked:
                self.marked[node] = self.tensor(node)
            return self.marked[node]
        if not isinstance(node, Box):
            raise GraphError(f"a {type(node).__name__} has no text as a program")
        key = (id(node.content), node.function)
        if key not in self.parts and node.function is not None:
            if node.function.name not in HELPERS:
                raise NotationError(f"{node.function.name} has no text as a program")
            inside = self.parts[id(node.content), None]
            along = map(str, node.function.along)
            self.parts[key] = self.step(self.call(node.function.name, inside, *along))
        return self.parts[key]

    def tensor(self, tensor: Tensor) -> str:
        """The variable of a tensor with its mark."""
        if tensor.mark not in MARKS:
            raise GraphError(f"{tensor.mark}({tensor.name}) has no text as a program")
        base = tensor.base()
        name = self.names.of(tensor.name) if base.entries is None else self.declared(base)
        if tensor.is_inverse:
            name = self.step(self.call("inverted", repr(tensor.mark.rpartition(" ")[2]), name))
        return self.step(f"torch.conj_physical({name})") if tensor.is_conj else name

    def declared(self, base: Tensor) -> str:
        """The variable of a tensor with declared entries."""
        sizes = [self.size(space) for space in base.spaces()]
        if base.is_builtin and base.position < 0:
            return self.step(f"torch.ones({', '.join(sizes)}, {self.kind}).tril()")
        if base.is_builtin:
            return self.step(f"torch.eye({sizes[0]}, {self.kind})[{base.position}]")
        if isinstance(base.entries, sympy.NDimArray):
            numbers = [self.plain(base.entries[p]) for p in np.ndindex(*base.entries.shape)]
            shape = ", ".join(map(str, base.entries.shape))
            flat = self.call(self.maker(base.entries), f"[{', '.join(numbers)}]", "one")
            return self.step(f"{flat}.reshape({shape})" if shape else f"{flat}[0]")
        assert base.entries is not None
        places = {symbol.name: f"step_i{k}" for k, symbol in enumerate(base.entries.variables)}
        text = self.plain(base.entries.expr, places)
        for place, size in zip(reversed(places.values()), reversed(sizes), strict=True):
            text = f"[{text} for {place} in range({size})]"
        return self.step(self.call(self.maker(base.entries), text, "one"))

    def maker(self, entries: sympy.Expr | sympy.NDimArray) -> str:
        """The helper that makes an array of entries; symbols among them may be tensors."""
        is_open = any(symbol.name in self.symbols for symbol in entries.free_symbols)
        return "stacked" if is_open else "constant"

    def call(self, helper: str, *arguments: str) -> str:
        """A call of a helper, which is then brought along."""
        self.helpers.update([helper, *NEEDS.get(helper, ())])
        return f"{helper}({', '.join(arguments)})"


def _tuple(parts: Iterable[str]) -> str:
    return f"({''.join(f'{part}, ' for part in parts).rstrip()})"


def _stand_ins(spaces: Iterable[Space]) -> list[int]:
    """Sizes to plan with, for spaces whose size is not known."""
    formulas = [space.dimension for space in spaces]
    return [int(size.subs(dict.fromkeys(size.free_symbols, STAND_IN))) for size in formulas]
