"""Floods of output, hostile output, and interruption of a run."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.support.guides import Guide, making
from tests.support.waiting import until


def test_a_failure_is_shown_with_the_end_of_its_output(tmp_path: Path) -> None:
    """With the command, its location and the last lines."""
    guide = Guide(tmp_path, making("one", "seq 1000 1100; false"))
    done = guide.call("run")
    assert done.returncode == 1
    assert "seq 1000 1100; false" in done.stdout
    assert "(index.rst:9, exit status 1)" in done.stdout
    assert "1100" in done.stdout
    assert "1010" not in done.stdout
    assert "lines before]" in done.stdout


def test_a_flood_takes_no_memory(tmp_path: Path) -> None:
    """50 MB of output need hardly more memory than none."""
    peaks = []
    for name, command in (("quiet", "true"), ("loud", "yes 0123456789 | head -c 50000000")):
        guide = Guide(tmp_path / name, making("one", command))
        with subprocess.Popen(guide.argv("run"), stdout=subprocess.DEVNULL) as process:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        peaks.append(used.ru_maxrss)
    kilobytes = peaks[1] - peaks[0]
    assert kilobytes < 20_000


def test_the_message_of_a_check_cannot_control_the_terminal(tmp_path: Path) -> None:
    """Neither in a run nor in a check."""
    step = making("one").replace("assert ", r"pytest.fail(chr(27) + '[2J') #")
    guide = Guide(tmp_path, step)
    for command in ("check", "run"):
        done = guide.call(command)
        assert done.returncode == 1
        assert "\x1b" not in done.stdout
        assert "␛[2J" in done.stdout


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_before_the_first_step_is_reported(
    tmp_path: Path, how: signal.Signals
) -> None:
    """While the guide is read; the next run works."""
    guide = Guide(tmp_path, making("one"))
    conf = guide.directory / "conf.py"
    whole = conf.read_text()
    conf.write_text(
        f"{whole}import pathlib, signal\npathlib.Path({str(tmp_path / 'reading')!r}).touch()\n"
        "signal.pause()\n"
    )
    with subprocess.Popen(guide.argv("run"), stderr=subprocess.PIPE, text=True) as process:
        until((tmp_path / "reading").exists, 30)
        process.send_signal(how)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "runbook: interrupted" in said
    assert "Traceback" not in said
    conf.write_text(whole)
    assert guide.call("run").returncode == 0


@pytest.mark.parametrize(
    "step",
    [
        making(
            "two", "sh -c 'echo $$ >PLACE/busy; trap : HUP INT TERM; while :; do sleep 1; done'"
        ),
        making("two", "true") + "   .. check:: waits in Python\n\n      import pathlib, time\n"
        "      pathlib.Path('PLACE/busy').touch(); time.sleep(600)\n",
    ],
    ids=["a stubborn command", "a check that waits"],
)
def test_termination_ends_a_run_whatever_it_is_doing(tmp_path: Path, step: str) -> None:
    """Long before the step would end, and what it has told is kept."""
    guide = Guide(tmp_path, making("one"), step)
    with subprocess.Popen(guide.argv("run"), stdout=subprocess.PIPE, text=True) as process:
        until((guide.place / "busy").exists, 30)
        process.terminate()
        # Far less than the step would take; a busy machine may need more than five seconds.
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert guide.verdicts()["make-one"] == "proven"


def test_a_terminal_that_is_closed_leaves_nothing_behind(tmp_path: Path) -> None:
    """The step's command ends with the run, and the next run continues."""
    waiting = "sh -c 'echo $$ > PLACE/new; mv PLACE/new PLACE/pid; exec sleep 600'"
    guide = Guide(tmp_path, making("one"), making("two", waiting))
    argv = guide.argv("run")
    # The type stubs lack `fileobj`.
    child: Any = pexpect.spawn(argv[0], argv[1:], timeout=30, encoding="utf-8")
    until((guide.place / "pid").exists, 30)
    command = int((guide.place / "pid").read_text())
    # Not `child.close()`, which also sends signals.
    child.ptyproc.fileobj.close()
    until(lambda: os.waitpid(child.pid, os.WNOHANG)[0] == child.pid, 30)
    until(lambda: not Path(f"/proc/{command}").exists())
    assert guide.verdicts() == {"make-one": "proven"}
    guide.write(making("one"), making("two"))
    done = guide.call("run")
    assert done.returncode == 0
    assert "by an earlier run" in done.stdout
