from __future__ import annotations

from pathlib import Path

import pytest

from runbook.secrets import SecretMissing, resolve


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
