"""Counting, indexing and refusing: what an expansion says before anything is evaluated."""

import sys
from itertools import islice, pairwise, product

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from nn_reference import Formulas, random_arrays

from tnalgebra.errors import ArrayError, LimitError, NotationError
from tnalgebra.nn import Transformer, load
from tnalgebra.nn.paths.address import Numbering


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
