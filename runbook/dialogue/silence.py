"""How long a program must be silent, in seconds, before that has a meaning."""

from __future__ import annotations

from typing import Final

SEEN: Final = 0.003
"""Seconds of silence after which it is seen whether the program waits, where that costs little."""
QUESTION: Final = 0.03
"""Seconds of silence after which a known question is answered."""
UNCERTAIN: Final = 0.15
"""The same if the host was asked, but does not show whether the program waits."""
NO_PROMPT: Final = 0.3
"""Seconds of silence before a turn without a prompt is answered, or an answer counts as refused."""
SECRET: Final = 1.0
"""Seconds of silence before a secret is typed if it is unknown whether input is hidden."""
UNEXPECTED: Final = 2.0
"""Seconds of silence after which an unknown question stops the program."""
UNSEEN: Final = 5.0
"""The same if the guide shows no questions, and it is not seen that the program waits."""
_INTERVAL: Final = 1.0
"""Seconds between two looks at a program that has long been silent."""


def until_next(silent: float, *, asks: bool, near: bool = False) -> float:
    """Return the seconds until further silence has a meaning.

    `asks` if answers are expected, `near` if a look at the program costs little.
    """
    limits = (
        *((SEEN,) if asks and near else ()),
        *((QUESTION, UNCERTAIN) if asks else ()),
        NO_PROMPT,
        2 * NO_PROMPT,
        SECRET,
        UNEXPECTED,
    )
    return next((limit - silent for limit in limits if silent < limit), _INTERVAL)
