"""Mutants of shell text: an option left out, a value or an argument changed, a line dropped.

Only words are touched that a shell gives to the program as they are written, so that what comes
of it is shell text as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from runbook.mutation.lines import droppable, without
from runbook.mutation.values import opposite_of, other
from runbook.shelltext.parsing.commands import SimpleCommand
from runbook.shelltext.parsing.lexer import read
from runbook.shelltext.parsing.words import Word

_OPTION: Final = re.compile(r"--?[A-Za-z0-9][\w:.-]*")
_LONG: Final = re.compile(r"(--?[A-Za-z0-9][\w:.-]*=)(.+)", re.DOTALL)
_BARE: Final = re.compile(r"[a-z][a-z_-]*")
_QUOTES: Final = ("'", '"')
_UNSAFE: Final = {
    "": re.compile(r"[^\w./:=@%+,-]"),
    "'": re.compile(r"'"),
    '"': re.compile(r'["$`\\!]'),
}
"""What a word must not have that is written without quotes, or in one kind of them."""
_INSTALLERS: Final = frozenset({"apt-get", "apt", "dnf", "yum"})
"""Programs that get lists of packages: one may be forgotten, and no guide invents one."""
_WRITES: Final = (">", ">>", ">|", "&>", "&>>")


@frozen
class Edited:
    """Shell `text` with one thing changed: by which operator, and what it was."""

    operator: str
    what: str
    told: str
    text: str


@frozen
class _Written:
    """A word as it is written: its text without the quote around it, which starts at `start`."""

    text: str
    start: int
    quote: str

    @property
    def whole(self) -> tuple[int, int]:
        """Where the word is, with its quotes."""
        around = len(self.quote)
        return self.start - around, self.start + len(self.text) + around


def edited(text: str) -> Iterator[Edited]:
    """Yield shell `text` with each of its options left out, and each value changed."""
    for command in read(text).commands:
        yield from _of_words(text, command)
        for redirect in command.redirects:
            word = _written(text, redirect.target)
            if redirect.operator in _WRITES and word and not word.text.startswith("/dev/"):
                yield from _changed(text, word, "target")
        for document in command.inputs:
            yield from _of_document(text, document)


def _of_words(text: str, command: SimpleCommand) -> Iterator[Edited]:
    names = _names_of_a_subcommand(command.words)
    for number, word in enumerate(command.words[1:], 1):
        written = _written(text, word)
        if written is None:
            continue
        if found := _LONG.fullmatch(written.text):
            yield _left_out(text, written)
            value = _Written(found[2], written.start + len(found[1]), written.quote)
            yield from _changed(text, value, "value", what=written.text)
        elif _OPTION.fullmatch(written.text):
            yield _left_out(text, written)
        elif number in names:
            if (opposite := opposite_of(written.text)) is not None:
                yield _replaced(text, written, opposite, "argument", written.text)
        elif command.words[0].text in _INSTALLERS:
            yield _left_out(text, written, "argument")
        else:
            yield from _changed(text, written, "argument")


def _names_of_a_subcommand(words: tuple[Word, ...]) -> range:
    """Return which words name what the program is to do, as `volume start` does.

    Another name in their place is one that the program does not know: that says nothing of checks.
    """
    end = 1
    while end < len(words) - 1 and _BARE.fullmatch(words[end].text):
        end += 1
    return range(1, end)


def _written(text: str, word: Word) -> _Written | None:
    """Return how a word is written, if it is what the program gets, in one kind of quotes."""
    if not word.known or not word.text:
        return None
    if text.startswith(word.text, word.offset):
        found = _Written(word.text, word.offset, "")
    elif text[word.offset : word.offset + 1] in _QUOTES:
        quote = text[word.offset]
        found = _Written(word.text, word.offset + 1, quote)
        if not text.startswith(f"{word.text}{quote}", word.offset + 1):
            return None
    else:
        return None
    end = found.whole[1]
    # More may follow, which belongs to the same word.
    if end < len(text) and text[end] not in " \t\n;&|)<>`":
        return None
    return None if _UNSAFE[found.quote].search(found.text) else found


def _left_out(text: str, word: _Written, operator: str = "option") -> Edited:
    start, end = word.whole
    while text[start - 1 : start] in (" ", "\t"):
        start -= 1
    return Edited(operator, word.text, f"without {word.text}", text[:start] + text[end:])


def _changed(text: str, word: _Written, operator: str, *, what: str = "") -> Iterator[Edited]:
    new = other(word.text)
    if new is not None and new != word.text:
        yield _replaced(text, word, new, operator, what or word.text)


def _replaced(text: str, word: _Written, new: str, operator: str, what: str) -> Edited:
    end = word.start + len(word.text)
    told = f"with {new} for {word.text}"
    return Edited(operator, what, told, text[: word.start] + new + text[end:])


def _of_document(text: str, document: Word) -> Iterator[Edited]:
    """Yield the text with each line of a here-document dropped, if that is as it is written."""
    if not document.text or not text.startswith(f"{document.text}\n", document.offset):
        return
    if text[document.offset - 1] != "\n":
        return  # a here-string
    end = document.offset + len(document.text)
    for number, line in droppable(document.text):
        left = without(document.text, number)
        # Without its only line, the line break before its end goes as well.
        tail = text[end:] if left else text[end + 1 :]
        yield Edited("line", line, f"without the line {line!r}",
                     text[: document.offset] + left + tail)  # fmt: skip
