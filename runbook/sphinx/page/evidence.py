"""The evidence of a step: a badge above it and a sentence below it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from runbook.model import Step, shared_source
from runbook.model.guide_python import SharedChecksError
from runbook.results import evidence
from runbook.results.basis import ProofKeys, basis_of
from runbook.results.believed import Believed, believed
from runbook.results.evidence import Proof, Standing
from runbook.results.moved import completed, into_documents
from runbook.sphinx.directives.values import load_cluster
from runbook.sphinx.page import recordings
from runbook.sphinx.page.assets import PAGE_BUILDERS
from runbook.sphinx.page.element import el, html_element
from runbook.sphinx.planning.collected import collect_guide
from runbook.sphinx.source.ids import document_id
from runbook.sphinx.translation.interface import N_, _, day, duration

_logger = logging.getLogger(__name__)

StepResult = tuple[str, Standing, Proof | None]
"""A platform, the status of a step on it, and the proof of the status."""

BADGE_CLASSES: Final = {
    Standing.PROVEN: "proven",
    Standing.PASSED: "passed",
    Standing.RAN: "ran",
    Standing.REHEARSED: "rehearsed",
    Standing.CHECKED: "checked",
    Standing.FAILING: "failing",
    Standing.STALE: "stale",
    Standing.NEVER: "never",
}
_LABELS: Final = {
    Standing.PROVEN: N_("proven"),
    Standing.PASSED: N_("passed"),
    Standing.RAN: N_("ran, no check"),
    Standing.REHEARSED: N_("rehearsed"),
    Standing.CHECKED: N_("checked"),
    Standing.FAILING: N_("failing"),
    Standing.STALE: N_("stale"),
    Standing.NEVER: N_("never run"),
}
"""What a badge says of each status."""

_SENTENCES: Final = {
    Standing.PROVEN: (
        N_("Proven"),
        N_("its checks failed before the step and passed after it"),
    ),
    Standing.PASSED: (N_("Passed"), N_("it ran, and its checks pass")),
    Standing.RAN: (N_("Ran"), N_("no check says whether it worked")),
    Standing.REHEARSED: (
        N_("Rehearsed"),
        N_("played against a stand-in, never on the real software"),
    ),
    Standing.CHECKED: (N_("Checked"), N_("its commands were parsed and linted; never run")),
    Standing.FAILING: (N_("Failed"), N_("it did not do what this page says")),
    Standing.STALE: (
        N_("Last ran"),
        N_("it, or what it depends on, was edited since, and not run again"),
    ),
}


def load(app: Sphinx, docname: str) -> Believed:
    """Return the evidence of the steps of a document, as far as it can be believed."""
    attributes: Any = app
    loaded: dict[str, Believed] = attributes.runbook_evidence
    if docname not in loaded:
        guide = Path(app.confdir)
        document = document_id(docname, app.config.root_doc)
        saved = completed(evidence.load(guide, document), _moved(app).get(document, ()))
        signed = any(proof.receipt for proof in saved.proofs)
        loaded[docname] = believed(guide, saved, keys_of(app) if signed else None)
        for trouble in loaded[docname].troubles:
            _logger.warning("%s; no page shows it", trouble, type="runbook", subtype="receipt")
    return loaded[docname]


def _moved(app: Sphinx) -> dict[str, tuple[Proof, ...]]:
    """Return by document the proofs that are kept with another one, as before it was renamed."""
    attributes: Any = app
    found: dict[str, tuple[Proof, ...]] | None = getattr(attributes, "runbook_moved_proofs", None)
    if found is None:
        guide = Path(app.confdir)
        found = into_documents(guide, keys_of(app)) if evidence.documents(guide) else {}
        attributes.runbook_moved_proofs = found
    return found


def write_recordings(app: Sphinx, failure: Exception | None) -> None:
    """Write the recordings of the evidence that can be believed next to the pages."""
    if failure is not None or app.builder.name not in PAGE_BUILDERS:
        return
    found = (
        proof for name in sorted(app.env.all_docs) for proof in load(app, name).evidence.proofs
    )
    recordings.write(app, dict.fromkeys(proof.recording for proof in found if proof.recording))


def forget(app: Sphinx) -> None:
    """Forget evidence and keys of the guide's steps, because the guide was read again."""
    attributes: Any = app
    attributes.runbook_evidence = {}
    attributes.runbook_proof_keys = None
    attributes.runbook_moved_proofs = None


