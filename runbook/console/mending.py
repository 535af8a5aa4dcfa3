"""Take whole commands out of a block's lines, and mend those that their author broke.

A guide that nobody ever ran has continuations that are broken off, lines that lack their
backslash and quotations that never end. What can be mended is mended, and a note says what.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from attrs import Factory, define, field

from runbook.console.remarks import is_elision
from runbook.console.shell import Reader
from runbook.console.shellprompt import ShellPrompt
from runbook.console.words import LIKELY, typed

LinePrompt = Callable[[str], ShellPrompt | None]
"""Finds the prompt of a line."""

_JOINED: Final = ("\\", "&&", "||", "|", "|&")
"""What a line ends with that goes on with another."""

_SIMPLE: Final = re.compile(r"(?!.*\b(?:for|select|while|until|if|case)\b)[^\\'\"`$<({|&]*\Z")
"""A line after which a shell waits for nothing; saves most lines from being read closely."""

_SUBSTITUTION: Final = re.compile(r"\|[A-Za-z][\w-]*\|\Z")
_REMARK: Final = re.compile(r"(?<=\s\\)\s+# .*\Z")
_SECOND: Final = re.compile(r" *> ?")
_INDENTED_OPTION: Final = re.compile(r"\s+--?[A-Za-z]")
_LONG_OPTION: Final = re.compile(r"--[a-z]")
_ANY_OPTION: Final = re.compile(r"--?[a-z]")
_COLUMNS: Final = re.compile(r"\S {2,}\S")


@define
class Taken:
    """The `lines` of one command, the `position` behind them, and what had to be mended."""

    lines: list[str]
    position: int
    notes: list[str] = field(factory=list)

    @property
    def text(self) -> str:
        """The whole command."""
        return "\n".join(self.lines)


@define
class Taker:
    """Takes commands out of the lines of one block.

    `patience` is how many lines may still be read for the end of a quotation that has none,
    so that a block of many such lines costs no more than its length.
    """

    lines: Sequence[str]
    patience: int = Factory(lambda self: 4 * len(self.lines) + 200, takes_self=True)

    def take(self, start: int, first: str, prompt_of: LinePrompt) -> Taken:
        """Return the command at line `start`, of which `first` is what follows the prompt."""
        first = _without_remark(first)
        taken = Taken([first], start + 1)
        reader = Reader()
        if not _SIMPLE.match(first):
            reader.feed(_without_substitution(first))
        while taken.position < len(self.lines):
            line = self.lines[taken.position]
            awaits = reader.awaits
            if awaits is None:
                if not _goes_on(taken, line):
                    break
                taken.lines[-1] += " \\"
                taken.notes.append("a line that goes on lacks its backslash")
                line = line.rstrip()
            elif reader.in_text:
                if prompt_of(line) and not reader.in_heredoc:
                    return self._first_only(taken, start)
                line = self._without_second(start, line)
            else:
                more = self._continuation(start, line, awaits.opener, prompt_of)
                if more is None:
                    return self._broken_off(taken, start, awaits.opener)
                line = _without_remark(more)
            reader.feed(_without_substitution(line))
            taken.lines.append(line)
            taken.position += 1
            if taken.position - start > self.patience and _is_in_vain(reader):
                return self._first_only(taken, start)
        if reader.awaits is None:
            return taken
        if reader.in_heredoc:
            taken.notes.append("a here-document has no end")
            return taken
        return self._broken_off(taken, start, reader.awaits.opener)

    def _continuation(
        self, start: int, line: str, opener: str, prompt_of: LinePrompt
    ) -> str | None:
        """Return what `line` adds to the command, or `None` if the command ends before it."""
        if self._is_second(start, line):
            return self._without_second(start, line).rstrip()
        shown = prompt_of(line)
        behind = line[shown.end :] if shown else line
        if opener not in _JOINED:
            return behind.rstrip()
        if not line.strip() or is_elision(line):
            return None
        # An option or a deep indentation goes on, even behind a prompt.
        repeated = behind.startswith("-") or (shown and line[: shown.end].endswith("  "))
        if shown and not repeated and typed(behind) >= LIKELY:
            return None
        return behind.rstrip()

    def _is_second(self, start: int, line: str) -> bool:
        """Tell whether `line` begins with the prompt of a command that goes on."""
        return bool(_SECOND.match(line)) and bool(_SECOND.match(self.lines[start + 1]))

    def _without_second(self, start: int, line: str) -> str:
        return _SECOND.sub("", line, count=1) if self._is_second(start, line) else line

    def _broken_off(self, taken: Taken, start: int, opener: str) -> Taken:
        if opener not in _JOINED:
            return self._first_only(taken, start)
        if opener == "\\":
            taken.lines[-1] = taken.lines[-1].rstrip().rstrip("\\").rstrip()
        taken.notes.append("the last line of a command says that it goes on, and nothing follows")
        return taken

    def _first_only(self, read: Taken, start: int) -> Taken:
        """Return the command up to the line at whose end nothing says that it goes on."""
        self.patience -= read.position - start
        taken = Taken(read.lines[:1], start + 1, ["a quotation or a compound command is left open"])
        while taken.lines[-1].endswith("\\") and taken.position < len(self.lines):
            line = self.lines[taken.position].rstrip()
            if not line:
                break
            taken.lines.append(line)
            taken.position += 1
        return taken


def _without_substitution(line: str) -> str:
    """Return `line` as a shell would read it when the value of a `|name|` at its end is there."""
    return _SUBSTITUTION.sub("value", line) if line.endswith("|") else line


def _without_remark(line: str) -> str:
    """Return `line` without a remark behind the backslash at its end, where none can stand."""
    return _REMARK.sub("", line) if "# " in line else line


def _is_in_vain(reader: Reader) -> bool:
    """Tell whether the lines so far are read again if nothing ends what is open."""
    awaits = reader.awaits
    return awaits is not None and not reader.in_heredoc and awaits.opener not in _JOINED


def _goes_on(taken: Taken, line: str) -> bool:
    """Tell whether `line` is the rest of a complete command that lacks its backslash."""
    several = len(taken.lines) > 1
    if (_ANY_OPTION if several else _LONG_OPTION).match(line):
        return True
    if not _INDENTED_OPTION.match(line) or taken.lines[-1][:1] in ("", "#"):
        return False
    # Two columns are a list of options, as a program prints it.
    return (several or line.lstrip().startswith("--")) and not _COLUMNS.search(line.strip())
