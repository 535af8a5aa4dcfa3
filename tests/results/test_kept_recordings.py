"""Recordings are kept with the proofs that they belong to, and with no other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from runbook.results import receipts
from runbook.results.evidence import load
from tests.results.test_receipts import make_key, public
from tests.support.guides import Guide, making

pytestmark = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs ssh-keygen")


def recordings(guide: Guide) -> dict[str, str]:
    """The texts of the recordings that a guide keeps, by the step."""
    place = guide.directory / "lab/evidence/recordings"
    return {path.name.split(".")[0]: path.read_text() for path in place.rglob("*.cast")}


def kept(guide: Guide, *options: str) -> None:
    """Run a guide from its beginning, and keep what it has shown."""
    for path in guide.place.iterdir():
        path.unlink()
    assert guide.call("run", "--again").returncode == 0
    done = guide.call("evidence", "--lab", "local", *options)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def two(tmp_path: Path) -> tuple[Guide, Guide, Path]:
    """Two guides of the same text, and a key that the second believes; the first has a receipt."""
    theirs, ours = (Guide(tmp_path / name, making("one")) for name in ("theirs", "ours"))
    text = making("one").replace("PLACE", str(theirs.place))
    for guide in (theirs, ours):
        (guide.directory / "index.rst").write_text(f"Sample\n======\n\n{text}")
    key = make_key(tmp_path, "alice")
    (ours.directory / receipts.SIGNERS).write_text(f"alice {public(key)}")
    kept(theirs, "--sign", str(key))
    return theirs, ours, key


def take(theirs: Guide, ours: Guide, sent: Path | None = None) -> str:
    """Take their receipt, and their recordings, into our evidence; return what is said."""
    (receipt,) = (theirs.directory / receipts.PLACE).iterdir()
    sent = sent or theirs.directory / "lab/evidence/recordings"
    done = ours.call("evidence", "--take", str(receipt), "--recordings", str(sent))
    return done.stdout + done.stderr


@pytest.mark.parametrize("signed", [False, True])
def test_a_receipt_that_is_older_than_ours_takes_no_recording_away(
    two: tuple[Guide, Guide, Path], *, signed: bool
) -> None:
    """Neither what is signed nor what is not."""
    theirs, ours, key = two
    for path in theirs.place.iterdir():
        path.unlink()
    kept(ours, *(("--sign", str(key)) if signed else ()))
    before = load(ours.directory, "index"), recordings(ours)
    assert "1 left out\n0 recordings taken" in take(theirs, ours)
    assert (load(ours.directory, "index"), recordings(ours)) == before
    assert ours.call("verify-evidence").returncode == 0


def test_what_was_sent_and_cannot_be_read_is_named(
    two: tuple[Guide, Guide, Path], tmp_path: Path
) -> None:
    """Nothing is taken then; what is no recording is left out."""
    theirs, ours, _ = two
    (proof,) = load(theirs.directory, "index").proofs
    link = tmp_path / "sent" / proof.recording
    link.parent.mkdir(parents=True)
    link.symlink_to("/proc/self/mem")
    assert f"{link}: it cannot be read" in take(theirs, ours, tmp_path / "sent")
    assert not (ours.directory / receipts.PLACE).exists()
    link.unlink()
    link.write_bytes(b"\xff")
    assert "0 recordings taken" in take(theirs, ours, tmp_path / "sent")


def test_a_signed_recording_that_was_lost_comes_back_from_its_run(
    two: tuple[Guide, Guide, Path],
) -> None:
    """As long as the run is the last one; from then on the loss is told."""
    theirs, _, key = two
    (theirs.directory / receipts.SIGNERS).write_text(f"alice {public(key)}")
    before = load(theirs.directory, "index"), recordings(theirs)
    (path,) = (theirs.directory / "lab/evidence/recordings").rglob("*.cast")
    path.unlink()
    again = theirs.call("evidence", "--lab", "local")
    assert "it is not there; it is left out" in again.stderr
    assert (load(theirs.directory, "index"), recordings(theirs)) == before
    assert theirs.call("verify-evidence").returncode == 0


def test_steps_that_exchange_their_titles_keep_a_recording_each(tmp_path: Path) -> None:
    """Its name has something of what is in it."""
    guide = Guide(tmp_path, making("one"), making("two", options=":needs: nothing"))
    kept(guide)
    index = guide.directory / "index.rst"
    text = (
        index.read_text().replace(":: Make one", ":: Make X").replace(":: Make two", ":: Make one")
    )
    text = text.replace(":: Make X", ":: Make two").replace("# touch", "# true; touch", 1)
    index.write_text(text)
    for path in guide.place.iterdir():
        path.unlink()
    assert guide.call("run", "--again", "--until", "index/make-two").returncode == 0
    assert guide.call("evidence", "--lab", "local").returncode == 0
    assert guide.call("verify-evidence").returncode == 0
    one, two = load(guide.directory, "index").proofs
    place = guide.directory / "lab/evidence/recordings"
    texts = {proof.step: (place / proof.recording).read_text() for proof in (one, two)}
    assert "true; touch" in texts["index/make-two"]
    assert "true; touch" not in texts["index/make-one"]


def test_a_chapter_that_is_gone_is_not_verified_and_may_come_back(tmp_path: Path) -> None:
    """No page shows anything of it; what its file names is kept until somebody removes that."""
    guide = Guide(tmp_path, making("one"))
    extra = guide.directory / "extra.rst"
    extra.write_text("Extra\n=====\n\n" + making("two").replace("PLACE", str(guide.place)))
    index = guide.directory / "index.rst"
    index.write_text(index.read_text() + "\n\n.. toctree::\n\n   extra\n")
    kept(guide)
    assert set(recordings(guide)) == {"make-one", "make-two"}
    extra.unlink()
    index.write_text(index.read_text().replace("   extra\n", "   more\n"))
    more = guide.directory / "more.rst"
    more.write_text("More\n====\n\n" + making("three").replace("PLACE", str(guide.place)))
    kept(guide)
    assert set(recordings(guide)) == {"make-one", "make-two", "make-three"}
    (guide.directory / "lab/evidence/extra.json").write_text("altered")
    assert guide.call("verify-evidence").returncode == 0
    (guide.directory / "lab/evidence/extra.json").unlink()
    kept(guide)
    assert set(recordings(guide)) == {"make-one", "make-three"}


def test_a_recording_that_was_lost_or_altered_is_replaced_by_that_of_the_next_run(
    tmp_path: Path,
) -> None:
    """With the proof that it belongs to; one that is as it was made stays."""
    guide = Guide(tmp_path, making("one"), making("two"))
    assert guide.call("run").returncode == 0
    assert guide.call("evidence", "--lab", "local").returncode == 0
    before = load(guide.directory, "index").proofs
    one, two = sorted((guide.directory / "lab/evidence/recordings").rglob("*.cast"))
    was = two.read_text()
    one.write_text("altered")
    for place in guide.place.iterdir():
        place.unlink()
    assert guide.call("run", "--again").returncode == 0
    assert guide.call("evidence", "--lab", "local").returncode == 0
    after = load(guide.directory, "index").proofs
    assert after[0].started > before[0].started
    assert after[1] == before[1]
    assert two.read_text() == was
    assert guide.call("verify-evidence").returncode == 0
