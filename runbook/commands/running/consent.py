"""The operator's consent to unmarked steps that do not run without it."""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterable

import click
from attrs import evolve

from runbook.commands.guide import unknown_id
from runbook.errors import RunbookError
from runbook.execution.selection import Selection, refused, runs_nowhere
from runbook.lint.consent import consent_reasons
from runbook.model import Cluster, Runbook, Step
from runbook.report.plan import step_lines
from runbook.report.text import sanitize


class _Answer(enum.Enum):
    YES = "y"
    NO = "n"
    QUIT = "q"


def ask_consent(
    runbook: Runbook, cluster: Cluster, selection: Selection, ids: Iterable[str], *, ask: bool
) -> Selection | None:
    """Return `selection` with the ids of the steps that the operator agrees to.

    `ids` are agreed to already. With `ask`, on a terminal, the operator is asked about every
    other step that needs consent and would run somewhere; the result is `None` if they quit.

    Raises:
        RunbookError: there is no step of one of the `ids`.

    """
    steps = {step.id: step for step in runbook.steps()}
    for one in ids:
        if one not in steps:
            raise RunbookError(f"--agree: {unknown_id(one, steps)}")
    agreed = set(ids)
    if ask and selection.unmarked and sys.stdin.isatty() and sys.stdout.isatty():
        for id_, why in consent_reasons(runbook).items():
            step = steps[id_]
            if id_ in agreed or not selection.wants(step) or runs_nowhere(step, cluster, selection):
                continue
            answer = _ask(step, why)
            if answer is _Answer.QUIT:
                return None
            if answer is _Answer.YES:
                agreed.add(id_)
    return evolve(selection, agreed=frozenset(agreed))


def _ask(step: Step, why: tuple[str, ...]) -> _Answer:
    click.echo()
    for line in step_lines(step):
        click.echo(line)
    click.echo("    The guide does not mark this as a step. It needs your consent:")
    for reason in why:
        click.echo(f"      - {sanitize(reason)}")
    answer = click.prompt(
        "Run it anyway? [y/N/q]",
        type=click.Choice([one.value for one in _Answer], case_sensitive=False),
        default=_Answer.NO.value,
        show_choices=False,
        show_default=False,
    )
    return _Answer(answer)


def selected_steps(runbook: Runbook, cluster: Cluster, selection: Selection) -> frozenset[str]:
    """Return the ids of the steps that `selection` would run on some host of `cluster`."""
    needs_consent = consent_reasons(runbook)
    return frozenset(
        step.id for step in runbook.steps() if not refused(step, cluster, selection, needs_consent)
    )
