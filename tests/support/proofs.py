"""Evidence that steps were proven under the keys of a guide."""

from __future__ import annotations

from collections.abc import Iterable

from runbook.model import Step
from runbook.results import Verdict
from runbook.results.basis import ProofKeys
from runbook.results.evidence import Evidence, Proof
from tests.support.steps import PLACE

ON = "debian12"
NOON = "2026-03-01T12:00:00+00:00"


def proofs(steps: Iterable[Step], keys: ProofKeys) -> Evidence:
    """Evidence that all these steps were proven."""
    proven = (Proof(s.id, ON, Verdict.PROVEN, keys.key(s.id, ON), NOON) for s in steps)
    return Evidence(PLACE.document, tuple(proven))
