"""The ssh connections that all shells of this process share, one for each host."""

from __future__ import annotations

import atexit
import contextlib
import functools
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Final

EXIT_TIMEOUT: Final = 5.0
"""Seconds in which ssh must close a shared connection."""
# Hosts are connected to in parallel, and the cache alone does not prevent a second call.
_SOCKETS_LOCK: Final = threading.Lock()


def close_shared_connections() -> None:
    """Close the shared ssh connections of this process, and with them all shells that use them."""
    for socket in _sockets().iterdir():
        argv = ["ssh", "-o", f"ControlPath={socket}", "-O", "exit", "any"]
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(argv, check=False, capture_output=True, timeout=EXIT_TIMEOUT)


def shared_options() -> list[str]:
    """Return the options that make the shells of this process share a connection."""
    # If the process is killed, the connection ends a minute after its last shell.
    options = ("ControlMaster=auto", "ControlPersist=60", f"ControlPath={_sockets()}/%C")
    return [word for option in options for word in ("-o", option)]


def _sockets() -> Path:
    """Return the private directory of ssh's sockets, which is removed when this process exits."""
    with _SOCKETS_LOCK:
        return _make_sockets()


@functools.cache
def _make_sockets() -> Path:
    # The path of a socket must be shorter than 108 bytes, so it is not below the guide.
    path = Path(tempfile.mkdtemp(prefix="runbook-ssh-", dir="/tmp"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    atexit.register(close_shared_connections)
    return path
