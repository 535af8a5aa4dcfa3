"""Secrets that the guide leaves blank: only a few programs mean an empty one by that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from runbook.console.prompts.answers import accepted_answers, hides_input, is_mask, is_pause
from runbook.dialogue.foreground import ForegroundState
from runbook.model import Turn, Typing

_CONFIRMS: Final = re.compile(r"(?i)\b(?:again|verif\w*|confirm\w*|re-?(?:enter|type)|repeat)\b")


class BlankSecrets:
    """Tells which secrets may be left blank, in the order in which a program asks for them."""

    def __init__(self) -> None:
        self._left_empty = False

    def refuses(self, turn: Turn, state: ForegroundState) -> bool:
        """Return whether a secret is asked for, is not in the guide, and must not be empty."""
        blank = _is_blank(turn) and (state.hides or hides_input(turn.prompt))
        if blank and turn.answer:
            return True  # stars stand for a secret that is not empty
        # An empty secret is confirmed by an empty one.
        confirmed, self._left_empty = self._left_empty, blank
        return blank and not confirmed and accepted_answers(turn.prompt).default is None

    def prompts(self, turns: Sequence[Turn]) -> list[str]:
        """Return the prompt of the first of the `turns`, and of other blank secrets."""
        others = [turn for turn in turns[1:] if _is_blank(turn) and hides_input(turn.prompt)]
        confirming = [turn for turn in turns[1:2] if _is_blank(turn) and confirms(turn.prompt)]
        return list(dict.fromkeys(turn.prompt for turn in (turns[0], *confirming, *others)))


def confirms(prompt: str) -> bool:
    """Return whether a prompt asks for the secret before it once more."""
    return bool(_CONFIRMS.search(prompt))


def _is_blank(turn: Turn) -> bool:
    answered = bool(turn.answer) and not is_mask(turn.answer or "")
    given = turn.secret is not None or answered or turn.typing is not Typing.LINE
    return bool(turn.prompt) and not given and not is_pause(turn.prompt)
