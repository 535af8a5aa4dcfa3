"""`runbook evidence`: save the results of the last runs for the pages of the guide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import click
from attrs import evolve

from runbook.commands.evidence.recorded_runs import elsewhere, matrix_of
from runbook.commands.guide import run_directory
from runbook.commands.secrecy import known_secrets, store
from runbook.errors import RunbookError
from runbook.execution import secrets
from runbook.model import Runbook, cluster, codec, shared_source
from runbook.redaction.known import KnownSecrets
from runbook.report.text import pluralize
from runbook.results import artefact, evidence, journal, kept_recordings, receipts
from runbook.results.artefact import below
from runbook.results.basis import ProofKeys, basis_of
from runbook.results.believed import believed
from runbook.results.evidence import Evidence, Proof
from runbook.results.merging import merged
from runbook.results.shown import proofs_of
from runbook.terminal.asciicast import compact, printed

LARGEST: Final = 40_000
"""Bytes of a recording beyond which it is left out: evidence is committed with the guide."""


def keep(guide: Path, kind: str, runbook: Runbook, key: Path | None = None) -> None:
    """Write the evidence of the last runs on the lab `kind` and of the last rehearsal.

    With a `key`, a private SSH key, what they have shown is signed with it.

    Raises:
        RunbookError: no run is recorded, a file cannot be read or written, or nothing signed.

    """
    since = secrets.known_since(store(guide, kind))
    with known_secrets(guide, kind) as known:
        found, casts = _shown(guide, kind, runbook, since)
        _refuse_secrets(casts, found, known)
    before = known_of(guide, runbook)
    keys = keys_of(guide, runbook)
    doubted = doubted_in(guide, before, keys)
    news = merged(keys, before, found, renew=key is not None, doubted=doubted)
    if key is not None:
        news = _signed(guide, news, found, key)
    kept_recordings.keep(guide, write(guide, news), casts)
    kept = sum(len(one.proofs) for one in news.values())
    chapters = pluralize(len(keys.documents()), "chapter")
    click.echo(f"{pluralize(kept, 'proof')} kept in {chapters}")


def known_of(guide: Path, runbook: Runbook) -> dict[str, Evidence]:
    """Return what is known of each document, without recordings that were lost or altered.

    Documents that the guide has no more are among them.

    Raises:
        RunbookError: a file cannot be read, or is not evidence.

    """
    found = {}
    chapters = [chapter.document for chapter in runbook.chapters]
    for document in dict.fromkeys((*chapters, *evidence.documents(guide))):
        one = evidence.load(guide, document)
        found[document] = evolve(one, proofs=tuple(_as_recorded(guide, p) for p in one.proofs))
    return found


def _as_recorded(guide: Path, proof: Proof) -> Proof:
    if not (trouble := kept_recordings.trouble_with(guide, proof)):
        return proof
    click.echo(f"runbook: {trouble}; it is left out", err=True)
    # What was signed of it stays as it was signed.
    digest = proof.recording_digest if proof.receipt else ""
    return evolve(proof, recording="", recording_digest=digest)


def write(guide: Path, news: Mapping[str, Evidence]) -> list[Proof]:
    """Write the evidence of documents, and remove the receipts that no proof names.

    Return all proofs that are kept now, also those of documents that are not among the news: a
    chapter that is away for a while comes back to its receipts and recordings.

    Raises:
        RunbookError: a file cannot be read or written.

    """
    for one in news.values():
        path = evidence.path_of(guide, one.document)
        if evidence.save(guide, one):
            click.echo(f"{'wrote' if path.exists() else 'removed'} {path.relative_to(guide)}")
    names = evidence.documents(guide)
    every = [proof for name in names for proof in evidence.load(guide, name).proofs]
    named = {receipts.path_of(guide, proof.receipt) for proof in every if proof.receipt}
    for path in (guide / receipts.PLACE).glob("*.json"):
        if path not in named:
            path.unlink()
    return every


def doubted_in(guide: Path, known: Mapping[str, Evidence], keys: ProofKeys) -> list[Proof]:
    """Return what is known and signed, and of which the guide does not believe the signature."""
    return [proof for one in known.values() for proof in believed(guide, one, keys).doubted]


def keys_of(guide: Path, runbook: Runbook) -> ProofKeys:
    """Return the keys of the guide's steps as it is now.

    Raises:
        RunbookError: the cluster file or `lab/checks.py` cannot be read.

    """
    path = guide / cluster.PLACE
    described = cluster.load(path) if path.exists() else None
    return ProofKeys(basis_of(runbook, described, shared_source.read(guide)))


def _signed(
    guide: Path, news: Mapping[str, Evidence], found: list[Proof], key: Path
) -> dict[str, Evidence]:
    """Return `news` in which what these runs have shown is signed with `key`."""
    mine = [proof for one in news.values() for proof in one.proofs if proof in found]
    name = receipts.save(guide, receipts.sign(mine, key))
    click.echo(f"wrote {receipts.path_of(guide, name).relative_to(guide)}")
    return {
        document: evolve(
            one, proofs=tuple(evolve(p, receipt=name) if p in mine else p for p in one.proofs)
        )
        for document, one in news.items()
    }


def _shown(
    guide: Path, kind: str, runbook: Runbook, since: str
) -> tuple[list[Proof], dict[str, str]]:
    """Return the proofs of the last runs, and their recordings by the names that they get."""
    found: list[Proof] = []
    casts: dict[str, str] = {}
    # Later results replace earlier ones: a run counts more than a rehearsal.
    for name in ("rehearsal", f"{kind}-undo", kind):
        path = run_directory(guide, name) / "journal.jsonl"
        if path.exists() and (reports := journal.reports(path, runbook)):
            proofs = proofs_of(reports[-1], ProofKeys(reports[-1].run.basis))
            if name != "rehearsal":
                _refuse_older(proofs, since)
            found += [_recorded(path.parent / "recordings", proof, casts) for proof in proofs]
    matrix, later = _of_matrix(guide, kind, runbook)
    found = [*found, *matrix] if later else [*matrix, *found]
    if not found:
        raise RunbookError(
            f"there is nothing to save: no rehearsal, and no run on the lab {kind}, has shown "
            f"anything yet{elsewhere(guide)}"
        )
    wrong = (evidence.refused(one) or evidence.from_the_future(one) for one in found)
    if why := next(filter(None, wrong), ""):
        raise RunbookError(f"{why}; nothing was saved")
    return found, casts


def _of_matrix(guide: Path, kind: str, runbook: Runbook) -> tuple[list[Proof], bool]:
    """Return the proofs of the last matrix, and whether it was later than the last run of one lab.

    They are without recordings: what secrets the workers knew is not known here, so nobody here can
    vouch for one.
    """
    path = run_directory(guide, matrix_of(kind)) / "journal.jsonl"
    alone = run_directory(guide, kind) / "journal.jsonl"
    if not path.exists() or not (reports := journal.reports(path, runbook)):
        return [], False
    last = reports[-1].run.id.partition("-")[0]
    found = [
        evolve(proof, recording="")
        for one in reports
        if one.run.id.partition("-")[0] == last
        for proof in proofs_of(one, ProofKeys(one.run.basis))
    ]
    later = journal.last_started(path)
    return found, not alone.exists() or later > journal.last_started(alone)


def _recorded(recordings: Path, proof: Proof, casts: dict[str, str]) -> Proof:
    """Return `proof` with the name that its recording gets, and put the recording into `casts`."""
    if not proof.recording or not (path := below(recordings, proof.recording)).is_file():
        return evolve(proof, recording="")
    try:
        with path.open(encoding="utf-8", errors="replace", newline="\n") as lines:
            text = compact(lines, LARGEST)
    except OSError as error:
        raise artefact.ArtefactError(f"{path}: it cannot be read: {error.strerror}") from error
    if text is None or len(text.encode()) > LARGEST:
        return evolve(proof, recording="")
    recorded = kept_recordings.named(proof, kept_recordings.digest_of(text))
    casts[recorded.recording] = text
    return recorded


def _refuse_older(proofs: Iterable[Proof], since: str) -> None:
    """Ensure that all secrets are known that the runs knew which made the recordings.

    Raises:
        RunbookError: they are not, so nobody can vouch for a recording.

    """
    older = [proof.step for proof in proofs if proof.recording and not since <= proof.started]
    if older or not since:
        raise RunbookError(
            f"{', '.join(older) or 'the last run'}: it is not known any more which secrets the run "
            "knew, so its recordings cannot be searched for them, and evidence is published; "
            "nothing was saved: run these steps again"
        )


def _refuse_secrets(casts: Mapping[str, str], proofs: Iterable[Proof], known: KnownSecrets) -> None:
    """Ensure that no recording, and nothing that is told of a step, has a secret.

    Raises:
        RunbookError: something has; nothing was written then.

    """
    texts = {name: printed(cast) for name, cast in casts.items()}
    texts |= {f"what is known of {proof.step}": codec.dumps(proof) for proof in proofs}
    if bad := sorted(name for name, text in texts.items() if known.appear_in(text.encode())):
        raise RunbookError(
            f"{', '.join(bad)}: there is a secret in it that was not known when it was made, and "
            "evidence is published; nothing was saved: run these steps again"
        )
