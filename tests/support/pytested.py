"""A small guide that is run by pytest, in a process that has Sphinx loaded already."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

# What the inner pytest imports is forgotten when it ends, unless it is there before.
import runbook.commands.running.open_run
import runbook.pytest_plugin.collection
import runbook.pytest_plugin.lab_hosts
import runbook.sphinx.planning.plan  # noqa: F401
from tests.support.guides import Guide

LOCAL: Final = (
    *("--lab", "local", "--yes"),
    *("-W", "default", "-W", "ignore:This process (pid=:DeprecationWarning"),
)
"""Options of a run on this machine; warnings are not errors, as they are for the outer pytest.

What the plugin filters by itself is named again, because options count more than settings.
"""


class PytestedGuide(Guide):
    """A guide below the directory of `pytester`; its one host, `box`, is this machine."""

    def __init__(self, pytester: pytest.Pytester, *steps: str) -> None:
        super().__init__(pytester.path, *steps)
        self.pytester = pytester

    def run(self, *options: str, guide: str = "guide") -> pytest.RunResult:
        """Run the guide on the local lab, which is agreed to."""
        return self.pytester.runpytest_inprocess(*LOCAL, "-p", "no:cacheprovider", *options, guide)

    def run_again(self, *options: str) -> pytest.RunResult:
        """Run the guide as `run` does, and remember what failed."""
        return self.pytester.runpytest_inprocess(*LOCAL, *options, "guide")

    def made(self) -> list[str]:
        """Return the names of the files that the steps made."""
        return sorted(path.name for path in self.place.iterdir())

    def records(self, kind: str) -> list[dict[str, object]]:
        """Return the records of a kind in the journal."""
        path = self.results / "journal.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [record for line in lines if (record := json.loads(line))["record"] == kind]


def write(path: Path, text: str) -> None:
    """Write a file and its directories."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
