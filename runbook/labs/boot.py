"""Wait until the systemd of a container has started everything, without asking it twice.

A container manager may give the first process a socket, in the variable NOTIFY_SOCKET, to
which systemd sends `READY=1` when it has reached its default target. The protocol is that
of sd_notify(3); the directory that carries the socket is that of systemd-nspawn.
"""

from __future__ import annotations

import os
import select
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from runbook.labs import LabError
from runbook.labs.network import inside

INSIDE: Final = "/run/host"
"""Where a host sees the directory of its socket."""

# What the engine mounts over files that belong to the operator; the lab writes its own once,
# so that a step can replace them. Only the resolver's file follows the machine at each start.
_NAMES: Final = """
set -eu
for file in /etc/hosts /etc/hostname /etc/resolv.conf; do
    if mountpoint -q "$file"; then umount "$file"; fi
done
[ -s /etc/hostname ] || echo "$1" >/etc/hostname
[ -s /etc/hosts ] || printf '127.0.0.1\\tlocalhost\\n::1\\tlocalhost ip6-localhost\\n' >/etc/hosts
cat >/etc/resolv.conf
if [ -d /etc/apt/apt.conf.d ]; then
    printf '%s\\n' "$2" >/etc/apt/apt.conf.d/80registry
fi
"""


class Readiness:
    """The socket on which one host says that it has started; a context manager.

    `directory` is made, and handed to the host with `options`. The socket is gone when
    the host is ready, the directory stays until the host goes.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def __enter__(self) -> Self:
        self._directory.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        self._socket.bind(str(self._path))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def wait(self, pid: int, *, timeout: float) -> None:
        """Wait until the host whose first process is `pid` is ready, at most `timeout` seconds.

        Raises:
            LabError: the host ended, or the time is over.

        """
        deadline = time.monotonic() + timeout
        try:
            alive = os.pidfd_open(pid)
        except ProcessLookupError as error:
            raise LabError("its systemd ended while it started") from error
        try:
            while True:
                left = max(0.0, deadline - time.monotonic())
                ready, _, _ = select.select([self._socket.fileno(), alive], [], [], left)
                if not ready:
                    raise LabError(f"its systemd was not ready after {timeout:.0f} s")
                if self._socket.fileno() in ready:
                    if b"READY=1" in self._socket.recv(65536).split(b"\n"):
                        return
                else:
                    raise LabError("its systemd ended while it started")
        finally:
            os.close(alive)


def options(directory: Path) -> list[str]:
    """Return the engine's options that hand the socket in `directory` to a host."""
    return [f"--volume={directory}:{INSIDE}", f"--env=NOTIFY_SOCKET={INSIDE}/notify"]


def own_names(pid: int, name: str, resolver: str, settings: tuple[str, ...]) -> None:
    """Give the host its name files; `resolver` is what its resolv.conf says.

    `settings` are the lines of apt's configuration by which this machine reaches the
    package registry.
    """
    script = ["sh", "-c", _NAMES, "sh", name, "\n".join(settings)]
    inside(pid, script, resolver, "--all")


def state(pid: int) -> str:
    """Return `running`, `degraded` or whatever else the host's systemd says of itself.

    It waits for a host that is still starting. Empty if systemd does not answer.
    """
    command = "systemctl is-system-running --wait 2>/dev/null || true"
    return inside(pid, ["sh", "-c", command], kind="--all").strip()


def settled(pid: int) -> list[str]:
    """Give a host that is ready the name in its own file; return its units that failed."""
    script = "hostname -F /etc/hostname && systemctl --failed --no-legend --plain"
    listed = inside(pid, ["sh", "-c", script], kind="--all")
    return [line.split()[0] for line in listed.splitlines() if line.strip()]
