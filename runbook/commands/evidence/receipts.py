"""`runbook evidence --take` and `runbook verify-evidence`: what others have run and signed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from attrs import evolve

from runbook.commands.evidence.evidence import doubted_in, keys_of, write
from runbook.model import Runbook
from runbook.report.text import pluralize
from runbook.results import artefact, evidence, receipts


def take(guide: Path, runbook: Runbook, receipt: Path) -> None:
    """Take what somebody else has run and signed into the evidence of the guide.

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
    before = {c.document: evidence.load(guide, c.document) for c in runbook.chapters}
    doubted = doubted_in(guide, before, keys)
    news = evidence.merged(keys, before, proofs, renew=True, doubted=doubted)
    write(guide, news)
    kept = [proof for one in news.values() for proof in one.proofs if proof.receipt == name]
    now = sum(keys.key(p.step, p.platform, p.left_out) == p.key for p in kept)
    click.echo(
        f"{pluralize(len(kept), 'proof')} by {taken.signer} taken, {now} of the guide as it is; "
        f"{len(taken.proofs) - len(kept)} left out"
    )


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
        believed = receipts.believed(guide, evidence.load(guide, document), keys)
        bad |= dict.fromkeys(believed.troubles)
        by.update(believed.signers.get(p.receipt, "") for p in believed.evidence.proofs)
    for signer in sorted(by):
        what = f"signed by {signer}" if signer else "not signed"
        click.echo(f"{pluralize(by[signer], 'proof')} {what}")
    if not by and not bad:
        click.echo("there is no evidence")
    for trouble in bad:
        click.echo(f"runbook: {trouble}", err=True)
    return 1 if bad or (require_signed and by[""]) else 0
