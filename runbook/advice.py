"""What to change in the guide when a dialogue did not go as it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from runbook.model import Turn

COMPLAINT: Final = re.compile(
    r"(?i)\berror\b|\binvalid\b|\bnot valid\b|\bsorry\b|\btry again\b|\bincorrect\b|\bwrong\b"
    r"|\b(?:do|does|did)(?: not|n't) match\b|\bmismatch|\brefused\b|\brejected\b|\bdenied\b"
    r"|\bout of range\b|\bplease (?:answer|specify|enter|try)\b|\bmust be\b|\bfailed\b|\[WARNING\]"
)
"""What programs say of an answer that they do not take."""

_LINES: Final = 12


def unforeseen(question: str, after: Turn | None, closest: str | None) -> str:
    """Return the lines to add to the guide for a question that it does not answer.

    `after` is the turn that was answered last. `closest` is a prompt of the guide that looks
    much like the question.
    """
    place = f"after the line {after.prompt!r}" if after and after.prompt else "at its place"
    field = question.rstrip(": ").replace(":", "\\:")
    like = ""
    if closest is not None:
        like = (
            f"\nThe guide has a question much like it, which may have changed:\n\n    {closest}\n"
        )
    return (
        f"{like}\nTo answer it, add this line to the transcript {place}:\n\n"
        f"    {question} ANSWER\n\n"
        "or, if it comes only sometimes, these to the step:\n\n"
        f"    .. answers::\n\n       :{field}: ``ANSWER`` sometimes"
    )


def other_default(turn: Turn, default: str) -> str:
    """Return what to do about a default that is another choice than the guide's."""
    return (
        f"\nThe guide takes the default of this question:\n\n    {turn.prompt}\n\n"
        f"but the program's default is {default!r}. Type the answer that is meant, in the "
        f"transcript:\n\n    {turn.prompt} ANSWER"
    )


def complaint(text: str, prompt: str) -> str:
    """Return the program's own words in `text` before it asked again with `prompt`."""
    lines = [line.rstrip() for line in text.splitlines()]
    said = [line for line in lines[:-1] if line.strip()]
    # What it complains of comes first; then it may show everything again.
    complaints = [line for line in said if COMPLAINT.search(line)]
    if not said:
        return ""
    return "\n" + _indented([*(complaints or said[-_LINES:])[:_LINES], prompt.strip()])


def last_lines(text: str) -> str:
    """Return the last lines of `text`, as a block."""
    return "\n" + _indented([line for line in text.splitlines() if line.strip()][-_LINES:])


def _indented(lines: Sequence[str]) -> str:
    shift = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(f"    {line[shift:]}" for line in lines)
