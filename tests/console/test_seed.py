"""The original chapter of the guide is read correctly as it stands."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from runbook.model import Kind, Reading
from runbook.sphinx.planning.plan import build
from tests.support.paths import ROOT, SAMPLES

SEED: Final = ROOT.parent / "shared" / "seed" / "chapter03.rst"
EXPECTED: Final = SAMPLES / "seed.yaml"


def shown(reading: Reading) -> dict[str, Any]:
    """Return the significant, non-empty fields of a reading as plain data."""
    found: dict[str, Any] = {
        "line": reading.location.line,
        "kind": reading.kind.value,
        "commands": list(reading.commands),
        "typed": list(reading.typed),
        "path": reading.path,
    }
    return {name: value for name, value in found.items() if value}


def test_every_block_of_the_seed_chapter_is_read_correctly(tmp_path: Path) -> None:
    """Kind, commands, answers and paths of all its 47 blocks, without any markers."""
    if not SEED.is_file():
        pytest.skip(f"{SEED} is missing: the seed chapter does not belong to the repository")
    guide = tmp_path / "guide"
    guide.mkdir()
    (guide / "conf.py").write_text('extensions = ["runbook.sphinx"]\n')
    shutil.copy(SEED, guide / "index.rst")
    (chapter,) = build(guide, output=tmp_path / "plan").chapters
    found = [shown(block) for block in chapter.blocks if block.kind is not Kind.PROSE]
    assert found == yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))
