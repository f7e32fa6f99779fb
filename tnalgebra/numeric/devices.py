"""Where torch computes: the default device, and one line about it."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def default_device() -> torch.device:
    """The first CUDA device where there is one, else the CPU."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a driver that is too old is only a reason to use the CPU
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def describe_device() -> str:
    """The default device in one line: its name and its memory or threads.

    >>> describe_device().split()[0].rstrip(",") in ("cpu", "cuda")
    True
    """
    import torch

    if default_device().type == "cpu":
        return f"cpu, {torch.get_num_threads()} threads, torch {torch.__version__}"
    about = torch.cuda.get_device_properties(0)
    memory = about.total_memory / 2**30
    return f"cuda, {about.name}, {memory:.0f} GiB, torch {torch.__version__}"
