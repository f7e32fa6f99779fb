"""Which bare names of a text are tensors, and of what rank; every other one is a sympy symbol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tnalgebra.core.functions import FUNCTIONS
from tnalgebra.core.words import BUILTIN_TENSORS, CONSTANTS, RESERVED
from tnalgebra.errors import NotationError
from tnalgebra.notation.declarations import Declarations, parse_declarations
from tnalgebra.notation.syntax import parse_program
from tnalgebra.notation.trees import (
    Addition,
    Arrow,
    Attribute,
    Call,
    Name,
    Power,
    Product,
    Program,
    Span,
    Subscript,
    Tree,
)


@dataclass
class Names:
    """The tensors of a text with their ranks, its index names, and what is inverted somewhere.

    used: the names that stand in the text itself, and not in its declarations alone. written: the
    index names that do. only_sized: those declared with a size that are no index, leg or space.
    """

    ranks: dict[str, int] = field(default_factory=dict)
    indices: dict[str, None] = field(default_factory=dict)
    written: dict[str, None] = field(default_factory=dict)
    bare: dict[str, None] = field(default_factory=dict)
    inverted: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    only_sized: set[str] = field(default_factory=set)

    def knows_index(self, name: str) -> bool:
        """Whether the text has an index, declared leg or space of this name."""
        return name in self.indices


def classify(
    program: Program, declarations: Declarations, groups: Mapping[str, Sequence[str]]
) -> Names:
    """Find the tensors: declared, subscripted, under `@ .T .H`, or inside `tr inv diag`."""
    names = Names()
    uses: dict[str, tuple[int, Span]] = {}
    matrices: dict[str, int] = {}
    shared = {target.name for target, _ in program.shared}
    for declared in declarations.tensors.values():
        for leg in declared.legs or ():
            names.indices[leg] = None
    for index, space in declarations.space_of.items():
        names.indices.update({index: None, space: None})
    waiting: list[tuple[Tree, int]] = [(tree, 0) for _, tree in program.shared]
    waiting += [(tree, 0) for tree in program.sides]
    waiting.reverse()
    while waiting:
        tree, wanted = waiting.pop()
        match tree:
            case Name(name):
                if name not in shared and name not in BUILTIN_TENSORS:
                    names.bare[name] = None
                    if wanted:
                        _check_free(name, tree.span, program.text)
                        matrices.setdefault(name, wanted)
            case Subscript(base, items, span):
                rank = 0
                for item in items:
                    spelled = groups.get(item.name, [item.name]) if item.starred else [item.name]
                    rank += len(spelled)
                    if item.slice is None:
                        names.written.update(dict.fromkeys(spelled))
                inner = base
                while isinstance(inner, Call) and inner.function in ("conj", "inv", "pinv"):
                    if len(inner.arguments) != 1:
                        break
                    inner = inner.arguments[0]
                if isinstance(inner, Name):
                    if inner.name not in shared and inner.name not in BUILTIN_TENSORS:
                        _check_free(inner.name, inner.span, program.text)
                        _note(uses, inner.name, rank, span, program.text)
                else:
                    waiting.append((base, rank if isinstance(base, Addition | Product) else 0))
            case Attribute(base):
                waiting.append((base, 2))
            case Call(function, arguments, _, reshapes):
                for thick, parts in reshapes:
                    names.written.update((item.name, None) for item in (thick, *parts))
                waiting.extend(_arguments(function, arguments, wanted, names))
            case Product(factors):
                waiting.extend(reversed(_factors(factors, wanted, declarations)))
            case Addition(terms):
                waiting.extend((term, wanted) for _, term in reversed(terms))
            case Power(base, exponent):
                waiting.extend([(exponent, 0), (base, 0)])
            case Arrow(body, keep):
                names.written.update((item.name, None) for item in keep if not item.starred)
                waiting.append((body, 0))
            case _:
                pass
    names.indices |= names.written
    names.only_sized = declarations.sizes.keys() - names.indices.keys()
    names.indices.update(dict.fromkeys(declarations.sizes))
    names.used = {*uses, *matrices, *names.bare}
    for name, entries in declarations.entries.items():
        if name in names.used or name in declarations.tensors:
            _note(uses, name, entries.rank, None, program.text)
    for declared in declarations.tensors.values():
        if declared.legs is not None:
            _note(uses, declared.name, len(declared.legs), None, program.text)
        elif declared.name not in uses:
            matrices.setdefault(declared.name, 2)
    order = dict.fromkeys([*uses, *matrices])
    names.ranks = {name: uses[name][0] if name in uses else matrices[name] for name in order}
    return names


def numbers(text: str, where: str = "") -> list[str]:
    """The bare names of a text that stand for numbers and are declared as nothing, in order.

    Raises NotationError or DeclarationError for text that cannot be read.

    >>> numbers("A*B == alpha*B*C[i,i]", "alpha: real")
    ['A', 'B']
    """
    program, declarations = parse_program(text), parse_declarations(where)
    names = classify(program, declarations, {})
    known = {*names.ranks, *names.indices, *declarations.definitions, *CONSTANTS}
    known |= declarations.real | declarations.size_symbols
    return [name for name in names.bare if name not in known]


def _check_free(name: str, span: Span, text: str) -> None:
    if name in RESERVED:
        raise NotationError(
            f"{name!r} has a meaning of its own, so no tensor is called so",
            text=text,
            span=span,
            hint="the identity is eye, and I the imaginary unit" if name == "I" else None,
        )


def _note(
    uses: dict[str, tuple[int, Span]], name: str, rank: int, span: Span | None, text: str
) -> None:
    known = uses.setdefault(name, (rank, span or (0, 0)))
    if known[0] != rank:
        raise NotationError(
            f"{name} has {rank} legs {'here' if span else 'by its declaration'} "
            f"and {known[0]} elsewhere",
            text=text,
            span=span or known[1],
        )


def _arguments(
    function: str, arguments: Sequence[Tree], wanted: int, names: Names
) -> list[tuple[Tree, int]]:
    """The arguments that may hold tensors, with the rank a bare name would have there."""
    if function == "dim" or not arguments:
        return []
    if function in ("tr", "inv", "pinv"):
        return [(arguments[0], 2)]
    if function in ("sum", *FUNCTIONS):
        return [(arguments[0], wanted if function != "sum" else 0)]
    if function == "diag":
        return [(arguments[0], 1)]
    if function == "conj":
        return [(arguments[0], wanted)]
    if function == "kron":
        return [(argument, 2) for argument in arguments]
    return [(argument, 0) for argument in arguments]


def _factors(
    factors: Sequence[tuple[str, Tree]], wanted: int, declarations: Declarations
) -> list[tuple[Tree, int]]:
    """Each factor with the rank a bare name would have there: those beside `@` are matrices.

    Beside a factor that names its legs a bare name is a number: `*` joins legs by name.
    """
    beside = {k for k, (operator, _) in enumerate(factors) if operator == "@"}
    beside |= {k - 1 for k in beside}
    rank = 2 if beside else wanted
    if not beside and wanted and not any(_names_legs(tree) for _, tree in factors):
        bare = [
            k
            for k, (operator, tree) in enumerate(factors)
            if operator == "*"
            and isinstance(tree, Name)
            and tree.name not in (*declarations.real, *CONSTANTS)
        ]
        declared = [k for k in bare if _name(factors[k][1]) in declarations.tensors]
        if len(declared or bare) == 1:
            beside = set(declared or bare)
    return [(tree, rank if k in beside else 0) for k, (_, tree) in enumerate(factors)]


def _names_legs(tree: Tree) -> bool:
    """Whether a factor has legs that the text names."""
    waiting = [tree]
    while waiting:
        match waiting.pop():
            case Subscript(_, indices) if indices:
                return True
            case Arrow(_, keep) if keep:
                return True
            case Call(function, arguments) if function not in ("tr", "dim"):
                waiting.extend(arguments[:1])
            case Product(factors):
                waiting.extend(factor for _, factor in factors)
            case Addition(terms):
                waiting.extend(term for _, term in terms)
            case _:
                pass
    return False


def _name(tree: Tree) -> str:
    return tree.name if isinstance(tree, Name) else ""
