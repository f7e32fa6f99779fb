"""The shipped model behaves as an induction model, and wrong weights or prompts are named."""

import copy
import pickle
import random
import subprocess
import sys

import numpy as np
import pytest
import torch
from nn_reference import Formulas, causal_softmax

from tnalgebra.core.nodes import Box
from tnalgebra.errors import ArrayError, NotationError
from tnalgebra.nn import load
from tnalgebra.nn.load import Model
from tnalgebra.nn.paths import composition_table
from tnalgebra.numeric.evaluate import evaluate


@pytest.fixture(scope="module")
def model():
    return load("induction")


@pytest.fixture(scope="module")
def weights(model):
    return dict(model.weights)


def repeated(seed, period=16):
    block = np.random.default_rng(seed).integers(64, size=period)
    return [*block.tolist(), *block.tolist()]


def save(folder, **arrays):
    path = folder / "model.npz"
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize("pattern", ["softmax", "linear"])
def test_forward_is_the_formula(model, pattern):
    tokens = repeated(0)
    m = model.with_pattern(pattern)
    wanted = Formulas(m.arrays(tokens), 2, linear=pattern == "linear").forward()
    np.testing.assert_allclose(m.forward(tokens), wanted, rtol=0, atol=1e-12 * abs(wanted).max())


@pytest.mark.parametrize("pattern", ["softmax", "linear"])
def test_recorded_patterns_are_those_of_the_diagram(model, pattern):
    tokens = repeated(1)
    m = model.with_pattern(pattern)
    for layer, pattern_array in enumerate(m.patterns(tokens)):
        stream = m.transformer.stream(layer)
        node = m.transformer.attention_pattern(layer, stream, stream)
        content = node.content if isinstance(node, Box) else node
        found = evaluate(content, m.arrays(tokens, of=content))
        if pattern == "softmax":
            found = causal_softmax(found)
        scale = abs(pattern_array).max()
        np.testing.assert_allclose(pattern_array, found, rtol=0, atol=1e-12 * scale)


def test_layer_0_looks_one_back_and_layer_1_after_the_earlier_copy(model):
    tokens = repeated(2)
    first, second = model.patterns(tokens)
    assert max(head.diagonal(-1).mean() for head in first) > 0.7
    query = np.arange(16, 32)
    assert max(head[query, query - 15].mean() for head in second) > 0.6
    right = model.forward(tokens)[16:31].argmax(-1) == np.array(tokens[17:])
    assert right.mean() > 0.8


def test_key_composition_carries_the_induction_behaviour(model):
    table = composition_table(model, sequences=8)
    best = max(table.rows, key=lambda row: row.contribution)
    assert (best.kind, best.label) == ("K", "L1(x,L0,x)")
    assert best.share > 0.5
    assert sum(row.share for row in table.rows) == pytest.approx(1)
    assert len(table.rows) == 10
    tokens = np.array(repeated(3))
    logits = model.forward(tokens.tolist())[16:31]
    own = (logits[np.arange(15), tokens[17:]] - logits.mean(-1)).mean()
    terms = model.path_expansion("telescoped").evaluate(tokens.tolist()).terms[:, 16:31]
    parts = terms[:, np.arange(15), tokens[17:]] - terms.mean(-1)
    assert parts.sum(0).mean() == pytest.approx(own)
    again = composition_table(model, sequences=8)
    assert again == table
    text = str(table)
    assert "L1(x,L0,x)" in text
    assert len({len(line) for line in text.splitlines()[3:]}) == 1
    with pytest.raises(ArrayError, match="period of 25"):
        composition_table(model, period=25)


def test_frozen_model_is_linear_and_equal_at_its_prompt(model):
    tokens = repeated(4)
    frozen = model.freeze_attention(tokens)
    np.testing.assert_allclose(frozen.forward(tokens), model.forward(tokens), atol=1e-12)
    other = tokens[::-1]
    assert abs(frozen.forward(other) - model.forward(other)).max() > 1
    x = frozen.path_expansion("frozen", split_heads=True)
    assert x.evaluate(other).residual < 1e-12
    assert [a.tolist() for a in frozen.patterns(other)] == [
        a.tolist() for a in model.patterns(tokens)
    ]
    with pytest.raises(ArrayError, match="frozen at 32"):
        frozen.forward(tokens[:-1])
    with pytest.raises(NotationError, match="prompt"):
        frozen.with_pattern("softmax")
    with pytest.raises(NotationError, match="prompt"):
        model.with_pattern("frozen")


