"""What in a guide a person would read over and a machine trips on: `findings` lists it all.

All functions are pure: a `Runbook`, and maybe the `Cluster`, in; `Finding`s out. Each kind of
finding has a rule that would rather miss something than complain of what is right.
"""

from __future__ import annotations

from collections.abc import Iterator

from runbook.lint import across, characters, names, shell
from runbook.lint.finding import Finding, Flaw
from runbook.lint.lines import Line, lines_of
from runbook.model import Cluster, Runbook

__all__ = ["Finding", "Flaw", "findings"]


def findings(runbook: Runbook, cluster: Cluster | None = None) -> tuple[Finding, ...]:
    """Return all findings, sorted by where they are; each is there once."""
    lines = lines_of(runbook)
    return tuple(sorted(set(_all(runbook, lines, cluster))))


def _all(runbook: Runbook, lines: list[Line], cluster: Cluster | None) -> Iterator[Finding]:
    filled = {f"<{s.capture.name.replace('_', '-')}>" for s in runbook.steps() if s.capture}
    for line in lines:
        yield from characters.look(line)
        yield from shell.look(line, filled)
    yield from names.typos(lines)
    yield from across.paths(runbook, lines)
    yield from across.shebangs(runbook, lines)
    yield from across.copied(runbook)
    if cluster is not None:
        yield from across.hosts(runbook, lines, cluster)
