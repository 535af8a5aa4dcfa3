"""`runbook evidence --take` and `runbook verify-evidence`: what others have run and signed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from attrs import evolve

from runbook.commands.evidence.evidence import doubted_in, keys_of, known_of, write
from runbook.model import Runbook
from runbook.report.text import pluralize
from runbook.results import artefact, evidence, kept_recordings, receipts
from runbook.results.believed import believed
from runbook.results.evidence import Proof
from runbook.results.merging import merged
from runbook.results.moved import completed, into_documents


def take(guide: Path, runbook: Runbook, receipt: Path, recordings: Path | None = None) -> None:
    """Take what somebody else has run and signed into the evidence of the guide.

    With it come those of their `recordings`, a directory, that are as they were signed.

    Raises:
        RunbookError: the guide does not believe the signer, or a file cannot be read or written.

    """
    text = artefact.read(receipt)
    try:
        taken = receipts.verify(text, guide)
    except receipts.ReceiptError as error:
        raise receipts.ReceiptError(f"{receipt}: {error}") from error
    keys = keys_of(guide, runbook)
    before = known_of(guide, runbook)
    doubted = doubted_in(guide, before, keys)
    proofs, casts = _recorded(recordings, [p for p in taken.proofs if p.step in keys])
    name = receipts.save(guide, text)
    proofs = [evolve(proof, receipt=name) for proof in proofs]
    news = merged(keys, before, proofs, renew=True, doubted=doubted)
    kept_recordings.keep(guide, write(guide, news), casts)
    kept = [p for one in news.values() for p in one.proofs if p.receipt == name]
    now = sum(keys.key(p.step, p.platform, p.left_out) == p.key for p in kept)
    click.echo(
        f"{pluralize(len(kept), 'proof')} by {taken.signer} taken, {now} of the guide as it is; "
        f"{len(taken.proofs) - len(kept)} left out"
    )
    if recordings is not None:
        named = sum(proof.recording in casts for proof in kept)
        click.echo(f"{pluralize(named, 'recording')} taken")


def _recorded(recordings: Path | None, proofs: list[Proof]) -> tuple[list[Proof], dict[str, str]]:
    """Return the proofs with those of their recordings that were sent, and these by their names."""
    found = []
    casts: dict[str, str] = {}
    for proof in proofs:
        sent = kept_recordings.sent(recordings, proof) if recordings is not None else None
        if sent is not None:
            proof, casts[sent[0].recording] = sent
        found.append(proof)
    return found, casts


def verify(guide: Path, runbook: Runbook, *, require_signed: bool) -> int:
    """Show who has signed the evidence of the guide; the exit status is 1 if a receipt is bad.

    With `require_signed`, a proof that nobody has signed is bad as well.

    Raises:
        RunbookError: a file cannot be read, or is not evidence.

    """
    by: Counter[str] = Counter()
    bad: dict[str, None] = {}
    keys = keys_of(guide, runbook)
    moved = into_documents(guide, keys)
    for chapter in runbook.chapters:
        saved = evidence.load(guide, chapter.document)
        found = believed(guide, completed(saved, moved.get(chapter.document, ())), keys)
        bad |= dict.fromkeys(found.troubles)
        bad |= dict.fromkeys(filter(None, map(evidence.from_the_future, found.evidence.proofs)))
        by.update(found.signers.get(p.receipt, "") for p in found.evidence.proofs)
    for signer in sorted(by):
        what = f"signed by {signer}" if signer else "not signed"
        click.echo(f"{pluralize(by[signer], 'proof')} {what}")
    if not by and not bad:
        click.echo("there is no evidence")
    for trouble in bad:
        click.echo(f"runbook: {trouble}", err=True)
    return 1 if bad or (require_signed and by[""]) else 0
