"""`runbook plan --explain` and `--markers`, and `runbook lint`: parts of a plan, and findings."""

from __future__ import annotations

import fnmatch
import json
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import click

from runbook.commands.guide import unknown_id
from runbook.errors import RunbookError
from runbook.execution.selection import Selection, runs_nowhere
from runbook.lint import Finding, FindingKind
from runbook.lint.consent import consent_reasons
from runbook.model import Cluster, Location, Runbook, cluster
from runbook.report.explain import print_explanation
from runbook.report.markers import MarkerPosition, find_directive, markers
from runbook.report.screen import Screen
from runbook.report.text import pluralize, sanitize
from runbook.results import artefact


def explain(guide: Path, runbook: Runbook, patterns: Sequence[str]) -> None:
    """Show everything known about the steps and blocks whose ids match one of the `patterns`.

    Raises:
        RunbookError: nothing matches one of them; the message has the closest ids.

    """
    print_explanation(
        runbook,
        _matched(runbook, patterns),
        consent_reasons(runbook),
        sys.stdout,
        _skipped(runbook, _cluster(guide)),
    )


def _skipped(runbook: Runbook, described: Cluster | None) -> dict[str, str]:
    """Return why steps run on no host, as the cluster file describes them, by step id."""
    if described is None:
        described = Cluster("", "", ())
    selection = Selection(unmarked=True)
    why = {step.id: runs_nowhere(step, described, selection) for step in runbook.steps()}
    return {id_: reason for id_, reason in why.items() if reason}


def show_markers(guide: Path, runbook: Runbook, patterns: Sequence[str]) -> None:
    """Show a marker for each doubtful block, or for those that match `patterns`.

    Raises:
        RunbookError: nothing matches one of them; the message has the closest ids.

    """
    described = _cluster(guide)
    names = [host.name for host in described.hosts] if described else []
    names += sorted({g for h in described.hosts for g in h.groups}) if described else []
    ids = _matched(runbook, patterns) if patterns else None
    shown = 0
    for marker in markers(runbook, DirectiveFinder(guide), names, ids):
        shown += 1
        click.echo(sanitize(str(marker)))
    if not shown:
        click.echo("There is nothing to mark." if ids else "No block is doubtful.", err=True)


def _matched(runbook: Runbook, patterns: Sequence[str]) -> set[str]:
    known = dict.fromkeys(step.id for step in runbook.steps())
    known |= dict.fromkeys(block.id for chapter in runbook.chapters for block in chapter.blocks)
    chosen: set[str] = set()
    for pattern in patterns:
        matched = [one for one in known if one == pattern or fnmatch.fnmatchcase(one, pattern)]
        if not matched:
            raise RunbookError(unknown_id(pattern, known))
        chosen.update(matched)
    return chosen


def show_findings(found: Sequence[Finding], *, as_json: bool) -> None:
    """Show lint findings, one a line, and how many there are."""
    if as_json:
        click.echo(json.dumps([_plain(one) for one in found], indent=2, ensure_ascii=False))
        return
    console = Screen(sys.stdout)
    for one in found:
        console.print(sanitize(str(one)), soft_wrap=True)
    click.echo(f"{pluralize(len(found), 'finding')}.")


FINDING_KINDS = tuple(kind.value for kind in FindingKind)
"""The values of `runbook lint --only`."""


def _plain(found: Finding) -> dict[str, object]:
    plain: dict[str, object] = {
        "document": found.location.document,
        "line": found.location.line,
        "kind": found.kind.value,
        "message": found.message,
    }
    return plain | ({"suggestion": found.suggestion} if found.suggestion else {})


def _cluster(guide: Path) -> Cluster | None:
    path = guide / cluster.PLACE
    return cluster.load(path) if path.exists() else None


class DirectiveFinder:
    """Finds the directive of a block, above its first line."""

    def __init__(self, guide: Path) -> None:
        self.guide = guide
        self.lines = cache(self._lines)

    def _lines(self, document: str) -> list[str]:
        try:
            return artefact.read(self.guide / document).splitlines()
        except (RunbookError, OSError):
            return []

    def __call__(self, location: Location) -> MarkerPosition:
        """Return the position of the directive, or that of the block if there is none."""
        return find_directive(location, self.lines(location.document))
