"""Collect the interface's own words into its catalogues; `--check` fails if one is not up to date.

The words are the arguments of `_`, `N_` and `ngettext` in `runbook/sphinx` and in its scripts. The
catalogues name the files that have them, because the scripts of pages need only theirs.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).parents[1]
SOURCES: Final = ROOT / "runbook/sphinx"
LOCALE: Final = SOURCES / "locale"
_METHODS: Final = [("static/runbook-*.js", "javascript"), ("**.py", "python")]
_KEYWORDS: Final = {"_": None, "N_": None, "ngettext": (1, 2)}


def template() -> Catalog:
    """Return a catalogue of all words, without translations."""
    found = Catalog(fuzzy=False)
    for file, _line, message, comments, _context in extract_from_dir(
        SOURCES,
        _METHODS,
        keywords=_KEYWORDS,
        comment_tags=("Translators:",),
        strip_comment_tags=True,
    ):
        found.add(message, locations=[(file, None)], auto_comments=comments)
    return found


def renewed(path: Path, words: Catalog) -> str:
    """Return the text of the catalogue at `path` with these words."""
    with path.open("rb") as file:
        catalog = read_po(file)
    catalog.update(words, no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    for message in catalog:
        message.locations = sorted({(name, None) for name, _line in message.locations})
    catalog.fuzzy = False
    written = io.BytesIO()
    write_po(written, catalog, width=0)
    return re.sub(
        r'^"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By|'
        r'Report-Msgid-Bugs-To|Project-Id-Version): .*"\n',
        "",
        written.getvalue().decode(),
        flags=re.MULTILINE,
    )


def main() -> int:
    """Write the catalogues, or compare them."""
    words, stale = template(), 0
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        text = renewed(path, words)
        if text != path.read_text(encoding="utf-8"):
            stale += 1
            print(path.relative_to(ROOT))  # noqa: T201
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    return stale if "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
