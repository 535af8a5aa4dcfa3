"""Waiting for what no event tells of."""

from __future__ import annotations

import time
from collections.abc import Callable

_LOOK = 0.02


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Return as soon as `condition` is true; it must be so within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(_LOOK)
