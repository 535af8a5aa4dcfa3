"""Evidence is what is known of each step now, small enough to be committed."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from runbook.model import codec
from runbook.model.shared_source import SharedSource
from runbook.results import Outcome, Probed, Report, Run, Verdict
from runbook.results.basis import ProofKeys, basis_of
from runbook.results.evidence import (
    Evidence,
    Proof,
    Standing,
    platforms_tried,
    standing,
)
from runbook.results.merging import merged
from runbook.results.outcome import with_typed
from runbook.results.shown import proofs_of
from tests.support.steps import CLUSTER, PLACE, runbook, step

ONE = step("one", "true")
TWO = step("two", "uptime")
RUNBOOK = runbook(ONE, TWO)
KEYS = ProofKeys(basis_of(RUNBOOK, CLUSTER, SharedSource()))
NOON = "2026-03-01T12:00:00+00:00"
LATER = "2026-03-02T12:00:00+00:00"
RUN = Run("r", NOON, "ovirt", "i", "p", versions={"guide": "abc"}, made_of="containers")


def outcome(verdict: Verdict, host: str = "a", **more: Any) -> Outcome:
    """What happened to the step `one`."""
    about: dict[str, Any] = {
        "digest": codec.digest(ONE),
        "started": NOON,
        "platform": "debian12",
        "seconds": 1.0,
    }
    return Outcome(ONE.id, host, verdict, **(about | more))


def proofs(*outcomes: Outcome) -> tuple[Proof, ...]:
    """What a run with these outcomes showed."""
    return proofs_of(Report(RUNBOOK, RUN, outcomes, finished=NOON), KEYS)


def known(*outcomes: Outcome) -> Evidence:
    """The evidence after such a run."""
    return merged(KEYS, {}, proofs(*outcomes))[PLACE.document]


def test_a_proof_is_of_one_step_on_one_platform() -> None:
    """It names the hosts, and takes as long as the slowest of them."""
    (proof,) = proofs(
        outcome(Verdict.PROVEN), outcome(Verdict.PROVEN, "b", seconds=2.55, started=LATER)
    )
    assert proof == Proof(
        ONE.id,
        "debian12",
        Verdict.PROVEN,
        KEYS.key(ONE.id, "debian12"),
        NOON,
        2.5,
        ("a", "b"),
        "ovirt",
        "containers",
        {"guide": "abc"},
    )


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        ((Verdict.PROVEN, Verdict.FAILED), Verdict.FAILED),
        ((Verdict.PROVEN, Verdict.PASSED), Verdict.PASSED),
        ((Verdict.PASSED, Verdict.RAN), Verdict.RAN),
        ((Verdict.RAN, Verdict.FAILED), Verdict.FAILED),
        ((Verdict.PROVEN, Verdict.SKIPPED), Verdict.PROVEN),
    ],
)
def test_the_worst_host_speaks_for_a_platform(
    verdicts: tuple[Verdict, ...], worst: Verdict
) -> None:
    """A step that failed somewhere is not proven."""
    (proof,) = proofs(*(outcome(v, host) for v, host in zip(verdicts, "ab", strict=True)))
    assert proof.verdict is worst


@pytest.mark.parametrize(
    "verdict",
    [Verdict.SKIPPED, Verdict.BLOCKED, Verdict.ERROR, Verdict.SATISFIED, Verdict.MANUAL],
)
def test_what_shows_nothing_is_no_proof(verdict: Verdict) -> None:
    """Could-not-run is neither good nor bad."""
    assert proofs(outcome(verdict)) == ()


def test_a_step_without_a_check_ran_and_that_is_all() -> None:
    """It is known that its commands ran, and nobody knows whether they worked."""
    (proof,) = proofs(outcome(Verdict.RAN))
    assert (proof.verdict, proof.hosts) == (Verdict.RAN, ("a",))
    evidence = known(outcome(Verdict.RAN))
    assert standing(ONE, "debian12", evidence, KEYS) == (Standing.RAN, proof)
    assert standing(ONE, "el9", evidence, KEYS)[0] is Standing.NEVER


@pytest.mark.parametrize("verdict", list(Verdict))
def test_evidence_with_any_verdict_can_be_shown(verdict: Verdict) -> None:
    """Somebody, or another version, may have written one that shows nothing; it counts as none."""
    proof = Proof(ONE.id, "debian12", verdict, KEYS.key(ONE.id, "debian12"), NOON)
    found, shown = standing(ONE, "debian12", Evidence(PLACE.document, (proof,)), KEYS)
    assert (found is Standing.NEVER) == (shown is None)
    assert (found is Standing.NEVER) == (proofs(outcome(verdict)) == ())


def test_a_step_that_ran_with_edited_values_is_no_proof() -> None:
    """Somebody else's text was typed, and not the guide's."""
    assert proofs(outcome(Verdict.PROVEN, edited=("gateway",))) == ()


def test_a_step_after_an_edited_one_is_no_proof_either() -> None:
    """It ran after somebody else's text; what does not depend on that is proven."""
    free = step("free", "true", needs=())
    keys = ProofKeys(basis_of(runbook(ONE, TWO, free), CLUSTER, SharedSource()))
    ran = outcome(Verdict.PROVEN)
    outcomes = (
        evolve(ran, edited=("gateway",)),
        evolve(ran, step=TWO.id),
        evolve(ran, step=free.id),
    )
    found = proofs_of(Report(RUNBOOK, RUN, outcomes), keys)
    assert [proof.step for proof in found] == [free.id]


