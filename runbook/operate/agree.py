"""The operator's agreement to steps that nobody marked, each by its own id."""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterable

import click
from attrs import evolve

from runbook.errors import RunbookError
from runbook.model import Cluster, Runbook, Step
from runbook.operate.guide import unknown
from runbook.proposal import objections
from runbook.report.plan import in_full
from runbook.report.words import inert
from runbook.runner import Choice, refused


class _Answer(enum.Enum):
    YES = "y"
    NO = "n"
    QUIT = "q"


def agreed(runbook: Runbook, choice: Choice, ids: Iterable[str], *, ask: bool) -> Choice | None:
    """Return `choice` with the ids of the steps that the operator agrees to.

    `ids` are agreed to already. With `ask`, and at a terminal, the operator is shown every other
    step to which there are objections; `None` is returned if they want nothing to be run.

    Raises:
        RunbookError: an id is that of no step.

    """
    steps = {step.id: step for step in runbook.steps()}
    for one in ids:
        if one not in steps:
            raise RunbookError(f"--agree: {unknown(one, steps)}")
    yes = set(ids)
    if ask and choice.unmarked and sys.stdin.isatty() and sys.stdout.isatty():
        for id_, why in objections(runbook).items():
            if id_ in yes or choice.refuses(steps[id_]):
                continue
            answer = _asked(steps[id_], why)
            if answer is _Answer.QUIT:
                return None
            if answer is _Answer.YES:
                yes.add(id_)
    return evolve(choice, agreed=frozenset(yes))


def _asked(step: Step, why: tuple[str, ...]) -> _Answer:
    click.echo()
    for line in in_full(step):
        click.echo(line)
    click.echo("    The guide does not say that this is a step, and it does not run unasked:")
    for reason in why:
        click.echo(f"      - {inert(reason)}")
    answer = click.prompt(
        "Run it all the same? [y/N/q]",
        type=click.Choice([one.value for one in _Answer], case_sensitive=False),
        default=_Answer.NO.value,
        show_choices=False,
        show_default=False,
    )
    return _Answer(answer)


def left_to_run(runbook: Runbook, cluster: Cluster, choice: Choice) -> frozenset[str]:
    """Return the ids of the steps that `choice` would run on some host of `cluster`."""
    objected = objections(runbook)
    return frozenset(
        step.id for step in runbook.steps() if not refused(step, cluster, choice, objected)
    )