def test_arrays_are_those_that_a_value_needs(model):
    tokens = [3, 1, 4]
    arrays = model.arrays(tokens)
    assert set(arrays) == set(model.transformer.tensors)
    assert arrays["W_pos"].shape == (3, 48)
    assert arrays["tokens"].argmax(-1).tolist() == tokens
    assert all(array.dtype == np.float64 for array in arrays.values())
    x = model.path_expansion("telescoped")
    terms = x.evaluate(tokens).terms
    for place, term in enumerate(x):
        found = evaluate(term.diagram, model.arrays(tokens, of=term.diagram))
        np.testing.assert_allclose(found, terms[place], atol=1e-12)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([], "non-empty"),
        ([[1, 2]], "non-empty"),
        ([0.5], "token numbers"),
        ([True, False], "token numbers"),
        ([1, True], "token numbers"),
        ([1, [2]], "token numbers"),
        ("12", "token numbers"),
        (b"12", "token numbers"),
        ({1: 2}, "token numbers"),
        (np.ma.masked_array([1, 2], [0, 1]), "token numbers"),
        ([10**30], "out of range"),
        ([1, 64], "token 64 is out of range"),
        ([-1], "token -1 is out of range"),
        ([1] * 33, "33 tokens, and the model's context is 32"),
    ],
)
def test_wrong_prompts_are_named(model, tokens, message):
    with pytest.raises(ArrayError, match=message):
        model.forward(tokens)


def test_a_path_loads_like_the_name(model, weights, tmp_path):
    other = load(save(tmp_path, **weights))
    assert other.transformer == model.transformer
    assert other.name == "model"
    np.testing.assert_array_equal(other.forward([1, 2, 1]), model.forward([1, 2, 1]))
    assert "2 layers, 4 heads" in repr(other)
    with pytest.raises(ValueError, match="read-only"):
        other.weights["W_E"][0, 0] = 1


def test_wrong_weights_are_named(weights, tmp_path):
    def refused(message, **changed):
        arrays = {name: a for name, a in {**weights, **changed}.items() if a is not None}
        with pytest.raises(ArrayError, match=message):
            load(save(tmp_path, **arrays))

    refused("no 'W_K1'", W_K1=None)
    refused("no 'W_U'", W_U=None)
    refused("unknown 'b_Q0'", b_Q0=np.ones(3))
    refused("no 'W_Q2'", W_V2=weights["W_V1"])
    refused("W_O1", W_O1=weights["W_O1"][:, :, :5])
    refused("W_E", W_E=weights["W_E"][0])
    refused("'W_V0' is not an array of finite", W_V0=weights["W_V0"] * np.nan)
    refused("'W_V0' is not an array of finite", W_V0=weights["W_V0"].astype(str))
    refused("not a readable", W_V0=weights["W_V0"].astype(object))


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(NotationError, match="no model is called 'gpt5'"):
        load("gpt5")
    with pytest.raises(NotationError, match="cannot load a model from 'int'"):
        load(3)
    junk = tmp_path / "junk.npz"
    junk.write_bytes(b"PK\x03\x04 not a zip")
    with pytest.raises(ArrayError, match="not a readable"):
        load(junk)
    junk.write_bytes(b"")
    with pytest.raises(ArrayError, match="not a readable"):
        load(junk)
    alone = tmp_path / "alone.npy"
    np.save(alone, np.ones(3))
    with pytest.raises(ArrayError, match="one array"):
        load(alone)


def test_models_load_without_torch():
    code = (
        "import sys, tnalgebra.nn as nn, tnalgebra.nn.paths; nn.load('induction').diagram();"
        "assert 'torch' not in sys.modules and 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_weights_are_read_only_and_survive_copies(model):
    with pytest.raises(TypeError):
        model.weights["W_E"] = np.zeros(3)
    for again in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert again.transformer == model.transformer
        np.testing.assert_array_equal(again.forward([1, 2]), model.forward([1, 2]))
        assert not any(array.flags.writeable for array in again.weights.values())
    frozen = model.freeze_attention([1, 2])
    assert not frozen.weights["A0"].flags.writeable


def test_a_model_leaves_the_arrays_it_is_made_of_writable(model):
    own = {name: array.copy() for name, array in model.weights.items()}
    made = Model(model.transformer, own)
    assert own["W_E"].flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        made.weights["W_E"][0, 0] = 1


def test_a_prompt_may_be_any_sequence_of_whole_numbers(model):
    wanted = model.forward([1, 2])
    for tokens in ((1, 2), range(1, 3), np.array([1, 2], np.uint8), torch.tensor([1, 2])):
        np.testing.assert_array_equal(model.forward(tokens), wanted)


def test_damaged_files_are_named_whatever_is_damaged(tmp_path):
    whole, rng = tmp_path / "whole.npz", random.Random(0)
    with whole.open("wb") as file:
        np.savez_compressed(file, W_Q0=np.ones((2, 3, 4)), W_K0=np.arange(24.0).reshape(2, 3, 4))
    damaged = tmp_path / "damaged.npz"
    for _ in range(400):
        content = bytearray(whole.read_bytes())
        for _ in range(rng.randint(1, 4)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        damaged.write_bytes(content)
        with pytest.raises(ArrayError):
            load(damaged)


@pytest.mark.parametrize("reason", ["encrypted", "method", "header"])
def test_files_that_no_library_reads_are_named(tmp_path, weights, reason):
    path = save(tmp_path, W_E=weights["W_E"])
    content = bytearray(path.read_bytes())
    start = content.index(b"PK\x01\x02")
    if reason == "encrypted":
        content[start + 8] |= 1
    elif reason == "method":
        content[start + 10] = 99
    else:
        content[content.index(b"{'descr'")] = ord("(")
    path.write_bytes(content)
    with pytest.raises(ArrayError, match="not a readable"):
        load(path)
