"""Split a block into what was typed and what came after it, forgiving what a shell would not.

A guide that nobody ever ran has prompts that are damaged, continuations that are broken off
and quotations that never end. What can be mended is mended, and a note says what it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from attrs import define, evolve, field, frozen

from runbook.console.shell import Reader
from runbook.console.shellprompt import ShellPrompt
from runbook.console.words import LIKELY, sentence, typed

PromptOf = Callable[[str, str], ShellPrompt | None]
"""Finds the prompt of a line, given the command before it."""

_SECOND: Final = re.compile(r" *> ?")
_OPTION: Final = re.compile(r"\s+--?[A-Za-z]")
_JOINED: Final = ("\\", "&&", "||", "|", "|&")
_ARROW: Final = re.compile(r"\s+<(?:-{2,}|={2,}|-) +[A-Z].*\Z")
_INNER: Final = re.compile(r"\[[^\]]* [^\]]*\][#>$] (?P<typed>.+)")
"""The prompt of a program behind that of the shell."""

_ELISION: Final = re.compile(r"\s*(?:\.\.\.|\[\.\.\.\]|<snip>|\u2026)\s*\Z")


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


@define
class _Taken:
    """The lines of one command while it is read."""

    lines: list[str]
    position: int
    notes: list[str] = field(factory=list)


def split(lines: Sequence[str], prompt_of: PromptOf) -> tuple[tuple[str, ...], list[Entry]]:
    """Return the lines before the first prompt, and the entries of a transcript."""
    entries: list[Entry] = []
    preamble: list[str] = []
    before = ""
    position = 0
    while position < len(lines):
        shown = prompt_of(lines[position], before)
        if shown is None:
            if not entries:
                preamble.append(lines[position])
            position += 1
            continue
        first = lines[position][shown.end :].strip()
        if inner := _INNER.match(first):
            if entries:
                entries[-1] = evolve(
                    entries[-1], typing=(*entries[-1].typing, inner["typed"].strip())
                )
            position += 1
            continue
        if is_remark(first):
            position += 1
            continue
        taken = _command(lines, position, first, lambda line: prompt_of(line, before))
        text = without_remark("\n".join(taken.lines))
        before = text
        end = taken.position
        output: list[str] = []
        while end < len(lines):
            behind = prompt_of(lines[end], text)
            if behind is not None:
                text_behind = lines[end][behind.end :].strip()
                if not is_remark(text_behind) or _INNER.match(text_behind):
                    break
            else:
                output.append(lines[end].rstrip("\r"))
            end += 1
        while output and not output[-1].strip():
            output.pop()
        entries.append(Entry(text, position, shown, tuple(output), tuple(taken.notes)))
        position = end
    return tuple(preamble), entries


def is_remark(text: str) -> bool:
    """Tell whether what follows a prompt is the author's remark, or nothing."""
    text = without_remark(text)
    if not text or text.startswith("#") or not text[0].isascii() or _ELISION.match(text):
        return True
    if re.match(r"([\"'])[^\"']*\s[^\"']*\1", text):
        # No program has a name of several words.
        return True
    return sentence(text) and typed(text) < LIKELY


def script(lines: Sequence[str]) -> list[Entry]:
    """Return the commands of lines that show no prompts; remarks and blank lines are left out."""
    entries: list[Entry] = []
    position = 0
    while position < len(lines):
        line = lines[position]
        if not line.strip() or line.lstrip().startswith("#") or _ELISION.match(line):
            position += 1
            continue
        taken = _command(lines, position, line.strip(), lambda _: None)
        text = without_remark("\n".join(taken.lines))
        entries.append(Entry(text, position, None, (), tuple(taken.notes)))
        position = taken.position
    return entries


