"""Small guides in temporary directories, and the command line run on them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.forked import run_module
from tests.support.paths import ROOT

CLUSTER = """
name: sample
network: 10.9.8.0/24
platform: debian12
hosts:
  box: {address: 10.9.8.1}
"""

_OWN_CLUSTER = yaml.safe_load((ROOT / "lab/cluster.yaml").read_text())
CONTAINER_SECTION = yaml.safe_dump({"container": _OWN_CLUSTER["container"]})
"""How the project's own guide makes containers: tests with it build no image of their own."""

DESTROY = """
    The old data has to go.

    .. step:: Remove all
       :on: box

       .. code-block:: console

          # rm -rf PLACE/old

       .. check:: it is gone

          assert not host.file("PLACE/old").exists
"""
"""A step that may do damage."""


class Guide:
    """A guide whose one host is this machine; its steps create files in `place`."""

    def __init__(self, directory: Path, *steps: str, cluster: str = CLUSTER) -> None:
        self.directory = directory / "guide"
        self.place = directory / "place"
        self.place.mkdir(parents=True)
        (self.directory / "lab").mkdir(parents=True)
        (self.directory / "conf.py").write_text('extensions = ["runbook.sphinx"]\n')
        (self.directory / "lab/cluster.yaml").write_text(cluster)
        self.write(*steps)

    def write(self, *steps: str) -> None:
        """Write the guide's one page with these steps; `PLACE` stands for `place`."""
        text = "Sample\n======\n\n" + "\n\n".join(textwrap.dedent(step) for step in steps)
        (self.directory / "index.rst").write_text(text.replace("PLACE", str(self.place)))

    def argv(self, command: str, *options: str) -> list[str]:
        """Return the arguments that run a command on this guide."""
        if command in ("run", "check"):
            options = ("--lab", "local", *options)
        if command == "run":
            options = ("--yes", *options)
        if command == "report":
            options = ("--lab", "local", *options)
        return [sys.executable, "-m", "runbook", command, str(self.directory), *options]

    def call(
        self, command: str, *options: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command from another directory, without input, and wait for it."""
        module, *arguments = self.argv(command, *options)[2:]
        return run_module(
            module, *arguments, environment={**os.environ, **(environment or {})}, cwd="/"
        )

    @property
    def results(self) -> Path:
        """The directory of the journal and the reports."""
        return self.directory / "build/local"

    def outcomes(self) -> list[dict[str, Any]]:
        """Return the outcomes of the last run in the journal."""
        records = []
        for line in (self.results / "journal.jsonl").read_text().splitlines():
            try:
                records.append(json.loads(line))
            except ValueError:
                continue
        last = [record["id"] for record in records if record["record"] == "run"][-1]
        earned = {
            (r.get("key", ""), r["host"]): r for r in records if r["record"] in ("outcome", "kept")
        }
        carried = [
            earned[key, host] | {"step": step, "resumed": True}
            for r in records
            if r["record"] == "carried" and r["run"] == last
            for step, key, host in r["outcomes"]
        ]
        return carried + [r for r in records if r["record"] == "outcome" and r["run"] == last]

    def verdicts(self) -> dict[str, str]:
        """Return the verdict of each step of the last run, by the step's name."""
        return {one["step"].rpartition("/")[2]: one["verdict"] for one in self.outcomes()}


def making(name: str, command: str = "", options: str = "") -> str:
    """Return a step that runs `command`, then creates the file `name`."""
    lines = [f".. step:: Make {name}", "   :on: box"]
    lines += [f"   {line}" for line in options.splitlines()]
    lines += ["", "   .. code-block:: console", ""]
    lines += [f"      # {line}" for line in command.splitlines()]
    lines += [f"      # touch PLACE/{name}", "", f"   .. check:: {name} is there", ""]
    lines += [f'      assert host.file("PLACE/{name}").exists', ""]
    return "\n".join(lines)
