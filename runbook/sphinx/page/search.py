"""Search in languages whose words have no spaces between them."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

from sphinx.application import Sphinx

from runbook.lint.translations import terms


def prepare_segmentation(app: Sphinx) -> None:
    """Tell the package that finds Chinese words which terms the guide has.

    It would index a term that it does not know in pieces only, and nobody searches for those. It
    also would tell how it loads its dictionary.
    """
    config = app.config
    language = config.html_search_language or config.language or ""
    if not language.startswith("zh") or app.builder.format != "html":
        return
    try:
        with warnings.catch_warnings():
            # Newer Pythons than the package warn of its patterns when they compile it.
            warnings.simplefilter("ignore", SyntaxWarning)
            import jieba  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        return
    jieba.setLogLevel(logging.WARNING)
    _name_stemmer()
    for directory in config.locale_dirs:
        known = terms.load(Path(app.srcdir, directory) / str(config.language) / terms.TERMS)
        for word in {word for words in known.values() for word in words}:
            if not word.isascii():
                jieba.add_word(word)


def _name_stemmer() -> None:
    """Let the search call the stemmer that it has: with Sphinx 9.0 one that is not there."""
    from sphinx.search.zh import SearchChinese

    if getattr(SearchChinese, "js_stemmer_rawcode", "") == "english-stemmer.js":
        SearchChinese.language_name = "English"
