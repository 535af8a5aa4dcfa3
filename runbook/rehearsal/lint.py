"""Check commands without running them: with bash's own parser, and with ShellCheck.

Commands at a prompt are not a script, so ShellCheck's findings about scripts are left out:
variables set for later commands, an unchecked `cd`, files to source.
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
from runbook.model.secret_reference import REFERENCE

_EXCLUDED: Final = (
    "SC1090",  # the sourced file is on the host, not here
    "SC1091",
    "SC2034",  # a variable is set for a later command
    "SC2154",  # a variable was set by an earlier command
    "SC2164",  # the next command runs only if `cd` succeeded
)
_LINE: Final = re.compile(r"line (\d+): (.*)")
_UNTERMINATED: Final = re.compile(r"here-document at line (\d+) .*(\(wanted .*\))")
_MISSING: Final = (
    "shellcheck is not installed: install sphinx-runbook with its extra 'rehearse', "
    "or run without it: --no-shellcheck"
)


@frozen
class Finding:
    """A problem in shell text, at its line of the guide; `source` locates the whole text."""

    location: Location
    text: str
    source: Location

    def __str__(self) -> str:
        return f"{self.location}: {self.text}"


@frozen
class ShellText:
    """Shell text of the guide; `location` is that of its first line."""

    text: str
    location: Location

    def finding(self, line: int, text: str) -> Finding:
        """Return a finding at a line of the text, counted from 1."""
        line = min(max(line, 1), self.text.count("\n") + 1)
        location = Location(self.location.document, self.location.line + line - 1)
        return Finding(location, text, self.location)


def without_placeholders(text: str, runbook: Runbook) -> str:
    """Return shell text with a word for each secret, and each `<name>` that a step captures."""
    text = REFERENCE.sub("_secret_", text)
    for step in runbook.steps():
        if step.capture is not None:
            name = step.capture.name.replace("_", "-")
            text = text.replace(f"<{name}>", f"_{name.replace('-', '_')}_")
    return text


def parse(texts: Iterable[ShellText]) -> list[Finding]:
    """Return what bash cannot parse, at most one finding for each of the `texts`."""
    found = []
    for one in texts:
        done = subprocess.run(
            ["bash", "-n"],
            input=one.text + "\n",
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
        if done.returncode == 0:
            # Bash only warns of this and would run it; a session refuses it.
            if opened := _UNTERMINATED.search(done.stderr):
                message = f"the here-document is not terminated {opened[2]}"
                found.append(one.finding(int(opened[1]), message))
            continue
        first = _LINE.search(done.stderr)
        line, message = (int(first[1]), first[2]) if first else (1, done.stderr.strip())
        found.append(one.finding(line, f"bash cannot parse this: {message}"))
    return found


def shellcheck(texts: Sequence[ShellText]) -> list[Finding]:
    """Return the warnings and errors of ShellCheck.

    Raises:
        RunbookError: ShellCheck is not installed, or its output cannot be parsed.

    """
    program = shutil.which("shellcheck", path=_search_path())
    if program is None:
        raise RunbookError(_MISSING)
    if not texts:
        return []
    with tempfile.TemporaryDirectory(prefix="runbook-lint-") as directory:
        sources = {}
        for number, one in enumerate(texts):
            path = Path(directory, f"{number:04}")
            path.write_text(one.text + "\n", encoding="utf-8")
            sources[str(path)] = one
        argv = [program, "--norc", "--shell=bash", "--severity=warning", "--format=json1"]
        argv += [f"--exclude={','.join(_EXCLUDED)}", *sources]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    try:
        comments = json.loads(done.stdout)["comments"]
        return [
            sources[c["file"]].finding(c["line"], f"{c['message'].strip()} [SC{c['code']}]")
            for c in comments
        ]
    except (ValueError, KeyError) as error:
        raise RunbookError(f"shellcheck failed: {done.stderr.strip() or error}") from error


def _search_path() -> str:
    """Return the directory of this Python's scripts, followed by `PATH`."""
    return os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)))
