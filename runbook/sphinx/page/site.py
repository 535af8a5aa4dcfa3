"""The page for missing addresses, the sitemap, and corrections of Sphinx's HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from sphinx.application import Sphinx

from runbook.sphinx.page.assets import PAGE_BUILDERS
from runbook.sphinx.translation.interface import _

NOT_FOUND: Final = "404"
_DIAGRAM: Final = re.compile(
    r'(?P<begin><object data="[^"]*" type="image/svg\+xml" class="graphviz[^"]*")>'
    r'(?P<rest>\s*<p class="warning">(?P<text>.*?)</p>)',
    re.DOTALL,
)
_BODY: Final = """\
<section id="not-found">
<h1>{title}</h1>
<p>{advice}</p>
<p><a href="{home}">{start}</a></p>
</section>
"""


def not_found_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the page that a web server shows for a missing address."""
    if app.builder.name == "html" and NOT_FOUND not in app.env.all_docs:
        home = app.builder.get_relative_uri(NOT_FOUND, app.config.root_doc)
        body = _BODY.format(
            home=home,
            title=_("Page not found"),
            advice=_(
                "The page may have moved. Look for it in the list of chapters, or use the search. "
                "The address of a step changes only with its title."
            ),
            start=_("Start of the guide"),
        )
        context = {"title": _("Not found"), "body": body}
        yield NOT_FOUND, context, "page.html"


def set_base_url(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: object
) -> None:
    """Make the links of the not-found page work at any address."""
    if page == NOT_FOUND and NOT_FOUND not in app.env.all_docs:
        root = urlsplit(app.config.html_baseurl or "").path.rstrip("/") + "/"
        context["metatags"] = f'<base href="{escape(root)}">' + context.get("metatags", "")


def make_valid(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object
) -> None:
    """Correct invalid HTML that Sphinx and its extensions write."""
    context["body"] = _valid_html(context.get("body") or "")
    if make := context.get("toctree"):
        context["toctree"] = lambda **options: _valid_html(make(**options) or "")


def _valid_html(html: str) -> str:
    # Captions of toctrees are headings without a level. Diagrams have the obsolete attribute
    # `align`, which their class repeats.
    html = html.replace(' role="heading">', ' role="heading" aria-level="2">')
    html = re.sub(r'<div align="\w+" class="align-', '<div class="align-', html)
    # Screen readers do not take the fallback text inside a diagram for its name.
    return _DIAGRAM.sub(_with_label, html)


def _with_label(found: re.Match[str]) -> str:
    text = " ".join(re.sub(r"<[^>]*>", "", found["text"]).split())
    name = _("Diagram") if "{" in text else text
    return f'{found["begin"]} role="img" aria-label="{name}">{found["rest"]}'


def write_sitemap(app: Sphinx, failure: Exception | None) -> None:
    """Write the sitemap if `html_baseurl` is set."""
    base = app.config.html_baseurl
    if failure is not None or app.builder.name not in PAGE_BUILDERS or not base:
        return
    base = base.rstrip("/") + "/"
    found = (app.builder.get_target_uri(name) for name in sorted(app.env.found_docs))
    entries = "".join(f"<url><loc>{escape(base + uri)}</loc></url>\n" for uri in found)
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    )
    (Path(app.outdir) / "sitemap.xml").write_text(text, encoding="utf-8")
