"""Many layers: the nodes of a transformer grow with its layers, and each content is said once."""

from __future__ import annotations

import json
import re

import pytest

import tnalgebra as tn
from tnalgebra.core.nesting import all_tensors, contents
from tnalgebra.core.values import terms_of


def _diagram(layers: int, **options):
    sizes = {"heads": 12, "d_model": 768, "d_head": 64}
    return tn.nn.Transformer(layers=layers, **sizes, **options).diagram()


def _nodes(value) -> int:
    return sum(
        term.graph.number_of_nodes() for one in [*contents(value), value] for term in terms_of(one)
    )


OPTIONS = [{}, {"vocab": 50257}, {"pattern": "linear"}, {"pattern": "frozen"}]


@pytest.mark.parametrize("options", OPTIONS)
def test_nodes_grow_with_the_layers_and_no_faster(options):
    counts = [_nodes(_diagram(layers, **options)) for layers in (12, 24, 48)]
    assert counts[2] - counts[1] == 2 * (counts[1] - counts[0])
    assert counts[2] < 48 * 20


@pytest.mark.parametrize("options", OPTIONS)
def test_forty_eight_layers_print_each_content_once(options):
    value = _diagram(48, **options)
    text = str(value)
    own = {tensor.name for tensor in all_tensors(value) if tensor.name.startswith("W_")}
    assert len(own) >= 48 * 2
    for name in own:
        assert len(re.findall(rf"(?<!\w){name}(?!\w)", text)) == 1
    lengths = [len(str(_diagram(layers, **options))) for layers in (24, 48)]
    assert lengths[1] < 2.2 * lengths[0]
    assert tn.parse(text, where=value.where) == value


def test_forty_eight_layers_as_json_hold_each_content_once():
    value = _diagram(48)
    text = value.to_json()
    assert len(json.loads(text)["values"]) == 1 + len(contents(value)) < 48 * 3
    twin = tn.from_json(text)
    assert twin == value
    assert hash(twin) == hash(value)
