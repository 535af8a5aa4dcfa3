"""How verdicts are shown: a symbol, colours, and their meaning in words."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from runbook.results import Verdict


@frozen
class VerdictStyle:
    """How a verdict is shown: a symbol, a Rich style, and colours for a light and a dark page.

    `meaning` explains the verdict to a reader of the report.
    """

    symbol: str
    terminal: str
    light: str
    dark: str
    meaning: str


STYLES: Final = {
    Verdict.FAILED: VerdictStyle(
        "✘", "bold red", "#b3151c", "#ff8a80", "the guide is wrong, or the system is"
    ),
    Verdict.ERROR: VerdictStyle("!", "bold magenta", "#8e1f8e", "#f0a0f0", "it could not be tried"),
    Verdict.BLOCKED: VerdictStyle(
        "▪", "magenta", "#6d4a8a", "#c8a8e8", "a step that it depends on did not hold"
    ),
    Verdict.MANUAL: VerdictStyle(
        "☛", "yellow", "#7a5a00", "#f0c860", "a manual task that was not done"
    ),
    Verdict.PROVEN: VerdictStyle(
        "✔", "green", "#12702e", "#7ddc94", "a check was red before, and all hold after"
    ),
    Verdict.PASSED: VerdictStyle(
        "✓", "cyan", "#0b6477", "#74d3e6", "it ran and all checks hold, but none was red before"
    ),
    Verdict.RAN: VerdictStyle(
        "○", "yellow", "#6b5a1e", "#d8c070", "it ran, and no check says whether it worked"
    ),
    Verdict.REHEARSED: VerdictStyle(
        "~", "blue", "#1f4fa3", "#90b8ff", "its dialogues were played against a stand-in"
    ),
    Verdict.CHECKED: VerdictStyle(
        "·", "blue", "#2f5f8f", "#9cc4ec", "its commands were parsed and linted; never run"
    ),
    Verdict.SATISFIED: VerdictStyle(
        "=", "blue", "#3d5a80", "#a0c0e8", "all checks held already, so it was not run"
    ),
    Verdict.SKIPPED: VerdictStyle("-", "dim", "#5f6368", "#a8adb4", "not for this host"),
}
"""The style of every verdict, in the order of reports: failures first."""

FAILURES: Final = frozenset({Verdict.FAILED, Verdict.ERROR})
"""Verdicts that reports show first and in full."""
