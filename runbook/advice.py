"""What to change in the guide when a dialogue did not go as it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from runbook.console.prompts import likely, sure
from runbook.model import Turn

COMPLAINT: Final = re.compile(
    r"(?i)\berror\b|\binvalid\b|\bnot valid\b|\bsorry\b|\btry again\b|\bincorrect\b|\bwrong\b"
    r"|\b(?:do|does|did)(?: not|n't) match\b|\bmismatch|\brefused\b|\brejected\b|\bdenied\b"
    r"|\bout of range\b|\bplease (?:answer|specify|enter|try)\b|\bmust be\b|\bfailed\b|\[WARNING\]"
)
"""What programs say of an answer that they do not take."""

_PLEASE: Final = re.compile(r"\s*Please\b")
_LINES: Final = 12
_MARKUP: Final = re.compile(r"[\\\\:*`|]|_(?!\w)")


def unforeseen(question: str, after: Turn | None, closest: str | None, *, hidden: bool) -> str:
    """Return the lines to add to the guide for a question that it does not answer.

    `question` is in one line. `after` is the turn that was answered last. `closest` is a prompt
    of the guide that looks much like the question. `hidden` says that its answer is a secret.
    """
    said = ""
    if closest is not None:
        said = (
            f"\nThe guide has a question much like it, which may have changed:\n\n    {closest}\n"
        )
    answer = ":secret:`NAME`" if hidden else "``ANSWER``"
    field = f":{_field(question)}: {answer}"
    shown = question if hidden else f"{question} ANSWER"
    place = f"after the line {after.prompt!r}" if after and after.prompt else "at its place"
    said += f"\nTo answer it, add this line to the transcript {place}:\n\n    {shown}\n\n"
    if hidden or not (sure(shown) or likely(shown, after)):
        said += f"and these to the step:\n\n    .. answers::\n\n       {field}\n\n"
    return (
        f"{said}or, if it comes only sometimes, these to the step:\n\n"
        f"    .. answers::\n\n       {field}, sometimes: WHEN"
    )


def _field(question: str) -> str:
    """Return a question as the name of a field in reStructuredText."""
    short = question.rstrip(":") if question.endswith("]:") else question
    return _MARKUP.sub(r"\\\g<0>", short)


def other_default(turn: Turn, default: str) -> str:
    """Return what to do about a default that is another choice than the guide's."""
    return (
        f"\nThe guide takes the default of this question:\n\n    {turn.prompt}\n\n"
        f"but the program's default is {default!r}. Type the answer that is meant, in the "
        f"transcript:\n\n    {turn.prompt} ANSWER"
    )


def complaint(text: str, question: str) -> str:
    """Return the program's own words in `text`, said before it asked the `question` again."""
    lines = [line.rstrip() for line in text.splitlines()]
    said = [line for line in lines[:-1] if line.strip()]
    complaints = [line for line in said if COMPLAINT.search(line)]
    # A question's own words may look like a complaint: "Please specify the size".
    complaints = [line for line in complaints if not _PLEASE.match(line)] or complaints
    if not said:
        return ""
    return "\n" + _indented([*(complaints or said)[-_LINES:], question])


def last_lines(text: str) -> str:
    """Return the last lines of `text`, as a block."""
    return "\n" + _indented([line for line in text.splitlines() if line.strip()][-_LINES:])


def _indented(lines: Sequence[str]) -> str:
    shift = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(f"    {line[shift:]}" for line in lines)
