"""Values as JSON: they come back whole, the text is stable, and no broken text gives a value."""

from __future__ import annotations

import copy
import json
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sympy
from hypothesis import given, settings
from strategies import equations, values

import tnalgebra as tn
from tnalgebra.bridges.json_writer import laid_out
from tnalgebra.core import build
from tnalgebra.core.nesting import all_tensors, contents
from tnalgebra.core.nodes import Tensor
from tnalgebra.core.spaces import Leg, Space
from tnalgebra.core.values import Diagram, Equation, Sum, terms_of
from tnalgebra.errors import JsonError, LimitError, TnalgebraError

DOCS = Path(__file__).parents[2] / "docs" / "json.md"


def _declared(value) -> list[tuple[str, bool]]:
    return [(space.name, space.declared) for space in value.spaces]


def _check(value):
    text = value.to_json()
    twin = tn.from_json(text)
    assert type(twin) is type(value)
    assert twin == value
    assert twin.to_json() == text
    return twin


@settings(max_examples=120)
@given(values(depth=2))
def test_a_value_comes_back_whole(value):
    twin = _check(value)
    assert hash(twin) == hash(value)
    assert (twin.legs, twin.named, twin.summed) == (value.legs, value.named, value.summed)
    assert _declared(twin) == _declared(value)
    assert len(contents(twin)) == len(contents(value))
    assert all_tensors(twin) == all_tensors(value)
    mine, theirs = terms_of(value), terms_of(twin)
    assert [term.coefficient for term in mine] == [term.coefficient for term in theirs]


@given(equations())
def test_an_equation_comes_back(equation):
    _check(equation)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("A[i,j]", ""),
        ("A @ B", "A: unitary(i, j)"),
        ("V[m,n,a]*inv(A)[a,b]*conj(inv(A))[b,c]", "V: isometry(m, n -> a); A: invertible(b, c)"),
        ("T[i,k,j,l] - T[j,l,i,k]", "T: symmetric((i,k), (j,l))"),
        ("A[q,d]", "q: seq = 64; d = 3"),
        ("1/3*sqrt(2)*I*exp(beta)*conj(alpha)*v[i]", "beta: real"),
        ("dim(i)**2*pi*v[i]/log(2)", ""),
        ("causal[q,k]*onehot(3)[q]*delta[k,i,j]", "q = 5"),
        ("r := exp(A[i,j] + B[i,j]); r[i,j]*r[j,k] + 2*r[i,k]", ""),
        ("softmax(A[i,j], j) == causal_softmax(B[i,j], i, j)", "i, j: n"),
        ("0*A[i,j]", ""),
        ("ñ[α,β']", ""),
        ("7", ""),
    ],
)
def test_every_part_of_the_notation(text, where):
    value = tn.parse(text, where=where)
    twin = _check(value)
    assert str(twin) == str(value)
    assert twin.where == value.where


def test_symbols_keep_their_assumptions():
    symbols = [
        sympy.Symbol("a"),
        sympy.Symbol("b", real=True),
        sympy.Symbol("d", integer=True, positive=True),
    ]
    value = tn.parse("v[i]") * sympy.Add(*symbols)
    twin = tn.from_json(value.to_json())
    assert twin.coefficient == value.coefficient
    assert json.loads(value.to_json())["symbols"]["d"] == {"integer": True, "positive": True}


def test_spaces_of_symbolic_size():
    heads = sympy.Symbol("h", integer=True, positive=True)
    space = Space("n", 2 * heads + 1, True)
    value = build.symbol(Tensor("A", (Leg("i", space), Leg("j", space))), ["x", "y"])
    assert tn.from_json(value.to_json()).legs == value.legs


@pytest.mark.parametrize(
    "text",
    ["group(X[i,j,k], ij=(i,j))", "split(group(X[i,j,k], ij=(i,j)), ij=(i,j))", "kron(A, B)"],
)
def test_groups_come_back(text):
    value = tn.parse(text)
    twin = tn.from_json(value.to_json())
    assert (twin, twin.legs) == (value, value.legs)
    assert twin.to_json() == value.to_json()


def test_entries_come_back():
    i, j = sympy.symbols("i j", integer=True)
    legs = (Leg("i", Space("n", 2)), Leg("j", Space("m", 3)))
    table = sympy.ImmutableDenseNDimArray([1, 2, sympy.sqrt(2), sympy.I, 0, sympy.pi], (2, 3))
    for entries in (sympy.Lambda((i, j), i**2 + sympy.Symbol("alpha") * j), table):
        tensor = Tensor("A", legs, (), "conj", entries)
        twin = tn.from_json(build.symbol(tensor, ["x", "y"]).to_json())
        assert twin.tensors == (tensor,)