def keys_of(app: Sphinx) -> ProofKeys:
    """Return the keys of the guide's steps as it was read."""
    attributes: Any = app
    keys: ProofKeys | None = getattr(attributes, "runbook_proof_keys", None)
    if keys is None:
        runbook, cluster = collect_guide(app).runbook, load_cluster(app)
        try:
            basis = basis_of(runbook, cluster, shared_source.read(Path(app.confdir)))
        except SharedChecksError as error:
            # Pages are built, and show no proof of what cannot be checked as it is.
            _logger.warning("%s", error, type="runbook", subtype="checks")
            basis = basis_of(runbook, cluster, shared_source.SharedSource.unreadable(error))
        keys = ProofKeys(basis)
        attributes.runbook_proof_keys = keys
    return keys


def step_results(app: Sphinx, step: Step, believed: Believed) -> list[StepResult]:
    """Return the status of `step` on each platform that it names or was run on."""
    known = believed.evidence
    if not known.proofs:
        return [("", Standing.NEVER, None)]
    keys = keys_of(app)
    tried = evidence.platforms_tried(step.id, known, keys)
    found: dict[tuple[Standing, str], StepResult] = {}
    for platform in step.platforms or tried or ("",):
        status, proof = evidence.standing(step, platform, known, keys)
        # A rehearsal has no platform, and is listed once.
        where = proof.platform if proof is not None else ""
        found.setdefault((status, where), (where, status, proof))
    return list(found.values())


def label(status: Standing) -> str:
    """Return what a badge says of a status."""
    return _(_LABELS[status])


def badges(results: list[StepResult]) -> list[html_element]:
    """Return a badge for each status."""
    several = len(results) > 1
    elements = []
    for platform, status, proof in results:
        text = label(status)
        if several and platform:
            text = f"{platform}: {text}"
        badge = el("span", f"runbook-badge runbook-{BADGE_CLASSES[status]}", text, data_fixed="")
        if proof is not None:
            badge += nodes.Text(" ")
            badge += el("time", "", proof.started[:10], datetime=proof.started[:10])
        elements.append(badge)
    return [el("span", "runbook-badges", *elements)] if elements else []


def expected_duration(results: list[StepResult]) -> str:
    """Return how long the step took on real systems, empty if it never ran there."""
    took = [
        proof.seconds
        for _, status, proof in results
        if proof is not None and proof.hosts and status is not Standing.FAILING
    ]
    return duration(max(took)) if took else ""


def details(
    app: Sphinx, docname: str, results: list[StepResult], believed: Believed
) -> list[html_element]:
    """Return a sentence for each status, with a link to its recording."""
    elements = []
    for _platform, status, proof in results:
        if proof is None:
            continue
        signer = believed.signers.get(proof.receipt, "")
        sentence = el("p", "", _sentence(status, proof, signer), data_fixed="")
        elements.append(el("div", "runbook-evidence", sentence))
        if proof.recording:
            elements[-1] += recordings.recording_link(app, docname, proof)
    return elements


def _sentence(status: Standing, proof: Proof, signer: str) -> str:
    verdict, why = _SENTENCES[status]
    parts = {"verdict": _(verdict), "platform": proof.platform, "signer": signer}
    if proof.platform and signer:
        words = _("%(verdict)s on %(platform)s by %(signer)s") % parts
    elif proof.platform:
        words = _("%(verdict)s on %(platform)s") % parts
    elif signer:
        words = _("%(verdict)s by %(signer)s") % parts
    else:
        words = parts["verdict"]
    parts = {"verdict": words, "day": day(proof.started), "why": _(why)}
    if not proof.hosts:
        return _("%(verdict)s, %(day)s: %(why)s.") % parts
    details = [", ".join(proof.hosts), duration(proof.seconds)]
    details += [_("%s lab") % proof.lab] if proof.lab else []
    details += [proof.made_of] if proof.made_of else []
    parts["details"] = "; ".join(details)
    return _("%(verdict)s, %(day)s (%(details)s): %(why)s.") % parts
