"""Translated glossaries, in the order in which a reader of the language looks for words."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

from runbook.sphinx.translation.originals import ORIGINAL, originals


class SortGlossaries(SphinxTransform):
    """Sort the terms of translated glossaries that are sorted in their own language."""

    default_priority = 30

    def apply(self, **_: Any) -> None:
        """Sort them."""
        for glossary in self.document.findall(addnodes.glossary):
            for terms in glossary.findall(nodes.definition_list):
                if not any(ORIGINAL in term for term in terms.findall(nodes.term)):
                    continue
                with originals(terms):
                    before = [_word(item) for item in terms.children]
                if [word.casefold() for word in before] == sorted(map(str.casefold, before)):
                    language = self.config.language
                    terms.children.sort(key=lambda item: sort_key(language, _word(item)))


def sort_key(language: str, word: str) -> bytes:
    """Return what words are sorted by: in Chinese, Latin words first, then by pronunciation."""
    # The common characters of GB 2312, which GB 18030 begins with, are in the order of pinyin.
    encoding = "gb18030" if language.startswith("zh") else "utf-8"
    return word.casefold().encode(encoding, "replace")


def _word(item: nodes.Node) -> str:
    term = next(iter(item.findall(nodes.term)), None)
    return term.astext() if term is not None else ""
