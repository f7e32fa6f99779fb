"""Counting, indexing and refusing: what an expansion says before anything is evaluated."""

import copy
import math
import pickle
import sys
from dataclasses import replace
from itertools import islice, pairwise, product

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st
from nn_reference import Formulas, random_arrays

from tnalgebra.errors import ArrayError, LimitError, NotationError
from tnalgebra.nn import Transformer, load
from tnalgebra.nn.paths.address import Numbering, count_text
from tnalgebra.nn.paths.induction import CompositionRow, CompositionTable


def expansion(layers, heads=8, mode="telescoped", split=False):
    pattern = "linear" if mode == "linear" else "softmax"
    model = Transformer(layers=layers, heads=heads, pattern=pattern)
    return model.path_expansion(mode=mode, split_heads=split)


@pytest.mark.parametrize("mode", ["linear", "telescoped"])
@pytest.mark.parametrize(
    ("split", "counts"),
    [(False, [1, 2, 10, 1010, 1030302010]), (True, [1, 9, 5841, 5841 + 8 * 5841**3])],
)
def test_counts_of_three_slots(mode, split, counts):
    assert [len(expansion(n, mode=mode, split=split)) for n in range(len(counts))] == counts


def test_counts_of_frozen_paths():
    assert len(expansion(12, 12, "frozen", split=True)) == 13**12 == 23298085122481
    assert len(expansion(12, 12, "frozen")) == 2**12
    assert [len(expansion(2, h, "frozen", split=True)) for h in (8, 12)] == [81, 169]


def test_count_has_no_limit_and_len_says_so():
    x = expansion(5)
    assert x.count == 1030302010 + 1030302010**3
    assert x[x.count - 1].label == x[-1].label
    with pytest.raises(LimitError, match="count"):
        len(x)
    with pytest.raises(LimitError, match="digits"):
        expansion(48)
    assert expansion(48, 12, "frozen", split=True).count == 13**48


def test_ten_terms_by_label_kind_and_order():
    found = [(t.label, t.kind, t.order, t.heads) for t in expansion(2)]
    assert found == [
        ("x", "none", 0, ()),
        ("L0(x,x,x)", "none", 1, ()),
        ("L1(x,x,x)", "none", 1, ()),
        ("L1(x,x,L0)", "V", 2, ()),
        ("L1(x,L0,x)", "K", 2, ()),
        ("L1(x,L0,L0)", "KV", 3, ()),
        ("L1(L0,x,x)", "Q", 2, ()),
        ("L1(L0,x,L0)", "QV", 3, ()),
        ("L1(L0,L0,x)", "QK", 3, ()),
        ("L1(L0,L0,L0)", "QKV", 4, ()),
    ]


def test_split_heads_and_frozen_labels():
    x = expansion(2, 8, split=True)
    by_label = {t.label: t for t in islice(x, 6000)}
    term = by_label["L1H3(L0H2,x,L0H7)"]
    assert (term.kind, term.order, term.heads) == ("QV", 3, ("L1H3", "L0H2", "L0H7"))
    frozen = [(t.label, t.kind, t.order) for t in expansion(2, mode="frozen")]
    assert frozen == [
        ("x", "none", 0),
        ("L0(x)", "none", 1),
        ("L1(x)", "none", 1),
        ("L1(L0)", "V", 2),
    ]
    assert expansion(3)[-1].label == "L2(" + ",".join(["L1(L0,L0,L0)"] * 3) + ")"
    assert expansion(3)[-1].order == 13


@given(st.data())
def test_every_place_decodes_to_the_term_that_stands_there(data):
    layers, heads = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 12))
    slots = data.draw(st.sampled_from([1, 3]))
    numbering = Numbering(layers, heads, slots=slots, split=True)
    index = data.draw(st.integers(1, numbering.count - 1))
    layer, head, sources = numbering.digits(index)
    base = numbering.counts[layer]
    assert all(0 <= source < base for source in sources)
    assert 0 <= head < heads
    place = head
    for source in sources:
        place = place * base + source
    assert base + place == index
    address = numbering.address(index)
    assert (address.layer, address.head, address.index) == (layer, head, index)
    assert tuple(slot.index for slot in address.slots) == sources


