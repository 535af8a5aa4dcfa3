"""Golden files: the exact output expected of a renderer."""

from __future__ import annotations

import os

from tests.support.paths import SAMPLES


def assert_matches(name: str, text: str) -> None:
    """Compare `text` with the sample `name`; with `GOLDEN=write` in the environment, write it."""
    path = SAMPLES / name
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
