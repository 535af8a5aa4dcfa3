"""Log the problems of a guide and the findings of its linter as warnings of a build."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from runbook.lint.findings import findings
from runbook.model import Runbook
from runbook.results import evidence
from runbook.sphinx.directives.values import load_cluster
from runbook.sphinx.planning.collected import collect_guide
from runbook.sphinx.source.problems import Problem

_logger = logging.getLogger(__name__)


def check_consistency(app: Sphinx, env: BuildEnvironment) -> None:  # noqa: ARG001
    """Log every problem, in the main process: those that read documents may be silent."""
    if app.builder.name == "runbook":
        return
    collected = collect_guide(app)
    for problem in (*collected.problems, *_lint_problems(app, collected.runbook)):
        log = _logger.error if problem.error else _logger.warning
        log(problem.message, location=str(problem.location), type="runbook", subtype=problem.kind)


def _lint_problems(app: Sphinx, runbook: Runbook) -> tuple[Problem, ...]:
    """Return the findings of `runbook lint` as warnings, each with its kind as the subtype."""
    evidenced = evidence.platforms_of(Path(app.confdir)) if runbook.sources else ()
    return tuple(
        Problem(found.location, found.text, kind=found.kind.value, error=False)
        for found in findings(runbook, load_cluster(app), evidenced)
    )
