"""Two virtual machines for the suites that need real kernels, and the guide that runs on them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runbook.labs.needs import missing

GUIDE = Path(__file__).parent / "samples" / "machines"


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
"""The marks of what is tried on virtual machines."""
