"""The words of the pages' scripts in the language of the guide, as a script that comes first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from sphinx.application import Sphinx

from runbook.sphinx.translation import interface

WORDS: Final = "runbook-words.js"


def write_words(app: Sphinx) -> None:
    """Write the script, if the language has words of its own."""
    words = interface.script_words()
    if app.builder.format != "html" or not words:
        return
    directory = Path(app.doctreedir) / "runbook-static"
    directory.mkdir(parents=True, exist_ok=True)
    listed = json.dumps(words, ensure_ascii=False, sort_keys=True)
    rule = interface.plural_rule()
    (directory / WORDS).write_text(
        f"window.runbookWords = {{ words: {listed}, plural: (n) => Number({rule}) }};\n",
        encoding="utf-8",
    )
    app.config.html_static_path = [*app.config.html_static_path, str(directory)]


def has_words() -> bool:
    """Return whether the pages need the script."""
    return bool(interface.script_words())
