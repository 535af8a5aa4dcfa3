"""Read the blocks of a document: what each is, and what a person would type.

Nothing here is certain. Every reading says how sure it is, from 0 to 1, and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import define, evolve, field

from runbook.console import filetext, repl
from runbook.console.block import Block, Proposal, Sentence
from runbook.console.classify import classify
from runbook.console.dialogue import Conversation
from runbook.console.endless import endless
from runbook.console.entries import Entry
from runbook.console.parsed import without_escapes
from runbook.console.placeholders import Placeholders
from runbook.console.surroundings import Hints, hints
from runbook.console.synopsis import is_synopsis
from runbook.console.verdict import Verdict
from runbook.console.words import KNOWN, sentence, typed
from runbook.model import Action, Command, Dialogue, Kind, Location, Reading

_MENDED: Final = 0.6
"""Confidence in a reading of which something had to be mended."""

_ATTENDED: Final = 0.7
"""Confidence in a reading with a command that a person has to end."""


def read_blocks(found: Sequence[Block | Sentence]) -> list[Proposal]:
    """Return what each block or sentence of one document is, in the same order.

    The readings have no ids: who knows the whole document gives them.
    """
    document = _Document()
    return [
        document.sentence(one) if isinstance(one, Sentence) else document.block(one)
        for one in found
    ]


@define
class _Document:
    """Reads one document: `program` is open and takes commands of its own until it ends.

    `edited` is the file of which the block before showed a line that is to be replaced.
    """

    program: str = ""
    edited: str | None = None
    placeholders: Placeholders = field(factory=Placeholders)

    def sentence(self, found: Sentence) -> Proposal:
        """Read commands within a sentence, which are a person's task."""
        commands = [text for text in found.literals if typed(text) >= KNOWN and not sentence(text)]
        if not found.literals and found.text.startswith(("# ", "$ ")):
            commands = [found.text[2:].strip()]
        return Proposal(
            Reading(
                "",
                found.location,
                Kind.PROSE,
                0.5,
                ("commands within a sentence are for a person to judge",),
                tuple(commands),
                placeholders=self.placeholders.of(commands),
            )
        )

    def block(self, block: Block) -> Proposal:
        """Read one block, and remember what the next ones stand on."""
        if block.directive == "parsed-literal":
            block = evolve(block, text=without_escapes(block.text))
        said = self._hints(block)
        verdict = classify(block, said, self.program)
        draft = _Draft(block, verdict, said)
        if verdict.entries:
            self.program = repl.left_open(verdict.entries[-1], draft.typing)
        elif draft.kind is Kind.DIALOGUE and repl.ends(draft.typing):
            self.program = ""
        self.edited = said.path if draft.kind is Kind.FILE and said.replaces else None
        return draft.proposal(self.placeholders.of([*draft.commands, *draft.typing]))

    def _hints(self, block: Block) -> Hints:
        """Return the hints for `block`; a new line belongs to the file of the old one."""
        said = hints(block)
        if said.replaces and said.path is None and self.edited is not None:
            return evolve(said, path=self.edited)
        return said


@define
class _Draft:
    """The reading of `block` while it is made from what it was taken for."""

    block: Block
    verdict: Verdict
    said: Hints
    kind: Kind = field(init=False)
    confidence: float = field(init=False)
    reasons: list[str] = field(init=False)
    commands: list[str] = field(factory=list)
    typing: list[str] = field(factory=list)
    actions: list[Action] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.kind = self.verdict.kind
        self.confidence = self.verdict.confidence
        self.reasons = [self.verdict.reason]
        forms = [e for e in self.verdict.entries if is_synopsis(e.text, e.output)]
        for entry in self.verdict.entries:
            if entry not in forms:
                self._type(entry)
        if forms:
            reason = "the general form of a command, with optional parts, cannot be typed"
            self.reasons.append(reason)
            if not self.commands:
                self.kind, self.confidence = Kind.SYNOPSIS, 0.85
        self.typing += self.verdict.typed
        if self.kind is Kind.FILE and not self.commands:
            content = filetext.content(self.verdict, self.said, self.block)
            self.actions += [content] if content else []

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
            self.doubt(_MENDED, f"line {place.line}: {note}")
        if waiting := endless(entry.text):
            self.doubt(_ATTENDED, f"{waiting!r} does not end by itself")

    def doubt(self, confidence: float, reason: str) -> None:
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
