"""Find what is wrong with a step by itself, whatever else the guide says."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Final

from runbook.console.prompts.answers import (
    accepted_answers,
    hides_input,
    is_command_prompt,
    is_pause,
)
from runbook.lint.assertions import asserts_nothing
from runbook.model import Check, Dialogue, FileContent, Location, Step, Turn, Typing
from runbook.sphinx.source.problems import Problem

_ENTER: Final = (Typing.ENTER, Typing.DEFAULT)
"""What the author says is answered with Enter alone."""


def step_problems(step: Step) -> Iterator[Problem]:
    """Yield what is wrong with `step`; the document that it is in keeps it until it changes."""
    if not step.actions and not step.checks:
        yield Problem(step.location, "the step has neither actions nor checks")
    elif step.marked and not step.readonly and not _is_proven(step):
        yield Problem(
            step.location,
            "the step has no check, so nothing can prove it; add one, or ':readonly:'",
            kind="check",
            error=False,
        )
    for action in step.actions:
        if isinstance(action, Dialogue) and step.marked:
            yield from _validate_dialogue(action)
    for check in step.checks:
        yield from _validate_check(check)


def _is_proven(step: Step) -> bool:
    """Return whether the step has a check; a file is one."""
    return bool(step.checks) or any(isinstance(action, FileContent) for action in step.actions)


def _validate_dialogue(dialogue: Dialogue) -> Iterator[Problem]:
    """Yield the questions that an operator could not answer from the guide."""
    empty = False
    for turn, following in zip(dialogue.turns, (*dialogue.turns[1:], None), strict=True):
        shown = following is not None and following.prompt == turn.prompt and following.before
        hidden = hides_input(turn.prompt) and turn.answer is None and turn.secret is None
        # An empty secret is given twice as well.
        empty = hidden and (empty or accepted_answers(turn.prompt).default is not None)
        if message := "" if shown or empty else _answer_problem(turn):
            yield Problem(dialogue.location, message, kind="answer", error=False)


def _answer_problem(turn: Turn) -> str:
    """Return what is wrong with the answer to a question, empty if nothing."""
    if turn.secret is not None or not turn.prompt or turn.typing in _ENTER:
        return ""
    known = accepted_answers(turn.prompt)
    if hides_input(turn.prompt):
        if turn.answer is not None:
            return (
                f"the answer to {turn.prompt!r} is a secret, and is written out; use :secret:`name`"
            )
        return f"the answer to {turn.prompt!r} is a secret, and no :secret:`name` is given"
    if turn.answer is None:
        answered_otherwise = (
            turn.sometimes
            or turn.overrides
            or is_pause(turn.prompt)
            or is_command_prompt(turn.prompt)
        )
        if known.default is None and not answered_otherwise:
            return f"{turn.prompt!r} has neither an answer nor a default"
        return ""
    # Several words, and a path, are what a program printed behind a colon.
    printed = bool(re.search(r"[\s/]", turn.answer)) and not any(" " in c for c in known.choices)
    if not (known.accepts(turn.answer) or printed or is_command_prompt(turn.prompt)):
        return f"the answer {turn.answer!r} is not among the choices of {turn.prompt!r}"
    return ""


def _validate_check(check: Check) -> Iterator[Problem]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(check.source, check.location.document, "exec", dont_inherit=True)
    except SyntaxError as error:
        line = check.location.line + (error.lineno or 1) - 1
        yield Problem(
            Location(check.location.document, line), f"the check has a syntax error: {error.msg}"
        )
        return
    except ValueError as error:
        yield Problem(check.location, f"the check is not Python: {error}")
        return
    if not any(
        isinstance(node, ast.Assert | ast.Call) for node in ast.walk(ast.parse(check.source))
    ):
        yield Problem(check.location, "the check asserts nothing")
    elif asserts_nothing(check.source):
        yield Problem(
            check.location,
            "the check asserts nothing: it holds, whatever the hosts are like",
            kind="check",
            error=False,
        )
