"""Turns the text of code blocks into what an operator types and the output to expect.

All functions are pure: text in, model values out. This package must not open a terminal or
import Sphinx.
"""

from runbook.console.actions import (
    CONSOLE,
    SCRIPT,
    ConsoleError,
    actions,
    has_prompt,
    is_transcript,
    merge_answers,
    shows_question,
    unused_answers,
)

__all__ = [
    "CONSOLE",
    "SCRIPT",
    "ConsoleError",
    "actions",
    "has_prompt",
    "is_transcript",
    "merge_answers",
    "shows_question",
    "unused_answers",
]
