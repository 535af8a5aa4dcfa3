"""A run that is killed leaves nothing running on its hosts, and the next one does not meet it."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator

import pytest

from runbook.execution.hosts.host import HostConnection, closing_all
from runbook.execution.hosts.watch import end_leftovers
from runbook.terminal.connection import Connection
from runbook.terminal.scope import VARIABLE
from tests.support.paths import ROOT
from tests.support.transports import PIPES, open_connection
from tests.support.waiting import until

pytestmark = pytest.mark.lab

RUN = """
import pickle, sys
from runbook.execution.hosts.host import HostConnection
connection, user, scope, commands = pickle.loads(bytes.fromhex(sys.argv[1]))
live = HostConnection(connection, {}, scope=scope)
for command in commands[:-1]:
    live.session(user).run(command, timeout=30)
print("typing", flush=True)
live.session(user).run(commands[-1], timeout=60)
"""


class Host:
    """A host, and the runs that are killed on it."""

    def __init__(self, connection: Connection, user: str) -> None:
        self.connection = connection
        self.user = user
        self.lab = uuid.uuid4().hex[:16]
        self.word = f"7{uuid.uuid4().int % 10**8}"
        self.pipe = HostConnection(connection, {}).pipe()

    def run_and_kill(self, *commands: str) -> None:
        """Run commands as a run of its own, which is killed while the last one is running."""
        about = pickle.dumps((self.connection, self.user, f"{self.lab}.one", commands))
        with subprocess.Popen(
            [sys.executable, "-c", RUN, about.hex()],
            stdout=subprocess.PIPE,
            cwd=ROOT,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"typing\n"
            until(lambda: self.left() > 0)
            process.send_signal(signal.SIGKILL)

    def left(self) -> int:
        """Return how many of the processes that the commands start are running."""
        found = self.pipe.run(f"pgrep -cfx 'sleep {self.word}'", timeout=30)
        return int(found.stdout)


@pytest.fixture(params=PIPES)
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    """Give one host after the other."""
    made = Host(*open_connection(request))
    yield made
    made.pipe.run(f"pkill -KILL -fx 'sleep {made.word}'", timeout=30)
    made.pipe.close()


STUBBORN = [
    "sh -c \"trap '' HUP INT TERM; sleep {}; sleep {}\"",
    "nohup sleep {} >/dev/null 2>&1",
    "(trap '' HUP; sleep {}) & disown; sleep {}",
]


@pytest.mark.parametrize("command", STUBBORN)
def test_what_a_killed_run_was_doing_ends(host: Host, command: str) -> None:
    """Soon after, whether or not there is ever another run."""
    host.run_and_kill("cd /tmp", command.replace("{}", host.word))
    until(lambda: host.left() == 0)


def test_the_next_run_ends_what_nobody_was_there_to_end(host: Host) -> None:
    """Before it types anything; and it leaves alone what is its own."""
    stubborn = f"sh -c \"trap '' HUP INT TERM; sleep {host.word}; sleep {host.word}\""
    host.run_and_kill(stubborn)
    following = HostConnection(host.connection, {}, scope=f"{host.lab}.two")
    with closing_all({"box": following}):
        assert following.session(host.user).run("echo here", timeout=30).output == "here\n"
        end_leftovers(following.pipe(), f"{host.lab}.two")
        assert host.left() == 0
        assert following.session(host.user).run("echo there", timeout=30).output == "there\n"


def test_a_daemon_goes_on(host: Host) -> None:
    """It was meant to, as after a person's logout."""
    host.run_and_kill(
        f"setsid sleep {host.word} >/dev/null 2>&1 </dev/null & sleep 0.3", "sleep 60"
    )
    following = HostConnection(host.connection, {}, scope=f"{host.lab}.two")
    with closing_all({"box": following}):
        end_leftovers(following.pipe(), f"{host.lab}.two")
        assert host.left() == 1


def test_a_run_that_ends_leaves_its_jobs(host: Host) -> None:
    """What a step has put into the background is there for the next run."""
    live = HostConnection(host.connection, {}, scope=f"{host.lab}.one")
    with closing_all({"box": live}):
        live.session(host.user).run(f"nohup sleep {host.word} >/dev/null 2>&1 &", timeout=30)
        until(lambda: host.left() == 1)
    assert host.left() == 1


def test_no_trace_of_a_run_is_in_the_environment_of_its_commands(host: Host) -> None:
    """The mark by which it is found is only in the start of its shells."""
    live = HostConnection(host.connection, {}, scope=f"{host.lab}.one")
    with closing_all({"box": live}):
        assert VARIABLE not in live.session(host.user).run("env; set", timeout=30).output


def test_a_run_leaves_no_file_behind(host: Host) -> None:
    """What the host notes of it is gone with it."""
    live = HostConnection(host.connection, {}, scope=f"{host.lab}.one")
    with closing_all({"box": live}):
        live.session(host.user).run("true", timeout=30)
        until(lambda: noted(host) == 1)
    assert noted(host) == 0


def noted(host: Host) -> int:
    """Return how many files the host has for runs on the lab."""
    listed = host.pipe.run(f"ls /run/sphinx-runbook-shells | grep -c {host.lab}", timeout=30)
    return int(listed.stdout)
