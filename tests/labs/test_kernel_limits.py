"""A host that cannot start for want of something of the kernel's says what that is."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
from pathlib import Path
from runbook.labs.container import kernel_limits
print(kernel_limits.exhausted())
Path("/proc/sys/user/max_inotify_instances").write_text("0")
print(kernel_limits.exhausted())
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a user namespace with other limits")
def test_a_user_without_inotify_instances_is_told_so() -> None:
    """With the limit's name, and what to type; nothing is said while there are some."""
    argv = ["unshare", "--user", "--map-root-user", sys.executable, "-c", PROGRAM]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    before, after = done.stdout.splitlines()
    assert before == ""
    assert after.startswith("no inotify instance is left, of ")
    assert "sysctl -w fs.inotify.max_user_instances=" in after
