"""The last command of a step may keep running in the background, until the run ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.errors import RunbookError
from runbook.execution.actions import act
from runbook.execution.hosts.host import HostConnection, closing_all
from runbook.execution.trial import Trial
from runbook.model import Background, Command, Location, Step
from runbook.results import Outcome, Performed
from runbook.terminal.connection import LocalConnection
from tests.execution.test_recordings import events
from tests.support.transports import PIPES, open_connection
from tests.support.waiting import until

HERE = Location("guide.rst", 3)
SERVER = "for i in $(seq 1000); do echo request $i; sleep 0.02; done"


class Box:
    """A host with a user."""

    def __init__(self, live: HostConnection, user: str) -> None:
        self.live = live
        self.user = user

    def run(self, command: str) -> str:
        """Return the output of a command."""
        return self.live.session(self.user).run(command, timeout=20).output

    def keep(self, command: str, until_output: str | None = None, **more: object) -> Performed:
        """Start a command that keeps running."""
        output = str(more["output"]) if "output" in more else None
        action = Command(command, HERE, output, compare=output is not None)
        return self.live.keep_running(
            str(more.get("step", "page/one")), self.user, action, until_output, 2.0
        )


@pytest.fixture(params=PIPES)
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    """Give a host over one connection after the other."""
    connection, user = open_connection(request)
    live = HostConnection(connection, {"GIVEN": "1"})
    with closing_all({"box": live}):
        yield Box(live, user)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Box]:
    """Give this machine, with recordings."""
    live = HostConnection(LocalConnection("box"), {}, tmp_path / "recordings")
    with closing_all({"box": live}):
        yield Box(live, "root")


def test_it_is_ready_when_it_has_printed_the_text(box: Box) -> None:
    """In the state of the user's shell; what it prints is in the output of no other command."""
    box.run("cd /tmp; export A='a  b'; c=d; f() { echo of f; }")
    done = box.keep(f'pwd; echo "$A" $c $GIVEN; f; {SERVER}', "request 3")
    assert done.complaint == ""
    assert done.output.startswith("/tmp\na  b d 1\nof f\nrequest 1\nrequest 2\nrequest 3\n")
    assert done.seconds < 2
    for _ in range(3):
        assert box.run("sleep 0.1; echo hello; jobs") == "hello\n"
    assert box.live.ended_in_background("page/one") == ""


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("echo starting; echo no port >&2; (exit 3)", r"ended before .* exit status 3: no port"),
        ("exit 4", "ended before it was ready: .* with exit status 4"),
        ("echo starting; sleep 60", "not ready after 2 s: it did not print 'ready'"),
        ("cat", "ended before it was ready: exit status 0"),
    ],
)
def test_it_fails_if_it_does_not_become_ready(box: Box, command: str, why: str) -> None:
    """The complaint says which of the two it was, and what it printed last."""
    with pytest.raises(AssertionError, match=why):
        raise AssertionError(box.keep(command, "ready").complaint)
    assert box.run("echo hello") == "hello\n"


def test_without_a_text_it_is_ready_at_once(here: Box) -> None:
    """The checks of its step then say whether it works, and this how it ended."""
    assert here.keep("sleep 0.3; (exit 5)").complaint == ""
    until(lambda: here.live.ended_in_background("page/one") == "exit status 5")


def test_what_the_guide_shows_of_it_is_waited_for(here: Box) -> None:
    """It may print more afterwards, but nothing else before."""
    command = "echo starting; sleep 0.1; echo listening on 80; sleep 60"
    assert here.keep(command, output="starting\nlistening on ...").complaint == ""
    done = here.keep(command, output="starting\nlistening on 443")
    assert "not as shown:\n  starting\n- listening on 443" in done.complaint


@pytest.mark.parametrize("trap", ["", "trap '' INT QUIT HUP;"])
def test_it_ends_with_the_run(box: Box, trap: str) -> None:
    """On the host as well, even if it ignores the keys."""
    done = box.keep(f"{trap} echo pid $$; echo ready; sleep 300", "ready")
    pid = done.output.splitlines()[0].removeprefix("pid ")
    box.live.close()
    live = HostConnection(box.live._connection, {})
    with closing_all({"box": live}):
        gone = f"while kill -0 {pid} 2>/dev/null || pgrep -s {pid}; do sleep 0.05; done"
        assert live.session(box.user).run(gone, timeout=10).status == 0


def test_a_second_try_of_the_step_replaces_it(here: Box) -> None:
    """Otherwise the port would be taken."""
    pids = [
        int(here.keep("echo $$; echo ready; sleep 300", "ready").output.split()[0])
        for _ in range(2)
    ]
    until(lambda: not Path(f"/proc/{pids[0]}").exists())
    os.kill(pids[1], 0)
    here.keep("echo ready; sleep 300", "ready", step="page/other")
    os.kill(pids[1], 0)


def test_a_secret_goes_with_the_shell_and_is_not_shown(here: Box) -> None:
    """Neither in its output nor in its complaint."""
    session = here.live.session("root")
    session.run("P=4711-4712", timeout=5)
    session._shell.known.add("4711-4712")
    done = here.keep("echo it is $P; exit 1", "ready")
    assert done.output.startswith("it is [secret]\n")
    assert "4711" not in done.complaint


def step(*commands: str, background: Background | None) -> Step:
    """A step whose last command may keep running."""
    return Step(
        "page/one",
        "One",
        HERE,
        actions=tuple(Command(text, HERE) for text in commands),
        background=background,
        timeout=5,
    )


def acted(here: Box, one: Step) -> Outcome:
    """Carry out the actions of a step."""
    trial = Trial.begin(one, "box", "")
    hosts = {"box": here.live}
    return act.act(trial, hosts, attend=None, notify=lambda _: None).outcome


def test_a_step_keeps_its_last_command_running(here: Box, tmp_path: Path) -> None:
    """Its recording goes on after the step; the state of its shells is kept with the outcome."""
    talk = f"echo ready; until [ -e {tmp_path}/go ]; do sleep 0.01; done; echo late; sleep 60"
    outcome = acted(here, step("a=1; cd /tmp", talk, background=Background("ready")))
    assert [action.complaint for action in outcome.actions] == ["", ""]
    (state,) = outcome.shells.values()
    assert state.script == f"cd -- /tmp\ndeclare -x OLDPWD={Path.home()}\na=1\n"
    other = acted(here, step(f"touch {tmp_path}/go; sleep 0.3; echo hello", background=None))
    assert other.actions[0].output == "hello\n"
    here.live.close()
    recording = tmp_path / "recordings" / outcome.recording
    assert outcome.recording != ""
    assert recording.exists()


def test_the_recording_of_a_step_has_what_its_command_prints_later(
    here: Box, tmp_path: Path
) -> None:
    """And that of no other step."""
    talk = f"echo ready; until [ -e {tmp_path}/go ]; do sleep 0.01; done; echo late; sleep 60"
    with here.live.recorded("page/one") as one:
        here.keep(talk, "ready")
    with here.live.recorded("page/two") as two:
        here.run(f"touch {tmp_path}/go; sleep 0.3; echo second")
    here.live.close()
    shown = events(tmp_path / "recordings" / one)[1]
    assert shown.startswith(f"$ {talk}\r\nready\r\nlate\r\n")
    assert "late" not in events(tmp_path / "recordings" / two)[1]


def test_a_shell_that_cannot_be_had_is_no_failure_of_the_guide(here: Box) -> None:
    """As when the run has been given up."""
    here.live.close()
    with pytest.raises(RunbookError):
        here.keep("sleep 60")
