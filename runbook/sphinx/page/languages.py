"""A site in several languages: links between its pages, and the page where readers arrive.

`runbook_languages` names them, that of the documents first. Its pages are at the root of the
site, those of another language below a directory of its name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError
from sphinx.util.osutil import relative_uri

from runbook.sphinx.page.assets import PAGE_BUILDERS
from runbook.sphinx.translation.interface import _

LANGUAGES: Final = "runbook_languages"
"""The configuration value: a dictionary of languages and their own names."""

REMEMBERED: Final = "runbook:language"
"""The key of local storage under which a reader's choice is kept."""

_LANDING: Final = """\
<!DOCTYPE html>
<html lang="{tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{alternates}
<script>
(() => {{
  const pages = {pages};
  let wanted = navigator.languages || [navigator.language || ""];
  try {{
    const chosen = localStorage.getItem("{remembered}");
    if (chosen) wanted = [chosen, ...wanted];
  }} catch {{ /* local storage is not available */ }}
  const base = (name) => name.toLowerCase().split("-")[0];
  const of = (name) => pages.find(([tag]) => tag.toLowerCase() === name.toLowerCase())
    || pages.find(([tag]) => base(tag) === base(name));
  const found = wanted.map(of).find(Boolean) || pages[0];
  location.replace(found[1] + location.hash);
}})();
</script>
</head>
<body>
<h1>{title}</h1>
<ul>
{links}
</ul>
</body>
</html>
"""


@frozen
class Version:
    """The same page in one language: its tag as of BCP 47, its name, and where it is."""

    tag: str
    name: str
    uri: str
    current: bool


def check_languages(app: Sphinx, config: Config) -> None:
    """Refuse names that are none; give the pages of another language their own address.

    Raises:
        ConfigError: the value is wrong.

    """
    known = getattr(config, LANGUAGES)
    if not all(isinstance(one, str) and one for pair in known.items() for one in pair):
        raise ConfigError(
            f"{LANGUAGES}: must be a dictionary of languages and their names, such as "
            '{"en": "English", "zh_CN": "简体中文"}'
        )
    directory = _directory(config)
    if config.html_baseurl and directory:
        config.html_baseurl = f"{config.html_baseurl.rstrip('/')}/{directory}/"
    del app


def _directory(config: Config) -> str:
    """Return the directory of this build within the site; empty for its root."""
    known = list(getattr(config, LANGUAGES))
    language = str(config.language)
    return language if language in known[1:] else ""


def versions(app: Sphinx, page: str) -> list[Version]:
    """Return the languages of a page; none if the site has only one."""
    config = app.config
    known: dict[str, str] = getattr(config, LANGUAGES)
    if len(known) < 2 or app.builder.name not in PAGE_BUILDERS:
        return []
    uri = app.builder.get_target_uri(page)
    here = _within(_directory(config), uri)
    return [
        Version(
            language.replace("_", "-"),
            name,
            relative_uri(here, _within("" if not number else language, uri)) or "#",
            (language if number else "") == _directory(config),
        )
        for number, (language, name) in enumerate(known.items())
    ]


def _within(directory: str, uri: str) -> str:
    return f"{directory}/{uri}" if directory else uri


def add_switch(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Add links to the other languages of a document's page, for readers and for programs."""
    if doctree is None or not (found := versions(app, page)):
        return
    context["metatags"] = "\n".join([context.get("metatags") or "", *_alternates(app, found, page)])
    items = "".join(
        f'<li><span aria-current="true" lang="{one.tag}">{escape(one.name)}</span></li>'
        if one.current
        else f'<li><a href="{escape(one.uri)}" lang="{one.tag}" hreflang="{one.tag}" '
        f'data-language="{one.tag}">{escape(one.name)}</a></li>'
        for one in found
    )
    label = escape(_("Language"))
    switch = f'<nav class="runbook-languages" aria-label="{label}"><ul>{items}</ul></nav>\n'
    context["body"] = switch + (context.get("body") or "")


def translate_title(
    app: Sphinx,
    _page: str,
    _template: str,
    context: dict[str, Any],
    _doctree: nodes.document | None,
) -> None:
    """Call a site in another language than its documents by the title of its first page."""
    title = app.env.titles.get(app.config.root_doc)
    if title is not None and _directory(app.config):
        context["docstitle"] = context["project"] = title.astext()


def _alternates(app: Sphinx, found: list[Version], page: str) -> Iterator[str]:
    """Yield links for programs, with full addresses if the site has one."""
    base, directory = app.config.html_baseurl, _directory(app.config)
    if base and directory:
        base = base.rstrip("/").removesuffix(f"/{directory}")
    uri = app.builder.get_target_uri(page)
    languages = list(getattr(app.config, LANGUAGES))
    for number, one in enumerate(found):
        target = one.uri if one.uri != "#" else uri.rpartition("/")[2]
        if base:
            target = f"{base.rstrip('/')}/{_within(languages[number] if number else '', uri)}"
        yield f'<link rel="alternate" hreflang="{one.tag}" href="{escape(target)}">'
        if not number:
            yield f'<link rel="alternate" hreflang="x-default" href="{escape(target)}">'


def write_landing(app: Sphinx, failure: Exception | None) -> None:
    """Write the page at the root that leads readers to their language, if no document is there."""
    config = app.config
    root = Path(app.outdir) / "index.html"
    if failure is not None or _directory(config) or config.root_doc == "index":
        return
    found = versions(app, config.root_doc)
    if not found:
        return
    home = app.builder.get_target_uri(config.root_doc)
    pages = [
        [one.tag, _within("" if not number else language, home)]
        for number, (one, language) in enumerate(
            zip(found, getattr(config, LANGUAGES), strict=True)
        )
    ]
    links = "\n".join(
        f'<li><a href="{escape(uri)}" lang="{tag}" hreflang="{tag}">{escape(one.name)}</a></li>'
        for one, (tag, uri) in zip(found, pages, strict=True)
    )
    alternates = "\n".join(
        f'<link rel="alternate" hreflang="{tag}" href="{escape(uri)}">' for tag, uri in pages
    )
    root.write_text(
        _LANDING.format(
            tag=found[0].tag,
            title=escape(config.html_title or config.project),
            alternates=alternates,
            pages=json.dumps(pages).replace("<", "\\u003c"),
            remembered=REMEMBERED,
            links=links,
        ),
        encoding="utf-8",
    )
