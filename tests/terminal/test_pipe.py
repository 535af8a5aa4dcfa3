from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runbook.errors import RunbookError
from runbook.terminal import pipe
from runbook.terminal.faults import CommandTimeout, HostLost
from runbook.terminal.pipe import Pipe, PipeResult
from tests.support.transports import PIPES, open_transport


@pytest.fixture(params=PIPES)
def argv(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """Give the argv of a shell without a terminal, over one transport after the other."""
    return open_transport(request, tmp_path).pipe


@pytest.fixture
def shell(argv: list[str]) -> Iterator[Pipe]:
    """Give a pipe over the transport."""
    with Pipe.open(argv, host="box", environment={"VALUE": "a b'c"}) as shell:
        yield shell


@pytest.fixture
def witness(argv: list[str]) -> Iterator[Pipe]:
    """Give another pipe to the same host."""
    with Pipe.open(argv, host="box") as witness:
        yield witness


def test_output_and_errors_are_separate(shell: Pipe) -> None:
    """Bytes are unchanged, and the exit status is that of the command."""
    result = shell.run("printf 'o\\0\\377'; echo \"$VALUE\" >&2; exit 4", timeout=5)

    assert result == PipeResult(4, b"o\0\xff", b"a b'c\n")


def test_a_command_cannot_affect_the_next_one(shell: Pipe) -> None:
    """Each command runs in a subshell."""
    before = shell.run("pwd", timeout=5)
    shell.run("cd /; PATH=; set -e; exec >/dev/null; false", timeout=5)

    assert shell.run("pwd", timeout=5) == before


@pytest.mark.parametrize(
    "command", ["cat", "if", "echo 'open", "exit", "", "# remark", "kill $BASHPID"]
)
def test_no_command_hangs_or_ends_the_pipe(shell: Pipe, command: str) -> None:
    """Input is empty, and a syntax error affects one command only."""
    shell.run(command, timeout=5)

    assert shell.run("echo next", timeout=5).stdout == b"next\n"


def test_a_large_command_and_a_large_output_pass(shell: Pipe) -> None:
    """Neither direction waits for the other."""
    result = shell.run(f": '{'x' * 300_000}'; yes | head -c 5000000", timeout=20)

    assert len(result.stdout) == 5_000_000


def test_too_much_output_is_an_error(shell: Pipe) -> None:
    """A check that prints without end must not exhaust the memory."""
    with pytest.raises(RunbookError, match="more than"):
        shell.run(f"yes | head -c {pipe.LIMIT + 2_000_000}", timeout=60)

    assert not shell.alive


def test_time_is_limited(shell: Pipe) -> None:
    """The shell is closed with the command; the error has the output so far."""
    with pytest.raises(CommandTimeout, match=r"0\.3 s") as caught:
        shell.run("echo so far; sleep 30", timeout=0.3)

    assert caught.value.output == "so far\n"
    assert not shell.alive
    with pytest.raises(HostLost, match="closed"):
        shell.run("true", timeout=1)


def test_a_lost_shell_is_a_lost_host(shell: Pipe, witness: Pipe) -> None:
    """The end of the connection is noticed at once."""
    pid = int(shell.run("echo $$", timeout=5).stdout)
    there = f"/tmp/lost-{pid}"
    with ThreadPoolExecutor() as pool:
        wait = f"until [ -e {there} ]; do sleep 0.05; done; rm {there}"
        killed = pool.submit(witness.run, f"{wait}; kill -9 {pid}", timeout=10)
        with pytest.raises(HostLost, match="box"):
            shell.run(f"touch {there}; sleep 30", timeout=30)
        assert killed.result().status == 0


@pytest.mark.parametrize("end", ["timeout", "close"])
def test_no_process_is_left_on_the_host(argv: list[str], witness: Pipe, end: str) -> None:
    """What still runs when the pipe is closed is killed with its shell, over every transport."""
    with Pipe.open(argv, host="box") as pipe:
        pid = int(pipe.run("echo $$", timeout=5).stdout)
        if end == "timeout":
            with pytest.raises(CommandTimeout, match="still running"):
                pipe.run("trap '' HUP INT TERM; sleep 61 & sleep 62 | cat", timeout=0.3)
        else:
            pipe.run("sleep 61 >/dev/null 2>&1 &", timeout=5)
    gone = f"while pgrep -g {pid} >/dev/null; do sleep 0.05; done"

    assert witness.run(gone, timeout=10).status == 0


def test_closing_from_another_thread_ends_a_running_command(shell: Pipe) -> None:
    """The waiting thread gets an error that the pipe was closed."""
    thread = threading.Timer(0.2, shell.close)
    thread.start()
    began = time.monotonic()

    with pytest.raises(HostLost, match="closed"):
        shell.run("sleep 30", timeout=30)
    thread.join()
    assert time.monotonic() - began < 5


def test_threads_share_a_pipe(shell: Pipe) -> None:
    """Their commands run one after the other, and each gets its own output."""
    answers: dict[int, bytes] = {}

    def ask(number: int) -> None:
        answers[number] = shell.run(f"echo {number}", timeout=10).stdout

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: f"{n}\n".encode() for n in range(8)}


def test_a_shell_that_cannot_be_opened_says_why() -> None:
    """The message quotes the connecting program."""
    with pytest.raises(HostLost, match=r"box: cannot open a shell .*125.*no such container"):
        Pipe.open(["bash", "-c", "echo no such container >&2; exit 125"], host="box")
    with pytest.raises(HostLost, match="cannot be started"):
        Pipe.open(["/nonexistent/shell"], host="box")
    with pytest.raises(HostLost, match="did not answer"):
        Pipe.open(["sleep", "30"], host="box", timeout=0.2)
