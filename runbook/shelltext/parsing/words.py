"""Words as a program gets them, and the parts that only a running shell can tell."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from attrs import frozen

if TYPE_CHECKING:
    from runbook.shelltext.parsing.commands import ShellText

MASK: Final = "\0"
"""Stands in masked text for each character that the shell does not interpret."""

_WILDCARD: Final = re.compile(r"[*?]|\[.+\]")


@frozen
class Literal:
    """Characters that stand for themselves."""

    written: str
    quoted: bool


@frozen
class Variable:
    """The value of a variable, or `default` if it has none.

    `operator` and `argument` are those of `${name##*/}` and the like.
    """

    written: str
    quoted: bool
    name: str
    default: str | None = None
    operator: str = ""
    argument: str = ""


@frozen
class Output:
    """The output of commands; of `<(...)` the name of a file with it."""

    written: str
    quoted: bool
    shell: ShellText


@frozen
class Computed:
    """Anything else that only a running shell can tell."""

    written: str
    quoted: bool


Part = Literal | Variable | Output | Computed


class Word(NamedTuple):
    """A word as the program gets it; expansions are in `text` as they are written.

    `masked` has `MASK` of the lexer for each quoted or escaped character. `offset` is that of its
    first character in the whole text. `parts` is empty if `text` is all there is.
    """

    # A named tuple, because a text has more words than anything else.
    text: str
    masked: str
    offset: int
    parts: tuple[Part, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the program gets exactly `text`, or files whose names match it."""
        return not self.parts

    @property
    def is_pattern(self) -> bool:
        """Whether the shell replaces the word by the names of files."""
        return not self.parts and _WILDCARD.search(self.masked) is not None


PARTS: Final = attrgetter("parts")
"""Tells of a word whether its text is not all there is."""


def moved(word: Word, offset: int) -> Word:
    """Return `word` at another offset."""
    return Word(word.text, word.masked, offset, word.parts)
