"""Evidence: what runs have shown of a guide's steps, small enough to be committed with it.

A journal says everything that happened, once. Evidence says what is known now: for each step
and platform the last thing that was shown, when, and of which text of the step. There is a
file for each chapter, so that a change of one rewrites one page.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from attrs import evolve, field, frozen

from runbook.model import Runbook, Step, codec
from runbook.results import Outcome, Report, Verdict, artefact

PLACE: Final = Path("lab/evidence")
"""Where a guide keeps its evidence, relative to the directory of its conf.py."""

RECORDINGS: Final = Path("recordings")
"""Where recordings are kept, relative to the directory of the evidence."""

REHEARSED_ON: Final = ""
"""The platform of a rehearsal: none, for a stand-in is no system."""

_SHOWN: Final = (
    Verdict.FAILED,
    Verdict.CHECKED,
    Verdict.REHEARSED,
    Verdict.RAN,
    Verdict.PASSED,
    Verdict.PROVEN,
)
"""Verdicts that show something of a step; of several hosts the first in this order counts."""


@frozen
class Proof:
    """What one run showed of a step on the hosts of one platform.

    `digest` identifies the step's text then. `started` is UTC in ISO 8601, `seconds` is what
    the slowest of the `hosts` took; `made_of` says what they are. `recording` is the path of one
    host's recording: below the run's recordings as long as the proof is news, then below those
    that are kept.
    """

    step: str
    platform: str
    verdict: Verdict
    digest: str
    started: str
    seconds: float = 0.0
    hosts: tuple[str, ...] = ()
    lab: str = ""
    made_of: str = ""
    versions: dict[str, str] = field(factory=dict)
    recording: str = ""


@frozen
class Evidence:
    """What is known of the steps of one document."""

    document: str
    proofs: tuple[Proof, ...] = ()
    schema: int = 1


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
    """It was shown of an earlier text of the step."""
    NEVER = "never run"


def proofs_of(report: Report) -> tuple[Proof, ...]:
    """Return what the run of `report` showed, a proof for each step and platform."""
    found: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in report.outcomes:
        if outcome.verdict in _SHOWN:
            found.setdefault((outcome.step, outcome.platform), []).append(outcome)
    return tuple(
        _proof(report, step, platform, outcomes) for (step, platform), outcomes in found.items()
    )


def _proof(report: Report, step: str, platform: str, outcomes: list[Outcome]) -> Proof:
    rehearsed = outcomes[0].verdict in (Verdict.REHEARSED, Verdict.CHECKED)
    worst = min(outcomes, key=lambda outcome: _SHOWN.index(outcome.verdict))
    return Proof(
        step,
        REHEARSED_ON if rehearsed else platform,
        worst.verdict,
        worst.digest,
        min(outcome.started for outcome in outcomes),
        round(max(outcome.seconds for outcome in outcomes), 1),
        () if rehearsed else tuple(outcome.host for outcome in outcomes),
        report.run.lab,
        report.run.made_of,
        report.run.versions,
        worst.recording,
    )


def merged(
    runbook: Runbook, known: Mapping[str, Evidence], news: Iterable[Proof]
) -> dict[str, Evidence]:
    """Return the evidence by document after `news`, in the order of the steps.

    What is known of a step and platform is replaced by news of it. A step that the guide has no
    more is left out. An outcome that says of the same text what is known already, as when a
    run only found that all checks still hold, changes nothing.
    """
    latest = {
        (proof.step, proof.platform): proof
        for evidence in known.values()
        for proof in evidence.proofs
    }
    for proof in news:
        before = latest.get((proof.step, proof.platform))
        same = before and (before.digest, before.verdict) == (proof.digest, proof.verdict)
        if before is None or not same:
            latest[proof.step, proof.platform] = proof
        elif proof.recording and not before.recording:
            latest[proof.step, proof.platform] = evolve(before, recording=proof.recording)
    found: dict[str, Evidence] = {}
    for chapter in runbook.chapters:
        steps = {step.id: number for number, step in enumerate(chapter.steps)}
        kept = [proof for proof in latest.values() if proof.step in steps]
        kept.sort(key=lambda proof: (steps[proof.step], proof.platform))
        found[chapter.document] = Evidence(chapter.document, tuple(kept))
    return found


def standing(step: Step, platform: str, evidence: Evidence) -> tuple[Standing, Proof | None]:
    """Return what is known of `step` on `platform`, and the proof that says so.

    A proof with a verdict that shows nothing, which no run of ours has written, is none.
    """
    mine = {proof.platform: proof for proof in evidence.proofs if proof.step == step.id}
    digest = codec.digest(step)
    stale: Proof | None = None
    for proof in (mine.get(platform), mine.get(REHEARSED_ON)):
        if proof is None or proof.verdict not in _SHOWN:
            continue
        if proof.digest != digest:
            stale = stale or proof
        elif proof.verdict is Verdict.FAILED:
            return Standing.FAILING, proof
        else:
            return Standing(proof.verdict.value), proof
    return (Standing.STALE, stale) if stale else (Standing.NEVER, None)


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
        return codec.loads(artefact.read(path), Evidence)
    except codec.CodecError as error:
        raise codec.CodecError(f"{path}: {error}") from error


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
