"""Proofs follow their steps into another document, and stay with a document that is away."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from attrs import evolve

from runbook.model import Chapter, Runbook, Step
from runbook.model.shared_source import SharedSource
from runbook.results import receipts
from runbook.results.basis import ProofKeys, basis_of
from runbook.results.evidence import Evidence, load, save
from runbook.results.merging import merged
from runbook.results.moved import into_documents
from tests.results.test_receipts import make_key, public
from tests.support.guides import Guide, making
from tests.support.proofs import keys_of, proofs
from tests.support.steps import CLUSTER, step

ONE, TWO = step("one", "true"), step("two", "uptime")
KNOWN = proofs([ONE, TWO], keys_of(ONE, TWO)).proofs


def renamed(one: Step) -> Step:
    """The step as a document with another name has it."""
    return evolve(one, id=one.id.replace("sample", "other"))


def keys_in(document: str, *steps: Step) -> ProofKeys:
    """The keys of a guide with one document."""
    guide = Runbook("Guide", (Chapter(document, "Sample", steps),))
    return ProofKeys(basis_of(guide, CLUSTER, SharedSource()))


def test_the_proofs_of_a_document_go_with_it_to_its_new_name() -> None:
    """Its old file is left without any."""
    now = keys_in("other", renamed(ONE), renamed(TWO))
    after = merged(now, {"sample": Evidence("sample", KNOWN)}, [])
    moved = tuple(evolve(proof, step=proof.step.replace("sample", "other")) for proof in KNOWN)
    assert after == {"other": Evidence("other", moved), "sample": Evidence("sample")}


def test_a_document_that_is_away_keeps_what_no_other_has_taken_over() -> None:
    """Also what one has, as long as there is anything else."""
    away = {"sample": Evidence("sample", KNOWN)}
    assert "sample" not in merged(keys_in("other", step("else", "id")), away, [])
    after = merged(keys_in("other", renamed(ONE), step("else", "id")), away, [])
    assert [proof.step for proof in after["other"].proofs] == [renamed(ONE).id]
    assert "sample" not in after


def test_a_proof_of_a_step_that_is_still_there_stays_with_it() -> None:
    """Another step that does the same was never run."""
    same = step("same", "true", needs=())
    free = evolve(ONE, needs=())
    guide = Runbook("Guide", (Chapter("sample", "A", (free,)), Chapter("other", "B", (same,))))
    keys = ProofKeys(basis_of(guide, CLUSTER, SharedSource()))
    known = Evidence("sample", proofs([free], keys).proofs)
    after = merged(keys, {"sample": known}, [])
    assert after == {"sample": known, "other": Evidence("other")}


def test_a_moved_proof_that_nobody_believes_is_replaced_by_the_next() -> None:
    """As one that did not move."""
    now = keys_in("other", renamed(ONE))
    (revoked,) = (evolve(proof, receipt="r") for proof in KNOWN[:1])
    (new,) = (evolve(proof, step=renamed(ONE).id) for proof in KNOWN[:1])
    known = {"sample": Evidence("sample", (revoked,))}
    assert merged(now, known, [new], doubted=[revoked])["other"].proofs == (new,)


@pytest.fixture
def guide(tmp_path: Path) -> Guide:
    """A guide whose second chapter is `b`; its two signers are `al` and `bob`."""
    if not shutil.which("ssh-keygen"):
        pytest.skip("needs ssh-keygen")
    made = Guide(tmp_path, making("one"))
    with_chapter(made, "b")
    keys = [make_key(tmp_path, name) for name in ("al", "bob")]
    (made.directory / receipts.SIGNERS).write_text(
        "".join(f"{key.name} {public(key)}" for key in keys)
    )
    assert made.call("run").returncode == 0
    keep(made, "--sign", str(keys[0]))
    return made


def with_chapter(guide: Guide, name: str) -> None:
    """Give the guide the second chapter under that name, or none if it is empty."""
    index = guide.directory / "index.rst"
    text = index.read_text().partition("\n.. toctree::")[0]
    index.write_text(f"{text}\n.. toctree::\n\n   {name}\n" if name else text)
    for path in guide.directory.glob("[bc].rst"):
        path.unlink()
    if name:
        two = making("two").replace("PLACE", str(guide.place))
        (guide.directory / f"{name}.rst").write_text(f"Chapter\n=======\n\n{two}")


def keep(guide: Guide, *options: str) -> str:
    """Keep what the last run has shown; return what is said."""
    done = guide.call("evidence", "--lab", "local", *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_document_with_another_name_keeps_its_badges_receipts_and_recordings(
    guide: Guide,
) -> None:
    """At once on its pages, and from the next evidence on in its own file."""
    (before,) = load(guide.directory, "b").proofs
    with_chapter(guide, "c")
    assert guide.call("verify-evidence", "--require-signed").stdout == "2 proofs signed by al\n"
    assert "removed lab/evidence/b.json" in keep(guide)
    assert load(guide.directory, "c").proofs == (evolve(before, step="c/make-two"),)
    assert load(guide.directory, "b") == Evidence("b")
    verified = guide.call("verify-evidence", "--require-signed")
    assert (verified.returncode, verified.stdout) == (0, "2 proofs signed by al\n")


def test_a_chapter_that_was_away_comes_back_to_its_receipts_and_recordings(
    guide: Guide, tmp_path: Path
) -> None:
    """Whoever ran the rest meanwhile."""
    known = load(guide.directory, "b")
    with_chapter(guide, "")
    assert guide.call("run", "--again").returncode in (0, 4)
    keep(guide, "--sign", str(tmp_path / "bob"))
    with_chapter(guide, "b")
    assert load(guide.directory, "b") == known
    verified = guide.call("verify-evidence", "--require-signed")
    assert (verified.returncode, verified.stderr) == (0, "")
    assert verified.stdout == "1 proof signed by al\n1 proof signed by bob\n"


def test_evidence_of_another_document_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    """No page needs it; what is kept with others is found at once."""
    save(tmp_path, Evidence("sample", KNOWN))
    (tmp_path / "lab/evidence/gone.json").write_text("[")
    (moved,) = into_documents(tmp_path, keys_in("other", renamed(ONE), step("else", "id"))).values()
    assert moved == (evolve(KNOWN[0], step=renamed(ONE).id),)


def test_a_proof_is_found_also_if_another_step_has_its_old_id(tmp_path: Path) -> None:
    """As when a document was renamed, and another written in its place."""
    save(tmp_path, Evidence("sample", KNOWN[:1]))
    chapters = (
        Chapter("other", "A", (renamed(ONE),)),
        Chapter("sample", "B", (step("one", "id"),)),
    )
    keys = ProofKeys(basis_of(Runbook("Guide", chapters), CLUSTER, SharedSource()))
    assert into_documents(tmp_path, keys) == {
        "other": (evolve(KNOWN[0], step=renamed(ONE).id),),
    }
