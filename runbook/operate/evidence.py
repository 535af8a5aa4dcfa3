"""`runbook evidence`: keep what the last runs have shown."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
from attrs import evolve

from runbook import artefact, evidence, journal
from runbook.errors import RunbookError
from runbook.evidence import Proof
from runbook.model import Runbook
from runbook.operate.guide import run_directory
from runbook.recording import trimmed
from runbook.report.words import number

LARGEST: Final = 40_000
"""Bytes of a recording beyond which it is not kept: evidence is committed with the guide."""


def keep(guide: Path, kind: str, runbook: Runbook) -> None:
    """Write the evidence of the last runs on the lab `kind` and of the last rehearsal.

    Raises:
        RunbookError: no run is recorded, or a file cannot be read or written.

    """
    found: list[Proof] = []
    casts: dict[str, str] = {}
    # What was shown on a system counts more than what was shown by a stand-in: it stands last.
    for name in ("rehearsal", f"{kind}-undo", kind):
        path = run_directory(guide, name) / "journal.jsonl"
        if path.exists() and (reports := journal.reports(path, runbook)):
            recordings = path.parent / "recordings"
            proofs = evidence.proofs_of(reports[-1])
            found += [_recorded(recordings, proof, casts) for proof in proofs]
    if not found:
        raise RunbookError(
            "there is nothing to keep: no run and no rehearsal has shown anything yet"
        )
    known = {c.document: evidence.load(guide, c.document) for c in runbook.chapters}
    news = evidence.merged(runbook, known, found)
    written = [evidence.path_of(guide, d) for d, one in news.items() if evidence.save(guide, one)]
    kept = [proof for one in news.values() for proof in one.proofs]
    _keep_recordings(guide, kept, found, casts)
    for path in written:
        click.echo(f"wrote {path.relative_to(guide)}")
    click.echo(f"{number(len(kept), 'proof')} kept in {number(len(news), 'chapter')}")


def _recorded(recordings: Path, proof: Proof, casts: dict[str, str]) -> Proof:
    """Return `proof` with the name that its recording gets, and put the recording into `casts`."""
    path = recordings / proof.recording
    if not proof.recording or not path.is_file():
        return evolve(proof, recording="")
    text = trimmed(artefact.read(path))
    if len(text.encode()) > LARGEST:
        return evolve(proof, recording="")
    name = f"{proof.step}.{proof.platform}.cast"
    casts[name] = text
    return evolve(proof, recording=name)


def _keep_recordings(
    guide: Path, kept: list[Proof], found: list[Proof], casts: dict[str, str]
) -> None:
    """Write the recordings of proofs that are new, and remove those that no proof names."""
    place = guide / evidence.PLACE / evidence.RECORDINGS
    for proof in kept:
        path = place / proof.recording
        if proof.recording in casts and (proof in found or not path.exists()):
            artefact.write(path, casts[proof.recording])
    named = {place / proof.recording for proof in kept if proof.recording}
    for path in place.rglob("*.cast"):
        if path not in named:
            path.unlink()
