"""`runbook evidence`: keep what the last runs have shown."""

from __future__ import annotations

from pathlib import Path

import click

from runbook import evidence, journal
from runbook.errors import RunbookError
from runbook.model import Runbook
from runbook.operate.guide import run_directory
from runbook.report.words import number


def keep(guide: Path, kind: str, runbook: Runbook) -> None:
    """Write the evidence of the last runs on the lab `kind` and of the last rehearsal.

    Raises:
        RunbookError: no run is recorded, or a file cannot be read or written.

    """
    found: list[evidence.Proof] = []
    # What was shown on a system counts more than what was shown by a stand-in: it stands last.
    for name in ("rehearsal", f"{kind}-undo", kind):
        path = run_directory(guide, name) / "journal.jsonl"
        if path.exists() and (reports := journal.reports(path, runbook)):
            found += evidence.proofs_of(reports[-1])
    if not found:
        raise RunbookError(
            "there is nothing to keep: no run and no rehearsal has shown anything yet"
        )
    known = {c.document: evidence.load(guide, c.document) for c in runbook.chapters}
    news = evidence.merged(runbook, known, found)
    written = [evidence.path_of(guide, d) for d, one in news.items() if evidence.save(guide, one)]
    for path in written:
        click.echo(f"wrote {path.relative_to(guide)}")
    proofs = sum(len(one.proofs) for one in news.values())
    click.echo(f"{number(proofs, 'proof')} kept in {number(len(news), 'chapter')}")
