"""Read commands without running them: bash's own parser, and ShellCheck.

What is typed at a prompt is no script. Findings about scripts are therefore left out: names
that are set for later commands, a `cd` that is not checked, files to include.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.errors import RunbookError
from runbook.model import Location, Runbook

_LEFT_OUT: Final = (
    "SC1090",  # a file to include is on the host, not here
    "SC1091",
    "SC2034",  # a name is set for a later command
    "SC2154",  # a name was set by an earlier command
    "SC2164",  # the next command is typed only after `cd` has worked
)
_LINE: Final = re.compile(r"line (\d+): (.*)")
_OPEN: Final = re.compile(r"here-document at line (\d+) .*(\(wanted .*\))")
_MISSING: Final = (
    "shellcheck is not installed: install sphinx-runbook with its extra 'rehearse', "
    "or leave it out with --no-shellcheck"
)


@frozen
class Finding:
    """Something wrong with shell text, at the line of the guide that it is about.

    `of` is the location of the whole text.
    """

    location: Location
    text: str
    of: Location

    def __str__(self) -> str:
        return f"{self.location}: {self.text}"


@frozen
class Line:
    """Shell text of the guide; `location` is that of its first line."""

    text: str
    location: Location

    def finding(self, line: int, text: str) -> Finding:
        """Return a finding about a line of the text; the first is 1."""
        line = min(max(line, 1), self.text.count("\n") + 1)
        place = Location(self.location.document, self.location.line + line - 1)
        return Finding(place, text, self.location)


def without_placeholders(text: str, runbook: Runbook) -> str:
    """Return shell text with words in place of the `<name>`s that earlier steps capture."""
    for step in runbook.steps():
        if step.capture is not None:
            name = step.capture.name.replace("_", "-")
            text = text.replace(f"<{name}>", f"_{name.replace('-', '_')}_")
    return text


def parse(lines: Iterable[Line]) -> list[Finding]:
    """Return what bash cannot parse, one finding for each of the `lines` at most."""
    found = []
    for line in lines:
        done = subprocess.run(
            ["bash", "-n"],
            input=line.text + "\n",
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
        if done.returncode == 0:
            # Bash runs such text all the same, and a session therefore refuses it.
            if opened := _OPEN.search(done.stderr):
                said = f"the here-document has no end {opened[2]}"
                found.append(line.finding(int(opened[1]), said))
            continue
        first = _LINE.search(done.stderr)
        place, said = (int(first[1]), first[2]) if first else (1, done.stderr.strip())
        found.append(line.finding(place, f"bash cannot read this: {said}"))
    return found


def shellcheck(lines: Sequence[Line]) -> list[Finding]:
    """Return what ShellCheck warns of.

    Raises:
        RunbookError: it is not installed, or cannot be understood.

    """
    program = shutil.which("shellcheck", path=_search_path())
    if program is None:
        raise RunbookError(_MISSING)
    if not lines:
        return []
    with tempfile.TemporaryDirectory(prefix="runbook-lint-") as directory:
        places = {}
        for number, line in enumerate(lines):
            path = Path(directory, f"{number:04}")
            path.write_text(line.text + "\n", encoding="utf-8")
            places[str(path)] = line
        argv = [program, "--norc", "--shell=bash", "--severity=warning", "--format=json1"]
        argv += [f"--exclude={','.join(_LEFT_OUT)}", *places]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    try:
        comments = json.loads(done.stdout)["comments"]
        return [
            places[one["file"]].finding(one["line"], f"{one['message'].strip()} [SC{one['code']}]")
            for one in comments
        ]
    except (ValueError, KeyError) as error:
        raise RunbookError(f"shellcheck failed: {done.stderr.strip() or error}") from error


def _search_path() -> str:
    """Return where programs are looked for: beside this Python first, then as in a shell."""
    return os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)))
