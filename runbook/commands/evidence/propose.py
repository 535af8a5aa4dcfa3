"""`runbook propose`: the checks that are missing for what the last run's steps have changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from attrs import evolve

from runbook.commands.evidence.recorded_runs import elsewhere
from runbook.commands.evidence.report import last_run
from runbook.commands.guide import run_directory
from runbook.commands.secrecy import known_secrets
from runbook.errors import RunbookError
from runbook.execution.selection import Selection
from runbook.model import Location, Runbook, Step
from runbook.observation.change import Change, count
from runbook.observation.proposal import Proposal, proposed
from runbook.observation.unchecked import left_out
from runbook.report.observed import sentence
from runbook.report.text import sanitize
from runbook.results import Outcome, Report, artefact
from runbook.results.summary import ExitStatus


def propose(guide: Path, kind: str, runbook: Runbook, selection: Selection) -> int:
    """Print the missing checks of the selected steps; the exit status is 1 if there are any.

    Raises:
        RunbookError: no run is recorded, or in the last one nobody looked.

    """
    with known_secrets(guide, kind) as known:
        directory = run_directory(guide, kind)
        if not (directory / "journal.jsonl").exists():
            raise RunbookError(f"{directory}: no run is recorded{elsewhere(guide)}")
        report = last_run(directory, runbook, known)
    if not any(one.observed for one in report.outcomes):
        raise RunbookError(
            "nobody looked at what the steps of the last run changed: run them with "
            "'runbook run --observe', and with --again those that are done"
        )
    every: list[Change] = []
    for step in runbook.steps():
        if selection.excludes(step):
            continue
        changes = list(_changes(step, report, runbook))
        every += (change for _, change in changes)
        if missing := _proposals(changes):
            _show(guide, step, missing)
    click.echo(sentence(count(every)))
    return ExitStatus.FAILED if count(every).uncovered else ExitStatus.OK


def _changes(step: Step, report: Report, runbook: Runbook) -> Iterator[tuple[str, Change]]:
    """Yield what `step` changed, with the host; what the guide leaves out today is left out."""
    for outcome in _outcomes(step, report):
        observed = outcome.observed
        if observed is not None:
            for change in left_out(observed.changes, step.unchecked, runbook.unchecked):
                yield change.host or outcome.host, change


def _outcomes(step: Step, report: Report) -> list[Outcome]:
    return [outcome for outcome in report.outcomes if outcome.step == step.id]


def _proposals(changes: Sequence[tuple[str, Change]]) -> dict[Proposal, list[str]]:
    """Return the missing checks, each with the hosts on which it is."""
    found: dict[Proposal, list[str]] = {}
    for host, change in changes:
        if change.uncovered:
            # A difference of two hosts, such as a time in a file, is told once.
            hosts = found.setdefault(proposed(evolve(change, host="")), [])
            if host not in hosts:
                hosts.append(host)
    return found


def _show(guide: Path, step: Step, missing: dict[Proposal, list[str]]) -> None:
    place, indent = _place(guide, step)
    click.echo(f"{place}: {sanitize(step.title)} ({step.id}); insert below this line:\n")
    for proposal, hosts in missing.items():
        click.echo(sanitize(proposal.rst(indent)))
        click.echo(" " * indent + f".. seen on {' '.join(hosts)}\n")


def _place(guide: Path, step: Step) -> tuple[Location, int]:
    """Return below which line the checks of `step` belong, and how deep they are indented."""
    path = guide / step.location.document
    lines = artefact.read(path).splitlines() if path.is_file() else []
    first = step.location.line - 1
    if first >= len(lines):
        return step.location, 3
    margin = _indent(lines[first])
    last = first
    for number in range(first + 1, len(lines)):
        if lines[number].strip():
            if _indent(lines[number]) <= margin:
                break
            last = number
    inner = [_indent(line) for line in lines[first + 1 : last + 1] if line.strip()]
    return Location(step.location.document, last + 1), min(inner, default=margin + 3)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
