"""What `runbook lint` finds, as warnings of a build: each kind has its own subtype."""

from __future__ import annotations

from runbook import lint
from runbook.model import Cluster, Runbook
from runbook.sphinx.problems import Problem


def flaws(runbook: Runbook, cluster: Cluster | None) -> tuple[Problem, ...]:
    """Return the findings of the guide's linter as mild problems, sorted as they are found."""
    return tuple(
        Problem(found.location, found.words, kind=found.flaw.value, error=False)
        for found in lint.findings(runbook, cluster)
    )
