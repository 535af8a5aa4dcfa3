"""The steps of a runbook in full, by chapter, as the operator reads them before a run."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TextIO

from rich.text import Text

from runbook.model import Command, Dialogue, FileContent, Manual, Runbook, Step, Turn
from runbook.report.screen import Screen
from runbook.report.text import format_location, pluralize, sanitize


def print_steps(runbook: Runbook, stream: TextIO, *, only: Collection[str]) -> None:
    """Write the steps whose ids are in `only` to `stream`, in full."""
    console = Screen(stream)
    chapters = shown = 0
    for chapter in runbook.chapters:
        steps = [step for step in chapter.steps if step.id in only]
        if not steps:
            continue
        chapters += 1
        shown += len(steps)
        console.print(heading(chapter.title, chapter.document))
        for step in steps:
            for line in step_lines(step):
                # Not wrapped: the operator agrees to commands as they will be run.
                console.print(Text(line), soft_wrap=True)
    console.print(Text(f"\n{pluralize(shown, 'step')} in {pluralize(chapters, 'chapter')}"))


def heading(title: str, document: str) -> Text:
    """Return a chapter's heading, preceded by an empty line."""
    text = Text(f"\n{sanitize(title)}", style="bold")
    return text.append(f"  {sanitize(document)}", style="not bold dim")


def step_lines(step: Step) -> Iterator[str]:
    """Yield the location, title and actions of a step."""
    yield f"  {sanitize(format_location(step.location))}  {sanitize(step.title)}"
    yield from action_lines(step)


def action_lines(step: Step) -> Iterator[str]:
    """Yield the actions of a step, indented."""
    for action in step.actions:
        match action:
            case FileContent():
                yield f"      writes {sanitize(action.path)} ({action.edit.value}):"
                yield from (f"          {line}" for line in sanitize(action.text).splitlines())
            case Manual():
                yield from (f"      {line}" for line in sanitize(action.text).splitlines())
            case Command() | Dialogue():
                prompt = sanitize(_prompt(action))
                yield from (f"      {prompt}{line}" for line in sanitize(action.text).splitlines())
        if isinstance(action, Dialogue):
            yield from (f"          {sanitize(_answer(turn))}" for turn in action.turns)


def _prompt(action: Command | Dialogue) -> str:
    """Return the prompt of a command: who types it, and where, if the step does not say so."""
    place = action.place
    if place is None:
        return "# "
    who = "@".join(part for part in (place.user, place.host) if part)
    sign = "# " if place.user in ("", "root") and not place.ordinary else "$ "
    return f"{who} {sign}" if who else sign


def _answer(turn: Turn) -> str:
    if turn.secret is not None:
        return f"{turn.prompt} the secret {turn.secret}"
    return f"{turn.prompt} {turn.answer or '(the default)'}"
