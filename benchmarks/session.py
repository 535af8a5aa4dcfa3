"""What a step costs over bash itself.

Run it as `python benchmarks/session.py [ENGINE:CONTAINER]`, for example with `podman:gs1`. Each
figure is the best of several rounds, in milliseconds for one command. The baseline is one
bash that runs the same command from a script.
"""

from __future__ import annotations

import getpass
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from runbook.connect import Connection, ContainerConnection, LocalConnection
from runbook.pipe import Pipe
from runbook.session import Session

ROUNDS = 5
COUNT = 200
COMMANDS = (":", "/bin/true")
TARGET_LOCAL = 1.5
TARGET_CONTAINER = 5.0

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


def rows(connection: Connection, user: str, target: float) -> Iterator[Row]:
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
            yield f"{name} session.run", baseline, best(in_session), target
            yield f"{name} pipe.run", baseline, best(in_pipe), None


def main() -> int:
    """Print the table; the exit status is 1 if a target is missed."""
    user = getpass.getuser()
    table = list(rows(LocalConnection("local"), user, TARGET_LOCAL))
    for name in sys.argv[1:]:
        engine, _, container = name.partition(":")
        connection = ContainerConnection(container, tuple(engine.split()), container)
        table += rows(connection, "root", TARGET_CONTAINER)
    print(f"{'ms a command':34} {'bash':>8} {'ours':>8} {'over':>8} {'target':>8}")
    missed = False
    for name, baseline, ours, target in table:
        over = ours - baseline
        wanted, verdict = ("", "") if target is None else (f"{target:.1f}", "ok")
        if target is not None and over > target:
            missed, verdict = True, "MISSED"
        print(f"{name:34} {baseline:8.3f} {ours:8.3f} {over:8.3f} {wanted:>8} {verdict}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
