"""All shell commands of a runbook, with their locations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache

from attrs import define

from runbook.lint.finding import Finding, FindingKind
from runbook.model import Command, Dialogue, Kind, Location, Reading, Runbook, Step
from runbook.shelltext.parsing.lexer import masked
from runbook.shelltext.programs import Program, programs

# An editor looks at the same commands again and again.
_masked = lru_cache(maxsize=8192)(masked)


@lru_cache(maxsize=8192)
def _programs(text: str) -> tuple[Program, ...]:
    return tuple(programs(text))


@define(slots=False)
class GuideCommand:
    """A command of the guide, and where it comes from.

    `marked` is whether it belongs to a marked step, in which case `kind` is `None`. `is_dialogue`
    is whether the guide shows the answers to its questions.
    """

    text: str
    location: Location
    marked: bool = False
    kind: Kind | None = None
    is_dialogue: bool = False

    @cached_property
    def masked(self) -> str:
        """The text with quoted parts masked; see `runbook.shelltext.parsing.lexer.masked`."""
        return _masked(self.text)

    @cached_property
    def programs(self) -> tuple[Program, ...]:
        """The programs that the command starts."""
        return _programs(self.text)

    def at(self, offset: int) -> Location:
        """Return the location of the character at `offset`."""
        line_offset = 0 if self.kind is Kind.PROSE else self.text[:offset].count("\n")
        return Location(self.location.document, self.location.line + line_offset)

    def finding(
        self, offset: int, kind: FindingKind, message: str, suggestion: str = ""
    ) -> Finding:
        """Return a finding about the character at `offset`."""
        return Finding(self.at(offset), kind, message, suggestion)


def commands_of(runbook: Runbook) -> list[GuideCommand]:
    """Return all commands in reading order, including those that never run."""
    return [
        command
        for chapter in runbook.chapters
        for command in _chapter(chapter.steps, chapter.blocks)
    ]


def _chapter(steps: tuple[Step, ...], blocks: tuple[Reading, ...]) -> Iterator[GuideCommand]:
    kinds = {block.step: block.kind for block in blocks if block.step is not None}
    known = {step.id for step in steps}
    for step in steps:
        for action in step.actions:
            if isinstance(action, Command | Dialogue):
                kind = None if step.marked else kinds.get(step.id, Kind.COMMANDS)
                yield GuideCommand(
                    action.text, action.location, step.marked, kind, isinstance(action, Dialogue)
                )
    for block in blocks:
        if block.step not in known and block.kind not in (Kind.FILE, Kind.OUTPUT, Kind.OTHER):
            for text in block.commands:
                yield GuideCommand(text, block.location, kind=block.kind)
