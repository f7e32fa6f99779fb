"""Every term three ways: its diagram's graph, the batched numbers, the post's formulas."""

import random

import numpy as np
import pytest
import torch
from nn_reference import Formulas, Walker, random_arrays

from tnalgebra.core.nodes import Box, Tensor
from tnalgebra.core.values import Diagram, Sum
from tnalgebra.nn import Transformer, load

SIZES = {"pos": 12, "heads": 4, "hidden": 48, "head_size": 12, "vocab": 64}
MODES = ["linear", "telescoped", "frozen"]


def shipped(mode):
    model = load("induction")
    return model.with_pattern("linear") if mode == "linear" else model


def prompt(seed=0, period=6):
    block = np.random.default_rng(seed).integers(64, size=period)
    return [*block.tolist(), *block.tolist()]


def formula_terms(mode, arrays, layers, *, split):
    formulas = Formulas(arrays, layers, linear=mode == "linear")
    if mode == "frozen":
        recorded = [arrays[f"A{layer}"] for layer in range(layers)]
        return formulas.frozen(recorded, split=split)
    return formulas.three_slots(split=split)


def assert_close(found, wanted, scale):
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12 * scale)


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_each_term_from_its_graph_equals_the_batch_and_the_formula(mode, split):
    model = shipped(mode)
    x = model.path_expansion(mode, split_heads=split)
    result = x.evaluate(prompt())
    formulas = formula_terms(mode, result.arrays, 2, split=split)
    assert set(formulas) == {term.label for term in x}
    assert result.terms.shape == (len(x), 12, 64)
    scale = np.abs(result.forward).max()
    places = range(len(x))
    if len(x) > 100:
        places = random.Random(7).sample(places, 100)
    walker = Walker(result.arrays, SIZES)
    for place in places:
        term = x[place]
        assert [leg.name for leg in term.diagram.legs] == ["pos", "vocab"]
        from_graph = walker.value(term.diagram)
        assert_close(from_graph, result.terms[place], scale)
        assert_close(from_graph, formulas[term.label], scale)
        assert np.abs(from_graph).max() > 0


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_sum_is_the_forward_pass_and_no_term_can_be_left_out(mode, split):
    model = shipped(mode)
    result = model.path_expansion(mode, split_heads=split).evaluate(prompt(1, 16))
    w = {name: torch.from_numpy(array.copy()) for name, array in result.arrays.items()}
    stream = w["tokens"] @ w["W_E"] + w["W_pos"]
    for layer in range(2):
        q, k, v = (
            torch.einsum("pd,nde->npe", stream, w[f"{name}{layer}"])
            for name in ("W_Q", "W_K", "W_V")
        )
        scores = q @ k.mT / 12**0.5
        pattern = scores.tril()
        if mode != "linear":
            future = torch.ones(32, 32, dtype=torch.bool).triu(1)
            pattern = scores.masked_fill(future, -torch.inf).softmax(-1)
        stream = stream + torch.einsum("npe,ned->pd", pattern @ v, w[f"W_O{layer}"])
    plain = (stream @ w["W_U"]).numpy()
    scale = np.abs(plain).max()
    assert np.abs(result.total - plain).max() < 1e-10
    assert np.abs(result.forward - plain).max() < 1e-12 * scale
    assert result.residual < 1e-12 * scale
    assert result.relative_residual == result.residual / np.abs(result.forward).max()
    for term in result.terms:
        assert np.abs(result.total - term - result.forward).max() > 1e3 * result.residual


@pytest.mark.parametrize(("layers", "heads", "split"), [(3, 2, False), (3, 2, True), (4, 2, False)])
@pytest.mark.parametrize("mode", ["linear", "telescoped"])
def test_deeper_terms_have_prefix_sums_that_end_inside_a_layer(mode, layers, heads, split):
    pattern = {"linear": "linear", "telescoped": "softmax"}[mode]
    model = Transformer(layers=layers, heads=heads, d_model=4, d_head=2, pattern=pattern)
    sizes = {"pos": 3, "hidden": 4, "heads": heads, "head_size": 2}
    arrays = random_arrays(model, sizes, seed=2)
    x = model.path_expansion(mode, split_heads=split)
    before = Transformer(layers=layers - 1, heads=heads, d_model=4, d_head=2, pattern=pattern)
    fewer = {name: array for name, array in arrays.items() if name in before.tensors}
    sources = before.path_expansion(mode, split_heads=split).evaluate(arrays=fewer).terms
    prefix = sources if mode == "linear" else sources.cumsum(0)
    formulas = Formulas(arrays, layers, linear=mode == "linear")
    walker = Walker(arrays, sizes)
    for place in random.Random(3).sample(range(x.count - len(sources)), 12):
        term = x[place + len(sources)]
        head, (i, j, v) = term.address.head, (slot.index for slot in term.address.slots)
        D = formulas.pattern(layers - 1, prefix[i], prefix[j])
        if mode == "telescoped":
            if i:
                D = D - formulas.pattern(layers - 1, prefix[i - 1], prefix[j])
            if j:
                D = D - formulas.pattern(layers - 1, prefix[i], prefix[j - 1])
            if i and j:
                D = D + formulas.pattern(layers - 1, prefix[i - 1], prefix[j - 1])
        outs = formulas.heads(layers - 1, D, sources[v])
        wanted = sum(outs) if head is None else outs[head]
        np.testing.assert_allclose(walker.value(term.diagram), wanted, rtol=0, atol=1e-12)


