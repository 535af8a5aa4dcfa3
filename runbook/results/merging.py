"""What is known of a guide's steps after a run: what was known before, and the news of the run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from attrs import evolve

from runbook.results.basis import ProofKeys
from runbook.results.evidence import Evidence, Proof, from_the_future, is_of, moment
from runbook.results.moved import moved


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
    takes no proof away; nor does what was shown of the same guide earlier. A step that its document
    has no more is left out; one that got another title or document keeps what is known of it. An
    outcome that says what is known already, as when a run only found that all checks still hold,
    changes nothing; with `renew`, or if only it has a recording, it replaces what nobody has
    signed. What is known and `doubted`, because its receipt is not believed, is replaced by any
    news.

    Of a document that the guide has no more, all stays as it is, and is not returned: it may come
    back. It is returned without proofs if other documents have taken over all of them.
    """
    latest: dict[tuple[str, str], Proof] = {}
    for proof in (p for evidence in known.values() for p in evidence.proofs):
        if proof.step in keys:
            latest[proof.step, proof.platform] = proof
    doubtful = list(doubted)
    taken: list[Proof] = []
    for one in moved(known, keys):
        latest[one.now.step, one.now.platform] = one.now
        taken.append(one.before)
        doubtful += [one.now] if one.before in doubted else []
    for proof in news:
        before = latest.get((proof.step, proof.platform))
        if before is None or before in doubtful:
            latest[proof.step, proof.platform] = proof
        else:
            latest[proof.step, proof.platform] = _replaced(before, proof, keys, renew=renew)
    found: dict[str, Evidence] = {}
    for document in keys.documents():
        steps = {step: number for number, step in enumerate(keys.of_document(document))}
        kept = [proof for proof in latest.values() if proof.step in steps]
        kept.sort(key=lambda proof: (steps[proof.step], proof.platform))
        found[document] = Evidence(document, tuple(kept))
    for document, evidence in known.items():
        if document not in found and all(proof in taken for proof in evidence.proofs):
            found[document] = Evidence(document)
    return found


def _replaced(before: Proof, proof: Proof, keys: ProofKeys, *, renew: bool) -> Proof:
    """Return what is known after `proof` where something was known `before`."""
    if from_the_future(before):
        # After it, nothing would ever be news.
        return proof
    if before.key != proof.key:
        return before if is_of(before, keys) and not is_of(proof, keys) else proof
    if (began := moment(proof)) is None or began < (moment(before) or began):
        return before
    first = proof.recording and not before.recording_digest
    if before.verdict != proof.verdict or (not before.receipt and (renew or first)):
        return proof
    same = before.recording_digest and before.recording_digest == proof.recording_digest
    if same and not before.recording:
        # The very recording that was lost.
        return evolve(before, recording=proof.recording)
    return before
