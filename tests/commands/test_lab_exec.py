"""Commands and shells on the hosts of a lab, from the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from runbook.commands.labs.lab import exec_in
from runbook.labs.local import LocalLab
from runbook.model import Cluster, Host
from runbook.terminal.connection import Connection
from tests.support.guides import Guide
from tests.support.transports import PIPES, open_connection


class OneHost(LocalLab):
    """A lab whose one host is reached over a given connection."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(Cluster("one", "127.0.0.0/8", (Host("box", "127.0.0.1"),)))
        self._connection = connection

    def connections(self) -> dict[str, Connection]:
        """Return the connection."""
        return {"box": self._connection}


@pytest.fixture(params=PIPES)
def place(request: pytest.FixtureRequest) -> tuple[OneHost, str]:
    """Give a lab and a user over one connection after the other."""
    connection, user = open_connection(request)
    return OneHost(connection), user


def test_the_exit_status_is_the_commands(
    place: tuple[OneHost, str], capfd: pytest.CaptureFixture[str]
) -> None:
    """Words arrive as they are, in a login environment; the outputs are kept apart."""
    lab, user = place
    words = ["a  b", "$HOME", "it's", "*", "", "é\n"]
    script = 'printf "[%s]" "$@"; shopt login_shell >/dev/null; pwd; echo err >&2; exit 7'
    assert exec_in(lab, "box", user, ["bash", "-c", script, "bash", *words]) == 7
    out, err = capfd.readouterr()
    assert out.startswith("".join(f"[{word}]" for word in words))
    assert err.endswith("err\n")
    assert exec_in(lab, "box", user, ["/nowhere/at/all"]) == 127


def test_a_shell_without_a_terminal_reads_commands_up_to_their_end(
    place: tuple[OneHost, str],
) -> None:
    """Then it exits with the status of the last."""
    lab, user = place
    argv = lab.connections()["box"].login(user, interactive=False)
    script = b"shopt login_shell; [ -t 0 ] || echo no terminal; (exit 5)\n"
    done = subprocess.run(argv, input=script, capture_output=True, timeout=60)
    assert done.returncode == 5
    assert done.stdout.split() == [b"login_shell", b"on", b"no", b"terminal"]


def runbook(guide: Guide, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run `runbook lab` on the guide, whose one host is this machine."""
    return subprocess.run(
        [sys.executable, "-m", "runbook", "lab", *words],
        cwd=guide.directory,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **({"input": more["input"]} if "input" in more else {"stdin": subprocess.DEVNULL}),
    )


def test_the_command_line_runs_a_command(tmp_path: Path) -> None:
    """What follows `--` is the command's, whatever it looks like; its input is ours."""
    guide = Guide(tmp_path)
    done = runbook(guide, "exec", "box", "--lab", "local", "--", "cat", "-A", input="a\tb\n")
    assert (done.returncode, done.stdout) == (0, "a^Ib$\n"), done.stderr
    assert runbook(guide, "exec", "--lab", "local", "box", "false").returncode == 1
    done = runbook(guide, "exec", "--lab", "local", "other", "false")
    assert done.returncode == 3
    assert "there is no host 'other'; there are box" in done.stderr


def test_the_command_line_opens_a_shell(tmp_path: Path) -> None:
    """It ends with its input, and with a terminal it is one for a person."""
    guide = Guide(tmp_path)
    done = runbook(guide, "shell", "box", "--lab", "local", input="echo hello; exit 4\n")
    assert (done.returncode, done.stdout) == (4, "hello\n")
    argv = ["-m", "runbook", "lab", "shell", "box", str(guide.directory), "--lab", "local"]
    person = pexpect.spawn(sys.executable, argv, encoding="utf-8", timeout=30, env=os.environ)
    person.send("echo $((41 + 1)) $-; exit\r")
    person.expect_exact("42 ")
    person.expect(pexpect.EOF)
