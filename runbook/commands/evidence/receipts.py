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
    name = receipts.save(guide, text)
    proofs = [evolve(proof, receipt=name) for proof in taken.proofs if proof.step in keys]
    if recordings is not None:
        proofs = [_recorded(guide, proof, recordings) for proof in proofs]
    before = known_of(guide, runbook)
    doubted = doubted_in(guide, before, keys)
    news = evidence.merged(keys, before, proofs, renew=True, doubted=doubted)
    write(guide, news)
    kept = [proof for one in news.values() for proof in one.proofs if proof.receipt == name]
    now = sum(keys.key(p.step, p.platform, p.left_out) == p.key for p in kept)
    click.echo(
        f"{pluralize(len(kept), 'proof')} by {taken.signer} taken, {now} of the guide as it is; "
        f"{len(taken.proofs) - len(kept)} left out"
    )
    if recordings is not None:
        click.echo(f"{pluralize(sum(bool(p.recording) for p in kept), 'recording')} taken")


def _recorded(guide: Path, proof: Proof, recordings: Path) -> Proof:
    """Return `proof` with its recording, which is copied, if there is one as it was signed."""
    name = evidence.recording_name(proof)
    path = artefact.below(recordings, name)
    if not proof.recording_digest or not path.is_file():
        return proof
    content = path.read_bytes()
    if kept_recordings.digest_of(content) != proof.recording_digest:
        return proof
    artefact.write(kept_recordings.path_of(guide, name), content.decode(), public=True)
    return evolve(proof, recording=name)


def verify(guide: Path, runbook: Runbook, *, require_signed: bool) -> int:
    """Show who has signed the evidence of the guide; the exit status is 1 if a receipt is bad.

    With `require_signed`, a proof that nobody has signed is bad as well.

    Raises:
        RunbookError: a file cannot be read, or is not evidence.

    """
    by: Counter[str] = Counter()
    bad: dict[str, None] = {}
    place = guide / evidence.PLACE
    keys = keys_of(guide, runbook)
    for path in sorted(place.rglob("*.json")):
        document = path.relative_to(place).with_suffix("").as_posix()
        found = believed(guide, evidence.load(guide, document), keys)
        bad |= dict.fromkeys(found.troubles)
        by.update(found.signers.get(p.receipt, "") for p in found.evidence.proofs)
    for signer in sorted(by):
        what = f"signed by {signer}" if signer else "not signed"
        click.echo(f"{pluralize(by[signer], 'proof')} {what}")
    if not by and not bad:
        click.echo("there is no evidence")
    for trouble in bad:
        click.echo(f"runbook: {trouble}", err=True)
    return 1 if bad or (require_signed and by[""]) else 0
