"""Rehearse a guide step by step: play its dialogues, parse and lint its commands."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from attrs import evolve, frozen

from runbook.errors import RunbookError
from runbook.execution.actions import values
from runbook.model import Cluster, Command, Dialogue, Location, Override, Runbook, Step
from runbook.model.codec import digest
from runbook.rehearsal import lint
from runbook.rehearsal.lint import Finding, ShellText
from runbook.rehearsal.modes import AS_WRITTEN, MODES, Mode
from runbook.rehearsal.play import StandInSessions, play
from runbook.results import Outcome, Performed, Verdict
from runbook.results.clock import now

HOST: Final = "stand-in"
"""The host in the outcomes of a rehearsal."""

_WORKERS: Final = 12
"""Stand-ins that run concurrently; they mostly wait."""


def rehearse(
    runbook: Runbook,
    cluster: Cluster | None,
    *,
    refuses: Callable[[Step], str],
    shellcheck: bool = True,
) -> Generator[Outcome, None, None]:
    """Yield an outcome for every step: rehearsed, checked, failed, or skipped.

    A step with a dialogue is rehearsed, one with commands only is checked. `refuses` returns why
    a step is left out, or an empty text. The answers for every host of `cluster` and every
    platform are played; those of the first host in all modes. Closing the iterator ends the
    stand-ins.

    Raises:
        RunbookError: ShellCheck is wanted but not installed.

    """
    chosen = [step for step in runbook.steps() if not refuses(step)]
    # Text that two chapters include is checked once.
    texts = dict.fromkeys(
        ShellText(lint.without_placeholders(action.text, runbook), action.location)
        for step in chosen
        for action in step.actions
        if isinstance(action, Command | Dialogue)
    )
    found: dict[Location, list[Finding]] = defaultdict(list)
    for finding in _check(tuple(texts), shellcheck=shellcheck):
        found[finding.source].append(finding)
    sessions = StandInSessions()
    with ThreadPoolExecutor(_WORKERS) as pool:
        plays = {
            step.id: [
                (action, mode, pool.submit(_timed, sessions, action, mode, step.statuses[0]))
                for action, mode in _plays(step, cluster)
            ]
            for step in chosen
        }
        try:
            for step in runbook.steps():
                yield _outcome(step, plays.get(step.id, []), found, refuses(step))
        except BaseException:
            # Otherwise the pool would wait for its workers, and they for their stand-ins.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            sessions.close()


def _check(texts: Sequence[ShellText], *, shellcheck: bool) -> list[Finding]:
    findings = lint.parse(texts)
    if shellcheck:
        # Text that bash cannot parse gets one finding, not two.
        unparsed = {finding.source for finding in findings}
        findings += lint.shellcheck([one for one in texts if one.location not in unparsed])
    return findings


def _plays(step: Step, cluster: Cluster | None) -> Iterator[tuple[Dialogue, Mode]]:
    first, *others = _variants(step, cluster)
    for action in first.actions:
        if isinstance(action, Dialogue):
            yield from ((action, mode) for mode in MODES)
    for variant in others:
        for action in variant.actions:
            if isinstance(action, Dialogue):
                yield action, AS_WRITTEN


def _variants(step: Step, cluster: Cluster | None) -> list[Step]:
    """Return the step with the answers for each host and platform, without duplicates."""
    overrides = [
        other
        for action in step.actions
        if isinstance(action, Dialogue)
        for turn in action.turns
        for other in turn.overrides
    ]
    if not overrides or cluster is None:
        return [_without_overrides(step)]
    hosts = cluster.select(step.on or ("all",))
    return list(
        dict.fromkeys(
            values.answers_for(step, host, platform)
            for platform in _platforms(step, overrides, [host.platform for host in hosts])
            for host in hosts
        )
    )


def _platforms(step: Step, overrides: Sequence[Override], present: Sequence[str]) -> list[str]:
    named = [platform for other in overrides for platform in other.platforms]
    return list(dict.fromkeys((*step.platforms, *named) or present))


def _without_overrides(step: Step) -> Step:
    return evolve(
        step,
        actions=tuple(
            evolve(a, turns=tuple(evolve(t, overrides=()) for t in a.turns))
            if isinstance(a, Dialogue)
            else a
            for a in step.actions
        ),
    )


@frozen
class _Timed:
    """The result of one play, as of `play`; `began` and `ended` are monotonic times."""

    problem: str | None
    started: str
    began: float
    ended: float


def _timed(sessions: StandInSessions, dialogue: Dialogue, mode: Mode, status: int) -> _Timed:
    started, began = now(), time.monotonic()
    try:
        with sessions.borrow(watched=mode.watched) as session:
            problem = play(dialogue, mode, session, status=status)
    except RunbookError as error:
        problem = f"it could not be played: {error}"
    return _Timed(problem, started, began, time.monotonic())


_Play = tuple[Dialogue, Mode, Future[_Timed]]


def _outcome(
    step: Step, plays: Sequence[_Play], found: dict[Location, list[Finding]], refused: str
) -> Outcome:
    outcome = Outcome(step.id, HOST, Verdict.SKIPPED, digest(step), now(), reason=refused)
    if refused:
        return outcome
    texts = [a for a in step.actions if isinstance(a, Command | Dialogue)]
    if not texts:
        return evolve(outcome, reason="it has neither commands nor dialogues")
    problems = [str(finding) for text in texts for finding in found.get(text.location, [])]
    timed = [future.result() for *_, future in plays]
    problems += [
        f"{dialogue.location}: {mode.name}: {one.problem}"
        for (dialogue, mode, _), one in zip(plays, timed, strict=True)
        if one.problem
    ]
    if timed:
        # Plays run concurrently, so the sum of their durations would be too long.
        first = min(timed, key=lambda one: one.began)
        seconds = round(max(one.ended for one in timed) - first.began, 3)
        outcome = evolve(outcome, started=first.started, seconds=seconds)
    if problems:
        return evolve(outcome, verdict=Verdict.FAILED, reason="\n".join(problems))
    done = tuple(Performed(text.text, text.location) for text in texts)
    played = any(isinstance(text, Dialogue) for text in texts)
    verdict = Verdict.REHEARSED if played else Verdict.CHECKED
    return evolve(outcome, verdict=verdict, actions=done)
