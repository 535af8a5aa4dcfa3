"""What is typed into programs that take commands of their own, within a block and across blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import evolve

from runbook.console.dialogue import Conversation, converse
from runbook.console.entries import Entry
from runbook.console.innerprompt import device, inner_prompt, is_sure
from runbook.console.pattern import any_of
from runbook.console.prompts import sure
from runbook.console.wordlists import words
from runbook.console.words import LIKELY, program, typed
from runbook.model import Turn

_ASKS: Final = frozenset(":?>#$)")
"""What a prompt ends with; output without any of these is no conversation."""

_ENDS: Final = any_of(
    r"(?i:exit|quit)(?:\(\)|;)?\s*\Z",
    r"(?i:\\q|q|bye|w|\.quit|\.exit|logout|EOF)\s*\Z",
)
_COMPLETE: Final = any_of(
    r"\s(?:-[cem]\b|-e\S|--execute|--command)",
    r"\||<(?![\w -]+>)",  # what is piped in, but not a placeholder
)
"""Command lines that say all that is to be typed into the program."""

_REQUEST: Final = re.compile(r"\s*please (?:provide|specify|enter|choose|type)\b", re.IGNORECASE)
_FIELD: Final = re.compile(r"\s*(?P<prompt>[A-Z][\w ]{0,40}:)[ \t]+(?P<answer>\S+)\Z")
_NEAR: Final = 6
"""So many lines below a request at most is what it asks for."""

_MANY_WORDS: Final = 8
"""A longer command line hardly begins a conversation."""


def conversation(entry: Entry) -> Conversation:
    """Return the conversation with the program of `entry`; a false one if there is none."""
    if all(_ASKS.isdisjoint(line) for line in entry.output):
        return Conversation()
    asked = converse(entry.output)
    if asked and (fields := _fields(entry.output)):
        asked = converse(entry.output, fields)
    if asked:
        # What stands behind a `# ` there is a remark on the answer.
        turns = tuple(
            evolve(turn, answer=None) if (turn.answer or "").startswith("# ") else turn
            for turn in asked.turns
        )
        return evolve(asked, turns=turns)
    if not left_open(entry, ()):
        return asked
    shown = [found for line in entry.output if (found := inner_prompt(line))]
    return Conversation(tuple(Turn(line.prompt, line.typed) for line in shown if line.typed))


def _fields(output: Sequence[str]) -> list[Turn]:
    """Return the answers to fields that a sentence asks for some lines above: `Name: value`."""
    found = []
    asked = -_NEAR
    for number, line in enumerate(output):
        if sure(line):
            asked = -_NEAR
        elif _REQUEST.match(line):
            asked = number
        elif number - asked < _NEAR and (field := _FIELD.match(line)):
            found.append(Turn(field["prompt"], field["answer"]))
            asked = -_NEAR
    return found


def left_open(entry: Entry, typing: Sequence[str]) -> str:
    """Return the name of the program that `entry` leaves open, or an empty text.

    `typing` is what was typed into it.
    """
    name = _name(entry.text)
    bare = name in words("interactive", "bare")
    if not bare and name not in words("interactive"):
        return ""
    arguments = entry.text.partition(name)[2].split()
    if bare and arguments and not arguments[0].startswith("-"):
        return ""
    if len(arguments) >= _MANY_WORDS or _COMPLETE.search(entry.text) or ends(typing):
        return ""
    return name


def _name(command: str) -> str:
    return program(command).rpartition("/")[2]


def within(entries: Sequence[Entry]) -> list[Entry]:
    """Return `entries` with those that are typed into a program before them made its typing."""
    found: list[Entry] = []
    name = ""
    for entry in entries:
        shown = inner_prompt(entry.text) if name else None
        if name and (shown or typed(entry.text) < LIKELY):
            text = (shown.typed if shown else entry.text).strip()
            found[-1] = evolve(found[-1], typing=(*found[-1].typing, text))
            if ends([text]):
                name = ""
            continue
        found.append(entry)
        name = left_open(entry, ())
    return found


def ends(typing: Sequence[str]) -> bool:
    """Tell whether the last thing typed ends the program."""
    return bool(typing) and bool(_ENDS.match(typing[-1].strip()))


def typed_in(lines: Sequence[str], name: str) -> tuple[str, ...] | None:
    """Return what is typed into a program that is open already, or `None` if none is.

    `name` is that of the one that an earlier block left open, or an empty text.
    """
    first = next((line for line in lines if line.strip()), "")
    shown = device(first)
    if shown and shown.typed and shown.typed.split()[0] in words("devices"):
        name = name or "a network device"
    if not is_sure(first) and not (name and inner_prompt(first)):
        return None
    found = [line for text in lines if (line := inner_prompt(text))]
    return tuple(line.typed for line in found if line.typed)
