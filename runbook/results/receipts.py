"""Receipts: who ran what an evidence says, under a signature that anybody can verify.

A receipt is an in-toto statement about steps and their keys, in a DSSE envelope that is signed with
an SSH key. Whom a guide believes stands in the file `lab/allowed_signers`, in the form that
`ssh-keygen` reads; keys that it believes no more in `lab/revoked_keys`.

Formats: in-toto Statement v1, https://github.com/in-toto/attestation; DSSE v1,
https://github.com/secure-systems-lab/dsse; SSHSIG and the two files, see ssh-keygen(1).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from attrs import evolve, frozen

from runbook.errors import RunbookError
from runbook.model import codec
from runbook.results import artefact, ssh_signature
from runbook.results.basis import ProofKeys
from runbook.results.evidence import Proof, is_of, refused

PLACE: Final = Path("lab/receipts")
"""Where a guide keeps its receipts, relative to the directory of its conf.py."""

SIGNERS: Final = Path("lab/allowed_signers")
"""Whose receipts count: names and their public keys, one a line."""

REVOKED: Final = Path("lab/revoked_keys")
"""Keys whose receipts count no more: public keys, one a line, or a list of ssh-keygen's."""

NAMESPACE: Final = "sphinx-runbook-evidence"
"""For what a signature was made, so that none that was made for something else counts."""

_PAYLOAD: Final = "application/vnd.in-toto+json"
_STATEMENT: Final = "https://in-toto.io/Statement/v1"
_PREDICATE: Final = "urn:sphinx-runbook:evidence:1"


class ReceiptError(RunbookError):
    """A receipt cannot be made, read or believed; the message says why."""


@frozen
class Receipt:
    """What somebody has signed: that these `proofs` are of runs of theirs.

    `name` is the digest of the statement and its signature. `signer` is the name that the guide
    knows them by.
    """

    name: str
    signer: str
    proofs: tuple[Proof, ...]

    def vouches_for(self, proof: Proof, keys: ProofKeys | None = None) -> bool:
        """Return whether `proof` says what was signed.

        With `keys` of the guide as it is, a step may have got another title since, and with it
        another id, as long as the key is still that of the step.
        """
        said = [_signed_part(one) for one in self.proofs]
        told = _signed_part(proof)
        if told in said:
            return True
        renamed = keys is not None and is_of(proof, keys)
        return renamed and told | {"step": ""} in [one | {"step": ""} for one in said]


def sign(proofs: Iterable[Proof], key: Path) -> str:
    """Return a receipt for `proofs`, signed with the private SSH `key`, as JSON text.

    `key` may be a public key whose private one an agent holds. A passphrase is asked for on
    the terminal.

    Raises:
        ReceiptError: the key cannot be used.

    """
    payload = _statement(proofs)
    argv = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", NAMESPACE]
    armoured = _ssh_keygen(argv, _to_sign(payload), f"{key}: it cannot sign").decode("ascii")
    signature = ssh_signature.bare(armoured)
    envelope = {
        "payloadType": _PAYLOAD,
        "payload": base64.b64encode(payload).decode("ascii"),
        "signatures": [{"sig": signature}],
    }
    return json.dumps(envelope, indent=2) + "\n"


def verify(text: str, guide: Path) -> Receipt:
    """Return the receipt that JSON `text` describes, if the guide believes its signer.

    Raises:
        ReceiptError: it is no receipt, was altered, or its signer is unknown or believed no more.

    """
    payload, signature = _opened(text)
    proofs = _proofs(payload)
    if (public := ssh_signature.public_key(signature)) is None:
        raise ReceiptError("it is no receipt: its signature is none of an SSH key")
    signers = guide / SIGNERS
    if not signers.exists():
        raise ReceiptError(f"{SIGNERS}: it is not there, so the guide believes nobody")
    with tempfile.TemporaryDirectory() as directory:
        armoured = Path(directory) / "signature"
        armoured.write_text(signature)
        argv = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-s", str(armoured)]
        argv += ["-n", NAMESPACE, *_revoking(guide / REVOKED)]
        refusal: ReceiptError | None = None
        for signer in _names(signers, armoured, public):
            try:
                _ssh_keygen([*argv, "-I", signer], _to_sign(payload), "its signature does not hold")
            except ReceiptError as error:
                refusal = refusal or error
            else:
                return Receipt(_name(payload, signature), signer, proofs)
    raise refusal or ReceiptError(f"its signer is not in {SIGNERS}")


def _names(signers: Path, armoured: Path, key: bytes) -> list[str]:
    """Return the names that the signers' file has for the key of a signature, patterns last.

    A key may be there more than once, as for what each line allows. `ssh-keygen` tells the names of
    the first line only, so it is asked about each; that of a certificate authority has another key.
    """
    try:
        lines = signers.read_bytes().splitlines()
    except OSError as error:
        raise ReceiptError(f"{SIGNERS}: it cannot be read: {error.strerror}") from error
    found: dict[str, None] = {}
    refusal: ReceiptError | None = None
    for line in (one for one in lines if key in one or b"cert-authority" in one.lower()):
        alone = armoured.with_name("signer")
        alone.write_bytes(line + b"\n")
        argv = ["ssh-keygen", "-Y", "find-principals", "-f", str(alone), "-s", str(armoured)]
        try:
            told = _ssh_keygen(argv, b"", f"its signer is not in {SIGNERS}")
        except ReceiptError as error:
            refusal = refusal or error
            continue
        # A name may have a blank; each list of them is on a line of its own.
        names = (name for names in told.decode().splitlines() for name in names.split(","))
        found |= dict.fromkeys(name for name in names if name and not name.startswith("!"))
    if not found and refusal:
        raise refusal
    return sorted(found, key=lambda name: "*" in name or "?" in name)


