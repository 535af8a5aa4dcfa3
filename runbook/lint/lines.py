"""The shell text of a runbook, command by command, with the line on which each stands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from attrs import define

from runbook.lint.finding import Finding, Flaw
from runbook.model import Command, Dialogue, Kind, Location, Reading, Runbook, Step
from runbook.programs import Program, programs
from runbook.simple import bare


@define(slots=False)
class Line:
    """One command of the guide, and what it is part of.

    `marked` is whether it stands in a step of the guide; `kind` is `None` there.
    """

    text: str
    location: Location
    marked: bool = False
    kind: Kind | None = None
    asks: bool = False

    @cached_property
    def bare(self) -> str:
        """The text without what is quoted; see `runbook.simple.bare`."""
        return bare(self.text)

    @cached_property
    def programs(self) -> tuple[Program, ...]:
        """The programs that the command starts."""
        return tuple(programs(self.text))

    def at(self, offset: int) -> Location:
        """Return the line of the guide on which the character at `offset` stands."""
        down = 0 if self.kind is Kind.PROSE else self.text[:offset].count("\n")
        return Location(self.location.document, self.location.line + down)

    def finding(self, offset: int, flaw: Flaw, message: str, suggestion: str = "") -> Finding:
        """Return a finding about the character at `offset`."""
        return Finding(self.at(offset), flaw, message, suggestion)


def lines_of(runbook: Runbook) -> list[Line]:
    """Return all commands in reading order, also those that nobody would run."""
    return [
        line for chapter in runbook.chapters for line in _chapter(chapter.steps, chapter.blocks)
    ]


def _chapter(steps: tuple[Step, ...], blocks: tuple[Reading, ...]) -> Iterator[Line]:
    kinds = {block.step: block.kind for block in blocks if block.step is not None}
    known = {step.id for step in steps}
    for step in steps:
        for action in step.actions:
            if isinstance(action, Command | Dialogue):
                kind = None if step.marked else kinds.get(step.id, Kind.COMMANDS)
                yield Line(
                    action.text, action.location, step.marked, kind, isinstance(action, Dialogue)
                )
    for block in blocks:
        if block.step not in known and block.kind not in (Kind.FILE, Kind.OUTPUT, Kind.OTHER):
            for text in block.commands:
                yield Line(text, block.location, kind=block.kind)
