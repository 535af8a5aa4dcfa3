"""The systems that a title or a sentence is about, as platforms."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Final

from runbook.console.clues.wordlists import sections, words

_TOKEN: Final = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+(?:'[a-z]+)?|\+")
_NUMBER: Final = re.compile(r"\d")
_FOLLOWING: Final = frozenset({"based", "derived", "derivative", "derivatives", "family", "like"})
_LEADS: Final = re.compile(
    r"(?:(?:or|and|otherwise|alternatively),?\s+)?"
    r"(?:on|for|under|using|with|in|if you(?:'re| are)?(?: use| using| on| run| running)?)\s+"
    r"(?P<named>[^,:.;]+?)\s*(?:[,:;]|\Z|(?=\b(?:run|use|type|execute|install|do|enter|you)\b))",
    re.IGNORECASE,
)
_ENDS: Final = re.compile(r"\b(?:on|for|under)\s+(?P<named>[^,:;]+?)\s*[:.]?\s*\Z", re.IGNORECASE)
_EXAMPLE: Final = re.compile(r"\b(?:examples?|e\.g|instance|such as|like)\b", re.IGNORECASE)
_LONGEST: Final = 160
"""A longer sentence says more than where to do something."""


@functools.cache
def _systems() -> dict[tuple[str, ...], tuple[str, ...]]:
    return dict(_entries(""))


@functools.cache
def _based() -> dict[str, tuple[str, ...]]:
    return {name[0]: platforms for name, platforms in _entries("based")}


def _entries(section: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    for line in sections("systems")[section]:
        name, _, platforms = line.partition("=")
        yield tuple(name.split()), tuple(platforms.split())


@functools.cache
def _names() -> re.Pattern[str]:
    """Return a pattern that quickly rules out most texts."""
    first = sorted({name[0] for name in _systems()})
    return re.compile(rf"\b(?:{'|'.join(first)})(?![a-z])", re.IGNORECASE)


def names_system(text: str) -> bool:
    """Return whether `text` may name a system."""
    return bool(_names().search(text))


@functools.lru_cache(512)
def platforms_in(title: str) -> tuple[str, ...]:
    """Return the platforms of all systems that `title` names, with their versions if it has any."""
    return _read(title)[0] if names_system(title) else ()


@functools.lru_cache(512)
def platforms_of(title: str) -> tuple[str, ...]:
    """Return the platforms of the systems that `title` consists of; none if it says more."""
    if not names_system(title):
        return ()
    found, others = _read(title)
    return found if others <= words("systems", "beside") else ()


def platforms_in_sentence(sentence: str, *, announces: bool = True) -> tuple[str, ...]:
    """Return the platforms for which a reader does what `sentence` announces; none for all.

    It begins with the name of a system: `On Debian, run:`. One that `announces` what follows may
    also end with it: `Install it on Fedora:`.
    """
    sentence = sentence.strip()
    if len(sentence) > _LONGEST or not names_system(sentence) or _EXAMPLE.search(sentence):
        return ()
    if alone := platforms_of(sentence.rstrip(":")):
        return alone
    for pattern in (_LEADS.match, _ENDS.search)[: 2 if announces else 1]:
        if (found := pattern(sentence)) and (platforms := platforms_of(found["named"])):
            return platforms
    return ()


def _read(title: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the platforms in `title`, and its other words."""
    tokens = [token.lower() for token in _TOKEN.findall(title)]
    found: list[tuple[str, list[str]]] = []
    others: set[str] = set()
    named = False
    position = 0
    while position < len(tokens):
        system, size = _system(tokens, position)
        if system:
            found += [(platform, []) for platform in system]
            named, position = True, position + size
            continue
        token = tokens[position]
        position += 1
        if named and _NUMBER.match(token):
            found[-1][1].append(token.partition(".")[0])
        elif not _NUMBER.match(token):
            others.add(token)
    more = bool(others & words("systems", "more")) or "+" in others
    wide = bool(others & _FOLLOWING)
    platforms = [
        platform
        for name, versions in found
        for platform in _versions(name, [] if more else versions)
    ]
    if wide:
        platforms = [one for name in platforms for one in _based().get(name, (name,))]
    return tuple(dict.fromkeys(platforms)), frozenset(others - {"+"})


def _system(tokens: list[str], position: int) -> tuple[tuple[str, ...], int]:
    """Return the longest name of a system at `position`, and the number of its words."""
    for size in (5, 4, 3, 2, 1):
        name = tuple(tokens[position : position + size])
        if len(name) == size and (platforms := _systems().get(name)):
            return platforms, size
    return (), 0


def _versions(name: str, versions: list[str]) -> list[str]:
    if _NUMBER.search(name):
        return [name]
    return [f"{name}{version}" for version in versions] or [name]
