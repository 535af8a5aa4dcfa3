"""Golden files: what a renderer has to produce, to the letter, and how to accept a change."""

from __future__ import annotations

import os
from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"


def assert_matches(name: str, text: str) -> None:
    """Compare `text` with the sample file `name`; `GOLDEN=write` in the environment accepts it."""
    path = SAMPLES / name
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
