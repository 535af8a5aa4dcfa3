"""Floods of output are recorded and reported in little space, and nothing of them is read whole."""

from __future__ import annotations

import getpass
import resource
from pathlib import Path

import pytest

from runbook.execution.checks.check import evaluate
from runbook.execution.hosts.host import HostConnection
from runbook.execution.hosts.host_map import HostMap
from runbook.redaction.known import KnownSecrets
from runbook.terminal.asciicast import HEAD, TAIL, printed
from runbook.terminal.connection import LocalConnection
from tests.attack.test_leaker import SECRETS
from tests.support.steps import check

FLOODS = {
    "lines": "yes | head -c 3M",
    "one-line": "head -c 3M /dev/zero | tr '\\0' x",
    "bytes": "head -c 1M /dev/urandom",
    "colours": "yes $'\\e[31mx\\e[0m' | head -c 1M",
    "beginnings": 'yes "it\'s " | head -c 1M',
    "escapes": "yes '%41&amp;\\x41' | tr -d '\\n' | head -c 200K",
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_recorded_in_little_space(name: str, tmp_path: Path) -> None:
    """With secrets to be looked for in it, and one of them after it."""
    known = KnownSecrets(SECRETS.values())
    live = HostConnection(LocalConnection("box"), {}, tmp_path, known=known)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        with live.recorded("page/flood") as recording:
            session = live.session(getpass.getuser())
            command = f"{FLOODS[name]}; stty sane </dev/tty; echo; echo '{SECRETS['words']}' end"
            done = session.run(command, timeout=120)
    finally:
        live.close()
    assert done.status == 0
    text = (tmp_path / recording).read_text(encoding="utf-8")
    # In any bytes there are sequences that hide what follows, or change the characters.
    if name != "bytes":
        assert done.output.endswith("[secret] end\n")
        assert printed(text).rstrip().endswith("[secret] end")
    assert len(done.output) < 3_000_000
    assert len(text) < HEAD + TAIL + 200_000
    assert SECRETS["words"] not in text
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 150_000  # kilobytes


def test_the_explanation_of_a_check_has_bounds(tmp_path: Path) -> None:
    """The journal has it, and every report."""
    (tmp_path / "large").write_text("x" * 3_000_000)
    live = {"box": HostConnection(LocalConnection("box"), {})}
    try:
        source = f'assert False, host.file("{tmp_path}/large").content_string'
        result = evaluate(check(source), HostMap(live), "box")
    finally:
        live["box"].close()
    assert not result.held
    assert 50_000 < len(result.detail) < 110_000
    assert "characters left out" in result.detail
