"""Why a step failed on a host: what was expected, what was seen, and where."""

from __future__ import annotations

from typing import Final

from runbook.report.text import format_location, last_lines, sanitize
from runbook.results import Outcome, Performed

DETAIL_LINES: Final = 25
"""Lines of a check's explanation on a terminal; the other reports have all of it."""

OUTPUT_LINES: Final = 15
"""Lines of a command's output on a terminal."""


def explain(outcome: Outcome) -> list[str]:
    """Return lines that say what was expected, what was seen, and where.

    The text is sanitized.
    """
    lines = sanitize(outcome.reason).splitlines()[:DETAIL_LINES]
    for check in outcome.after:
        if not check.held:
            lines.append(
                f"expected  {sanitize(check.sentence)}  ({format_location(check.location)})"
            )
            lines += _block("found", sanitize(check.detail), DETAIL_LINES)
    if outcome.actions:
        lines += _action(outcome.actions[-1])
    return lines


def _action(action: Performed) -> list[str]:
    status = "" if action.status is None else f", exit status {action.status}"
    lines = _block("ran", sanitize(action.text), DETAIL_LINES)
    lines.append(f"          ({format_location(action.location)}{status})")
    lines += _block("printed", sanitize(action.output), OUTPUT_LINES)
    return lines


def _block(word: str, text: str, count: int) -> list[str]:
    return [
        f"{word if n == 0 else '':10}{line}".rstrip()
        for n, line in enumerate(last_lines(text, count))
    ]
