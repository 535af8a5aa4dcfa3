"""The recordings that are kept with the evidence, and whether they are still what a run made."""

from __future__ import annotations

import hashlib
from pathlib import Path

from runbook.results import artefact
from runbook.results.evidence import PLACE, RECORDINGS, Proof


def path_of(guide: Path, name: str) -> Path:
    """Return where the recording of that name is kept.

    Raises:
        ArtefactError: it is no name of a recording, and leads elsewhere.

    """
    return artefact.below(guide / PLACE / RECORDINGS, name)


def digest_of(content: bytes) -> str:
    """Return the digest of a recording's file that its proof has: SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def trouble_with(guide: Path, proof: Proof) -> str:
    """Return why the recording of `proof` cannot be shown; empty if it can, or there is none.

    A proof that nobody has signed may be of a time when proofs had no digests.
    """
    if not proof.recording:
        return ""
    try:
        path = path_of(guide, proof.recording)
        where = path.relative_to(guide)
        if not path.is_file():
            return f"{where}: it is not there"
        if proof.recording_digest:
            altered = digest_of(path.read_bytes()) != proof.recording_digest
            return f"{where}: it is not the recording that the run made" if altered else ""
    except artefact.ArtefactError as error:
        return str(error)
    except OSError as error:
        return f"{where}: it cannot be read: {error.strerror}"
    return f"{where}: nobody has signed it" if proof.receipt else ""
