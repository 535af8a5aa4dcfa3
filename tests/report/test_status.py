"""The line that says how far something is, on a terminal and in a log."""

from __future__ import annotations

import io

from rich.console import Console

from runbook.report.status import INTERVAL, StatusDisplay


class Clock:
    """A clock that goes on when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_a_log_has_a_line_every_interval() -> None:
    """Not one for each of hundreds of packages; and a line of another kind counts as well."""
    stream, clock = io.StringIO(), Clock()
    display = StatusDisplay(Console(file=stream), interactive=False, clock=clock)
    for second in range(30):
        clock.now = 100.0 + second
        display.show(f"package {second}")
        if second == 15:
            display.end()
    assert INTERVAL == 10
    assert stream.getvalue() == "package 10\npackage 25\n"


def test_a_terminal_shows_the_newest_line_and_removes_it() -> None:
    """With the time since it showed nothing, cut to the width of the terminal."""
    stream, clock = io.StringIO(), Clock()
    console = Console(file=stream, force_terminal=True, width=40, _environ={"TERM": "xterm"})
    display = StatusDisplay(console, interactive=True, clock=clock)
    display.show("first")
    clock.now += 75
    display.show("second")
    display.end()
    display.show("x" * 100)
    display.end()
    shown = stream.getvalue()
    assert "second  1 min 15 s" in shown
    assert "x" * 39 + "\N{HORIZONTAL ELLIPSIS}" in shown
    assert shown.endswith("\x1b[?25h\r\x1b[1A\x1b[2K"), "the line is gone, and there is a cursor"


def test_what_is_written_after_it_begins_a_line_of_its_own() -> None:
    """The end may come more than once."""
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=40, _environ={"TERM": "xterm"})
    display = StatusDisplay(console, interactive=True)
    display.show("package")
    display.end()
    display.end()
    console.print("done")
    assert stream.getvalue().endswith("\x1b[2Kdone\n")
