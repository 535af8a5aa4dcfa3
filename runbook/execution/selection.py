"""Which steps of a guide a run is for, and which of them a host is fit for."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping

from attrs import evolve, field, frozen

from runbook.model import Chapter, Cluster, Runbook, Step
from runbook.model.alternative import chosen_title, fits, not_taken
from runbook.results import Probed
from runbook.results.outcome import NOT_SELECTED


@frozen
class Selection:
    """What the operator selected for a run.

    `only` are shell patterns of step ids, and `tags` are tags; a step is wanted if one of either
    fits it, and every step is if there are none. `first` and `last` are the ids between which
    steps are wanted; those from `first` on run although they are done. With `again` all wanted
    steps do. `reset` is the id of a step before which the run ends, with nothing done after it.
    `unmarked` code blocks run only if asked for; `agreed` are the ids of those that run though
    they need consent. `chosen` are alternatives by the name of the choice; where it says
    nothing, the cluster does.
    """

    only: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    reset: str = ""
    again: bool = False
    unmarked: bool = False
    agreed: frozenset[str] = frozenset()
    chosen: Mapping[str, str] = field(factory=dict)

    def wants(self, step: Step) -> bool:
        """Tell whether `step` is one of those that the operator asked for."""
        if not self.only and not self.tags:
            return True
        named = any(fnmatch.fnmatchcase(step.id, only) for only in self.only)
        return named or bool(set(self.tags) & set(step.tags))

    def excludes(self, step: Step) -> str:
        """Return why `step` is not among those that the operator asked for, or an empty text."""
        return self.refuses(step) if self.wants(step) else NOT_SELECTED

    def refuses(self, step: Step) -> str:
        """Return why `step` cannot run in this run, or an empty text."""
        if not step.marked and not self.unmarked:
            return "a code block outside of a step; run with --unmarked"
        return ""


def forward(runbook: Runbook) -> Runbook:
    """Return the part of `runbook` that leads to the goal: all but the undo steps."""
    return _part(runbook, runbook.chapters, lambda step: not step.undo)


def backward(runbook: Runbook) -> Runbook:
    """Return the undo steps of `runbook`: its chapters from the last to the first.

    A step there depends on those before it in its own chapter only.
    """
    back = _part(runbook, runbook.chapters[::-1], lambda step: step.undo)
    return evolve(back, chapters=tuple(_alone(chapter) for chapter in back.chapters))


def _part(
    runbook: Runbook, chapters: tuple[Chapter, ...], wanted: Callable[[Step], bool]
) -> Runbook:
    kept = (evolve(c, steps=tuple(filter(wanted, c.steps))) for c in chapters)
    return evolve(runbook, chapters=tuple(c for c in kept if c.steps))


def _alone(chapter: Chapter) -> Chapter:
    """Return `chapter` with steps that depend on nothing outside of it."""
    ids = [step.id for step in chapter.steps]
    return evolve(
        chapter,
        steps=tuple(
            step if step.needs is not None else evolve(step, needs=tuple(ids[:number]))
            for number, step in enumerate(chapter.steps)
        ),
    )


def refused(
    step: Step, cluster: Cluster, selection: Selection, reasons: Mapping[str, tuple[str, ...]]
) -> str:
    """Return why `step` runs on no host, or an empty text.

    `reasons` say by step id why a step that nobody marked needs consent.
    """
    if why := selection.refuses(step):
        return why
    for name, _, value in (alternative.partition("=") for alternative in step.choices):
        chosen = selection.chosen.get(name) or cluster.choices.get(name)
        if chosen != value:
            return f"for {name}={value}; {name}={chosen or 'nothing'} was chosen"
    chosen_by_name = choices_of(cluster, selection)
    for one in step.alternatives:
        if why := not_taken(one, chosen_by_name):
            return why
    if step.id in reasons and step.id not in selection.agreed:
        return needs_agreement(step, reasons[step.id])
    return ""


def runs_nowhere(step: Step, cluster: Cluster, selection: Selection) -> str:
    """Return why `step` runs on no host as the `cluster` describes them, or an empty text.

    What a host can do is only known when it is asked, and so is a platform that is not described.
    """
    if why := refused(step, cluster, selection, {}):
        return why
    if not cluster.hosts:
        return ""
    hosts = cluster.select(step.on or ("all",))
    chosen = choices_of(cluster, selection)
    anywhere = evolve(step, requires=())
    unfitting = [
        unfit(anywhere, host.name, Probed(host.platform, frozenset()), chosen)
        for host in hosts
        if host.platform
    ]
    return unfitting[0] if unfitting and all(unfitting) and len(unfitting) == len(hosts) else ""


def needs_agreement(step: Step, why: tuple[str, ...]) -> str:
    """Return the reason of an unmarked step that does not run unasked, with how to agree."""
    return f"{'; '.join(why)}; if you agree to it, run with --agree {step.id}"


def choices_of(cluster: Cluster, selection: Selection) -> dict[str, str]:
    """Return what is chosen, by the name of the choice."""
    return {**cluster.choices, **selection.chosen}


def unfit(step: Step, host: str, probed: Probed, chosen: Mapping[str, str]) -> str:
    """Return why `step` is not for a host that is what `probed` says, or an empty text.

    An alternative that is `chosen` by name is taken on every platform.
    """
    wanted = any(one.platforms and chosen_title(one, chosen) for one in step.alternatives)
    if step.platforms and not wanted and not fits(probed.platform, step.platforms):
        return f"for {' or '.join(step.platforms)}; {host} is {probed.platform}"
    for one in step.alternatives:
        if fits(probed.platform, one.other_platforms) and not chosen_title(one, chosen):
            return f'alternative "{one.title}"; {host} is {probed.platform}, for which another is'
    for capability in step.requires:
        name = capability.removeprefix("!")
        if capability.startswith("!") and name in probed.capabilities:
            return f"for hosts without {name}, which {host} has"
        if not capability.startswith("!") and name not in probed.capabilities:
            return f"needs {name}, which {host} lacks"
    return ""
