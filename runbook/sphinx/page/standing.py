"""What the evidence says of a step, in a badge above it and in a sentence below it."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Final

from docutils import nodes
from sphinx.application import Sphinx

from runbook import evidence
from runbook.evidence import REHEARSED_ON, Evidence, Proof, Standing
from runbook.model import Step
from runbook.sphinx.ids import document_id
from runbook.sphinx.page import recordings
from runbook.sphinx.page.element import el, element
from runbook.sphinx.page.parts import duration

Known = tuple[str, Standing, Proof | None]
"""A platform, what is known of a step on it, and the proof that says so."""

_CLASS: Final = {
    Standing.PROVEN: "proven",
    Standing.PASSED: "passed",
    Standing.REHEARSED: "rehearsed",
    Standing.FAILING: "failing",
    Standing.STALE: "stale",
    Standing.NEVER: "never",
}
_TOLD: Final = {
    Standing.PROVEN: ("Proven", "its checks failed before it and held after it"),
    Standing.PASSED: ("Passed", "it ran, and its checks hold"),
    Standing.REHEARSED: ("Rehearsed", "played against a stand-in, never on the real software"),
    Standing.FAILING: ("Failed", "it did not do what this page says"),
    Standing.STALE: ("Last ran", "it was edited since, and not run again"),
}


def load(app: Sphinx, docname: str) -> Evidence:
    """Return the evidence of the steps of a document."""
    return evidence.load(Path(app.confdir), document_id(docname, app.config.root_doc))


def of(step: Step, known: Evidence) -> list[Known]:
    """Return what is known of `step` on each platform that it names or was tried on."""
    tried = [p.platform for p in known.proofs if p.step == step.id and p.platform != REHEARSED_ON]
    found: dict[tuple[Standing, str], Known] = {}
    for platform in step.platforms or tuple(dict.fromkeys(tried)) or ("",):
        stands, proof = evidence.standing(step, platform, known)
        # A rehearsal is of no platform, and is told once.
        where = proof.platform if proof is not None else ""
        found.setdefault((stands, where), (where, stands, proof))
    return list(found.values())


def badges(shown: list[Known]) -> list[element]:
    """Return a badge for each thing that is known."""
    several = len(shown) > 1
    made = []
    for platform, stands, proof in shown:
        text = stands.value
        if several and platform:
            text = f"{platform}: {text}"
        badge = el("span", f"runbook-badge runbook-{_CLASS[stands]}", text, data_fixed="")
        if proof is not None:
            badge += nodes.Text(" ")
            badge += el("time", "", proof.started[:10], datetime=proof.started[:10])
        made.append(badge)
    return [el("span", "runbook-badges", *made)] if made else []


def expected(shown: list[Known]) -> str:
    """Return how long the step took on real systems, or nothing if it never ran there."""
    took = [
        proof.seconds
        for _, stands, proof in shown
        if proof is not None and proof.hosts and stands is not Standing.FAILING
    ]
    return duration(max(took)) if took else ""


def told(app: Sphinx, docname: str, shown: list[Known]) -> list[element]:
    """Return in sentences what is known, with the recordings that show it."""
    made = []
    for _platform, stands, proof in shown:
        if proof is None:
            continue
        sentence = el("p", "", _sentence(stands, proof), data_fixed="")
        made.append(el("div", "runbook-evidence", sentence))
        if proof.recording:
            made[-1] += recordings.offer(app, docname, proof)
    return made


def _sentence(stands: Standing, proof: Proof) -> str:
    words, why = _TOLD[stands]
    if proof.platform:
        words += f" on {proof.platform}"
    words += f", {_day(proof.started)}"
    if proof.hosts:
        about = [", ".join(proof.hosts), duration(proof.seconds)]
        about += [f"{proof.lab} lab"] if proof.lab else []
        about += [proof.made_of] if proof.made_of else []
        words += f" ({'; '.join(about)})"
    return f"{words}: {why}."


def _day(started: str) -> str:
    try:
        when = datetime.datetime.fromisoformat(started)
    except ValueError:
        return started
    return f"{when.day} {when:%B %Y}"
