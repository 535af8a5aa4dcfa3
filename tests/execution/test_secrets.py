from __future__ import annotations

from pathlib import Path

import pytest

from runbook.execution.secrets import (
    SecretMissing,
    SecretsUnknown,
    known_since,
    remembered,
    resolve,
    typeable,
)
from runbook.redaction.known import KnownSecrets


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable has the name in capitals."""
    monkeypatch.setenv("RUNBOOK_SECRET_ADMIN_PASSWORD", "p w")

    assert resolve("admin-password") == "p w"


def test_a_secret_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One line break at its end is the editor's, not the secret's."""
    monkeypatch.setenv("RUNBOOK_SECRETS", str(tmp_path))
    (tmp_path / "admin").write_text("p \n")

    assert resolve("admin") == "p "
    with pytest.raises(SecretMissing, match=r"RUNBOOK_SECRET_OTHER is not set, and .*No such file"):
        resolve("other")
    with pytest.raises(SecretMissing, match="no name of a file"):
        resolve("../admin")


def test_a_missing_secret_says_how_to_give_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways are named."""
    monkeypatch.delenv("RUNBOOK_SECRETS", raising=False)

    with pytest.raises(SecretMissing, match=r"set RUNBOOK_SECRET_ROOT, .* RUNBOOK_SECRETS"):
        resolve("root")


def test_a_throwaway_labs_missing_secret_is_made_up_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It stays the same, nobody else reads it, and what was given goes before it."""
    monkeypatch.delenv("RUNBOOK_SECRETS", raising=False)
    monkeypatch.setenv("RUNBOOK_SECRETS_THROWAWAY", str(tmp_path / "secrets"))

    made = resolve("admin")

    assert len(made) >= 12
    assert resolve("admin") == made
    assert (tmp_path / "secrets" / "admin").stat().st_mode & 0o777 == 0o600
    assert resolve("other") != made
    with pytest.raises(SecretMissing, match="no name of a file"):
        resolve("../admin")
    monkeypatch.setenv("RUNBOOK_SECRET_ADMIN", "given")
    assert resolve("admin") == "given"


def test_what_a_run_knew_is_known_to_later_ones(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also if they are not given it any more; the file is its owner's, and shows no value."""
    path = tmp_path / "build" / ".known-secrets"
    monkeypatch.setenv("RUNBOOK_SECRET_ADMIN", "from-the-environment")
    first = remembered(path)
    first.add("typed \udcff later")
    monkeypatch.delenv("RUNBOOK_SECRET_ADMIN")

    again = remembered(path)
    assert again.values == ("from-the-environment", "typed \udcff later")
    assert again.redact("it is from-the-environment.") == "it is [secret]."
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert not known_secrets_in(path)
    assert known_since(path)


def known_secrets_in(path: Path) -> bool:
    """Whether the file shows one of the secrets of the test, in any form."""
    return KnownSecrets(["from-the-environment", "typed \udcff later"]).appear_in(path.read_bytes())


def test_what_cannot_be_kept_out_of_results_stops_a_run(tmp_path: Path) -> None:
    """A damaged file would let secrets of earlier runs through."""
    path = tmp_path / ".known-secrets"
    path.write_text('{"since": "now"}\nnonsense\n')
    with pytest.raises(SecretsUnknown, match="secrets of earlier runs cannot be read"):
        remembered(path)
    assert known_since(tmp_path / "none") == ""


@pytest.mark.parametrize(
    ("value", "why"), [("one\ntwo", "has 2 lines"), ("a\x03b", r"the control character U\+0003")]
)
def test_a_secret_that_would_be_typed_in_part_is_not_typed(
    monkeypatch: pytest.MonkeyPatch, value: str, why: str
) -> None:
    """A program takes a line break for the end of its answer."""
    monkeypatch.setenv("RUNBOOK_SECRET_KEY", value)
    assert resolve("key") == value
    with pytest.raises(SecretMissing, match=why):
        typeable("key", resolve("key"))
