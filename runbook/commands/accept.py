"""`runbook accept`: update the output shown in the guide to what programs printed."""

from __future__ import annotations

import difflib
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click
from attrs import frozen

from runbook.commands.guide import run_directory
from runbook.commands.recorded_runs import elsewhere
from runbook.commands.report import last_run
from runbook.commands.secrecy import known_secrets
from runbook.console.transcript import read
from runbook.errors import RunbookError
from runbook.execution.revise import revised
from runbook.execution.selection import Selection
from runbook.model import Cluster, Command, Dialogue, Runbook, Step, cluster
from runbook.model.codec import digest
from runbook.model.secret_reference import as_references, filled_in
from runbook.redaction.known import MASK
from runbook.results import Outcome, Performed, Verdict, artefact
from runbook.results.summary import ExitStatus

_RAN = (Verdict.PROVEN, Verdict.PASSED, Verdict.RAN, Verdict.FAILED)


@frozen
class _Change:
    """New lines for `start` to `end` of a document, counted from 0; `end` is exclusive."""

    start: int
    end: int
    lines: tuple[str, ...]


def accept(guide: Path, kind: str, runbook: Runbook, selection: Selection, *, write: bool) -> int:
    """Show how the output of the last run differs from the guide, as a patch.

    With `write`, change the guide instead. The exit status is 1 if a difference was not written.

    Raises:
        RunbookError: no run is recorded, or a document cannot be read or written.

    """
    with known_secrets(guide, kind) as known:
        directory = run_directory(guide, kind)
        if not (directory / "journal.jsonl").exists():
            raise RunbookError(f"{directory}: no run is recorded{elsewhere(guide)}")
        report = last_run(directory, runbook, known)
    path = guide / cluster.PLACE
    described = cluster.load(path) if path.exists() else None
    substitutions = _substitutions(described) if described else {}
    captures = [step.capture for step in runbook.steps() if step.capture is not None]
    substitutions |= {f"<{c.name.replace('_', '-')}>": MASK.decode() for c in captures if c.secret}
    changes: dict[str, list[_Change]] = defaultdict(list)
    compared = 0
    for step, outcome in _ran(runbook, report.outcomes, selection):
        for shown, printed in _pairs(step, outcome):
            lines = artefact.read(guide / shown.location.document).splitlines()
            change = _change(lines, shown, printed.output, substitutions)
            if change is not None:
                compared += 1
                changes[shown.location.document].append(change)
    if not compared:
        raise RunbookError("the guide shows no output of a command that ran in the last run")
    status = ExitStatus.OK
    for document, found in sorted(changes.items()):
        before = artefact.read(guide / document)
        after = _applied(before, found)
        if after == before:
            continue
        if write:
            artefact.write(guide / document, after, public=True)
            click.echo(f"{document}: written")
        else:
            status = ExitStatus.FAILED
            sys.stdout.writelines(
                difflib.unified_diff(
                    before.splitlines(keepends=True),
                    after.splitlines(keepends=True),
                    f"a/{document}",
                    f"b/{document}",
                )
            )
    return status


def _substitutions(described: Cluster) -> dict[str, str]:
    """Return the substitutions of the guide that stand for values of the cluster file."""
    addresses = {f"|{host.name}-address|": host.address for host in described.hosts}
    return addresses | {f"|{name}|": value for name, value in described.values.items()}


def _ran(
    runbook: Runbook, outcomes: Sequence[Outcome], selection: Selection
) -> Iterator[tuple[Step, Outcome]]:
    """Yield the steps that ran and were not edited since, with the outcome on their first host."""
    for step in runbook.steps():
        if selection.excludes(step):
            continue
        for outcome in outcomes:
            if outcome.step == step.id and outcome.verdict in _RAN:
                if outcome.digest != digest(step):
                    click.echo(f"{step.location}: skipped: edited since it ran", err=True)
                else:
                    yield step, outcome
                break


def _pairs(step: Step, outcome: Outcome) -> Iterator[tuple[Command | Dialogue, Performed]]:
    """Yield each action whose output the guide shows, with how it was performed.

    One that failed is left out, unless nothing but its output was not as the guide shows it.
    """
    for action, performed in zip(step.actions, outcome.actions, strict=False):
        if performed.complaint and performed.status not in step.statuses:
            continue
        # Of one that is not shown at all, nothing is known.
        hidden = performed.output == MASK.decode()
        if isinstance(action, Command | Dialogue) and action.output and not hidden:
            yield action, performed


def _change(
    lines: Sequence[str], shown: Command | Dialogue, printed: str, substitutions: Mapping[str, str]
) -> _Change | None:
    """Return the change to the output of a command, or `None` if its block is not found there."""
    start = shown.location.line - 1
    block = list(_block(lines, start))
    if not block:
        return None
    indent = len(lines[start]) - len(lines[start].lstrip())
    entries = read([line[indent:] for line in block]).entries
    if not entries or entries[0].offset != 0:
        return None
    first = entries[0].output_offset
    last = entries[1].offset if len(entries) > 1 else len(block)
    while last > first and not block[last - 1].strip():
        last -= 1

    def as_printed(line: str) -> str:
        for name, value in substitutions.items():
            line = line.replace(name, value)
        return filled_in(as_references(line), lambda _: MASK.decode())

    old = [line[indent:] for line in block[first:last]]
    came = printed.rstrip("\n").splitlines()
    turns = shown.turns if isinstance(shown, Dialogue) else ()
    exact = isinstance(shown, Command) and shown.compare
    new = revised(old, came, as_printed, turns, exact=exact)
    margin = " " * indent
    written = tuple(f"{margin}{line}" if line.strip() else "" for line in new)
    return _Change(start + first, start + last, written)


def _block(lines: Sequence[str], start: int) -> Iterator[str]:
    """Yield the lines of a block from `start` on: those indented as deep, and blank ones."""
    if start >= len(lines):
        return
    indent = len(lines[start]) - len(lines[start].lstrip())
    for line in lines[start:]:
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            return
        yield line


def _applied(text: str, changes: Sequence[_Change]) -> str:
    lines = text.splitlines()
    for change in sorted(changes, key=lambda change: -change.start):
        lines[change.start : change.end] = change.lines
    return "\n".join(lines) + "\n"