def test_what_the_schema_cannot_say_is_refused():
    i = sympy.Symbol("i", integer=True)
    entries = sympy.Lambda((i,), sympy.Piecewise((1, i > 2), (0, True)))
    value = build.symbol(Tensor("v", (Leg("i", Space("n")),), (), "none", entries), ["x"])
    with pytest.raises(TnalgebraError, match="Piecewise"):
        value.to_json()
    term = tn.parse("v[i]")
    alphas = [sympy.Symbol("alpha"), sympy.Symbol("alpha", real=True)]
    clash = Sum([term * alpha for alpha in alphas], term.legs)
    with pytest.raises(TnalgebraError, match="two different symbols"):
        clash.to_json()


def test_shared_contents_are_written_once_and_stay_shared():
    box = build.shared(tn.parse("A[i,j] + B[i,j]", where="i, j: n"))
    value = build.contract(box["i", "j"], box["j", "k"], keep=["i", "k"])
    first, second = tn.from_json(value.to_json()).boxes
    assert first.content is second.content
    equation = tn.equation(box["i", "j"] * 2, box["i", "j"])
    assert len(json.loads(equation.to_json())["values"]) == 3
    twin = tn.from_json(equation.to_json())
    assert twin.lhs.boxes[0].content is twin.rhs.boxes[0].content


def test_a_thousand_layers():
    value = tn.parse("v[i]")
    for _ in range(1000):
        value = tn.bubble("exp", value)
    value = value + tn.parse("w[i]")
    assert tn.from_json(value.to_json()) == value


def test_the_text_is_the_same_in_every_process():
    code = (
        "import tnalgebra as tn; print(tn.parse('exp(alpha*S[i,j]*v[j] + beta*w[i]) + dim(i)*w[i]',"
        "where='S: symmetric(i, j); beta: real').to_json())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(p for p in sys.path if p)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "99")
    }
    assert len(outputs) == 1


def test_the_layout_is_for_readers():
    text = tn.parse("A[i,j]*B[j,k] + 2*C[i,k]").to_json()
    assert json.loads(text)["schema_version"] == 1
    assert max(map(len, text.splitlines())) <= 110
    assert laid_out([[], {}, [1]]) == "[\n [],\n {},\n [1]\n]"


def test_the_example_of_the_page_is_true():
    page = DOCS.read_text(encoding="utf-8")
    code, text = re.findall(r"```(?:python|json)\n(.*?)```", page, re.S)
    assert eval(code, {"tn": tn}) == tn.from_json(text)
    assert eval(code, {"tn": tn}).to_json() == text


SOURCE = "2*alpha*conj(V)[m,a]*exp(V[m,b] + W[m,b])*onehot(1)[b]*delta[a,c,d] + U[c,d]"
WHERE = "V: isometry(m -> b); U: unitary(c, d); a, b, c, d: n = 3; m = 4"


def _data():
    return json.loads(tn.parse(SOURCE, where=WHERE).to_json())


TERM = ("values", 0, "terms", 0)


def _set(*path_and_value):
    *path, last, new = path_and_value

    def damage(data):
        for key in path:
            data = data[key]
        data[last] = new

    return damage


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_set("schema_version", 2), "schema_version is 2, and 1 can be read"),
        (_set("kind", "diagram"), r"\$\.kind must be that of the last value"),
        (_set("kind", 1), r"\$\.kind must be a text, not 1"),
        (_set("extra", 1), "object with the keys"),
        (_set("values", []), "a list of 1 or more"),
        (_set(*TERM, "coefficient", 2), "must be a text"),
        (_set(*TERM, "coefficient", "A[i,i]"), "number is wanted"),
        (_set(*TERM, "coefficient", "gamma1"), "no symbol is called"),
        (_set(*TERM, "coefficient", "__import__('os')"), "cannot read"),
        (_set(*TERM, "coefficient", "9**9**9"), "bits"),
        (_set(*TERM, "coefficient", "1/0"), "division by zero"),
        (_set("values", 0, "named", 1), "must be true or false, not 1"),
        (_set("tensors", "V", "facts", 0, 0, "isometric"), "'isometric' of 'V' is unknown"),
        (_set("tensors", "V", "facts", 0, 1, [[0], [2]]), "ports"),
        (_set("tensors", "V", "facts", 0, 1, [[1], [0]]), "from size 3 to size 4"),
        (_set("tensors", "V", "name", "U"), "two different tensors"),
        (_set("tensors", "V", "name", "delta"), "meaning of its own"),
        (_set("tensors", "onehot(1)", "name", "onehot(3)"), "no place in the space"),
        (_set("tensors", "onehot(1)", "name", "onehot(x)"), r"causal of two legs or onehot"),
        (_set("spaces", "n", "size", 0), "at least 1"),
        (_set("spaces", "n", "size", True), "at least 1"),
        (_set("spaces", "n", "size", 3.0), "at least 1"),
        (_set("spaces", "n", "size", "alpha/2 - alpha/2 - 1"), "can be one"),
        (_set("spaces", "m", "name", "n"), "two different spaces are called 'n'"),
        (_set("symbols", "n", {"integer": True, "positive": True}), "without the size of 'n'"),
        (_set("symbols", "alpha", {"reel": True}), "assumptions that sympy knows"),
        (_set("symbols", "alpha", {"even": True, "odd": True}), "agree with each other"),
        (_set("symbols", "alpha", {"positive": True}), "cannot say the symbol alpha"),
        (_set("symbols", "alpha", {"commutative": False}), "assumptions that sympy knows"),
    ],
)
def test_a_broken_text_is_refused(damage, message):
    data = _data()
    damage(data)
    with pytest.raises(TnalgebraError, match=message):
        tn.from_json(json.dumps(data))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "1", '"A"', "{}", "[" * 100_000, "1" * 5000, "NaN", '{"a":1,"a":1}'],
)
def test_what_is_no_json_of_a_value_is_refused(text):
    with pytest.raises(JsonError):
        tn.from_json(text)
    with pytest.raises(JsonError, match="expected JSON text"):
        tn.from_json(text.encode())


