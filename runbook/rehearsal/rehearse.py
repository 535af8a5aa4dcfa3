"""Rehearse a guide, step by step: its commands are read, its dialogues played."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from attrs import evolve, frozen

from runbook import values
from runbook.codec import digest
from runbook.errors import RunbookError
from runbook.journal import now
from runbook.model import Cluster, Command, Dialogue, Location, Override, Runbook, Step
from runbook.rehearsal import lint
from runbook.rehearsal.lint import Finding, Line
from runbook.rehearsal.modes import AS_WRITTEN, MODES, Mode
from runbook.rehearsal.play import Theatre, play
from runbook.result import Outcome, Performed, Verdict

HOST: Final = "stand-in"
"""The host that outcomes of a rehearsal name: no machine, and no software of the guide's."""

_AT_ONCE: Final = 12
"""Stand-ins that play at the same time; most of them wait most of the time."""


def rehearse(
    runbook: Runbook,
    cluster: Cluster | None,
    *,
    refuses: Callable[[Step], str],
    shellcheck: bool = True,
) -> Generator[Outcome, None, None]:
    """Yield an outcome for every step: rehearsed, failed, or skipped.

    `refuses` says why a step is left out, if it is. The answers of every host of `cluster` and
    of every platform are played; all modes with those of the first.

    An iterator that is given up in the middle ends the stand-ins.

    Raises:
        RunbookError: ShellCheck was asked for and is not installed.

    """
    chosen = [step for step in runbook.steps() if not refuses(step)]
    # A file that two chapters include is read once.
    lines = dict.fromkeys(
        Line(lint.without_placeholders(action.text, runbook), action.location)
        for step in chosen
        for action in step.actions
        if isinstance(action, Command | Dialogue)
    )
    found: dict[Location, list[Finding]] = defaultdict(list)
    for finding in _read(tuple(lines), shellcheck=shellcheck):
        found[finding.of].append(finding)
    theatre = Theatre()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        plays = {
            step.id: [
                (action, mode, pool.submit(_timed, theatre, action, mode, step.statuses[0]))
                for action, mode in _plays(step, cluster)
            ]
            for step in chosen
        }
        try:
            for step in runbook.steps():
                yield _outcome(step, plays.get(step.id, []), found, refuses(step))
        except BaseException:
            # The pool waits for its workers, and they wait for their stand-ins.
            pool.shutdown(wait=False, cancel_futures=True)
            theatre.close()
            raise


def _read(lines: Sequence[Line], *, shellcheck: bool) -> list[Finding]:
    findings = lint.parse(lines)
    if shellcheck:
        # What bash cannot read gets one finding, not two.
        unreadable = {finding.of for finding in findings}
        findings += lint.shellcheck([line for line in lines if line.location not in unreadable])
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
    """Return the step with the answers of each host and platform, each set of them once."""
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


def _platforms(step: Step, overrides: Sequence[Override], own: Sequence[str]) -> list[str]:
    named = [platform for other in overrides for platform in other.platforms]
    return list(dict.fromkeys((*step.platforms, *named) or own))


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
    """What went wrong in a play, and when it was: `began` and `ended` are monotonic."""

    said: str | None
    started: str
    began: float
    ended: float


def _timed(theatre: Theatre, dialogue: Dialogue, mode: Mode, status: int) -> _Timed:
    started, began = now(), time.monotonic()
    try:
        with theatre.stage(watched=mode.watched) as session:
            said = play(dialogue, mode, session, status=status)
    except RunbookError as error:
        said = f"it could not be played: {error}"
    return _Timed(said, started, began, time.monotonic())


_Play = tuple[Dialogue, Mode, Future[_Timed]]


def _outcome(
    step: Step, plays: Sequence[_Play], found: dict[Location, list[Finding]], refused: str
) -> Outcome:
    outcome = Outcome(step.id, HOST, Verdict.SKIPPED, digest(step), now(), reason=refused)
    if refused:
        return outcome
    texts = [a for a in step.actions if isinstance(a, Command | Dialogue)]
    if not texts:
        return evolve(outcome, reason="it has nothing that can be rehearsed")
    problems = [str(finding) for text in texts for finding in found.get(text.location, [])]
    timed = [future.result() for *_, future in plays]
    problems += [
        f"{dialogue.location}: {mode.name}: {one.said}"
        for (dialogue, mode, _), one in zip(plays, timed, strict=True)
        if one.said
    ]
    if timed:
        # Plays go on side by side, so the sum of their seconds would say too much.
        first = min(timed, key=lambda one: one.began)
        seconds = round(max(one.ended for one in timed) - first.began, 3)
        outcome = evolve(outcome, started=first.started, seconds=seconds)
    if problems:
        return evolve(outcome, verdict=Verdict.FAILED, reason="\n".join(problems))
    done = tuple(Performed(text.text, text.location) for text in texts)
    return evolve(outcome, verdict=Verdict.REHEARSED, actions=done)
