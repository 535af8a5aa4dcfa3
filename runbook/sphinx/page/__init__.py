"""Steps as cards: what only pages for browsers have, made when a page is written.

The documents that Sphinx keeps hold plain nodes, which every other format shows as they are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from runbook.sphinx.page import contents, fresh, own, recordings, site
from runbook.sphinx.page.cards import Cards
from runbook.sphinx.page.element import element, enter, leave
from runbook.sphinx.page.tabs import tabs

STATIC: Final = Path(__file__).parents[1] / "static"
_BUILDERS: Final = frozenset({"html", "dirhtml"})


def setup(app: Sphinx) -> None:
    """Register what makes pages of documents."""
    app.add_config_value("runbook_hosts", [], "env", types=(list,))
    app.add_node(element, html=(enter, leave))
    app.connect("config-inited", _static)
    # Before all others, so that references inside of cards are resolved like any.
    app.connect("doctree-resolved", dress, priority=900)
    app.connect("doctree-read", contents.list_steps, priority=910)
    app.connect("env-updated", fresh.outdated)
    app.connect("html-page-context", site.lost, priority=400)
    app.connect("html-page-context", site.valid, priority=400)
    app.connect("html-page-context", _scripts)
    app.connect("html-collect-pages", site.pages)
    app.connect("build-finished", recordings.write)
    app.connect("build-finished", site.write)
    app.add_css_file("runbook.css")
    app.add_css_file("runbook-print.css", media="print")


def dress(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Make cards of the steps of a document that is about to be written for a browser."""
    if app.builder.name not in _BUILDERS:
        return
    values = own.of(app)
    Cards(app, docname, values).dress(doctree)
    tabs(doctree)
    own.mark(doctree, values)
    # A theme that frames tables gives the frame the table's ids as well.
    for frame in doctree.findall(nodes.container):
        if "table-wrapper" in frame["classes"]:
            frame["ids"] = []


def _scripts(
    app: Sphinx, _page: str, _template: str, _context: object, doctree: nodes.document | None
) -> None:
    """Give a document's page its programs; only where something is followed the second."""
    if app.builder.name not in _BUILDERS or doctree is None:
        return
    app.add_js_file("runbook-blocks.js", loading_method="defer")
    if any(True for _ in doctree.findall(element)):
        app.add_js_file("runbook-follow.js", loading_method="defer")


def _static(_: Sphinx, config: Config) -> None:
    config.html_static_path.append(str(STATIC))
    # A book plays nothing, and knows no such file as a licence.
    programs = [*STATIC.glob("*.js"), *(p for p in STATIC.rglob("third-party/*/*"))]
    excluded = [f"_static/{path.relative_to(STATIC).as_posix()}" for path in programs]
    config.epub_exclude_files = [*config.epub_exclude_files, *excluded]
