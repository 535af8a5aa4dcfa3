"""A runbook as a person reads it before anything is run: steps by chapter."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, TextIO

from rich.table import Table
from rich.text import Text

from runbook.model import Action, Command, Dialogue, FileContent, Manual, Runbook, Step, Turn
from runbook.report.screen import Screen
from runbook.report.words import inert, number, place

_LOG_WIDTH: Final = 160
"""Columns where no terminal has a width of its own."""


def print_plan(
    runbook: Runbook,
    stream: TextIO,
    *,
    only: Collection[str] | None = None,
    commands: bool = False,
) -> None:
    """Write the steps of `runbook`, or those whose ids are in `only`, to `stream`.

    With `commands` every action is shown in full, as an operator must see it to agree.
    """
    width = None if stream.isatty() else _LOG_WIDTH
    console = Screen(file=stream, highlight=False, markup=False, emoji=False, width=width)
    chapters = shown = 0
    for chapter in runbook.chapters:
        steps = [step for step in chapter.steps if only is None or step.id in only]
        if not steps:
            continue
        chapters += 1
        shown += len(steps)
        heading = Text(f"\n{inert(chapter.title)}", style="bold")
        console.print(heading.append(f"  {inert(chapter.document)}", style="not bold dim"))
        if commands:
            for step in steps:
                for line in _in_full(step):
                    # What an operator is to agree to must not be broken in its middle.
                    console.print(Text(line), soft_wrap=True)
        else:
            console.print(_table(steps))
    console.print(Text(f"\n{number(shown, 'step')} in {number(chapters, 'chapter')}"))


def _table(steps: list[Step]) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
    for column in ("where", "step", "on", "does", "checks"):
        table.add_column(column, overflow="fold")
    for step in steps:
        table.add_row(
            Text(inert(place(step.location)), style="dim"),
            Text(inert(step.title)),
            Text(inert(" ".join((*step.on, *step.platforms, *step.requires)))),
            Text(inert(_summary(step))),
            Text(str(len(step.checks)) if step.checks else "none"),
        )
    return table


def _summary(step: Step) -> str:
    does = ", ".join(dict.fromkeys(_headline(action) for action in step.actions))
    if not step.marked:
        return f"unmarked: {does}"
    return does or "checks only"


def _headline(action: Action) -> str:
    match action:
        case FileContent():
            return f"writes {action.path}"
        case Manual():
            return "a person's task"
        case Dialogue():
            return f"answers {action.text.split()[0]}"
        case Command():
            return action.text.split()[0] if action.text.split() else "nothing"


def _in_full(step: Step) -> Iterator[str]:
    """Yield the lines of everything that a step would do."""
    yield f"  {inert(place(step.location))}  {inert(step.title)}"
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
