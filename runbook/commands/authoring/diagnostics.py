"""What a command finds wrong, handed to other programs: a SARIF file and GitHub's annotations.

It imports little, because most commands hand nothing over.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from runbook.commands.authoring.findings import findings
from runbook.commands.guide import planned
from runbook.commands.repository import place_of
from runbook.errors import RunbookError
from runbook.model import Runbook
from runbook.results.plan_record import Messages

if TYPE_CHECKING:
    from runbook.lint import Finding
    from runbook.report.diagnostics import Diagnostic
    from runbook.results import Report

STDOUT: Final = "-"
"""The name of a SARIF file that is the standard output."""


class Diagnostics:
    """The diagnostics of one command; `sarif` is the file for them, or empty."""

    def __init__(self, guide: Path, sarif_file: str, *, annotate: bool) -> None:
        self._guide = guide
        self._sarif = sarif_file
        self._annotate = annotate
        self._found: list[Diagnostic] = []
        self._failures: list[str] = []
        self._explained: RunbookError | None = None

    def planned(self, *, strict: bool, lenient: bool, language: str = "") -> Runbook:
        """Return the runbook of the guide as `guide.planned`; what there is to say is added."""
        return planned(
            self._guide, strict=strict, lenient=lenient, language=language, tell=self._tell
        )

    def add_lint(self, runbook: Runbook) -> None:
        """Add the linter's findings about the guide."""
        if self._wanted:
            self.add_findings(findings(self._guide, runbook))

    def add_findings(self, found: Collection[Finding]) -> None:
        """Add findings of the linter."""
        if self._wanted:
            from runbook.report.diagnostics import of_lint

            self._found += of_lint(found)

    def add_run(self, report: Report) -> None:
        """Add what did not hold in a run, whose report is without secrets."""
        if not self._wanted:
            return
        from runbook.report.diagnostics import of_run

        self._found += of_run(report)
        if report.finished is None:
            self._failures.append("the run did not come to its end")

    def failed(self, error: RunbookError) -> None:
        """Say why the command could not do all that it should, unless that was said already."""
        if error is not self._explained:
            self._failures.append(str(error))

    def deliver(self, category: str) -> None:
        """Write the SARIF file and the annotations, if they are wanted; `category` is SARIF's.

        Raises:
            RunbookError: the file cannot be written.

        """
        if not self._wanted:
            return
        from runbook.execution.secrets import given
        from runbook.redaction.known import KnownSecrets
        from runbook.report import sarif
        from runbook.report.annotations import failure_command, workflow_command
        from runbook.report.diagnostics import redacted
        from runbook.report.text import sanitize
        from runbook.results import artefact

        known = KnownSecrets(given())
        prefix = place_of(self._guide)
        found = [redacted(one, known) for one in self._found]
        failures = [known.redact(sanitize(why)) for why in self._failures]
        if self._annotate:
            # The runner reads both streams, and the other one may be read by a program.
            for one in found:
                click.echo(workflow_command(one, prefix), err=True)
            for why in failures:
                click.echo(failure_command(why), err=True)
        if self._sarif:
            text = sarif.render(found, category=category, prefix=prefix, failures=failures)
            if self._sarif == STDOUT:
                click.echo(text, nl=False)
            else:
                artefact.write(Path(self._sarif), text, public=True)

    @property
    def _wanted(self) -> bool:
        return bool(self._sarif) or self._annotate

    def _tell(self, messages: Messages) -> None:
        if self._wanted:
            from runbook.report.diagnostics import of_plan

            self._found += of_plan(messages.each)
        try:
            messages.show()
        except RunbookError as error:
            self._failures.append("the guide has errors, so nothing else was done")
            self._explained = error
            raise


@contextmanager
def diagnostics(
    guide: Path,
    category: str,
    sarif_file: str = "",
    annotate: str = "auto",
    *,
    shows_output: bool = False,
) -> Iterator[Diagnostics]:
    """Give the diagnostics of a command, and deliver them at its end, however it ends.

    `annotate` is `github`, `none`, or `auto`: for GitHub if that runs the command. If the command
    `shows_output` of other programs, GitHub obeys none of that as a command of ours.
    """
    here = annotate == "github" or (
        annotate == "auto" and os.environ.get("GITHUB_ACTIONS") == "true"
    )
    found = Diagnostics(guide, sarif_file, annotate=here)
    try:
        with _obeying_nothing() if here and shows_output else nullcontext():
            yield found
    except RunbookError as error:
        found.failed(error)
        raise
    finally:
        found.deliver(category)


@contextmanager
def _obeying_nothing() -> Iterator[None]:
    """Let GitHub take nothing that is printed for one of its commands."""
    from runbook.report.annotations import pause_command, resume_command

    # Nobody can guess the token, so no program can end the pause.
    token = secrets.token_hex(16)
    click.echo(pause_command(token), err=True)
    try:
        yield
    finally:
        sys.stdout.flush()
        click.echo(resume_command(token), err=True)