@pytest.mark.parametrize("verdict", [Verdict.ERROR, Verdict.BLOCKED])
@pytest.mark.parametrize("platform", ["debian12", ""])
def test_a_host_of_which_nothing_is_known_leaves_its_platform_open(
    verdict: Verdict, platform: str
) -> None:
    """Also if the step never came so far as to ask for it; a failure is one nevertheless."""
    run = evolve(RUN, hosts={"b": Probed("debian12", frozenset())})
    lost = outcome(verdict, "b", platform=platform)

    def shown(first: Verdict) -> tuple[Proof, ...]:
        return proofs_of(Report(RUNBOOK, run, (outcome(first), lost)), KEYS)

    assert shown(Verdict.PROVEN) == ()
    assert [proof.verdict for proof in shown(Verdict.FAILED)] == [Verdict.FAILED]
    before = {PLACE.document: known(outcome(Verdict.PROVEN))}
    assert merged(KEYS, before, shown(Verdict.PROVEN)) == before
    elsewhere = evolve(run, hosts={"b": Probed("el9", frozenset())})
    there = evolve(lost, platform=platform and "el9")
    assert proofs_of(Report(RUNBOOK, elsewhere, (outcome(Verdict.PROVEN), there)), KEYS)


def test_what_ran_after_an_unmarked_block_is_no_proof() -> None:
    """No key has the block, so nobody would see that it changed."""
    ran = outcome(Verdict.PROVEN)
    block = evolve(ran, step="sample/block-1", verdict=Verdict.RAN)
    after = evolve(ran, step=TWO.id)
    assert [p.step for p in proofs(ran, block, after)] == [ONE.id]
    skipped = evolve(block, verdict=Verdict.SKIPPED)
    assert [p.step for p in proofs(ran, skipped, after)] == [ONE.id, TWO.id]


def test_what_an_earlier_run_typed_is_of_the_guide_as_it_was_then() -> None:
    """A run types nothing again for a new time limit, and has not shown that it suffices."""
    limited = evolve(ONE, timeout=1.0)
    then, now = (basis_of(runbook(s, TWO), CLUSTER, SharedSource()) for s in (ONE, limited))
    earned = with_typed(outcome(Verdict.PROVEN), then.typed())
    assert earned.typed
    carried = with_typed(evolve(earned, resumed=True), now.typed())
    after = with_typed(evolve(earned, step=TWO.id), now.typed())
    report = Report(RUNBOOK, RUN, (carried, after))
    assert proofs_of(report, ProofKeys(now)) == ()
    assert len(proofs_of(report, ProofKeys(then))) == 2
    older = evolve(report, outcomes=(evolve(carried, typed=""), after))
    assert len(proofs_of(older, ProofKeys(now))) == 2


def test_a_proof_of_a_time_to_come_does_not_outlast_the_next_run() -> None:
    """A clock was wrong."""
    ahead = proofs(outcome(Verdict.PROVEN, started="2999-01-01T00:00:00+00:00"))
    failed = proofs(outcome(Verdict.FAILED))
    assert merged(KEYS, {PLACE.document: Evidence(PLACE.document, ahead)}, failed) == {
        PLACE.document: Evidence(PLACE.document, failed)
    }


def test_an_older_result_of_the_same_guide_replaces_none() -> None:
    """As when somebody takes in a receipt that was long under way."""
    before = {PLACE.document: known(outcome(Verdict.FAILED, started=LATER))}
    older = proofs(outcome(Verdict.PROVEN))
    assert merged(KEYS, before, older, renew=True) == before


def test_a_proof_that_nobody_believes_any_more_is_replaced_by_the_next() -> None:
    """Also by one that says the same, or that is of an earlier guide; until then it stays."""
    (revoked,) = (evolve(p, receipt="r") for p in proofs(outcome(Verdict.PROVEN, started=LATER)))
    before = {PLACE.document: Evidence(PLACE.document, (revoked,))}
    (new,) = proofs(outcome(Verdict.PROVEN))
    assert merged(KEYS, before, [new]) == before
    after = merged(KEYS, before, [new], doubted=[revoked])
    assert after[PLACE.document].proofs == (new,)
    assert merged(KEYS, before, [], doubted=[revoked]) == before


