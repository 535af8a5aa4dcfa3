"""What is known of a step before it runs: its evidence, and how long it takes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from attrs import define, field, frozen

from runbook.errors import RunbookError
from runbook.model import Step
from runbook.results import Report, estimate, evidence
from runbook.results.basis import Basis, ProofKeys
from runbook.results.believed import Believed, believed
from runbook.results.evidence import Evidence, Proof, Standing
from runbook.results.moved import completed, into_documents


@frozen
class Proved:
    """What the guide's evidence says of a step on a platform; `signer` vouches for it."""

    platform: str
    standing: Standing
    proof: Proof | None = None
    signer: str = ""


@define
class Proofs:
    """The evidence of the guide in the directory `guide`, whose steps stand on `basis`.

    `past` are reports of runs on this lab, oldest first.
    """

    guide: Path
    basis: Basis
    past: tuple[Report, ...] = ()
    _keys: ProofKeys = field(init=False)
    _known: dict[str, Believed] = field(factory=dict)
    _moved: dict[str, tuple[Proof, ...]] | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._keys = ProofKeys(self.basis)

    def of(self, step: Step, platforms: Iterable[str]) -> tuple[Proved, ...]:
        """Return what is known of `step` on `platforms`; evidence that cannot be read is none."""
        believed = self._believed(step.id.rpartition("/")[0])
        found = []
        for platform in dict.fromkeys(platforms):
            standing, proof = evidence.standing(step, platform, believed.evidence, self._keys)
            signer = believed.signers.get(proof.receipt, "") if proof is not None else ""
            found.append(Proved(platform, standing, proof, signer))
        return tuple(found)

    def seconds(self, step: Step, proved: Iterable[Proved]) -> float | None:
        """Return how long `step` usually takes, `None` if nobody knows.

        What it took on this lab counts more than what it took elsewhere.
        """
        for report in reversed(self.past):
            if any(o.step == step.id and not o.resumed and o.actions for o in report.outcomes):
                return estimate.expected([step], self.past).seconds.get(step.id)
        took = [one.proof.seconds for one in proved if one.proof is not None and one.proof.hosts]
        return max(took, default=None)

    def _believed(self, document: str) -> Believed:
        if document not in self._known:
            try:
                known = evidence.load(self.guide, document)
            except RunbookError:
                known = Evidence(document)
            if self._moved is None:
                self._moved = into_documents(self.guide, self._keys)
            known = completed(known, self._moved.get(document, ()))
            self._known[document] = believed(self.guide, known, self._keys)
        return self._known[document]
