"""How a user calls a tensor or symbol: by its name, or by the object, checked to be the one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import sympy

from tnalgebra.core.apart import united
from tnalgebra.core.inventory import inventory
from tnalgebra.core.nesting import all_tensors, through
from tnalgebra.core.nodes import Tensor
from tnalgebra.errors import ArrayError, NotationError, SpaceError

if TYPE_CHECKING:
    from tnalgebra.core.values import Value


def names_of(value: Value, given: Iterable[object]) -> list[str]:
    """The name that each of these has in a value: text, a tensor object, or a sympy symbol.

    Raises NotationError for anything else, and NotationError or SpaceError for an object that is
    declared otherwise than what the value calls so.

    >>> import tnalgebra as tn
    >>> A = tn.tensor("A", "i j")
    >>> names_of(A @ A.T, ["A", A])
    ['A', 'A']
    """
    names: list[str] = []
    objects: dict[str, Value] = {}
    present = {tensor.name for tensor in all_tensors(value)}
    for one in given:
        if isinstance(one, str):
            names.append(one)
        elif isinstance(one, sympy.Symbol):
            _check_symbol(value, one)
            names.append(one.name)
        else:
            tensor = _tensor(one)
            names.append(tensor.name)
            if tensor.name in present:
                objects[tensor.name] = one  # type: ignore[assignment]
    for name, one in objects.items():
        _check_one(value, name, one)
    return names


def by_name(
    value: Value, given: Mapping[Any, Any] | None, named: Mapping[str, Any]
) -> dict[str, Any]:
    """What is given for tensors and symbols, by name: a mapping and keyword arguments together.

    The keys of the mapping are as for `names_of`, which see for what is raised; ArrayError for what
    is no mapping, and for a name given twice.

    >>> import tnalgebra as tn
    >>> A = tn.tensor("A", "i j")
    >>> by_name(A @ A.T, {A: 1}, {"B": 2})
    {'A': 1, 'B': 2}
    """
    if given is None:
        return dict(named)
    if not isinstance(given, Mapping):
        raise ArrayError(
            f"arrays are given by name, not as {type(given).__name__}",
            hint="as in {'A': array} or A=array",
        )
    found: dict[str, Any] = {}
    for name, array in [*zip(names_of(value, given), given.values(), strict=True), *named.items()]:
        if name in found:
            raise ArrayError(f"{name!r} is given twice", hint="give one array for it", about=name)
        found[name] = array
    return found


def _tensor(given: object) -> Tensor:
    """The unmarked tensor that a value is, port by port; raises NotationError for anything else."""
    from tnalgebra.core.values import Diagram

    if not isinstance(given, Diagram):
        raise NotationError(
            f"a tensor is called by its name or given itself, not as {type(given).__name__}",
            hint="as in 'A', or A where A = tn.tensor('A', 'i j')",
        )
    form = given.spider
    label = form.labels[0] if len(form.labels) == 1 and given.coefficient == 1 else None
    ports = form.ports[0] if form.ports else ()
    if (
        not isinstance(label, Tensor)
        or label.is_builtin
        or form.groups
        or form.loops
        or tuple(ports) != tuple(form.free)
        or len(set(ports)) != len(ports)
    ):
        raise NotationError(f"{given} is no tensor alone", hint="give the tensor, or its name")
    if label.mark != "none":
        raise NotationError(
            f"{given} is the tensor {label.name!r} under {label.mark}",
            hint=f"give {label.name!r} itself; where it stands so, that is seen to",
        )
    return label


def _check_one(value: Value, name: str, given: Value) -> None:
    """Raise NotationError or SpaceError unless the value has this very tensor."""
    way_out = f"give the tensor that the value is made of, or its name {name!r}"
    try:
        changed, _ = united([value, given], [])
    except (NotationError, SpaceError) as error:
        hint = "\n".join(one for one in (error.hint, way_out) if one)
        message = f"the {name!r} given is not that of the value: {error.message}"
        raise type(error)(message, hint=hint) from None
    # What a value is made of adds nothing to it.
    if changed:
        old, new = next(iter(changed.items()))
        if old.size != new.size:
            what = f"the space {old.name!r} has no size {new.size}"
        elif new.declared and not old.declared:
            what = f"the space {old.name!r} is not the named one {new.name!r}"
        else:
            what = f"the spaces {old.name!r} and {new.name!r} are two"
        raise SpaceError(f"the {name!r} given is not that of the value, where {what}", hint=way_out)


def _check_symbol(value: Value, given: sympy.Symbol) -> None:
    known = {one for part in through(value) for one in inventory(part).symbols}
    if given not in known and any(one.name == given.name for one in known):
        raise NotationError(
            f"the symbol {given.name!r} has other assumptions than that of the value",
            hint=f"give its name {given.name!r}",
        )
