"""Bad input and faults: a clear message, nothing lost, never a hang."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.guides import Guide, making
from tests.support.waiting import until

STEP = """
.. step:: Wrong
   :on: {on}
   {option}

   .. code-block:: console

      # touch PLACE/made

   {check}
"""
CHECK = ".. check:: it is there\n\n      assert {}"


def wrong(on: str = "box", option: str = "", check: str = CHECK.format("True")) -> str:
    """Return a step of which one part may be wrong."""
    return STEP.format(on=on, option=option, check=check)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (wrong(on="nobody"), r"index.rst:\d+: .*nobody"),
        (wrong(option=":colour: red"), r"index.rst:\d+: .*colour"),
        (
            wrong(check=CHECK.format("host.file(")),
            r"index.rst:\d+: .*(never closed|invalid syntax)",
        ),
    ],
    ids=["unknown host", "unknown option", "check with a syntax error"],
)
def test_a_guide_with_an_error_is_not_run(tmp_path: Path, step: str, told: str) -> None:
    """The message has file and line, and nothing has happened."""
    guide = Guide(tmp_path, making("first"), step)
    done = guide.call("run")
    assert done.returncode == 3
    assert re.search(told, done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert list(guide.place.iterdir()) == []


def test_a_step_without_a_check_is_told_and_strictly_refused(tmp_path: Path) -> None:
    """A warning with its line; under `-W` nothing runs."""
    guide = Guide(tmp_path, wrong(check=""))
    done = guide.call("run", "-W")
    assert done.returncode == 3
    assert re.search("index.rst:5: (WARNING: )?the step has no check", done.stderr)
    assert list(guide.place.iterdir()) == []
    done = guide.call("run")
    assert done.returncode == 4
    assert re.search("index.rst:5: (WARNING: )?the step has no check", done.stderr)


def test_the_body_of_an_unknown_directive_is_not_run(tmp_path: Path) -> None:
    """Not even with --unmarked."""
    block = ".. nonsense::\n\n   # touch PLACE/made\n   # touch PLACE/made-too\n"
    guide = Guide(tmp_path, making("first"), block)
    done = guide.call("run", "--unmarked")
    assert done.returncode == 3
    assert "nonsense" in done.stderr
    assert list(guide.place.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("ls /nowhere", "exit status 2"),
        ("exit 3", "ended its shell with exit status 3"),
        ("exec true", "ended its shell with exit status 0"),
        ("set -e; false", "ended its shell with exit status 1"),
        ("read -r line && echo $line", "waits for input that the guide does not give"),
        ("kill -9 $$", "ended its shell with exit status 137"),
    ],
)
def test_a_command_that_goes_wrong_fails_its_step_and_no_other(
    tmp_path: Path, command: str, told: str
) -> None:
    """Host, step, line and reason are told; a step that does not depend on it has a shell."""
    guide = Guide(tmp_path, making("one", command), making("two", options=":needs: nothing"))
    done = guide.call("run")
    assert done.returncode == 1
    assert guide.verdicts() == {"make-one": "failed", "make-two": "proven"}
    assert told in done.stdout
    assert "failed    box      index/make-one  (index.rst:4," in done.stdout
    assert "index.rst:9" in done.stdout


def test_a_command_that_hangs_fails_when_its_time_is_up(tmp_path: Path) -> None:
    """It is stopped, and the run goes on."""
    step = making("one", "sleep 600", options=":timeout: 1s")
    guide = Guide(tmp_path, step, making("two", options=":needs: nothing"))
    done = guide.call("run")
    assert done.returncode == 1
    assert guide.verdicts() == {"make-one": "failed", "make-two": "proven"}
    assert "still running after 1 s, and stopped" in done.stdout


def test_a_here_document_without_an_end_is_refused_with_its_line(tmp_path: Path) -> None:
    """It would have waited for ever."""
    guide = Guide(tmp_path, making("one", "cat <<END"))
    done = guide.call("run")
    assert done.returncode == 3
    assert re.search(r"index.rst:9: .*END", done.stderr)


def test_a_flood_is_kept_within_bounds(tmp_path: Path) -> None:
    """50 MB go by; the journal holds their beginning and end."""
    guide = Guide(tmp_path, making("one", "yes 0123456789abcdef | head -c 50000000"))
    assert guide.call("run").returncode == 0
    assert (guide.results / "journal.jsonl").stat().st_size < 2_000_000
    assert "bytes left out" in (guide.results / "journal.jsonl").read_text()


def test_what_a_command_prints_cannot_break_a_report(tmp_path: Path) -> None:
    """Bytes that are no text, escapes, and what XML forbids."""
    guide = Guide(tmp_path, making("one", r"printf 'bad \377 \033[2J \001 <b></b> ]]>\n'; false"))
    done = guide.call("run")
    assert done.returncode == 1
    ElementTree.fromstring((guide.results / "junit.xml").read_bytes())
    for text in (done.stdout, *(path.read_text() for path in guide.results.glob("*.*"))):
        assert "\x1b" not in text
        assert "\x01" not in text


class Running:
    """A run that is in the middle of its second step."""

    def __init__(self, guide: Guide) -> None:
        self.guide = guide
        self.process = subprocess.Popen(
            guide.argv("run"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        until((guide.place / "pid").exists, 30)
        until(lambda: bool((guide.place / "pid").read_text().strip()), 5)
        self.command = int((guide.place / "pid").read_text())

    def stop(self, how: signal.Signals) -> str:
        """Send a signal and return what the run printed, once it has ended."""
        self.process.send_signal(how)
        return self.process.communicate(timeout=30)[0]

    def command_lives(self) -> bool:
        """Tell whether the step's command is still there."""
        return Path(f"/proc/{self.command}").exists()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A run that is in the middle of its second step."""
    waiting = "sh -c 'echo $$ > PLACE/pid; [ -e PLACE/go ] || exec sleep 600'"
    run = Running(Guide(tmp_path, making("one"), making("two", waiting), making("three")))
    yield run
    if run.process.poll() is None:
        run.process.kill()
        run.process.communicate()
    if run.command_lives():
        os.kill(run.command, signal.SIGKILL)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_stopped_loses_nothing_and_is_continued(
    running: Running, how: signal.Signals
) -> None:
    """The outcomes before stand in the journal, and are not earned again."""
    said = running.stop(how)
    guide = running.guide
    assert guide.verdicts() == {"make-one": "proven"}
    if how is signal.SIGKILL:
        # Half a line, as a machine leaves it that loses its power.
        with (guide.results / "journal.jsonl").open("a") as journal:
            journal.write('{"record": "outc')
    else:
        assert running.process.returncode == 130
        assert "interrupted" in said
        until(lambda: not running.command_lives())
        assert (guide.results / "junit.xml").exists()
    (guide.place / "go").touch()
    (guide.place / "one").write_text("mine")
    done = guide.call("run")
    assert done.returncode == 0, done.stdout
    assert guide.verdicts() == dict.fromkeys(("make-one", "make-two", "make-three"), "proven")
    assert (guide.place / "one").read_text() == "mine"


def test_two_runs_at_once_do_not_meet(running: Running) -> None:
    """The second one says who holds the lab, and since when, and leaves the first in peace."""
    done = running.guide.call("run")
    assert done.returncode == 3
    assert f"is in use by process {running.process.pid} (" in done.stderr
    assert "which has been running since 20" in done.stderr
    assert running.process.poll() is None


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a file system that is full")
def test_a_disk_that_is_full_is_said_plainly(tmp_path: Path) -> None:
    """The journal's path is named, what it holds is whole, and the next run continues."""
    guide = Guide(tmp_path, *(making(f"n{n}", "seq 2000") for n in range(20)))
    guide.results.mkdir(parents=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=160k", "none", str(guide.results)], check=True
    )
    try:
        done = guide.call("run")
        assert done.returncode == 3
        assert "journal.jsonl: the journal cannot be written: No space left" in done.stderr
        assert "Traceback" not in done.stderr
        earned = [name for name, verdict in guide.verdicts().items() if verdict == "proven"]
        assert earned
        subprocess.run(["mount", "-o", "remount,size=8m", str(guide.results)], check=True)
        done = guide.call("run")
        assert done.returncode == 0, done.stdout
        assert "by an earlier run" in done.stdout
        assert len(guide.verdicts()) == 20
    finally:
        subprocess.run(["umount", str(guide.results)], check=True)


