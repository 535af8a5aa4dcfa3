"""Evidence is what is known of each step now, small enough to be committed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from runbook.model import codec
from runbook.model.codec import CodecError
from runbook.model.shared_source import SharedSource
from runbook.results import Outcome, Report, Run, Verdict
from runbook.results.basis import ProofKeys, basis_of
from runbook.results.evidence import (
    Evidence,
    Proof,
    Standing,
    load,
    merged,
    proofs_of,
    save,
    standing,
)
from tests.support.guides import Guide, making
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


def test_evidence_is_written_only_when_it_says_something_new(tmp_path: Path) -> None:
    """And read back as it was."""
    evidence = known(outcome(Verdict.PROVEN))
    assert save(tmp_path, evidence)
    assert not save(tmp_path, evidence)
    assert load(tmp_path, PLACE.document) == evidence
    assert save(tmp_path, evolve(evidence, proofs=()))
    assert not list((tmp_path / "lab").rglob("*.json"))
    assert load(tmp_path, PLACE.document) == Evidence(PLACE.document)


def test_evidence_that_is_none_names_its_file(tmp_path: Path) -> None:
    """Somebody may have edited it."""
    path = tmp_path / "lab/evidence/page.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"schema": 99}')
    with pytest.raises(CodecError, match=r"page\.json: this evidence has schema 99"):
        load(tmp_path, "page")


def test_the_command_keeps_what_the_last_runs_showed(tmp_path: Path) -> None:
    """Of the run and of the rehearsal; a second time there is nothing new."""
    guide = Guide(tmp_path, making("one"))
    nothing = guide.call("evidence", "--lab", "local")
    assert nothing.returncode == 3
    assert "there is nothing to save" in nothing.stderr
    assert guide.call("rehearse", "--no-shellcheck").returncode == 0
    assert guide.call("run").returncode == 0
    kept = guide.call("evidence", "--lab", "local")
    assert kept.returncode == 0, kept.stderr
    path = guide.directory / "lab/evidence/index.json"
    written = json.loads(path.read_text())
    assert [proof["verdict"] for proof in written["proofs"]] == ["checked", "proven"]
    again = guide.call("evidence", "--lab", "local")
    assert "wrote" not in again.stdout


def test_prose_that_is_edited_leaves_a_proof_as_it_was(tmp_path: Path) -> None:
    """A run types nothing again, and says so of the text as it is now."""
    guide = Guide(tmp_path, making("one"))
    assert guide.call("run").returncode == 0
    assert guide.call("evidence", "--lab", "local").returncode == 0
    (before,) = load(guide.directory, "index").proofs
    edited = making("one").replace("one is there", "there is one of them")
    guide.write(edited)
    assert guide.call("run").returncode == 0
    assert guide.call("evidence", "--lab", "local").returncode == 0
    (after,) = load(guide.directory, "index").proofs
    assert evolve(after, recording=before.recording) == before


def test_the_recording_of_what_is_new_is_kept_and_no_other(tmp_path: Path) -> None:
    """It is trimmed; one that no proof names any more goes."""
    guide = Guide(tmp_path, making("one"))
    assert guide.call("run").returncode == 0
    assert guide.call("evidence", "--lab", "local").returncode == 0
    kept = guide.directory / "lab/evidence/recordings/index/make-one.debian12.cast"
    (proof,) = load(guide.directory, "index").proofs
    assert proof.recording == "index/make-one.debian12.cast"
    assert "touch" in kept.read_text()
    stray = kept.with_name("gone.debian12.cast")
    stray.write_text("{}\n")
    before = kept.read_text()
    assert guide.call("run").returncode in (0, 4)
    assert guide.call("evidence", "--lab", "local").returncode == 0
    assert kept.read_text() == before
    assert not stray.exists()


def test_a_recording_that_is_too_large_is_left_out(tmp_path: Path) -> None:
    """Evidence is committed with the guide."""
    guide = Guide(tmp_path, making("one", "seq 1 20000"))
    assert guide.call("run").returncode == 0
    assert guide.call("evidence", "--lab", "local").returncode == 0
    (proof,) = load(guide.directory, "index").proofs
    assert proof.recording == ""
    assert not list((guide.directory / "lab/evidence").rglob("*.cast"))


def test_a_recording_comes_later_to_a_proof_that_had_none() -> None:
    """The rest of the proof stays as it was."""
    before = {PLACE.document: known(outcome(Verdict.PROVEN))}
    again = proofs(outcome(Verdict.PROVEN, started=LATER, recording="a.cast"))
    (proof,) = merged(KEYS, before, again)[PLACE.document].proofs
    assert (proof.started, proof.recording) == (NOON, "a.cast")