def test_a_step_with_another_title_was_tried_where_the_old_one_was() -> None:
    """Its proof has the old id until the next evidence is saved."""
    renamed = evolve(ONE, id="sample/else", title="Else")
    now = ProofKeys(basis_of(runbook(renamed, TWO), CLUSTER, SharedSource()))
    evidence = known(outcome(Verdict.PROVEN), outcome(Verdict.CHECKED, "x", platform=""))
    assert platforms_tried(renamed.id, evidence, now) == ("debian12",)
    assert platforms_tried(TWO.id, evidence, now) == ()


def test_a_rehearsal_is_of_no_platform() -> None:
    """A stand-in is no system, and never earns what real software earns."""
    (proof,) = proofs(outcome(Verdict.REHEARSED, "stand-in", platform=""))
    assert (proof.platform, proof.hosts) == ("", ())
    evidence = merged(KEYS, {}, [proof])[PLACE.document]
    assert standing(ONE, "el9", evidence, KEYS) == (Standing.REHEARSED, proof)


def test_commands_that_were_only_parsed_are_checked_on_every_platform() -> None:
    """They have no platform and no host, as a rehearsal has none, and outweigh no real run."""
    (proof,) = proofs(outcome(Verdict.CHECKED, "stand-in", platform=""))
    assert (proof.platform, proof.hosts) == ("", ())
    evidence = known(outcome(Verdict.PROVEN), outcome(Verdict.CHECKED, "stand-in", platform=""))
    assert standing(ONE, "debian12", evidence, KEYS)[0] is Standing.PROVEN
    assert standing(ONE, "el9", evidence, KEYS) == (Standing.CHECKED, proof)


def test_a_proof_on_the_system_outweighs_a_rehearsal() -> None:
    """On the others the rehearsal is all there is."""
    evidence = known(outcome(Verdict.PROVEN), outcome(Verdict.REHEARSED, "x", platform=""))
    assert standing(ONE, "debian12", evidence, KEYS)[0] is Standing.PROVEN
    assert standing(ONE, "el9", evidence, KEYS)[0] is Standing.REHEARSED


def test_an_edited_step_is_stale() -> None:
    """Nothing is known of the text that stands there now."""
    edited = ProofKeys(basis_of(runbook(step("one", "false"), TWO), CLUSTER, SharedSource()))
    found, proof = standing(ONE, "debian12", known(outcome(Verdict.PROVEN)), edited)
    assert found is Standing.STALE
    assert proof is not None


def test_a_step_without_evidence_was_never_run() -> None:
    """Nothing is taken for granted."""
    assert standing(TWO, "debian12", known(outcome(Verdict.PROVEN)), KEYS) == (
        Standing.NEVER,
        None,
    )


def test_a_failure_is_shown_as_one() -> None:
    """It replaces the proof that was there before."""
    before = {PLACE.document: known(outcome(Verdict.PROVEN))}
    after = merged(KEYS, before, proofs(outcome(Verdict.FAILED, started=LATER)))
    assert standing(ONE, "debian12", after[PLACE.document], KEYS)[0] is Standing.FAILING


def test_a_run_that_finds_all_as_it_was_changes_nothing() -> None:
    """Evidence does not grow with every run."""
    before = {PLACE.document: known(outcome(Verdict.PROVEN))}
    again = proofs(outcome(Verdict.PROVEN, started=LATER, resumed=True))
    assert merged(KEYS, before, again) == before


def test_a_step_that_is_gone_leaves_the_evidence() -> None:
    """Its file goes with the last of its steps."""
    before = {PLACE.document: known(outcome(Verdict.PROVEN))}
    two = ProofKeys(basis_of(runbook(TWO), CLUSTER, SharedSource()))
    assert merged(two, before, [])[PLACE.document].proofs == ()


def test_a_proof_without_a_recording_is_replaced_by_one_that_has_it() -> None:
    """So a recording is of the run that the proof tells; the next one changes nothing."""
    before = {PLACE.document: known(outcome(Verdict.PROVEN))}
    recorded = [
        evolve(proof, recording_digest="d")
        for proof in proofs(outcome(Verdict.PROVEN, started=LATER, recording="a.cast"))
    ]
    after = merged(KEYS, before, recorded)
    assert after[PLACE.document].proofs == tuple(recorded)
    last = proofs(outcome(Verdict.PROVEN, started=LATER, recording="b.cast"))
    assert merged(KEYS, after, last) == after


def test_what_somebody_has_signed_gets_no_recording_of_another_run() -> None:
    """It would be shown as theirs."""
    (signed,) = known(outcome(Verdict.PROVEN)).proofs
    before = {PLACE.document: Evidence(PLACE.document, (evolve(signed, receipt="theirs"),))}
    again = proofs(outcome(Verdict.PROVEN, started=LATER, recording="a.cast"))
    assert merged(KEYS, before, again) == before
