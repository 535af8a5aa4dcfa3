"""`runbook accept`: update the output shown in the guide to what programs printed."""

from __future__ import annotations

import contextlib
import difflib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
from attrs import define, field, frozen

from runbook.commands.authoring.changed_plan import changed_plan
from runbook.commands.authoring.document_text import Change, applied, is_needed, lines_of
from runbook.commands.authoring.shown_output import change_of
from runbook.commands.evidence.recorded_runs import elsewhere
from runbook.commands.evidence.report import last_run
from runbook.commands.guide import run_directory
from runbook.commands.secrecy import known_secrets
from runbook.errors import RunbookError
from runbook.execution.actions.values import Captures, ValueMissingError
from runbook.execution.selection import Selection
from runbook.model import Cluster, Command, Dialogue, Runbook, Step, cluster
from runbook.model.codec import digest
from runbook.model.secret_reference import as_references, filled_in
from runbook.redaction.known import MASK
from runbook.results import Outcome, Performed, Verdict, artefact
from runbook.results.summary import ExitStatus

_RAN = (Verdict.PROVEN, Verdict.PASSED, Verdict.RAN, Verdict.FAILED)


def accept(guide: Path, kind: str, runbook: Runbook, selection: Selection, *, write: bool) -> int:
    """Show how the output of the last run differs from the guide, as a patch.

    With `write`, change the guide instead. A difference with which the guide would have other
    commands is skipped. The exit status is 1 if a difference was not written.

    Raises:
        RunbookError: no run is recorded, or a document cannot be read or written.

    """
    with known_secrets(guide, kind) as known:
        directory = run_directory(guide, kind)
        if not (directory / "journal.jsonl").exists():
            raise RunbookError(f"{directory}: no run is recorded{elsewhere(guide)}")
        report = last_run(directory, runbook, known)
    changes = _Changes(guide)
    compared = 0
    for found in _compared(guide, runbook, report.outcomes, selection):
        compared += 1
        changes.add(found)
    if not compared:
        raise RunbookError("the guide shows no output of a command that ran in the last run")
    status = ExitStatus.OK
    for document, before, after in changes.sound(runbook):
        if write:
            artefact.rewrite(guide / document, after)
            click.echo(f"{document}: written")
        else:
            status = ExitStatus.FAILED
            sys.stdout.writelines(_patch(document, before, after))
    return ExitStatus.FAILED if changes.are_refused else status


@frozen
class _Found:
    """What a document shows of a command of a step, and what it printed."""

    step: Step
    shown: Command | Dialogue
    printed: str
    as_printed: Callable[[str], str]


def _compared(
    guide: Path, runbook: Runbook, outcomes: Sequence[Outcome], selection: Selection
) -> Iterator[_Found]:
    """Yield each command that ran and whose output the guide shows."""
    path = guide / cluster.PLACE
    described = cluster.load(path) if path.exists() else None
    values = _substitutions(described) if described else {}
    secret = [step.capture for step in runbook.steps() if step.capture and step.capture.secret]
    values |= {f"<{one.name.replace('_', '-')}>": MASK.decode() for one in secret}
    for step, outcome, captures in _ran(runbook, outcomes, selection):

        def as_printed(line: str, host: str = outcome.host, captures: Captures = captures) -> str:
            for name, value in values.items():
                line = line.replace(name, value)
            with contextlib.suppress(ValueMissingError):
                line = captures.fill_in_text(line, host)
            return filled_in(as_references(line), lambda _: MASK.decode())

        for shown, printed in _pairs(step, outcome):
            yield _Found(step, shown, printed.output, as_printed)


def _substitutions(described: Cluster) -> dict[str, str]:
    """Return the substitutions of the guide that stand for values of the cluster file."""
    addresses = {f"|{host.name}-address|": host.address for host in described.hosts}
    return addresses | {f"|{name}|": value for name, value in described.values.items()}


def _ran(
    runbook: Runbook, outcomes: Sequence[Outcome], selection: Selection
) -> Iterator[tuple[Step, Outcome, Captures]]:
    """Yield the steps that ran and were not edited since, with the outcome on their first host.

    With each come the values that the steps before it have captured.
    """
    captures = Captures()
    for step in runbook.steps():
        of_step = [outcome for outcome in outcomes if outcome.step == step.id]
        first = next((outcome for outcome in of_step if outcome.verdict in _RAN), None)
        if first is not None and not selection.excludes(step):
            if first.digest != digest(step):
                click.echo(f"{step.location}: skipped: edited since it ran", err=True)
            else:
                yield step, first, captures
        captures.declare(step)
        for outcome in of_step:
            captures.take(outcome.host, outcome.captured)


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


@define
class _Changes:
    """The changes of the documents, each with the step that it comes from.

    One with which a document would say something else is refused, which is told.
    """

    guide: Path
    are_refused: bool = False
    _texts: dict[str, str] = field(factory=dict)
    _found: dict[str, list[tuple[Change, Step]]] = field(factory=dict)
    _said: set[str] = field(factory=set)

    def add(self, found: _Found) -> None:
        """Add the change that a command needs; it may be none."""
        location = found.shown.location
        document = location.document
        if document not in self._texts:
            self._texts[document] = artefact.read(self.guide / document, newline="")
        change = change_of(self._texts[document], found.shown, found.printed, found.as_printed)
        if change is None:
            click.echo(f"{location}: skipped: its output was not found in the document", err=True)
        else:
            self._found.setdefault(document, []).append((change, found.step))

    def sound(self, runbook: Runbook) -> Iterator[tuple[str, str, str]]:
        """Yield each document that has to change, its text, and its new one.

        Raises:
            RunbookError: the guide cannot be read.

        """
        wanted = {document: self._agreed(document) for document in sorted(self._found)}
        if not any(wanted.values()):
            return
        texts = self._texts
        with changed_plan(self.guide, runbook) as plan:
            found = {
                document: plan.sound(document, texts[document], changes, self._refuse_text)
                for document, changes in wanted.items()
                if changes
            }
        for document, changes in found.items():
            if changes:
                yield document, texts[document], applied(texts[document], changes)

    def _agreed(self, document: str) -> list[Change]:
        """Return the changes that are needed, each once; none of those that contradict others."""
        text, found = self._texts[document], self._found[document]
        agreed: list[Change] = []
        for change, step in found:
            others = [
                other for one, other in found if one.overlaps(change) and not one.is_same(change)
            ]
            if others:
                names = " and ".join(sorted({step.id, *(one.id for one in others)}))
                self._refuse(change, f"{names} show the same lines and printed different ones")
            elif is_needed(text, change) and not any(map(change.is_same, agreed)):
                agreed.append(change)
        return agreed

    def _refuse_text(self, change: Change) -> None:
        self._refuse(
            change, "with what was printed, the document would not show the same commands and "
            "this output"
        )  # fmt: skip

    def _refuse(self, change: Change, why: str) -> None:
        self.are_refused = True
        message = f"{change.location}: skipped: {why}"
        # Each of two steps that contradict each other comes with the same one.
        if message not in self._said:
            self._said.add(message)
            click.echo(message, err=True)


def _patch(document: str, before: str, after: str) -> Iterator[str]:
    """Yield the lines of a patch from one text to the other."""
    names = f"a/{document}", f"b/{document}"
    for line in difflib.unified_diff(lines_of(before), lines_of(after), *names):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
