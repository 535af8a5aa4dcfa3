"""A runbook as a person reads it before anything is run: steps by chapter."""

from __future__ import annotations

from collections.abc import Collection
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from runbook.model import Action, Command, Dialogue, FileContent, Manual, Runbook, Step


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
    console = Console(file=stream, highlight=False)
    shown = 0
    for chapter in runbook.chapters:
        steps = [step for step in chapter.steps if only is None or step.id in only]
        if not steps:
            continue
        shown += len(steps)
        console.print(f"\n[bold]{escape(chapter.title)}[/bold]  {escape(chapter.document)}")
        if commands:
            for step in steps:
                _print_actions(console, step)
        else:
            console.print(_table(steps))
    console.print(f"\n{shown} steps in {len(runbook.chapters)} chapters")


def _table(steps: list[Step]) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False)
    for column in ("line", "step", "on", "does", "checks"):
        table.add_column(column, overflow="fold", justify="right" if column == "line" else "left")
    for step in steps:
        table.add_row(
            str(step.location.line),
            Text(step.id.rpartition("/")[2]),
            Text(" ".join((*step.on, *step.platforms, *step.requires))),
            Text(_summary(step)),
            Text(str(len(step.checks)) if step.checks else "none"),
        )
    return table


def _summary(step: Step) -> str:
    if not step.marked:
        return "unmarked: " + ", ".join(_headline(action) for action in step.actions)
    return ", ".join(_headline(action) for action in step.actions) or "checks only"


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


def _print_actions(console: Console, step: Step) -> None:
    console.print(Text(f"  {step.location}  {step.title}"))
    for action in step.actions:
        match action:
            case FileContent():
                text = f"{action.edit.value} {action.path}\n{action.text}"
            case Command() | Dialogue() | Manual():
                text = action.text
        mark = "# " if isinstance(action, Command | Dialogue) else ""
        console.print(Text("\n".join(f"      {mark}{line}" for line in text.splitlines())))
