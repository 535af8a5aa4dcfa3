"""Recognise a program that asks: which lines of a transcript are prompts, and the answers.

What stands after a prompt is the answer; nothing means that the default was taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import attrs

from runbook.model import Turn

_SURE: Final = tuple(
    re.compile(pattern + r"(?:[ \t]+(?P<answer>\S.*)?)?\Z")
    for pattern in (
        # (Yes, No) [Yes]:   and   (1, 2, 3)[1]:
        r"(?P<prompt>.*\([^()]*\) ?\[[^\[\]]*\] ?[:?])",
        # Organization name [example.com]:   but not a log's "sshd[123]:"
        r"(?P<prompt>\s*[^\s\[].*[\s.:?]\[[^\[\]]*\] ?[:?])",
        # [y/N]   (yes/no)?   [Y/n]:
        r"(?P<prompt>.*[\[(](?i:y(?:es)?/n(?:o)?(?:/[^\])]*)?)[\])] ?[:?]?)",
        r"(?P<prompt>\s*(?i:please )?(?i:enter|re-?enter|retype|type) [^:]*:)",
    )
)
_SECRET: Final = re.compile(
    r"(?P<prompt>.*(?i:password|passphrase)(?: for [^:]+)?(?: \([^()]*\))? ?:)[ \t]*\Z"
)
_LIKELY: Final = (
    re.compile(r"(?P<prompt>\s*\S.*[^\s:][:?])[ \t]+(?P<answer>)\Z"),
    re.compile(r"(?P<prompt>\s*\S.*\([^()]*\):)[ \t]+(?P<answer>\S.*)?\Z"),
)
"""Prompts only in a conversation that is recognised already: output may look the same."""


def turns(output: Sequence[str], answers: Sequence[Turn] | None = None) -> tuple[Turn, ...]:
    """Return the turns of the conversation in `output`; none if it is not a conversation.

    The lines of `output` need their trailing blanks. `answers` are what the guide says of
    single prompts: a turn whose prompt contains the text of one takes its answer, secret and
    `sometimes`. An answer to a prompt that comes only sometimes and is not in the transcript
    becomes a turn of its own, after that of the answer before it.
    """
    sure = answers is not None or any(_split(line, likely=False) for line in output)
    if not sure:
        return ()
    said = tuple(answers or ())
    found: list[Turn] = []
    places: dict[int, int] = {}
    between: list[str] = []
    for line in output:
        turn = _told(line, said) or _split(line, likely=True)
        if turn is None:
            between.append(line)
            continue
        for number, answer in enumerate(said):
            if _means(answer, turn):
                turn = attrs.evolve(answer, prompt=turn.prompt)
                places[number] = len(found)
                break
        found.append(attrs.evolve(turn, before=_text(between)))
        between = []
    if found or not output:
        _insert(found, places, said, all_of_them=not output)
    return tuple(found)


def _text(lines: Sequence[str]) -> str:
    return "\n".join(line.rstrip() for line in lines)


def unasked(answers: Sequence[Turn], asked: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return those `answers` that belong to none of the turns `asked` in any dialogue."""
    return tuple(a for a in answers if not any(_means(a, turn) for turn in asked))


def _means(answer: Turn, turn: Turn) -> bool:
    return " ".join(answer.prompt.split()) in " ".join(turn.prompt.split())


def _told(line: str, answers: Sequence[Turn]) -> Turn | None:
    """Return the turn on `line` if it contains the prompt of one of the `answers`."""
    for answer in answers:
        words = r"\s+".join(re.escape(word) for word in answer.prompt.split())
        found = re.match(
            rf"(?P<prompt>.*?{words}(?:[^:?]*[:?](?=\s|\Z))?)[ \t]*(?P<answer>.*?)\s*\Z", line
        )
        if found and answer.prompt.strip():
            return Turn(found["prompt"].strip(), found["answer"] or None)
    return None


def _split(line: str, *, likely: bool) -> Turn | None:
    if secret := _SECRET.match(line):
        return Turn(secret["prompt"].strip())
    for pattern in _SURE + (_LIKELY if likely else ()):
        if found := pattern.match(line):
            return Turn(found["prompt"].strip(), (found["answer"] or "").strip() or None)
    return None


def _insert(
    found: list[Turn], places: dict[int, int], answers: Sequence[Turn], *, all_of_them: bool
) -> None:
    """Insert the `answers` whose prompts the transcript does not show into `found`."""
    behind = 0
    moved = 0
    for number, answer in enumerate(answers):
        if number in places:
            behind = places[number] + moved + 1
        elif answer.sometimes or all_of_them:
            found.insert(behind, answer)
            behind += 1
            moved += 1
