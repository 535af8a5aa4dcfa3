"""How long things may take on a machine that has other work as well."""

from __future__ import annotations

import os
from typing import Final

_MOST: Final = 10.0


def stretched(seconds: float) -> float:
    """Return how long on this machine may now take what takes `seconds` on one that is idle.

    It is longer the more programs wait for a processor or a disk, up to ten times: somebody waits
    for a host that will never be ready, too.
    """
    waiting = os.getloadavg()[0] / len(os.sched_getaffinity(0))
    return seconds * min(max(1.0, waiting), _MOST)
