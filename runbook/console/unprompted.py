"""Classify blocks without prompts: only the words tell commands from output."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import evolve, field, frozen

from runbook.console.classification import Classification
from runbook.console.clues.announced import Announcement
from runbook.console.clues.comments import is_not_typed, without_comment
from runbook.console.clues.context import Context
from runbook.console.clues.shapes import is_assignment, is_output, is_setting, prints_files
from runbook.console.clues.words import (
    FORMED,
    KNOWN,
    LIKELY,
    POSSIBLE,
    PROBABLE,
    command_likelihood,
    is_sentence,
)
from runbook.console.entries import Entry, script
from runbook.model import Kind

_VARIABLE: Final = re.compile(r"\$\{?(\w+)")
_MIN_VARIABLES: Final = 2
"""A block that sets at least this many variables may be a file."""

_UNLIKELY: Final = 0.05
"""A line up to this likelihood is not a command, even in a script."""


@frozen
class _Lines:
    """The lines of a block, the commands they would be, and the likelihood of each."""

    lines: Sequence[str]
    shown: Sequence[str]
    entries: Sequence[Entry]
    likelihood: Sequence[float] = field(init=False)
    settings: int = field(init=False)

    @likelihood.default
    def _likelihood(self) -> Sequence[float]:
        return [command_likelihood(_head(entry)) for entry in self.entries]

    @settings.default
    def _settings(self) -> int:
        return sum(map(is_setting, self.shown))

    def is_indented(self, entry: Entry) -> bool:
        """Return whether the line of `entry` is indented."""
        return self.lines[entry.offset][:1].isspace()


def _read(lines: Sequence[str]) -> _Lines:
    return _Lines(lines, [line for line in lines if line.strip()], script(lines))


def _head(entry: Entry) -> str:
    return entry.text.partition("\n")[0]


def classify_shell(lines: Sequence[str], context: Context, *, session: bool) -> Classification:
    """Classify a block in a shell language or, with `session`, in a transcript language."""
    found = _read(lines)
    entries = tuple(found.entries)
    if not entries:
        return Classification(Kind.OTHER, 0.6, "it contains no command")
    if _is_environment(entries, context):
        return Classification(Kind.FILE, 0.7, "variable settings of a file", partial=True)
    likelihood = found.likelihood
    where = "it is in a transcript language" if session else "it is in a shell language"
    if max(likelihood) < FORMED and context.file:
        return Classification(Kind.FILE, 0.65, "settings that belong in a file", partial=True)
    if min(likelihood) >= LIKELY:
        reason = f"{where}, and every line looks like a command"
        return Classification(Kind.COMMANDS, 0.85 if session else 0.9, reason, entries)
    unlike = _not_shell(found, context, where, session=session)
    if unlike is not None:
        return unlike
    kept = _likely_commands(found, session=session)
    if not kept:
        return Classification(Kind.OUTPUT, 0.65, "no line looks like a command")
    confidence = _confidence([command_likelihood(_head(entry)) for entry in kept])
    if len(kept) < len(entries) or any(e.output for e in kept):
        reason = f"{where}; commands were told from output by their words"
        kind = Kind.TRANSCRIPT if any(e.output for e in kept) else Kind.COMMANDS
        return Classification(kind, min(confidence, 0.75), reason, tuple(kept))
    if _sets_unused(kept):
        reason = f"{where}; it sets variables that it does not use"
        return Classification(Kind.COMMANDS, min(confidence, 0.75), reason, tuple(kept))
    return Classification(Kind.COMMANDS, confidence, where, tuple(kept))


def commands_among(lines: Sequence[str]) -> tuple[list[Entry], bool]:
    """Return the likely commands among `lines`, and whether all lines are.

    Each has the lines after it that are not commands as its output.
    """
    found = _read(lines)
    kept = _likely_commands(found, session=False)
    return kept, len(kept) == len(found.entries)


def _sets_unused(entries: Sequence[Entry]) -> bool:
    """Return whether a command sets a variable, after another one, that no later one uses.

    It may be a line for the file that the command before opened.
    """
    used: set[str] = set()
    for entry in reversed(entries[1:]):
        name = entry.text.partition("=")[0]
        if is_assignment(entry.text) and name.isidentifier() and name not in used:
            return True
        used.update(_VARIABLE.findall(entry.text))
    return False


def _confidence(likelihood: Sequence[float]) -> float:
    """Return the confidence in commands of which some look unlikely."""
    if likelihood[0] < LIKELY:
        return 0.6
    return 0.8 if likelihood[0] >= PROBABLE and min(likelihood) >= POSSIBLE else 0.7


def _is_environment(entries: Sequence[Entry], context: Context) -> bool:
    """Return whether `entries` only set variables, for a file that the text mentions."""
    spoken = context.path is not None and (context.file or context.sourced)
    return spoken and len(entries) >= _MIN_VARIABLES and all(is_assignment(e.text) for e in entries)


def _not_shell(
    found: _Lines, context: Context, where: str, *, session: bool
) -> Classification | None:
    """Classify a block whose lines contradict its shell language; `None` if they do not."""
    first = found.likelihood[0]
    assigned = all(is_assignment(e.text) for e in found.entries)
    settings = assigned or found.settings > len(found.shown) / 3
    if context.file and settings and first < PROBABLE:
        return Classification(Kind.FILE, 0.75, "settings that belong in a file", partial=True)
    if session and first < POSSIBLE:
        return Classification(
            Kind.OUTPUT, 0.8, f"{where}, and its first line does not look like a command"
        )
    if session and max(found.likelihood) < LIKELY and len(found.entries) > 1:
        return Classification(Kind.OUTPUT, 0.7, f"{where}, and no line looks like a command")
    if context.output and first < PROBABLE:
        reason = "the text announces output, and the first line is unlike a command"
        return Classification(Kind.OUTPUT, 0.75, reason)
    return None


def _likely_commands(found: _Lines, *, session: bool) -> list[Entry]:
    """Return the likely commands, each with the lines after it that are not as its output."""
    kept: list[Entry] = []
    printing = False
    for entry in found.entries:
        head = _head(entry)
        raw = found.lines[entry.offset]
        likelihood = command_likelihood(head)
        printed = is_output(raw) or found.is_indented(entry) or is_sentence(head)
        if printing:
            separate = entry.offset == 0 or not found.lines[entry.offset - 1].strip()
            known = likelihood >= KNOWN and not found.is_indented(entry)
            is_command = known and (separate or not session)
        elif kept and likelihood < LIKELY and (printed or prints_files(kept[-1].text)):
            is_command = False
        else:
            is_command = likelihood >= POSSIBLE or (
                likelihood > _UNLIKELY and not printed and not session
            )
        if is_command:
            kept.append(entry)
        elif kept:
            kept[-1] = evolve(kept[-1], output=(*kept[-1].output, *entry.text.split("\n")))
        printing = bool(kept) and not is_command
    return kept


def classify_plain(lines: Sequence[str], context: Context) -> Classification:
    """Classify a block without a language."""
    shown = [line for line in lines if line.strip()]
    if not shown:
        return Classification(Kind.OTHER, 1.0, "it is empty")
    if not _may_start(shown):
        return _not_typed(shown, context)
    found = _read(lines)
    entries = tuple(found.entries)
    if not entries or is_sentence(entries[0].text):
        return _not_typed(shown, context)
    best = max(found.likelihood)
    announced = context.announces is Announcement.COMMANDS and best >= FORMED
    instructed = announced or (context.instructs and best >= PROBABLE)
    clean = not any(is_sentence(e.text) or found.is_indented(e) for e in entries)
    if clean and min(found.likelihood) >= 0.9:
        reason = "every line starts with a well-known program"
        return Classification(Kind.COMMANDS, 0.88 if instructed else 0.75, reason, entries)
    if clean and min(found.likelihood) >= LIKELY and (instructed or best >= 0.9):
        confidence = 0.8 if announced and best >= PROBABLE else 0.7 if instructed else 0.65
        return Classification(Kind.COMMANDS, confidence, "every line looks like a command", entries)
    settings = context.file and found.settings > len(shown) / 2
    if found.likelihood[0] < PROBABLE or found.is_indented(entries[0]) or settings:
        return _not_typed(shown, context)
    kept = tuple(_likely_commands(found, session=True))
    if kept and (instructed or not context.file):
        kind = Kind.TRANSCRIPT if any(e.output for e in kept) else Kind.COMMANDS
        reason = "the first line looks like a command; the others were judged by their words"
        return Classification(kind, 0.7 if instructed else 0.6, reason, kept)
    return _not_typed(shown, context)


def _may_start(shown: Sequence[str]) -> bool:
    """Quickly return whether the first line of content may be a command."""
    first = (line for line in shown if not is_not_typed(line))
    return command_likelihood(without_comment(next(first, "")).rstrip("\\")) > POSSIBLE


def _not_typed(shown: Sequence[str], context: Context) -> Classification:
    if context.announces is Announcement.SYNOPSIS:
        return Classification(Kind.SYNOPSIS, 0.7, "the text announces a synopsis")
    settings = sum(map(is_setting, shown)) > len(shown) / 2
    if context.file or (settings and not context.output):
        confidence = 0.8 if context.path else 0.65
        reason = "settings that belong in a file"
        return Classification(Kind.FILE, confidence, reason, partial=not context.file)
    if context.output or any(map(is_output, shown)):
        return Classification(Kind.OUTPUT, 0.75, "nothing looks like a command")
    return Classification(Kind.OTHER, 0.6, "nothing looks like a command")
