"""Recognise a program that asks: a transcript is the script of its conversation."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from runbook.console.prompts import cleaned, likely, named, sure
from runbook.model import Turn


@frozen
class Conversation:
    """The turns of a transcript, and the lines after the last answer.

    It is false if the transcript is no conversation.
    """

    turns: tuple[Turn, ...] = ()
    after: str = ""

    def __bool__(self) -> bool:
        return bool(self.turns)


def converse(output: Sequence[str], answers: Sequence[Turn] | None = None) -> Conversation:
    """Return the conversation in `output`; a false one if it is none.

    The lines of `output` need their trailing blanks. `answers` are what the guide says of
    single prompts: a turn whose prompt contains the text of one takes its answer, secret,
    overrides and `sometimes`. An answer to a prompt that comes only sometimes and is not in the
    transcript becomes a turn of its own, after that of the answer before it.
    """
    said = tuple(answers or ())
    found: list[Turn] = []
    places: dict[int, int] = {}
    between: list[str] = []
    for line, turn in zip(map(cleaned, output), turns(output, answers), strict=True):
        if turn is None:
            between.append(line)
            continue
        for number, answer in enumerate(said):
            if _means(answer, turn):
                turn = _answered(turn, answer)
                places[number] = len(found)
                break
        found.append(evolve(turn, before=_text(between)))
        between = []
    if found or not output:
        _insert(found, places, said, all_of_them=not output)
    return Conversation(tuple(found), _text(between) if found else "")


def turns(output: Sequence[str], answers: Sequence[Turn] | None = None) -> list[Turn | None]:
    """Return for each line of `output` the turn that it shows, as the transcript has it."""
    lines = [cleaned(line) for line in output]
    if answers is None and not any(map(sure, lines, ["", *lines])):
        return [None] * len(lines)
    found: list[Turn | None] = []
    last: Turn | None = None
    for line, before in zip(lines, ["", *lines], strict=False):
        turn = _turn(line, before, last, tuple(answers or ()))
        found.append(turn)
        last = turn or last
    return found


def unasked(answers: Sequence[Turn], asked: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return those `answers` that belong to none of the turns `asked` in any dialogue."""
    return tuple(a for a in answers if not any(_means(a, turn) for turn in asked))


def merged(answers: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return `answers` with those to the same question made one: their overrides together."""
    found: dict[str, Turn] = {}
    for answer in answers:
        known = found.get(answer.prompt)
        if known is None:
            found[answer.prompt] = answer
        elif answer.overrides:
            found[answer.prompt] = evolve(known, overrides=known.overrides + answer.overrides)
        else:
            found[answer.prompt] = evolve(answer, overrides=known.overrides)
    return tuple(found.values())


def _turn(line: str, before: str, last: Turn | None, said: Sequence[Turn]) -> Turn | None:
    turn = sure(line, before)
    if turn is not None:
        return turn
    for answer in said:
        if turn := named(line, answer.prompt):
            return turn
    return likely(line, last)


def _answered(turn: Turn, answer: Turn) -> Turn:
    """Return `turn` with what the guide says of it; overrides alone leave the transcript's."""
    shown = answer.overrides and answer.answer is None and answer.secret is None
    return evolve(answer, prompt=turn.prompt, answer=turn.answer if shown else answer.answer)


def _means(answer: Turn, turn: Turn) -> bool:
    return " ".join(answer.prompt.split()) in " ".join(turn.prompt.split())


def _text(lines: Sequence[str]) -> str:
    return "\n".join(line.rstrip() for line in lines)


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
