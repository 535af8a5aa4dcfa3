"""A chapter begins in new login shells, which open no new connection if that can be avoided."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.errors import RunbookError
from runbook.execution.hosts.host import HostConnection, closing_all
from runbook.execution.sessions.session import Session
from runbook.results import ShellState
from runbook.terminal.connection import LocalConnection
from tests.support.transports import PIPES, open_connection

ASK = (
    "pwd; umask; echo ${A-unset} ${FOO-unset}; type -t f || :; alias; set -o;"
    " shopt || :; ulimit -a; env | grep -v '^_=\\|SSH_TTY'"
)


class Box:
    """A host with a user."""

    def __init__(self, live: HostConnection, user: str) -> None:
        self.live = live
        self.user = user

    @property
    def session(self) -> Session:
        """The present session."""
        return self.live.session(self.user)

    def run(self, command: str) -> str:
        """Return the output of a command."""
        return self.session.run(command, timeout=20).output


@pytest.fixture(params=PIPES)
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    """Give a host over one connection after the other."""
    connection, user = open_connection(request)
    live = HostConnection(connection, {"FOO": "it's bär"})
    with closing_all({"box": live}):
        yield Box(live, user)


@pytest.fixture
def here() -> Iterator[HostConnection]:
    """Give this machine."""
    live = HostConnection(LocalConnection("box"), {})
    with closing_all({"box": live}):
        yield live


def test_a_new_shell_is_as_the_first_one_was(box: Box) -> None:
    """Whatever was done to the old one; it has the same process and connection."""
    first, expected, process = box.session, box.run(ASK), box.run("echo $$ $SSH_CONNECTION")
    box.run("cd /tmp; umask 0; export A=a PATH=/nowhere HOME=/tmp; unset FOO; stty() { :; }")
    box.run(
        "set -u; shopt -s extglob; IFS=:; trap 'echo bye' EXIT; PROMPT_COMMAND='echo x'; exec 2>&1"
    )
    box.run("cd() { echo mine; }; exec() { echo mine; }; stty() { echo mine; }; read() { :; }")

    box.live.new_shells({})

    assert box.run(ASK) == expected
    assert box.session is first
    assert box.run("echo $$ $SSH_CONNECTION") == process
    assert box.live.shell_states() == {box.user: ShellState()}


@pytest.mark.parametrize(
    "command",
    [
        "trap '' USR1",
        "exec 7</etc/passwd",
        "exec >/dev/null",
        "ulimit -Sn 128",
        "talk() { (sleep 0.3; echo late; sleep 30) &\n}",
        "unset BASH; BASH=/nowhere",
        "set -e",
        "kill -9 $$",
        "stty -F /dev/tty -isig rows 3 cols 7",
    ],
)
def test_what_a_shell_cannot_undo_is_not_passed_on(box: Box, command: str) -> None:
    """A new connection is opened where that is needed; a job is then heard by nobody."""
    expected = box.run(f"{ASK}; ls /proc/$$/fd; stty -a </dev/tty; grep SigIgn /proc/$$/status")
    try:
        box.run(command)
        box.run("if type talk >/dev/null 2>&1; then talk; fi")
    except RunbookError:
        assert "kill" in command

    box.live.new_shells({})

    said = box.run(f"{ASK}; ls /proc/$$/fd; stty -a </dev/tty; grep SigIgn /proc/$$/status")
    assert said == expected
    assert box.run("sleep 0.5; echo hello") == "hello\n"


def test_a_new_shell_is_given_its_state(box: Box) -> None:
    """That of the steps of its chapter which ran earlier."""
    box.run("A=other; B=b")
    box.live.new_shells({box.user: ShellState("cd -- /tmp\nA=a\n")})
    assert box.run("pwd; echo $A ${B-unset}") == "/tmp\na unset\n"
    assert box.live.shell_states()[box.user].script.startswith("cd -- /tmp\n")
    box.run("unset A; cd")
    assert "A=" not in box.live.shell_states()[box.user].script


def test_the_first_shell_is_given_its_state_as_well(here: HostConnection) -> None:
    """As in a run that goes on in the middle of a chapter."""
    here.new_shells({"root": ShellState("A=a\n")})
    assert here.session("root").run("echo $A", timeout=5).output == "a\n"


def test_a_shell_that_cannot_be_given_its_state_is_not_used(here: HostConnection) -> None:
    """Every use of it says what is missing, until the next chapter."""
    for state in (ShellState("cd -- /gone/away\n"), ShellState(lost=("PGPASSWORD",))):
        here.new_shells({"root": state})
        for _ in range(2):
            with pytest.raises(RunbookError, match=r"box: the shell of root .*(/gone|PGPASSWORD)"):
                here.session("root")
    here.new_shells({})
    assert here.session("root").run("echo hello", timeout=5).output == "hello\n"


def test_a_chapter_does_not_stop_the_jobs_of_another(here: HostConnection, tmp_path: Path) -> None:
    """A reader who logs in again finds the server that they started before."""
    session = here.session("root")
    session.run("f() { sleep 60 &\n}", timeout=5)
    for number, start in enumerate(("sleep 60 &", "f")):
        session.run(start, timeout=5)
        session.run(f"echo $! >{tmp_path}/{number}", timeout=5)
    here.new_shells({})
    assert here.session("root") is not session
    for number in range(2):
        os.kill(int((tmp_path / str(number)).read_text()), 0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user without asking")
def test_every_user_has_a_shell_and_a_state_of_their_own(here: HostConnection) -> None:
    """They are told apart, and a user who did nothing has an empty one."""
    here.session("root").run("A=root", timeout=5)
    here.session("nobody").run("A=nobody; tty; : >$(tty)", timeout=5)
    assert here.shell_states() == {
        "root": ShellState("A=root\n"),
        "nobody": ShellState("A=nobody\n"),
    }
    here.new_shells({"nobody": ShellState("A=again\n")})
    assert here.session("nobody").run("echo $A $USER", timeout=5).output == "again nobody\n"
    assert here.session("root").run("echo ${A-unset}", timeout=5).output == "unset\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user without asking")
def test_another_user_owns_the_terminal(here: HostConnection) -> None:
    """As after a login, so that programs can open it by its name."""
    done = here.session("nobody").run(
        "stat -Lc %U /dev/stdout; t=$(readlink /proc/$$/fd/1); echo seen >$t", timeout=5
    )
    assert (done.status, done.output) == (0, "nobody\nseen\n")


def test_a_shell_that_the_guide_has_ended_is_a_new_login(here: HostConnection) -> None:
    """Nothing of its state is given back, as to a reader who logs in again."""
    here.session("root").run("A=a", timeout=5)
    here.shell_states()
    with pytest.raises(RunbookError):
        here.session("root").run("exit 3", timeout=5)
    assert here.session("root").run("echo ${A-unset}", timeout=5).output == "unset\n"
    assert here.shell_states() == {"root": ShellState()}


def test_the_session_that_was_used_last_can_be_had(here: HostConnection) -> None:
    """To hand it over; if its shell has ended, another one of the same user."""
    assert here.last_session() is None
    session = here.session("root")
    assert here.last_session() is session
    session.close()
    other = here.last_session()
    assert other is not None
    assert other.alive
