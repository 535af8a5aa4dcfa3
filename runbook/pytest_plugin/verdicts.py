"""What a verdict is to pytest: passed, failed, an error, or skipped."""

from __future__ import annotations

import bdb
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Final

import pytest

from runbook.errors import RunbookError
from runbook.model import Step
from runbook.pytest_plugin import FindingWarning, PlanWarning
from runbook.report.failures import explain
from runbook.report.text import sanitize
from runbook.results import Outcome, Verdict
from runbook.results.findings import RunFinding
from runbook.results.plan_record import Message


class StepFailed(pytest.fail.Exception, bdb.BdbQuit):  # type: ignore[misc,name-defined]
    """A step does not hold; the text says why, and Python's frames say nothing.

    By its second base pytest takes it for something that whoever debugs has seen: Python's debugger
    is of no use here, and the operator had the session of the step.
    """

    # pytest shows a failure's class with its module otherwise.
    __module__ = "builtins"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.pytrace = False


class StepError(StepFailed):
    """A step could not be tried."""

    __module__ = "builtins"


_SKIPPED: Final = frozenset({Verdict.SKIPPED, Verdict.MANUAL})


def judge(step: Step, outcome: Outcome, place: str, more: Iterable[str] = ()) -> None:
    """Return if `outcome` passes; `more` are lines that explain it further.

    `place` leads from where pytest was called to the guide, and ends with a slash if at all.

    Raises:
        StepFailed: it does not hold.
        StepError: it could not be tried.
        pytest.skip.Exception: it was not for this host, or is a person's task.

    """
    match outcome.verdict:
        case Verdict.FAILED:
            kind = StepFailed
        case Verdict.ERROR | Verdict.BLOCKED:
            kind = StepError
        case verdict if verdict in _SKIPPED:
            what = "a person's task" if verdict is Verdict.MANUAL else "skipped"
            pytest.skip(sanitize(outcome.reason) or what)
        case _:
            return
    raise kind("\n".join([*explained(step, outcome, place), *more]))


def explained(step: Step, outcome: Outcome, place: str) -> list[str]:
    """Return why an outcome does not hold, in lines; the first says where, seen from `place`."""
    lines = explain(outcome) or [outcome.verdict.value]
    if not lines[0].startswith(f"{sanitize(step.location.document)}:"):
        lines[0] = sanitize(f"{step.location}: {lines[0]}")
    what = sanitize(f"{outcome.verdict.value} on {outcome.host}: {step.title}")
    return [f"{place}{lines[0]}", what, *lines[1:]]


def tell(guide: Path, place: str, findings: Iterable[RunFinding], *, as_errors: bool) -> None:
    """Warn of `findings`, at their lines, which errors name as they are seen from `place`.

    Raises:
        StepFailed: there are some, and they are errors.

    """
    found = tuple(findings)
    if found and as_errors:
        raise StepFailed("\n".join(f"{place}{sanitize(str(one))}" for one in found))
    for one in found:
        warnings.warn_explicit(
            FindingWarning(sanitize(f"{one.message} [{one.kind.value}]")),
            None,
            str(guide / one.location.document),
            one.location.line,
        )


def tell_plan(guide: Path, messages: Iterable[Message]) -> None:
    """Warn of what the plan of a guide warns of, at its lines.

    Raises:
        RunbookError: the session takes warnings for errors; it has all of them.

    """
    refused = []
    for one in messages:
        document, line = one.location.document or "conf.py", max(one.location.line, 1)
        try:
            warnings.warn_explicit(PlanWarning(one.text), None, str(guide / document), line)
        except PlanWarning:
            refused.append(f"{document}:{line}: {one.text}")
    if refused:
        raise RunbookError("\n".join([*refused, "(this session takes warnings for errors)"]))


@contextmanager
def as_error() -> Iterator[None]:
    """Let what keeps something from being tried be an error in words, without Python's frames.

    Raises:
        StepError: in place of a `RunbookError`.

    """
    try:
        yield
    except RunbookError as error:
        raise StepError(sanitize(str(error))) from None


def complete(
    report: pytest.TestReport,
    where: tuple[PathLike[str] | str, int | None, str],
    info: pytest.ExceptionInfo[BaseException] | None,
) -> None:
    """Let the `report` of a step say what pytest cannot know.

    What could not be tried is an error, as if its setup had failed, whenever that came out. What
    was skipped was so by the guide, at its line.
    """
    path, line, _ = where
    if info is None:
        return
    if isinstance(info.value, StepError):
        report.when = "setup"
    elif isinstance(info.value, pytest.skip.Exception):
        report.longrepr = (str(path), (line or 0) + 1, f"Skipped: {info.value.msg}")


def mask(report: pytest.TestReport, redact: Callable[[str], str]) -> None:
    """Let the `report` of a step or test have no secrets; one with none is left as it is."""
    report.sections = [(name, redact(text)) for name, text in report.sections]
    if report.longrepr is None or isinstance(report.longrepr, tuple):
        return
    text = str(report.longrepr)
    # The frames with their lines and values are objects of many kinds; as text they are one.
    if (clean := redact(text)) != text:
        report.longrepr = clean
