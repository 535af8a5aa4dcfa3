"""A private libvirt for the virtual machines of one lab, in namespaces of its own.

Its mount, network and PID namespaces are isolated from this machine, so that it changes nothing
outside of them, and two labs can use the same addresses. When the process that created the
namespaces ends, libvirt, its networks and its machines end too. The uplink is slirp4netns, which
needs no rules or devices of this machine. The reasons are in
docs/adr/0010-namespaces-for-virtual-machines.md.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import time
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.labs import LabError, Progress

SLIRP: Final = "slirp4netns"
_SCRIPT: Final = Path(__file__).with_name("namespace.sh")
_RESOLVER: Final = "10.0.2.3"
"""The address at which slirp4netns forwards DNS queries to this machine's resolver."""
_TIMEOUT: Final = 30.0
_POLL: Final = 0.05


@frozen
class Libvirt:
    """A running libvirt: its URI, and the prefix of command lines that run in its namespaces.

    `network_prefix` enters the network namespace only, which is enough for ssh.
    """

    uri: str
    command_prefix: tuple[str, ...] = ()
    network_prefix: tuple[str, ...] = ()


class PrivateLibvirt:
    """A private libvirt; its process is recorded in `state`, its data is in `directory`."""

    def __init__(self, state: Path, directory: Path) -> None:
        self._pid_file = state / "room.json"
        self._directory = directory

    def libvirt(self) -> Libvirt | None:
        """Return the private libvirt, or `None` if it is not running."""
        init_pid = self._init_pid()
        if init_pid is None or not listens(str(self._socket)):
            return None
        command_prefix = ("nsenter", f"--target={init_pid}", "--net", "--mount", "--pid")
        network_prefix = ("nsenter", f"--target={init_pid}", "--net", "--")
        return Libvirt(f"qemu+unix:///system?socket={self._socket}", command_prefix, network_prefix)

    def up(self, progress: Progress) -> Libvirt:
        """Return the private libvirt, which is started if necessary.

        Raises:
            LabError: it does not start.

        """
        running = self.libvirt()
        if running is not None:
            return running
        self.down()
        if shutil.which(SLIRP) is None:
            raise LabError(f"this machine lacks {SLIRP} (package {SLIRP})")
        progress("libvirt: started for this lab only, isolated from this machine's network")
        self._directory.mkdir(parents=True, exist_ok=True)
        self._pid_file.parent.mkdir(parents=True, exist_ok=True)
        self._start()
        deadline = time.monotonic() + _TIMEOUT
        while (found := self.libvirt()) is None:
            if self._unshare_pid() is None or time.monotonic() > deadline:
                log = (self._directory / "room.log").read_text(errors="replace").strip()[-500:]
                self.down()
                reason = log or "no reason given"
                raise LabError(f"the lab's private libvirt does not start: {reason}")
            # There is nothing to wait on: libvirtd creates the socket when it is ready.
            time.sleep(_POLL)
        return found

    def down(self) -> None:
        """Stop the private libvirt and all machines in it; their disks are kept."""
        unshare_pid = self._unshare_pid()
        if unshare_pid is not None:
            with contextlib.suppress(ProcessLookupError):
                handle = os.pidfd_open(unshare_pid)
                try:
                    # With --kill-child, the init dies with unshare, and all others with the init.
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                    _wait_until_gone(unshare_pid)
                finally:
                    os.close(handle)
        self._pid_file.unlink(missing_ok=True)

    @property
    def _socket(self) -> Path:
        return self._directory / "run/libvirt-sock"

    def _start(self) -> None:
        # A stale socket would be in the way.
        shutil.rmtree(self._directory / "run", ignore_errors=True)
        unshare = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        argv = [*unshare, "sh", str(_SCRIPT), str(self._directory), _RESOLVER]
        # slirp4netns exits when the other end of this pipe is closed, which is when the init ends.
        ours, theirs = os.pipe()
        with (self._directory / "room.log").open("wb") as log:
            try:
                os.set_inheritable(theirs, True)
                unshare_pid = _spawn(argv, log.fileno())
                os.set_inheritable(theirs, False)
                started = {"pid": unshare_pid, "since": _start_time(unshare_pid)}
                self._pid_file.write_text(json.dumps(started), encoding="utf-8")
                init_pid = self._wait_for_init_pid()
                os.set_inheritable(ours, True)
                _spawn(
                    [SLIRP, "--configure", "--mtu=1500", "--disable-host-loopback",
                     f"--exit-fd={ours}", str(init_pid), "tap0"],
                    log.fileno(),
                )  # fmt: skip
            finally:
                os.close(ours)
                os.close(theirs)

    def _wait_for_init_pid(self) -> int:
        deadline = time.monotonic() + _TIMEOUT
        while (init_pid := self._init_pid()) is None:
            if self._unshare_pid() is None or time.monotonic() > deadline:
                raise LabError("this machine does not allow namespaces: unshare failed")
            time.sleep(_POLL)
        return init_pid

    def _unshare_pid(self) -> int | None:
        """Return the PID of unshare, if it is running and the PID has not been reused."""
        try:
            recorded = json.loads(self._pid_file.read_text(encoding="utf-8"))
            pid = int(recorded["pid"])
            return pid if _start_time(pid) == recorded["since"] else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _init_pid(self) -> int | None:
        """Return the PID of the namespaces' init."""
        unshare_pid = self._unshare_pid()
        if unshare_pid is None:
            return None
        try:
            children = Path(f"/proc/{unshare_pid}/task/{unshare_pid}/children").read_text().split()
        except OSError:
            return None
        return int(children[0]) if children else None


def _spawn(argv: list[str], log: int) -> int:
    """Start a process that outlives this one, in a new session, and return its PID."""
    return os.posix_spawnp(
        argv[0],
        argv,
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, log, 1),
            (os.POSIX_SPAWN_DUP2, log, 2),
        ],
        setsid=True,
    )


def _start_time(pid: int) -> str:
    """Return the start time of process `pid` in clock ticks since boot; empty if it is a zombie."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return "" if words[0] == "Z" else words[19]


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + _TIMEOUT
    while time.monotonic() < deadline:
        try:
            if not _start_time(pid):
                return
        except OSError:
            return
        time.sleep(_POLL)


def listens(path: str) -> bool:
    """Return whether a program listens on the socket `path`."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(path)
        except OSError:
            return False
        return True
