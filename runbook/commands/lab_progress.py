"""What a lab says of its progress, shown to the operator."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from runbook.labs import Progress, StatusLine
from runbook.report.console import Console
from runbook.report.screen import Screen
from runbook.report.status import StatusDisplay


@contextmanager
def shown_by(console: Console) -> Iterator[Progress]:
    """Give a function that shows a lab's progress on the console of a run."""

    def progress(line: str) -> None:
        if isinstance(line, StatusLine):
            console.status(line)
        else:
            console.log(line)

    try:
        yield progress
    finally:
        console.end_status()


@contextmanager
def printed() -> Iterator[Progress]:
    """Give a function that shows a lab's progress on the standard output."""
    screen = Screen(sys.stdout)
    interactive = sys.stdout.isatty() and not screen.is_dumb_terminal
    display = StatusDisplay(screen, interactive=interactive)

    def progress(line: str) -> None:
        if isinstance(line, StatusLine):
            display.show(line)
        else:
            display.end()
            click.echo(line)

    try:
        yield progress
    finally:
        display.end()
