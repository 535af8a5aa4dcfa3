"""Input for interactive programs with a prompt of their own, within a block and across blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import evolve

from runbook.console.clues import interactive
from runbook.console.clues.inputs import session
from runbook.console.clues.interactive import may_start, started
from runbook.console.clues.wordlists import words
from runbook.console.clues.words import KNOWN, command_likelihood, program_name
from runbook.console.dialogue import TranscriptDialogue, parse_dialogue
from runbook.console.entries import Entry
from runbook.console.prompts.question import certain_turn
from runbook.console.prompts.repl import device_prompt, is_certain, repl_prompt, shows_named_prompt
from runbook.model import Turn

_ASKS: Final = frozenset(":?>#$)")
"""Last characters of prompts; output without any of them contains no dialogue."""

_REQUEST: Final = re.compile(r"\s*please (?:provide|specify|enter|choose|type)\b", re.IGNORECASE)
_FIELD: Final = re.compile(r"\s*(?P<prompt>[A-Z][\w ]{0,40}:)[ \t]+(?P<answer>\S+)\Z")
_NEAR: Final = 6
"""How many lines below a request its fields may be."""


def dialogue_of(entry: Entry) -> TranscriptDialogue:
    """Return the dialogue with the program of `entry`; it is falsy if there is none.

    What is typed at no prompt of the program are turns without a prompt.
    """
    program = program_of(entry)
    typed = tuple(Turn("", text) for text in entry.repl_input)
    if not program and all(_ASKS.isdisjoint(line) for line in entry.output):
        return TranscriptDialogue(typed)
    asked = parse_dialogue(entry.output, program=program)
    if asked and (fields := _fields(entry.output)):
        asked = parse_dialogue(entry.output, fields, program)
    # A `# ` after the prompt starts a comment on the answer.
    turns = tuple(
        evolve(turn, answer=None) if (turn.answer or "").startswith("# ") else turn
        for turn in asked.turns
    )
    return evolve(asked, turns=(*turns, *typed))


def program_of(entry: Entry) -> str:
    """Return the name of the program with commands of its own that `entry` may start, or ""."""
    if name := may_start(entry.text):
        return name
    return program_name(entry.text) if shows_named_prompt(entry.output) else ""


def _fields(output: Sequence[str]) -> list[Turn]:
    """Return the answers to fields (`Name: value`) that a sentence above requests."""
    found = []
    asked = -_NEAR
    for number, line in enumerate(output):
        if certain_turn(line):
            asked = -_NEAR
        elif _REQUEST.match(line):
            asked = number
        elif number - asked < _NEAR and (field := _FIELD.match(line)):
            found.append(Turn(field["prompt"], field["answer"]))
            asked = -_NEAR
    return found


def left_running(entry: Entry, repl_input: Sequence[str]) -> str:
    """Return the name of the interactive program that `entry` leaves running, or "".

    `repl_input` is the input that it got.
    """
    return "" if quits(repl_input) else started(entry.text)


def quits(repl_input: Sequence[str]) -> bool:
    """Return whether the last line of input quits the program.

    A disc is written before the last question.
    """
    return any(interactive.quits(line) for line in repl_input[-1:]) or "w" in repl_input[-2:]


def input_lines(lines: Sequence[str], name: str) -> tuple[str, ...] | None:
    """Return the input for a program that is already running, or `None` if there is none.

    `name` is the program that an earlier block left running, or an empty string.
    """
    first = next((line for line in lines if line.strip()), "")
    shown = device_prompt(first)
    if shown and shown.typed and shown.typed.split()[0] in words("devices"):
        name = name or "a network device"
    if not is_certain(first) and not (name and repl_prompt(first, name)):
        return _unprompted(lines, first, name) if name else None
    asked = parse_dialogue(lines, program=name or "an unknown program")
    return tuple(turn.answer for turn in asked.turns if turn.answer)


def _unprompted(lines: Sequence[str], first: str, name: str) -> tuple[str, ...] | None:
    """Return the input for the program `name` if all `lines` are that, though without prompts."""
    if not interactive.is_own(name, first.strip()):
        return None
    typed, position = session(name, lines, 0)
    if any(line.strip() for line in lines[position:]):
        return None
    ends = interactive.quits(typed[-1]) or typed[-1] == "end" or first.rstrip().endswith(";")
    return tuple(typed) if ends or command_likelihood(first) < KNOWN else None
