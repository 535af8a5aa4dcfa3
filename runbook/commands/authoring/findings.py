"""The lint findings of a guide, which are kept as long as its plan is."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.errors import RunbookError
from runbook.lint import Finding
from runbook.model import Runbook, codec
from runbook.results import artefact, evidence, plan_record

_FINDINGS: Final = "findings.json"


@frozen
class _Kept:
    """Findings, and the identity of the record of the plan that they are about.

    `evidenced` are the platforms on which runs had shown something.
    """

    record: str
    findings: tuple[Finding, ...]
    evidenced: tuple[str, ...] = ()


def findings(guide: Path, runbook: Runbook) -> tuple[Finding, ...]:
    """Return the findings about `runbook`, which has just been planned from `guide`."""
    directory = plan_record.directory(guide)
    record = plan_record.identity(directory)
    try:
        kept = codec.loads(artefact.read(directory / _FINDINGS), _Kept)
    except RunbookError:
        kept = None
    # Only here they matter, and there are many files of evidence.
    evidenced = tuple(sorted(evidence.platforms_of(guide))) if runbook.sources else ()
    if kept is not None and (kept.record, kept.evidenced) == (record, evidenced):
        return kept.findings
    # Only here, because showing what is kept needs none of these.
    from runbook.lint import findings as rules
    from runbook.model import cluster

    path = guide / cluster.PLACE
    found = rules.findings(runbook, cluster.load(path) if path.exists() else None, evidenced)
    if record:
        with contextlib.suppress(artefact.ArtefactError):
            artefact.write(
                directory / _FINDINGS, codec.dumps(_Kept(record, found, evidenced), indent=None)
            )
    return found
