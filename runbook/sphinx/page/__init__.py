"""Pages for browsers: steps as cards, with evidence, recordings and the operator's values.

Nothing here changes what Sphinx stores: doctrees have plain nodes that every other builder
writes as they are.
"""

from __future__ import annotations

from sphinx.application import Sphinx

from runbook.sphinx.domain import DOMAIN
from runbook.sphinx.page import (
    assets,
    evidence,
    languages,
    proven,
    rebuild,
    render,
    search,
    site,
    source_notes,
    toc,
    words,
)
from runbook.sphinx.page.element import depart_html_element, html_element, visit_html_element


def setup(app: Sphinx) -> None:
    """Register what makes pages of documents."""
    app.add_directive_to_domain(DOMAIN, "proven", proven.ProvenDirective)
    app.add_node(proven.proven_table)
    app.add_node(html_element, html=(visit_html_element, depart_html_element))
    app.connect("config-inited", assets.add_static_files)
    app.connect("config-inited", languages.check_languages)
    app.connect("builder-inited", words.write_words)
    app.connect("builder-inited", search.prepare_segmentation)
    app.connect("doctree-resolved", proven.fill_tables)
    app.connect("doctree-resolved", source_notes.fill_tables)
    app.connect("doctree-resolved", render.render_page, priority=900)
    app.connect("doctree-read", toc.add_steps_to_toc, priority=910)
    app.connect("env-updated", rebuild.outdated_pages)
    app.connect("html-page-context", site.set_base_url, priority=400)
    app.connect("html-page-context", site.make_valid, priority=400)
    app.connect("html-page-context", languages.add_switch)
    app.connect("html-page-context", languages.translate_title)
    app.connect("html-page-context", assets.add_scripts)
    app.connect("html-collect-pages", site.not_found_page)
    app.connect("build-finished", evidence.write_recordings)
    app.connect("build-finished", site.write_sitemap)
    app.connect("build-finished", languages.write_landing)
    app.add_css_file("runbook.css")
    app.add_css_file("runbook-print.css", media="print")
