"""Evidence: what runs have shown of a guide's steps, small enough to be committed with it.

A journal says everything that happened, once. Evidence says what is known now: for each step
and platform the last thing that was shown, when, and under which key. There is a file for each
chapter, so that a change of one rewrites one page.
"""

from __future__ import annotations

import datetime
import enum
import math
import re
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from runbook.model import Step, codec
from runbook.results import Verdict, artefact
from runbook.results.basis import ProofKeys

PLACE: Final = Path("lab/evidence")
"""Where a guide keeps its evidence, relative to the directory of its conf.py."""

RECORDINGS: Final = Path("recordings")
"""Where recordings are kept, relative to the directory of the evidence."""

REHEARSED_ON: Final = ""
"""The platform of a rehearsal: none, for a stand-in is no system."""

SHOWN: Final = (
    Verdict.FAILED,
    Verdict.CHECKED,
    Verdict.REHEARSED,
    Verdict.RAN,
    Verdict.PASSED,
    Verdict.PROVEN,
)
"""Verdicts that show something of a step; of several hosts the first in this order counts."""

_NEEDS_HOSTS: Final = (Verdict.RAN, Verdict.PASSED, Verdict.PROVEN)
"""Verdicts that only a host can have earned."""

PLATFORM: Final = re.compile(r"[A-Za-z0-9._+-]{0,60}")
"""The name of a platform as a host says it, which becomes a part of names of files."""

_AHEAD: Final = datetime.timedelta(days=1)
"""How far the clock of another machine may be ahead of ours."""


@frozen
class Proof:
    """What one run showed of a step on the hosts of one platform.

    `key` is that of the step then, for which `left_out` are the contents of steps that it depends
    on and that did not run there; see `ProofKeys`. `started` is UTC in ISO 8601, `seconds` is what
    the slowest of the `hosts` took; `made_of` says what they are. `recording` is the path of one
    host's recording: below the run's recordings as long as the proof is news, then below those
    that are kept, and `recording_digest` is its SHA-256 then. `receipt` is the name of the one that
    says whose run it was.
    """

    step: str
    platform: str
    verdict: Verdict
    key: str
    started: str
    seconds: float = 0.0
    hosts: tuple[str, ...] = ()
    lab: str = ""
    made_of: str = ""
    versions: dict[str, str] = field(factory=dict)
    recording: str = ""
    recording_digest: str = ""
    left_out: tuple[str, ...] = ()
    receipt: str = ""


@frozen
class Evidence:
    """What is known of the steps of one document."""

    document: str
    proofs: tuple[Proof, ...] = ()
    schema: int = 2


class Standing(enum.Enum):
    """What the evidence says of a step on a platform today."""

    PROVEN = "proven"
    PASSED = "passed"
    RAN = "ran"
    """Its commands ran, and no check says whether they worked."""
    REHEARSED = "rehearsed"
    CHECKED = "checked"
    FAILING = "failing"
    STALE = "stale"
    """It was shown before the step changed, or what it depends on."""
    NEVER = "never run"


def is_of(proof: Proof | None, keys: ProofKeys, step: str = "") -> bool:
    """Return whether a proof is of the guide as it is: of its own step, or of `step`."""
    if proof is None or not proof.key:
        return False
    return proof.key == keys.key(step or proof.step, proof.platform, proof.left_out)


def standing(
    step: Step, platform: str, evidence: Evidence, keys: ProofKeys
) -> tuple[Standing, Proof | None]:
    """Return what is known of `step` on `platform`, and the proof that says so.

    `keys` are those of the guide as it is. A proof with a verdict that shows nothing, which no
    run of ours has written, is none.
    """
    stale: Proof | None = None
    for where in dict.fromkeys((platform, REHEARSED_ON)):
        shown = [p for p in evidence.proofs if p.platform == where and p.verdict in SHOWN]
        shown.sort(key=lambda proof: proof.step != step.id)
        # A step that got another title has another id, and the same key.
        for proof in shown:
            if is_of(proof, keys, step.id):
                failed = proof.verdict is Verdict.FAILED
                return Standing.FAILING if failed else Standing(proof.verdict.value), proof
        if shown and shown[0].step == step.id:
            stale = stale or shown[0]
    return (Standing.STALE, stale) if stale else (Standing.NEVER, None)


def platforms_tried(step: str, evidence: Evidence, keys: ProofKeys) -> tuple[str, ...]:
    """Return the platforms of which something is known of a step, also under an earlier id."""
    return tuple(
        dict.fromkeys(
            proof.platform
            for proof in evidence.proofs
            if proof.platform != REHEARSED_ON
            and proof.verdict in SHOWN
            and (proof.step == step or is_of(proof, keys, step))
        )
    )


def path_of(guide: Path, document: str) -> Path:
    """Return where the evidence of `document` is kept."""
    return artefact.below(guide / PLACE, f"{document}.json")


