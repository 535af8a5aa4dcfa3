"""Steps that nobody can run here and that say from nowhere, and source notes without a step."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from runbook.lint.finding import Finding, FindingKind
from runbook.lint.resource_lists import everywhere
from runbook.model import Cluster, Command, Runbook, Step
from runbook.model.alternative import fits
from runbook.shelltext.programs import programs


def unsourced_findings(
    runbook: Runbook, cluster: Cluster | None, evidenced: Collection[str]
) -> Iterator[Finding]:
    """Yield the steps for platforms that nobody has run, which have no source note.

    These are the platforms that no host of the `cluster` has and that are not `evidenced`. A guide
    without source notes has no such findings, and neither has a step that uses only programs which
    are the same on every system.
    """
    if not runbook.sources:
        return
    run = {host.platform for host in cluster.hosts} if cluster else set()
    run.update(evidenced)
    for step in runbook.steps():
        never = [one for one in step.platforms if not any(fits(known, (one,)) for known in run)]
        if step.marked and never and not step.sources and _has_facts(step):
            message = (
                f"{step.title!r} has never run on {' and '.join(never)}, and has no ':sources:'"
            )
            yield Finding(step.location, FindingKind.UNSOURCED, message)


def _has_facts(step: Step) -> bool:
    """Return whether `step` says something of a program that its source could contradict."""
    for action in step.actions:
        if not isinstance(action, Command):
            return True
        names = {program.name for program in programs(action.text) if program.name}
        if not names <= everywhere():
            return True
    return False


def unused_source_findings(runbook: Runbook) -> Iterator[Finding]:
    """Yield the source notes that neither a step nor prose names."""
    used = {name for step in runbook.steps() for name in step.sources}
    used.update(one.note for one in runbook.cited)
    for note in runbook.sources:
        if note.id not in used:
            message = f"no step names the source note {note.id!r}, and no prose does"
            yield Finding(note.location, FindingKind.UNUSED_SOURCE, message)
