"""The chapter that the guide grew from is read as it is, all of its blocks rightly."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from runbook.model import Kind, Reading
from runbook.sphinx.plan import build

SEED: Final = Path(__file__).parents[2] / "shared" / "seed" / "chapter03.rst"
EXPECTED: Final = Path(__file__).parent / "samples" / "seed.yaml"


def shown(reading: Reading) -> dict[str, Any]:
    """Return what matters of a block's reading, as plain data without what is empty."""
    found: dict[str, Any] = {
        "line": reading.location.line,
        "kind": reading.kind.value,
        "commands": list(reading.commands),
        "typed": list(reading.typed),
        "path": reading.path,
    }
    return {name: value for name, value in found.items() if value}


def test_every_block_of_the_seed_chapter_is_read_rightly(tmp_path: Path) -> None:
    """Nobody touched it: kind, commands, answers and paths of all its 47 blocks."""
    if not SEED.is_file():
        pytest.skip(f"{SEED} is missing: the seed chapter does not belong to the repository")
    guide = tmp_path / "guide"
    guide.mkdir()
    (guide / "conf.py").write_text('extensions = ["runbook.sphinx"]\n')
    shutil.copy(SEED, guide / "index.rst")
    (chapter,) = build(guide, output=tmp_path / "plan").chapters
    found = [shown(block) for block in chapter.blocks if block.kind is not Kind.PROSE]
    assert found == yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))
