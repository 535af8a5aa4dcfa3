"""The time that records of runs have."""

from __future__ import annotations

import datetime
import time
from typing import Final


def _running() -> float:
    """Return the seconds since the machine was started, also those in which it slept."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


_BEGAN: Final = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=_running())


def now() -> str:
    """Return the present time in UTC, in ISO 8601 with milliseconds.

    If the clock is set meanwhile, the time goes on as before, so that durations stay true.
    """
    moment = _BEGAN + datetime.timedelta(seconds=_running())
    return moment.isoformat(timespec="milliseconds")
