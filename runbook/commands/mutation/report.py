"""What `runbook mutate` says at its end, for people and for programs."""

from __future__ import annotations

import json
from typing import Any

import click
from attrs import frozen

from runbook.model import Runbook, codec
from runbook.mutation.explained import Explanation, reason_of
from runbook.mutation.keys import MutationKeys
from runbook.mutation.mutants import Mutant, mutants
from runbook.mutation.record import Fate, Mutation, Tried
from runbook.mutation.summary import Figure, by_chapter, platforms, stale
from runbook.report.text import format_duration, pluralize, sanitize
from runbook.results.summary import ExitStatus


@frozen
class Told:
    """What is told of: the mutants `tried` now, of so many `chosen`, and what is known in all."""

    runbook: Runbook
    known: Mutation
    keys: MutationKeys
    explained: tuple[Explanation, ...]
    tried: tuple[Tried, ...]
    chosen: int
    seconds: float

    @property
    def survivors(self) -> tuple[tuple[Mutant, str], ...]:
        """The mutants that survived now, each with the reason why it may."""
        ids = {one.id for one in self.tried if one.fate is Fate.SURVIVED}
        found = [one for step in self.runbook.steps() for one in mutants(step) if one.id in ids]
        return tuple((one, reason_of(one.id, self.explained)) for one in found)

    @property
    def stale(self) -> tuple[tuple[Explanation, str], ...]:
        """The explanations that are not needed, each with the reason."""
        holding = [one for one in self.known.steps if one.holds(self.keys)]
        return stale(self.runbook, holding, self.explained)

    @property
    def status(self) -> ExitStatus:
        """The exit status of the command."""
        if any(not why for _, why in self.survivors):
            return ExitStatus.FAILED
        known = [one for one in self.tried if one.fate is not Fate.UNTRIED]
        return ExitStatus.OK if known else ExitStatus.ERROR

    def count(self, fate: Fate) -> int:
        """Return of how many mutants that came now."""
        return len({one.id for one in self.tried if one.fate is fate})

    def figure(self, platform: str) -> Figure:
        """Return the figure of the whole guide on a platform."""
        total = Figure()
        for _, one in by_chapter(
            self.runbook, platform, self.known, self.keys, self.explained
        ):  # fmt: skip
            total = total.plus(one)
        return total


def show(told: Told) -> None:
    """Show survivors with the checks that should have noticed them, and the figures."""
    sentences = {one.step: [c.sentence for c in one.checks] for one in told.known.steps}
    for mutant, reason in told.survivors:
        click.echo()
        click.echo(f"survived: {mutant.id}")
        click.echo(f"  {mutant.location}: {mutant.told}, and all checks hold")
        if reason:
            click.echo(f"  explained: {reason}")
            continue
        for sentence in sentences.get(mutant.step.id, ()):
            click.echo(f"  not noticed by: {sanitize(sentence)}")
        if not sentences.get(mutant.step.id):
            click.echo("  the step has no check")
    click.echo()
    for one, why in told.stale:
        click.echo(f"{one.location}: {one.pattern!r} is not needed: {why}")
    explained = sum(bool(why) for _, why in told.survivors)
    number = len({one.id for one in told.tried})
    click.echo(
        f"{number} of {pluralize(told.chosen, 'mutant')} tried in {format_duration(told.seconds)}: "
        f"{told.count(Fate.BY_CHECK)} killed by a check, "
        f"{told.count(Fate.BY_COMMAND)} by their command, "
        f"{told.count(Fate.BY_LATER_STEP)} by a later step, "
        f"{len(told.survivors)} survived ({explained} explained), "
        f"{told.count(Fate.UNTRIED)} could not be tried"
    )
    for platform in platforms(told.known):
        figure = told.figure(platform)
        for step, sentence in figure.idle:
            click.echo(f"never needed: {step}: {sanitize(sentence)}")
        click.echo(
            f"{platform}, all in all: {figure.tried} of {pluralize(figure.all, 'mutant')} tried, "
            f"{figure.by_check} killed by a check, {figure.by_command} by their command, "
            f"{figure.by_later_step} by a later step, "
            f"{figure.explained} explained, {len(figure.unexplained)} survived"
        )


def told_as_json(told: Told) -> str:
    """Return the same as JSON text."""
    data: dict[str, Any] = {
        "chosen": told.chosen,
        "seconds": round(told.seconds, 1),
        "tried": [codec.unstructure(one) for one in told.tried],
        "survivors": [
            {"id": m.id, "step": m.step.id, "location": str(m.location), "told": m.told,
             "explained": why}
            for m, why in told.survivors
        ],
        "stale": [
            {"pattern": one.pattern, "location": str(one.location), "why": why}
            for one, why in told.stale
        ],
    }  # fmt: skip
    return json.dumps(data, indent=2, ensure_ascii=False)
