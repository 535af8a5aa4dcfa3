"""Wait until systemd in a container has booted, without polling.

A container manager may pass its first process a socket in the variable NOTIFY_SOCKET, to which
systemd sends `READY=1` once it has reached its default target. The protocol is sd_notify(3); the
mount point of the socket's directory is the one that systemd-nspawn uses.
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from runbook.labs import LabError
from runbook.labs.container.network import ALL, run_in_namespace

READY: Final = 90.0
"""Seconds that a host may take to boot on a machine that has little else to do."""

TRIAL: Final = 30.0
"""Likewise, for a host without a network that only shows whether an engine can boot one."""

_MOST: Final = 10.0

_LOOK: Final = 20.0
"""Seconds without news after which it is looked at what a host that boots is doing."""

MOUNT_POINT: Final = "/run/host"
"""Where the directory of the socket is mounted in the host."""

# Engines mount these files, and steps cannot replace a mount point. So the lab unmounts them and
# writes its own: hosts and hostname once, resolv.conf at each start.
_HOST_FILES: Final = """
set -eu
for file in /etc/hosts /etc/hostname /etc/resolv.conf; do
    if mountpoint -q "$file"; then umount "$file"; fi
done
[ -s /etc/hostname ] || echo "$1" >/etc/hostname
[ -s /etc/hosts ] || cat >/etc/hosts <<END
127.0.0.1	localhost
127.0.1.1	$1
::1	localhost ip6-localhost
END
cat >/etc/resolv.conf
if [ -d /etc/apt/apt.conf.d ]; then
    printf '%s\\n' "$2" >/etc/apt/apt.conf.d/80registry
fi
"""


NOT_WHILE_IT_BOOTS: Final = f"[Unit]\nConditionPathExists=!{MOUNT_POINT}/notify\n"
"""What makes a unit of systemd stay inactive while the host boots: there is the socket then."""

_RESUME: Final = """
jobs=$(systemctl list-jobs --no-legend --plain) || exit 0
case $jobs in
    '' | *running*) ;;
    *) systemctl daemon-reload ;;
esac
"""


class NotifySocket:
    """A context manager for the socket on which a host reports that it has booted.

    The socket is created in `directory`, which `options` mounts in the host. Leaving the context
    removes the socket; the directory stays as long as the host.
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

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def wait(
        self,
        pid: int,
        limit: float,
        patience: Callable[[float], float] | None = None,
        idle: Callable[[], None] = lambda: None,
    ) -> None:
        """Wait until the host whose first process is `pid` is ready: `limit` seconds at most.

        Those are seconds of a machine that has little else to do; `patience` says how many they
        are now. A host that starts slowly among many others is no error. `idle` is called now and
        then while there is no news of it.

        Raises:
            LabError: the host ended, or was not ready in time.

        """
        patience = patience or stretched
        began = time.monotonic()
        try:
            alive = os.pidfd_open(pid)
        except ProcessLookupError as error:
            raise LabError("its systemd ended while it started") from error
        try:
            while True:
                left = began + patience(limit) - time.monotonic()
                wait = min(max(0.0, left), _LOOK)
                ready, _, _ = select.select([self._socket.fileno(), alive], [], [], wait)
                if not ready:
                    # The machine may have become busy meanwhile.
                    waited = time.monotonic() - began
                    if waited >= patience(limit):
                        raise LabError(f"its systemd was not ready after {waited:.0f} s")
                    idle()
                    continue
                if self._socket.fileno() in ready:
                    if b"READY=1" in self._socket.recv(65536).split(b"\n"):
                        return
                else:
                    raise LabError("its systemd ended while it started")
        finally:
            os.close(alive)


def stretched(seconds: float) -> float:
    """Return how long on this machine may now take what takes `seconds` on one that is idle.

    It is longer the more programs wait for a processor or a disk, up to ten times: somebody waits
    for a host that will never be ready, too.
    """
    waiting = os.getloadavg()[0] / len(os.sched_getaffinity(0))
    return seconds * min(max(1.0, waiting), _MOST)


def options(directory: Path) -> list[str]:
    """Return the engine options that pass the socket in `directory` to a host."""
    return [f"--volume={directory}:{MOUNT_POINT}", f"--env=NOTIFY_SOCKET={MOUNT_POINT}/notify"]


def write_host_files(pid: int, name: str, resolver: str, settings: tuple[str, ...]) -> None:
    """Write the host's name and resolver files and its apt settings.

    `resolver` is the text of resolv.conf; `settings` are the lines of apt.conf that this machine
    needs to reach the package archive.
    """
    script = ["sh", "-c", _HOST_FILES, "sh", name, "\n".join(settings)]
    run_in_namespace(pid, script, resolver, ALL)


def system_state(pid: int) -> str:
    """Return the state that systemd reports, such as `running`; empty if it does not answer.

    Waits for a host that is still booting.
    """
    command = "systemctl is-system-running --wait 2>/dev/null || true"
    return run_in_namespace(pid, ["sh", "-c", command], kinds=ALL).strip()


def resume(pid: int) -> None:
    """Let a host that boots go on if its systemd has jobs and works on none.

    While mounts come and go quickly, as at a start, systemd holds back those that it shall make; up
    to version 252 it may forget them (systemd issue 20329), and all that comes after them waits
    for ever. When it reads its units again, it looks at its jobs again.
    """
    with suppress(LabError):
        run_in_namespace(pid, ["sh", "-c", _RESUME], kinds=ALL)


def finish_boot(pid: int) -> list[str]:
    """Set the hostname of a booted host from its /etc/hostname; return the units that failed."""
    return _failed_units(pid, "hostname -F /etc/hostname")


def retry_units(pid: int, units: list[str]) -> list[str]:
    """Start the `units` of a booted host that have failed once more; return those that still do."""
    return _failed_units(pid, 'systemctl start "$@" 2>/dev/null || :', *units)


def _failed_units(pid: int, script: str, *arguments: str) -> list[str]:
    """Run a script on a host; return the units that have failed then."""
    script = f"{script}\nsystemctl --failed --no-legend --plain"
    listed = run_in_namespace(pid, ["sh", "-ec", script, "sh", *arguments], kinds=ALL)
    return [line.split()[0] for line in listed.splitlines() if line.strip()]