def test_eight_heads_of_a_symbolic_model_evaluate_from_given_arrays():
    model = Transformer(layers=2, heads=8, d_model=6, d_head=3)
    sizes = {"pos": 5, "hidden": 6, "heads": 8, "head_size": 3}
    arrays = random_arrays(model, sizes, seed=4)
    x = model.path_expansion("telescoped", split_heads=True)
    result = x.evaluate(arrays=arrays)
    assert result.terms.shape == (5841, 5, 6)
    assert result.residual < 1e-12
    formulas = Formulas(arrays, 2).three_slots(split=True)
    walker = Walker(arrays, sizes)
    for place in random.Random(5).sample(range(len(x)), 100):
        assert_close(walker.value(x[place].diagram), result.terms[place], 1)
        assert_close(result.terms[place], formulas[x[place].label], 1)


def test_three_layers_evaluate_all_1010_terms():
    model = Transformer(layers=3, heads=2, d_model=4, d_head=2)
    sizes = {"pos": 4, "hidden": 4, "heads": 2, "head_size": 2}
    arrays = random_arrays(model, sizes, seed=6)
    x = model.path_expansion("telescoped")
    result = x.evaluate(arrays=arrays)
    formulas = Formulas(arrays, 3).three_slots(split=False)
    assert {term.label for term in x} == set(formulas)
    for place, term in enumerate(x):
        assert_close(result.terms[place], formulas[term.label], 1)
    assert result.residual < 1e-12


def test_frozen_value_term_is_the_sum_of_the_terms_whose_value_is_not_the_input():
    model = shipped("telescoped")
    telescoped = model.path_expansion("telescoped")
    frozen = model.path_expansion("frozen")
    parts = telescoped.evaluate(prompt()).terms
    paths = dict(zip((t.label for t in frozen), frozen.evaluate(prompt()).terms, strict=True))
    by_value = {"L1(x)": 0, "L1(L0)": 0}
    for term, part in zip(telescoped, parts, strict=True):
        if term.label.startswith("L1"):
            by_value["L1(L0)" if "V" in term.kind else "L1(x)"] += part
    for label, wanted in by_value.items():
        np.testing.assert_allclose(paths[label], wanted, atol=1e-12)


def boxes_within(value):
    seen, waiting, found = {}, [value], []
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one
        for term in one.terms if isinstance(one, Sum) else (one,):
            found += term.boxes
            waiting += [box.content for box in term.boxes]
    return found


def test_telescoped_difference_is_one_sum_of_at_most_four_softmax_boxes():
    x = Transformer(layers=2, heads=2).path_expansion("telescoped")
    sizes = {"none": 1, "Q": 2, "K": 2, "QK": 4}
    for term in x:
        if not term.label.startswith("L1"):
            continue
        corners = sizes[term.kind.replace("V", "") or "none"]
        pattern = next(box for box in term.diagram.boxes if len(box.legs) == 3)
        if corners == 1:
            assert pattern.function.name == "causal_softmax"
            continue
        assert pattern.function is None
        content = pattern.content
        assert isinstance(content, Sum)
        assert len(content.terms) == corners
        assert sum(part.coefficient for part in content.terms) == 0
        for part in content.terms:
            (box,) = part.boxes
            assert box.function.name == "causal_softmax"
            assert not part.own_tensors


def test_terms_share_residual_streams_with_the_model():
    model = Transformer(layers=2, heads=2)
    stream = model.stream(1)
    assert isinstance(stream, Box)
    for value in (model.diagram(), model.path_expansion("telescoped")[-1].diagram):
        assert any(box.content is stream.content for box in boxes_within(value))


def test_frozen_path_is_one_flat_diagram():
    term = Transformer(layers=3, heads=4).path_expansion("frozen", split_heads=True)[-1]
    assert term.label == "L2H3(L1H3(L0H3))"
    names = [node.name for node in term.diagram.tensors]
    assert sorted(n for n in names if n.startswith("A")) == ["A0", "A1", "A2"]
    assert names.count("onehot(3)") == 3
    assert not term.diagram.boxes
    assert "x" in names


def test_one_head_is_picked_by_a_unit_vector():
    term = Transformer(layers=1, heads=4).path_expansion("telescoped", split_heads=True)[3]
    assert term.heads == ("L0H2",)
    assert "onehot(2)" in [node.name for node in term.diagram.tensors]


def test_first_term_is_the_input_itself():
    model = Transformer(layers=2)
    first = model.path_expansion("telescoped")[0].diagram
    assert isinstance(first, Diagram)
    assert [node.name for node in first.tensors] == ["x"]
    assert isinstance(model.stream(0), Tensor)
