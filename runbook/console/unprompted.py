"""Read blocks that show no prompt: only words tell what is typed from what is printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import evolve, field, frozen

from runbook.console import repl
from runbook.console.announced import Expected
from runbook.console.entries import Entry, script
from runbook.console.remarks import is_aside, without_remark
from runbook.console.shapes import is_assignment, is_printed, is_printing, is_setting
from runbook.console.surroundings import Hints
from runbook.console.verdict import Verdict
from runbook.console.words import FORMED, KNOWN, LIKELY, POSSIBLE, PROBABLE, sentence, typed
from runbook.model import Kind

_SEVERAL: Final = 2
"""So many variables may stand in a file of their own."""

_HARDLY: Final = 0.05
"""Likeness up to which even a script's line is none."""


@frozen
class _Lines:
    """The lines of a block, the commands that they would be, and how much they look so."""

    lines: Sequence[str]
    shown: Sequence[str]
    entries: Sequence[Entry]
    likeness: Sequence[float] = field(init=False)
    settings: int = field(init=False)

    @likeness.default
    def _likeness(self) -> Sequence[float]:
        return [typed(_head(entry)) for entry in self.entries]

    @settings.default
    def _settings(self) -> int:
        return sum(map(is_setting, self.shown))

    def is_indented(self, entry: Entry) -> bool:
        """Tell whether the line of `entry` is."""
        return self.lines[entry.offset][:1].isspace()


def _read(lines: Sequence[str]) -> _Lines:
    return _Lines(lines, [line for line in lines if line.strip()], repl.within(script(lines)))


def _head(entry: Entry) -> str:
    return entry.text.partition("\n")[0]


def of_shell(lines: Sequence[str], said: Hints, *, session: bool) -> Verdict:
    """Read a block whose language is a shell's, or with `session` a transcript's."""
    found = _read(lines)
    entries = tuple(found.entries)
    if not entries:
        return Verdict(Kind.OTHER, 0.6, "nothing in it is a command")
    if _is_environment(entries, said):
        return Verdict(Kind.FILE, 0.7, "variables that a file sets", partial=True)
    likeness = found.likeness
    where = "its language is a transcript's" if session else "its language is a shell's"
    if max(likeness) < FORMED and said.file:
        return Verdict(Kind.FILE, 0.65, "settings that belong into a file", partial=True)
    if min(likeness) >= LIKELY:
        reason = f"{where}, and every line looks typed"
        return Verdict(Kind.COMMANDS, 0.85 if session else 0.9, reason, entries)
    unlike = _not_of_shell(found, said, where, session=session)
    if unlike is not None:
        return unlike
    kept = _typed_part(found, session=session)
    if not kept:
        return Verdict(Kind.OUTPUT, 0.65, "no line of it looks typed")
    confidence = _confidence([typed(_head(entry)) for entry in kept])
    if any(e.output for e in kept):
        reason = f"{where}; what looks typed is told from output by its words"
        return Verdict(Kind.TRANSCRIPT, min(confidence, 0.75), reason, tuple(kept))
    return Verdict(Kind.COMMANDS, confidence, where, tuple(kept))


def _confidence(likeness: Sequence[float]) -> float:
    """Return how certain it is that lines are typed of which not all look so."""
    if likeness[0] < LIKELY:
        return 0.6
    return 0.8 if likeness[0] >= PROBABLE and min(likeness) >= POSSIBLE else 0.7


def _is_environment(entries: Sequence[Entry], said: Hints) -> bool:
    """Tell whether all that `entries` do is to set variables, in a file that is spoken of."""
    spoken = said.path is not None and (said.file or said.sourced)
    return spoken and len(entries) >= _SEVERAL and all(is_assignment(e.text) for e in entries)