def test_indexing_is_a_sequences():
    x = expansion(2)
    assert x[-1].index == 9
    assert x[-10].label == "x"
    for outside in (10, -11):
        with pytest.raises(IndexError, match="of 10"):
            x[outside]
    with pytest.raises(TypeError):
        x["L0"]
    assert len(list(x)) == 10
    assert "the last fastest" in x.order_of_sources
    assert repr(x) == "<telescoped expansion of 2 layers: 10 terms>"
    assert repr(x[4]) == "Term(4, 'L1(x,L0,x)', kind='K', order=2)"


def distinct_nodes(value):
    seen, waiting, nodes = {}, [value], 0
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one
        for term in getattr(one, "terms", (one,)):
            nodes += term.graph.number_of_nodes()
            waiting += [box.content for box in term.boxes]
    return nodes


@pytest.mark.parametrize("pattern", ["softmax", "linear", "frozen"])
@pytest.mark.parametrize("vocab", [None, 50])
def test_forward_pass_has_nodes_in_proportion_to_layers(pattern, vocab):
    counts = [
        distinct_nodes(Transformer(layers=n, heads=8, pattern=pattern, vocab=vocab).diagram())
        for n in range(2, 49)
    ]
    steps = {after - before for before, after in pairwise(counts)}
    (step,) = steps
    assert 0 < step < 25


def test_sizes_may_be_symbols_or_free():
    K = sympy.Symbol("K", integer=True, positive=True)
    m = Transformer(layers=1, heads=sympy.Integer(2), d_head=K, vocab=sympy.Symbol("v"))
    assert m.spaces["head_size"].dimension == K
    assert m.spaces["hidden"].size is None
    assert [leg.name for leg in m.diagram().legs] == ["pos", "vocab"]
    assert len(m.path_expansion("telescoped", split_heads=True)) == 3
    with pytest.raises(NotationError, match="number of heads"):
        Transformer(layers=1).path_expansion("telescoped", split_heads=True)


def test_symbolic_size_is_read_off_the_arrays():
    K = sympy.Symbol("K", integer=True, positive=True)
    m = Transformer(layers=1, d_head=K)
    arrays = random_arrays(m, {"pos": 3, "hidden": 4, "heads": 2, "head_size": 5}, seed=0)
    result = m.path_expansion("telescoped").evaluate(arrays=arrays)
    assert abs(result.forward - Formulas(arrays, 1).forward()).max() < 1e-13
    assert result.residual < 1e-13


@pytest.mark.parametrize(
    ("mode", "pattern", "message"),
    [
        ("linear", "softmax", 'needs pattern="linear"'),
        ("telescoped", "linear", 'needs pattern="softmax"'),
        ("frozen", "linear", 'needs pattern="softmax"'),
        ("telescoped", "frozen", 'needs pattern="softmax"'),
        ("moebius", "softmax", "equals telescoped"),
        ("substitution", "softmax", "does not add up"),
        ("shapley", "softmax", "known are"),
    ],
)
def test_modes_that_do_not_add_up_are_refused(mode, pattern, message):
    with pytest.raises(NotationError, match=message):
        Transformer(layers=2, pattern=pattern).path_expansion(mode)


def test_other_refusals():
    with pytest.raises(NotationError, match="split_positions"):
        Transformer(layers=2).path_expansion("telescoped", split_positions=True)
    with pytest.raises(NotationError, match="attention-only"):
        Transformer(layers=2, attention_only=False)
    with pytest.raises(NotationError, match="unknown pattern"):
        Transformer(layers=2, pattern="relu")
    for wrong in ({"layers": -1}, {"layers": 2.0}, {"heads": 0}, {"d_model": True}, {"vocab": "v"}):
        with pytest.raises(NotationError):
            Transformer(**wrong)
    x = Transformer(layers=2).path_expansion("telescoped")
    with pytest.raises(NotationError, match="no weights"):
        x.evaluate([1, 2])
    with pytest.raises(NotationError, match="either tokens or arrays"):
        x.evaluate()


