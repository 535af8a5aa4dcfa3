"""What a run has to do: every step that is for some host, with its key, and the wanted ones."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from runbook.errors import RunbookError
from runbook.execution.checks.shared_checks import NOTHING, SharedChecks
from runbook.execution.keys import KeyedStep, keyed, prerequisites
from runbook.execution.selection import Selection, choices_of, refused, unfit
from runbook.lint.consent import consent_reasons
from runbook.model import Cluster, Runbook, Step
from runbook.results import Probed


@frozen
class Schedule:
    """The steps of a guide that are for some host of a lab, in order, and those of a run.

    `steps` are all that the whole guide comes to on this lab. `wanted` are the ids of those that
    the run is for, with all that they depend on. `again` are the keys of those that run although
    they are done. `skipped` says by step id and host why a step is not for it.
    """

    steps: tuple[KeyedStep, ...]
    wanted: frozenset[str]
    again: frozenset[str]
    skipped: Mapping[tuple[str, str], str]

    def by_id(self) -> dict[str, KeyedStep]:
        """Return the steps by their ids."""
        return {one.step.id: one for one in self.steps}


def schedule(
    runbook: Runbook,
    cluster: Cluster,
    hosts: Mapping[str, Probed],
    selection: Selection,
    *,
    base: str = "",
    shared: SharedChecks = NOTHING,
    after: Sequence[KeyedStep] = (),
) -> Schedule:
    """Return what a run of `runbook` has to do on `hosts`, which are what they said of themselves.

    `base` says what the lab is made of. `after` are steps of the same lab that have been done
    before, as the guide itself is before its undo steps; they belong to the lab's history.

    Raises:
        RunbookError: a step that the operator named is not in the guide, or is for no host.

    """
    skipped: dict[tuple[str, str], str] = {}
    chosen = choices_of(cluster, selection)
    fitting = [
        (step, _hosts_of(step, cluster, hosts, why, chosen, skipped))
        for step, why in _with_refusals(runbook, cluster, selection)
    ]
    steps = keyed(fitting, base, shared, cluster.hosts)
    numbers = {one.step.id: number for number, one in enumerate(steps)}
    first = _number(runbook, numbers, "--from", selection.first, 0)
    last = _number(runbook, numbers, "--until", selection.last, len(steps) - 1)
    end = _number(runbook, numbers, "reset", selection.reset, len(steps))
    last = min(last, end - 1)
    asked = [n for n, one in enumerate(steps) if n <= last and selection.wants(one.step)]
    again: set[str] = set()
    if selection.first:
        again |= {one.key for one in steps[first:]}
    if selection.again:
        again |= {steps[n].key for n in asked}
    again |= {one.key for one in steps[end:]}
    wanted = prerequisites(steps, asked)
    return Schedule(
        steps=(*after, *steps),
        wanted=frozenset(steps[n].step.id for n in wanted),
        again=frozenset(again),
        skipped=skipped,
    )


def _with_refusals(
    runbook: Runbook, cluster: Cluster, selection: Selection
) -> Iterator[tuple[Step, str]]:
    reasons = consent_reasons(runbook)
    for step in runbook.steps():
        yield step, refused(step, cluster, selection, reasons)


def _hosts_of(
    step: Step,
    cluster: Cluster,
    hosts: Mapping[str, Probed],
    why: str,
    chosen: Mapping[str, str],
    skipped: dict[tuple[str, str], str],
) -> list[tuple[str, str]]:
    """Return the hosts that `step` is for, with their platforms; note why it is not for others."""
    found = []
    for host in cluster.select(step.on or ("all",)):
        # A host that did not answer is tried again by the step, which then tells what is wrong.
        probed = hosts.get(host.name)
        reason = why or (unfit(step, host.name, probed, chosen) if probed is not None else "")
        if reason:
            skipped[step.id, host.name] = reason
        else:
            found.append((host.name, probed.platform if probed else host.platform))
    return found


def _number(
    runbook: Runbook, numbers: Mapping[str, int], option: str, id_: str, default: int
) -> int:
    if not id_:
        return default
    if id_ in numbers:
        return numbers[id_]
    ids = [step.id for step in runbook.steps()]
    if id_ in ids:
        raise RunbookError(f"{option}: the step {id_} is for no host of this lab")
    near = difflib.get_close_matches(id_, ids, cutoff=0.5)
    near += [one for one in ids if one.rpartition("/")[2] == id_ and one not in near]
    hint = f"; the nearest are: {', '.join(near)}" if near else ""
    raise RunbookError(f"{option}: there is no step {id_!r}{hint}")