def test_the_place_of_a_slip_in_the_text_is_shown():
    with pytest.raises(JsonError) as caught:
        tn.from_json('{"schema_version": 1,}')
    assert "^" in str(caught.value)


REPLACEMENTS = (
    *(None, True, False, -1, 0, 1, 2, 3, 7, 10**30, 0.5, "", "A", "conj", "inv", "none", "n"),
    *("sum", "delta", "softmax", "2*alpha", "1/0", "x'", "\ud800", [], {}, [0], [[0, 0], [0, 1]]),
)


def _containers(data):
    found, waiting = [], [data]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list):
            found.append(one)
            waiting.extend(one.values() if isinstance(one, dict) else one)
    return [one for one in found if one]


def _mutate(data, rng: random.Random):
    """One key or item deleted, replaced, doubled, renamed or exchanged with another."""
    box = rng.choice(_containers(data))
    key = rng.choice(list(box)) if isinstance(box, dict) else rng.randrange(len(box))
    match rng.randrange(6):
        case 0:
            del box[key]
        case 1 | 2:
            box[key] = copy.deepcopy(rng.choice(REPLACEMENTS))
        case 3 if isinstance(box, list):
            box.insert(rng.randrange(len(box) + 1), copy.deepcopy(box[key]))
        case 4 if isinstance(box, dict):
            box[rng.choice([*box, "extra", "A", "B"])] = box.pop(key)
        case _:
            other = rng.choice(_containers(data))
            place = (
                rng.choice(list(other)) if isinstance(other, dict) else rng.randrange(len(other))
            )
            box[key] = copy.deepcopy(other[place])


def _fuzz(count: int, seed: int) -> int:
    """How many of the mutated texts gave a value; each that did is a whole one."""
    rng = random.Random(seed)
    texts = [
        tn.parse(SOURCE, where=WHERE).to_json(),
        tn.parse("softmax(2*A[i,j]*inv(B)[j,k], k) == C[i,k]", where="i: seq; C: real").to_json(),
        tn.parse("r := A[i,j]*dim(i) + B[i,j]; r[i,j]*r[j,k]*causal[i,l]").to_json(),
    ]
    accepted = 0
    for trial in range(count):
        data = json.loads(rng.choice(texts))
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            _mutate(data, rng)
        text = json.dumps(data)
        try:
            value = tn.from_json(text)
        except TnalgebraError:
            continue
        accepted += 1
        assert isinstance(value, Diagram | Sum | Equation), (seed, trial, text)
        again = tn.from_json(value.to_json())
        assert again == value, (seed, trial, text)
        assert hash(again) == hash(value)
        assert str(again) == str(value)
    return accepted


def test_tampered_texts_are_refused_or_give_a_value():
    assert 20 < _fuzz(1500, 1) < 700


@pytest.mark.slow
def test_many_tampered_texts_are_refused_or_give_a_value():
    assert _fuzz(10_000, 2) > 100


def test_a_size_that_no_machine_holds_is_a_number_still():
    value = tn.parse("v[i]", where="i = 999999999999999999")
    assert tn.from_json(value.to_json()) == value
    with pytest.raises(LimitError):
        tn.from_json(value.to_json().replace('"coefficient": "1"', '"coefficient": "2**99999"'))


@pytest.mark.parametrize(
    ("text", "where", "damage", "message"),
    [
        ("onehot(1)[i]", "i: n", _set("values", 0, "nodes", 0, "mark", "conj"), "has no mark"),
        ("causal[i,j]", "", _set("values", 0, "nodes", 0, "mark", "pinv"), "has no mark"),
        ("X[i]", "X = [1, 2]; i: n", _set("spaces", "n", "size", None), "entries of the shape"),
        ("A[i]", "i: d = 2*n", _set("spaces", "d", "name", "n"), "leads back to it"),
    ],
)
def test_what_no_value_can_have_is_refused(text, where, damage, message):
    """Once a conjugated unit vector was read, printed as a plain one, and was not equal to it."""
    data = json.loads(tn.parse(text, where).to_json())
    tn.from_json(json.dumps(data))
    damage(data)
    with pytest.raises(TnalgebraError, match=message):
        tn.from_json(json.dumps(data))
