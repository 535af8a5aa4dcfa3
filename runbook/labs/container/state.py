"""What state a container is in, and why it has exited."""

from __future__ import annotations

import os
import select
import signal
from pathlib import Path
from typing import Final

from runbook.labs import LabError
from runbook.labs.container.engine import ContainerInfo

_REBOOT: Final = 128 + signal.SIGHUP
"""How the first process of a container exits that calls reboot(2) to restart."""


def container_state(info: ContainerInfo) -> str:
    """Return the container's state as the engine calls it, or `lost` if its process is gone.

    After a crash of the machine, an engine may report a container as running although its process
    is gone and its process ID may belong to another one.
    """
    status = str(info["State"]["Status"])
    if status != "running":
        return status
    try:
        ours = Path("/proc/self/ns/net").samefile(f"/proc/{info['State']['Pid']}/ns/net")
    except FileNotFoundError:
        return "lost"
    return "lost" if ours else status


def exits(info: ContainerInfo, timeout: float) -> bool:
    """Wait up to `timeout` seconds for a running container to exit; return whether it did."""
    try:
        process = os.pidfd_open(info["State"]["Pid"])
    except OSError:
        return True
    try:
        return bool(select.select([process], [], [], timeout)[0])
    finally:
        os.close(process)


def require_reboot(host: str, info: ContainerInfo) -> None:
    """Check that the container of `host` has exited to be started again.

    Raises:
        LabError: it has exited for another reason.

    """
    if info["State"]["ExitCode"] != _REBOOT:
        raise LabError(f"{host}: it was switched off; `runbook lab up` starts it again")