def _revoking(revoked: Path) -> list[str]:
    """Return the options that name the keys that count no more; none without a list of them."""
    try:
        revoked.lstat()
    except FileNotFoundError:
        return []
    if not revoked.is_file():
        # Such as a link to a file that is gone: nobody knows which keys it had.
        raise ReceiptError(f"{REVOKED}: it is there, and is no file")
    return ["-r", str(revoked)]


def _name(payload: bytes, signature: str = "") -> str:
    return hashlib.sha256(payload + signature.encode()).hexdigest()


def load(guide: Path, name: str) -> Receipt:
    """Return the receipt that is kept under `name`.

    Raises:
        ReceiptError: it is not there, is another one, or is not believed.

    """
    path = path_of(guide, name)
    where = path.relative_to(guide)
    if not path.exists():
        raise ReceiptError(f"{where}: it is not there")
    try:
        text = artefact.read(path)
        receipt = verify(text, guide)
    except ReceiptError as error:
        raise ReceiptError(f"{where}: {error}") from error
    # Older ones have the name of their statement alone.
    if name not in (receipt.name, _name(_opened(text)[0])):
        raise ReceiptError(f"{where}: it was altered, or is another one")
    return receipt


def save(guide: Path, text: str) -> str:
    """Write a receipt that was verified, and return the name that it is kept under."""
    name = _name(*_opened(text))
    artefact.write(path_of(guide, name), text, public=True)
    return name


def path_of(guide: Path, name: str) -> Path:
    """Return where the receipt of that name is kept.

    Raises:
        ArtefactError: it is no name of a receipt, and leads elsewhere.

    """
    return artefact.below(guide / PLACE, f"{name[:16]}.json")


def _statement(proofs: Iterable[Proof]) -> bytes:
    told = [_signed_part(proof) for proof in proofs]
    subjects = [
        {"name": f"{one['step']}@{one['platform']}{suffix}", "digest": {algorithm: one[digest]}}
        for one in told
        for suffix, algorithm, digest in (
            ("", "runbookKey", "key"),
            (".cast", "sha256", "recording_digest"),
        )
        if digest in one
    ]
    statement = {
        "_type": _STATEMENT,
        "subject": subjects,
        "predicateType": _PREDICATE,
        "predicate": {"proofs": told},
    }
    return json.dumps(statement, ensure_ascii=False).encode()


def _signed_part(proof: Proof) -> dict[str, Any]:
    """Return what is signed of a proof: all but what only this guide knows."""
    plain: dict[str, Any] = codec.unstructure(evolve(proof, recording="", receipt=""))
    return plain


def _to_sign(payload: bytes) -> bytes:
    """Return DSSE's pre-authentication encoding of the payload."""
    type_ = _PAYLOAD.encode()
    return b"DSSEv1 %d %b %d %b" % (len(type_), type_, len(payload), payload)


def _opened(text: str) -> tuple[bytes, str]:
    """Return the payload of an envelope, and its signature as ssh-keygen reads it."""
    try:
        envelope = codec.parsed(text)
        kind, (one,) = envelope["payloadType"], envelope["signatures"]
        payload = base64.b64decode(envelope["payload"], validate=True)
        signature = base64.b64decode(one["sig"], validate=True)
    except (codec.CodecError, ValueError, KeyError, TypeError, binascii.Error) as error:
        raise ReceiptError("it is no receipt: no DSSE envelope with one signature") from error
    if kind != _PAYLOAD:
        raise ReceiptError(f"it is no receipt: it holds {kind!r}, not {_PAYLOAD!r}")
    return payload, ssh_signature.armoured(signature)


def _proofs(payload: bytes) -> tuple[Proof, ...]:
    try:
        statement = codec.parsed(payload)
        types = (statement["_type"], statement["predicateType"])
        told = statement["predicate"]["proofs"]
    except (codec.CodecError, KeyError, TypeError) as error:
        raise ReceiptError("it is no receipt: no in-toto statement") from error
    if types != (_STATEMENT, _PREDICATE):
        raise ReceiptError(f"it is no receipt: its statement is of {types[0]!r} and {types[1]!r}")
    try:
        proofs = codec.structure(told, tuple[Proof, ...])
    except codec.CodecError as error:
        raise ReceiptError(f"it is no receipt of this version: {error}") from error
    if why := next(filter(None, map(refused, proofs)), ""):
        raise ReceiptError(f"it is no receipt of a run: {why}")
    return proofs


def _ssh_keygen(argv: list[str], given: bytes, trouble: str) -> bytes:
    try:
        done = subprocess.run(argv, input=given, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise ReceiptError(
            "ssh-keygen is not installed; Debian has it in openssh-client"
        ) from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise ReceiptError(f"{trouble}{': ' + said[-1] if said else ''}")
    return done.stdout
