"""Parse the output of an interactive program into questions and answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from attrs import evolve, frozen

from runbook.console.clues.inputs import shown_inputs, statement
from runbook.console.clues.interactive import asks
from runbook.console.prompts.question import (
    certain_turn,
    cleaned,
    continued_turn,
    likely_turn,
    matching_turn,
)
from runbook.console.prompts.repl import repl_prompt
from runbook.model import Turn

CONTINUED: Final = "\\"
"""The prompt of a turn that is another line of the input before it."""


@frozen
class TranscriptDialogue:
    """The turns of a dialogue in a transcript, and the lines after the last answer.

    It is falsy if the transcript shows no dialogue.
    """

    turns: tuple[Turn, ...] = ()
    after: str = ""

    def __bool__(self) -> bool:
        return bool(self.turns)


def parse_dialogue(
    output: Sequence[str], answers: Sequence[Turn] | None = None, program: str = ""
) -> TranscriptDialogue:
    """Return the dialogue in `output`; it is falsy if there is none.

    `program` is the name of the program if it has commands of its own, such as `mysql`: then
    anything that looks like its prompt counts, and an input may have several lines.

    Trailing spaces in `output` matter. `answers` are those that the guide declares for single
    prompts: a turn whose prompt contains the text of one takes its answer, secret, overrides and
    `sometimes`. The answer to a prompt that the transcript need not show, because it is optional
    or drawn, becomes a turn of its own, after the turn of the preceding answer.
    """
    declared = tuple(answers or ())
    found: list[Turn] = []
    places: dict[int, int] = {}
    taken: Counter[str] = Counter()
    between: list[str] = []
    shown = turns_by_line(output, answers, program)
    for line, turn in zip(map(cleaned, output), shown, strict=True):
        if turn is None:
            between.append(line)
            continue
        if turn.prompt == CONTINUED:
            found[-1] = evolve(found[-1], answer=_continued(found[-1].answer, turn.answer))
            continue
        if (number := _declared(turn, declared, taken)) is not None:
            turn = _with_answer(turn, declared[number])
            places[number] = len(found)
        found.append(evolve(turn, before=_text(between)))
        between = []
    if found or not output:
        _insert(found, places, declared, insert_all=not output)
    return TranscriptDialogue(tuple(found), _text(between) if found else "")


def _declared(turn: Turn, declared: Sequence[Turn], taken: Counter[str]) -> int | None:
    """Return the number of the declared answer to a turn, and note in `taken` that it is used.

    Of several to one question, the next one is for the next time that it is asked.
    """
    fitting = [number for number, answer in enumerate(declared) if _matches(answer, turn)]
    if not fitting:
        return None
    exact = (n for n in fitting if declared[n].prompt.strip() == turn.prompt.strip())
    prompt = declared[next(exact, fitting[0])].prompt
    series = [number for number in fitting if declared[number].prompt == prompt]
    taken[turn.prompt] += 1
    return series[min(taken[turn.prompt], len(series)) - 1]


def turns_by_line(
    output: Sequence[str], answers: Sequence[Turn] | None = None, program: str = ""
) -> list[Turn | None]:
    """Return for each line of `output` the turn that it shows, or `None`.

    The further lines of an input are turns with the prompt `CONTINUED`.
    """
    lines = [cleaned(line) for line in output]
    found: list[Turn | None] = []
    last: Turn | None = None
    if answers is None and not _shows_turn(lines, program):
        return _with_inputs([None] * len(lines), lines, program)
    for line, before in zip(lines, ["", *lines], strict=False):
        turn = _turn(line, before, last, tuple(answers or ()), program)
        found.append(turn)
        last = turn or last
    return _with_inputs(found, lines, program)


def _shows_turn(lines: Sequence[str], program: str) -> bool:
    if any(map(certain_turn, lines, ["", *lines])):
        return True
    return bool(program) and any(repl_prompt(line, program) for line in lines)


def _with_inputs(
    found: Sequence[Turn | None], lines: Sequence[str], program: str
) -> list[Turn | None]:
    """Return the turns `found` with all the lines of what is typed into `program`."""
    whole = list(found)
    if not program:
        return whole
    turns = [(number, turn) for number, turn in enumerate(found) if turn is not None]
    ends = [*(number for number, _ in turns[1:]), len(lines)]
    prompted = False
    for (number, turn), end in zip(turns, ends, strict=False):
        if turn.answer is None or repl_prompt(lines[number], program) is None:
            continue
        prompted = True
        typed = statement(program, lines, number, turn.answer, end)
        for place in range(number + 1, typed.position):
            whole[place] = Turn(CONTINUED, lines[place].strip())
    if not prompted:
        for number, typed in shown_inputs(program, lines):
            whole[number] = Turn("", lines[number].strip())
            for place in range(number + 1, typed.position):
                whole[place] = Turn(CONTINUED, lines[place].strip())
    return whole


def _continued(answer: str | None, more: str | None) -> str:
    """Return the input `answer` with another line of it."""
    text = (answer or "").removesuffix("\\").rstrip()
    return text if not more or more.startswith("--") else f"{text} {more}"


def unused_answers(answers: Sequence[Turn], asked: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return those of `answers` that match none of the turns `asked`."""
    return tuple(a for a in answers if not any(_matches(a, turn) for turn in asked))


def merge_answers(answers: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return `answers` with those to the same question merged: their overrides add up.

    One that comes again is another question.
    """
    found: dict[tuple[str, int], Turn] = {}
    for answer in answers:
        times = sum(prompt == answer.prompt for prompt, _ in found) if answer.again else 0
        key = answer.prompt, times
        known = found.get(key)
        if known is None:
            found[key] = answer
        elif answer.overrides:
            found[key] = evolve(known, overrides=known.overrides + answer.overrides)
        else:
            found[key] = evolve(answer, overrides=known.overrides)
    return tuple(found.values())


def _turn(
    line: str, before: str, last: Turn | None, answers: Sequence[Turn], program: str
) -> Turn | None:
    turn = certain_turn(line, before)
    if turn is not None:
        return turn
    # Before the prompts of all programs, as indentation matters in what is continued.
    if continued := continued_turn(line, last):
        return continued
    if program and (shown := repl_prompt(line, program)) and shown.typed:
        return Turn(shown.prompt, shown.typed)
    for answer in answers:
        if turn := matching_turn(line, answer.prompt):
            return turn
    return likely_turn(line, last) if asks(program) else None


def _with_answer(turn: Turn, answer: Turn) -> Turn:
    """Return `turn` with the declared answer; overrides alone keep the answer shown."""
    if answer.overrides and answer.answer is None and answer.secret is None:
        return evolve(turn, overrides=answer.overrides, sometimes=answer.sometimes)
    return evolve(answer, prompt=turn.prompt)


def _matches(answer: Turn, turn: Turn) -> bool:
    return " ".join(answer.prompt.split()) in " ".join(turn.prompt.split())


def _text(lines: Sequence[str]) -> str:
    return "\n".join(line.rstrip() for line in lines)


def _insert(
    found: list[Turn], places: dict[int, int], answers: Sequence[Turn], *, insert_all: bool
) -> None:
    """Insert the `answers` whose prompts the transcript does not show into `found`."""
    next_index = 0
    moved = 0
    for number, answer in enumerate(answers):
        if number in places:
            next_index = places[number] + moved + 1
        elif answer.sometimes or answer.drawn or answer.again or insert_all:
            found.insert(next_index, answer)
            next_index += 1
            moved += 1
