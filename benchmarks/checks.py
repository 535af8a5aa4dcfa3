"""What a check costs, beside the same check as a test of pytest-testinfra.

Run it as `python -m benchmarks.checks`. It evaluates 200 checks, each of a step of its own, on
this machine, and has pytest run 200 tests that ask the same through `--hosts=local://`. Each
figure is the best of several rounds, in milliseconds a check; the rounds of all take turns. What
pytest takes for a single test is its start, and is not counted. The last line is what a check
costs over its command.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from runbook.execution.checks.check import evaluate
from runbook.execution.hosts.host import HostConnection, HostMap, closing_all
from runbook.model import Check, Location, Step
from runbook.terminal.connection import LocalConnection

ROUNDS = 5
COUNT = 200
LIMIT_RATIO = 1.0
LIMIT_OVER = 2.0
COMMAND = "test -e /etc/passwd"
ASSERTION = "assert host.file('/etc/passwd').exists"


def seconds(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def steps(place: int) -> list[Step]:
    """Return steps with one check each, whose lines are those of no other call."""
    found = []
    for number in range(COUNT):
        location = Location("docs/sample.rst", place + number * 10)
        check = Check(f"the file is there, {number}", ASSERTION, location)
        found.append(Step(f"sample/step-{number}", "Sample", location, checks=(check,)))
    return found


def evaluated(some: list[Step], hosts: Mapping[str, HostConnection]) -> None:
    """Evaluate the checks of some steps, each of which reaches its hosts anew, as in a run."""
    for step in some:
        if not evaluate(step.checks[0], HostMap(hosts), "a").held:
            raise SystemExit("a check does not hold")


def tests(directory: Path, count: int) -> Callable[[], object]:
    """Return how pytest-testinfra runs that many tests, each with the same assertion."""
    path = directory / f"test_{count}.py"
    path.write_text("".join(f"def test_{n}(host):\n    {ASSERTION}\n\n" for n in range(count)))
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--hosts=local://"]
    argv += ["-c", "/dev/null", "--rootdir", str(directory), str(path)]
    return lambda: subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, cwd=directory)


def measured() -> dict[str, float]:
    """Return the milliseconds a check of each kind; its rounds take turns."""
    times: dict[str, list[float]] = {}
    with (
        closing_all({"a": HostConnection(LocalConnection("a"), {})}) as hosts,
        tempfile.TemporaryDirectory() as directory,
    ):
        pipe = hosts["a"].pipe()
        alone, together = tests(Path(directory), 1), tests(Path(directory), COUNT)
        for number in range(ROUNDS):
            fresh = steps(1 + number)
            works: dict[str, Callable[[], object]] = {
                "command": lambda: [pipe.run(COMMAND, timeout=10) for _ in range(COUNT)],
                "first": lambda fresh=fresh: evaluated(fresh, hosts),  # type: ignore[misc]
                "again": lambda fresh=fresh: evaluated(fresh, hosts),  # type: ignore[misc]
                "alone": alone,
                "together": together,
            }
            for name, work in works.items():
                times.setdefault(name, []).append(seconds(work))
    best = {name: min(rounds) * 1000 for name, rounds in times.items()}
    found = {name: best[name] / COUNT for name in ("command", "first", "again")}
    return {**found, "peer": (best["together"] - best["alone"]) / (COUNT - 1)}


def main() -> bool:
    """Print the table; return whether every limit is kept."""
    found = measured()
    ratio, over = found["first"] / found["peer"], found["first"] - found["command"]
    print(f"{'ms a check, best':32} {'':>8} {'limit':>6}")
    for name, figure in (
        ("its command in the pipe", found["command"]),
        ("pytest-testinfra", found["peer"]),
        ("evaluate, again", found["again"]),
        ("evaluate, first time", found["first"]),
    ):
        print(f"{name:32} {figure:8.2f}")
    for name, figure, limit in (
        ("first time / pytest-testinfra", ratio, LIMIT_RATIO),
        ("first time - its command", over, LIMIT_OVER),
    ):
        print(f"{name:32} {figure:8.2f} {limit:6.1f} {'ok' if figure <= limit else 'MISSED'}")
    return ratio <= LIMIT_RATIO and over <= LIMIT_OVER


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
