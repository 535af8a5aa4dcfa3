"""The marks with which a transcript says how an answer is typed: `Press any key *Enter*`.

| mark | what is typed |
| --- | --- |
| `*Enter*` | Enter alone, as at a pause |
| `*default*` | Enter alone, for the default |
| `*key* y` | keys without Enter: characters, or names such as `Down`, `Tab` and `Ctrl-C` |
| `*edit* text` | the line in place of the proposal that stands there |
| `*again*` | before an answer: the question of an earlier turn, for another thing |
"""

from __future__ import annotations

import re
from typing import Final

from runbook.model import Turn, Typing

_MARK: Final = re.compile(
    r"(?:\A|(?<=[\s:?>#\]).!]))(?P<again>\*again\*)?(?(again)(?:[ \t]+(?=\*))?)"
    r"(?:\*(?P<word>Enter|default|key|edit)\*)?(?=\s|\Z)"
)
_TYPINGS: Final = {
    "Enter": Typing.ENTER,
    "default": Typing.DEFAULT,
    "key": Typing.KEY,
    "edit": Typing.EDIT,
}
WORDS: Final = frozenset((*_TYPINGS, "again"))
"""The words that are marks between asterisks."""


def typing_of(word: str) -> Typing:
    """Return how an answer with the mark `word` is typed."""
    return _TYPINGS.get(word, Typing.LINE)


def marked_turn(line: str) -> Turn | None:
    """Return the turn on `line` if a mark says that something is typed there."""
    if "*" not in line:
        return None
    for found in _MARK.finditer(line):
        if not (found["again"] or found["word"]):
            continue
        rest = line[found.end() :].strip()
        word = found["word"] or ""
        if bool(rest) == (word in ("Enter", "default")) and word:
            continue
        return Turn(
            line[: found.start()].strip(),
            rest or None,
            typing=typing_of(word),
            again=bool(found["again"]),
        )
    return None
