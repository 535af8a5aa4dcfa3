"""Who lacks the right to make hosts is told a command that can be pasted."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from runbook.labs.privilege import command_as_root


@pytest.fixture(autouse=True)
def _ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user is not root."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


def test_the_command_has_the_whole_path_and_the_same_arguments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Root has another search path, in which there is no virtual environment."""
    monkeypatch.setattr(sys, "argv", ["/home/dora/env/bin/runbook", "run", "my guide"])
    assert command_as_root() == "sudo /home/dora/env/bin/runbook run 'my guide'"


def test_a_command_on_the_users_path_is_found_by_the_users_shell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As in an environment that is activated; also if it is pytest, for its plugin."""
    program = tmp_path / "pytest"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(sys, "argv", [str(program), "guide"])
    assert command_as_root() == 'sudo "$(command -v pytest)" guide'


def test_a_module_is_run_as_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the same Python, which has the packages."""
    monkeypatch.setattr(sys, "executable", "/env/bin/python")
    monkeypatch.setattr(sys, "argv", ["/env/lib/python3/runbook/__main__.py", "lab", "up"])
    assert command_as_root() == "sudo /env/bin/python -m runbook lab up"
