"""The helper that ends what a killed run has left on a host."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.terminal.scope import Watcher


def test_it_is_given_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment can be read for as long as the run goes on."""
    monkeypatch.setenv("RUNBOOK_SECRET_ADMIN", "CorrectHorse77")
    shown = tmp_path / "environment"
    watcher = Watcher(["sh", "-c", f"cat /proc/self/environ >{shown}; cat >/dev/null"], "lab.run")
    watcher.close()
    assert b"PATH=" in shown.read_bytes()
    assert b"CorrectHorse77" not in shown.read_bytes()
