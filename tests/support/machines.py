"""What the tests on virtual machines share: their guide, their requirements and their marks."""

from __future__ import annotations

import os

import pytest

from runbook.labs.vagrant.requirements import missing
from tests.support.paths import SAMPLES

GUIDE = SAMPLES / "machines"


def lacking() -> str:
    """Return what this machine lacks for virtual machines; empty if nothing."""
    if os.geteuid() != 0:
        return "needs root"
    if missing():
        return f"needs {', '.join(missing())}"
    return ""


MARKS = [
    pytest.mark.vm,
    pytest.mark.skipif(bool(lacking()), reason=lacking() or "-"),
]
"""The marks of tests that need virtual machines."""
