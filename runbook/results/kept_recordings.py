"""The recordings that are kept with the evidence, and whether they are still what a run made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from attrs import evolve

from runbook.results import artefact
from runbook.results.evidence import PLACE, RECORDINGS, Proof

_SUFFIX: Final = ".cast"


def path_of(guide: Path, name: str) -> Path:
    """Return where the recording of that name is kept.

    Raises:
        ArtefactError: it is no name of a recording, and leads elsewhere.

    """
    return artefact.below(guide / PLACE / RECORDINGS, name)


def named(proof: Proof, digest: str) -> Proof:
    """Return `proof` with the recording that has that digest, under the name that it is kept by.

    Another recording of the step has another name, so that neither takes the other's place.
    """
    name = f"{proof.step}.{proof.platform}.{digest[:12]}{_SUFFIX}"
    return evolve(proof, recording=name, recording_digest=digest)


def digest_of(text: str) -> str:
    """Return the digest of a recording as `keep` writes it: SHA-256, in hexadecimal."""
    return _digest(text.encode(errors="backslashreplace"))


def trouble_with(guide: Path, proof: Proof) -> str:
    """Return why the recording of `proof` cannot be shown; empty if it can, or there is none.

    A proof that nobody has signed may be of a time when proofs had no digests.
    """
    if not proof.recording:
        return ""
    try:
        path = path_of(guide, proof.recording)
    except artefact.ArtefactError as error:
        return str(error)
    where = path.relative_to(guide)
    if path.suffix != _SUFFIX:
        return f"{where}: it is not the name of a recording"
    if not path.is_file():
        return f"{where}: it is not there"
    try:
        content = path.read_bytes()
        content.decode()
    except OSError as error:
        return f"{where}: it cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        return f"{where}: it is not UTF-8"
    if proof.recording_digest:
        altered = _digest(content) != proof.recording_digest
        return f"{where}: it is not the recording that the run made" if altered else ""
    return f"{where}: nobody has signed it" if proof.receipt else ""


def sent(directory: Path, proof: Proof) -> tuple[Proof, str] | None:
    """Return `proof` with its recording among those that its signer sent, and the text of that.

    None if it is not there, or is not as it was signed.

    Raises:
        ArtefactError: it cannot be read.

    """
    if not proof.recording_digest:
        return None
    recorded = named(proof, proof.recording_digest)
    path = artefact.below(directory, recorded.recording)
    try:
        content = path.read_bytes()
        text = content.decode()
    except (FileNotFoundError, IsADirectoryError, UnicodeDecodeError):
        return None
    except OSError as error:
        raise artefact.ArtefactError(f"{path}: it cannot be read: {error.strerror}") from error
    return (recorded, text) if _digest(content) == proof.recording_digest else None


def keep(guide: Path, proofs: Iterable[Proof], texts: Mapping[str, str]) -> None:
    """Write those of the `texts`, by name, that a proof names, and remove what no proof names.

    Raises:
        ArtefactError: one cannot be written.

    """
    names = {proof.recording for proof in proofs if proof.recording}
    for name in names & texts.keys():
        artefact.write(path_of(guide, name), texts[name], public=True)
    kept = {path_of(guide, name) for name in names}
    for path in (guide / PLACE / RECORDINGS).rglob(f"*{_SUFFIX}"):
        if path.is_file() and path not in kept:
            path.unlink()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