def test_evaluation_above_the_memory_limit_is_refused_with_its_count():
    m = Transformer(layers=3, heads=8)
    arrays = random_arrays(m, {"pos": 4, "hidden": 4, "heads": 8, "head_size": 2}, seed=0)
    x = m.path_expansion("telescoped", split_heads=True)
    with pytest.raises(LimitError, match=f"{x.count} terms"):
        x.evaluate(arrays=arrays)
    assert x.count < sys.maxsize


def test_evaluation_names_the_array_that_does_not_fit():
    m = Transformer(layers=1)
    arrays = random_arrays(m, {"pos": 4, "hidden": 4, "heads": 2, "head_size": 3}, seed=0)
    x = m.path_expansion("telescoped")
    with pytest.raises(ArrayError, match="no 'W_V0'"):
        x.evaluate(arrays={name: a for name, a in arrays.items() if name != "W_V0"})
    with pytest.raises(ArrayError, match="unknown 'W_V1'"):
        x.evaluate(arrays={**arrays, "W_V1": arrays["W_V0"]})
    with pytest.raises(ArrayError, match="W_O0"):
        x.evaluate(arrays={**arrays, "W_O0": arrays["W_O0"][:, :1]})


def test_mode_and_residual_are_printed():
    result = load("induction").path_expansion("telescoped").evaluate([1, 2, 3, 1])
    text = str(result)
    assert text.startswith("telescoped expansion of 2 layers: 10 terms\n")
    assert "completeness residual: max |sum of terms - forward pass| = " in text


def test_kinds_are_all_subsets_of_slots():
    found = {term.kind for term in expansion(2)}
    assert found == {"".join(slots) or "none" for slots in product(*(("", s) for s in "QKV"))}


SIZES = {"pos": 3, "hidden": 4, "heads": 2, "head_size": 2, "vocab": 5}


def symbolic(mode="telescoped", **options):
    """An expansion with random arrays that fit it."""
    pattern = "linear" if mode == "linear" else "softmax"
    model = Transformer(layers=2, pattern=pattern, **options)
    return model.path_expansion(mode), random_arrays(model, SIZES, seed=1)


def test_a_forward_pass_of_zeros_has_no_relative_residual_to_divide_by():
    x, arrays = symbolic(vocab=5)
    arrays["W_U"] = np.zeros((4, 5))
    result = x.evaluate(arrays=arrays)
    assert (result.residual, result.relative_residual) == (0, 0)
    assert "(relative 0.00e+00)" in str(result)
    assert replace(result, terms=result.terms + 1).relative_residual == math.inf


