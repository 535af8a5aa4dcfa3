"""Ask the operator to confirm a run, and to do its manual tasks."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import click

from runbook.errors import RunbookError
from runbook.execution.actions.act import Attend
from runbook.labs import Lab
from runbook.labs.ssh import way_to
from runbook.model import FileContent, Manual, Runbook, Step
from runbook.report.plan import print_steps
from runbook.report.text import pluralize, sanitize
from runbook.terminal.connection import LocalConnection


def confirm_run(runbook: Runbook, lab: Lab, ids: frozenset[str]) -> bool:
    """Show the steps of `ids` and the machines that they change, and ask whether to run them.

    Raises:
        RunbookError: the standard input is not a terminal.

    """
    print_steps(runbook, sys.stdout, only=ids)
    connections = lab.connections()
    here = None
    if all(isinstance(one, LocalConnection) for one in connections.values()):
        here = next(iter(connections), None)
    if here is None:
        for line in affected_hosts(runbook, lab, ids):
            click.echo(sanitize(line))
    if not sys.stdin.isatty():
        what = "these machines" if here is None else "this machine"
        raise RunbookError(f"this would change {what}; agree to it with --yes")
    these = "this" if len(ids) == 1 else "these"
    where = "on these machines" if here is None else f"on this machine, as {here}"
    return click.confirm(f"Run {these} {pluralize(len(ids), 'step')} {where}?")


def affected_hosts(runbook: Runbook, lab: Lab, ids: frozenset[str]) -> Iterator[str]:
    """Yield lines for each machine of `lab`: its address, and which of the steps run on it."""
    connections = lab.connections()
    for host in lab.cluster.hosts:
        connection = connections.get(host.name)
        steps = [
            step
            for step in runbook.steps()
            if step.id in ids and host in lab.cluster.select(step.on or ("all",))
        ]
        if connection is None or not steps:
            continue
        yield f"\n{host.name} ({way_to(connection)}): {pluralize(len(steps), 'step')}"
        for step in steps:
            files = [one.path for one in step.actions if isinstance(one, FileContent)]
            writes = f"; writes {', '.join(files)}" if files else ""
            yield f"    {step.title} (as {step.user}{writes})"


@contextmanager
def manual_tasks(
    terminal: Callable[[], AbstractContextManager[object]],
) -> Iterator[Attend]:
    """Return a function that asks the operator to do a manual task, and whether it is done.

    While what `terminal` returns is entered, nothing else uses the terminal. The function may be
    called from any thread. It returns when the run is interrupted: a thread that waits for the
    operator would keep the process alive.
    """
    interrupted, wake = os.pipe()
    os.set_blocking(wake, False)
    before = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    asking = threading.Lock()

    def attend(step: Step, host: str, task: Manual) -> bool:
        with asking, terminal():
            # Never read from, so that every waiting thread returns.
            if select.select([interrupted], [], [], 0)[0]:
                return False
            click.echo(f"\n{sanitize(host)}: {sanitize(step.title)}\n{sanitize(task.text)}\n")
            return _confirmed("Is it done? [y/N]: ", interrupted)

    try:
        yield attend
    finally:
        signal.set_wakeup_fd(before)
        os.close(interrupted)
        os.close(wake)


def _confirmed(question: str, interrupted: int) -> bool:
    """Ask until the answer is yes or no; end of input counts as no."""
    while True:
        click.echo(question, nl=False)
        line = _read_line(interrupted)
        if not line.endswith("\n"):
            click.echo()
        answer = line.strip().lower()
        if answer in ("y", "yes"):
            return True
        if answer in ("", "n", "no"):
            return False
        click.echo("Answer y or n.")


def _read_line(interrupted: int) -> str:
    """Return a line of the input, or an empty text once `interrupted` is readable."""
    terminal = sys.stdin.fileno()
    line = b""
    while not line.endswith(b"\n"):
        if interrupted in select.select([terminal, interrupted], [], [])[0]:
            return ""
        # A byte at a time: what follows the line is the answer to another question.
        byte = os.read(terminal, 1)
        if not byte:
            break
        line += byte
    return line.decode(errors="replace")
