"""Give the operator the very session in which a step did not hold, and ask how to go on."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

import click

from runbook.errors import RunbookError
from runbook.execution.hosts.host import HostConnection
from runbook.execution.runner import Answer
from runbook.report.text import sanitize
from runbook.results import Outcome

_ANSWERS = {"t": Answer.AGAIN, "g": Answer.GO_ON, "s": Answer.STOP}


def hand_over(
    terminal: AbstractContextManager[object], outcome: Outcome, hosts: Mapping[str, HostConnection]
) -> Answer:
    """Let the operator work in the session that failed, then say what to do with the step.

    While `terminal` is entered, nothing else uses the terminal. Without a session, as when the
    host is gone, they are only asked.
    """
    with terminal:
        host = hosts.get(outcome.host)
        try:
            session = host.last_session() if host is not None else None
        except RunbookError as error:
            click.echo(f"there is no session to give you: {sanitize(str(error))}")
            session = None
        if session is not None:
            click.echo(
                f"\nThe session of {sanitize(outcome.step)} on {sanitize(outcome.host)} is yours, "
                "in its directory and with its variables; leave it with exit."
            )
            session.interact()
        answer = click.prompt(
            "Try the step again, go on, or stop? [t/g/s]",
            type=click.Choice(list(_ANSWERS), case_sensitive=False),
            default="s",
            show_choices=False,
            show_default=False,
        )
    return _ANSWERS[answer]
