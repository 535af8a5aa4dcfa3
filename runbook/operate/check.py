"""`runbook check`: evaluate the checks on a lab as it is, and change nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from attrs import evolve

from runbook import check, shared, values
from runbook.errors import RunbookError
from runbook.labs import Lab
from runbook.live import HostMap, closing_all
from runbook.model import Runbook, Step
from runbook.operate.hosts import live_hosts, probe_all, refuse_unknown_hosts
from runbook.report.words import inert, number
from runbook.result import Probed
from runbook.runner import Choice, refused, unfit
from runbook.summary import ExitStatus


def check_on(guide: Path, lab: Lab, runbook: Runbook, choice: Choice) -> int:
    """Evaluate the checks of `runbook` on `lab` as it is, show them, return the exit status.

    A check that needs what only a run captures is shown as unknown.
    """
    refuse_unknown_hosts(runbook, lab)
    in_common = shared.load(guide)
    captures = {step.capture.name: step.id for step in runbook.steps() if step.capture}
    status = ExitStatus.OK
    evaluated = 0
    drifted: dict[str, int] = {}
    with closing_all(live_hosts(lab)) as live:
        reached = probe_all(live)
        for name in live:
            if name not in reached:
                click.echo(f"error    {name}  it cannot be reached, so nothing is known of it")
                status = ExitStatus.ERROR
        for step, name in _checkable(lab, runbook, choice, reached):
            for one in step.checks:
                if why := values.unfilled(evolve(step, actions=(), checks=(one,)), captures, {}):
                    click.echo(f"unknown  {name}  {one.location}  {inert(one.sentence)}: {why}")
                    continue
                try:
                    # What an earlier check has lost is connected to anew.
                    result = check.evaluate(one, HostMap(live), name, in_common)
                except RunbookError as error:
                    click.echo(f"error    {name}  {one.location}  {inert(str(error))}")
                    status = ExitStatus.ERROR
                    continue
                evaluated += 1
                word = "holds   " if result.held else "differs "
                click.echo(f"{word} {name}  {one.location}  {inert(one.sentence)}")
                if not result.held:
                    drifted[name] = drifted.get(name, 0) + 1
                    lines = inert(result.detail).splitlines()
                    click.echo("".join(f"    {line}\n" for line in lines))
                    status = status or ExitStatus.FAILED
    if not evaluated and status is ExitStatus.OK:
        raise RunbookError("no check was evaluated")
    click.echo(f"\n{_summary(evaluated, drifted)}")
    return status


def _summary(evaluated: int, drifted: Mapping[str, int]) -> str:
    """Return the sentence that says whether the hosts are as the guide says."""
    count = sum(drifted.values())
    if not count:
        return f"{number(evaluated, 'check')} evaluated; none differs."
    are = "is" if len(drifted) == 1 else "are"
    differ = "differs" if count == 1 else "differ"
    return (
        f"{count} of {number(evaluated, 'check')} {differ}: {', '.join(drifted)} {are} not as the"
        " guide says."
    )


def _checkable(
    lab: Lab, runbook: Runbook, choice: Choice, reached: Mapping[str, Probed]
) -> Iterator[tuple[Step, str]]:
    for step in runbook.steps():
        if refused(step, lab.cluster, choice, {}):
            continue
        for host in lab.cluster.select(step.on or ("all",)):
            if host.name in reached and not unfit(step, host.name, reached[host.name]):
                yield step, host.name
