"""Read the blocks of a document: what each is, and what a person would type.

Nothing here is certain. Every reading says how sure it is, from 0 to 1, and why.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define

from runbook.console import repl
from runbook.console.block import Block, Proposal, Sentence
from runbook.console.classify import Verdict, classify
from runbook.console.dialogue import Conversation, converse
from runbook.console.entries import Entry
from runbook.console.surroundings import hints
from runbook.console.synopsis import is_synopsis, placeholders
from runbook.console.words import KNOWN, sentence, typed
from runbook.model import Action, Command, Dialogue, FileContent, Kind, Location, Reading


@define
class _Document:
    """What goes on from block to block: `program` is open and takes commands of its own."""

    program: str = ""


def read_blocks(found: Sequence[Block | Sentence]) -> list[Proposal]:
    """Return what each block or sentence of one document is, in the same order.

    The readings have no ids: who knows the whole document gives them.
    """
    document = _Document()
    return [_sentence(one) if isinstance(one, Sentence) else _block(one, document) for one in found]


def _sentence(found: Sentence) -> Proposal:
    """Read commands within a sentence, which are a person's task."""
    commands = [text for text in found.literals if typed(text) >= KNOWN and not sentence(text)]
    if not found.literals and found.text[:2] in ("# ", "$ "):
        commands = [found.text[2:].strip()]
    return Proposal(
        Reading(
            "",
            found.location,
            Kind.PROSE,
            0.5,
            ("commands within a sentence are for a person to judge",),
            tuple(commands),
            placeholders=_all_placeholders(commands),
        )
    )


def _block(block: Block, document: _Document) -> Proposal:
    said = hints(block)
    verdict = classify(block, said, document.program)
    commands: list[str] = []
    typing: list[str] = []
    actions: list[Action] = []
    reasons = [verdict.reason]
    confidence = verdict.confidence
    kind = verdict.kind
    dropped = 0
    for entry in verdict.entries:
        if is_synopsis(entry.text):
            dropped += 1
            continue
        asked = repl.conversation(entry)
        commands.append(entry.text)
        typing += [turn.answer for turn in asked.turns if turn.answer]
        typing += entry.typing
        actions.append(_action(entry, asked, block.location))
        if (asked or entry.typing) and kind is not Kind.FILE:
            kind = Kind.DIALOGUE
        for note in entry.notes:
            reasons.append(f"line {block.location.line + entry.offset}: {note}")
            confidence = min(confidence, 0.6)
    if dropped:
        reasons.append("the general form of a command, with optional parts, cannot be typed")
        if not commands:
            kind, confidence = Kind.SYNOPSIS, 0.85
    typing += verdict.typed
    if verdict.entries:
        document.program = repl.left_open(verdict.entries, typing)
    elif kind is Kind.DIALOGUE:
        document.program = "" if repl.ends(typing) else document.program
    if kind is Kind.FILE and not commands and said.path and not verdict.uncertain_file:
        actions.append(
            FileContent(said.path, block.text.rstrip("\n") + "\n", block.location, section=None)
        )
    if endless := [c for c in commands if repl.endless(c)]:
        reasons.append(f"{endless[0].split()[0]!r} does not end by itself")
        confidence = min(confidence, 0.7)
    shown = next((e.prompt for e in verdict.entries if e.prompt), None)
    hosts = (shown.host,) if shown and shown.host else said.hosts
    return Proposal(
        Reading(
            "",
            block.location,
            kind,
            round(confidence, 2),
            tuple(dict.fromkeys(reasons)),
            tuple(commands),
            tuple(typing),
            placeholders=_all_placeholders([*commands, *typing]),
            path=(verdict.path or said.path) if kind is Kind.FILE else None,
            hosts=hosts,
            user=_user(shown.user, shown.sign) if shown else None,
            directory=shown.directory if shown else None,
            choice=said.choice,
        ),
        tuple(actions),
    )


def _user(user: str | None, sign: str) -> str | None:
    return user or ("root" if sign == "#" else None)


def _all_placeholders(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p for text in texts for p in placeholders(text)))


def _action(entry: Entry, asked: Conversation, start: Location) -> Action:
    place = Location(start.document, start.line + entry.offset)
    output = "\n".join(line.rstrip() for line in entry.output)
    if asked:
        return Dialogue(entry.text, place, asked.turns, output, asked.after)
    return Command(entry.text, place, output=output or None)


__all__ = ["Verdict", "converse", "read_blocks"]
