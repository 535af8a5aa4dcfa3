"""A person is given the very session, and the session goes on where they leave it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pexpect
import pytest

from runbook.errors import RunbookError
from runbook.execution.sessions.session import Session
from runbook.terminal import bash
from tests.support.paths import ROOT
from tests.support.transports import PIPES, open_transport

PROGRAM = """
import io, json, os, sys, termios
from runbook.execution.sessions.session import Session
argv, before, after = json.loads(sys.argv[1])
sink = io.BytesIO()
with Session.open(argv, host="box", sink=sink) as session:
    for command in before:
        session.run(command, timeout=10)
    recorded = len(sink.getvalue())
    modes = termios.tcgetattr(0)
    print("yours", flush=True)
    session.interact()
    print("BACK", termios.tcgetattr(0) == modes, len(sink.getvalue()) - recorded, flush=True)
    if session.alive:
        state = session.state()
        for command in after:
            print("SAID", repr(session.run(command, timeout=10).output), flush=True)
    else:
        print("ENDED", flush=True)
print("DONE", flush=True)
"""
LEFT = "BACK True 0\r\n"


class Person:
    """Someone at a terminal, to whom a session is handed over after some commands."""

    def __init__(self, argv: list[str], before: list[str], after: list[str]) -> None:
        self.child = pexpect.spawn(
            sys.executable,
            ["-c", PROGRAM, json.dumps([argv, before, after])],
            env={**os.environ, "TERM": "xterm", "PYTHONPATH": str(ROOT)},
            dimensions=(40, 100),
            timeout=30,
            encoding="utf-8",
        )
        self.child.delaybeforesend = None
        self.child.expect_exact("yours\r\n")

    def type(self, keys: str, shown: str) -> str:
        """Press keys and wait until a text is shown; return what is shown before it."""
        self.child.send(keys)
        return self.see(shown)

    def see(self, shown: str) -> str:
        """Wait until a text is shown, and return what is shown before it."""
        self.child.expect_exact(shown)
        return str(self.child.before)


@pytest.fixture(params=PIPES)
def argv(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """Give the argv of a shell over one connection after the other."""
    return open_transport(request, tmp_path).shell


BEFORE = ["cd /tmp", "PS1='box> '; a=mine; f() { echo of-f; }; (exit 7)"]
AFTER = ["echo $a $b $PWD; f; echo ${TERM}; stty size </dev/tty", "type exit; echo $-"]


@pytest.mark.parametrize(
    "leave", ["exit\r", "\x04", "\x1d", "logout\r", "sleep 60\r\x1d", "ls -\x1d"]
)
def test_the_session_goes_on_as_the_person_leaves_it(argv: list[str], leave: str) -> None:
    """With its directory and variables, at our prompt, whatever they were about to type."""
    person = Person(argv, BEFORE, AFTER)
    person.see("box> ")
    assert "7 mine /tmp" in person.type("echo $? $a $PWD; f\r", "of-f\r\n")
    person.see("box> ")
    person.type("cd /usr; b=theirs\r", "box> ")
    shown = person.type(leave, LEFT)
    assert "133;" not in shown
    assert "__runbook" not in shown
    person.see("SAID 'mine theirs /usr\\nof-f\\nxterm-256color\\n24 132\\n'\r\n")
    person.see("SAID 'exit is a shell builtin\\n")
    person.see("DONE")


def test_the_person_has_an_ordinary_shell(argv: list[str]) -> None:
    """With line editing, a history, their own size and terminal, and programs that read."""
    person = Person(argv, BEFORE, [])
    person.see("box> ")
    # A relay is told of the size while it is at work already.
    wait = "until [ \"$(stty size)\" = '40 100' ]; do sleep 0.1; done"
    person.type(f"echo one\r{wait}; stty size\r", "\n40 100\r\n")
    person.see("box> ")
    person.type("echo $TERM $-\r", "xterm ")
    person.see("box> ")
    person.type("echo ac\x1b[Db\r", "\r\nabc\r\n")
    person.see("box> ")
    person.type("\x1b[A\r", "\r\nabc\r\n")
    person.see("box> ")
    person.type("for i in 1 2\rdo echo n-$i\rdone\r", "\r\nn-2\r\n")
    person.see("box> ")
    person.type("echo go; cat\r", "\r\ngo\r\n")
    person.type("hello\r", "hello\r\nhello\r\n")
    person.type("\x04", "box> ")
    # It speaks once it has the terminal: an interrupt before that is bash's, which goes on to wait.
    person.type("sh -c 'echo go; exec sleep 60'\r", "\r\ngo\r\n")
    person.type("\x03", "box> ")
    person.type("(exit 3); echo is $?\r", "is 3\r\n")
    person.see("box> ")
    person.type("x\x7f\x04", "box> ")
    person.type("\x04", LEFT)


def test_a_shell_that_the_person_ends_has_ended(argv: list[str]) -> None:
    """Nothing hangs, and their own terminal is as before."""
    person = Person(argv, BEFORE, [])
    person.see("box> ")
    person.type("kill -9 $$\r", LEFT)
    person.see("ENDED")


def test_a_session_is_only_handed_over_at_a_terminal() -> None:
    """Otherwise nothing is done to it."""
    with Session.open(bash.SHELL, host="box") as session:
        with pytest.raises(RunbookError, match="only at a terminal"):
            session.interact()
        assert session.run("echo $-", timeout=5).output.count("i") == 1
