"""Proofs of steps that have another id now, because their title or document has another name.

The key of a step has nothing of its title or document, so a proof follows the step by its key.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from attrs import define, evolve, field, frozen

from runbook.errors import RunbookError
from runbook.results import evidence
from runbook.results.basis import ProofKeys
from runbook.results.evidence import Evidence, Proof, is_of


@frozen
class Moved:
    """A proof as it was in the evidence of `document`, and as it is now, with the step's new id."""

    document: str
    before: Proof
    now: Proof


def moved(
    known: Mapping[str, Evidence], keys: ProofKeys, steps: Collection[str] | None = None
) -> Iterator[Moved]:
    """Yield the proofs, by document, of steps that stand in the guide under another id now.

    A proof goes to a step with its key of which nothing is known that holds, first to one of its
    own document. One that holds for its own step stays there. With `steps`, only those get any.
    """
    every = [(document, proof) for document, one in known.items() for proof in one.proofs]
    holding = [is_of(proof, keys) for _, proof in every]
    if all(holding):
        return
    settled = {
        (proof.step, proof.platform)
        for (_, proof), holds in zip(every, holding, strict=True)
        if holds
    }
    by_key = _StepsByKey(keys, steps)
    for (document, proof), holds in zip(every, holding, strict=True):
        if holds or not proof.key:
            continue
        found = (s for s in by_key.of(proof, document) if (s, proof.platform) not in settled)
        if step := next(found, ""):
            settled.add((step, proof.platform))
            yield Moved(document, proof, evolve(proof, step=step))


def into_documents(guide: Path, keys: ProofKeys) -> dict[str, tuple[Proof, ...]]:
    """Return by document the proofs of its steps that are kept with another document.

    Only of steps of which their own document has no proof at all. Evidence of others that cannot
    be read is none.
    """
    known: dict[str, Evidence] = {}
    for document in evidence.documents(guide):
        with contextlib.suppress(RunbookError):
            known[document] = evidence.load(guide, document)
    documents = {step: one for one in keys.documents() for step in keys.of_document(one)}
    own = {proof.step for one in known.values() for proof in one.proofs}
    unknown = documents.keys() - own
    names = {_name(step) for step in unknown}
    # Keys take long: no proof is looked at that is most likely where it belongs.
    strays = {
        document: evolve(
            one, proofs=tuple(p for p in one.proofs if p.step not in keys or _name(p.step) in names)
        )
        for document, one in known.items()
    }
    found: dict[str, tuple[Proof, ...]] = {}
    for one in moved(strays, keys, unknown) if unknown else ():
        if (document := documents[one.now.step]) != one.document:
            found[document] = (*found.get(document, ()), one.now)
    return found


def _name(step: str) -> str:
    """Return the part of a step's id that follows from its title."""
    return step.rpartition("/")[2]


def completed(saved: Evidence, others: Collection[Proof]) -> Evidence:
    """Return the evidence of a document with what is kept of its steps with other documents."""
    return evolve(saved, proofs=(*saved.proofs, *others)) if others else saved


@define
class _StepsByKey:
    """The steps that have a key, on a platform and without what was left out; all if `None`."""

    keys: ProofKeys
    steps: Collection[str] | None
    _found: dict[tuple[str, tuple[str, ...]], dict[str, list[str]]] = field(factory=dict)

    def of(self, proof: Proof, document: str) -> list[str]:
        """Return the steps with the key of `proof`, those of `document` first."""
        where = (proof.platform, proof.left_out)
        if where not in self._found:
            by_key: dict[str, list[str]] = {}
            for step in (one.step for one in self.keys.basis.steps):
                if self.steps is None or step in self.steps:
                    by_key.setdefault(self.keys.key(step, *where), []).append(step)
            self._found[where] = by_key
        own = self.keys.of_document(document)
        return sorted(self._found[where].get(proof.key, ()), key=lambda step: step not in own)
