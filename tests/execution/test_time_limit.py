"""Code in a thread is interrupted when its time is over, and nothing is left behind."""

from __future__ import annotations

import functools
import sys
import threading
import time

import pytest

from runbook.execution.checks.time_limit import TimeLimitError, limited


def test_code_that_ends_in_time_is_left_alone() -> None:
    """Thousands of limits leave no thread, and no interrupt."""
    for _ in range(2000):
        assert limited(60, lambda: 7) == 7
    for one in threading.enumerate():
        if one.name == "time limit":
            one.join(60)
            assert not one.is_alive()


def busy(seconds: float) -> None:
    """Do something for a while."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


@pytest.mark.parametrize("traced", [False, True])
def test_a_limit_at_the_very_end_of_the_code_interrupts_nothing_else(*, traced: bool) -> None:
    """Whether the code was in time or not, the next is not interrupted, nor does it hang."""
    tracing = sys.gettrace()
    if traced:
        sys.settrace(lambda *_: None)
    try:
        over = 0
        for number in range(300):
            try:
                limited(number / 100_000, functools.partial(busy, number / 100_000))
            except TimeLimitError:
                over += 1
            assert sum(one for one in range(1000)) == 499500
    finally:
        sys.settrace(tracing)
    assert 0 <= over <= 300
