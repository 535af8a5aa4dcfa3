"""A runbook as a person reads it before anything is run: steps by chapter, in full."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, TextIO

from rich.text import Text

from runbook.model import Command, Dialogue, FileContent, Manual, Runbook, Step, Turn
from runbook.report.screen import Screen
from runbook.report.words import inert, number, place

LOG_WIDTH: Final = 160
"""Columns where no terminal has a width of its own."""


def print_steps(runbook: Runbook, stream: TextIO, *, only: Collection[str]) -> None:
    """Write the steps whose ids are in `only` to `stream`, as one must see them to agree."""
    console = screen(stream)
    chapters = shown = 0
    for chapter in runbook.chapters:
        steps = [step for step in chapter.steps if step.id in only]
        if not steps:
            continue
        chapters += 1
        shown += len(steps)
        console.print(heading(chapter.title, chapter.document))
        for step in steps:
            for line in in_full(step):
                # What an operator is to agree to must not be broken in its middle.
                console.print(Text(line), soft_wrap=True)
    console.print(Text(f"\n{number(shown, 'step')} in {number(chapters, 'chapter')}"))


def screen(stream: TextIO) -> Screen:
    """Return a console on `stream` that does not take what a guide says for markup."""
    width = None if stream.isatty() else LOG_WIDTH
    return Screen(file=stream, highlight=False, markup=False, emoji=False, width=width)


def heading(title: str, document: str) -> Text:
    """Return a chapter's heading, after an empty line."""
    text = Text(f"\n{inert(title)}", style="bold")
    return text.append(f"  {inert(document)}", style="not bold dim")


def in_full(step: Step) -> Iterator[str]:
    """Yield the lines of everything that a step would do."""
    yield f"  {inert(place(step.location))}  {inert(step.title)}"
    yield from does(step)


def does(step: Step) -> Iterator[str]:
    """Yield the lines of the actions of a step."""
    for action in step.actions:
        match action:
            case FileContent():
                yield f"      writes {inert(action.path)} ({action.edit.value}):"
                yield from (f"          {line}" for line in inert(action.text).splitlines())
            case Manual():
                yield from (f"      {line}" for line in inert(action.text).splitlines())
            case Command() | Dialogue():
                yield from (f"      # {line}" for line in inert(action.text).splitlines())
        if isinstance(action, Dialogue):
            yield from (f"          {inert(_answer(turn))}" for turn in action.turns)


def _answer(turn: Turn) -> str:
    if turn.secret is not None:
        return f"{turn.prompt} the secret {turn.secret}"
    return f"{turn.prompt} {turn.answer or '(the default)'}"
