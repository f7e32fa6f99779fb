"""The default device and its description agree."""

from __future__ import annotations

import torch

from tnalgebra.numeric.devices import default_device, describe_device


def test_the_description_names_the_default_device():
    device = default_device()
    assert device.type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert describe_device().startswith(device.type + ",")
    assert "\n" not in describe_device()
