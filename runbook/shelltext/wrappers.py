"""Programs that start other programs: the list `wrappers.txt`, and how to read their words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final

from attrs import evolve, frozen

from runbook.shelltext.parsing.words import Word

_CLUSTER: Final = re.compile(r"-[A-Za-z]{2,4}")
_LONGEST: Final = 6
"""A wrapper's second word, such as `exec`, is among this many words after its name."""


@frozen
class Wrapper:
    """A program that starts another one.

    `subcommand` are the words that follow its name, `valued` its options with a value, and
    `operands` how many of its own precede the other program. With `text`, the remaining words
    are joined and read by a shell; so are the values of the options in `texts`. One that is
    `alone` starts a shell, and no program that its words name; so does one that has `needed`
    options, without them.
    """

    subcommand: tuple[str, ...] = ()
    valued: frozenset[str] = frozenset()
    operands: int = 0
    text: bool = False
    texts: frozenset[str] = frozenset()
    elsewhere: bool = False
    alone: bool = False
    needed: frozenset[str] = frozenset()

    def given(self, words: Sequence[Word]) -> Wrapper:
        """Return what it is with these words: `alone` if they have no `needed` option."""
        if not self.needed or any(_is_option(word.text, self.needed) for word in words):
            return self
        return evolve(self, alone=True)

    def others(self, words: Sequence[Word]) -> tuple[Word, ...] | None:
        """Return the words of `words` that belong to the other program.

        `words` are without the name. `None` means that they have another subcommand.
        """
        start = 0
        if self.subcommand:
            texts = tuple(word.text for word in words[:_LONGEST])
            size = len(self.subcommand)
            places = range(len(texts) - size + 1)
            found = [n for n in places if texts[n : n + size] == self.subcommand]
            if not found:
                return None
            start = found[0] + size
            dashes = [n for n, word in enumerate(words) if word.text == "--" and n >= start]
            if dashes:
                return tuple(words[dashes[0] + 1 :])
        return self._after_options(words[start:])

    def _after_options(self, words: Sequence[Word]) -> tuple[Word, ...]:
        position, own = 0, self.operands
        while position < len(words):
            text = words[position].text
            if text == "--":
                position += 1
                break
            if text.startswith("-") and len(text) > 1:
                position += 2 if self._has_value(text) else 1
            elif own:
                own -= 1
                position += 1
            else:
                break
        return tuple(words[position + (own if position < len(words) else 0) :])

    def _has_value(self, option: str) -> bool:
        """Return whether the word after `option` is its value, as of `-u` and of `-Eu`."""
        last = f"-{option[-1]}" if _CLUSTER.fullmatch(option) else option
        return bool({option, last} & (self.valued | self.texts))


@cache
def _wrappers() -> dict[str, tuple[Wrapper, ...]]:
    text = resources.files("runbook.shelltext").joinpath("wrappers.txt")
    found: dict[str, list[Wrapper]] = {}
    for line in text.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, *words = line.split()
        options = {word for word in words if word.startswith("-")}
        texts = {word[5:] for word in words if word.startswith("text:")}
        counts = [word for word in words if word.startswith("+")]
        kinds = {"text", "elsewhere", "alone"} & set(words)
        needed = {word.partition(":")[2] for word in words if word.startswith("alone-without:")}
        others = {word for word in words if ":" in word} | {*options, *counts, *kinds}
        found.setdefault(name, []).append(
            Wrapper(
                tuple(word for word in words if word not in others),
                frozenset(options),
                int(counts[0]) if counts else 0,
                "text" in kinds,
                frozenset(texts),
                "elsewhere" in kinds,
                "alone" in kinds,
                frozenset(needed),
            )
        )
    return {name: tuple(several) for name, several in found.items()}


@cache
def wrapper_names() -> frozenset[str]:
    """Return the names of all wrappers."""
    return frozenset(_wrappers())


Wrapped = tuple[Wrapper, tuple[Word, ...]]
"""A wrapper, and the words of the program that it starts."""


def wrapper_of(name: str, words: Sequence[Word]) -> Wrapped | None:
    """Return the wrapper called `name` with `words`, and those of the program that it starts."""
    for wrapper in _wrappers().get(name, ()):
        if (others := wrapper.others(words)) is not None:
            return wrapper.given(words), others
    return None


def _is_option(word: str, options: frozenset[str]) -> bool:
    """Return whether `word` is one of `options`, with its value or without."""
    if word.startswith("--"):
        return word.partition("=")[0] in options
    return word[:2] in options


def values(words: Sequence[Word], options: frozenset[str]) -> Iterator[Word]:
    """Yield the values of `options` among `words`."""
    letters = {option[1] for option in options if len(option) == 2}
    for word, following in pairwise(words):
        text = word.text
        if text in options or (_CLUSTER.fullmatch(text) and text[-1] in letters):
            yield following
    for word in words:
        name, sign, value = word.text.partition("=")
        if sign and name in options:
            yield Word(value, value, word.offset)
        elif len(word.text) > 2 and word.text[:2] in options:
            yield Word(word.text[2:], word.text[2:], word.offset)
