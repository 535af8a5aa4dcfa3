"""Parse a marked step's code block into the actions of the operator and the output to expect.

All functions are pure: text in, model values out.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from runbook.console.clues.interactive import may_start, started
from runbook.console.dialogue import (
    TranscriptDialogue,
    merge_answers,
    parse_dialogue,
    unused_answers,
)
from runbook.console.prompts.question import cleaned, matching_turn
from runbook.console.shell import script_commands
from runbook.console.transcript import TranscriptEntry, is_comment, prompt, read
from runbook.errors import RunbookError
from runbook.model import Command, Dialogue, Location, Turn

__all__ = [
    "CONSOLE",
    "SCRIPT",
    "ConsoleError",
    "actions",
    "has_prompt",
    "is_transcript",
    "merge_answers",
    "shows_question",
    "unused_answers",
]

CONSOLE: Final = frozenset({"console", "shell-session", "shellsession"})
"""Languages of blocks that show prompts, commands and output."""

SCRIPT: Final = frozenset({"bash", "sh", "shell", "ksh", "zsh"})
"""Languages of blocks that contain only commands, unless they show prompts."""

_READ_BY: Final = (
    "the command before starts {0}, which reads what a reader types next, and the shell does not; "
    "show both in a 'console' block with the prompts of {0}, or pass it its input with an option, "
    "a pipe or a here-document"
)


class ConsoleError(RunbookError):
    """A block cannot be parsed; `location` is the offending line."""

    def __init__(self, location: Location, message: str) -> None:
        super().__init__(f"{location}: {message}")
        self.location = location
        self.message = message


def has_prompt(text: str) -> bool:
    """Return whether the first non-blank line of `text` starts with a shell prompt.

    A sentence after `#` counts as a comment, as at the top of a configuration file.
    """
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    shown = prompt(first)
    if shown is None:
        return False
    # `$ ` and full prompts are rare elsewhere; `# ` also starts comments in files.
    if shown.full or shown.sign != "#":
        return True
    prompts = [(line, found) for line in lines if (found := prompt(line))]
    texts = [line[one.end :].strip() for line, one in prompts if one.sign == "#" or one.user]
    return any(not is_comment(text) and not _sentence(text) for text in texts)


def _sentence(text: str) -> bool:
    first = text.split(maxsplit=1)[0]
    return first.rstrip(",:").isalpha() and first[0].isupper() and " " in text


def is_transcript(text: str, language: str) -> bool:
    """Return whether a block in `language` shows prompts rather than only commands."""
    if language not in SCRIPT:
        return True
    lines = text.splitlines()
    shown = [line for line in lines if line.strip()]
    first = next((line for line in shown if not line.startswith("#")), "")
    if prompt(first) is not None:
        return True
    if not shown or not shown[0].startswith("# "):
        return False
    # In a script, `# ` starts a comment, unless some lines can only be output of a program.
    unprompted = [line for line in lines if line.strip() and not line.startswith("#")]
    return has_prompt(text) and any(line.startswith("[ ") for line in unprompted)


def actions(
    text: str,
    location: Location,
    *,
    language: str = "console",
    compare: bool = False,
    answers: Sequence[Turn] | None = None,
    adopts: bool = True,
) -> tuple[Command | Dialogue, ...]:
    """Return the actions of an operator who follows the block `text`, in order.

    `location` is that of the block's first line; each action gets the location of its own line.
    Trailing spaces in `text` matter. With `compare`, the output shown is to be compared with the
    real one. `answers` is `None` if the guide declares none; if the block `adopts` them, its last
    command gets those whose questions no transcript shows.

    Raises:
        ConsoleError: something is unterminated, or text precedes the first prompt.

    """
    lines = text.split("\n")

    def at(offset: int) -> Location:
        return Location(location.document, location.line + offset)

    if not is_transcript(text, language):
        found, problem = script_commands(lines)
        if problem:
            raise ConsoleError(at(problem[0]), problem[1])
        for command, after in pairwise(found):
            if program := started(command.text):
                raise ConsoleError(at(after.offset), _READ_BY.format(program))
        commands = [Command(command.text, at(command.offset)) for command in found]
        if answers and commands and adopts:
            commands[-1:], last = [], commands[-1]
            asked = Dialogue(last.text, last.location, parse_dialogue((), answers).turns)
            return (*commands, asked)
        return tuple(commands)
    transcript = read(lines)
    if transcript.problem:
        raise ConsoleError(at(transcript.problem[0]), transcript.problem[1])
    for offset, line in enumerate(transcript.preamble):
        if line.strip():
            raise ConsoleError(at(offset), "this line comes before the first prompt of the block")
    entries = transcript.entries
    dialogues = _dialogues(entries, answers, adopts=adopts)
    return tuple(
        Dialogue(
            e.text,
            at(e.offset),
            dialogues[n].turns,
            "\n".join(line.rstrip() for line in e.output),
            dialogues[n].after,
            prompt=e.prompt.shown,
        )
        if n in dialogues
        else _command(e, at(e.offset), compare=compare)
        for n, e in enumerate(entries)
    )


def shows_question(text: str, answers: Sequence[Turn]) -> bool:
    """Return whether a line of a block shows the question of one of the `answers`."""
    lines = [cleaned(line) for line in text.split("\n") if line.strip() and not prompt(line)]
    return any(matching_turn(line, answer.prompt) for line in lines for answer in answers)


def _dialogues(
    entries: Sequence[TranscriptEntry], answers: Sequence[Turn] | None, *, adopts: bool
) -> dict[int, TranscriptDialogue]:
    """Return the dialogues among the entries, keyed by the index of the entry."""
    programs = [may_start(entry.text) for entry in entries]
    found = {
        n: asked
        for n, e in enumerate(entries)
        if (asked := parse_dialogue(e.output, program=programs[n]))
    }
    if not answers:
        return found
    if not found:
        # The guide declares answers: look for an entry with those prompts, or one without output.
        found = {
            n: asked
            for n, e in enumerate(entries)
            if e.output
            and (asked := parse_dialogue(e.output, answers, programs[n]))
            and len(unused_answers(answers, asked.turns)) < len(answers)
        }
        if not found and adopts and entries and not entries[-1].output:
            return {len(entries) - 1: parse_dialogue((), answers)}
    return {n: parse_dialogue(entries[n].output, answers, programs[n]) for n in found}


def _command(entry: TranscriptEntry, location: Location, *, compare: bool) -> Command:
    shown = entry.prompt.shown
    if not entry.output:
        return Command(entry.text, location, prompt=shown)
    output = "\n".join(line.rstrip() for line in entry.output)
    return Command(entry.text, location, output=output, compare=compare, prompt=shown)
