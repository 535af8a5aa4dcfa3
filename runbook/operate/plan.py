"""`runbook plan` and `runbook lint`: what a guide was read as, and what is odd about it."""

from __future__ import annotations

import fnmatch
import json
import re
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import click

from runbook import artefact, cluster, lint
from runbook.errors import RunbookError
from runbook.lint import Finding, Flaw
from runbook.model import Cluster, Location, Runbook
from runbook.operate.guide import unknown
from runbook.proposal import objections
from runbook.report.explain import print_explained
from runbook.report.markers import Place, markers
from runbook.report.plan import screen
from runbook.report.proposal import print_plan
from runbook.report.words import inert, number


def show_plan(guide: Path, runbook: Runbook, *, commands: bool) -> None:
    """Show what the guide was read as, with what is odd below each chapter."""
    found = lint.findings(runbook, _cluster(guide))
    print_plan(
        runbook, sys.stdout, findings=found, objections=objections(runbook), commands=commands
    )


def explain(runbook: Runbook, patterns: Sequence[str]) -> None:
    """Show all that is known of the steps and blocks whose ids match one of the `patterns`.

    Raises:
        RunbookError: nothing matches one of them; the message has the nearest ids.

    """
    print_explained(runbook, _matched(runbook, patterns), objections(runbook), sys.stdout)


def show_markers(guide: Path, runbook: Runbook, patterns: Sequence[str]) -> None:
    """Show what to write in the place of each doubtful block, or of those that `patterns` match.

    Raises:
        RunbookError: nothing matches one of them; the message has the nearest ids.

    """
    described = _cluster(guide)
    names = [host.name for host in described.hosts] if described else []
    names += sorted({g for h in described.hosts for g in h.groups}) if described else []
    ids = _matched(runbook, patterns) if patterns else None
    shown = 0
    for marker in markers(runbook, Places(guide), names, ids):
        shown += 1
        click.echo(inert(str(marker)))
    if not shown:
        click.echo("There is nothing to mark." if ids else "No block is doubtful.", err=True)


def _matched(runbook: Runbook, patterns: Sequence[str]) -> set[str]:
    known = dict.fromkeys(step.id for step in runbook.steps())
    known |= dict.fromkeys(block.id for chapter in runbook.chapters for block in chapter.blocks)
    chosen: set[str] = set()
    for pattern in patterns:
        matched = [one for one in known if one == pattern or fnmatch.fnmatchcase(one, pattern)]
        if not matched:
            raise RunbookError(unknown(pattern, known))
        chosen.update(matched)
    return chosen


def lint_guide(guide: Path, runbook: Runbook, only: Sequence[str], *, as_json: bool) -> int:
    """Show what is odd about a guide; the exit status is 1 if there is something."""
    found = lint.findings(runbook, _cluster(guide))
    if only:
        found = tuple(one for one in found if one.flaw.value in only)
    if as_json:
        click.echo(json.dumps([_plain(one) for one in found], indent=2, ensure_ascii=False))
    else:
        console = screen(sys.stdout)
        for one in found:
            console.print(inert(str(one)), soft_wrap=True)
        click.echo(f"{number(len(found), 'finding')}.")
    return 1 if found else 0


FLAWS = tuple(flaw.value for flaw in Flaw)
"""What `--only` of `runbook lint` takes."""


def _plain(found: Finding) -> dict[str, object]:
    plain: dict[str, object] = {
        "document": found.location.document,
        "line": found.location.line,
        "kind": found.flaw.value,
        "message": found.message,
    }
    return plain | ({"suggestion": found.suggestion} if found.suggestion else {})


def _cluster(guide: Path) -> Cluster | None:
    path = guide / cluster.PLACE
    return cluster.load(path) if path.exists() else None


class Places:
    """Finds the directive above the first line of a block."""

    def __init__(self, guide: Path) -> None:
        self.guide = guide
        self.lines = cache(self._lines)

    def _lines(self, document: str) -> list[str]:
        try:
            return artefact.read(self.guide / document).splitlines()
        except (RunbookError, OSError):
            return []

    def __call__(self, location: Location) -> Place:
        """Return the line of the directive, or the block's own if it cannot be found."""
        lines = self.lines(location.document)
        if not 0 < location.line <= len(lines):
            return Place(location)
        own = _indent(lines[location.line - 1])
        for number_ in range(location.line - 1, 0, -1):
            line = lines[number_ - 1]
            if line.strip() and _indent(line) < own:
                item = re.match(r"\s*(?:[-*+•]|\(?\w{1,3}[.)])\s+(?=\.\. )", line)
                indent = len(item[0]) if item else _indent(line)
                return Place(Location(location.document, number_), indent)
        return Place(location)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
