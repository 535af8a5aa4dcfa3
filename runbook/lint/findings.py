"""Collect the findings of all rules.

Each rule prefers missing a mistake to reporting a false positive.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache

from attrs import evolve

from runbook.lint import (
    characters,
    consistency,
    shell,
    sources,
    typos,
    uses_before_makes,
    weak_checks,
)
from runbook.lint.commands import GuideCommand, commands_of
from runbook.lint.finding import Finding, FindingKind
from runbook.model import Cluster, Kind, Location, Runbook

__all__ = ["Finding", "FindingKind", "findings", "quick_findings"]


def findings(
    runbook: Runbook, cluster: Cluster | None = None, evidenced: Collection[str] = ()
) -> tuple[Finding, ...]:
    """Return all findings, sorted by location, without duplicates.

    `evidenced` are the platforms on which a run has shown something.
    """
    found = set(quick_findings(runbook, cluster, evidenced))
    found.update(uses_before_makes.uses_findings(runbook, cluster))
    return tuple(sorted(found))


def quick_findings(
    runbook: Runbook, cluster: Cluster | None = None, evidenced: Collection[str] = ()
) -> frozenset[Finding]:
    """Return the findings for which no path through the guide has to be followed.

    These are all but those of the kind `FindingKind.USES`.
    """
    commands = commands_of(runbook)
    found = set(_all(runbook, commands, cluster))
    found.update(weak_checks.weak_check_findings(runbook))
    found.update(sources.unsourced_findings(runbook, cluster, evidenced))
    found.update(sources.unused_source_findings(runbook))
    found.update(
        Finding(one.location, FindingKind(one.kind), one.message, one.suggestion)
        for one in runbook.remarks
    )
    return frozenset(found)


def _all(
    runbook: Runbook, commands: list[GuideCommand], cluster: Cluster | None
) -> Iterator[Finding]:
    captured = frozenset(
        f"<{s.capture.name.replace('_', '-')}>" for s in runbook.steps() if s.capture
    )
    for command in commands:
        first = command.location
        for one in _of_text(
            command.text, command.marked, command.kind, command.is_dialogue, captured
        ):
            yield evolve(one, location=Location(first.document, first.line + one.location.line))
    yield from typos.typo_findings(commands)
    yield from consistency.path_findings(runbook, commands)
    yield from consistency.shebang_findings(runbook, commands)
    yield from consistency.copied_id_findings(runbook)
    if cluster is not None:
        yield from consistency.host_findings(runbook, commands, cluster)
        yield from consistency.group_findings(runbook, cluster)


# An editor looks at the same commands again and again.
@lru_cache(maxsize=8192)
def _of_text(
    text: str, marked: bool, kind: Kind | None, is_dialogue: bool, captured: frozenset[str]
) -> tuple[Finding, ...]:
    """Return what is wrong with a command by itself, its first line counted as 0."""
    command = GuideCommand(text, Location("", 0), marked, kind, is_dialogue)
    found = [*characters.character_findings(command)]
    return (*found, *shell.shell_findings(command, set(captured)))
