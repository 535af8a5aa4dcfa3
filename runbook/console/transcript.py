"""Split a console transcript into commands and their output.

The first prompt of a block determines its prompts. A prompt that shows user and host always
counts. A line with the other sign shows the prompt of another shell, after a command that opens
or leaves one, or if it looks like a command; in a block that starts with `$ `, other lines that
start with `# ` are output, as of `cat` on a configuration file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import define, frozen

from runbook.console.clues import comments
from runbook.console.clues.shapes import prints_files
from runbook.console.clues.words import LIKELY, command_likelihood
from runbook.console.prompts import nesting, shell
from runbook.console.prompts.shell import ShellPrompt
from runbook.console.prompts.style import PromptStyle
from runbook.console.shell import Reader, explain

_SIGNS: Final = ("$", "#")
_NO_NAME: Final = re.compile(r"\"[^\"]*\s[^\"]*\"|\[(?!\s|\[)")
CONTINUATION_PROMPT: Final = re.compile(r"> ?")
"""The prompt for the continuation of a command (PS2)."""


@frozen
class TranscriptEntry:
    """A command with its prompt and the output after it, with their offsets in the block.

    The offsets are line numbers, starting at 0. `output_offset` is that of the line after the
    command, `output_lines` are those of `output`, whose lines keep their trailing spaces.
    """

    text: str
    offset: int
    output: tuple[str, ...]
    output_offset: int
    prompt: ShellPrompt
    output_lines: tuple[int, ...] = ()


@frozen
class Transcript:
    """The entries of a block, and the first error in it.

    `preamble` are the lines before the first prompt. `problem` is the offset of a line and a
    message, or `None`.
    """

    preamble: tuple[str, ...]
    entries: tuple[TranscriptEntry, ...]
    problem: tuple[int, str] | None = None


def prompt(line: str) -> ShellPrompt | None:
    """Return the prompt at the start of `line`, if it is unmistakable."""
    found = shell.full(line)
    if found is not None and (found.certain or command_likelihood(line[found.end :]) >= LIKELY):
        return found
    found = shell.short(line)
    return found if found is not None and found.sign in _SIGNS else None


def is_comment(text: str) -> bool:
    """Return whether the text after a prompt is a comment of the author rather than a command.

    No command name has several words, or starts with `[` except the test commands.
    """
    if not text or text.startswith("#") or not text[0].isascii() or comments.is_elision(text):
        return True
    return bool(_NO_NAME.match(text)) or comments.is_pragma(text)


def read(lines: Sequence[str]) -> Transcript:
    """Return the transcript in `lines`, which need their trailing spaces."""
    shown = [(number, found) for number, line in enumerate(lines) if (found := prompt(line))]
    if not shown:
        return Transcript(tuple(lines), ())
    start = shown[0][0]
    reader = _Reader(lines, _first_sign(lines, shown), start)
    return Transcript(tuple(lines[:start]), *reader.read())


def _first_sign(lines: Sequence[str], shown: Sequence[tuple[int, ShellPrompt]]) -> str:
    """Return the sign of the first prompt, or an empty string if that is a full one.

    In a block with `$ `, sentences after `# ` are comments.
    """
    if shown[0][1].certain:
        return ""
    dollar = any(found.shown.sign == "$" for _, found in shown)
    for number, found in shown:
        text = lines[number][found.end :].strip()
        if not (dollar and found.sign == "#" and not found.full and comments.is_comment(text)):
            return found.shown.sign
    return shown[0][1].shown.sign


@define
class _Reader:
    """Reads the `lines` of a transcript from `position` on.

    The short prompt of the block has the sign `base`, that of the current shell `sign`; they are
    empty if it has a full prompt. `before` is the last command.
    """

    lines: Sequence[str]
    base: str
    position: int
    sign: str = ""
    before: str = ""

    def read(self) -> tuple[tuple[TranscriptEntry, ...], tuple[int, str] | None]:
        """Return the entries, and the first error."""
        style = PromptStyle(frozenset(self.base), 1.0, "", unspaced=False)
        entries: list[TranscriptEntry] = []
        while self.position < len(self.lines):
            line = self.lines[self.position]
            typed = self._prompt(style, line, self.before)
            first = line[typed.end :].rstrip() if typed else ""
            if typed is None or is_comment(first):
                # Only lines after a comment get here without a prompt: they belong to no command.
                self.position += 1
                continue
            self.sign = nesting.next_sign(typed, self.before, self.sign)
            start = self.position
            text, problem = self._command(style, first)
            if problem:
                return tuple(entries), problem
            self.before = text
            after = self.position
            numbers = self._output(style)
            output = tuple(self.lines[number] for number in numbers)
            entries.append(TranscriptEntry(text, start, output, after, typed, numbers))
        return tuple(entries), None

    def _prompt(self, style: PromptStyle, line: str, before: str) -> ShellPrompt | None:
        found = shell.short(line)
        if found is not None and (
            found.sign in (self.base, self.sign)
            or nesting.counts(found.sign, line[found.end :], before)
        ):
            return found
        found = style.prompt(line, before, self.sign)
        if found is None or found.certain or not found.full or line.startswith("("):
            return found
        # Output may look like any but the most detailed prompts.
        text = line[found.end :]
        likely = command_likelihood(text) >= LIKELY and not prints_files(before)
        return found if likely or nesting.moves(before) else None

    def _command(self, style: PromptStyle, first: str) -> tuple[str, tuple[int, str] | None]:
        """Return the command at the current position, and an error."""
        lines, start = self.lines, self.position
        reader = Reader()
        reader.feed(first)
        command_lines = [first]
        position = start + 1
        continued = position < len(lines) and bool(CONTINUATION_PROMPT.match(lines[position]))
        while reader.awaits and position < len(lines):
            line = lines[position]
            joins = not reader.in_text and reader.awaits.opener in ("\\", "&&", "||", "|", "|&")
            if joins and self._prompt(style, line, self.before):
                break
            if continued and (marked := CONTINUATION_PROMPT.match(line)):
                line = line[marked.end() :]
            if not reader.in_text:
                line = line.rstrip()
            reader.feed(line)
            command_lines.append(line)
            position += 1
        self.position = position
        if reader.awaits:
            return "", (start + reader.awaits.line, explain(reader.awaits))
        return "\n".join(command_lines).rstrip(), None

    def _output(self, style: PromptStyle) -> tuple[int, ...]:
        """Return the numbers of the lines of output, without comments."""
        output: list[int] = []
        while self.position < len(self.lines):
            line = self.lines[self.position]
            typed = self._prompt(style, line, self.before)
            if typed is None:
                output.append(self.position)
            elif not is_comment(line[typed.end :].strip()):
                break
            self.position += 1
        while output and not self.lines[output[-1]].strip():
            output.pop()
        return tuple(output)
