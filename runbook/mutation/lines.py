"""The lines of a text that mean something, and the text without one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_REMARKS: Final = ("#", ";", "//", "--", "<!--")
"""With what remarks begin in the files that guides write."""

_SYNTAX: Final = re.compile(
    r"\W*|(?:begin|do|done|else|end|esac|fi|in|then)\b\W*|</[\w:-]+>", re.IGNORECASE
)
"""Lines that only open or close something: without them a file is broken, which tells nothing."""


def droppable(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number, from 0, and the text of each line that says something by itself."""
    for number, line in enumerate(text.split("\n")):
        said = line.strip()
        if not _SYNTAX.fullmatch(said) and (not said.startswith(_REMARKS) or said.startswith("#!")):
            yield number, said


def without(text: str, number: int) -> str:
    """Return `text` without the line of that number."""
    lines = text.split("\n")
    return "\n".join((*lines[:number], *lines[number + 1 :]))
