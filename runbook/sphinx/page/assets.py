"""Style sheets and scripts of the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from runbook.sphinx.page import systems
from runbook.sphinx.page.element import html_element
from runbook.sphinx.page.words import WORDS, has_words

STATIC: Final = Path(__file__).parents[1] / "static"
PAGE_BUILDERS: Final = frozenset({"html", "dirhtml"})
"""Builders whose pages have cards and scripts."""


def add_static_files(_: Sphinx, config: Config) -> None:
    """Add the static files, without the scripts for EPUB."""
    config.html_static_path.append(str(STATIC))
    # EPUB has no scripts, and Sphinx knows no media type for the licence file.
    scripts = [*STATIC.glob("*.js"), *STATIC.rglob("third-party/*/*")]
    excluded = [f"_static/{path.relative_to(STATIC).as_posix()}" for path in scripts]
    config.epub_exclude_files = [*config.epub_exclude_files, *excluded]


def add_scripts(
    app: Sphinx, _page: str, _template: str, _context: object, doctree: nodes.document | None
) -> None:
    """Add the scripts to a document's page; `runbook-follow.js` only if it has our elements."""
    if app.builder.name not in PAGE_BUILDERS or doctree is None:
        return
    if has_words():
        app.add_js_file(WORDS, loading_method="defer", priority=490)
    app.add_js_file("runbook-blocks.js", loading_method="defer")
    if any(True for _ in doctree.findall(html_element)):
        app.add_js_file("runbook-follow.js", loading_method="defer")
    if systems.has_question(doctree):
        app.add_js_file(systems.SCRIPT, loading_method="defer")
