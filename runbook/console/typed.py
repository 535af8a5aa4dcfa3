"""Classify the blocks of `terminal` directives, which say what is typed and what is printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import evolve

from runbook.console.block import Block
from runbook.console.classification import Classification
from runbook.console.entries import Entry, script
from runbook.console.prompts import shell
from runbook.model import Kind

_REASON: Final = "the directive says what is typed"
_SURE: Final = 0.97


def terminal_directive(block: Block, lines: Sequence[str]) -> Classification:
    """Classify a `terminal` block; its option `typed` has the ranges of the lines to type."""
    prompt = block.options.get("prompt", "")
    ranges = list(_ranges(block.options.get("typed", "")))
    if not ranges:
        return Classification(Kind.OUTPUT, _SURE, "the directive shows only output")
    shown = shell.full(prompt) or shell.short(prompt)
    if shown is None:
        typed = tuple(
            line.removeprefix(prompt) for begin, end in ranges for line in lines[begin:end]
        )
        if prompt.startswith("PS ") or ":\\" in prompt:
            return Classification(Kind.OTHER, _SURE, "these are Windows commands")
        reason = f"input at the prompt {prompt.strip()!r}"
        return Classification(Kind.DIALOGUE, 0.9, reason, typed=typed)
    entries: list[Entry] = []
    for number, (begin, end) in enumerate(ranges):
        found = script([line.removeprefix(prompt) for line in lines[begin:end]])
        entries += [evolve(one, offset=begin + one.offset, prompt=shown) for one in found]
        following = ranges[number + 1][0] if number + 1 < len(ranges) else len(lines)
        if found:
            entries[-1] = evolve(entries[-1], output=_printed(lines[end:following]))
    if not entries:
        return Classification(Kind.OTHER, 0.6, "it contains no command")
    kind = Kind.TRANSCRIPT if any(one.output for one in entries) else Kind.COMMANDS
    return Classification(kind, _SURE, _REASON, tuple(entries))


def _ranges(text: str) -> Iterator[tuple[int, int]]:
    for one in text.split():
        begin, _, end = one.partition("-")
        yield int(begin), int(end)


def _printed(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the lines without blank ones at the beginning and the end."""
    shown = [number for number, line in enumerate(lines) if line.strip()]
    return tuple(lines[shown[0] : shown[-1] + 1]) if shown else ()
