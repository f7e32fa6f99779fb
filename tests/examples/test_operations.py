"""The example of the post's operations holds, and so does what it says of the post's reshape."""

from __future__ import annotations

import pytest
import torch

from examples.operations import (
    OPERATIONS,
    ladder_difference,
    main,
    printed_reshape,
    right_reshape,
)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_each_operation_is_pytorchs(operation):
    assert operation.difference() < 1e-12


def test_the_ladder():
    assert ladder_difference() < 1e-9


def test_the_posts_reshape_holds_for_equal_sizes_alone():
    equal = torch.randn(3, 3, 3, 3)
    assert torch.equal(right_reshape(equal), printed_reshape(equal))
    unequal = torch.randn(2, 3, 4, 5)
    assert right_reshape(unequal).shape != printed_reshape(unequal).shape


def test_the_example_runs(capsys):
    main()
    assert "(10, 12)" in capsys.readouterr().out
