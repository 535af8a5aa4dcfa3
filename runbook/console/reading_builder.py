"""Build the reading of a block, and the actions of its step, from its classification."""

from __future__ import annotations

from typing import Final

from attrs import define, field

from runbook.console import filetext, repl
from runbook.console.block import Block, BlockReading
from runbook.console.classification import Classification
from runbook.console.clues.context import Context
from runbook.console.clues.endless import endless
from runbook.console.clues.interactive import started
from runbook.console.clues.synopsis import is_synopsis
from runbook.console.dialogue import TranscriptDialogue
from runbook.console.entries import Entry
from runbook.console.used_paths import UsedPaths
from runbook.model import Action, Command, Dialogue, Kind, Location, Reading

_REPAIRED: Final = 0.6
"""Highest confidence in a block of which a command had to be repaired."""

_ENDLESS: Final = 0.7
"""Highest confidence in a block with a command that does not end by itself."""

_UNPROMPTED: Final = 0.7
"""Highest confidence in a block with input for a program whose prompts it does not show."""

_INCOMPLETE: Final = 0.7
"""Highest confidence in a block of which a synopsis was left out."""

_SYNOPSIS: Final = 0.85
"""Confidence in a block that consists of synopses."""


@define
class ReadingBuilder:
    """Builds the reading of `block` from its `classification` and its `context`."""

    block: Block
    classification: Classification
    context: Context
    kind: Kind
    confidence: float
    reasons: list[str]
    commands: list[str] = field(factory=list)
    repl_input: list[str] = field(factory=list)
    actions: list[Action] = field(factory=list)

    @classmethod
    def of(
        cls, block: Block, classification: Classification, context: Context, used: UsedPaths
    ) -> ReadingBuilder:
        """Return a builder for `block` that has processed all entries of `classification`.

        `used` are the paths of its document.
        """
        builder = cls(
            block,
            classification,
            context,
            classification.kind,
            classification.confidence,
            [classification.reason],
        )
        synopses = 0
        for entry in classification.entries:
            if is_synopsis(entry.text, entry.output):
                synopses += 1
            else:
                builder._add(entry)
        if synopses:
            builder._omit_synopses()
        builder.repl_input += classification.typed
        if builder.kind is Kind.FILE and not builder.commands:
            edits = filetext.file_edits(classification, context, block, used)
            builder.actions += edits.contents
            if edits.reason:
                builder._limit_confidence(edits.confidence, edits.reason)
        return builder

    def _omit_synopses(self) -> None:
        reason = "a command synopsis cannot be typed as it stands"
        if self.commands:
            # A step without one of its commands is not what the author meant.
            self._limit_confidence(_INCOMPLETE, reason)
        else:
            self.kind, self.confidence = Kind.SYNOPSIS, _SYNOPSIS
            self.reasons.append(reason)

    def _add(self, entry: Entry) -> None:
        dialogue = repl.dialogue_of(entry)
        self.commands.append(entry.text)
        self.repl_input += [turn.answer for turn in dialogue.turns if turn.answer]
        start = self.block.location
        place = Location(start.document, start.line + entry.offset)
        self.actions.append(_action(entry, dialogue, place))
        if dialogue and self.kind is not Kind.FILE:
            self.kind = Kind.DIALOGUE
        if program := repl.program_of(entry) if dialogue else started(entry.text):
            self._limit_to_a_person(program, dialogue, place)
        for note in entry.notes:
            self._limit_confidence(_REPAIRED, f"line {place.line}: {note}")
        if waiting := endless(entry.text):
            self._limit_confidence(_ENDLESS, f"{waiting!r} does not end by itself")

    def _limit_to_a_person(
        self, program: str, dialogue: TranscriptDialogue, place: Location
    ) -> None:
        """Limit the confidence if the block does not show how to talk to `program`."""
        typed = [turn.answer or "" for turn in dialogue.turns]
        if any(not turn.prompt for turn in dialogue.turns):
            reason = f"line {place.line}: nothing shows when {program!r} waits for input"
            self._limit_confidence(_UNPROMPTED, reason)
        if not repl.quits(typed):
            reason = f"line {place.line}: nothing shows how {program!r} ends"
            self._limit_confidence(_ENDLESS, reason)

    def _limit_confidence(self, confidence: float, reason: str) -> None:
        """Limit the confidence to `confidence`, and record the reason."""
        self.confidence = min(self.confidence, confidence)
        self.reasons.append(reason)

    def build(self, placeholders: tuple[str, ...]) -> BlockReading:
        """Return the finished reading with its actions."""
        shown = next((e.prompt for e in self.classification.entries if e.prompt), None)
        root = "root" if shown and shown.sign == "#" else None
        path = self.classification.path or self.context.path
        reading = Reading(
            "",
            self.block.location,
            self.kind,
            round(self.confidence, 2),
            tuple(dict.fromkeys(self.reasons)),
            tuple(self.commands),
            tuple(self.repl_input),
            placeholders=placeholders,
            path=path if self.kind is Kind.FILE else None,
            hosts=(shown.host,) if shown and shown.host else self.context.hosts,
            user=(shown.user or root) if shown else None,
            directory=shown.directory if shown else None,
            choice=self.context.choice,
        )
        return BlockReading(reading, tuple(self.actions))


def _action(entry: Entry, dialogue: TranscriptDialogue, place: Location) -> Action:
    output = "\n".join(line.rstrip() for line in entry.output)
    prompt = entry.prompt.shown if entry.prompt else None
    if dialogue:
        return Dialogue(entry.text, place, dialogue.turns, output, dialogue.after, prompt=prompt)
    return Command(entry.text, place, output=output or None, prompt=prompt)
