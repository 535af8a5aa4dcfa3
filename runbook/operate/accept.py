"""`runbook accept`: what programs really printed, as a patch of the guide."""

from __future__ import annotations

import difflib
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click
from attrs import frozen

from runbook import artefact, cluster
from runbook.codec import digest
from runbook.console.transcript import read
from runbook.errors import RunbookError
from runbook.model import Command, Dialogue, Host, Runbook, Step
from runbook.operate.guide import run_directory
from runbook.operate.report import last_run
from runbook.result import Outcome, Performed, Verdict
from runbook.revise import revised
from runbook.runner import Choice
from runbook.summary import ExitStatus

_RAN = (Verdict.PROVEN, Verdict.PASSED)


@frozen
class _Change:
    """New text for some lines of a document, counted from 0; `end` is behind the last."""

    start: int
    end: int
    lines: tuple[str, ...]


def accept(guide: Path, kind: str, runbook: Runbook, choice: Choice, *, write: bool) -> int:
    """Show how what was printed in the last run differs from what the guide shows.

    With `write` the guide is changed. The exit status is 1 if there is a difference that was
    not written.

    Raises:
        RunbookError: no run is recorded, or a document cannot be read or written.

    """
    report = last_run(run_directory(guide, kind), runbook)
    path = guide / cluster.PLACE
    values = cluster.load(path) if path.exists() else None
    names = {} if values is None else _names(values.values, values.hosts)
    changes: dict[str, list[_Change]] = defaultdict(list)
    compared = 0
    for step, outcome in _ran(runbook, report.outcomes, choice):
        for shown, printed in _pairs(step, outcome):
            lines = artefact.read(guide / shown.location.document).splitlines()
            change = _change(lines, shown, printed.output, names)
            if change is not None:
                compared += 1
                changes[shown.location.document].append(change)
    if not compared:
        raise RunbookError("the last run shows nothing that the guide shows as well")
    status = ExitStatus.OK
    for document, found in sorted(changes.items()):
        before = artefact.read(guide / document)
        after = _applied(before, found)
        if after == before:
            continue
        if write:
            artefact.write(guide / document, after)
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


def _names(values: Mapping[str, str], hosts: Sequence[Host]) -> dict[str, str]:
    return {f"|{host.name}-address|": host.address for host in hosts} | {
        f"|{name}|": value for name, value in values.items()
    }


def _ran(
    runbook: Runbook, outcomes: Sequence[Outcome], choice: Choice
) -> Iterator[tuple[Step, Outcome]]:
    """Yield the steps that ran with their present text, each with its first host's outcome."""
    for step in runbook.steps():
        if choice.refuses(step):
            continue
        for outcome in outcomes:
            if outcome.step == step.id and outcome.verdict in _RAN:
                if outcome.digest != digest(step):
                    click.echo(f"{step.location}: edited since it ran, and left out", err=True)
                else:
                    yield step, outcome
                break


def _pairs(step: Step, outcome: Outcome) -> Iterator[tuple[Command | Dialogue, Performed]]:
    """Yield what the guide shows the output of, with what was printed."""
    for action, performed in zip(step.actions, outcome.actions, strict=False):
        if isinstance(action, Command | Dialogue) and action.output:
            yield action, performed


def _change(
    lines: Sequence[str], shown: Command | Dialogue, printed: str, names: Mapping[str, str]
) -> _Change | None:
    """Return the new output below a command, or `None` if its block is not written there."""
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
        for name, value in names.items():
            line = line.replace(name, value)
        return line

    old = [line[indent:] for line in block[first:last]]
    came = printed.rstrip("\n").splitlines()
    new = revised(old, came, as_printed)
    margin = " " * indent
    written = tuple(f"{margin}{line}" if line.strip() else "" for line in new)
    return _Change(start + first, start + last, written)


def _block(lines: Sequence[str], start: int) -> Iterator[str]:
    """Yield the lines of a block from `start` on: blank ones, and those indented as deep."""
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
