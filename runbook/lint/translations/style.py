"""How a language is written: what its conventions ask of a translation's characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from docutils.utils import punctuation_chars

_HAN: Final = r"\u3400-\u9fff"
_LITERAL: Final = re.compile(r"``.+?``(?!`)", re.DOTALL)
_MARKUP: Final = re.compile(
    r":[a-z][\w:+-]*:`[^`]+`|``x``|`[^`]+`_{0,2}|\*\*[^\s*](?:[^*]*[^\s*])?\*\*|\*[^\s*](?:[^*]*[^\s*])?\*"
)
_PUNCTUATION: Final = re.compile(rf"[{_HAN}][,;:?!.](?=\s|\Z)")
_NO_SPACE: Final = re.compile(rf"[{_HAN}][A-Za-z0-9]|[A-Za-z0-9][{_HAN}]")
_BRACKETS: Final = re.compile(rf"\([^()]*[{_HAN}][^()]*\)")
_SPACED: Final = re.compile(r"\s[，。；：？！、）」』]|[，。；：？！、（「『] (?=\S)")  # noqa: RUF001
_RULES: Final = (
    (_PUNCTUATION, "after Chinese, punctuation is full-width: ，。；：？！"),  # noqa: RUF001
    (_NO_SPACE, "a space goes between Chinese and Latin letters or digits"),
    (_BRACKETS, "parentheses around Chinese are full-width: （）"),  # noqa: RUF001
    (_SPACED, "no space goes beside full-width punctuation"),
)
_BEFORE: Final = re.compile(
    rf"[\s\x00'\"<(\[{{/:{punctuation_chars.openers}{punctuation_chars.delimiters}-]?\Z"
)
_AFTER: Final = re.compile(
    rf"[\s\x00'\")\]}}>/:.,;!?\\{punctuation_chars.closing_delimiters}"
    rf"{punctuation_chars.closers}{punctuation_chars.delimiters}-]?\Z"
)
"""What docutils allows before and after inline markup; an opening bracket after it is not."""
_ESCAPED: Final = re.compile(r"\\[^\s]")
_HIDDEN: Final = re.compile(r"<[^<>]*>|\|[^|\s][^|\n]*\|")


def style_problems(language: str, text: str) -> Iterator[str]:
    """Yield what is against the conventions of `language` in a translated `text`."""
    if language.partition("_")[0] == "zh":
        yield from _chinese(text)


def _chinese(text: str) -> Iterator[str]:
    # What is in literals and targets is no Chinese text, and no gap either.
    text = _ESCAPED.sub("x", text)
    masked = _LITERAL.sub("``x``", text)
    bare = _HIDDEN.sub("x", _LITERAL.sub("x", text))
    for found in _MARKUP.finditer(masked):
        before, after = masked[: found.start()][-1:], masked[found.end() :][:1]
        if not (_BEFORE.match(before) and _AFTER.match(after)):
            yield f"markup is lost without a space, or '\\ ', beside it ({before}{found[0]}{after})"
            break
    for pattern, message in _RULES:
        if found_first := pattern.search(bare):
            start, end = max(0, found_first.start() - 4), found_first.end() + 4
            yield f"{message} ({' '.join(bare[start:end].split())!r})"
