"""Who lacks the right to make hosts is told a command that can be pasted."""

from __future__ import annotations

import sys

import pytest

from runbook.labs.privilege import command_as_root


def test_the_command_has_the_whole_path_and_the_same_arguments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Root has another search path, in which there is no virtual environment."""
    monkeypatch.setattr(sys, "argv", ["/home/dora/env/bin/runbook", "run", "my guide"])
    assert command_as_root() == "sudo /home/dora/env/bin/runbook run 'my guide'"


def test_a_module_is_run_as_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the same Python, which has the packages."""
    monkeypatch.setattr(sys, "executable", "/env/bin/python")
    monkeypatch.setattr(sys, "argv", ["/env/lib/python3/runbook/__main__.py", "lab", "up"])
    assert command_as_root() == "sudo /env/bin/python -m runbook lab up"
