"""What belongs to the pages together: the one that is not found, and the map of all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from sphinx.application import Sphinx

LOST: Final = "404"
_BUILDERS: Final = frozenset({"html", "dirhtml"})
_DIAGRAM: Final = re.compile(
    r'(?P<begin><object data="[^"]*" type="image/svg\+xml" class="graphviz[^"]*")>'
    r'(?P<rest>\s*<p class="warning">(?P<words>.*?)</p>)',
    re.DOTALL,
)
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


def valid(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object
) -> None:
    """Mend what Sphinx and its extensions write that is no valid HTML."""
    context["body"] = _mended(context.get("body") or "")
    if make := context.get("toctree"):
        context["toctree"] = lambda **options: _mended(make(**options) or "")


def _mended(html: str) -> str:
    # Captions of toctrees are headings of no level, and the frames of diagrams have attributes
    # that HTML has no more; what they do is said in their class as well.
    html = html.replace(' role="heading">', ' role="heading" aria-level="2">')
    html = re.sub(r'<div align="\w+" class="align-', '<div class="align-', html)
    # A diagram's words stand inside of it, where a screen reader does not look for its name.
    return _DIAGRAM.sub(_named, html)


def _named(found: re.Match[str]) -> str:
    words = " ".join(re.sub(r"<[^>]*>", "", found["words"]).split())
    name = "Diagram" if "{" in words else words
    return f'{found["begin"]} role="img" aria-label="{name}">{found["rest"]}'


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