def test_a_share_of_a_zero_total_is_shown_as_a_dash():
    row = CompositionRow("x", "none", 0, 0.0, None)
    table = CompositionTable((row,), "telescoped", 1, 2, 0)
    assert [line.split()[-1] for line in str(table).splitlines()[-2:]] == ["-", "-"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("mode", ["telescoped", "linear", "frozen"])
@pytest.mark.parametrize("name", ["x", "W_Q0", "W_V1"])
def test_a_forward_pass_that_overflows_is_refused(mode, name):
    x, arrays = symbolic(mode)
    for large in {name, "W_K0", "W_O1"}:
        arrays[large] = arrays[large] * 1e200
    with pytest.raises(ArrayError, match="the forward pass is not finite"):
        x.evaluate(arrays=arrays)


@pytest.mark.filterwarnings("error")
def test_numbers_must_be_finite_in_float64():
    x, arrays = symbolic()
    arrays["x"] = np.full((3, 4), np.longdouble("1e4000"))
    if np.isfinite(arrays["x"]).all():
        with pytest.raises(ArrayError, match="'x' is not an array of finite real numbers"):
            x.evaluate(arrays=arrays)


def test_torch_tensors_and_odd_arrays_for_an_evaluation():
    x, arrays = symbolic()
    wanted = x.evaluate(arrays=arrays).terms
    given = {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}
    np.testing.assert_array_equal(x.evaluate(arrays=given).terms, wanted)
    short = {name: torch.tensor(array).bfloat16() for name, array in arrays.items()}
    cast = {name: tensor.double().numpy() for name, tensor in short.items()}
    np.testing.assert_array_equal(x.evaluate(arrays=short).terms, x.evaluate(arrays=cast).terms)
    with pytest.raises(ArrayError, match=r"numpy\.matrix"):
        x.evaluate(arrays={**arrays, "x": arrays["x"].view(np.matrix)})


@pytest.mark.parametrize("device", ["bogus", "meta", "cuda:99"])
def test_devices_that_cannot_compute_are_named(device):
    x, arrays = symbolic()
    with pytest.raises(ArrayError, match=f"the device '{device}'") as refused:
        x.evaluate(arrays=arrays, device=device)
    assert 'device="cpu"' in refused.value.hint


def test_long_counts_are_rounded_where_they_are_shown():
    assert count_text(10**30 - 1) == "9" * 30
    assert count_text(10**30) == "about 1.0e+30"
    assert count_text(10**40 - 1) == "about 1.0e+40"
    x = expansion(10)
    text = count_text(x.count)
    assert text.startswith("about ")
    assert repr(x) == f"<telescoped expansion of 10 layers: {text} terms>"
    assert x[3].label == "L1(x,x,L0)"
    with pytest.raises(LimitError, match="more than len"):
        len(x)
    with pytest.raises(IndexError, match=r"term about .* of about "):
        x[x.count]
    assert repr(x[10**5000]).startswith("Term(about 1.0e+5000, ")
    assert x.count == x.numbering.counts[9] + x.numbering.counts[9] ** 3


def test_the_memory_limit_is_said_for_counts_that_no_float_holds():
    model = Transformer(layers=8)
    arrays = random_arrays(model, SIZES, seed=0)
    with pytest.raises(LimitError, match=r"they need about .* GiB, and the limit is 4 GiB"):
        model.path_expansion("telescoped").evaluate(arrays=arrays)


@pytest.mark.parametrize("split", [False, True])
def test_frozen_terms_of_a_thousand_layers(split):
    x = Transformer(layers=1000, heads=2).path_expansion("frozen", split_heads=split)
    last = x[-1]
    assert last.order == 1000
    assert last.label.startswith("L999H1(L998H1(" if split else "L999(L998(")
    assert last.label.endswith("(L0H1" + ")" * 999 if split else "(L0" + ")" * 999)
    assert len(last.heads) == (1000 if split else 0)
    assert sum(tensor.name.startswith("A") for tensor in last.diagram.tensors) == 1000
    with pytest.raises(LimitError, match="10001 layers"):
        Transformer(layers=10001).path_expansion("frozen")


@pytest.mark.parametrize(
    "size",
    [
        *(sympy.Integer(-3), sympy.Integer(0), sympy.Rational(1, 2), sympy.nan, sympy.oo),
        *(sympy.sqrt(2), sympy.Symbol("n", negative=True), sympy.Symbol("n", integer=False)),
        *(sympy.Symbol("n", commutative=False), sympy.Symbol("n", finite=False)),
    ],
)
def test_sizes_that_are_no_positive_whole_number_are_refused(size):
    for name in ("heads", "d_model", "d_head", "vocab"):
        with pytest.raises(NotationError, match=f"{name} is a positive int"):
            Transformer(**{name: size})


def test_sizes_are_ints_and_mappings_read_only_and_copies_equal():
    model = Transformer(heads=sympy.Integer(2), d_model=sympy.Symbol("d"))
    assert type(model.heads) is int
    for mapping in (model.tensors, model.spaces):
        with pytest.raises(TypeError):
            mapping["x"] = None
    for again in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert again == model
        assert again.tensors == model.tensors
