"""`runbook check`: evaluate the checks on a lab without changing it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
from attrs import evolve, frozen

from runbook.commands.guide import run_directory
from runbook.commands.hosts import hosts_of, probe_all, refuse_unknown_hosts
from runbook.commands.root import refuse_without_root
from runbook.commands.running.choices import refuse_unknown_choices
from runbook.commands.secrecy import known_secrets
from runbook.errors import RunbookError
from runbook.execution.actions import values
from runbook.execution.checks import shared_checks
from runbook.execution.checks.file_checks import checks_of
from runbook.execution.end_state import EndState
from runbook.execution.hosts.host import closing_all
from runbook.execution.selection import Selection, choices_of, refused, unfit
from runbook.labs import Lab
from runbook.model import Runbook, Step
from runbook.redaction.known import KnownSecrets
from runbook.results import EndCheck, Outcome, Probed, Verdict, drift_history
from runbook.results import journal as journals
from runbook.results.clock import now
from runbook.results.drift import CheckState, Drift, State


@frozen
class Examination:
    """What is to be evaluated: the checks of `runbook` on `lab`, for the guide in `guide`.

    `name` is that of the lab among the guide's own: its kind. The checks of one host may take
    `limit` seconds together.
    """

    guide: Path
    name: str
    lab: Lab
    runbook: Runbook
    selection: Selection
    limit: float


def examine(asked: Examination) -> Drift:
    """Evaluate the checks of the end state, and add what came of it to the history of the lab.

    Those are the checks that no later step is meant to make false. A check that needs a value
    which no run has captured here is unknown. Secrets are in nothing that is returned.

    Raises:
        RunbookError: the guide does not fit the lab, or there is no check to evaluate.

    """
    refuse_unknown_hosts(asked.runbook, asked.lab)
    refuse_unknown_choices(asked.runbook, asked.selection.chosen, asked.lab.cluster)
    refuse_without_root(asked.lab)
    with known_secrets(asked.guide, asked.name) as known:
        drift = _redacted(_evaluated(asked, known), known)
    if not drift.checks and not drift.unreached:
        raise RunbookError("no check was evaluated")
    try:
        drift_history.append(run_directory(asked.guide, asked.name), drift)
    except RunbookError as error:
        # What was found is worth more than its history.
        click.echo(f"runbook: warning: {error}", err=True)
    return drift


def _evaluated(asked: Examination, known: KnownSecrets) -> Drift:
    started = now()
    states: list[CheckState] = []
    with (
        closing_all(hosts_of(asked.lab, known=known)) as hosts,
        ThreadPoolExecutor(max(1, len(hosts))) as pool,
    ):
        reached, why_not = probe_all(hosts)
        state = EndState(
            asked.runbook, hosts, shared_checks.load(asked.guide), pool, limit=asked.limit
        )
        captures = _captured(asked)
        for step, name in _checkable(asked, reached):
            captures.declare(step)
            try:
                state.done([(captures.fill_in(step, name), _assumed(step, name))])
            except values.ValueMissingError as error:
                states += _unknown(step, name, str(error))
        states += (_state_of(end) for end in state.final())
    unreached = {name: why.removeprefix(f"{name}: ") for name, why in why_not.items()}
    return Drift(asked.lab.name, started, now(), tuple(states), unreached)


def _captured(asked: Examination) -> values.Captures:
    """Return the values that runs have captured on the present hosts of the lab."""
    captures = values.Captures()
    journal = run_directory(asked.guide, asked.name) / "journal.jsonl"
    for outcome in journals.history(journal, asked.lab.instance()).outcomes.values():
        captures.take(outcome.host, outcome.captured)
    return captures


def _unknown(step: Step, host: str, why: str) -> Iterator[CheckState]:
    """Yield the checks of a step that needs a value which no run here has captured."""
    for one in checks_of(step):
        yield CheckState(
            step.id, host, one.sentence, one.location, State.UNKNOWN, why, needs_value=True
        )


def _state_of(end: EndCheck) -> CheckState:
    check = end.check
    state = State.UNKNOWN if not check.evaluated else State.HOLDS if check.held else State.DIFFERS
    return CheckState(end.step, end.host, check.sentence, check.location, state, check.detail)


def _redacted(drift: Drift, known: KnownSecrets) -> Drift:
    checks = (evolve(one, detail=known.redact(one.detail)) for one in drift.checks)
    unreached = {name: known.redact(why) for name, why in drift.unreached.items()}
    return evolve(drift, checks=tuple(checks), unreached=unreached)


def _assumed(step: Step, host: str) -> Outcome:
    """Return an outcome as if an earlier run had done `step`: its checks are to hold."""
    return Outcome(step.id, host, Verdict.SATISFIED, "", "", resumed=True)


def _checkable(asked: Examination, reached: Mapping[str, Probed]) -> Iterator[tuple[Step, str]]:
    cluster, selection = asked.lab.cluster, asked.selection
    chosen = choices_of(cluster, selection)
    for step in asked.runbook.steps():
        if not selection.wants(step) or refused(step, cluster, selection, {}):
            continue
        for host in cluster.select(step.on or ("all",)):
            if host.name in reached and not unfit(step, host.name, reached[host.name], chosen):
                yield step, host.name
