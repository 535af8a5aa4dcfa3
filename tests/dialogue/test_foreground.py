"""The state of the foreground program is read correctly from what its host prints."""

from __future__ import annotations

import getpass
from collections.abc import Iterator

import pytest

from runbook.dialogue import foreground
from runbook.dialogue.foreground import ForegroundState
from runbook.terminal.connection import LocalConnection
from runbook.terminal.pipe import Pipe
from runbook.terminal.shell import Shell
from tests.support.waiting import until

SETTINGS = "speed 38400 baud; rows 24; columns 80; line = 0;\nisig icanon {}echo echoe -echonl\n"


@pytest.mark.parametrize(
    ("process", "waits"),
    [
        ("S;0 0x0 0x1 0x400;wait_woken;/dev/pts/3", True),
        ("S;0 0x5 0x1 0x400;wait_woken;/dev/tty", True),
        ("S;19 0x0 0x1 0x400;0;/dev/pts/3", True),
        ("S;0 0x0 0x1 0x400;0;/dev/pts/3;other;", None),
        ("S;0 0x4 0x1 0x400;pipe_read;pipe:[1]", False),
        ("R;running;0;/dev/pts/3", False),
        ("S;230 0x0;hrtimer_nanosleep;/dev/pts/3", False),
        ("S;61 0x1;do_wait;", False),
        ("S;202 0x1;futex_wait_queue;", False),
        ("S;7 0x1;poll_schedule_timeout.constprop.0;", None),
        ("S;7 0x1 0x1 0xffffffff;0;;main;/dev/pts/3 .", True),
        ("S;7 0x1 0x1 0x3e8;0;;main;/dev/pts/3 .", None),
        ("S;7 0x1 0x2 0xffffffff;0;;main;/dev/pts/3 socket:[4] .", None),
        ("S;7 0x1 0x2 0xffffffff;0;;main;socket:[4] .", False),
        ("S;270 0x1 0x1 0x0 0x0 0x0 0x1;0;;main;/dev/pts/3 .", True),
        ("S;;wait_woken;", None),
        ("S;;;", None),
    ],
)
def test_a_process_waits_for_input_or_is_busy_or_unknown(process: str, waits: bool | None) -> None:
    """By its system call and its file, or else by its kernel function."""
    output = SETTINGS.format("") + f"process;{process}\n"
    assert foreground.parse(output) == ForegroundState(waits, echo=True, columns=80, canonical=True)


def test_the_numbers_of_system_calls_are_those_of_the_machine() -> None:
    """On another one the same number is another call."""
    process = "process;S;63 0x0 0x1 0x400;0;/dev/pts/3\n"
    assert foreground.parse(f"machine;aarch64\n{process}").waits is True
    assert foreground.parse(f"machine;x86_64\n{process}").waits is False


def test_the_settings_are_those_of_the_innermost_terminal() -> None:
    """Programs such as sudo give what they start a terminal of its own."""
    outer, inner = (
        f"speed 38400 baud; columns 80;\n{flag}" for flag in ("-icanon -echo\n", "icanon echo\n")
    )
    state = foreground.parse(outer + inner)
    assert (state.echo, state.canonical) == (True, True)


def test_one_reading_process_is_enough_and_one_unknown_leaves_it_open() -> None:
    """A program and its children are in the foreground together."""
    waiting = "process;S;61 0x1;do_wait;\n"
    reading = "process;S;0 0x0;wait_woken;/dev/pts/0\n"
    polling = "process;S;7 0x0;do_poll;\n"
    assert foreground.parse(waiting + reading).waits is True
    assert foreground.parse(waiting + polling).waits is None
    assert foreground.parse(waiting).waits is False


def test_hidden_input_is_seen_and_empty_output_is_unknown() -> None:
    """`echoe` and `-echonl` are other settings."""
    assert foreground.parse(SETTINGS.format("-")).echo is False
    assert foreground.parse("") == foreground.UNKNOWN


@pytest.fixture
def channels() -> Iterator[tuple[Shell, Pipe]]:
    """A shell on a terminal of this machine, and one without a terminal."""
    connection = LocalConnection("box")
    user = getpass.getuser()
    with Pipe.open(connection.pipe(user), host="box") as pipe:
        shell = Shell(connection.shell(user), host="box")
        yield shell, pipe
        shell.close()


def test_the_state_of_a_real_terminal_is_read_from_another_shell(
    channels: tuple[Shell, Pipe],
) -> None:
    """A shell at its prompt reads with the echo off, and has the width that was set."""
    shell, pipe = channels
    pid = int(shell.execute("stty cols 77 </dev/tty; echo $$", timeout=5).output)

    def state() -> ForegroundState:
        return foreground.parse(pipe.run(foreground.script(pid), timeout=5).stdout.decode())

    # It has told of its prompt before it reads.
    until(lambda: state().waits is True)
    assert state() == ForegroundState(waits=True, echo=False, columns=77, canonical=True)


def test_the_state_of_an_ended_shell_is_unknown(channels: tuple[Shell, Pipe]) -> None:
    """No process has that id."""
    _, pipe = channels
    output = pipe.run(foreground.script(2**22 + 1), timeout=5).stdout.decode()
    assert foreground.parse(output) == foreground.UNKNOWN
