"""Rehearse a guide, step by step: its commands are read, its dialogues played."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from attrs import evolve

from runbook import values
from runbook.codec import digest
from runbook.errors import RunbookError
from runbook.journal import now
from runbook.model import Cluster, Command, Dialogue, Location, Override, Runbook, Step
from runbook.rehearsal import lint
from runbook.rehearsal.lint import Finding, Line
from runbook.rehearsal.modes import AS_WRITTEN, MODES, Mode
from runbook.rehearsal.play import play, stage
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
) -> Iterator[Outcome]:
    """Yield an outcome for every step: rehearsed, failed, or skipped.

    `refuses` says why a step is left out, if it is. The answers of every host of `cluster` and
    of every platform are played; all modes with those of the first.

    Raises:
        RunbookError: ShellCheck was asked for and is not installed.

    """
    chosen = [step for step in runbook.steps() if not refuses(step)]
    lines = [
        Line(lint.without_placeholders(action.text, runbook), action.location)
        for step in chosen
        for action in step.actions
        if isinstance(action, Command | Dialogue)
    ]
    found: dict[Location, list[Finding]] = defaultdict(list)
    for finding in _read(lines, shellcheck=shellcheck):
        found[finding.of].append(finding)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        plays = {
            step.id: [
                (action, mode, pool.submit(_timed, action, mode, step.statuses[0]))
                for action, mode in _plays(step, cluster)
            ]
            for step in chosen
        }
        for step in runbook.steps():
            yield _outcome(step, plays.get(step.id, []), found, refuses(step))


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


def _timed(dialogue: Dialogue, mode: Mode, status: int) -> tuple[str | None, float]:
    began = time.monotonic()
    try:
        with stage() as session:
            said = play(dialogue, mode, session, status=status)
    except RunbookError as error:
        said = f"it could not be played: {error}"
    return said, time.monotonic() - began


_Play = tuple[Dialogue, Mode, "Future[tuple[str | None, float]]"]


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
    seconds = 0.0
    for dialogue, mode, future in plays:
        said, took = future.result()
        seconds += took
        if said:
            problems.append(f"{dialogue.location}: {mode.name}: {said}")
    outcome = evolve(outcome, seconds=round(seconds, 3))
    if problems:
        return evolve(outcome, verdict=Verdict.FAILED, reason="\n".join(problems))
    done = tuple(Performed(text.text, text.location) for text in texts)
    return evolve(outcome, verdict=Verdict.REHEARSED, actions=done)
