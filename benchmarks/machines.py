"""Measure the overhead of commands, files and checks on a virtual machine, and that of Vagrant.

Run as root, with the lab of virtual machines up:

    runbook lab up --lab vagrant GUIDE && python -m benchmarks.machines GUIDE
"""

from __future__ import annotations

import os
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from runbook.execution.hosts.testinfra_host import testinfra_host
from runbook.execution.sessions.session import Session
from runbook.labs.vagrant.box import boxes
from runbook.labs.vagrant.command import VAGRANT_HOME
from runbook.labs.vagrant.hardware import hardware
from runbook.labs.vagrant.lab import VagrantLab
from runbook.model import cluster
from runbook.terminal.bash import quote
from runbook.terminal.connection import SshConnection, disconnect
from runbook.terminal.pipe import Pipe

ROUNDS = 30


def measured(name: str, act: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Print and return the median of some rounds, in milliseconds."""
    act()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    median = statistics.median(times)
    print(f"{name:44} {median:9.1f} ms  (best {min(times):.1f}, worst {max(times):.1f})")
    return median


def main() -> None:
    """Measure on the first machine of the guide's lab."""
    guide = Path(sys.argv[1]).resolve()
    lab = VagrantLab(cluster.load(guide / cluster.PLACE), guide)
    connection = next(iter(lab.connections().values()))
    if not isinstance(connection, SshConnection):
        raise SystemExit("the lab's hosts are not behind ssh")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with Pipe.open(connection.pipe("root"), host=connection.host) as pipe:
        # The machine echoes single bytes: this is the bare round trip.
        with subprocess.Popen(
            [*connection.pipe("vagrant")[:-1], "exec cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        ) as echo:
            assert echo.stdin is not None  # noqa: S101  # both were asked for
            assert echo.stdout is not None  # noqa: S101
            give, take = echo.stdin, echo.stdout

            def round_trip() -> None:
                give.write(b"x")
                take.read(1)

            base = measured("round trip through ssh", round_trip)
            give.close()
        argv, beside = connection.shell("root"), connection.pipe("root")
        with Session.open(argv, host=connection.host, pipe=beside) as session:
            command = measured("a command of a step", lambda: session.run("true", timeout=60))
            file = measured(
                "a file of a step",
                lambda: session.files.put("/root/file", b"text\n", mode=None, owner=None),
            )
        check = measured("a check's command", lambda: pipe.run("true", timeout=60))
        host = testinfra_host(pipe, connection.host, connection.timeout_factor)
        measured("a check: host.file(...).exists", lambda: host.file("/etc/passwd").exists)
        print(f"above the round trip: command {command - base:.1f} ms, file {file - base:.1f} ms,")
        print(f"                      check {check - base:.1f} ms")
    shared = connection.pipe("vagrant")
    measured("ssh over the shared connection, each time", lambda: _quiet([*shared[:-1], "true"]), 5)
    measured("ssh with a new connection, each time", lambda: _quiet(_unshared(shared)), 5)
    measured("vagrant ssh -c true", lambda: _vagrant(lab, "ssh", connection.host, "-c", "true"), 3)
    disconnect(connection)
    _starts(lab, connection.host)


def _starts(lab: VagrantLab, host: str) -> None:
    """Measure the start of one machine from disk, and of all from their saved state."""

    def once(name: str, act: Callable[[], object]) -> None:
        began = time.perf_counter()
        act()
        print(f"{name:44} {time.perf_counter() - began:9.1f} s")

    lab.stop(host)
    once("power on until all services have started", lambda: lab.up(_silent))
    lab.stop(host)
    once("vagrant up, until ssh login", lambda: _vagrant(lab, "up", host, "--no-provision"))
    lab.down(_silent)
    once("all machines resumed, until ssh login", lambda: lab.up(_silent))


def _silent(_: str) -> None:
    pass


def _unshared(argv: list[str]) -> list[str]:
    """Return the command line of an ssh without a shared connection, to run `true`."""
    words: list[str] = []
    for word in argv[:-1]:
        if word.startswith("Control"):
            words.pop()
        else:
            words.append(word)
    return [*words, "true"]


def _vagrant(lab: VagrantLab, *words: str) -> None:
    directory = Path("/var/lib/sphinx-runbook") / lab.id
    libvirt = lab.libvirt()
    settings = {
        "VAGRANT_CWD": str(Path(sys.modules["runbook.labs.vagrant"].__file__ or "").parent),
        "VAGRANT_HOME": str(VAGRANT_HOME),
        "VAGRANT_DOTFILE_PATH": str(directory / "vagrant/machines"),
        "RUNBOOK_CLUSTER": str(directory / "cluster.json"),
        "RUNBOOK_PREFIX": f"{lab.id}_",
        "RUNBOOK_POOL": f"runbook-{lab.id}",
        "RUNBOOK_CONSOLES": str(directory / "consoles"),
        "RUNBOOK_VM_DRIVER": (directory / "driver").read_text(encoding="utf-8"),
        "RUNBOOK_BOX": next(iter(boxes(lab.cluster, hardware(lab.cluster).packages).values())).name,
        "VAGRANT_CHECKPOINT_DISABLE": "1",
    }
    prefix = libvirt.command_prefix if libvirt else ()
    given = " ".join(f"{name}={quote(value)}" for name, value in settings.items())
    _quiet([*prefix, "bash", "-c", f"{given} vagrant {shlex.join(words)}"])


def _quiet(argv: list[str]) -> None:
    subprocess.run(argv, check=True, capture_output=True, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
