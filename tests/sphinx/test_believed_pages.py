"""Pages show of the evidence what can be believed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from attrs import evolve

from runbook.results import evidence, receipts
from tests.support import pages


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample guide."""
    return pages.guide(tmp_path_factory.mktemp("pages"))


def page(made: Path, name: str) -> str:
    """The text of a page."""
    return (made / "build/html" / f"{name}.html").read_text(encoding="utf-8")


def test_a_page_says_whose_run_was_signed_and_leaves_out_what_is_not_believed(
    made: Path, tmp_path: Path
) -> None:
    """It changes with the keys that the guide believes."""
    copy = shutil.copytree(made, tmp_path / "guide", ignore=shutil.ignore_patterns("build"))
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    known = evidence.load(copy, "store")
    name = receipts.save(copy, receipts.sign(known.proofs, key))
    signed = tuple(evolve(proof, receipt=name) for proof in known.proofs)
    evidence.save(copy, evolve(known, proofs=signed))
    signers = copy / receipts.SIGNERS
    signers.write_text(f"alice {key.with_suffix('.pub').read_text()}")
    pages.build(copy)
    assert "Proven on debian12 by alice, 1 March 2026" in page(copy, "store")
    assert "proven 2026-03-01 by alice" in page(copy, "proven")
    shutil.copy(key.with_suffix(".pub"), copy / receipts.REVOKED)
    assert "its signature does not hold" in pages.warnings(copy)
    assert "Proven on debian12" not in page(copy, "store")
    assert "by alice" not in page(copy, "proven")


@pytest.mark.parametrize("checks", ["import helper\n", "def (\n"])
def test_pages_are_built_where_shared_checks_cannot_be_read(
    made: Path, tmp_path: Path, checks: str
) -> None:
    """They show no proof, and the build says which line is wrong."""
    copy = shutil.copytree(made, tmp_path / "guide", ignore=shutil.ignore_patterns("build"))
    (copy / "lab/checks.py").write_text(checks)
    (copy / "lab/helper.py").write_text("def (\n")
    name = "helper" if "helper" in checks else "checks"
    assert f"lab/{name}.py:1: invalid syntax" in pages.warnings(copy)
    assert "Proven on debian12" not in page(copy, "store")


def test_a_page_shows_what_was_proven_when_its_document_had_another_name(
    made: Path, tmp_path: Path
) -> None:
    """As long as somebody keeps it."""
    copy = shutil.copytree(made, tmp_path / "guide", ignore=shutil.ignore_patterns("build"))
    path = evidence.path_of(copy, "store")
    earlier = path.with_name("shop.json")
    pages.build(copy)
    earlier.write_text(path.read_text().replace('"step": "store', '"step": "shop'))
    path.unlink()
    for _ in range(2):
        pages.build(copy)
        assert "Proven on debian12" in page(copy, "store")
        assert "runbook-proven" in page(copy, "proven")
    earlier.unlink()
    pages.build(copy)
    assert "Proven on debian12" not in page(copy, "store")


def test_a_recording_that_was_altered_is_on_no_page(made: Path, tmp_path: Path) -> None:
    """Neither its link nor its file; the build warns, and the proof stays."""
    copy = shutil.copytree(made, tmp_path / "guide", ignore=shutil.ignore_patterns("build"))
    known = evidence.load(copy, "store")
    proof = next(one for one in known.proofs if one.recording)
    pages.build(copy)
    published = copy / "build/html/_recordings" / proof.recording
    assert published.exists()
    assert proof.recording in page(copy, "store")
    kept = copy / evidence.PLACE / evidence.RECORDINGS / proof.recording
    kept.write_text(kept.read_text().replace("o", "0"))
    assert "it is not the recording that the run made; no page shows it" in pages.warnings(copy)
    assert not published.exists()
    assert proof.recording not in page(copy, "store")
    assert "Proven on debian12" in page(copy, "store")


def test_the_pages_of_every_builder_forget_what_is_not_believed_any_more(
    made: Path, tmp_path: Path
) -> None:
    """Builders may share what they know of the documents."""
    copy = shutil.copytree(made, tmp_path / "guide", ignore=shutil.ignore_patterns("build"))
    known = evidence.load(copy, "store")
    proof = next(one for one in known.proofs if one.recording)
    for builder in ("html", "dirhtml"):
        pages.build(copy, builder)
    (copy / evidence.PLACE / evidence.RECORDINGS / proof.recording).unlink()
    for builder, path in (("html", "store.html"), ("dirhtml", "store/index.html")):
        text = (copy / "build" / builder / path).read_text()
        assert proof.recording in text
        assert "it is not there; no page shows it" in pages.warnings(copy, builder)
        text = (copy / "build" / builder / path).read_text()
        assert proof.recording not in text
