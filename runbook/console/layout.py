"""Mark up each part of a console block for display: prompt, command, output, question, answer.

It uses the same rules as `actions`, so that a page and a run cannot disagree.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

from runbook.console.actions import is_transcript
from runbook.console.clues import comments
from runbook.console.clues.interactive import may_start
from runbook.console.dialogue import turns_by_line
from runbook.console.prompts.marked import marked_turn
from runbook.console.prompts.question import SECRET, cleaned
from runbook.console.shell import script_commands
from runbook.console.transcript import CONTINUATION_PROMPT, is_comment, prompt, read
from runbook.model import Turn, Typing


class Role(enum.Enum):
    """What a part of a line is."""

    PROMPT = "prompt"
    COMMAND = "command"
    OUTPUT = "output"
    QUESTION = "question"
    """The text that a program prints before it waits for an answer."""
    ANSWER = "answer"
    ENTER = "enter"
    """An empty segment: the operator presses Enter alone."""
    KEY = "key"
    """Keys that the operator presses without Enter."""
    EDIT = "edit"
    """What the operator writes in place of the program's proposal."""
    SECRET = "secret"  # noqa: S105  # a role, not a password
    """An empty segment: the operator types something that is not shown."""
    COMMENT = "comment"


_TYPED: Final = {Typing.KEY: Role.KEY, Typing.EDIT: Role.EDIT}


@frozen
class Segment:
    """A part of one line, with its role."""

    role: Role
    text: str


Line = tuple[Segment, ...]


def layout(
    text: str, *, language: str = "console", answers: Sequence[Turn] | None = None
) -> tuple[Line, ...] | None:
    """Return the segments of each line of `text`, or `None` if the block cannot be parsed.

    The segments of a line add up to the line, except for trailing spaces and an answer that only
    `answers` has. `answers` is `None` if the guide declares none.
    """
    lines = text.split("\n")
    if not is_transcript(text, language):
        return _script(lines)
    transcript = read(lines)
    if transcript.problem or not transcript.entries:
        return None
    shown: list[Line] = [_other(line) for line in lines]
    for entry in transcript.entries:
        line = lines[entry.offset]
        shown[entry.offset] = _line(
            Segment(Role.PROMPT, line[: entry.prompt.end]),
            Segment(Role.COMMAND, line[entry.prompt.end :].rstrip()),
        )
        for number in range(entry.offset + 1, entry.output_offset):
            shown[number] = _continued(lines[number])
        asked = turns_by_line(entry.output, answers, may_start(entry.text))
        for number, turn in zip(entry.output_lines, asked, strict=True):
            if turn is None:
                shown[number] = _line(Segment(Role.OUTPUT, lines[number].rstrip()))
            else:
                shown[number] = tuple(_asked(lines[number], turn, answers or ()))
    return tuple(shown)


def _script(lines: Sequence[str]) -> tuple[Line, ...] | None:
    found, problem = script_commands(lines)
    if problem:
        return None
    commands = {
        command.offset + number
        for command in found
        for number in range(command.text.count("\n") + 1)
    }
    return tuple(
        _line(Segment(Role.COMMAND if number in commands else Role.COMMENT, line.rstrip()))
        for number, line in enumerate(lines)
    )


def _other(line: str) -> Line:
    found = prompt(line)
    text = line[found.end :].strip() if found else ""
    if found and (is_comment(text) or comments.is_comment(text)):
        return _line(Segment(Role.COMMENT, line.rstrip()))
    return _line(Segment(Role.OUTPUT, line.rstrip()))


def _continued(line: str) -> Line:
    found = CONTINUATION_PROMPT.match(line)
    end = found.end() if found else 0
    # A blank line of a here-document is typed as well.
    typed = Segment(Role.COMMAND, line[end:].rstrip())
    return (Segment(Role.PROMPT, line[:end]), typed) if end else (typed,)


def _asked(line: str, turn: Turn, answers: Sequence[Turn]) -> Iterator[Segment]:
    bare = line.rstrip()
    answer = turn.answer or ""
    if marked_turn(cleaned(line)):
        yield Segment(Role.QUESTION, bare[: bare.index(turn.prompt) + len(turn.prompt)] + " ")
        yield (
            Segment(_TYPED.get(turn.typing, Role.ANSWER), answer)
            if answer
            else Segment(Role.ENTER, "")
        )
        return
    if answer and bare.endswith(answer):
        if len(answer) < len(bare):
            yield Segment(Role.QUESTION, bare[: -len(answer)])
        yield Segment(Role.ANSWER, answer)
        return
    yield Segment(Role.QUESTION, bare + " ")
    named = next((one for one in answers if one.prompt in turn.prompt), None)
    if named is not None and named.typing is not Typing.LINE and not named.overrides:
        yield Segment(_TYPED.get(named.typing, Role.ENTER), named.answer or "")
        return
    # A question that shows its default also echoes its answer.
    hidden = SECRET.match(bare) and not bare.endswith(("]:", "] :")) and named is None
    if hidden or (named is not None and named.secret):
        yield Segment(Role.SECRET, "")
    elif named is not None and named.answer:
        yield Segment(Role.ANSWER, named.answer)
    elif named is None or not named.overrides:
        yield Segment(Role.ENTER, "")


def _line(*found: Segment) -> Line:
    return tuple(segment for segment in found if segment.text)


def commands(shown: Sequence[Line]) -> str:
    """Return what is typed at the shell, line by line, without prompts, output and answers."""
    typed = (
        [segment.text for segment in line if segment.role is Role.COMMAND]
        for line in shown
        if any(segment.role is Role.COMMAND for segment in line)
    )
    return "\n".join("".join(line) for line in typed)
