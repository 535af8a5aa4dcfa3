"""Turn the text of a console block into what an operator types, and what should follow.

All functions are pure: text in, values of the model out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from runbook.console.dialogue import Conversation, converse, merged, unasked
from runbook.console.shell import pieces
from runbook.console.transcript import Entry, prompt, read, remark, sign_of
from runbook.errors import RunbookError
from runbook.model import Command, Dialogue, Location, Turn

__all__ = [
    "CONSOLE",
    "SCRIPT",
    "ConsoleError",
    "actions",
    "has_prompt",
    "is_transcript",
    "merged",
    "unasked",
]

CONSOLE: Final = frozenset({"console", "shell-session", "shellsession"})
"""Languages of blocks that show prompts, commands and output."""

SCRIPT: Final = frozenset({"bash", "sh", "shell", "ksh", "zsh"})
"""Languages of blocks that are commands only, unless they show prompts nevertheless."""


class ConsoleError(RunbookError):
    """A block cannot be understood; `location` is the line that the message is about."""

    def __init__(self, location: Location, message: str) -> None:
        super().__init__(f"{location}: {message}")
        self.location = location
        self.message = message


def has_prompt(text: str) -> bool:
    """Tell whether the first line of `text` that is not blank shows a shell's prompt.

    A sentence behind `#` is taken for a remark, as at the top of a configuration file.
    """
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    shown = prompt(first)
    if shown is None:
        return False
    # `$ ` and full prompts are rare elsewhere; `# ` also begins remarks in files.
    if shown.full or shown.sign != "#":
        return True
    commands = [
        line[found.end :].strip()
        for line in lines
        if (found := prompt(line, "#")) and not remark(line[found.end :].strip())
    ]
    return any(not _sentence(command) for command in commands)


def _sentence(text: str) -> bool:
    first = text.split(maxsplit=1)[0]
    return first.rstrip(",:").isalpha() and first[0].isupper() and " " in text


def is_transcript(text: str, language: str) -> bool:
    """Tell whether a block in `language` shows prompts, rather than only what is typed."""
    if language not in SCRIPT:
        return True
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    sign = sign_of(first)
    if sign is None:
        return False
    if not first.startswith("#"):
        return True
    # In a script `# ` begins a remark, unless what follows can only be a program's output.
    unprompted = [line for line in lines if line.strip() and not line.startswith("#")]
    return has_prompt(text) and any(line.startswith("[ ") for line in unprompted)


def actions(
    text: str,
    location: Location,
    *,
    language: str = "console",
    compare: bool = False,
    answers: Sequence[Turn] | None = None,
) -> tuple[Command | Dialogue, ...]:
    """Return what an operator does who follows the block `text`, in order.

    `location` is that of the block's first line; every action gets its own line's. The lines
    of `text` need their trailing blanks. With `compare`, shown output is to be compared.
    `answers` is `None` where the guide says nothing of answers.

    Raises:
        ConsoleError: something is left open, or a console block shows no prompt.

    """
    lines = text.split("\n")

    def at(offset: int) -> Location:
        return Location(location.document, location.line + offset)

    if not is_transcript(text, language):
        found, problem = pieces(lines)
        if problem:
            raise ConsoleError(at(problem[0]), problem[1])
        commands = [Command(piece.text, at(piece.offset)) for piece in found]
        if answers and commands:
            commands[-1:], last = [], commands[-1]
            asked = Dialogue(last.text, last.location, converse((), answers).turns)
            return (*commands, asked)
        return tuple(commands)
    transcript = read(lines)
    if transcript.problem:
        raise ConsoleError(at(transcript.problem[0]), transcript.problem[1])
    for offset, line in enumerate(transcript.preamble):
        if line.strip():
            raise ConsoleError(at(offset), "this line stands before the block's first prompt")
    entries = transcript.entries
    asking = _asking(entries, answers)
    return tuple(
        Dialogue(
            e.text,
            at(e.offset),
            asking[n].turns,
            "\n".join(line.rstrip() for line in e.output),
            asking[n].after,
        )
        if n in asking
        else _command(e, at(e.offset), compare=compare)
        for n, e in enumerate(entries)
    )


def _asking(entries: Sequence[Entry], answers: Sequence[Turn] | None) -> dict[int, Conversation]:
    """Return the conversations among the entries, by their number."""
    found = {n: asked for n, e in enumerate(entries) if (asked := converse(e.output))}
    if not answers:
        return found
    if not found:
        # The guide says that something asks: an entry with those prompts, or a silent one.
        found = {
            n: asked
            for n, e in enumerate(entries)
            if (asked := converse(e.output, answers))
            and len(unasked(answers, asked.turns)) < len(answers)
        }
        if not any(e.output for e in entries) and entries:
            last = len(entries) - 1
            return {last: converse((), answers)}
    return {n: converse(entries[n].output, answers) for n in found}


def _command(entry: Entry, location: Location, *, compare: bool) -> Command:
    if not entry.output:
        return Command(entry.text, location)
    output = "\n".join(line.rstrip() for line in entry.output)
    return Command(entry.text, location, output=output, compare=compare)
