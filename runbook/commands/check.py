"""`runbook check`: evaluate the checks on a lab without changing it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from runbook.commands.choices import refuse_unknown_choices
from runbook.commands.hosts import hosts_of, probe_all, refuse_unknown_hosts
from runbook.commands.root import refuse_without_root
from runbook.commands.secrecy import known_secrets
from runbook.errors import RunbookError
from runbook.execution import shared_checks, values
from runbook.execution.end_state import EndState
from runbook.execution.file_checks import checks_of
from runbook.execution.host import closing_all
from runbook.execution.selection import Selection, choices_of, refused, unfit
from runbook.labs import Lab
from runbook.model import Runbook, Step
from runbook.redaction.known import KnownSecrets
from runbook.report.text import pluralize, sanitize
from runbook.results import Outcome, Probed, Verdict
from runbook.results.summary import ExitStatus


def check_on(guide: Path, kind: str, lab: Lab, runbook: Runbook, selection: Selection) -> int:
    """Evaluate the checks of `runbook` on `lab`, show the results, and return the exit status.

    Those are the checks of the end state: none that a later step is meant to make false. A check
    that needs a value which only a run captures is shown as unknown.
    """
    refuse_unknown_hosts(runbook, lab)
    refuse_unknown_choices(runbook, selection.chosen, lab.cluster)
    refuse_without_root(lab)
    with known_secrets(guide, kind) as known:
        return _check_on(guide, lab, runbook, selection, known)


def _check_on(
    guide: Path, lab: Lab, runbook: Runbook, selection: Selection, known: KnownSecrets
) -> int:
    status = ExitStatus.OK
    evaluated = 0
    drifted: dict[str, int] = {}
    with (
        closing_all(hosts_of(lab, known=known)) as hosts,
        ThreadPoolExecutor(max(1, len(hosts))) as pool,
    ):
        reached, why_not = probe_all(hosts)
        for name, why in why_not.items():
            reason = sanitize(known.redact(why.removeprefix(f"{name}: ")))
            click.echo(f"error    {name}  its checks were not evaluated: {reason}")
            status = ExitStatus.ERROR
        state = EndState(runbook, hosts, shared_checks.load(guide), pool)
        captures = values.Captures()
        for step, name in _checkable(lab, runbook, selection, reached):
            captures.declare(step)
            try:
                state.done(captures.fill_in(step, name), _assumed(step, name))
            except values.ValueMissingError as error:
                for one in checks_of(step):
                    click.echo(
                        f"unknown  {name}  {one.location}  {sanitize(one.sentence)}: {error}"
                    )
        for end in state.final():
            where = f"{end.host}  {end.check.location}"
            if not end.check.evaluated:
                click.echo(f"error    {where}  {sanitize(known.redact(end.check.detail))}")
                status = ExitStatus.ERROR
                continue
            evaluated += 1
            word = "holds   " if end.check.held else "differs "
            click.echo(f"{word} {where}  {sanitize(end.check.sentence)}")
            if not end.check.held:
                drifted[end.host] = drifted.get(end.host, 0) + 1
                lines = sanitize(known.redact(end.check.detail)).splitlines()
                click.echo("".join(f"    {line}\n" for line in lines))
                status = status or ExitStatus.FAILED
    if not evaluated and status is ExitStatus.OK:
        raise RunbookError("no check was evaluated")
    click.echo(f"\n{_summary(evaluated, drifted, why_not)}")
    return status


def _assumed(step: Step, host: str) -> Outcome:
    """Return an outcome as if an earlier run had done `step`: its checks are to hold."""
    return Outcome(step.id, host, Verdict.SATISFIED, "", "", resumed=True)


def _summary(evaluated: int, drifted: Mapping[str, int], unreached: Iterable[str]) -> str:
    """Return a sentence that says how many checks differ, and on which hosts."""
    if not evaluated:
        return "No check was evaluated."
    count = sum(drifted.values())
    without = f"; {', '.join(unreached)} could not be looked at" if unreached else ""
    if not count:
        return f"{pluralize(evaluated, 'check')} evaluated; none differs{without}."
    are = "is" if len(drifted) == 1 else "are"
    differ = "differs" if count == 1 else "differ"
    return (
        f"{count} of {pluralize(evaluated, 'check')} {differ}: "
        f"{', '.join(drifted)} {are} not as the guide says{without}."
    )


def _checkable(
    lab: Lab, runbook: Runbook, selection: Selection, reached: Mapping[str, Probed]
) -> Iterator[tuple[Step, str]]:
    chosen = choices_of(lab.cluster, selection)
    for step in runbook.steps():
        if not selection.wants(step) or refused(step, lab.cluster, selection, {}):
            continue
        for host in lab.cluster.select(step.on or ("all",)):
            if host.name in reached and not unfit(step, host.name, reached[host.name], chosen):
                yield step, host.name
