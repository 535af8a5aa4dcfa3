"""What a kernel's limits say of a systemd that does not start.

systemd ends without a word, or hangs, where its user has no inotify instance left. The limit counts
all containers of a user together, inotify(7), and is 128 on many distributions.
"""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path
from typing import Final

INSTANCES: Final = Path("/proc/sys/fs/inotify/max_user_instances")


def exhausted() -> str:
    """Return which limit leaves no room for another systemd, and what to do; empty if none."""
    if _has_inotify_instance():
        return ""
    limit = INSTANCES.read_text(encoding="ascii").strip()
    return (
        f"no inotify instance is left, of {limit} that a user may have; every host needs some: "
        "remove containers that nobody uses, or type: "
        "sysctl -w fs.inotify.max_user_instances=1024"
    )


def _has_inotify_instance() -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    instance = libc.inotify_init1(os.O_CLOEXEC)
    if instance < 0:
        return ctypes.get_errno() != errno.EMFILE
    os.close(instance)
    return True
