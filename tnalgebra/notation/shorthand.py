"""The notation's shorthand as Python functions: ones, sums, reshapes, inverses, traces, bubbles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tnalgebra.core import build, compose
from tnalgebra.core.nodes import Tensor, causal_tensor
from tnalgebra.core.scalars import Scalar
from tnalgebra.core.spaces import Leg, Space, merge_spaces
from tnalgebra.core.values import Diagram, Value, number
from tnalgebra.core.words import numbered
from tnalgebra.errors import NotationError
from tnalgebra.notation.symbols import indices


def ones(*names: str | Leg | Sequence[str | Leg]) -> Diagram:
    """The vector of ones; over several indices the tensor of ones, which is their product.

    Raises NotationError for no index and for one given twice.

    >>> print(ones("i"), ones("i", "j"), sep="; ")
    ones[i]; ones[i]*ones[j]
    """
    vectors = [_vector(leg) for leg in indices(names, "ones")]
    if len(vectors) == 1:
        return vectors[0]
    return build.contract(*vectors, keep=[one.legs[0].name for one in vectors])


def _vector(leg: Leg) -> Diagram:
    return build.delta(leg.space or Space(leg.name), [leg.name])


def onehot(position: int, index: str | Leg) -> Diagram:
    """The unit vector that is 1 at `position`, counted from 0; `onehot(3)[i]` in text.

    Raises NotationError for a position that is none and for other than one index, SpaceError for a
    space without such a position.

    >>> print(onehot(3, "i"))
    onehot(3)[i]
    """
    if isinstance(position, bool) or not isinstance(position, int) or position < 0:
        raise NotationError(f"a position is a whole number from 0, not {position!r}")
    leg, *others = indices([index], "onehot")
    if others:
        raise NotationError(f"onehot has one leg, not {1 + len(others)}: {index}")
    return build.onehot(position, leg.space or Space(leg.name), leg.name)


def causal(*names: str | Leg | Sequence[str | Leg]) -> Diagram:
    """The causal mask, 1 where the second index is at most the first; `causal[q,k]` in text.

    Raises NotationError for other than two indices, SpaceError for two spaces.

    >>> print(causal("q k"))
    causal[q,k]
    """
    found = indices(names, "causal")
    if len(found) != 2:
        raise NotationError(
            f"causal has two legs, not {len(found)}: {', '.join(map(str, found))}",
            hint="that of the query, then that of the key: tn.causal('q k')",
        )
    query, key = found
    space = query.space or key.space or Space(query.name)
    space = merge_spaces(space, key.space or space)
    tensor = causal_tensor(Leg("q", space), Leg("k", space))
    return build.symbol(tensor, [query.name, key.name])


def conj(value: Value | Scalar) -> Value:
    """The complex conjugate; `conj(A)[i,j]` in text.

    Raises NotationError for a function that it does not pass through, such as sqrt.

    >>> from tnalgebra.notation.tensors import tensor
    >>> print(conj(tensor("A", "i j"))["i", "j"], conj(2j), sep="; ")
    conj(A)[i,j]; -2*I
    """
    return (value if isinstance(value, Value) else number(value)).conj()


def sum(value: Value, /, *names: str | Leg) -> Value:
    """The explicit sum over some free legs, or over all where none is named; `sum(X, n)` in text.

    Raises NotationError for what is no free leg.

    >>> from tnalgebra.notation.tensors import tensor
    >>> print(sum(tensor("A", "i j"), "j"))
    A[i,j]*ones[j]
    """
    if isinstance(value, Iterable) and not isinstance(value, Value):
        raise NotationError(
            f"sum goes over legs of one value, not over a {type(value).__name__}",
            hint="Python's own sum adds values up: sum([X, Y]), or X + Y",
        )
    compose.check_values([value], "sum")
    return value.sum(*names)


def group(value: Value, /, **groups: Sequence[str | Leg]) -> Value:
    """The value with legs joined to thick ones, the last fastest; `group(X, ij=(i,j))` in text.

    Raises NotationError for names that do not fit.

    >>> from tnalgebra.notation.tensors import tensor
    >>> print(group(tensor("X", "i j k"), ij="i j"))
    group(X[i,j,k], ij=(i,j))
    """
    return _reshaped(value, groups, "group").group(**groups)


def split(value: Value, /, **groups: Sequence[str | Leg]) -> Value:
    """The value with thick legs taken apart, which undoes `group`; `split(X, ij=(i,j))` in text.

    Raises NotationError for names that do not fit, SpaceError for sizes that do not multiply.

    >>> from tnalgebra.notation.tensors import tensor
    >>> print(split(tensor("X", "ij k"), ij=("i", "j")))
    split(X[ij,k], ij=(i,j))
    """
    return _reshaped(value, groups, "split").split(**groups)


def _reshaped(value: Value, groups: Mapping[str, object], what: str) -> Value:
    """The value, checked; raises NotationError where it is none or nothing is asked for."""
    compose.check_values([value], what)
    if not groups:
        legs = [leg.name for leg in value.legs]
        raise NotationError(
            f"{what} is told no legs; the free legs are {legs}",
            hint=f"a thick leg and its parts: tn.{what}(X, ij=('i', 'j'))",
        )
    return value


def inv(value: Value) -> Value:
    """The inverse of a matrix: a mark on one tensor, a box around anything else.

    Raises NotationError for other than two legs, and for a tensor that is not declared invertible.

    >>> from tnalgebra.notation.tensors import invertible
    >>> print(inv(invertible("A", "i j"))["p", "q"])
    inv(A)[p,q]
    """
    return _inverse(value, "inv")


def pinv(value: Value) -> Value:
    """The pseudo-inverse of a matrix: a mark on one tensor, a box around anything else."""
    return _inverse(value, "pinv")


def _inverse(value: Value, mark: str) -> Value:
    if not isinstance(value, Value) or len(value.legs) != 2:
        raise NotationError(f"{mark} takes a value of two legs, not {value!r}")
    tensor = _sole_tensor(value)
    if tensor is None:
        return compose.transpose(build.bubble(mark, value))
    if mark == "inv" and not any(fact.kind == "invertible" for fact in tensor.known):
        raise NotationError(
            f"{tensor.name} is not known to have an inverse",
            hint=f"make it with tn.invertible({tensor.name!r}, 'i j')",
        )
    found = build.symbol(tensor.inverse(mark))
    assert isinstance(value, Diagram)
    (row,) = value.spider.ports
    return found if row == value.spider.free else compose.transpose(found)


def _sole_tensor(value: Value) -> Tensor | None:
    """The tensor that a value is, its legs in either order; None where it is more."""
    if not isinstance(value, Diagram) or value.coefficient != 1 or value.spider.groups:
        return None
    form = value.spider
    if len(form.labels) != 1 or sorted(form.ports[0]) != sorted(form.free) or form.loops:
        return None
    (label,), (row,) = form.labels, form.ports
    return label if isinstance(label, Tensor) and len(set(row)) == 2 else None


def tr(value: Value) -> Value:
    """The trace of a matrix."""
    compose.check_values([value], "tr")
    return value.trace()


def diag(value: Value) -> Value:
    """The diagonal matrix of a vector; raises NotationError for other than one leg.

    >>> from tnalgebra.notation.tensors import tensor
    >>> print(diag(tensor("v", "i"))["i", "j"])
    v[i1]*delta[i1,i,j]
    """
    compose.check_values([value], "diag")
    if len(value.legs) != 1:
        raise NotationError(f"diag takes a vector, this has {len(value.legs)} legs")
    (leg,) = value.legs
    assert leg.space is not None
    names = [leg.name, numbered(leg.name, 1), numbered(leg.name, 2)]
    found = build.contract(value, build.delta(leg.space, names), keep=names[1:])
    return Diagram(found.graph, named=False, summed=found.summed)


def softmax(value: Value, along: str | Leg) -> Diagram:
    """Softmax along one leg: `softmax(S[q,k], k)` in text."""
    return build.bubble("softmax", value, str(along))


def causal_softmax(value: Value, query: str | Leg, key: str | Leg) -> Diagram:
    """Softmax along `key` of what `query` may see: an index of `key` is at most that of `query`."""
    return build.bubble("causal_softmax", value, str(query), str(key))


def exp(value: Value | Scalar) -> Diagram:
    """The exponential of each entry."""
    return build.bubble("exp", value)


def tanh(value: Value | Scalar) -> Diagram:
    """The hyperbolic tangent of each entry."""
    return build.bubble("tanh", value)


def relu(value: Value | Scalar) -> Diagram:
    """The larger of 0 and each entry, which is real."""
    return build.bubble("relu", value)


def gelu(value: Value | Scalar) -> Diagram:
    """The gelu of each entry in its tanh form, which GPT-2 uses (arXiv 1606.08415)."""
    return build.bubble("gelu", value)


def abs(value: Value | Scalar) -> Diagram:
    """The magnitude of each entry."""
    return build.bubble("abs", value)


def cos(value: Value | Scalar) -> Diagram:
    """The cosine of each entry."""
    return build.bubble("cos", value)


def cosh(value: Value | Scalar) -> Diagram:
    """The hyperbolic cosine of each entry."""
    return build.bubble("cosh", value)


def log(value: Value | Scalar) -> Diagram:
    """The principal natural logarithm of each entry."""
    return build.bubble("log", value)


def reciprocal(value: Value | Scalar) -> Diagram:
    """One divided by each entry; `1/x[i]` in text."""
    return build.bubble("reciprocal", value)


def sigmoid(value: Value | Scalar) -> Diagram:
    """1/(1 + exp(-x)) of each entry x."""
    return build.bubble("sigmoid", value)


def silu(value: Value | Scalar) -> Diagram:
    """x/(1 + exp(-x)) of each entry x (arXiv 1702.03118)."""
    return build.bubble("silu", value)


def sin(value: Value | Scalar) -> Diagram:
    """The sine of each entry."""
    return build.bubble("sin", value)


def sinh(value: Value | Scalar) -> Diagram:
    """The hyperbolic sine of each entry."""
    return build.bubble("sinh", value)


def sqrt(value: Value | Scalar) -> Diagram:
    """The principal square root of each entry."""
    return build.bubble("sqrt", value)


def step(value: Value | Scalar) -> Diagram:
    """1 for each entry above 0 and 0 for any other; entries are real."""
    return build.bubble("step", value)


def tan(value: Value | Scalar) -> Diagram:
    """The tangent of each entry."""
    return build.bubble("tan", value)
