"""Search in languages whose words have no spaces between them."""

from __future__ import annotations

import logging

from sphinx.application import Sphinx


def quiet_segmentation(app: Sphinx) -> None:
    """Keep the package that finds Chinese words from telling how it loads its dictionary."""
    language = app.config.html_search_language or app.config.language or ""
    if not language.startswith("zh"):
        return
    try:
        import jieba  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        return
    jieba.setLogLevel(logging.WARNING)
