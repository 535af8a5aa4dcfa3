"""Everything known about a step or block, and what a run would do with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TextIO

from rich.text import Text

from runbook.lint.consent import THRESHOLD
from runbook.model import Kind, Reading, Runbook, Step
from runbook.report.plan import action_lines
from runbook.report.plan_table import certainty
from runbook.report.screen import Screen
from runbook.report.text import sanitize


def print_explanation(
    runbook: Runbook,
    ids: set[str],
    consent_reasons: Mapping[str, tuple[str, ...]],
    stream: TextIO,
    skipped: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Write everything known about the steps and blocks whose ids are in `ids`.

    `skipped` says by step id why a step runs on no host of the guide, as another alternative does.
    """
    console = Screen(stream)
    for chapter in runbook.chapters:
        steps = {step.id: step for step in chapter.steps}
        blocks = [b for b in chapter.blocks if b.id in ids or b.step in ids]
        shown: set[str] = set()
        for block in blocks:
            step = steps.get(block.step) if block.step is not None else None
            for line in _block(block, step, consent_reasons, skipped):
                console.print(line, soft_wrap=True)
            shown |= {block.id, block.step or ""}
        for step in chapter.steps:
            if step.id in ids and (step.marked or step.id not in shown):
                for line in _step(step, consent_reasons, skipped):
                    console.print(line, soft_wrap=True)


def _step(
    step: Step, consent_reasons: Mapping[str, tuple[str, ...]], skipped: Mapping[str, str]
) -> Iterator[Text]:
    yield Text()
    yield Text(sanitize(step.id), style="bold")
    yield _field("location", str(step.location))
    yield _field("title", step.title)
    yield _field("kind", "a marked step" if step.marked else "an unmarked step")
    yield _field("on", " ".join(step.on) or "every host")
    yield _field("user", step.user)
    yield from _fields("for", (*step.platforms, *step.requires))
    yield from (_field("check", check.sentence) for check in step.checks)
    yield from _fields("facts from", step.sources)
    yield Text("  does")
    yield from (Text(line) for line in action_lines(step))
    yield _field("run", run_decision(step, None, consent_reasons, skipped))


def _block(
    block: Reading,
    step: Step | None,
    consent_reasons: Mapping[str, tuple[str, ...]],
    skipped: Mapping[str, str],
) -> Iterator[Text]:
    yield Text()
    yield Text(sanitize(block.id), style="bold")
    yield _field("location", str(block.location))
    if step is not None and step.id != block.id:
        yield _field("part of", step.id)
    yield _field("kind", block.kind.value)
    yield Text("  confidence  ").append_text(certainty(block.confidence))
    yield from _fields("because", block.reasons)
    yield from _fields("hosts", block.hosts)
    yield from _fields("user", (block.user,) if block.user else ())
    yield from _fields("directory", (block.directory,) if block.directory else ())
    yield from _fields("file", (block.path,) if block.path else ())
    yield from _fields("alternative", (block.choice,) if block.choice else ())
    yield from _fields("for", step.platforms if step is not None else ())
    yield from _fields("fill in", block.placeholders)
    if block.commands:
        yield Text("  typed at a shell")
        for text in block.commands:
            yield from (Text(f"      {line}") for line in sanitize(text).splitlines())
    if block.typed:
        yield Text("  typed into programs")
        for text in block.typed:
            yield from (Text(f"      {line}") for line in sanitize(text or "(Enter)").splitlines())
    yield _field("run", run_decision(step, block, consent_reasons, skipped))


def run_decision(
    step: Step | None,
    block: Reading | None,
    consent_reasons: Mapping[str, tuple[str, ...]],
    skipped: Mapping[str, str],
) -> str:
    """Return whether `runbook run` would run a step or block, and why."""
    if step is None:
        kind = block.kind if block is not None else Kind.OTHER
        return f"never runs: {_NEVER.get(kind, 'no step was made of it')}"
    if other := skipped.get(step.id):
        return f"skipped: {other}"
    if step.marked:
        return "runs: the guide marks it as a step"
    if why := consent_reasons.get(step.id):
        return (
            f"skipped, even with --unmarked: {'; '.join(why)}. "
            f"If you agree to run it: --unmarked --agree {step.id}"
        )
    where = f" on {' or '.join(step.platforms)}" if step.platforms else ""
    return (
        f"runs with --unmarked{where}: not dangerous, "
        f"and with a confidence of at least {THRESHOLD:.2f}"
    )


_NEVER = {
    Kind.OUTPUT: "it is what a program prints",
    Kind.SYNOPSIS: "it is the general form of a command",
    Kind.OTHER: "it is not shell code",
    Kind.PROSE: "it is part of a sentence",
}


def _fields(name: str, values: tuple[str, ...]) -> Iterator[Text]:
    for number, value in enumerate(values):
        yield _field(name if number == 0 else "", value)


def _field(name: str, value: str) -> Text:
    return Text(f"  {name:10}  ", style="dim").append(sanitize(value), style="not dim")
