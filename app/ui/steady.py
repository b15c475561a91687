"""No pauses of Python's own while the window has millions of objects in hand."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def steady() -> Iterator[None]:
    """Do not look for cycles while something large is made, and never in it afterwards: with the
    lines of two ledgers each look holds every thread up for half a second. What is no cycle,
    which the lines are not, is freed as ever.
    """
    gc.unfreeze()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
