"""What the tools answer: plain data, without secrets, bounded, and safe to show.

What hosts have printed is data from outside. It stands in fields of its own, so that nobody takes
it for words of this server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from typing_extensions import TypedDict  # pydantic, which the SDK brings with it, wants this one

from runbook.following import (
    CommandView,
    FileView,
    HostView,
    ProgramView,
    StepPosition,
    StepView,
    TaskView,
)
from runbook.following.view import ActionView
from runbook.report.text import sanitize, shorten
from runbook.results import CheckResult, Outcome
from runbook.results.log import LogEntry

LONGEST: Final = 8000
"""Characters of one text in an answer: a program may print megabytes."""


class HostState(TypedDict):
    """How far a step came on a host, why, and who brought it there."""

    host: str
    state: str
    why: str
    who: str


class StepSummary(TypedDict):
    """A step in the plan."""

    id: str
    number: int
    title: str
    chapter: str
    settled: bool
    hosts: list[HostState]


class Plan(TypedDict):
    """A part of the plan; `present` is the id of the only step that can be run now."""

    present: str
    total: int
    steps: list[StepSummary]


class Check(TypedDict):
    """A check on a host: `holds`, `differs`, or `unknown`; `explanation` is data from the host."""

    sentence: str
    host: str
    state: str
    explanation: str


class Action(TypedDict, total=False):
    """What a step does on a host: the `kind` is command, program, file or task."""

    kind: str
    text: str
    questions: list[dict[str, Any]]
    diff: str
    note: str


class HostActions(TypedDict):
    """What a step will do on one host; if it cannot, `missing` says why."""

    host: str
    platform: str
    missing: str
    actions: list[Action]


class Step(TypedDict):
    """A step as it is now.

    If it is `refused`, that says why. `needs_names` are the hosts whose names a person has to type,
    because of `dangers`. `secrets` must be given to this server by its operator.
    """

    step: StepSummary
    purpose: str
    actions: list[HostActions]
    checks: list[str]
    last_results: list[Check]
    refused: str
    dangers: list[str]
    needs_names: list[str]
    secrets: list[str]
    usual_seconds: float | None


class Ran(TypedDict):
    """What came of a step on one host; `output` is data that programs have printed there."""

    host: str
    verdict: str
    reason: str
    seconds: float
    output: list[str]
    checks: list[Check]


class Result(TypedDict):
    """What came of a run, by whose consent, and which step is next."""

    consent: str
    outcomes: list[Ran]
    settled: bool
    next: str


class Done(TypedDict):
    """One thing that somebody did, in the order of the journal."""

    at: str
    who: str
    deed: str
    step: str
    hosts: list[str]
    text: str


class Text:
    """Makes texts safe to be read by an agent: no known secrets, no controls, and bounded."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        self._redact = redact

    def __call__(self, text: str) -> str:
        """Return `text` as it may be told."""
        return shorten(sanitize(self._redact(text)), LONGEST)

    def summary(self, one: StepPosition) -> StepSummary:
        """Return a step as it stands in the plan."""
        return StepSummary(
            id=one.step.id, number=one.number, title=self(one.step.title),
            chapter=self(one.chapter), settled=one.settled,
            hosts=[
                HostState(host=h.host, state=h.state.value, why=self(h.why), who=self(h.who))
                for h in one.hosts
            ],
        )  # fmt: skip

    def step(self, view: StepView, refused: str) -> Step:
        """Return a step as it is now."""
        results = [
            check for host, found in view.checks.items() for check in self.checks(host, found)
        ]
        return Step(
            step=self.summary(view.position), purpose=self(view.purpose),
            actions=[self._on_host(one) for one in view.hosts],
            checks=[self(one) for one in view.sentences], last_results=results,
            refused=self(refused), dangers=[self(one) for one in view.demand.reasons],
            needs_names=list(view.demand.hosts) if view.demand else [],
            secrets=list(view.secrets), usual_seconds=view.seconds,
        )  # fmt: skip

    def checks(self, host: str, found: Iterable[CheckResult]) -> list[Check]:
        """Return checks as they were evaluated on a host."""
        return [
            Check(
                sentence=self(one.sentence), host=host,
                state="holds" if one.held else "differs" if one.evaluated else "unknown",
                explanation=self(one.detail),
            )
            for one in found
        ]  # fmt: skip

    def ran(self, outcome: Outcome) -> Ran:
        """Return what came of a step on a host."""
        return Ran(
            host=outcome.host, verdict=outcome.verdict.value, reason=self(outcome.reason),
            seconds=round(outcome.seconds, 1),
            output=[self(one.output) for one in outcome.actions],
            checks=self.checks(outcome.host, outcome.after or outcome.before),
        )  # fmt: skip

    def done(self, entry: LogEntry) -> Done:
        """Return one thing that somebody did."""
        return Done(
            at=entry.at, who=self(entry.who), deed=entry.deed.value, step=entry.step,
            hosts=list(entry.hosts), text=self(entry.text),
        )  # fmt: skip

    def _on_host(self, one: HostView) -> HostActions:
        return HostActions(
            host=one.host, platform=one.platform, missing=self(one.missing),
            actions=[self._action(action) for action in one.actions],
        )  # fmt: skip

    def _action(self, action: ActionView) -> Action:
        match action:
            case CommandView():
                note = f"at {action.place}" if action.place else ""
                return Action(kind="command", text=self(action.text), note=self(note))
            case ProgramView():
                questions = [
                    {
                        "prompt": self(one.prompt),
                        "answer": f"<secret:{one.secret}>" if one.secret else self(one.answer),
                    }
                    for one in action.questions
                ]
                return Action(kind="program", text=self(action.text), questions=questions)
            case FileView():
                return Action(
                    kind="file", text=action.path, diff=self(action.diff), note=self(action.why)
                )
            case TaskView():
                return Action(kind="task", text=self(action.text))
