"""What went wrong with a step on a host, told so that a person can go and look."""

from __future__ import annotations

from typing import Final

from runbook.report.words import inert, last_lines, place
from runbook.result import Outcome, Performed

DETAIL_LINES: Final = 25
"""How much of a check's explanation is told on a terminal; the other reports have it all."""

OUTPUT_LINES: Final = 15
"""How much of a command's output is told on a terminal."""


def explain(outcome: Outcome) -> list[str]:
    """Return lines that say what was expected, what came, and where: nothing if all is well.

    The text is inert, whatever a host has printed.
    """
    lines = inert(outcome.reason).splitlines()[:DETAIL_LINES]
    for check in outcome.after:
        if not check.held:
            lines.append(f"expected  {inert(check.sentence)}  ({place(check.location)})")
            lines += _block("came", inert(check.detail), DETAIL_LINES)
    if outcome.actions:
        lines += _action(outcome.actions[-1])
    return lines


def _action(action: Performed) -> list[str]:
    status = "" if action.status is None else f", exit status {action.status}"
    lines = _block("ran", inert(action.text), DETAIL_LINES)
    lines.append(f"          ({place(action.location)}{status})")
    lines += _block("printed", inert(action.output), OUTPUT_LINES)
    return lines


def _block(word: str, text: str, count: int) -> list[str]:
    return [
        f"{word if n == 0 else '':10}{line}".rstrip()
        for n, line in enumerate(last_lines(text, count))
    ]
