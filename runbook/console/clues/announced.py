"""What the sentence before a block announces: a command to run, its output, or a file."""

from __future__ import annotations

import enum
import functools
import re
from typing import Final

from runbook.console.clues.wordlists import phrases, plain
from runbook.shelltext.pattern import any_of


class Announcement(enum.Enum):
    """What a sentence announces; the values are sections of `lists/announcements.txt`."""

    COMMANDS = "commands"
    OUTPUT = "output"
    FILE = "file"
    SYNOPSIS = "synopsis"
    WARNING = "warning"
    NOTHING = "nothing"


_SPLIT: Final = re.compile(r"(?<=[.!?\u3002])\s+")
_FORBIDDEN: Final = any_of(
    r"\b(?:do not|don't|never|must not|should not)\s+(?:\w+\s+)?"
    r"(?:run|running|type|execut\w+|do|try)\b"
    r"(?!.*\b(?:instead|but|unless)\b)",
    r"\b(?:this|following)\s+(?:\w+\s+){0,2}(?:is|are|would be|will|does|do)\s+"
    r"(?:wrong|incorrect|invalid|not (?:work|valid|supported|allowed|possible))\b",
    r"\b(?:wrong|incorrect|bad|invalid)\s+(?:way|example|usage|use|command|syntax)\b",
    flags=re.IGNORECASE,
)
_ADDS: Final = re.compile(
    r"\b(?:add|append|insert|put|place|adding|appending|includ\w+)\b.{0,60}"
    r"\b(?:to|in|into|at the end of|of)\b.{0,60}[~/]",
    re.IGNORECASE,
)
_REPLACES: Final = any_of(
    r"\blines? (?:\d+|number)\b",  # line 41 becomes
    r"\b(?:chang\w+|replac\w+|edit\w*|modif\w+|correct\w*)\b[^,;]{0,40}\bline",
    r"\b(?:old|new|original|changed|corrected) (?:line|version|value|entry)\b",
    r"\bfrom\s*:?\s*\Z",
    r"\A\s*(?:and )?(?:then )?(?:to|with|into|by|becomes)\s*:?\s*\Z",  # follows the old text
    flags=re.IGNORECASE,
)


def last_sentence(text: str) -> str:
    """Return the last sentence of the paragraph `text`."""
    text = text.strip()
    return _SPLIT.split(text)[-1] if text else ""


def first_sentence(text: str) -> str:
    """Return the first sentence of the paragraph `text`."""
    return _SPLIT.split(text.strip(), maxsplit=1)[0]


@functools.lru_cache(1024)
def announcement(text: str) -> Announcement:
    """Return what the paragraph `text` announces; the last sentence takes precedence."""
    last = last_sentence(text)
    if _FORBIDDEN.search(last):
        return Announcement.WARNING
    if mentions(last, "synopsis"):
        return Announcement.SYNOPSIS
    # The phrase nearest to the block wins: `run X, which prints:` announces output.
    places = {
        kind: phrases("announcements", kind.value).last(plain(last))
        for kind in (Announcement.OUTPUT, Announcement.FILE, Announcement.COMMANDS)
    }
    nearest = max(places, key=lambda kind: places[kind])
    if places[nearest] >= 0:
        return nearest
    return Announcement.COMMANDS if mentions(text, "commands") else Announcement.NOTHING


def mentions(text: str, what: str) -> bool:
    """Return whether `text` has a phrase of the section `what` of `lists/announcements.txt`."""
    return phrases("announcements", what).within(text)


def adds(sentence: str) -> bool:
    """Return whether `sentence` says to add something to a file."""
    return bool(_ADDS.search(sentence))


def replaces(sentence: str) -> bool:
    """Return whether `sentence` says to change a line of a file."""
    return bool(_REPLACES.search(sentence))