def _not_of_shell(found: _Lines, said: Hints, where: str, *, session: bool) -> Verdict | None:
    """Return what a block is whose language is a shell's, but whose lines are not."""
    first = found.likeness[0]
    assigned = all(is_assignment(e.text) for e in found.entries)
    settings = assigned or found.settings > len(found.shown) / 3
    if said.file and settings and first < PROBABLE:
        return Verdict(Kind.FILE, 0.75, "settings that belong into a file", partial=True)
    if session and first < POSSIBLE:
        return Verdict(Kind.OUTPUT, 0.8, f"{where}, and its first line does not look typed")
    if session and max(found.likeness) < LIKELY and len(found.entries) > 1:
        return Verdict(Kind.OUTPUT, 0.7, f"{where}, and no line looks typed")
    if said.output and first < PROBABLE:
        reason = "the text announces output, and the first line does not look typed"
        return Verdict(Kind.OUTPUT, 0.75, reason)
    return None


def _typed_part(found: _Lines, *, session: bool) -> list[Entry]:
    """Return the entries that look typed, each with the lines behind it that do not."""
    kept: list[Entry] = []
    printing = False
    for entry in found.entries:
        head = _head(entry)
        raw = found.lines[entry.offset]
        likeness = typed(head)
        printed = is_printed(raw) or found.is_indented(entry) or sentence(head)
        if printing:
            apart = entry.offset == 0 or not found.lines[entry.offset - 1].strip()
            known = likeness >= KNOWN and not found.is_indented(entry)
            takes = known and (apart or not session)
        elif kept and likeness < LIKELY and (printed or is_printing(kept[-1].text)):
            takes = False
        else:
            takes = likeness >= POSSIBLE or (likeness > _HARDLY and not printed and not session)
        if takes:
            kept.append(entry)
        elif kept:
            kept[-1] = evolve(kept[-1], output=(*kept[-1].output, *entry.text.split("\n")))
        printing = bool(kept) and not takes
    return kept


def of_nothing(lines: Sequence[str], said: Hints) -> Verdict:
    """Read a block of which nobody says what language it has."""
    shown = [line for line in lines if line.strip()]
    if not shown:
        return Verdict(Kind.OTHER, 1.0, "it is empty")
    if not _may_begin(shown):
        return _not_typed(shown, said)
    found = _read(lines)
    entries = tuple(found.entries)
    if not entries or sentence(entries[0].text):
        return _not_typed(shown, said)
    best = max(found.likeness)
    sure = said.expected is Expected.COMMANDS and best >= FORMED
    asked = sure or (said.asks and best >= PROBABLE)
    clean = not any(sentence(e.text) or found.is_indented(e) for e in entries)
    if clean and min(found.likeness) >= 0.9:
        reason = "every line begins with a well-known program"
        return Verdict(Kind.COMMANDS, 0.88 if asked else 0.75, reason, entries)
    if clean and min(found.likeness) >= LIKELY and (asked or best >= 0.9):
        confidence = 0.8 if sure and best >= PROBABLE else 0.7 if asked else 0.65
        return Verdict(Kind.COMMANDS, confidence, "every line looks typed", entries)
    settings = said.file and found.settings > len(shown) / 2
    if found.likeness[0] < PROBABLE or found.is_indented(entries[0]) or settings:
        return _not_typed(shown, said)
    kept = tuple(_typed_part(found, session=True))
    if kept and (asked or not said.file):
        kind = Kind.TRANSCRIPT if any(e.output for e in kept) else Kind.COMMANDS
        reason = "its first line looks typed, the others are told by their words"
        return Verdict(kind, 0.7 if asked else 0.6, reason, kept)
    return _not_typed(shown, said)


def _may_begin(shown: Sequence[str]) -> bool:
    """Tell whether the first line that says something may be typed, before all are read."""
    first = (line for line in shown if not is_aside(line))
    return typed(without_remark(next(first, "")).rstrip("\\")) > POSSIBLE


def _not_typed(shown: Sequence[str], said: Hints) -> Verdict:
    if said.expected is Expected.SYNOPSIS:
        return Verdict(Kind.SYNOPSIS, 0.7, "the text announces the general form of something")
    settings = sum(map(is_setting, shown)) > len(shown) / 2
    if said.file or (settings and not said.output):
        confidence = 0.8 if said.path else 0.65
        reason = "settings that belong into a file"
        return Verdict(Kind.FILE, confidence, reason, partial=not said.file)
    if said.output or any(map(is_printed, shown)):
        return Verdict(Kind.OUTPUT, 0.75, "nothing in it looks typed")
    return Verdict(Kind.OTHER, 0.6, "nothing in it looks typed")
