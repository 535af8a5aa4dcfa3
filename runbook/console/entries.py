"""Split a block into commands and output, tolerating what a shell would reject."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Final, Protocol

from attrs import evolve, frozen

from runbook.console.clues import interactive
from runbook.console.clues.comments import is_comment, is_not_typed, without_comment
from runbook.console.clues.inputs import session
from runbook.console.prompts import nesting
from runbook.console.prompts.shell import ShellPrompt
from runbook.console.repair import CommandExtractor, LinePrompt


class PromptFinder(Protocol):
    """Finds the prompt of a line.

    It is given the preceding command, and the sign of the short prompt of the current shell.
    """

    def __call__(self, line: str, before: str, sign: str) -> ShellPrompt | None:
        """Return the prompt at the start of `line`, or `None`."""
        ...


_INNER: Final = re.compile(r"\[[^\]]* [^\]]*\][#>$] (?P<typed>.+)")
"""A program's prompt after the shell's, as in `# [program 1.0]# show`."""


@frozen
class Entry:
    """A command, the offset of its first line, and its output.

    `prompt` is `None` if the line shows none. `notes` describe repairs. `repl_input` is input for
    the program that is typed at no prompt of its own.
    """

    text: str
    offset: int
    prompt: ShellPrompt | None = None
    output: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    repl_input: tuple[str, ...] = ()


def split(
    lines: Sequence[str], find_prompt: PromptFinder, sign: str = ""
) -> tuple[tuple[str, ...], list[Entry]]:
    """Return the lines before the first prompt, and the entries of a transcript.

    `sign` is that of the first shell's prompt, if it is a short one.
    """
    extractor = CommandExtractor(lines)
    entries: list[Entry] = []
    preamble: list[str] = []
    before = ""
    position = 0
    while position < len(lines):
        prompt = find_prompt(lines[position], before, sign)
        first = lines[position][prompt.end :].strip() if prompt else ""
        if prompt is None and not entries:
            preamble.append(lines[position])
        inner = _INNER.match(first)
        if inner and entries:
            more = (*entries[-1].repl_input, inner["typed"].strip())
            entries[-1] = evolve(entries[-1], repl_input=more)
        if prompt is None or inner or is_comment(first):
            position += 1
            continue
        sign = nesting.next_sign(prompt, before, sign)
        shell = partial(find_prompt, before=before, sign=sign)
        extracted = extractor.extract(position, first, shell)
        before = without_comment(extracted.text)
        shell = partial(find_prompt, before=before, sign=sign)
        output, output_end = _output(lines, extracted.position, shell)
        if before.strip():
            entries.append(Entry(before, position, prompt, output, tuple(extracted.notes)))
        position = output_end
    return tuple(preamble), entries


def _output(
    lines: Sequence[str], start: int, find_prompt: LinePrompt
) -> tuple[tuple[str, ...], int]:
    """Return the output of a command without comments, and the offset of the line after it."""
    output: list[str] = []
    position = start
    while position < len(lines):
        prompt = find_prompt(lines[position])
        if prompt is None:
            output.append(lines[position].rstrip("\r"))
        else:
            text = lines[position][prompt.end :].strip()
            if not is_comment(text) or _INNER.match(text):
                break
        position += 1
    while output and not output[-1].strip():
        output.pop()
    return tuple(output), position


def script(lines: Sequence[str]) -> list[Entry]:
    """Return the commands of lines without prompts; comments and blank lines are dropped.

    What follows a command that starts an interactive program is input for that, up to the line
    that leaves it; what follows an editor is the text to write there.
    """
    extractor = CommandExtractor(lines, prompts=False)
    entries: list[Entry] = []
    position = 0
    while position < len(lines):
        line = lines[position].strip()
        if is_not_typed(line):
            position += 1
            continue
        extracted = extractor.extract(position, line, lambda _: None)
        text = without_comment(extracted.text)
        start, position = position, extracted.position
        if not text.strip():
            continue
        entry = Entry(text, start, None, (), tuple(extracted.notes))
        if name := interactive.started(text):
            typed, position = session(name, lines, position)
            entry = evolve(entry, repl_input=tuple(typed))
        elif interactive.opens_editor(text):
            written, position = _written(lines, position)
            entry = evolve(entry, output=written)
        entries.append(entry)
    return entries


def _written(lines: Sequence[str], start: int) -> tuple[tuple[str, ...], int]:
    """Return the lines that are text for an editor, and the offset of the line after them."""
    position = start
    while position < len(lines) and interactive.is_edited(lines[position]):
        position += 1
    written = lines[start:position]
    while written and not written[-1].strip():
        written = written[:-1]
    return tuple(written), position
