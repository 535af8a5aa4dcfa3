"""Whatever destroys when bash runs it needs consent: bash itself is the judge of what runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runbook.shelltext.dangers import dangers
from tests.support.obfuscation import DESTRUCTIVE, PROGRAMS, snippets
from tests.support.sandbox import lacking_for_sandbox, started

COUNT = int(os.environ.get("SNIPPETS", "1024"))
"""More than these are tried with `SNIPPETS=10000`, others with `SEED=2`."""

SEED = int(os.environ.get("SEED", "1"))

in_sandbox = pytest.mark.skipif(bool(lacking_for_sandbox()), reason=lacking_for_sandbox() or "-")


@pytest.mark.parametrize("words", DESTRUCTIVE, ids=" ".join)
def test_each_destructive_command_needs_consent(words: tuple[str, ...]) -> None:
    """As it stands; the next test disguises them."""
    assert dangers(" ".join(words))


@pytest.mark.lab
@in_sandbox
def test_nothing_destructive_runs_unasked_however_it_is_written(tmp_path: Path) -> None:
    """Quotes, variables, substitutions, here-documents, functions, files, other shells."""
    tried = snippets(COUNT, SEED)
    ran = started(tmp_path / "root", [text for text, _ in tried], PROGRAMS)
    assert sum(map(bool, ran)) > 0.9 * COUNT, "most of them should run, or nothing is tested"
    unasked = [
        text for (text, _), note in zip(tried, ran, strict=True) if note and not dangers(text)
    ]
    assert unasked == []
