"""How a session ends: its host is lost, its shell is not there, or all went well."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from runbook.execution.sessions.session import Session
from runbook.terminal import bash
from runbook.terminal.connection import LocalConnection
from runbook.terminal.faults import HostLost
from runbook.terminal.pty import Terminal
from tests.support.transports import relayed


def test_a_lost_host_is_told_from_a_command_that_ends_its_shell(tmp_path: Path) -> None:
    """The connection dies in the middle of a command, and no new one can be made."""
    gate = tmp_path / "gate"
    gate.touch()
    with Session.open(relayed([*bash.SHELL], gate), host="box") as session:
        pid = session.pid

        def lose() -> None:
            gate.unlink()
            os.kill(pid, signal.SIGKILL)

        thread = threading.Timer(0.3, lose)
        thread.start()
        with pytest.raises(HostLost, match="box: the connection or the host is gone"):
            session.run("sleep 60", timeout=60)
        thread.join()
        assert not session.alive


def test_a_silent_host_that_cannot_be_reached_is_lost(tmp_path: Path) -> None:
    """A stopped relay passes nothing on: the command's time runs out, then the host is asked."""
    gate = tmp_path / "gate"
    gate.touch()
    with Session.open(relayed([*bash.SHELL], gate), host="box") as session:
        os.kill(session.pid, signal.SIGSTOP)
        gate.unlink()
        with pytest.raises(HostLost, match="no longer responds"):
            session.run("true", timeout=0.5)


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["/nonexistent/shell"], "cannot be started"),
        (["bash", "-c", "echo no such container; exit 125"], "exit status 125.*no such container"),
        (["sleep", "60"], "did not answer in time"),
    ],
)
def test_a_shell_that_is_not_there_is_a_lost_host(argv: list[str], why: str) -> None:
    """The message says what the connecting program said."""
    with pytest.raises(HostLost, match=f"(?s)box: .*{why}"):
        Session.open(argv, host="box", timeout=1)


def test_nothing_is_left_behind() -> None:
    """A closed session has no process and no open file any more."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    with Session.open(LocalConnection("box").shell("root"), host="box") as session:
        pid = session.pid
        session.run("true", timeout=5)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert subprocess.run(["ps", "-p", str(pid)], capture_output=True).returncode == 1


def test_the_recording_has_what_was_typed_and_printed() -> None:
    """A terminal that plays it shows the command and its output, and none of our marks."""
    sink = io.BytesIO()
    with Session.open(list(bash.SHELL), host="box", sink=sink) as session:
        began = len(sink.getvalue())
        session.run("printf '\\033[1mx\\033[0m\\ny\\n'", timeout=5)
        assert sink.getvalue()[began:] == (
            b"$ printf '\\033[1mx\\033[0m\\ny\\n'\r\n\x1b[1mx\x1b[0m\r\ny\r\n"
        )


def test_a_program_that_takes_its_time_to_die_is_waited_for() -> None:
    """Giving back its memory takes a killed program longer than the terminal's library waits."""
    filling = "import signal, time; signal.signal(1, signal.SIG_IGN); x = b'x' * (1 << 30)"
    large = Terminal([sys.executable, "-c", f"{filling}; print('full'); time.sleep(60)"], host="a")
    seen = b""
    while b"full" not in seen:
        seen += large.receive(time.monotonic() + 60) or b""
    large.close()
    assert not Path(f"/proc/{large.pid}").exists()
