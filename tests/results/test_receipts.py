"""A receipt says whose run it was, and nobody else can say so in their name."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from attrs import evolve

from runbook.results import Verdict, receipts
from runbook.results.believed import believed
from runbook.results.evidence import Evidence, Proof, load
from runbook.results.receipts import ReceiptError
from tests.support.guides import Guide, making
from tests.support.proofs import keys_of, proofs
from tests.support.steps import step

pytestmark = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs ssh-keygen")

ONE, TWO = step("one", "true"), step("two", "uptime")
PROOF = Proof(
    "index/make-one", "el9", Verdict.PROVEN, "key", "2026-03-01T12:00:00+00:00", hosts=("box",)
)


def make_key(directory: Path, name: str) -> Path:
    """Make an SSH key, and return its file."""
    path = directory / name
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)]
    subprocess.run(argv, check=True)
    return path


def public(key: Path) -> str:
    """Return the public part of a key."""
    return key.with_suffix(".pub").read_text()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A key of Alice's, whom the guide believes."""
    made = make_key(tmp_path, "alice")
    (tmp_path / "lab").mkdir()
    (tmp_path / receipts.SIGNERS).write_text(f"alice@example.com {public(made)}")
    return made


def altered(text: str, old: str, new: str) -> str:
    """Return a receipt whose statement says something else."""
    envelope = json.loads(text)
    payload = base64.b64decode(envelope["payload"]).decode()
    assert old in payload
    envelope["payload"] = base64.b64encode(payload.replace(old, new).encode()).decode()
    return json.dumps(envelope)


def test_what_was_signed_is_believed(tmp_path: Path, key: Path) -> None:
    """With the name that the guide has for the signer, and word for word."""
    receipt = receipts.verify(receipts.sign([PROOF], key), tmp_path)
    assert receipt.signer == "alice@example.com"
    assert receipt.proofs == (PROOF,)
    assert receipt.vouches_for(evolve(PROOF, recording="kept.cast", receipt="its name"))
    assert not receipt.vouches_for(evolve(PROOF, verdict=Verdict.PASSED))
    assert not receipt.vouches_for(evolve(PROOF, platform="el8"))


def test_a_receipt_is_an_in_toto_statement_in_an_envelope(key: Path) -> None:
    """Other programs can read it."""
    envelope = json.loads(receipts.sign([PROOF], key))
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    statement = json.loads(base64.b64decode(envelope["payload"]))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    (subject,) = statement["subject"]
    assert subject == {"name": "index/make-one@el9", "digest": {"runbookKey": "key"}}
    assert statement["predicate"]["proofs"][0]["verdict"] == "proven"


def test_a_receipt_is_about_recordings_as_well(tmp_path: Path, key: Path) -> None:
    """Under their SHA-256, as other programs know it; a proof with another one is another proof."""
    digest = hashlib.sha256(b"a recording").hexdigest()
    recorded = evolve(PROOF, recording="kept.cast", recording_digest=digest)
    text = receipts.sign([recorded], key)
    statement = json.loads(base64.b64decode(json.loads(text)["payload"]))
    assert statement["subject"][1] == {
        "name": "index/make-one@el9.cast",
        "digest": {"sha256": digest},
    }
    receipt = receipts.verify(text, tmp_path)
    assert receipt.vouches_for(recorded)
    assert not receipt.vouches_for(evolve(recorded, recording_digest="0" * 64))
    assert not receipt.vouches_for(evolve(recorded, recording_digest=""))


@pytest.mark.parametrize(
    ("old", "new"), [("proven", "passed"), ("el9", "el8"), ("index/make-one", "index/make-two")]
)
def test_what_was_altered_is_not_believed(tmp_path: Path, key: Path, old: str, new: str) -> None:
    """Whatever it says now."""
    text = altered(receipts.sign([PROOF], key), old, new)
    with pytest.raises(ReceiptError, match="its signature does not hold"):
        receipts.verify(text, tmp_path)


def test_a_stranger_is_not_believed(tmp_path: Path, key: Path) -> None:
    """Nor anybody, if the guide names nobody."""
    text = receipts.sign([PROOF], make_key(tmp_path, "mallory"))
    with pytest.raises(ReceiptError, match="its signer is not in lab/allowed_signers"):
        receipts.verify(text, tmp_path)
    (tmp_path / receipts.SIGNERS).unlink()
    with pytest.raises(ReceiptError, match="believes nobody"):
        receipts.verify(receipts.sign([PROOF], key), tmp_path)


