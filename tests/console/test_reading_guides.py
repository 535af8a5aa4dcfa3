"""Guides of many kinds, labelled before they were read: what a person would type, and no more."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from runbook.console import ConsoleError, actions
from runbook.console.block import Block, BlockReading
from runbook.console.reading import read_blocks
from runbook.model import Command, Dialogue, Kind, Prompt
from tests.support.reading import BLOCK_FILES, SURE, page

GUIDES: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (BLOCK_FILES / "guides.yaml").read_text(encoding="utf-8")
)
EVERY_SAMPLE = sorted(BLOCK_FILES.glob("*/*.rst"))


def readings(name: str) -> list[tuple[Block, BlockReading]]:
    """Return the blocks of a sample with their readings, without its sentences."""
    found = page((BLOCK_FILES / f"{name}.rst").read_text(encoding="utf-8"), f"{name}.rst")
    pairs = zip(found, read_blocks(found), strict=True)
    return [(block, reading) for block, reading in pairs if isinstance(block, Block)]


@pytest.mark.parametrize("name", GUIDES)
def test_every_block_of_a_guide_is_read_as_a_person_would_type_it(name: str) -> None:
    """Commands and input, in their order; what the reader is known to miss does not run."""
    for (_, one), label in zip(readings(f"guides/{name}"), GUIDES[name], strict=True):
        found = one.reading
        typed = (label.get("commands", []), label.get("typed", []))
        exact = (list(found.commands), list(found.typed)) == typed
        assert exact or (label.get("missed") and found.confidence < SURE), found


@pytest.mark.parametrize("name", GUIDES)
def test_nothing_runs_that_waits_for_input_which_the_block_does_not_show(name: str) -> None:
    """A step of it would wait for ever."""
    for _, one in readings(f"guides/{name}"):
        waits = any("nothing shows" in reason for reason in one.reading.reasons)
        assert not waits or one.reading.confidence < SURE


def test_a_marked_block_has_all_commands_that_an_unmarked_one_certainly_has() -> None:
    """Or it is an error that names the line."""
    compared = 0
    for path in EVERY_SAMPLE:
        for block, one in readings(f"{path.parent.name}/{path.stem}"):
            typed = [a for a in one.actions if isinstance(a, Command | Dialogue)]
            if block.directive == "prompt" or not any(a.prompt for a in typed):
                continue
            if one.reading.confidence < SURE or one.reading.kind is Kind.FILE:
                continue
            try:
                marked = actions(block.text, block.location, language=block.language or "console")
            except ConsoleError:
                continue
            compared += 1
            # A comment after a command is typed in a marked block, where it does no harm.
            texts = [a.text for a in marked]
            left = iter(texts)
            assert all(any(text.startswith(a.text) for text in left) for a in typed), texts
    assert compared > 80


def test_both_readers_tell_what_the_prompts_show() -> None:
    """User, host and directory; nothing where the block shows no prompt."""
    text = "root@gs1:~# su - dora\n$ id\ndora@gs1:/srv$ exit\n"
    (lenient,) = read_blocks([Block(text, page("::\n\n   x")[0].location)])
    marked = actions(text, lenient.reading.location)
    shown = [Prompt("#", "root", "gs1", "~"), Prompt("$"), Prompt("$", "dora", "gs1", "/srv")]
    for found in (lenient.actions, marked):
        assert [a.prompt for a in found if isinstance(a, Command | Dialogue)] == shown
    (script,) = actions("id", lenient.reading.location, language="bash")
    assert isinstance(script, Command)
    assert script.prompt is None
