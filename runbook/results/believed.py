"""What of the evidence of a document can be believed: whose runs it was, and their recordings."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve, frozen

from runbook.results import artefact, kept_recordings, receipts
from runbook.results.basis import ProofKeys
from runbook.results.evidence import Evidence, Proof
from runbook.results.receipts import Receipt, ReceiptError


@frozen
class Believed:
    """The evidence of a document as far as it can be believed.

    `signers` are the names of those who ran what was signed, by receipt. `doubted` are the proofs
    that were left out, and `troubles` say why, also why a proof has no recording any more.
    """

    evidence: Evidence
    signers: dict[str, str]
    troubles: tuple[str, ...] = ()
    doubted: tuple[Proof, ...] = ()


def believed(guide: Path, evidence: Evidence, keys: ProofKeys | None = None) -> Believed:
    """Return `evidence` without proofs whose receipts are not believed, and altered recordings.

    `keys` are those of the guide as it is; see `Receipt.vouches_for`.
    """
    found: dict[str, Receipt] = {}
    troubles: dict[str, None] = {}
    for name in dict.fromkeys(proof.receipt for proof in evidence.proofs if proof.receipt):
        try:
            found[name] = receipts.load(guide, name)
        except (ReceiptError, artefact.ArtefactError) as error:
            troubles[str(error)] = None
    kept: list[Proof] = []
    doubted: list[Proof] = []
    for proof in evidence.proofs:
        receipt = found.get(proof.receipt)
        if not proof.receipt or (receipt and receipt.vouches_for(proof, keys)):
            trouble = kept_recordings.trouble_with(guide, proof)
            kept.append(evolve(proof, recording="") if trouble else proof)
            if trouble:
                troubles[trouble] = None
            continue
        doubted.append(proof)
        if receipt:
            where = receipts.path_of(guide, proof.receipt).relative_to(guide)
            troubles[f"{proof.step} on {proof.platform}: {where} does not say that"] = None
    signers = {name: receipt.signer for name, receipt in found.items()}
    kept_only = evolve(evidence, proofs=tuple(kept))
    return Believed(kept_only, signers, tuple(troubles), tuple(doubted))
