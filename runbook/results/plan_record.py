"""What a plan was made from, so that an unchanged guide need not be read again.

The record stands next to plan.json. Whatever it does not know for certain counts as changed.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from runbook import __version__
from runbook.errors import RunbookError
from runbook.model import Location, Runbook, codec
from runbook.results import artefact
from runbook.results.sources import Sources, digest_of_text

PLAN: Final = "plan.json"
RECORD: Final = "sources.json"
_SCHEMA: Final = 3


class PlanError(RunbookError):
    """The guide cannot be planned; the message has one line for each problem."""


@frozen
class Message:
    """One warning or error about a guide.

    The line of `location` is 0 if it is about a whole file; without a document it is about the
    guide.
    """

    location: Location
    text: str
    error: bool = False


@frozen
class Messages:
    """What there is to say about a guide: lines to show, and the errors, one line for each.

    `each` has all of them one by one, where a line may stand for many.
    """

    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    each: tuple[Message, ...] = ()

    def show(self) -> None:
        """Write the warnings to standard error.

        Raises:
            PlanError: there are errors.

        """
        for text in self.warnings:
            sys.stderr.write(f"{text}\n")
        if self.errors:
            raise PlanError("\n".join(self.errors))


@frozen
class PlanRecord:
    """Everything that a plan was made from, and what was said about it.

    `programs` are versions of what made it, `plan` is the digest of plan.json. `said` is what
    was shown, `strict` what is shown if warnings are errors. `added` are the directories that
    conf.py has put on Python's search path, with their positions there: checks may import from
    them.
    """

    programs: str
    lenient: bool
    plan: str
    sources: Sources
    said: Messages
    strict: Messages
    added: dict[str, int]
    schema: int = _SCHEMA


def directory(guide: Path) -> Path:
    """Return the directory of the guide's plan and of what was read from its documents."""
    return guide / "build" / "plan"


def remember(
    output: Path, text: str, sources: Sources, *, lenient: bool, said: Messages, strict: Messages
) -> None:
    """Record in the directory `output` what the plan `text` there was made from, if it can be."""
    plan, added = digest_of_text(text), sources.added(sys.path)
    _write(output, PlanRecord(_programs(), lenient, plan, sources, said, strict, added))


def forget(output: Path) -> None:
    """Remove the plan in `output` and its record."""
    for name in (RECORD, PLAN):
        (output / name).unlink(missing_ok=True)


def identity(output: Path) -> str:
    """Return what changes with the record in `output`; empty if there is none."""
    try:
        return digest_of_text(artefact.read(output / RECORD))
    except artefact.ArtefactError:
        return ""


def recall(output: Path, *, lenient: bool) -> tuple[Runbook, PlanRecord] | None:
    """Return the plan in `output` with its record if nothing changed since it was made.

    Python finds modules then where it did when conf.py was executed.
    """
    try:
        record = codec.loads(artefact.read(output / RECORD), PlanRecord)
        text = artefact.read(output / PLAN)
        if (record.programs, record.lenient, record.plan) != (
            _programs(),
            lenient,
            digest_of_text(text),
        ):
            return None
        sources = record.sources.renewed()
        if sources is None:
            return None
        runbook = codec.loads(text, Runbook)
    except (RunbookError, OSError, ValueError):
        return None
    if sources is not record.sources and sources.settled:
        _write(output, evolve(record, sources=sources))
    for place, position in record.added.items():
        if place not in sys.path:
            sys.path.insert(position, place)
    return runbook, record


def _write(output: Path, record: PlanRecord) -> None:
    # Without a record the guide is read again, which is no reason to fail.
    with contextlib.suppress(artefact.ArtefactError, UnicodeEncodeError):
        artefact.write(output / RECORD, codec.dumps(record, indent=None))


def _programs() -> str:
    return f"{sys.version} {sys.executable} {__version__}"
