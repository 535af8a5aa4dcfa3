"""What belongs to the pages together: the one that is not found, and the map of all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from sphinx.application import Sphinx

LOST: Final = "404"
_BUILDERS: Final = frozenset({"html", "dirhtml"})
_BODY: Final = """\
<section id="not-found">
<h1>There is no such page</h1>
<p>It may have moved. The list of chapters is beside this text, and the search finds words in all
of them. The address of a step does not change as long as its title stays.</p>
<p><a href="{home}">To the beginning of the guide</a></p>
</section>
"""


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the page that a web server shows when it has no other."""
    if app.builder.name == "html" and LOST not in app.env.all_docs:
        home = app.builder.get_relative_uri(LOST, app.config.root_doc)
        context = {"title": "Not found", "body": _BODY.format(home=home)}
        yield LOST, context, "page.html"


def lost(app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """Let the links of that page be right at whatever address it is shown."""
    if page == LOST and LOST not in app.env.all_docs:
        root = urlsplit(app.config.html_baseurl or "").path.rstrip("/") + "/"
        context["metatags"] = f'<base href="{escape(root)}">' + context.get("metatags", "")


def level(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object
) -> None:
    """Give the captions of toctrees, which Sphinx makes headings, the level that they need."""
    context["body"] = _levelled(context.get("body") or "")
    if make := context.get("toctree"):
        context["toctree"] = lambda **options: _levelled(make(**options) or "")


def _levelled(html: str) -> str:
    return html.replace(' role="heading">', ' role="heading" aria-level="2">')


def write(app: Sphinx, failure: Exception | None) -> None:
    """Write the map of the site, if it is known where the site is."""
    base = app.config.html_baseurl
    if failure is not None or app.builder.name not in _BUILDERS or not base:
        return
    base = base.rstrip("/") + "/"
    found = (app.builder.get_target_uri(name) for name in sorted(app.env.found_docs))
    entries = "".join(f"<url><loc>{escape(base + uri)}</loc></url>\n" for uri in found)
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    )
    (Path(app.outdir) / "sitemap.xml").write_text(text, encoding="utf-8")
