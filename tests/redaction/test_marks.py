"""A secret is masked in a difference, whatever marks its lines have."""

from __future__ import annotations

import base64

import pytest

from runbook.execution.texts.diff import difference, redacted_difference
from runbook.execution.texts.expect import mismatch
from runbook.redaction.known import KnownSecrets
from tests.support.secret_search import masked

SECRET = "Zq7-hunter.Kx9!wombat~42vV-9kLmPq"  # of this test
LINES = base64.encodebytes(b"padding-" * 5 + SECRET.encode()).decode().splitlines()
SHORT = "ab12\ncd34x\nef56\ngh78y\n-----"
BOTH = f"{LINES[0]}\n{LINES[1]}\n"

TEXTS = {
    "expected": mismatch("x\n", BOTH) or "",
    "not expected": mismatch(BOTH, "x\n") or "",
    "with other lines between": f"- other\n+ {LINES[0]}\n?   ^\n- more\n+ {LINES[1]}\n",
    "of which one is the same": f"  {LINES[0]}\n- x\n? +\n+ {LINES[1]}\n",
    "of a file": difference("x\n", BOTH, "web:/x"),
    "of a file that lost it": difference(BOTH, "x\n", "web:/x"),
    "of diff": f"1,2c1\n< {LINES[0]}\n< {LINES[1]}\n---\n> x\n",
    "quoted": f"> {LINES[0]}\n> {LINES[1]}\n",
    "in colour": f"\x1b[31m-{LINES[0]}\x1b[m\n\x1b[31m-{LINES[1]}\x1b[m\n",
    "as lists": f"- 'y',\n+ {LINES[0]!r},\n- 'x',\n+ {LINES[1]!r},\n",
}


@pytest.mark.parametrize("what", TEXTS)
def test_a_secret_that_is_wrapped_is_masked(what: str) -> None:
    """Also as its bytes come."""
    for shown in masked(TEXTS[what], SECRET):
        assert "[secret]" in shown
        assert LINES[0][-8:] not in shown
        assert LINES[1][:8] not in shown


def test_a_list_of_files_is_left_as_it_is() -> None:
    """Its lines begin with a mark as well."""
    text = "total 8\n-rw-r--r-- 1 root root 9 a\n-rwxr-x--- 1 root root 9 b\n- one\n+ two\n"
    assert KnownSecrets([SECRET]).redact(text) == text


def test_a_difference_of_texts_is_one_without_their_secrets() -> None:
    """Of lines that are short, none is searched for by itself."""
    redact = KnownSecrets([SHORT, SECRET]).redact
    assert redacted_difference("a\n", "a\n", "web:/x", redact) == difference("a\n", "a\n", "web:/x")
    shown = redacted_difference(f"a\n{SHORT}\nb\n", f"a\n{SHORT}\nc\n", "web:/x", redact)
    assert shown == "--- the guide\n+++ web:/x\n@@ -1,3 +1,3 @@\n a\n [secret]\n-b\n+c"
    shown = redacted_difference(f"a\n{SHORT}\n", f"a\n{SECRET}\n", "web:/x", redact)
    assert shown == "--- the guide\n+++ web:/x\n[a secret in it differs]"
