"""What a proof stands on: the key under which a step was shown to do what it says.

A proof holds as long as the guide gives the same key for its step. The key changes with whatever
decides what runs or is checked: the content of the step and of all steps that it depends on, what
checks use of `lab/checks.py`, values, environment, time limits, hosts, choices, and the
platform. Titles, sentences, prose, comments and languages are no part of it.

It differs from the key by which a run knows what is done: that is of one lab, with whatever that
is made of, while this one follows from the guide alone, so that a page can be compared with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import groupby
from operator import attrgetter

from attrs import define, field, frozen

from runbook.model import Chapter, Cluster, Runbook, Step
from runbook.model.alternative import Alternative, chosen_title, fits, not_taken
from runbook.model.content import captured_name, content_digest, digest_of, needed
from runbook.model.shared_source import SharedSource
from runbook.results.asked_hosts import hosts_asked


@frozen
class StepBasis:
    """What decides what one marked step does.

    `content` is the digest of its content and its hosts, `does` that of its content and of whether
    its hosts take turns. `needs` are the positions of the steps that it depends on directly; `None`
    stands for all before it that do not undo. `platforms` is empty for any. `choices` are what must
    be chosen, as `engine=hosted`, all `alternatives` must be taken, and `groups` are the names of
    the choices on which it depends. `hosts_when` are those of its hosts that are there only under a
    choice, as `engine: engine=standalone`.
    """

    step: str
    document: str
    content: str
    needs: tuple[int, ...] | None = None
    platforms: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    undo: bool = False
    does: str = ""
    alternatives: tuple[Alternative, ...] = ()
    hosts_when: tuple[str, ...] = ()

    def is_for(self, platform: str) -> bool:
        """Return whether it can be for a platform."""
        return not self.platforms or fits(platform, self.platforms)

    def is_taken(self, platform: str, chosen: Mapping[str, str]) -> bool:
        """Return whether it runs on a platform where this is `chosen`, as far as that decides."""
        if any(chosen.get(name) != value for name, value in map(_split, self.choices)):
            return False
        for one in self.alternatives:
            fitting = not one.platforms or fits(platform, one.platforms)
            if not_taken(one, chosen) or not (
                chosen_title(one, chosen) or (fitting and not fits(platform, one.other_platforms))
            ):
                return False
        return True

    def absent(self, chosen: Mapping[str, str]) -> list[str]:
        """Return those of its hosts that are not there from the beginning under these choices."""
        found = []
        for host, _, when in (one.partition(": ") for one in self.hosts_when):
            name, value = _split(when)
            if chosen.get(name) != value:
                found.append(host)
        return found


def _split(choice: str) -> tuple[str, str]:
    """Return the name and the value of a choice such as `engine=hosted`."""
    name, _, value = choice.partition("=")
    return name, value


@frozen
class Basis:
    """What decides what a guide does: its steps in order, and what is common to them.

    `environment` is the digest of what every session is given. `choices` are the alternatives
    that are chosen.
    """

    steps: tuple[StepBasis, ...] = ()
    environment: str = ""
    choices: dict[str, str] = field(factory=dict)

    def typed(self) -> dict[str, str]:
        """Return by step the digest of what it types, for how long, and in what environment.

        An outcome that an earlier run has earned is one of these steps only with the same digest.
        """
        return {one.step: digest_of([one.does, self.environment]) for one in self.steps if one.does}


def basis_of(runbook: Runbook, cluster: Cluster | None, shared: SharedSource) -> Basis:
    """Return what decides what the steps of `runbook`, a whole guide, do on `cluster`."""
    hosts = cluster.hosts if cluster is not None else ()
    follow = {host.when.partition("=")[0] for host in hosts if host.when}
    numbers: dict[str, int] = {}
    captured: dict[str, list[int]] = {}
    found: list[StepBasis] = []
    for chapter in runbook.chapters:
        for step in chapter.steps:
            if not step.marked:
                continue
            needs = None if step.needs is None else needed(step, numbers, captured)
            if step.undo and step.needs is None:
                # It depends on what its own chapter did, and has undone before it.
                needs = _of_chapter(chapter, numbers)
            does = content_digest(step, shared, limits=True)
            named = _hosts(step, cluster)
            where = [named, step.requires, step.serial, *hosts_asked(step, hosts, shared)]
            one = StepBasis(
                step.id, chapter.document, digest_of([does, where]), needs,
                () if step.alternatives else step.platforms, step.choices,
                tuple(sorted(_groups(step) | follow)), step.undo,
                digest_of([does, step.serial]), step.alternatives,
                tuple(f"{h.name}: {h.when}" for h in hosts if h.when and h.name in named),
            )  # fmt: skip
            numbers[step.id] = len(found)
            if name := captured_name(step):
                captured.setdefault(name, []).append(len(found))
            found.append(one)
    if cluster is None:
        return Basis(tuple(found))
    given = digest_of([cluster.environment, cluster.user])
    return Basis(tuple(found), given, dict(cluster.choices))


def _of_chapter(chapter: Chapter, numbers: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(numbers[step.id] for step in chapter.steps if step.id in numbers)


def _hosts(step: Step, cluster: Cluster | None) -> list[str]:
    """Return the hosts that a step names, with those that are there in some alternative only."""
    names = {"all"} if not step.on else set(step.on)
    known = cluster.hosts if cluster is not None else ()
    named = [host.name for host in known if names & {host.name, *host.groups}]
    return named or sorted(names)


def _groups(step: Step) -> set[str]:
    groups = {one.partition("=")[0] for one in step.choices}
    # Whoever chose `docker` once means it wherever there is a choice with Docker.
    return groups | ({_ANY} if step.alternatives else set())


_ANY = "*"
"""Stands for the names of all choices."""

_DOCUMENT = attrgetter("document")


@define
class ProofKeys:
    """The keys of a guide's steps, which follow from its `basis`."""

    basis: Basis
    _numbers: dict[str, int] = field(init=False)
    _before: list[tuple[int, ...]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._numbers = {one.step: number for number, one in enumerate(self.basis.steps)}
        self._before = []
        for number, one in enumerate(self.basis.steps):
            self._before.append(self._all_before(number, one))

    def __contains__(self, step: str) -> bool:
        """Return whether the guide has a marked step of that id."""
        return step in self._numbers

    def of_document(self, document: str) -> tuple[str, ...]:
        """Return the ids of the steps of a document, in order."""
        return tuple(one.step for one in self.basis.steps if one.document == document)

    def documents(self) -> tuple[str, ...]:
        """Return the documents that have steps, in order."""
        return tuple(dict.fromkeys(one.document for one in self.basis.steps))

    def key(self, step: str, platform: str, left_out: Collection[str] = ()) -> str:
        """Return the key of `step` on `platform`, or an empty text if it is no step of the guide.

        `left_out` are contents of steps that it depends on and that have not run there. Without a
        platform it is the key of a rehearsal, in which a step stands alone.
        """
        if step not in self:
            return ""
        one, before = self._with_prerequisites(step, platform)
        if not platform:
            return digest_of([one.content])
        ran = [other for other in before if other.content not in left_out]
        chosen = self._choices_of(one)
        about = [platform, self.basis.environment, self._chosen(one, before), one.content]
        done = [[other.content for other in chapter] for _, chapter in groupby(ran, _DOCUMENT)]
        # A chapter begins in fresh shells: what was typed in its own is another matter.
        own = bool(ran) and ran[-1].document == one.document
        return digest_of([*about, done, own, *_otherwise(one, ran, platform, chosen)])

    def missing(self, step: str, platform: str, ran: Collection[str]) -> tuple[str, ...]:
        """Return the contents of the steps that `step` depends on and that are not in `ran`.

        `ran` are the ids of those that ran on the platform. Of what an undo step undoes nothing
        is missing: a run of undo steps has no word of it.
        """
        if step not in self or not platform:
            return ()
        one, before = self._with_prerequisites(step, platform)
        absent = {b.content for b in before if b.step not in ran and b.undo == one.undo}
        return tuple(sorted(absent))

    def depends(self, step: str, platform: str, others: Collection[str]) -> bool:
        """Return whether `step` depends on a step of which the id is one of `others`, or is one."""
        if step not in self or not others:
            return False
        _, before = self._with_prerequisites(step, platform)
        return step in others or any(one.step in others for one in before)

    def _with_prerequisites(self, step: str, platform: str) -> tuple[StepBasis, list[StepBasis]]:
        number = self._numbers[step]
        before = (self.basis.steps[n] for n in self._before[number])
        return self.basis.steps[number], [one for one in before if one.is_for(platform)]

    def _all_before(self, number: int, one: StepBasis) -> tuple[int, ...]:
        """Return the positions of all steps that one depends on, however far."""
        if one.needs is None:
            return tuple(n for n in range(number) if not self.basis.steps[n].undo)
        found = set(one.needs)
        for direct in one.needs:
            # What an undo step undoes had its own prerequisites, which need not be there any more.
            if not one.undo or self.basis.steps[direct].undo:
                found |= set(self._before[direct])
        return tuple(sorted(found))

    def _chosen(self, one: StepBasis, before: Iterable[StepBasis]) -> list[tuple[str, str]]:
        """Return what is chosen where a step leaves a choice."""
        chosen = self._choices_of(one)
        groups = {group for step in (one, *before) for group in step.groups}
        names = chosen.keys() | groups - {_ANY} if _ANY in groups else groups
        return sorted((name, chosen.get(name, "")) for name in names)

    def _choices_of(self, one: StepBasis) -> dict[str, str]:
        """Return what is chosen where `one` runs; what it is for is."""
        return self.basis.choices | dict(map(_split, one.choices))


def _otherwise(
    one: StepBasis, ran: Iterable[StepBasis], platform: str, chosen: Mapping[str, str]
) -> list[object]:
    """Return what of the guide would not be as it was where a step was proven after those that ran.

    That is which of them these choices leave out, and which hosts are not there. As long as there
    is nothing of the kind, it is no part of a key. A run of undo steps has no word of what they
    undo.
    """
    found: list[object] = [
        [other.content, "not taken"]
        for other in ran
        if (other.choices or other.alternatives)
        and other.undo == one.undo
        and not other.is_taken(platform, chosen)
    ]
    for other in (one, *ran):
        if other.hosts_when and other.undo == one.undo:
            found += [[other.content, host] for host in other.absent(chosen)]
    return [found] if found else []
