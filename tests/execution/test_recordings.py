"""Every step leaves a recording of what an operator would have seen."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

from runbook.execution.hosts.host import HostConnection
from runbook.execution.sessions.recordings import StepRecorder
from runbook.terminal.connection import LocalConnection


def events(path: Path) -> tuple[dict[str, object], str]:
    """Return the header of a recording, and all that it shows."""
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    shown = [json.loads(line) for line in lines]
    assert all(kind == "o" for _, kind, _ in shown)
    times = [when for when, _, _ in shown]
    assert times == sorted(times)
    return json.loads(header), "".join(text for _, _, text in shown)


def test_each_step_has_a_recording_of_its_own(tmp_path: Path) -> None:
    """One session goes through them all."""
    live = HostConnection(LocalConnection("box"), {}, tmp_path)
    session = live.session(getpass.getuser())
    with live.recorded("page/one") as one:
        session.run("echo first", timeout=5)
    session.run("echo between", timeout=5)
    with live.recorded("page/two") as two:
        session.run("printf 'one\\ntwo\\n'", timeout=5)
    live.close()

    assert (one, two) == ("page/one/box.cast", "page/two/box.cast")
    header, shown = events(tmp_path / one)
    assert header["version"] == 2
    assert header["title"] == one
    assert shown == "$ echo first\r\nfirst\r\n"
    assert events(tmp_path / two)[1] == "$ printf 'one\\ntwo\\n'\r\none\r\ntwo\r\n"


def test_nothing_is_recorded_without_a_place_for_it() -> None:
    """A rehearsal has none."""
    with StepRecorder(None).of("page/one/box.cast") as name:
        assert name == ""


def test_a_recording_that_cannot_be_written_harms_no_step(tmp_path: Path) -> None:
    """It is only a recording."""
    (tmp_path / "page").write_text("in the way")
    reel = StepRecorder(tmp_path)
    with reel.of("page/one/box.cast") as name:
        reel.write(b"lost")
        reel.flush()
    assert name == ""


def test_a_recording_does_not_show_how_a_session_was_made_ready(tmp_path: Path) -> None:
    """A step that is the first on its host looks like every other."""
    live = HostConnection(LocalConnection("box"), {}, tmp_path)
    with live.recorded("page/first") as first:
        live.session(getpass.getuser()).run("echo first", timeout=5)
    live.close()
    assert events(tmp_path / first)[1] == "$ echo first\r\nfirst\r\n"
