"""Evidence: what runs have shown of a guide's steps, small enough to be committed with it.

A journal says everything that happened, once. Evidence says what is known now: for each step
and platform the last thing that was shown, when, and under which key. There is a file for each
chapter, so that a change of one rewrites one page.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

from attrs import evolve, field, frozen

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


def merged(
    keys: ProofKeys,
    known: Mapping[str, Evidence],
    news: Iterable[Proof],
    *,
    renew: bool = False,
    doubted: Collection[Proof] = (),
) -> dict[str, Evidence]:
    """Return the evidence by document after `news`, in the order of the steps.

    `keys` are those of the guide as it is. What is known of a step and platform is replaced by
    news of it, unless only what is known is of the guide as it is: a run under another choice
    takes no proof away; nor does what was shown of the same guide earlier. A step that the guide
    has no more is left out; one that got another title keeps what is known of it. An outcome that
    says what is known already, as when a run only found that all checks still hold, changes
    nothing; with `renew`, or if only it has a recording, it replaces what nobody has signed. What
    is known and `doubted`, because its receipt is not believed, is replaced by any news.
    """
    latest: dict[tuple[str, str], Proof] = {}
    for proof in (p for evidence in known.values() for p in evidence.proofs):
        if proof.step in keys:
            latest[proof.step, proof.platform] = proof
    for evidence in known.values():
        for proof in evidence.proofs:
            step = _renamed(proof, evidence.document, keys)
            if step and not is_of(latest.get((step, proof.platform)), keys):
                latest[step, proof.platform] = evolve(proof, step=step)
    for proof in news:
        before = latest.get((proof.step, proof.platform))
        if before is None or before in doubted:
            latest[proof.step, proof.platform] = proof
        else:
            latest[proof.step, proof.platform] = _replaced(before, proof, keys, renew=renew)
    found: dict[str, Evidence] = {}
    for document in keys.documents():
        steps = {step: number for number, step in enumerate(keys.of_document(document))}
        kept = [proof for proof in latest.values() if proof.step in steps]
        kept.sort(key=lambda proof: (steps[proof.step], proof.platform))
        found[document] = Evidence(document, tuple(kept))
    return found


def _replaced(before: Proof, proof: Proof, keys: ProofKeys, *, renew: bool) -> Proof:
    """Return what is known after `proof` where something was known `before`."""
    if before.key != proof.key:
        return before if is_of(before, keys) and not is_of(proof, keys) else proof
    if proof.started < before.started:
        return before
    first = proof.recording and not before.recording_digest
    if before.verdict != proof.verdict or (not before.receipt and (renew or first)):
        return proof
    same = before.recording_digest and before.recording_digest == proof.recording_digest
    if same and not before.recording:
        # The very recording that was lost.
        return evolve(before, recording=proof.recording)
    return before


def is_of(proof: Proof | None, keys: ProofKeys, step: str = "") -> bool:
    """Return whether a proof is of the guide as it is: of its own step, or of `step`."""
    if proof is None or not proof.key:
        return False
    return proof.key == keys.key(step or proof.step, proof.platform, proof.left_out)


def _renamed(proof: Proof, document: str, keys: ProofKeys) -> str:
    """Return the step of a document that has the proof's key under another id, if any."""
    if is_of(proof, keys):
        return ""
    steps = keys.of_document(document)
    return next((step for step in steps if is_of(proof, keys, step)), "")


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
    found: set[str] = set()
    for path in (guide / PLACE).rglob("*.json"):
        document = path.relative_to(guide / PLACE).with_suffix("").as_posix()
        found.update(proof.platform for proof in load(guide, document).proofs)
    return frozenset(found - {REHEARSED_ON})


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
    if why := next(filter(None, map(refused, found.proofs)), ""):
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
    return ""


def _loads(text: str) -> Evidence:
    """Return the evidence that JSON `text` describes; that of the first format has no keys."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise codec.CodecError(f"this is not JSON: {error}") from error
    if isinstance(data, dict) and data.get("schema") == 1:
        data["schema"] = 2
        for proof in data.get("proofs", ()):
            proof["key"] = "" if proof.pop("digest", None) is not None else None
    return codec.structure(data, Evidence)


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
