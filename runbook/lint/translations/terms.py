"""The words of a translation: which translations of a term a language has agreed on.

`terms.yaml` beside a language's catalogues has them: `engine: 引擎`, or a list of several. A word
of the original that stands in a translation as it is, is accepted too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import yaml

from runbook.lint.translations.catalogue import CatalogueError
from runbook.lint.translations.parts import plain

TERMS: Final = "terms.yaml"

_NOT_A_TERM: Final = "not a term:"

Terms = Mapping[str, tuple[str, ...]]
"""The accepted translations of each term, which is in lower case."""


def load(path: Path) -> Terms:
    """Return the terms in the file at `path`; none if there is no file.

    Raises:
        CatalogueError: it is not such a file.

    """
    if not path.is_file():
        return {}
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: {' '.join(str(error).split())}") from error
    found = {}
    for term, accepted in data.items() if isinstance(data, dict) else [("", "")]:
        words = [accepted] if isinstance(accepted, str) else accepted
        if not term or not isinstance(words, list) or not all(isinstance(w, str) for w in words):
            raise CatalogueError(f"{path}: a term has one translation or a list of them: {term!r}")
        found[str(term).lower()] = tuple(words)
    return found


def term_problems(
    terms: Terms, original: str, translated: str, comments: Iterable[str] = ()
) -> Iterator[str]:
    """Yield the terms of `original` that `translated` translates otherwise than agreed.

    Where a word is no term, a comment of the translator says so: `# not a term: cluster`.
    """
    others = {
        word.strip().lower()
        for comment in comments
        if comment.startswith(_NOT_A_TERM)
        for word in comment.removeprefix(_NOT_A_TERM).split(",")
    }
    words = plain(original).lower()
    shown = translated.lower()
    # The longest first: a storage domain is no domain.
    for term in sorted(terms, key=len, reverse=True):
        pattern = re.compile(rf"(?<![\w-]){re.escape(term)}(?:e?s)?(?![\w-])")
        if not pattern.search(words):
            continue
        words = pattern.sub(" ", words)
        accepted = terms[term]
        if (
            term not in others
            and term not in shown
            and not any(one.lower() in shown for one in accepted)
        ):
            yield f"{term!r} is translated as {' or '.join(accepted)}"
