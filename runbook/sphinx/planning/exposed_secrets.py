"""Secrets in marked steps where others on a host could read them, or nothing fills them in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runbook.model import Check, Command, Dialogue, Runbook, Step
from runbook.model.actions import Place, holds_at
from runbook.model.secret_reference import REFERENCE
from runbook.shelltext.secret_words import SecretPlaceError, exposures, with_variables
from runbook.sphinx.source.problems import Problem

_HINT: Final = (
    "; give it to the program's standard input, in a here-document or as <(printf '%s' ...), or "
    "put it into a variable of the shell first"
)


def exposed_secrets(runbook: Runbook) -> Iterator[Problem]:
    """Yield the places of secrets in marked steps where they must not stand, in order."""
    captured: set[str] = set()
    for step in runbook.steps():
        if step.marked:
            yield from _of_step(step, captured)
        if step.capture is not None and step.capture.secret:
            captured.add(step.capture.name.replace("_", "-"))


def _of_step(step: Step, captured: set[str]) -> Iterator[Problem]:
    given: list[tuple[Place | None, str]] = []
    for action in step.actions:
        if not isinstance(action, Command | Dialogue):
            continue
        text = _with_references(action.text, captured)
        before = [one for place, one in given if holds_at(place, action.place)]
        for exposure in exposures(text, before):
            yield Problem(action.location, f"{exposure}{_HINT}", kind="secret")
        try:
            with_variables(text, lambda name: name)
        except SecretPlaceError as error:
            yield Problem(action.location, str(error), kind="secret")
        given.append((action.place, text))
    for check in step.checks:
        if message := _in_check(check, captured):
            yield Problem(check.location, message, kind="secret")


def _with_references(text: str, captured: set[str]) -> str:
    """Return `text` with references to the secrets that were `captured`, as when it is typed."""
    for name in captured:
        found = re.compile(rf"<(?:[a-z0-9][a-z0-9-]*:)?{re.escape(name)}>")
        text = found.sub(f"<secret:{name}>", text)
    return text


def _in_check(check: Check, captured: set[str]) -> str:
    """Return what is wrong with the secrets in a check, empty if nothing."""
    text = _with_references(check.source, captured)
    for found in REFERENCE.finditer(text):
        if not re.search(r"\bsecret\([\"']\Z", text[: found.start()]):
            return (
                f"{found[0]} stands for nothing in a check; host.secret({found['name']!r}), or "
                "host.secret('<NAME>') for a captured one, is its value"
            )
    return ""
