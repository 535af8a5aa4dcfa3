"""What a sentence before a block announces: run this, it prints this, the file looks like this."""

from __future__ import annotations

import enum
import functools
import re
from typing import Final

from runbook.console.pattern import any_of
from runbook.console.wordlists import phrases, plain


class Expected(enum.Enum):
    """What a sentence announces; the values are sections of the list of announcements."""

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
    r"\A\s*(?:and )?(?:then )?(?:to|with|into|by|becomes)\s*:?\s*\Z",  # the block before is old
    flags=re.IGNORECASE,
)


def last_sentence(text: str) -> str:
    """Return the sentence nearest to the block that `text` stands before."""
    text = text.strip()
    return _SPLIT.split(text)[-1] if text else ""


@functools.lru_cache(1024)
def expected(text: str) -> Expected:
    """Return what the paragraph `text` announces; the last sentence decides if it can."""
    last = last_sentence(text)
    if _FORBIDDEN.search(last):
        return Expected.WARNING
    if speaks_of(last, "synopsis"):
        return Expected.SYNOPSIS
    # The words nearest to the block decide: `run X, which prints:` announces output.
    places = {
        kind: phrases("announcements", kind.value).last(plain(last))
        for kind in (Expected.OUTPUT, Expected.FILE, Expected.COMMANDS)
    }
    nearest = max(places, key=lambda kind: places[kind])
    if places[nearest] >= 0:
        return nearest
    return Expected.COMMANDS if speaks_of(text, "commands") else Expected.NOTHING


def speaks_of(text: str, what: str) -> bool:
    """Tell whether `text` has a phrase of the section `what` of the list of announcements."""
    return phrases("announcements", what).within(text)


def adds(sentence: str) -> bool:
    """Tell whether `sentence` speaks of adding something to a file."""
    return bool(_ADDS.search(sentence))


def replaces(sentence: str) -> bool:
    """Tell whether `sentence` speaks of a line that is changed to another."""
    return bool(_REPLACES.search(sentence))