def test_a_key_that_was_revoked_is_believed_no_more(tmp_path: Path, key: Path) -> None:
    """The receipt is still there, and its proofs are not shown."""
    name = receipts.save(tmp_path, receipts.sign([PROOF], key))
    evidence = Evidence("index", (evolve(PROOF, receipt=name),))
    before = believed(tmp_path, evidence)
    assert before.evidence == evidence
    assert before.signers == {name: "alice@example.com"}
    (tmp_path / receipts.REVOKED).write_text(public(key))
    after = believed(tmp_path, evidence)
    assert after.evidence.proofs == ()
    (trouble,) = after.troubles
    assert trouble.startswith(f"lab/receipts/{name[:16]}.json: its signature does not hold")


def test_a_signature_for_something_else_is_none(tmp_path: Path, key: Path) -> None:
    """Such as one of a commit or of a mail."""
    envelope = json.loads(receipts.sign([PROOF], key))
    payload = base64.b64decode(envelope["payload"])
    signed = b"DSSEv1 28 application/vnd.in-toto+json %d %b" % (len(payload), payload)
    argv = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", "git"]
    done = subprocess.run(argv, input=signed, capture_output=True, check=True)
    armour = done.stdout.decode().strip().split("\n")
    envelope["signatures"] = [{"sig": "".join(armour[1:-1])}]
    with pytest.raises(ReceiptError, match="its signature does not hold"):
        receipts.verify(json.dumps(envelope), tmp_path)


def test_a_proof_that_its_receipt_does_not_say_is_not_shown(tmp_path: Path, key: Path) -> None:
    """Somebody has written another one beside it."""
    name = receipts.save(tmp_path, receipts.sign([PROOF], key))
    forged = evolve(PROOF, step="index/make-two", receipt=name)
    lost = evolve(PROOF, receipt="0" * 64)
    found = believed(tmp_path, Evidence("index", (forged, lost)))
    assert found.evidence.proofs == ()
    assert any("index/make-two on el9" in trouble for trouble in found.troubles)
    assert any("it is not there" in trouble for trouble in found.troubles)


def test_a_step_that_got_another_title_keeps_its_receipt(tmp_path: Path, key: Path) -> None:
    """Its id follows from its title; the id of a step with another content nobody may claim."""
    (signed,) = proofs([ONE], keys_of(ONE, TWO)).proofs
    renamed = evolve(ONE, id="sample/else", title="Else")
    now = keys_of(renamed, TWO)
    name = receipts.save(tmp_path, receipts.sign([signed], key))
    told = evolve(signed, receipt=name, step=renamed.id)
    forged = evolve(signed, receipt=name, step=TWO.id)
    found = believed(tmp_path, Evidence("index", (told, forged)), now)
    assert found.evidence.proofs == (told,)
    assert found.doubted == (forged,)


def test_two_who_sign_the_same_have_a_receipt_each(tmp_path: Path, key: Path) -> None:
    """Neither is lost; one that has the name of its statement alone is still found."""
    other = make_key(tmp_path, "bob")
    with (tmp_path / receipts.SIGNERS).open("a") as signers:
        signers.write(f"bob@example.com {public(other)}")
    text = receipts.sign([PROOF], key)
    names = [receipts.save(tmp_path, one) for one in (text, receipts.sign([PROOF], other))]
    found = [receipts.load(tmp_path, name).signer for name in names]
    assert found == ["alice@example.com", "bob@example.com"]
    old = hashlib.sha256(base64.b64decode(json.loads(text)["payload"])).hexdigest()
    receipts.path_of(tmp_path, old).write_text(text)
    assert receipts.load(tmp_path, old).signer == "alice@example.com"


def test_a_signer_may_have_a_blank_in_the_name(tmp_path: Path, key: Path) -> None:
    """As `ssh-keygen` allows, between quotation marks."""
    (tmp_path / receipts.SIGNERS).write_text(f'"Alice Smith" {public(key)}')
    assert receipts.verify(receipts.sign([PROOF], key), tmp_path).signer == "Alice Smith"


