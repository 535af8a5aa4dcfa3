"""The person in front of the terminal: agrees to what will run, and does the manual tasks."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from runbook.connect import LocalConnection, SshConnection
from runbook.errors import RunbookError
from runbook.labs import Lab
from runbook.labs.static import described
from runbook.model import FileContent, Manual, Runbook, Step
from runbook.prove import Attend
from runbook.report.console import Console
from runbook.report.plan import print_steps
from runbook.report.words import inert, number


def consent(runbook: Runbook, lab: Lab, chosen: frozenset[str]) -> bool:
    """Show the `chosen` steps and the machines they would change, and ask whether they may.

    Raises:
        RunbookError: there is nobody to ask.

    """
    print_steps(runbook, sys.stdout, only=chosen)
    ways = lab.connections()
    here = next((name for name, way in ways.items() if isinstance(way, LocalConnection)), None)
    if here is None:
        for line in touched(runbook, lab, chosen):
            click.echo(inert(line))
    if not sys.stdin.isatty():
        what = "these machines" if here is None else "this very machine"
        raise RunbookError(f"this would change {what}; agree to it with --yes")
    these = "this" if len(chosen) == 1 else "these"
    where = "on these machines" if here is None else f"on this machine, as {here}"
    return click.confirm(f"Run {these} {number(len(chosen), 'step')} {where}?")


def touched(runbook: Runbook, lab: Lab, chosen: frozenset[str]) -> Iterator[str]:
    """Yield a line for each machine of `lab`: where it is, and which of the steps change it."""
    ways = lab.connections()
    for host in lab.cluster.hosts:
        way = ways.get(host.name)
        steps = [
            step
            for step in runbook.steps()
            if step.id in chosen and host in lab.cluster.select(step.on or ("all",))
        ]
        if way is None or not steps:
            continue
        place = described(way) if isinstance(way, SshConnection) else host.name
        yield f"\n{host.name} ({place}): {number(len(steps), 'step')}"
        for step in steps:
            files = [one.path for one in step.actions if isinstance(one, FileContent)]
            writes = f"; writes {', '.join(files)}" if files else ""
            yield f"    {step.title} (as {step.user}{writes})"


@contextmanager
def attending(console: Console) -> Iterator[Attend]:
    """Give the function that asks the operator to do a task, and whether it is done.

    The function may be called from any thread, and returns at once when the run is
    interrupted: a thread that waited for the operator would keep the program from ending.
    """
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    before = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    asking = threading.Lock()

    def attend(step: Step, host: str, task: Manual) -> bool:
        with asking, console.aside():
            # Never read, so that the threads behind this one are woken as well.
            if select.select([woken], [], [], 0)[0]:
                return False
            click.echo(f"\n{inert(host)}: {inert(step.title)}\n{inert(task.text)}\n")
            return _agreed("Is it done? [y/N]: ", woken)

    try:
        yield attend
    finally:
        signal.set_wakeup_fd(before)
        os.close(woken)
        os.close(wake)


def _agreed(question: str, woken: int) -> bool:
    """Ask until the answer is yes or no; the end of the input is no."""
    while True:
        click.echo(question, nl=False)
        line = _line(woken)
        if not line.endswith("\n"):
            click.echo()
        answer = line.strip().lower()
        if answer in ("y", "yes"):
            return True
        if answer in ("", "n", "no"):
            return False
        click.echo("Answer with y or n.")


def _line(woken: int) -> str:
    """Return a line of the input, or what there is of it when `woken` or the input's end comes."""
    terminal = sys.stdin.fileno()
    line = b""
    while not line.endswith(b"\n"):
        if woken in select.select([terminal, woken], [], [])[0]:
            return ""
        # One at a time: what stands after the line answers another question.
        byte = os.read(terminal, 1)
        if not byte:
            break
        line += byte
    return line.decode(errors="replace")
