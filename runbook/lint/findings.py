"""Collect the findings of all rules.

Each rule prefers missing a mistake to reporting a false positive.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from runbook.lint import characters, consistency, shell, sources, typos, uses_before_makes
from runbook.lint.commands import GuideCommand, commands_of
from runbook.lint.finding import Finding, FindingKind
from runbook.model import Cluster, Runbook

__all__ = ["Finding", "FindingKind", "findings"]


def findings(
    runbook: Runbook, cluster: Cluster | None = None, evidenced: Collection[str] = ()
) -> tuple[Finding, ...]:
    """Return all findings, sorted by location, without duplicates.

    `evidenced` are the platforms on which a run has shown something.
    """
    commands = commands_of(runbook)
    found = set(_all(runbook, commands, cluster))
    found.update(sources.unsourced_findings(runbook, cluster, evidenced))
    found.update(sources.unused_source_findings(runbook))
    found.update(uses_before_makes.uses_findings(runbook, cluster))
    found.update(
        Finding(one.location, FindingKind(one.kind), one.message, one.suggestion)
        for one in runbook.remarks
    )
    return tuple(sorted(found))


def _all(
    runbook: Runbook, commands: list[GuideCommand], cluster: Cluster | None
) -> Iterator[Finding]:
    captured = {f"<{s.capture.name.replace('_', '-')}>" for s in runbook.steps() if s.capture}
    for command in commands:
        yield from characters.character_findings(command)
        yield from shell.shell_findings(command, captured)
    yield from typos.typo_findings(commands)
    yield from consistency.path_findings(runbook, commands)
    yield from consistency.shebang_findings(runbook, commands)
    yield from consistency.copied_id_findings(runbook)
    if cluster is not None:
        yield from consistency.host_findings(runbook, commands, cluster)
        yield from consistency.group_findings(runbook, cluster)
