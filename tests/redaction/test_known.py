"""What is known of the secrets of a run, by whatever thread."""

from __future__ import annotations

import pytest

from runbook.redaction import known as known_module
from runbook.redaction.forms import Form, forms
from runbook.redaction.known import KnownSecrets


@pytest.mark.timeout(10)
def test_what_is_collected_meanwhile_may_ask_for_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """An object of a check's code does so when it ends, in the middle of anything."""
    known = KnownSecrets(["CorrectHorse77"])

    def collecting(secret: str) -> frozenset[Form]:
        assert not known.add("CorrectHorse77")
        if secret != "another-secret-42":
            known.add("another-secret-42")
        return forms(secret)

    monkeypatch.setattr(known_module, "forms", collecting)
    assert known.add("a-third-secret")
    assert known.values == ("CorrectHorse77", "another-secret-42", "a-third-secret")
