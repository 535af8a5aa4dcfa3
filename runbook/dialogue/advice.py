"""Suggestions for changing the guide when a dialogue deviates from it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from runbook.console.prompts.answers import is_pause
from runbook.console.prompts.question import certain_turn, likely_turn
from runbook.model import Turn

COMPLAINT: Final = re.compile(
    r"(?i)\berror\b|\binvalid\b|\bnot valid\b|\bsorry\b|\btry again\b|\bincorrect\b|\bwrong\b"
    r"|\b(?:do|does|did)(?: not|n't) match\b|\bmismatch|\brefused\b|\brejected\b|\bdenied\b"
    r"|\bout of range\b|\bplease (?:answer|specify|enter|try)\b|\bmust be\b|\bfailed\b|\[WARNING\]"
)
"""Words with which programs reject an answer."""

_ERROR: Final = re.compile(r"(?i)\berror\b|\bfatal\b|\bfailed\b|\bcannot\b|\bE:\s")
_PLEASE: Final = re.compile(r"\s*Please\b")
_DRAWN_SECRET: Final = re.compile(r"(?i)\b(?:password|pass ?phrase|passcode|PIN)\b")
_SHELL: Final = re.compile(r"\[?[\w.-]+@[\w.-]+(?:[: ]\S*)?\]?[$#] ?\Z")
"""The prompt of a shell, which asks nothing."""
_LINES: Final = 12
_MARKUP: Final = re.compile(r"[\\\\:*`|]|_(?!\w)")


def unexpected_question(
    question: str, after: Turn | None, closest: str | None, *, hidden: bool, above: str | None = ""
) -> str:
    """Return the lines to add to the guide for a question that it does not answer.

    `question` is in one line. `after` is the turn that was answered last. `closest` is a similar
    prompt of the guide. `hidden` means that the program hides the answer, so that it is a secret.
    `above` is the line of the guide above the question, `None` if it shows no output.
    """
    text = ""
    if _SHELL.match(question):
        return (
            "\nThat is the prompt of a shell, which the command has opened. To type in it, write "
            "the command that opens it (bash, su - USER) as a line of its own, and exit at the end"
        )
    if closest is not None:
        text = f"\nThe guide has a similar question, which may have changed:\n\n    {closest}\n"
    pause = is_pause(question) and not hidden
    answer = ":secret:`NAME`" if hidden else "*Enter*" if pause else "``ANSWER``"
    field = f":{_field(question)}: {answer}"
    line = question if hidden else f"{question} {'*Enter*' if pause else 'ANSWER'}"
    place = "to the transcript, in its place"
    if after and after.prompt:
        place = f"to the transcript after the line {after.prompt!r}"
    elif above:
        place = f"to the transcript after the line {above!r}"
    elif above is None:
        place = "below the command"
    text += f"\nTo answer it, add this line {place}:\n\n    {line}\n\n"
    if hidden or not (certain_turn(line) or likely_turn(line, after)):
        text += f"and these to the step:\n\n    .. answers::\n\n       {field}\n\n"
    return (
        f"{text}or, if it is asked only sometimes, these to the step:\n\n"
        f"    .. answers::\n\n       {field}, sometimes: WHEN"
    )


def missing_secrets(question: str, prompts: Sequence[str]) -> str:
    """Return the lines to add where the guide has the `prompts` of secrets, and no secrets."""
    fields = "\n".join(f"       :{_field(prompt)}: :secret:`NAME`" for prompt in prompts)
    return (
        f"the program asks for a secret that the guide does not name: {question!r}\n"
        "Nothing is typed, for it would be an empty one. Add these lines to the step:\n\n"
        f"    .. answers::\n\n{fields}\n\n"
        "or, if an empty one is meant, *Enter* behind the question in the transcript"
    )


def no_prompt(text: str) -> str:
    """Return the end of what a program printed that waits at no question, and how to answer it."""
    return (
        f"{last_lines(text)}\nIf Enter alone is to be typed, write *Enter* at the end of the line "
        "of the transcript at which it waits; for a text, a line '*edit* TEXT' below it"
    )


def not_reached(question: str, missing: str) -> str:
    """Return why a question is not answered that the guide shows only after a `missing` line."""
    return (
        f"the program asks what the guide does not answer here: {question!r}\n"
        "Nothing is typed, for the guide shows it only after a line that was not printed:\n\n"
        f"    {missing}\n\n"
        "If that line may be missing or differ, write '...' in its place; or answer the question "
        f"by a table:\n\n    .. answers::\n\n       :{_field(question)}: ``ANSWER``"
    )


def proposal(question: str, prompt: str, answer: str) -> str:
    """Return how to change the proposal that a program has written behind a question."""
    return (
        f"the program asks what the guide does not answer: {question!r}\n"
        "Its end is a proposal that can be edited. To type the guide's text in its place, change "
        f"the line of the transcript:\n\n    {prompt} *edit* {answer}"
    )


def unresolved(question: str, answer: str, name: str) -> str:
    """Return why an answer with a `<name>` that stands for nothing is not typed."""
    asked = f" to {question!r}" if question else ""
    return (
        f"the guide answers {answer!r}{asked}, but no earlier step captures {name}, which would be "
        "typed as it is; write the text that is meant, or the name of a value"
    )


def drawn_question(question: str, choices: Sequence[str]) -> str:
    """Return what to add for a question that is drawn on the screen, with buttons to choose."""
    secret = bool(_DRAWN_SECRET.search(question))
    field = f":{_field(question)}: {':secret:`NAME`' if secret else '``LABEL``'}"
    said = f"\nIts buttons are: {', '.join(choices)}" if choices else ""
    return (
        f"the program draws a question that the guide does not answer: {question!r}{said}\n"
        "To answer it by the label of a button or an item, or with text, add these to the step:\n\n"
        f"    .. answers::\n\n       {field}, drawn\n\n"
        "or, for keys that it takes without Enter, *key* and their names, such as Down, Tab, Esc"
    )


def _field(question: str) -> str:
    """Return a question as a field name in reStructuredText."""
    short = question.rstrip(":") if question.endswith("]:") else question
    return _MARKUP.sub(r"\\\g<0>", short)


def changed_default(turn: Turn, default: str) -> str:
    """Return what to do if the default of a question differs from the guide's."""
    return (
        f"\nThe guide accepts the default of this question:\n\n    {turn.prompt}\n\n"
        f"but the program's default is {default!r}. Write the intended answer into the "
        f"transcript:\n\n    {turn.prompt} ANSWER"
    )


def complaint(text: str, question: str) -> str:
    """Return the error message in `text`, printed before the program asked `question` again."""
    lines = [line.rstrip() for line in text.splitlines()]
    printed = [line for line in lines[:-1] if line.strip()]
    complaints = [line for line in printed if COMPLAINT.search(line)]
    # A question may itself look like a complaint: "Please specify the size".
    complaints = [line for line in complaints if not _PLEASE.match(line)] or complaints
    if not printed:
        return ""
    return "\n" + _indented([*(complaints or printed)[-_LINES:], question])


def headline(output: str) -> str:
    """Return the line that says best why a program failed: its last error, or its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()][-_LINES:]
    errors = [line for line in lines if _ERROR.search(line)]
    # What is printed to the end may be where to read on: "Log file is located at".
    return (errors or lines or [""])[-1]


def last_lines(text: str) -> str:
    """Return the last lines of `text`, indented."""
    return "\n" + _indented([line for line in text.splitlines() if line.strip()][-_LINES:])


def _indented(lines: Sequence[str]) -> str:
    shift = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(f"    {line[shift:]}" for line in lines)
