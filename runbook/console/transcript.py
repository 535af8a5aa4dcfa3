"""Split a console transcript into the commands that were typed and what came after each.

The first prompt of a block decides what its prompts look like: in a block that begins with
`$ `, a line that begins with `# ` is output, as of `cat` on a configuration file. A prompt
that names user and host is always one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from runbook.console import shellprompt
from runbook.console.shell import Reader, explain
from runbook.console.shellprompt import ShellPrompt

_SIGNS: Final = ("$", "#")
_NO_NAME: Final = re.compile(r"\"[^\"]*\s[^\"]*\"|\[(?!\s|\[)")
SECOND: Final = re.compile(r"> ?")
"""The prompt for a further line of a command."""


@frozen
class Entry:
    """A command as it was typed, the lines that follow it, and where both stand.

    `offset` counts lines from the block's first, which is 0. `output_offset` is that of the
    first line of output. The lines of output keep their trailing blanks.
    """

    text: str
    offset: int
    output: tuple[str, ...]
    output_offset: int


@frozen
class Transcript:
    """The entries of a block, and what is wrong with it.

    `preamble` are the lines before the first prompt. `problem` is the offset of a line and a
    complaint, or `None`.
    """

    preamble: tuple[str, ...]
    entries: tuple[Entry, ...]
    problem: tuple[int, str] | None = None


def prompt(line: str, sign: str | None = None) -> ShellPrompt | None:
    """Return the prompt that `line` begins with, if that is certain.

    With a `sign`, `$` or `#`, a prompt that names no user must have that one.
    """
    found = shellprompt.full(line)
    if found is None or not found.certain:
        found = shellprompt.short(line)
    if found is None or found.sign not in _SIGNS:
        return None
    return found if found.user or sign in (None, found.sign) else None


def sign_of(line: str) -> str | None:
    """Return the sign at the end of the prompt that `line` begins with, if it does."""
    found = prompt(line)
    return found.sign if found else None


def remark(text: str) -> bool:
    """Tell whether what follows a prompt is an author's remark rather than a command.

    No command has a name of several words, or one that begins with `[` but for the tests.
    """
    return not text or text.startswith("#") or not text[0].isascii() or bool(_NO_NAME.match(text))


def read(lines: Sequence[str]) -> Transcript:
    """Return the transcript that `lines`, with their trailing blanks, make up."""
    start = next((i for i, line in enumerate(lines) if prompt(line)), len(lines))
    sign = sign_of(lines[start]) if start < len(lines) else None
    entries: list[Entry] = []
    position = start
    while position < len(lines):
        typed = prompt(lines[position], sign)
        if typed is None:
            # Only the lines after a remark come here: they follow no command.
            position += 1
            continue
        first = lines[position][typed.end :].rstrip()
        if remark(first):
            position += 1
            continue
        text, behind, problem = _command(lines, position, first, sign)
        if problem:
            return Transcript(tuple(lines[:start]), tuple(entries), problem)
        output, after = _output(lines, behind, sign)
        entries.append(Entry(text, position, output, behind))
        position = after
    return Transcript(tuple(lines[:start]), tuple(entries))


def _command(
    lines: Sequence[str], start: int, first: str, sign: str | None
) -> tuple[str, int, tuple[int, str] | None]:
    """Return the command that begins at `start`, the offset behind it, and a problem."""
    reader = Reader()
    reader.feed(first)
    taken = [first]
    position = start + 1
    second = position < len(lines) and bool(SECOND.match(lines[position]))
    while reader.awaits and position < len(lines):
        line = lines[position]
        mere = not reader.in_text and reader.awaits.opener in ("\\", "&&", "||", "|", "|&")
        if mere and prompt(line, sign):
            break
        if second and (marked := SECOND.match(line)):
            line = line[marked.end() :]
        if not reader.in_text:
            line = line.rstrip()
        reader.feed(line)
        taken.append(line)
        position += 1
    if reader.awaits:
        return "", position, (start + reader.awaits.line, explain(reader.awaits))
    return "\n".join(taken).rstrip(), position, None


def _output(lines: Sequence[str], start: int, sign: str | None) -> tuple[tuple[str, ...], int]:
    """Return the lines of output from `start`, without remarks, and the offset behind them."""
    output: list[str] = []
    position = start
    while position < len(lines):
        typed = prompt(lines[position], sign)
        if typed and not remark(lines[position][typed.end :].strip()):
            break
        if not typed:
            output.append(lines[position])
        position += 1
    while output and not output[-1].strip():
        output.pop()
    return tuple(output), position
