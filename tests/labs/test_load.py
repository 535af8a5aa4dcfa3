"""Limits of time are longer on a busy machine."""

from __future__ import annotations

import os

import pytest

from runbook.labs.load import stretched


def test_a_limit_follows_the_load_of_the_machine() -> None:
    """It is never shorter than on an idle one."""
    load = max(1.0, os.getloadavg()[0] / len(os.sched_getaffinity(0)))
    assert 90.0 <= stretched(90.0) <= 900.0
    assert stretched(90.0) == pytest.approx(90.0 * min(10.0, load), rel=0.2)
