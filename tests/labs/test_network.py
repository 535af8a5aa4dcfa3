"""What a lab's network says when a command in a host's namespace fails."""

from __future__ import annotations

import os

import pytest

from runbook.labs.container import network
from runbook.labs.protocol import LabError
from tests.support.needs import lacking_for_labs

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-"),
]


def test_a_command_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """As is one that fails; the program that entered the namespace is of no interest."""
    monkeypatch.setattr(network, "_TIMEOUT", 0.2)
    with pytest.raises(LabError, match=r"^sleep: no answer in 0.2 s$"):
        network.run_in_namespace(os.getpid(), ["sleep", "60"])
    with pytest.raises(LabError, match=r"^ip: .*nothing-here"):
        network.run_in_namespace(os.getpid(), ["ip", "link", "show", "nothing-here"])
