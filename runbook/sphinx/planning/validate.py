"""Find what is wrong with a step among the other steps and the hosts of its guide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from runbook.model import Check, Cluster, Dialogue, FileContent, Location, Runbook, Step
from runbook.model.capabilities import CAPABILITIES
from runbook.model.cluster import PLACE
from runbook.model.suggestion import did_you_mean, meant_platform, meant_value
from runbook.results import artefact
from runbook.sphinx.planning.exposed_secrets import exposed_secrets
from runbook.sphinx.planning.unknown_names import unknown_names
from runbook.sphinx.source.problems import Problem

NOT_INCLUDED: Final[Mapping[int, str]] = MappingProxyType({})
"""What `validate` is given where no step stands in an included file."""


def validate(
    runbook: Runbook, cluster: Cluster | None, included_by: Mapping[int, str] = NOT_INCLUDED
) -> Iterator[Problem]:
    """Yield what is wrong with the steps of `runbook` that does not show in one step alone.

    `included_by` says by the number of a step what includes the file that it stands in.
    """
    steps = list(runbook.steps())
    first: dict[str, Location] = {}
    where: dict[str, str] = {}
    for number, step in enumerate(steps):
        if why := artefact.unfit(step.id):
            yield Problem(
                step.location,
                f"the step id {step.id!r} must also be a path below the results: {why}; give the "
                "step another ':name:'",
            )
        place = included_by.get(number, "")
        if first.get(step.id) == step.location and place:
            yield Problem(
                step.location,
                f"the step id {step.id!r} is there twice: the file is included by "
                f"{where[step.id]} and by {place}; give its steps to one page only",
            )
        elif step.id in first:
            yield Problem(
                step.location, f"the step id {step.id!r} is taken by the step at {first[step.id]}"
            )
        first.setdefault(step.id, step.location)
        where.setdefault(step.id, place)
    earlier: set[str] = set()
    for step in steps:
        yield from _validate_step(step, cluster, first, earlier)
        earlier.add(step.id)
    yield from _validate_chosen(steps, cluster)
    yield from _validate_ends(runbook, first)
    yield from _validate_sources(runbook)
    yield from unknown_names(runbook, cluster)
    yield from exposed_secrets(runbook)


def _validate_step(
    step: Step, cluster: Cluster | None, known: dict[str, Location], earlier: set[str]
) -> Iterator[Problem]:
    yield from _validate_hosts(step, cluster)
    yield from _validate_platforms(step, cluster)
    for need in step.needs or ():
        if need not in known:
            hint = did_you_mean(need, known)
            yield Problem(step.location, f"needs: there is no step {need!r}{hint}")
        elif need not in earlier:
            yield Problem(step.location, f"needs: the step {need!r} does not come before this one")


def _validate_chosen(steps: Sequence[Step], cluster: Cluster | None) -> Iterator[Problem]:
    """Yield the chosen values that are mistyped: all steps of that choice would be skipped."""
    if cluster is None:
        return
    known: dict[str, dict[str, Location]] = {}
    for step in steps:
        for choice in step.choices:
            name, _, value = choice.partition("=")
            known.setdefault(name, {}).setdefault(value, step.location)
    for name, places in known.items():
        chosen = cluster.choices.get(name, "")
        of_hosts = {host.when.partition("=")[2] for host in cluster.hosts if host.when}
        if chosen not in of_hosts and (meant := meant_value(chosen, places)):
            yield Problem(
                places[meant],
                f"choice: {PLACE} chooses {chosen!r} for {name!r}, which no step is for; "
                f"did you mean {meant!r}?",
            )


def _validate_ends(runbook: Runbook, known: dict[str, Location]) -> Iterator[Problem]:
    """Yield the steps that are said to make a check or a file false, and cannot."""
    back = [one for chapter in reversed(runbook.chapters) for one in chapter.steps if one.undo]
    forth = {step.id: number for number, step in enumerate(runbook.steps())}
    undone = {step.id: number for number, step in enumerate(back)}
    for step in runbook.steps():
        order = undone if step.undo else forth
        ends: list[Check | FileContent] = [*step.checks]
        ends += [action for action in step.actions if isinstance(action, FileContent)]
        named = ((one.location, until) for one in ends for until in one.until)
        for location, until in named:
            if until not in known:
                hint = did_you_mean(until, known)
                yield Problem(location, f"until: there is no step {until!r}{hint}")
            elif order.get(until, -1) <= order[step.id]:
                yield Problem(location, f"until: the step {until!r} does not come after this one")


def _validate_sources(runbook: Runbook) -> Iterator[Problem]:
    """Yield the source notes that steps and prose name and nobody has written."""
    known = [note.id for note in runbook.sources]
    named = [(name, step.location) for step in runbook.steps() for name in step.sources]
    named += [(one.note, one.location) for one in runbook.cited]
    for name, location in named:
        if name not in known:
            hint = did_you_mean(name, known)
            if not known:
                hint = "; the setting 'runbook_sources' of conf.py names their directory"
            yield Problem(location, f"sources: there is no source note {name!r}{hint}")


def _validate_hosts(step: Step, cluster: Cluster | None) -> Iterator[Problem]:
    if cluster is None:
        return
    for choice in step.choices:
        name = choice.partition("=")[0]
        if name not in cluster.choices:
            hint = did_you_mean(name, cluster.choices)
            yield Problem(
                step.location, f"choice: {PLACE} does not choose a value for {name!r}{hint}"
            )
    hosts = [host.name for host in cluster.hosts]
    groups = cluster.groups
    named = [("on", name, step.location) for name in step.on]
    places = (thing.partition("@")[2] for thing in step.provides)
    named += [("provides", name, step.location) for name in places if name]
    named += [
        ("on", name, action.location)
        for action in step.actions
        if isinstance(action, Dialogue)
        for name in dict.fromkeys(n for t in action.turns for o in t.overrides for n in o.on)
    ]
    for option, name, location in named:
        if name not in hosts and name not in groups:
            yield Problem(
                location,
                f"{option}: there is no host or group {name!r}; "
                f"hosts: {', '.join(hosts)}; groups: {', '.join(groups)}"
                f"{did_you_mean(name, (*hosts, *groups))}",
            )


def _validate_platforms(step: Step, cluster: Cluster | None) -> Iterator[Problem]:
    """Yield platforms and capabilities that no host can have: the step would always be skipped."""
    known = [host.platform for host in cluster.hosts] if cluster else []
    for platform in step.platforms:
        if platform not in known and (meant := meant_platform(platform, known)):
            yield Problem(
                step.location,
                f"platform: no host is of the platform {platform!r}; did you mean {meant!r}?",
            )
    for capability in step.requires:
        name = capability.removeprefix("!")
        if name not in CAPABILITIES:
            hint = did_you_mean(name, CAPABILITIES) or ";"
            yield Problem(
                step.location,
                f"requires: there is no capability {name!r}{hint} known are "
                f"{', '.join(CAPABILITIES)}",
            )
