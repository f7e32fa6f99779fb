"""Work during which Python's cyclic garbage collector rests."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the cyclic garbage collector, unless it is off already.

    This is for work that makes many objects and no cycles: the collector would walk all of them
    each time they have grown by a quarter, which is half the time of reading a long text.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