def _command(
    lines: Sequence[str], start: int, first: str, prompt_of: Callable[[str], ShellPrompt | None]
) -> _Taken:
    """Return the lines of the command that begins at `start`, mended where it is broken."""
    reader = Reader()
    reader.feed(first)
    taken = _Taken([first], start + 1)
    while taken.position < len(lines):
        line = lines[taken.position]
        awaits = reader.awaits
        if awaits is None:
            if not _goes_on(taken, line):
                break
            taken.lines[-1] += " \\"
            taken.notes.append("a line that goes on lacks its backslash")
            line = line.rstrip()
        elif reader.in_text:
            if prompt_of(line) is not None and not reader.in_heredoc:
                return _first_line_only(lines, first, start)
            line = _SECOND.sub("", line, count=1) if _second(lines, start, line) else line
        else:
            mended = _continuation(lines, start, line, awaits.opener, prompt_of)
            if mended is None:
                return _broken_off(taken, lines, start, awaits.opener)
            line = mended
        reader.feed(line)
        taken.lines.append(line)
        taken.position += 1
    if reader.awaits is not None:
        if reader.in_heredoc:
            taken.notes.append("a here-document has no end")
            return taken
        return _broken_off(taken, lines, start, reader.awaits.opener)
    return taken


def _continuation(
    lines: Sequence[str],
    start: int,
    line: str,
    opener: str,
    prompt_of: Callable[[str], ShellPrompt | None],
) -> str | None:
    """Return what `line` adds to the command, or `None` if the command ends before it."""
    if _second(lines, start, line):
        return _SECOND.sub("", line, count=1).rstrip()
    shown = prompt_of(line)
    if opener in _JOINED:
        if not line.strip():
            return None
        if shown is None:
            return line.rstrip()
        behind = line[shown.end :]
        if behind.lstrip().startswith("-") or typed(behind) < LIKELY or behind.startswith("  "):
            return behind.rstrip()
        return None
    if shown is not None:
        return line[shown.end :].rstrip()
    return line.rstrip()


def _second(lines: Sequence[str], start: int, line: str) -> bool:
    """Tell whether `line` begins with the prompt of a command that goes on."""
    return bool(_SECOND.match(line)) and bool(_SECOND.match(lines[start + 1]))


def _goes_on(taken: _Taken, line: str) -> bool:
    """Tell whether `line` is the rest of a complete command, of which a backslash was forgotten."""
    if (
        re.match(r"--[a-z]", line)
        and len(taken.lines) == 1
        or (re.match(r"--?[a-z]", line) and len(taken.lines) > 1)
    ):
        return True
    return (
        bool(_OPTION.match(line))
        and taken.lines[-1][:1] not in ("", "#")
        and (len(taken.lines) > 1 or line.lstrip().startswith("--"))
        and not re.search(r" {2,}\S", line.strip())
    )


def _broken_off(taken: _Taken, lines: Sequence[str], start: int, opener: str) -> _Taken:
    if opener in _JOINED:
        if opener == "\\":
            taken.lines[-1] = taken.lines[-1].rstrip().rstrip("\\").rstrip()
        taken.notes.append("the last line of a command says that it goes on, and nothing follows")
        return taken
    return _first_line_only(lines, taken.lines[0], start)


def _first_line_only(lines: Sequence[str], first: str, start: int) -> _Taken:
    """Return the command up to the line at whose end nothing says that it goes on."""
    taken = [first]
    end = start + 1
    while taken[-1].endswith("\\") and end < len(lines) and lines[end].strip():
        taken.append(lines[end].rstrip())
        end += 1
    return _Taken(taken, end, ["a quotation or a compound command is left open"])


def without_remark(text: str) -> str:
    """Return the command `text` without an author's remark at its end."""
    text = _ARROW.sub("", text)
    if " #" not in text and "\t#" not in text:
        return text
    if "\n" in text and not text.rstrip().splitlines()[0].endswith("\\"):
        return text
    quote = ""
    position = 0
    while position < len(text):
        char = text[position]
        if char == "\\":
            position += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        elif char == "#" and position and text[position - 1].isspace():
            behind = text.find("\n", position)
            if behind < 0:
                return text[:position].rstrip()
            return text
        position += 1
    return text
