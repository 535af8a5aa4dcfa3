"""Extract whole commands from the lines of a block, and repair broken ones.

Guides that were never run have truncated continuations, lines without their backslash and
unterminated quotes. Repairs are recorded as notes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from attrs import Factory, define, field

from runbook.console.clues.comments import is_elision
from runbook.console.clues.words import KNOWN, LIKELY, command_likelihood, is_sentence
from runbook.console.prompts.shell import ShellPrompt
from runbook.console.shell import Construct, Reader

LinePrompt = Callable[[str], ShellPrompt | None]
"""Finds the prompt of a line."""

_JOINED: Final = ("\\", "&&", "||", "|", "|&")
"""Line endings that continue the command on the next line."""

_KEYWORDS: Final = r"(?!.*\b(?:for|select|while|until|if|case|function|coproc)\b)"
_VARIABLE: Final = r"\$(?:\w+|\{\w+\})"
_PLAIN: Final = re.compile(
    _KEYWORDS + r"(?:[^\\'\"`$<({|&]"
    rf"|'[^']*'|\"(?:[^\"\\$`]|{_VARIABLE})*\"|{_VARIABLE}"
    r"|<(?=\s*[\w/~.])|(?:\|\|?|&&?)(?=\s*[\w/~.'\"$>])"
    r")*\\?\Z"
)
"""A line that leaves nothing open, except for a backslash; most lines need no closer look."""

_SUBSTITUTION: Final = re.compile(r"\|[A-Za-z][\w-]*\|\Z")
_COMMENT: Final = re.compile(r"(?<=\s\\)\s+# .*\Z")
_CONTINUATION_PROMPT: Final = re.compile(r" *> ?")
_INDENTED_OPTION: Final = re.compile(r"\s+--?[A-Za-z]")
_LONG_OPTION: Final = re.compile(r"--[a-z]")
_ANY_OPTION: Final = re.compile(r"--?[a-z]")
_COLUMNS: Final = re.compile(r"\S {2,}\S")
_FORMS: Final = re.compile(r"-\w, -")
_SEVERAL_WORDS: Final = re.compile(r"\S+\s+[^\s\\]")
_ENDED: Final = re.compile(r"[;&|{}()]\s*\Z")
_NO_ARGUMENT: Final = re.compile(
    r"\s*(?:[|+#\[\]{}]|[-=~*_]{3,}|[-*] |\S+:(?:\s|\Z)|[\w -]+ [=:] )"
)
"""Output, settings and comments."""

_BACKSLASH: Final = Construct("\\", "another line", 0)
_REPEATED: Final = "the prompt is repeated within a command"


@define
class ExtractedCommand:
    """The `lines` of one command, the `position` of the line after it, and notes on repairs."""

    lines: list[str]
    position: int
    notes: list[str] = field(factory=list)

    @property
    def text(self) -> str:
        """The whole command."""
        return "\n".join(self.lines)


@define
class _Structure:
    """What is open after the lines of a command so far; most lines need no closer look."""

    _reader: Reader | None = None
    _lines: int = 0

    def feed(self, line: str) -> None:
        """Read the next line."""
        self._lines += 1
        if self._reader is None:
            if _PLAIN.match(line):
                return
            self._reader = Reader()
            if self._lines > 1:
                # The line goes on with a command; its first word is none.
                self._reader.feed("true \\")
        self._reader.feed(_without_substitution(line))

    def awaits(self, last: str) -> Construct | None:
        """Return what is open after the `last` line.

        Bash would refuse a line such as `tool (the name)` and a backslash, but it goes on.
        """
        found = self._reader.awaits if self._reader else None
        return _BACKSLASH if found is None and last.endswith("\\") else found

    @property
    def in_text(self) -> bool:
        """Whether spaces in the next line matter: in a here-document or quotes."""
        return self._reader is not None and self._reader.in_text

    @property
    def in_heredoc(self) -> bool:
        """Whether the next line belongs to a here-document."""
        return self._reader is not None and self._reader.in_heredoc

    @property
    def may_be_reread(self) -> bool:
        """Whether the lines so far must be read again if nothing closes what is open."""
        awaits = self._reader.awaits if self._reader else None
        return awaits is not None and not self.in_heredoc and awaits.opener not in _JOINED


@define
class CommandExtractor:
    """Extracts commands from the lines of one block.

    `prompts` is whether they show prompts, so that other lines may be output. `reread_budget` is
    how many more lines may be read in search of a closing quote that never comes, so that a block
    full of unterminated quotes takes no more than linear time.
    """

    lines: Sequence[str]
    prompts: bool = True
    reread_budget: int = Factory(lambda self: 4 * len(self.lines) + 200, takes_self=True)

    def extract(self, start: int, first: str, find_prompt: LinePrompt) -> ExtractedCommand:
        """Return the command at line `start`; `first` is the text after the prompt."""
        first = _without_comment(first)
        extracted = ExtractedCommand([first], start + 1)
        structure = _Structure()
        structure.feed(first)
        while extracted.position < len(self.lines):
            line = self.lines[extracted.position]
            awaits = structure.awaits(extracted.lines[-1])
            if awaits is None:
                if not self._continues(extracted, start, line):
                    break
                extracted.lines[-1] += " \\"
                extracted.notes.append("a backslash at the end of a line is missing")
                line = line.rstrip()
            elif structure.in_text:
                if find_prompt(line) and not structure.in_heredoc:
                    return self._first_line_only(extracted, start)
                line = self._without_continuation_prompt(start, line)
            else:
                more = self._continuation(extracted, line, awaits.opener, find_prompt)
                if more is None:
                    return self._truncated(extracted, start, awaits.opener)
                line = _without_comment(more)
            structure.feed(line)
            extracted.lines.append(line)
            extracted.position += 1
            if extracted.position - start > self.reread_budget and structure.may_be_reread:
                return self._first_line_only(extracted, start)
        awaits = structure.awaits(extracted.lines[-1])
        if awaits is None:
            return extracted
        if structure.in_heredoc:
            extracted.notes.append("a here-document is unterminated")
            return extracted
        return self._truncated(extracted, start, awaits.opener)

    def _continuation(
        self, extracted: ExtractedCommand, line: str, opener: str, find_prompt: LinePrompt
    ) -> str | None:
        """Return what `line` adds to the command, or `None` if the command ends before it."""
        start = extracted.position - len(extracted.lines)
        if self._is_continuation_prompt(start, line):
            return self._without_continuation_prompt(start, line).rstrip()
        shown = find_prompt(line)
        after = line[shown.end :] if shown else line
        if opener not in _JOINED:
            return after.rstrip()
        if not line.strip() or is_elision(line):
            return None
        # An option or deep indentation continues the command, even after a prompt.
        if shown and not after.startswith("-") and not line[: shown.end].endswith("  "):
            # So does a single word: it is hardly a command, if it is not the last one either.
            if _SEVERAL_WORDS.match(after) and command_likelihood(after) >= LIKELY:
                return None
            extracted.notes.append(_REPEATED)
        return after.rstrip()

    def _continues(self, extracted: ExtractedCommand, start: int, line: str) -> bool:
        """Return whether `line` continues a complete command whose backslash is missing."""
        several = len(extracted.lines) > 1
        if (_ANY_OPTION if several else _LONG_OPTION).match(line):
            return True
        if not line[:1].isspace() or extracted.lines[-1][:1] in ("", "#"):
            return False
        text = line.strip()
        # Two columns, or several forms, are a list of options in the output of a program.
        if not text or _COLUMNS.search(text) or _FORMS.match(text):
            return False
        if _INDENTED_OPTION.match(line):
            return True
        if several and extracted.notes:
            return _indentation(line) == _indentation(extracted.lines[-1])
        return not self.prompts and self._is_argument(extracted.lines[0], start, line)

    def _is_argument(self, first: str, start: int, line: str) -> bool:
        """Return whether `line`, which is indented, looks like arguments of the command `first`."""
        if _indentation(line) <= _indentation(self.lines[start]) or _ENDED.search(first):
            return False
        if command_likelihood(first) < LIKELY or _NO_ARGUMENT.match(line):
            return False
        return command_likelihood(line) < KNOWN and not is_sentence(line.strip())

    def _is_continuation_prompt(self, start: int, line: str) -> bool:
        """Return whether `line` starts with a continuation prompt."""
        return bool(_CONTINUATION_PROMPT.match(line)) and bool(
            _CONTINUATION_PROMPT.match(self.lines[start + 1])
        )

    def _without_continuation_prompt(self, start: int, line: str) -> str:
        return (
            _CONTINUATION_PROMPT.sub("", line, count=1)
            if self._is_continuation_prompt(start, line)
            else line
        )

    def _truncated(self, extracted: ExtractedCommand, start: int, opener: str) -> ExtractedCommand:
        if opener not in _JOINED:
            return self._first_line_only(extracted, start)
        if opener == "\\":
            extracted.lines[-1] = extracted.lines[-1].rstrip().rstrip("\\").rstrip()
        extracted.notes.append("the command ends with a continuation, but nothing follows")
        return extracted

    def _first_line_only(self, read: ExtractedCommand, start: int) -> ExtractedCommand:
        """Return the command up to the first line that is not continued by a backslash."""
        self.reread_budget -= read.position - start
        extracted = ExtractedCommand(
            read.lines[:1], start + 1, ["a quote or compound command is unterminated"]
        )
        while extracted.lines[-1].endswith("\\") and extracted.position < len(self.lines):
            line = self.lines[extracted.position].rstrip()
            if not line:
                break
            extracted.lines.append(line)
            extracted.position += 1
        return extracted


def _without_substitution(line: str) -> str:
    """Return `line` with a value in place of a substitution `|name|` at its end."""
    return _SUBSTITUTION.sub("value", line) if line.endswith("|") else line


def _without_comment(line: str) -> str:
    """Return `line` without the comment after its trailing backslash, which is a syntax error."""
    return _COMMENT.sub("", line) if "# " in line else line


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
