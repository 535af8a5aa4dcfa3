"""What a step costs over bash itself.

Run it as `python -m benchmarks.session [GUIDE]`. Each figure is the best of several rounds, in
milliseconds for one command. The baseline is one bash on the same host that runs the same
command from a script. As root, a host of a lab like the guide's own is measured as well.
"""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.lab import separate_lab, silent
from runbook.execution.sessions.session import Session
from runbook.terminal.connection import Connection, LocalConnection
from runbook.terminal.pipe import Pipe

ROUNDS = 5
COUNT = 200
COMMANDS = (":", "/bin/true")
LIMIT_LOCAL = 1.5
LIMIT_CONTAINER = 5.0

Row = tuple[str, float, float, float | None]


def best(work: Callable[[], None]) -> float:
    """Return the milliseconds that one of `COUNT` commands takes in the best round."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times) / COUNT * 1000


def script(argv: list[str], command: str) -> float:
    """Measure one bash that runs `command` from a script, without its start-up."""
    source = f"b=$EPOCHREALTIME\n{f'{command}{chr(10)}' * COUNT}echo $b $EPOCHREALTIME\n"
    times = []
    for _ in range(ROUNDS):
        out = subprocess.run(argv, input=source.encode(), capture_output=True, check=True).stdout
        began, ended = map(float, out.split())
        times.append(ended - began)
    return min(times) / COUNT * 1000


def rows(connection: Connection, user: str, limit: float) -> Iterator[Row]:
    """Measure every kind of command over one connection."""
    with (
        Session.open(connection.shell(user), host=connection.host) as session,
        Pipe.open(connection.pipe(user), host=connection.host) as pipe,
    ):
        for command in COMMANDS:
            baseline = script(connection.pipe(user), command)

            def in_session(command: str = command) -> None:
                for _ in range(COUNT):
                    session.run(command, timeout=10)

            def in_pipe(command: str = command) -> None:
                for _ in range(COUNT):
                    pipe.run(command, timeout=10)

            name = f"{connection.host} {command}"
            yield f"{name} session.run", baseline, best(in_session), limit
            yield f"{name} pipe.run", baseline, best(in_pipe), None


def main(guide: Path) -> int:
    """Print the table; the exit status is 1 if a limit is missed."""
    table = list(rows(LocalConnection("local"), getpass.getuser(), LIMIT_LOCAL))
    if os.geteuid() == 0:
        with separate_lab(guide) as lab:
            lab.up(silent)
            connection = next(iter(lab.connections().values()))
            table += rows(connection, "root", LIMIT_CONTAINER)
    else:
        print("no container was measured: that takes root", file=sys.stderr)
    print(f"{'ms a command':34} {'bash':>8} {'ours':>8} {'over':>8} {'limit':>8}")
    missed = False
    for name, baseline, ours, limit in table:
        over = ours - baseline
        wanted, verdict = ("", "") if limit is None else (f"{limit:.1f}", "ok")
        if limit is not None and over > limit:
            missed, verdict = True, "MISSED"
        print(f"{name:34} {baseline:8.3f} {ours:8.3f} {over:8.3f} {wanted:>8} {verdict}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if sys.argv[1:] else ".")))
