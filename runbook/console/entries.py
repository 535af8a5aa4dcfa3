"""Split a block into what was typed and what came after it, forgiving what a shell would not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Final, Protocol

from attrs import evolve, frozen

from runbook.console.mending import Taker
from runbook.console.remarks import is_aside, is_remark, without_remark
from runbook.console.shellprompt import ShellPrompt


class PromptOf(Protocol):
    """Finds the prompt of a line, given the command before it."""

    def __call__(self, line: str, before: str) -> ShellPrompt | None:
        """Return the prompt that `line` begins with, or `None`."""
        ...


_INNER: Final = re.compile(r"\[[^\]]* [^\]]*\][#>$] (?P<typed>.+)")
"""The prompt of a program behind that of the shell, as `# [program 1.0]# show`."""


@frozen
class Entry:
    """A command, the offset of its first line, and the lines that follow it.

    `prompt` is `None` where the line shows none. `notes` say what had to be mended. `typing`
    is what is typed into the program without that it shows a prompt.
    """

    text: str
    offset: int
    prompt: ShellPrompt | None = None
    output: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    typing: tuple[str, ...] = ()


def split(lines: Sequence[str], prompt_of: PromptOf) -> tuple[tuple[str, ...], list[Entry]]:
    """Return the lines before the first prompt, and the entries of a transcript."""
    taker = Taker(lines)
    entries: list[Entry] = []
    preamble: list[str] = []
    before = ""
    position = 0
    while position < len(lines):
        shown = prompt_of(lines[position], before)
        first = lines[position][shown.end :].strip() if shown else ""
        if shown is None and not entries:
            preamble.append(lines[position])
        inner = _INNER.match(first)
        if inner and entries:
            more = (*entries[-1].typing, inner["typed"].strip())
            entries[-1] = evolve(entries[-1], typing=more)
        if shown is None or inner or is_remark(first):
            position += 1
            continue
        taken = taker.take(position, first, partial(prompt_of, before=before))
        before = without_remark(taken.text)
        output, behind = _output(lines, taken.position, before, prompt_of)
        if before.strip():
            entries.append(Entry(before, position, shown, output, tuple(taken.notes)))
        position = behind
    return tuple(preamble), entries


def _output(
    lines: Sequence[str], start: int, command: str, prompt_of: PromptOf
) -> tuple[tuple[str, ...], int]:
    """Return the lines that `command` prints, without remarks, and the position behind them."""
    output: list[str] = []
    position = start
    while position < len(lines):
        shown = prompt_of(lines[position], command)
        if shown is None:
            output.append(lines[position].rstrip("\r"))
        else:
            text = lines[position][shown.end :].strip()
            if not is_remark(text) or _INNER.match(text):
                break
        position += 1
    while output and not output[-1].strip():
        output.pop()
    return tuple(output), position


def script(lines: Sequence[str]) -> list[Entry]:
    """Return the commands of lines that show no prompts; remarks and blank lines are left out."""
    taker = Taker(lines)
    entries: list[Entry] = []
    position = 0
    while position < len(lines):
        line = lines[position].strip()
        if is_aside(line):
            position += 1
            continue
        taken = taker.take(position, line, lambda _: None)
        text = without_remark(taken.text)
        if text.strip():
            entries.append(Entry(text, position, None, (), tuple(taken.notes)))
        position = taken.position
    return entries
