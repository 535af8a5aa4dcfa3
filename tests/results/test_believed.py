"""A recording is shown only as long as it is what the run made."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from runbook.results import Verdict, kept_recordings
from runbook.results.believed import Believed, believed
from runbook.results.evidence import Evidence, Proof

MADE = '{"version": 2}\n[0.1, "o", "done"]\n'
PROOF = Proof(
    "index/make-one",
    "debian12",
    Verdict.PROVEN,
    "key",
    "2026-03-01T12:00:00+00:00",
    hosts=("box",),
    recording="index/make-one.debian12.cast",
    recording_digest=kept_recordings.digest_of(MADE),
)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """The recording that the proof names."""
    path = kept_recordings.path_of(tmp_path, PROOF.recording)
    path.parent.mkdir(parents=True)
    path.write_text(MADE)
    return path


def of(guide: Path, proof: Proof) -> Believed:
    """What is believed of one proof."""
    return believed(guide, Evidence("index", (proof,)))


def test_a_recording_as_it_was_made_stays(tmp_path: Path, recording: Path) -> None:
    """Nothing is said of it."""
    assert recording.is_file()
    assert of(tmp_path, PROOF).evidence.proofs == (PROOF,)
    assert of(tmp_path, PROOF).troubles == ()


@pytest.mark.parametrize("altered", [MADE + "\n", MADE.replace("done", "fine"), "", None])
def test_a_recording_that_was_altered_is_left_out(
    tmp_path: Path, recording: Path, altered: str | None
) -> None:
    """The proof stays, because it did not say what is in the recording."""
    if altered is None:
        recording.unlink()
    else:
        recording.write_text(altered)
    found = of(tmp_path, PROOF)
    assert found.evidence.proofs == (evolve(PROOF, recording=""),)
    (trouble,) = found.troubles
    assert trouble.startswith("lab/evidence/recordings/index/make-one.debian12.cast: it is not")


def test_a_recording_of_a_time_without_digests_is_shown(tmp_path: Path, recording: Path) -> None:
    """Nobody has signed it either."""
    assert recording.is_file()
    old = evolve(PROOF, recording_digest="")
    assert of(tmp_path, old).evidence.proofs == (old,)


def test_a_recording_that_was_not_signed_is_none_of_a_signed_proof(
    tmp_path: Path, recording: Path
) -> None:
    """Somebody else may have put it there."""
    assert recording.is_file()
    put = evolve(PROOF, recording_digest="", receipt="theirs")
    assert "nobody has signed it" in kept_recordings.trouble_with(tmp_path, put)


def test_the_name_of_a_recording_does_not_lead_elsewhere(tmp_path: Path) -> None:
    """Such as to what only root may read."""
    (tmp_path / "private").write_text("x")
    bad = evolve(PROOF, recording="../../../private", recording_digest="")
    found = of(tmp_path, bad)
    assert found.evidence.proofs[0].recording == ""
    assert len(found.troubles) == 1


def test_a_file_that_has_no_name_of_a_recording_is_none(tmp_path: Path, recording: Path) -> None:
    """It would be published under its name, as a page."""
    recording.rename(recording.with_suffix(".html"))
    page = evolve(PROOF, recording="index/make-one.debian12.html")
    found = of(tmp_path, page)
    assert found.evidence.proofs == (evolve(page, recording=""),)
    assert "it is not the name of a recording" in found.troubles[0]


def test_a_recording_that_is_not_text_is_left_out(tmp_path: Path, recording: Path) -> None:
    """Also one of a time without digests."""
    recording.write_bytes(b"\xff")
    old = evolve(PROOF, recording_digest="")
    assert of(tmp_path, old).evidence.proofs == (evolve(old, recording=""),)
