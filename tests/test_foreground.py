"""What a host says of the program in the foreground of a terminal."""

from __future__ import annotations

import getpass
from collections.abc import Iterator

import pytest

from runbook import foreground
from runbook.connect import LocalConnection
from runbook.foreground import Look
from runbook.pipe import Pipe
from runbook.shell import Shell

SETTINGS = "speed 38400 baud; rows 24; columns 80; line = 0;\nisig icanon {}echo echoe -echonl\n"


@pytest.mark.parametrize(
    ("process", "waits"),
    [
        ("S;0 0x0 0x1 0x400;wait_woken;/dev/pts/3", True),
        ("S;0 0x5 0x1 0x400;wait_woken;/dev/tty", True),
        ("S;63 0x0 0x1 0x400;0;/dev/pts/3", True),
        ("S;0 0x4 0x1 0x400;pipe_read;pipe:[1]", False),
        ("R;running;0;/dev/pts/3", False),
        ("S;230 0x0;hrtimer_nanosleep;/dev/pts/3", False),
        ("S;61 0x1;do_wait;", False),
        ("S;7 0x1;poll_schedule_timeout.constprop.0;", None),
        ("S;;wait_woken;", None),
        ("S;;;", None),
    ],
)
def test_a_process_waits_for_input_or_is_busy_or_cannot_be_told(
    process: str, waits: bool | None
) -> None:
    """By its system call and its file, else by where the kernel is."""
    said = SETTINGS.format("") + f"process;{process}\n"
    assert foreground.parse(said) == Look(waits, echo=True, columns=80)


def test_one_process_that_reads_is_enough_and_one_unknown_is_a_doubt() -> None:
    """A program and its children are in the foreground together."""
    waiting = "process;S;61 0x1;do_wait;\n"
    reading = "process;S;0 0x0;wait_woken;/dev/pts/0\n"
    polling = "process;S;7 0x0;do_poll;\n"
    assert foreground.parse(waiting + reading).waits is True
    assert foreground.parse(waiting + polling).waits is None
    assert foreground.parse(waiting).waits is False


def test_a_hidden_input_is_seen_and_silence_says_nothing() -> None:
    """`echoe` and `-echonl` are other settings."""
    assert foreground.parse(SETTINGS.format("-")).echo is False
    assert foreground.parse("") == foreground.NOTHING


@pytest.fixture
def channels() -> Iterator[tuple[Shell, Pipe]]:
    """A shell on a terminal of this machine, and one beside it."""
    connection = LocalConnection("box")
    user = getpass.getuser()
    with Pipe.open(connection.pipe(user), host="box") as pipe:
        shell = Shell(connection.shell(user), host="box")
        yield shell, pipe
        shell.close()


def test_a_real_terminal_is_seen_from_beside_it(channels: tuple[Shell, Pipe]) -> None:
    """A shell at its prompt reads, and hides what is typed; its width is ours."""
    shell, pipe = channels
    pid = int(shell.execute("stty cols 77 </dev/tty; echo $$", timeout=5).output)
    seen = pipe.run(foreground.script(pid), timeout=5).stdout.decode()
    assert foreground.parse(seen) == Look(waits=True, echo=False, columns=77)


def test_a_shell_that_is_gone_is_nothing_to_see(channels: tuple[Shell, Pipe]) -> None:
    """No process has that number."""
    _, pipe = channels
    seen = pipe.run(foreground.script(2**22 + 1), timeout=5).stdout.decode()
    assert foreground.parse(seen) == foreground.NOTHING
