"""The keys of a guide, and evidence that steps were proven under them."""

from __future__ import annotations

from collections.abc import Iterable

from runbook.model import Cluster, Step
from runbook.model.shared_source import SharedSource
from runbook.results import Verdict
from runbook.results.basis import ProofKeys, basis_of
from runbook.results.evidence import Evidence, Proof
from tests.support.steps import CLUSTER, PLACE, runbook

ON = "debian12"
NOON = "2026-03-01T12:00:00+00:00"


def keys_of(*steps: Step, of: Cluster = CLUSTER, shared: str = "") -> ProofKeys:
    """The keys of a guide of these steps."""
    return ProofKeys(basis_of(runbook(*steps), of, SharedSource(shared)))


def proofs(steps: Iterable[Step], keys: ProofKeys) -> Evidence:
    """Evidence that all these steps were proven."""
    proven = (
        Proof(s.id, ON, Verdict.PROVEN, keys.key(s.id, ON), NOON, hosts=("a",)) for s in steps
    )
    return Evidence(PLACE.document, tuple(proven))
