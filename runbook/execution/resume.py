"""From where a run goes on: from the lab as it stands, from a checkpoint, or from fresh hosts.

A lab that is ours must hold exactly what the steps that are done have made of it. If a step was
begun and not finished, or was changed since, its hosts are not what any step expects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from runbook.execution.keys import KeyedStep
from runbook.results.position import History, Position, Touched

StepHost = tuple[str, str]
"""The key of a step, and a host."""


@frozen
class Restorable:
    """A checkpoint: its name, and which steps were done on which hosts when it was taken."""

    name: str
    done: frozenset[StepHost]


@frozen
class GoOn:
    """The lab is as the next step expects it."""


@frozen
class Restore:
    """The lab must be brought back to the checkpoint `name` first; `why` says what is wrong."""

    name: str
    why: str


@frozen
class StartFresh:
    """No checkpoint fits, so the hosts must be made anew; `why` says what is wrong."""

    why: str


def decide(
    steps: Sequence[KeyedStep],
    history: History,
    checkpoints: Iterable[Restorable],
    *,
    again: frozenset[str] = frozenset(),
    unknown: str = "",
) -> GoOn | Restore | StartFresh:
    """Return from where a run of `steps` goes on, on a lab with that `history`.

    `again` are the keys of steps that are to run although they are done. `unknown` says why
    nothing is known of the lab's present state; it is empty if the history tells all.
    Checkpoints are given in the order of preference; of those that hold the most, the first is
    taken.
    """
    known = {(one.key, host) for one in steps for host, _ in one.hosts}
    why = unknown or _wrong(steps, history, known, again)
    if not why:
        return GoOn()
    allowed = {(key, host) for key, host in known if key not in again}
    fitting = [one for one in checkpoints if one.done <= allowed]
    if not fitting:
        return StartFresh(why)
    return Restore(max(fitting, key=lambda one: len(one.done)).name, why)


def _wrong(
    steps: Sequence[KeyedStep],
    history: History,
    known: set[StepHost],
    again: frozenset[str],
) -> str:
    """Return why the lab is not what the next step expects, or an empty text."""
    by_id = {one.step.id: one for one in steps}
    for (key, host), touched in history.touched.items():
        if touched.position is Position.BEGUN:
            return f"{touched.step} was begun on {host} and did not come to its end"
        if key in again:
            return f"{touched.step} is to run again"
        if (key, host) not in known:
            return changed(touched, by_id)
    return ""


def changed(touched: Touched, by_id: Mapping[str, KeyedStep]) -> str:
    """Return in words what became of a step that is done, but not as the guide has it now."""
    now = by_id.get(touched.step)
    if now is None:
        return f"{touched.step} is done on this lab, and is not part of this run"
    if now.content != touched.content:
        return f"{touched.step} was changed after it ran"
    return f"something that {touched.step} depends on was changed after it ran"
