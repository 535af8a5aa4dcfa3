"""Whom a guide believes stands in a file of `ssh-keygen`'s, which may name a key more than once."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import pytest

from runbook.results import receipts
from runbook.results.receipts import ReceiptError
from tests.results.test_receipts import PROOF, make_key, public

pytestmark = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs ssh-keygen")

OURS = f'namespaces="{receipts.NAMESPACE}"'


def signed(directory: Path, *lines: str) -> str:
    """Write lines of names and options, each with the same key, and return its receipt."""
    key = make_key(directory, "alice")
    (directory / "lab").mkdir()
    text = "".join(f"{line} {public(key)}" for line in lines)
    (directory / receipts.SIGNERS).write_text(text)
    return receipts.sign([PROOF], key)


@pytest.mark.parametrize(
    ("lines", "signer"),
    [
        (['alice@git namespaces="git"', f"alice@example.com {OURS}"], "alice@example.com"),
        (['alice@example.com namespaces="git"', f"alice@example.com {OURS}"], "alice@example.com"),
        (['old valid-before="20200101"', f"alice@example.com {OURS}"], "alice@example.com"),
        (["!eve@example.com,*@example.com", "alice@example.com"], "alice@example.com"),
        (["*@example.com,alice"], "alice"),
        (["!eve@example.com,*@example.com"], "*@example.com"),
        (["# alice"], None),
        (['alice namespaces="git"', 'alice valid-before="20200101"'], None),
    ],
)
def test_the_first_name_that_allows_it_is_that_of_the_signer(
    tmp_path: Path, lines: list[str], signer: str | None
) -> None:
    """A pattern is one only if there is nothing else; what is excluded never."""
    text = signed(tmp_path, *lines)
    if signer is not None:
        assert receipts.verify(text, tmp_path).signer == signer
        return
    with pytest.raises(ReceiptError, match="its sign"):
        receipts.verify(text, tmp_path)


def test_a_revoked_key_is_not_believed_under_any_of_its_names(tmp_path: Path) -> None:
    """`ssh-keygen` decides."""
    text = signed(tmp_path, f"one {OURS}", f"two {OURS}")
    (tmp_path / receipts.REVOKED).write_text(public(tmp_path / "alice"))
    with pytest.raises(ReceiptError, match="its signature does not hold"):
        receipts.verify(text, tmp_path)


@pytest.mark.parametrize(
    ("part", "content", "why"),
    [
        ("payload", b"[" * 100_000, "it is no receipt: no in-toto statement"),
        ("sig", b"no signature", "it is no receipt: its signature is none of an SSH key"),
    ],
)
def test_a_receipt_with_something_else_in_it_is_none(
    tmp_path: Path, part: str, content: bytes, why: str
) -> None:
    """It is told of its file."""
    envelope = json.loads(signed(tmp_path, "alice"))
    inner = envelope if part == "payload" else envelope["signatures"][0]
    inner[part] = base64.b64encode(content).decode()
    path = receipts.path_of(tmp_path, "0" * 64)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(envelope))
    with pytest.raises(ReceiptError, match=f"lab/receipts/0{{16}}.json: {why}"):
        receipts.load(tmp_path, "0" * 64)
