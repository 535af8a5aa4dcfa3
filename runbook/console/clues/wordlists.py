"""The word lists of this package: plain text, so that adding a word needs no change of code.

A list is words separated by spaces; a line that starts with `#` is a comment. Some files have
sections, which start with a line such as `[name]`.
"""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import Final

from attrs import frozen

_WORD: Final = re.compile(r"[a-z0-9_']+|[^\x00-\x7f]+")
_SECTION: Final = re.compile(r"\[(?P<name>\w+)\]\Z")


@functools.cache
def sections(name: str) -> dict[str, tuple[str, ...]]:
    """Return the lines of the list `name` by section; those before the first are under ""."""
    text = resources.files("runbook.console.clues").joinpath("lists", f"{name}.txt")
    found: dict[str, list[str]] = {"": []}
    section = ""
    for line in text.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if heading := _SECTION.match(line):
            section = heading["name"]
            found[section] = []
        else:
            found[section].append(line)
    return {section: tuple(lines) for section, lines in found.items()}


@functools.cache
def words(name: str, section: str = "") -> frozenset[str]:
    """Return the words of the list `name`, or of one of its sections."""
    return frozenset(word for line in sections(name)[section] for word in line.split())


@frozen
class Phrases:
    """Phrases to search for in text: single words, word stems, and longer phrases.

    Texts are compared as normalised by `plain`.
    """

    words: frozenset[str]
    stems: tuple[str, ...]
    others: tuple[str, ...]

    def last(self, text: str) -> int:
        """Return the offset of the last phrase in `text`, or -1 if there is none."""
        best = max((text.rfind(other) for other in self.others), default=-1)
        place = len(text)
        for word in reversed(text.split(" ")):
            place -= len(word) + 1
            if place < best:
                break
            if word in self.words or (word and word.startswith(self.stems)):
                return place
        return best

    def within(self, text: str) -> bool:
        """Return whether the raw `text` contains one of the phrases."""
        text = plain(text)
        found = text.split()
        if not self.words.isdisjoint(found):
            return True
        if self.stems and any(word.startswith(self.stems) for word in found):
            return True
        return any(other in text for other in self.others)


@functools.lru_cache(1024)
def plain(text: str) -> str:
    """Return the words of `text` in lower case, with one space around each."""
    return f" {' '.join(_WORD.findall(text.lower()))} "


@functools.cache
def phrases(name: str, section: str) -> Phrases:
    """Return the phrases of a section, one per line; `*` stands for any ending of a word."""
    lines = sections(name)[section]
    single = [line for line in lines if " " not in line and line.isascii()]
    return Phrases(
        frozenset(line for line in single if not line.endswith("*")),
        tuple(line.rstrip("*") for line in single if line.endswith("*")),
        # Scripts written without spaces have no word boundaries.
        tuple(f" {line} " if line.isascii() else line for line in lines if line not in single),
    )