def platforms_of(guide: Path) -> frozenset[str]:
    """Return the platforms on which a run has shown something of a step.

    Raises:
        RunbookError: a file cannot be read, or is not evidence.

    """
    found = {p.platform for name in documents(guide) for p in load(guide, name).proofs}
    return frozenset(found - {REHEARSED_ON})


def documents(guide: Path) -> list[str]:
    """Return the documents of which evidence is kept, also those that the guide has no more."""
    place = guide / PLACE
    found = (path.relative_to(place).with_suffix("") for path in place.rglob("*.json"))
    return sorted(path.as_posix() for path in found)


def load(guide: Path, document: str) -> Evidence:
    """Return the evidence of `document`, without proofs if there is none.

    Raises:
        RunbookError: the file cannot be read, or is not evidence.

    """
    path = path_of(guide, document)
    if not path.exists():
        return Evidence(document)
    try:
        found = _loads(artefact.read(path))
    except codec.CodecError as error:
        raise codec.CodecError(f"{path}: {error}") from error
    if why := next(filter(None, map(refused, found.proofs)), "") or _twice(found):
        raise codec.CodecError(f"{path}: {why}")
    return found


def refused(proof: Proof) -> str:
    """Return why no run can have shown what `proof` says; empty if one can."""
    on_a_stand_in = proof.platform == REHEARSED_ON
    verdict = proof.verdict.value
    if not re.fullmatch(PLATFORM, proof.platform):
        return f"{proof.step}: {proof.platform!r} is no platform"
    if on_a_stand_in and proof.verdict in _NEEDS_HOSTS:
        return f"{proof.step}: without a platform it cannot be {verdict!r}"
    if not on_a_stand_in and proof.verdict in (Verdict.REHEARSED, Verdict.CHECKED):
        return f"{proof.step} on {proof.platform}: on a platform it cannot be {verdict!r}"
    if proof.verdict in _NEEDS_HOSTS and not proof.hosts:
        return f"{proof.step} on {proof.platform}: {verdict!r} without a host"
    if not all(host.strip() for host in proof.hosts):
        return f"{_told(proof)}: a host has no name"
    if not (math.isfinite(proof.seconds) and proof.seconds >= 0):
        return f"{_told(proof)}: it cannot have taken {proof.seconds} seconds"
    if moment(proof) is None:
        return f"{_told(proof)}: {proof.started!r} is no time in UTC, such as 2026-03-01T12:00:00Z"
    return ""


def from_the_future(proof: Proof) -> str:
    """Return why no run can have shown `proof` yet, if the clock of this machine is right.

    It is no reason to refuse a file: pages are built on machines whose clock is wrong as well.
    """
    began = moment(proof)
    if began is None or began <= datetime.datetime.now(datetime.UTC) + _AHEAD:
        return ""
    return (
        f"{_told(proof)}: {proof.started} is in the future, so some clock is wrong; "
        "run the step again"
    )


def moment(proof: Proof) -> datetime.datetime | None:
    """Return when a proof was started; `None` if its time is not UTC in ISO 8601."""
    try:
        found = datetime.datetime.fromisoformat(proof.started)
    except ValueError:
        return None
    # Pages show the first ten characters as the day.
    is_utc = found.utcoffset() == datetime.timedelta()
    return found if is_utc and proof.started.startswith(f"{found.date()}T") else None


def _told(proof: Proof) -> str:
    return f"{proof.step} on {proof.platform}" if proof.platform else proof.step


def _twice(evidence: Evidence) -> str:
    """Return which step has two proofs on a platform, so that nobody knows which one holds."""
    seen: set[tuple[str, str]] = set()
    for proof in evidence.proofs:
        if (proof.step, proof.platform) in seen:
            return f"{_told(proof)}: there are two proofs of it"
        seen.add((proof.step, proof.platform))
    return ""


def _loads(text: str) -> Evidence:
    """Return the evidence that JSON `text` describes; that of the first format has no keys."""
    data = codec.parsed(text)
    if isinstance(data, dict) and data.get("schema") == 1:
        told = data.get("proofs", [])
        data |= {"schema": 2, "proofs": [*map(_keyless, told)] if isinstance(told, list) else told}
    return codec.structure(data, Evidence)


def _keyless(proof: Any) -> Any:
    """Return a proof of the first format, whose digest was no key, as it is today."""
    if not isinstance(proof, dict):
        return proof
    kept = {name: value for name, value in proof.items() if name != "digest"}
    return kept | {"key": "" if proof.get("digest") is not None else None}


def save(guide: Path, evidence: Evidence) -> bool:
    """Write `evidence` if it says something new; true if it did.

    A file without proofs is not written, and one that has none left is removed.

    Raises:
        ArtefactError: the file cannot be written.

    """
    path = path_of(guide, evidence.document)
    schema = artefact.schema_address(guide, "evidence", path)
    text = codec.dumps(evidence, schema=schema) + "\n" if evidence.proofs else ""
    before = artefact.read(path) if path.exists() else ""
    if text == before:
        return False
    if text:
        artefact.write(path, text, public=True)
    else:
        path.unlink()
    return True
