"""`runbook record`: the record of a guide that people followed, for a change ticket."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click
from attrs import evolve

from runbook.commands.guide import planned, run_directory
from runbook.commands.secrecy import known_secrets
from runbook.errors import RunbookError
from runbook.redaction.known import KnownSecrets
from runbook.report import record_html, record_markdown
from runbook.report.record import Record, last_followed, record
from runbook.results import EndCheck, Outcome, artefact
from runbook.results import journal as journals
from runbook.results.journal_reader import Recorded, Told
from runbook.results.log import LogEntry
from runbook.results.redacted import redacted, redacted_entry, redacted_outcome

FORMATS: Final[dict[str, Callable[[Record], str]]] = {
    "html": record_html.render,
    "markdown": record_markdown.render,
}
STDOUT: Final = "-"


def write_record(guide: Path, kind: str, form: str, output: str) -> None:
    """Write the record of the last time that the guide was followed on its lab of that `kind`.

    It goes to the file `output`, to standard output for `-`, and by default beside the journal.

    Raises:
        RunbookError: nobody has followed the guide there, or the file cannot be written.

    """
    directory = run_directory(guide, kind)
    runs = [
        run
        for path in (directory, run_directory(guide, f"{kind}-undo"))
        if (path / "journal.jsonl").exists()
        for run in journals.read(path / "journal.jsonl").runs.values()
    ]
    mine = last_followed(runs)
    if not mine:
        raise RunbookError(
            f"{directory}: nobody has followed the guide on this lab; 'runbook follow' begins"
        )
    with known_secrets(guide, kind) as known:
        made = record(planned(guide), [_redacted(run, known) for run in mine])
        text = known.redact(FORMATS[form](made))
    if output == STDOUT:
        sys.stdout.write(text)
        return
    suffix = {"html": "html", "markdown": "md"}[form]
    path = Path(output) if output else directory / f"record.{suffix}"
    artefact.write(path, text, public=bool(output))
    click.echo(f"{path}")


def _redacted(run: Recorded, known: KnownSecrets) -> Recorded:
    """Return a run without the `known` secrets, as of a time when not all were known."""

    def clean(told: Told) -> Told:
        if isinstance(told, LogEntry):
            return redacted_entry(told, known)
        if isinstance(told, Outcome):
            return redacted_outcome(told, known)
        return told

    ends = [end for one in run.end_state if isinstance(end := redacted(one, known), EndCheck)]
    return evolve(run, told=[clean(one) for one in run.told], end_state=ends)
