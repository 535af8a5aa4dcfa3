"""`runbook check`: its options, and what it hands to the commands."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from runbook.cli.options import (
    choose_option,
    guide_argument,
    host_option,
    hosts_option,
    inventory_option,
    only_option,
)

FORMATS = click.Choice(["text", "json", "junit", "prometheus", "sarif"])


def _seconds(_ctx: click.Context, _param: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    from runbook.model.duration import seconds

    try:
        found = seconds(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if not found:
        raise click.BadParameter("it must be longer than nothing")
    return found


@click.command()
@guide_argument
@hosts_option
@host_option
@inventory_option
@only_option
@choose_option
@click.option(
    "--format", "form", type=FORMATS, default="text", show_default=True,
    help="How to show what holds and what differs.",
)  # fmt: skip
@click.option(
    "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to this file, in one step, instead of the standard output.",
)  # fmt: skip
@click.option(
    "--watch", "interval", metavar="DURATION", callback=_seconds,
    help="Evaluate the checks again and again, with such a pause between, as 15m.",
)  # fmt: skip
@click.option(
    "--host-timeout", "limit", metavar="DURATION", callback=_seconds, default="5m",
    show_default=True, help="How long the checks of one host may take together.",
)  # fmt: skip
def check(
    guide: Path,
    kind: str,
    host: str | None,
    inventory: Path | None,
    only: tuple[str, ...],
    choose: dict[str, str],
    form: str,
    output: Path | None,
    interval: float | None,
    limit: float,
) -> None:
    """Evaluate the checks on the lab without changing it.

    Those are the checks of the end state: what a later step is meant to make false is left out.
    What could not be evaluated is unknown, not different.

    \b
    Exit status:
      0    all checks hold
      1    a check differs from what the guide says
      2    the command line is wrong
      3    nothing is known of a host or a check, and no check differs
      130  --watch was interrupted
    """  # noqa: D301  # click wants the backspace character itself
    from runbook.commands.guide import planned
    from runbook.commands.labs.lab import open_lab
    from runbook.commands.running.check import Examination, examine
    from runbook.commands.running.tell_drift import missing_output, repeat, tell
    from runbook.execution.selection import Selection, forward
    from runbook.results.drift import Drift

    if interval is not None and output is None and missing_output(form):
        raise click.UsageError(f"--watch with --format {form} needs --output")

    def once() -> Drift:
        opened = open_lab(guide, kind, host, inventory, choose)
        selection = Selection(only=only, chosen=choose)
        return examine(Examination(guide, kind, opened, forward(planned(guide)), selection, limit))

    if interval is not None:
        repeat(once, interval, form, guide, output)
    drift = once()
    tell(drift, form, guide, output)
    sys.exit(drift.status)
