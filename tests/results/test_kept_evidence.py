"""What `runbook evidence` keeps of the last runs."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from runbook.model.codec import CodecError
from runbook.results import Verdict
from runbook.results.evidence import (
    Evidence,
    Proof,
    load,
    save,
)
from tests.support.guides import Guide, making
from tests.support.steps import PLACE

PROOF = Proof("one", "debian12", Verdict.PROVEN, "k", "2026-03-01T12:00:00+00:00", hosts=("a",))


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


def test_a_time_limit_that_is_edited_takes_a_proof_away_until_the_step_ran_with_it(
    tmp_path: Path,
) -> None:
    """A run types nothing again for it, and what it types now is of the guide as it is."""
    guide = Guide(tmp_path, making("one"))
    assert guide.call("run").returncode == 0
    assert guide.call("evidence", "--lab", "local").returncode == 0
    before = load(guide.directory, "index")
    free = making("two", options=":needs: nothing")
    guide.write(making("one", options=":timeout: 7s"), making("three"), free)
    assert guide.call("run").returncode == 0
    assert guide.call("evidence", "--lab", "local").returncode == 0
    after = load(guide.directory, "index")
    assert [proof.step for proof in after.proofs] == ["index/make-one", "index/make-two"]
    assert after.proofs[0] == before.proofs[0]
    guide.write(making("one"), making("three"), free)
    assert guide.call("run").returncode == 0
    assert guide.call("evidence", "--lab", "local").returncode == 0
    assert load(guide.directory, "index").proofs[0] == before.proofs[0]


def test_several_runs_of_parts_of_a_guide_keep_all_that_they_have_shown(tmp_path: Path) -> None:
    """A step that an earlier run typed has run, so nothing is left out."""
    guide = Guide(tmp_path, making("one"), making("two"), making("three"))
    for name in ("one", "two", "three"):
        assert guide.call("run", "--until", f"index/make-{name}").returncode == 0
    assert guide.call("evidence", "--lab", "local").returncode == 0
    found = load(guide.directory, "index").proofs
    assert [(p.verdict, p.left_out) for p in found] == [(Verdict.PROVEN, ())] * 3


def test_the_recording_of_what_is_new_is_kept_and_no_other(tmp_path: Path) -> None:
    """It is trimmed; one that no proof names any more goes."""
    guide = Guide(tmp_path, making("one"))
    assert guide.call("run").returncode == 0
    assert guide.call("evidence", "--lab", "local").returncode == 0
    (kept,) = (guide.directory / "lab/evidence/recordings/index").iterdir()
    (proof,) = load(guide.directory, "index").proofs
    assert proof.recording == f"index/make-one.debian12.{proof.recording_digest[:12]}.cast"
    assert kept.name == Path(proof.recording).name
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


def test_evidence_is_written_only_when_it_says_something_new(tmp_path: Path) -> None:
    """And read back as it was."""
    evidence = Evidence(PLACE.document, (PROOF,))
    assert save(tmp_path, evidence)
    assert not save(tmp_path, evidence)
    assert load(tmp_path, PLACE.document) == evidence
    assert save(tmp_path, evolve(evidence, proofs=()))
    assert not list((tmp_path / "lab").rglob("*.json"))
    assert load(tmp_path, PLACE.document) == Evidence(PLACE.document)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"schema": 99}', "this evidence has schema 99"),
        ('{"schema": 1, "document": "page", "proofs": [1]}', "this is not a evidence"),
        ('{"schema": 1, "document": "page", "proofs": null}', "this is not a evidence"),
        ("[" * 100_000, "this JSON is nested too deeply"),
        ("[" + "1" * 5000 + "]", "this is not JSON"),
    ],
)
def test_evidence_that_is_none_names_its_file(tmp_path: Path, text: str, why: str) -> None:
    """Somebody may have edited it."""
    path = tmp_path / "lab/evidence/page.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(CodecError, match=rf"page\.json: {why}"):
        load(tmp_path, "page")


def test_a_step_has_one_proof_on_a_platform(tmp_path: Path) -> None:
    """Of two nobody knows which one holds; a rehearsal beside it is none on a platform."""
    failed = evolve(PROOF, verdict=Verdict.FAILED)
    save(tmp_path, Evidence(PLACE.document, (failed, PROOF)))
    with pytest.raises(CodecError, match=r"json: one on debian12: there are two proofs of it"):
        load(tmp_path, PLACE.document)
    rehearsed = evolve(PROOF, platform="", verdict=Verdict.REHEARSED, hosts=())
    save(tmp_path, Evidence(PLACE.document, (rehearsed, PROOF)))
    assert len(load(tmp_path, PLACE.document).proofs) == 2


def test_a_run_by_a_wrong_clock_is_not_saved(tmp_path: Path) -> None:
    """Nothing could replace it before that time has come."""
    guide = Guide(tmp_path, making("one"))
    assert guide.call("run").returncode == 0
    journal = guide.directory / "build/local/journal.jsonl"
    year = str(datetime.datetime.now(datetime.UTC).year)
    journal.write_text(journal.read_text().replace(f'"{year}-', '"2999-'))
    kept = guide.call("evidence", "--lab", "local")
    assert kept.returncode == 3
    assert "is in the future, so some clock is wrong" in kept.stderr
    assert not (guide.directory / "lab/evidence").exists()


def test_a_proof_of_a_time_to_come_is_named_and_stops_no_build(tmp_path: Path) -> None:
    """The clock of the machine that builds the pages may be the wrong one."""
    guide = Guide(tmp_path, making("one"))
    assert guide.call("run").returncode == 0
    assert guide.call("evidence", "--lab", "local").returncode == 0
    assert guide.call("verify-evidence").returncode == 0
    path = guide.directory / "lab/evidence/index.json"
    proofs = json.loads(path.read_text())
    proofs["proofs"][0]["started"] = "2999-01-01T00:00:00+00:00"
    path.write_text(json.dumps(proofs))
    verified = guide.call("verify-evidence")
    assert verified.returncode == 1
    assert "2999-01-01T00:00:00+00:00 is in the future, so some clock is wrong" in verified.stderr
    assert load(guide.directory, "index").proofs[0].started.startswith("2999")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"platform": ""}, "without a platform it cannot be 'proven'"),
        ({"verdict": Verdict.CHECKED}, "on a platform it cannot be 'checked'"),
        ({"verdict": Verdict.REHEARSED}, "on a platform it cannot be 'rehearsed'"),
        ({"hosts": ()}, "'proven' without a host"),
        ({"platform": "el9 by alice"}, "'el9 by alice' is no platform"),
        ({"platform": "../el9"}, "'../el9' is no platform"),
        ({"platform": "e" * 61}, "is no platform"),
        ({"hosts": ("a", " ")}, "a host has no name"),
        ({"seconds": -5.0}, "it cannot have taken -5.0 seconds"),
        ({"seconds": float("nan")}, "it cannot have taken nan seconds"),
        ({"seconds": float("inf")}, "it cannot have taken inf seconds"),
        ({"started": ""}, "'' is no time in UTC"),
        ({"started": "yesterday"}, "'yesterday' is no time in UTC"),
        ({"started": "2026-03-01T12:00:00"}, "is no time in UTC"),
        ({"started": "2026-03-01T12:00:00+01:00"}, "is no time in UTC"),
        ({"started": "20260301T120000Z"}, "is no time in UTC"),
    ],
)
def test_evidence_that_no_run_can_have_shown_is_refused(
    tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    """One word more makes no proof of a rehearsal."""
    save(tmp_path, Evidence(PLACE.document, (evolve(PROOF, **changes),)))
    with pytest.raises(CodecError, match=rf"sample\.rst\.json: {PROOF.step}") as caught:
        load(tmp_path, PLACE.document)
    assert why in str(caught.value)
