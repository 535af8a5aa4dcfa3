"""Fixtures: the blocks and sentences that a guide passes to the reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from runbook.console.block import Block, BlockReading, Sentence
from runbook.console.reading import read_blocks
from runbook.sphinx.collect import classify
from runbook.sphinx.planning import plan


def found(
    guide: Path, output: Path, monkeypatch: pytest.MonkeyPatch, **how: Any
) -> list[Block | Sentence]:
    """Return the blocks and sentences of a guide, ordered by document name."""
    seen: list[Block | Sentence] = []

    def remember(some: Sequence[Block | Sentence]) -> list[BlockReading]:
        seen.extend(some)
        return read_blocks(some)

    monkeypatch.setattr(classify, "read_blocks", remember)
    plan.build(guide, output=output, **how)
    return seen


def page(
    directory: Path, monkeypatch: pytest.MonkeyPatch, **how: Any
) -> Callable[[str], list[Block | Sentence]]:
    """Return a function that returns the blocks and sentences of a text, built as one page."""
    guide = directory / "guide"
    guide.mkdir()
    (guide / "conf.py").write_text("", encoding="utf-8")

    def read(text: str) -> list[Block | Sentence]:
        (guide / "index.rst").write_text(f"Top\n===\n\n{text}\n", encoding="utf-8")
        return found(guide, directory / "plan", monkeypatch, **how)

    return read
