"""The texts of a step in which names are replaced, with their lines."""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterator, Sequence

from attrs import frozen

from runbook.model import Command, Dialogue, FileContent, Location, Reading, Step
from runbook.shelltext.parsing.lexer import masked


class TextKind(enum.Enum):
    """What a text of a step is to the one who reads it."""

    COMMAND = "command"
    ANSWER = "answer"
    FILE = "file"
    PATH = "path"
    CHECK = "check"


@frozen(slots=False)
class StepText:
    """A text of a step. `location` is that of its first line; `path` is that of a file."""

    text: str
    location: Location
    kind: TextKind
    path: str = ""
    in_one_line: bool = False
    """Whether only the first line is known."""

    @property
    def is_code(self) -> bool:
        """Whether commands may stand in it."""
        return self.kind in (TextKind.COMMAND, TextKind.CHECK)

    @functools.cached_property
    def _masked(self) -> str:
        return masked(self.text)

    def is_bare(self, offset: int) -> bool:
        """Tell whether a shell interprets the character at `offset`: it is not quoted."""
        return self.kind is TextKind.COMMAND and self._masked[offset] == self.text[offset]

    def line(self, offset: int) -> str:
        """Return the line around `offset`."""
        start = self.text.rfind("\n", 0, offset) + 1
        end = self.text.find("\n", offset)
        return self.text[start : len(self.text) if end < 0 else end]

    def at(self, offset: int) -> Location:
        """Return the location of the character at `offset`."""
        lines = 0 if self.in_one_line else self.text.count("\n", 0, offset)
        return Location(self.location.document, self.location.line + lines)


def texts_of(step: Step, blocks: Sequence[Reading]) -> tuple[StepText, ...]:
    """Return the texts of `step`; `blocks` are those of its chapter."""
    return tuple(_texts(step, blocks))


def _texts(step: Step, blocks: Sequence[Reading]) -> Iterator[StepText]:
    for action in step.actions:
        match action:
            case Command():
                yield StepText(action.text, action.location, TextKind.COMMAND)
            case Dialogue():
                yield StepText(action.text, action.location, TextKind.COMMAND)
                for answer in _answers(action):
                    yield StepText(answer, _answered(action, answer), TextKind.ANSWER, "", True)
            case FileContent():
                yield StepText(action.path, action.location, TextKind.PATH)
                location = _first_line(action, step, blocks)
                known = location is not None
                yield StepText(
                    action.text,
                    location or action.location,
                    TextKind.FILE,
                    action.path,
                    in_one_line=not known,
                )
    for check in step.checks:
        yield StepText(check.source, check.location, TextKind.CHECK)


def _answers(dialogue: Dialogue) -> list[str]:
    given = [turn.answer for turn in dialogue.turns]
    given += [other.answer for turn in dialogue.turns for other in turn.overrides]
    return list(dict.fromkeys(answer for answer in given if answer))


def _answered(dialogue: Dialogue, answer: str) -> Location:
    """Return the line of the transcript that ends with `answer`, or that of the program."""
    first = dialogue.location.line + dialogue.text.count("\n") + 1
    for number, line in enumerate(dialogue.output.split("\n"), first):
        if line.rstrip().endswith(answer):
            return Location(dialogue.location.document, number)
    return dialogue.location


def _first_line(file: FileContent, step: Step, blocks: Sequence[Reading]) -> Location | None:
    """Return where the text of `file` begins: the first block of its path after the directive."""
    found = [
        block.location
        for block in blocks
        if block.step == step.id
        and block.path == file.path
        and block.location.document == file.location.document
        and block.location.line >= file.location.line
    ]
    return min(found, key=lambda location: location.line, default=None)
