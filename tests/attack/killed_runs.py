"""Runs that are killed at any moment, and go on afterwards."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.attack.attack import Attack
from tests.support.paths import ROOT

_CONF = 'extensions = ["runbook.sphinx"]\nproject = "killed"\n'
_STEP = """
.. step:: Step {number}
   :timeout: 60s
   :repeatable: no

   .. code-block:: console

      # {command}

   .. check:: it is done

      assert host.file("{log}").contains("^end {number}$")
"""
_COMMANDS = (
    "echo begin {n} >>{log}; sleep {s}; echo end {n} >>{log}",
    "sh -c \"trap '' HUP INT TERM; echo begin {n} >>{log}; sleep {s}; echo end {n} >>{log}\"",
    "(trap '' HUP; echo begin {n} >>{log}; sleep {s}; echo end {n} >>{log}) & wait",
)


def _attempt(random: random.Random, directory: Path) -> str:
    """Kill a run, let the next one come to its end, and count what was done."""
    log = directory / "log"
    numbers = range(1, 4)
    steps = [
        _STEP.format(
            number=number,
            log=log,
            command=random.choice(_COMMANDS).format(n=number, s=random.choice((0, 0.3)), log=log),
        )
        for number in numbers
    ]
    (directory / "conf.py").write_text(_CONF)
    (directory / "index.rst").write_text("Killed\n======\n" + "".join(steps))
    with _run(directory) as run:
        time.sleep(random.uniform(0.3, 4))
        run.send_signal(signal.SIGKILL)
    said = _run_to_end(directory)
    # A step that was begun is typed again only if the operator agrees, who knows what it did.
    agreed = sorted(set(re.findall(r"--repeat (index/step-\d)", said)))
    before = {number: _count(log, number) for number in numbers}
    if agreed:
        said = _run_to_end(directory, *(f"--repeat={step}" for step in agreed))
    for number in numbers:
        wanted = before[number] + 1 if f"index/step-{number}" in agreed else 1
        if _count(log, number) != wanted:
            return f"step {number} was done {_count(log, number)} times, not {wanted}: {said}"
    left = subprocess.run(["pgrep", "-f", str(log)], capture_output=True, text=True, check=False)
    return f"there is left {left.stdout}" if left.stdout else _lost(directory)


def _run(directory: Path, *options: str) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-m", "runbook", "run", str(directory), "--lab", "local", "--yes"]
    # What this user's own profile starts is not to be killed.
    return subprocess.Popen(
        [*argv, *options],
        cwd=ROOT,
        env={**os.environ, "HOME": str(directory)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _run_to_end(directory: Path, *options: str) -> str:
    with _run(directory, *options) as run:
        return run.communicate(timeout=120)[0].decode(errors="replace")


def _count(log: Path, number: int) -> int:
    """Return how often a step came to its end."""
    return log.read_text().split("\n").count(f"end {number}") if log.exists() else 0


def _lost(directory: Path) -> str:
    """Return which steps the last run does not know the outcome of."""
    lines = (directory / "build/local/journal.jsonl").read_text().split("\n")
    records = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
    proven = {one["step"] for one in records if one.get("record") == "outcome"}
    missing = {f"index/step-{number}" for number in range(1, 4)} - proven
    return f"no outcome of {sorted(missing)} was kept" if missing else ""


ATTACK = Attack(
    "killed runs",
    "runs that are killed at any moment, and continued by the next one",
    "no step is done twice unless the operator agrees, no outcome is lost, and nothing of a killed "
    "run goes on",
    _attempt,
)
