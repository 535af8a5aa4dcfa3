"""All that is known of a step or block, and what a run would do with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TextIO

from rich.text import Text

from runbook.model import Kind, Reading, Runbook, Step
from runbook.proposal import THRESHOLD
from runbook.report.plan import does, screen
from runbook.report.proposal import certainty
from runbook.report.words import inert


def print_explained(
    runbook: Runbook, ids: set[str], objections: Mapping[str, tuple[str, ...]], stream: TextIO
) -> None:
    """Write what there is to know of the steps and blocks whose ids are in `ids`."""
    console = screen(stream)
    for chapter in runbook.chapters:
        steps = {step.id: step for step in chapter.steps}
        blocks = [b for b in chapter.blocks if b.id in ids or b.step in ids]
        told: set[str] = set()
        for block in blocks:
            step = steps.get(block.step) if block.step is not None else None
            for line in _block(block, step, objections):
                console.print(line, soft_wrap=True)
            told |= {block.id, block.step or ""}
        for step in chapter.steps:
            if step.id in ids and (step.marked or step.id not in told):
                for line in _step(step, objections):
                    console.print(line, soft_wrap=True)


def _step(step: Step, objections: Mapping[str, tuple[str, ...]]) -> Iterator[Text]:
    yield Text()
    yield Text(inert(step.id), style="bold")
    yield _fact("stands at", str(step.location))
    yield _fact("title", step.title)
    yield _fact("kind", "a marked step" if step.marked else "an unmarked step")
    yield _fact("on", " ".join(step.on) or "every host")
    yield _fact("user", step.user)
    yield from _more("for", (*step.platforms, *step.requires))
    yield from (_fact("checked", check.sentence) for check in step.checks)
    yield Text("  does")
    yield from (Text(line) for line in does(step))
    yield _fact("run", fate(step, None, objections))


def _block(
    block: Reading, step: Step | None, objections: Mapping[str, tuple[str, ...]]
) -> Iterator[Text]:
    yield Text()
    yield Text(inert(block.id), style="bold")
    yield _fact("stands at", str(block.location))
    if step is not None and step.id != block.id:
        yield _fact("part of", step.id)
    yield _fact("kind", block.kind.value)
    yield Text("  confidence  ").append_text(certainty(block.confidence))
    yield from _more("because", block.reasons)
    yield from _more("hosts", block.hosts)
    yield from _more("user", (block.user,) if block.user else ())
    yield from _more("directory", (block.directory,) if block.directory else ())
    yield from _more("file", (block.path,) if block.path else ())
    yield from _more("alternative", (block.choice,) if block.choice else ())
    yield from _more("to fill in", block.placeholders)
    if block.commands:
        yield Text("  typed at a shell")
        for text in block.commands:
            yield from (Text(f"      {line}") for line in inert(text).splitlines())
    if block.typed:
        yield Text("  typed into programs")
        for text in block.typed:
            yield from (Text(f"      {line}") for line in inert(text or "(Enter)").splitlines())
    yield _fact("run", fate(step, block, objections))


def fate(
    step: Step | None, block: Reading | None, objections: Mapping[str, tuple[str, ...]]
) -> str:
    """Return in words what `runbook run` would do with a step or block, and why."""
    if step is None:
        kind = block.kind if block is not None else Kind.OTHER
        return f"never runs: {_NEVER.get(kind, 'nothing of it became a step')}"
    if step.marked:
        return "runs: the guide marks it as a step"
    if why := objections.get(step.id):
        return (
            f"is skipped, also with --unmarked: {'; '.join(why)}. "
            f"It runs if you agree to it: --unmarked --agree {step.id}"
        )
    return f"runs with --unmarked: its confidence is not below {THRESHOLD:.2f}, and it is harmless"


_NEVER = {
    Kind.OUTPUT: "it is what a program prints",
    Kind.SYNOPSIS: "it is the general form of a command",
    Kind.OTHER: "it is another language than the shell's",
    Kind.PROSE: "it stands in a sentence, for a person",
}


def _more(name: str, values: tuple[str, ...]) -> Iterator[Text]:
    for number, value in enumerate(values):
        yield _fact(name if number == 0 else "", value)


def _fact(name: str, value: str) -> Text:
    return Text(f"  {name:10}  ", style="dim").append(inert(value), style="not dim")
