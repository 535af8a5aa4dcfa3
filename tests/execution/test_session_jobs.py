"""What a job in the background prints is in the output of no later command."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.execution.actions.perform import perform
from runbook.execution.hosts.host import HostConnection, closing_all
from runbook.model import Command, Location
from runbook.results import Performed
from runbook.terminal.connection import LocalConnection
from tests.execution.test_recordings import events
from tests.support.transports import PIPES, open_connection
from tests.support.waiting import until

TALK = "(for i in $(seq 1000); do echo request $i; sleep 0.05; done)"


class Box:
    """A host, and the user whose session the commands run in."""

    def __init__(self, live: HostConnection, user: str) -> None:
        self.live = live
        self.user = user

    def run(self, command: str) -> str:
        """Return the output of a command."""
        return self.live.session(self.user).run(command, timeout=20).output

    def perform(self, line: int, command: str, output: str | None = None) -> Performed:
        """Carry out a command of the guide whose output is compared."""
        action = Command(command, Location("guide.rst", line), output, compare=output is not None)
        return perform(
            action,
            self.live.session(self.user),
            timeout=20,
            statuses=(0,),
            secrets=lambda name: name,
        )


@pytest.fixture(params=PIPES)
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    """Give a host over one connection after the other."""
    connection, user = open_connection(request)
    live = HostConnection(connection, {})
    with closing_all({"box": live}):
        yield Box(live, user)


@pytest.fixture
def here() -> Iterator[Box]:
    """Give this machine."""
    live = HostConnection(LocalConnection("box"), {})
    with closing_all({"box": live}):
        yield Box(live, getpass.getuser())


def test_a_talkative_job_is_heard_by_nobody(box: Box) -> None:
    """Not between commands, and not while they run; the job goes on undisturbed."""
    assert "request 1\n" in box.run(f"{TALK} & sleep 0.2")
    for _ in range(5):
        assert box.run("sleep 0.1; echo hello") == "hello\n"
    assert box.run("kill -0 %1 && echo alive; kill %1").startswith("alive\n")


def test_a_command_with_a_job_sees_a_terminal_as_ever(box: Box) -> None:
    """Of the same width, for both outputs, in their order, with the shell's own announcement."""
    before = box.run("tput cols; stty size <&2")
    output = box.run(
        "sleep 30 & for i in 1 2 3; do echo $i; echo err $i >&2; done;"
        " [ -t 1 ] && [ -t 2 ] && echo terminals; tput cols; stty size <&2; (exit 3)"
    )
    announced, _, rest = output.partition("\n")
    assert announced.startswith("[1] ")
    assert rest == f"1\nerr 1\n2\nerr 2\n3\nerr 3\nterminals\n{before}"
    assert box.run("echo $?") == "3\n"


def test_a_flood_before_the_end_of_its_command_is_complete(box: Box) -> None:
    """The end of the command does not overtake its output."""
    output = box.run("sleep 30 & seq 20000; kill $!")
    assert output.splitlines()[1:] == [str(n) for n in range(1, 20001)]


def test_a_job_is_read_from_while_no_command_runs(here: Box, tmp_path: Path) -> None:
    """It would stand still as soon as the terminal's buffer is full."""
    here.run(f"(seq 100000; touch {tmp_path}/done) &")
    until((tmp_path / "done").exists)


def test_a_second_terminal_is_used_again_when_its_job_has_ended(here: Box) -> None:
    """A guide may start any number of short jobs; two that run have one each."""

    def terminal(command: str) -> str:
        lines = here.run(f"{command} & tty <&1").splitlines()
        return next(line for line in lines if line.startswith("/dev/pts/"))

    first = terminal("true")
    here.run("wait")
    assert terminal("sleep 30") == first
    assert terminal("sleep 30") != first


def test_the_job_of_a_function_is_named_where_its_words_disturb(box: Box) -> None:
    """That it starts one cannot be seen in the command, so it shares the shell's terminal."""
    assert not box.perform(7, f"talk() {{ {TALK} &\n}}").complaint
    assert not box.perform(9, "talk").complaint
    done = box.perform(11, "sleep 1; echo hello", "hello")
    assert "+ request" in done.complaint
    assert "extra lines may come from 'bash' (process " in done.complaint
    # Which one it was is told by the job's age, and not told where a busy machine makes that vague.
    assert re.search(r"which (the command at guide.rst:9|an earlier command) left", done.complaint)
    assert "left running" not in box.perform(13, "kill %1; wait; echo a", "b").complaint


def test_late_output_is_in_the_recording_of_its_own_step(tmp_path: Path) -> None:
    """However late it comes."""
    live = HostConnection(LocalConnection("box"), {}, tmp_path)
    box = Box(live, getpass.getuser())
    with closing_all({"box": live}):
        with live.recorded("page/one"):
            box.run(f"echo early; (until [ -e {tmp_path}/go ]; do sleep 0.01; done; echo late) &")
        with live.recorded("page/two"):
            box.run(f"touch {tmp_path}/go; sleep 0.3; echo second")
    assert events(tmp_path / "page/one/box.cast")[1].endswith("\r\nlate\r\n")
    assert "\r\nlate\r\n" not in events(tmp_path / "page/two/box.cast")[1]