ASKING = """
.. step:: Set a password
   :on: box

   .. code-block:: console

      # read -s -p 'Password: ' p; echo; echo "it is $p"; echo "$p" >PLACE/made
      Password:\x20

   .. answers::

      :Password: :secret:`admin`

   .. check:: it is set

      assert host.file("PLACE/made").exists
"""


def test_a_secret_is_nowhere_but_where_it_belongs(tmp_path: Path) -> None:
    """Not in what is printed nor in any file, though the program says it aloud."""
    guide = Guide(tmp_path, ASKING)
    secret = "correct horse 4711"
    done = guide.call("run", environment={"RUNBOOK_SECRET_ADMIN": secret})
    assert done.returncode == 0, done.stdout
    assert (guide.place / "made").read_text() == f"{secret}\n"
    assert secret not in done.stdout + done.stderr
    texts = [path.read_bytes() for path in guide.directory.rglob("*") if path.is_file()]
    assert any(b"it is [secret]" in text for text in texts)
    shown = "".join(
        json.loads(line)[2]
        for line in (guide.results / "recordings/index/set-a-password/box.cast")
        .read_text()
        .splitlines()
        if line.startswith("[")
    )
    assert "it is [secret]" in shown
    assert secret not in shown
    assert not any(secret.encode() in text for text in texts)


def test_a_secret_that_nobody_gave_is_an_error_that_says_how(tmp_path: Path) -> None:
    """Nothing is asked of a person, and nothing hangs."""
    guide = Guide(tmp_path, ASKING)
    began = time.monotonic()
    done = guide.call("run")
    assert time.monotonic() - began < 30
    assert done.returncode == 3
    assert "RUNBOOK_SECRET_ADMIN" in done.stdout
    assert guide.verdicts() == {"set-a-password": "error"}