def test_a_list_of_revoked_keys_that_cannot_be_read_is_no_empty_one(
    tmp_path: Path, key: Path
) -> None:
    """It may be a link to a file that was not checked out."""
    (tmp_path / receipts.REVOKED).symlink_to("nowhere")
    with pytest.raises(ReceiptError, match="lab/revoked_keys: it is there, and is no file"):
        receipts.verify(receipts.sign([PROOF], key), tmp_path)


def test_a_name_that_leads_elsewhere_is_that_of_no_receipt(tmp_path: Path, key: Path) -> None:
    """It is told as any other that is not there."""
    assert key.exists()
    proof = evolve(PROOF, receipt="../x")
    found = believed(tmp_path, Evidence("index", (proof,)))
    assert found.doubted == (proof,)
    assert "cannot be the name of a file" in found.troubles[0]


def test_what_no_run_can_have_shown_is_no_receipt(tmp_path: Path, key: Path) -> None:
    """Whoever has signed it."""
    text = receipts.sign([evolve(PROOF, platform="el9 by bob")], key)
    with pytest.raises(ReceiptError, match="'el9 by bob' is no platform"):
        receipts.verify(text, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1]",
        "[" * 100_000,
        '{"payloadType": 1, "payload": "", "signatures": [{"sig": "!"}]}',
    ],
)
def test_what_is_no_receipt_is_refused_with_a_reason(tmp_path: Path, key: Path, text: str) -> None:
    """It may be any file."""
    assert key.exists()
    with pytest.raises(ReceiptError, match="it is no receipt"):
        receipts.verify(text, tmp_path)


def test_a_run_on_somebody_elses_machines_is_taken_in_as_theirs(tmp_path: Path) -> None:
    """They sign it, send the receipt, and the guide of the maintainers shows whose it was."""
    theirs, ours = (Guide(tmp_path / name, making("one")) for name in ("theirs", "ours"))
    for guide in (theirs, ours):  # the same text, whatever directory the tests have
        text = making("one").replace("PLACE", str(theirs.place))
        (guide.directory / "index.rst").write_text(f"Sample\n======\n\n{text}")
    key = make_key(tmp_path, "alice")
    assert theirs.call("run").returncode == 0
    signed = theirs.call("evidence", "--lab", "local", "--sign", str(key))
    assert signed.returncode == 0, signed.stderr
    (receipt,) = (theirs.directory / receipts.PLACE).iterdir()
    refused = ours.call("evidence", "--take", str(receipt))
    assert refused.returncode == 3
    assert "so the guide believes nobody" in refused.stderr
    signers = ours.directory / receipts.SIGNERS
    signers.write_text(f"alice@example.com {public(key)}")
    taken = ours.call("evidence", "--take", str(receipt))
    assert "1 proof by alice@example.com taken, 1 of the guide as it is; 0 left out" in taken.stdout
    (proof,) = load(ours.directory, "index").proofs
    assert proof.verdict is Verdict.PROVEN
    verified = ours.call("verify-evidence", "--require-signed")
    assert (verified.returncode, verified.stdout) == (0, "1 proof signed by alice@example.com\n")
    path = ours.directory / "lab/evidence/index.json"
    assert not (ours.directory / "lab/evidence/recordings").exists()
    given = shutil.copytree(theirs.directory / "lab/evidence/recordings", tmp_path / "given")
    again = ours.call("evidence", "--take", str(receipt), "--recordings", str(given))
    assert "1 recording taken" in again.stdout
    (recording,) = (ours.directory / "lab/evidence/recordings").rglob("*.cast")
    recording.write_text(recording.read_text() + '[9.0, "o", "all is well"]\n')
    altered = ours.call("verify-evidence")
    assert altered.returncode == 1
    assert "it is not the recording that the run made" in altered.stderr
    recording.unlink()
    lost = ours.call("verify-evidence")
    assert lost.returncode == 1
    assert ".cast: it is not there" in lost.stderr
    (sent,) = given.rglob("*.cast")
    sent.write_text(sent.read_text() + "\n")
    other = ours.call("evidence", "--take", str(receipt), "--recordings", str(given))
    assert "0 recordings taken" in other.stdout
    assert ours.call("verify-evidence").returncode == 0
    path.write_text(path.read_text().replace('"debian12"', '"el9"'))
    forged = ours.call("verify-evidence")
    assert forged.returncode == 1
    assert "index/make-one on el9" in forged.stderr
