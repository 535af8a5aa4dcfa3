"""A room for a lab's virtual machines: a libvirt of its own, apart from the machine's network.

A room is a process whose mount, network and process namespaces hold a libvirt of their own, with
its networks and machines. Nothing of it is seen or changed on the machine, two labs with the same
addresses do not meet, and all of it ends with that one process. Its way out is slirp4netns, which
needs no rule and no device of the machine. docs/adr/0010-a-room-for-virtual-machines.md has the
reasons.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.labs import LabError

WAY_OUT: Final = "slirp4netns"
_SCRIPT: Final = Path(__file__).with_name("room.sh")
_RESOLVER: Final = "10.0.2.3"
"""Where slirp4netns answers for the machine's own resolver."""
_READY: Final = 30.0
_POLL: Final = 0.05


@frozen
class Libvirt:
    """A libvirt that is up: its address, and what a command line begins with to run beside it.

    `network` is enough for a program that only talks to the machines, as ssh does.
    """

    uri: str
    beside: tuple[str, ...] = ()
    network: tuple[str, ...] = ()


class Room:
    """A lab's own libvirt; `state` has the note of its process, `directory` what libvirt keeps."""

    def __init__(self, state: Path, directory: Path) -> None:
        self._note = state / "room.json"
        self._directory = directory

    def libvirt(self) -> Libvirt | None:
        """Return the room's libvirt, or `None` if there is no room now."""
        inner = self._inner()
        if inner is None or not listens(str(self._socket)):
            return None
        beside = ("nsenter", f"--target={inner}", "--net", "--mount", "--pid")
        network = ("nsenter", f"--target={inner}", "--net", "--")
        return Libvirt(f"qemu+unix:///system?socket={self._socket}", beside, network)

    def up(self, tell: Callable[[str], None]) -> Libvirt:
        """Return the room's libvirt, started now if need be.

        Raises:
            LabError: it does not start.

        """
        there = self.libvirt()
        if there is not None:
            return there
        self.down()
        if shutil.which(WAY_OUT) is None:
            raise LabError(f"this machine lacks {WAY_OUT} (package {WAY_OUT})")
        tell("libvirt: started for this lab alone, apart from the machine's own network")
        self._directory.mkdir(parents=True, exist_ok=True)
        self._note.parent.mkdir(parents=True, exist_ok=True)
        self._start()
        deadline = time.monotonic() + _READY
        while (found := self.libvirt()) is None:
            if self._outer() is None or time.monotonic() > deadline:
                said = (self._directory / "room.log").read_text(errors="replace").strip()[-500:]
                self.down()
                raise LabError(f"the lab's own libvirt does not start: {said or 'no reason given'}")
            # There is nothing to wait on: the socket comes when libvirtd is ready.
            time.sleep(_POLL)
        return found

    def down(self) -> None:
        """End the room with all machines in it; what they hold on disk stays."""
        outer = self._outer()
        if outer is not None:
            with contextlib.suppress(ProcessLookupError):
                handle = os.pidfd_open(outer)
                try:
                    # The room's first process goes with the one that made it, and all with that.
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                    _gone(outer)
                finally:
                    os.close(handle)
        self._note.unlink(missing_ok=True)

    @property
    def _socket(self) -> Path:
        return self._directory / "run/libvirt-sock"

    def _start(self) -> None:
        # A socket that is left over from before would not answer, but is in the way.
        shutil.rmtree(self._directory / "run", ignore_errors=True)
        unshare = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        argv = [*unshare, "sh", str(_SCRIPT), str(self._directory), _RESOLVER]
        # The way out ends when nobody holds the other end of this pipe any more: with the room.
        ours, theirs = os.pipe()
        with (self._directory / "room.log").open("wb") as log:
            try:
                os.set_inheritable(theirs, True)
                outer = _spawn(argv, log.fileno())
                os.set_inheritable(theirs, False)
                started = {"pid": outer, "since": _since(outer)}
                self._note.write_text(json.dumps(started), encoding="utf-8")
                inner = self._wait_for_inner()
                os.set_inheritable(ours, True)
                _spawn(
                    [WAY_OUT, "--configure", "--mtu=1500", "--disable-host-loopback",
                     f"--exit-fd={ours}", str(inner), "tap0"],
                    log.fileno(),
                )  # fmt: skip
            finally:
                os.close(ours)
                os.close(theirs)

    def _wait_for_inner(self) -> int:
        deadline = time.monotonic() + _READY
        while (inner := self._inner()) is None:
            if self._outer() is None or time.monotonic() > deadline:
                raise LabError("this machine allows no namespaces: unshare failed")
            time.sleep(_POLL)
        return inner

    def _outer(self) -> int | None:
        """Return the process that made the room, if it is there and no other by its number."""
        try:
            noted = json.loads(self._note.read_text(encoding="utf-8"))
            pid = int(noted["pid"])
            return pid if _since(pid) == noted["since"] else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _inner(self) -> int | None:
        """Return the room's first process."""
        outer = self._outer()
        if outer is None:
            return None
        try:
            children = Path(f"/proc/{outer}/task/{outer}/children").read_text().split()
        except OSError:
            return None
        return int(children[0]) if children else None


def _spawn(argv: list[str], log: int) -> int:
    """Start what is to outlive us, in a session of its own, and return its number."""
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


def _since(pid: int) -> str:
    """Return when process `pid` started, in the kernel's own count; empty if it is a zombie."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return "" if words[0] == "Z" else words[19]


def _gone(pid: int) -> None:
    deadline = time.monotonic() + _READY
    while time.monotonic() < deadline:
        try:
            if not _since(pid):
                return
        except OSError:
            return
        time.sleep(_POLL)


def listens(path: str) -> bool:
    """Tell whether somebody answers at the socket `path`."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(path)
        except OSError:
            return False
        return True
