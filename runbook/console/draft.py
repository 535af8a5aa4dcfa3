"""The reading of one block while it is made from what the block was taken for."""

from __future__ import annotations

from typing import Final

from attrs import define, field

from runbook.console import filetext, repl
from runbook.console.block import Block, Proposal
from runbook.console.dialogue import Conversation
from runbook.console.endless import endless
from runbook.console.entries import Entry
from runbook.console.surroundings import Hints
from runbook.console.synopsis import is_synopsis
from runbook.console.verdict import Verdict
from runbook.model import Action, Command, Dialogue, Kind, Location, Reading

_MENDED: Final = 0.6
"""Confidence in a reading of which something had to be mended."""

_ATTENDED: Final = 0.7
"""Confidence in a reading with a command that a person has to end."""

_INCOMPLETE: Final = 0.7
"""Confidence in a reading that leaves out some of what looks like commands."""

_SYNOPSIS: Final = 0.85
"""Confidence in a reading in which nothing can be typed as it stands."""


@define
class Draft:
    """The reading of `block`; `verdict` is what it was taken for, `said` what the text says."""

    block: Block
    verdict: Verdict
    said: Hints
    kind: Kind
    confidence: float
    reasons: list[str]
    commands: list[str] = field(factory=list)
    typing: list[str] = field(factory=list)
    actions: list[Action] = field(factory=list)

    @classmethod
    def of(cls, block: Block, verdict: Verdict, said: Hints) -> Draft:
        """Return the draft for `block`, which was taken for what `verdict` says."""
        draft = cls(block, verdict, said, verdict.kind, verdict.confidence, [verdict.reason])
        forms = 0
        for entry in verdict.entries:
            if is_synopsis(entry.text, entry.output):
                forms += 1
            else:
                draft._type(entry)
        if forms:
            draft._leave_out_forms()
        draft.typing += verdict.typed
        if draft.kind is Kind.FILE and not draft.commands:
            content = filetext.content(verdict, said, block)
            draft.actions += [content] if content else []
        return draft

    def _leave_out_forms(self) -> None:
        reason = "the general form of a command, with optional parts, cannot be typed"
        if self.commands:
            # A step that lacks one of its commands is not the author's.
            self._doubt(_INCOMPLETE, reason)
        else:
            self.kind, self.confidence = Kind.SYNOPSIS, _SYNOPSIS
            self.reasons.append(reason)

    def _type(self, entry: Entry) -> None:
        asked = repl.conversation(entry)
        self.commands.append(entry.text)
        self.typing += [turn.answer for turn in asked.turns if turn.answer]
        self.typing += entry.typing
        start = self.block.location
        place = Location(start.document, start.line + entry.offset)
        self.actions.append(_action(entry, asked, place))
        if (asked or entry.typing) and self.kind is not Kind.FILE:
            self.kind = Kind.DIALOGUE
        for note in entry.notes:
            self._doubt(_MENDED, f"line {place.line}: {note}")
        if waiting := endless(entry.text):
            self._doubt(_ATTENDED, f"{waiting!r} does not end by itself")

    def _doubt(self, confidence: float, reason: str) -> None:
        """Let the reading be no surer than `confidence`, and say why."""
        self.confidence = min(self.confidence, confidence)
        self.reasons.append(reason)

    def proposal(self, placeholders: tuple[str, ...]) -> Proposal:
        """Return the finished reading with its actions."""
        shown = next((e.prompt for e in self.verdict.entries if e.prompt), None)
        root = "root" if shown and shown.sign == "#" else None
        path = self.verdict.path or self.said.path
        reading = Reading(
            "",
            self.block.location,
            self.kind,
            round(self.confidence, 2),
            tuple(dict.fromkeys(self.reasons)),
            tuple(self.commands),
            tuple(self.typing),
            placeholders=placeholders,
            path=path if self.kind is Kind.FILE else None,
            hosts=(shown.host,) if shown and shown.host else self.said.hosts,
            user=(shown.user or root) if shown else None,
            directory=shown.directory if shown else None,
            choice=self.said.choice,
        )
        return Proposal(reading, tuple(self.actions))


def _action(entry: Entry, asked: Conversation, place: Location) -> Action:
    output = "\n".join(line.rstrip() for line in entry.output)
    if asked:
        return Dialogue(entry.text, place, asked.turns, output, asked.after)
    return Command(entry.text, place, output=output or None)
