"""Machines of a fleet: workers in network namespaces of this machine, with files of their own."""

from __future__ import annotations

import contextlib
import itertools
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import define, field

from runbook.labs import checkpoint_store

_NETWORK = "10.99.7"
ADDRESS = f"{_NETWORK}.254"
"""The address of this machine in the network of machines."""

_OWN = ("/var/lib/containers", "/var/cache/sphinx-runbook", "/var/lib/sphinx-runbook",
        "/run/sphinx-runbook", "/run/containers", "/run/libpod")  # fmt: skip
"""What a machine does not share with this one."""


_SWITCHES = itertools.count()
"""A name may be in use for a while after what had it is deleted, so each network has new ones."""


@define
class Machine:
    """A machine of a fleet: a network namespace with a worker of a scheduler."""

    number: int
    namespace: str
    scheduler: str
    files: Path | None
    worker: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Let the machine have a worker, once more if it was killed."""
        self.worker = _worker(self.number, self.namespace, self.scheduler, self.files)

    def kill(self) -> None:
        """Let the machine lose its power, as far as its worker knows."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()

    def cut_off(self) -> None:
        """Let the machine lose its network."""
        _ip("-n", self.namespace, "link", "set", "eth0", "down")

    def connect(self) -> None:
        """Let the machine have its network again."""
        _ip("-n", self.namespace, "link", "set", "eth0", "up")

    def says(self, *argv: str) -> str:
        """Return what a program prints that sees the machine's files."""
        pid = self.worker.pid
        done = subprocess.run(["nsenter", "-m", "-t", str(pid), *argv],
                              capture_output=True, text=True, check=False)  # fmt: skip
        return done.stdout


@contextmanager
def switch() -> Iterator[str]:
    """Give a network for machines, and the address of this machine in it."""
    bridge = f"rb{next(_SWITCHES)}f{os.getpid() % 10000}"
    _ip("link", "add", bridge, "type", "bridge")
    try:
        _ip("address", "add", f"{ADDRESS}/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        yield bridge
    finally:
        _ip("link", "delete", bridge)


@contextmanager
def machine(number: int, bridge: str, scheduler: str, files: Path | None) -> Iterator[Machine]:
    """Give a machine with a worker; without `files` of its own it shares this machine's."""
    namespace, veth = f"{bridge}-{number}", f"{bridge}{number}"
    _ip("netns", "add", namespace)
    try:
        _ip("link", "add", veth, "type", "veth", "peer", "name", "eth0", "netns", namespace)
        _ip("link", "set", veth, "master", bridge, "up")
        _ip("-n", namespace, "address", "add", f"{_NETWORK}.{number}/24", "dev", "eth0")
        _ip("-n", namespace, "link", "set", "eth0", "up")
        _ip("-n", namespace, "link", "set", "lo", "up")
        found = Machine(number, namespace, scheduler, files)
        found.start()
        try:
            yield found
        finally:
            found.worker.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                found.worker.wait(60)
            found.kill()
    finally:
        _ip("netns", "delete", namespace)


def _worker(
    number: int, namespace: str, scheduler: str, files: Path | None
) -> subprocess.Popen[bytes]:
    script = ""
    for place in _OWN if files else ():
        own = f"{files}{place}"
        script += f"mkdir -p {shlex.quote(own)} {place}; mount --bind {shlex.quote(own)} {place}\n"
    worker = [sys.executable, "-m", "runbook", "worker", scheduler, "--jobs", "1",
              "--name", f"m{number}"]  # fmt: skip
    script += f"exec nsenter --net=/run/netns/{namespace} {shlex.join(worker)}"
    return subprocess.Popen(
        # What shares this machine's containers must see the namespaces that they are in as well.
        [*(["unshare", "--mount"] if files else []), "sh", "-ec", script],
        env={
            **os.environ,
            **({checkpoint_store.DIRECTORY: f"{files}/checkpoints"} if files else {}),
        },
        start_new_session=True,
        stdin=subprocess.DEVNULL,
    )


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
