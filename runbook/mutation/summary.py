"""The figure: how many mutants of a guide were tried, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import frozen

from runbook.model import Runbook, Step
from runbook.model.alternative import fits
from runbook.mutation.explained import Explanation, reason_of
from runbook.mutation.keys import MutationKeys
from runbook.mutation.mutants import mutants
from runbook.mutation.record import Fate, MutatedStep, Mutation


@frozen
class Survivor:
    """A mutant of a step that nothing has noticed: its name, and why it may be so, if known."""

    step: str
    id: str
    told: str
    explained: str = ""


@frozen
class Figure:
    """How many mutants there are in `all` of a guide or chapter, and how many were tried.

    `tried` are those of which something is known: killed or survived. `untried` are those that
    could not be tried. `checks` of steps are the sentences that no mutant was killed by, of steps
    all of whose mutants were tried.
    """

    all: int = 0
    by_check: int = 0
    by_command: int = 0
    by_later_step: int = 0
    untried: int = 0
    survivors: tuple[Survivor, ...] = ()
    idle: tuple[tuple[str, str], ...] = ()
    started: str = ""
    made_of: tuple[str, ...] = ()

    @property
    def tried(self) -> int:
        """How many were killed or survived."""
        return self.by_check + self.by_command + self.by_later_step + len(self.survivors)

    @property
    def unexplained(self) -> tuple[Survivor, ...]:
        """The survivors of which nobody says why they may survive."""
        return tuple(one for one in self.survivors if not one.explained)

    @property
    def explained(self) -> int:
        """How many survivors are explained."""
        return len(self.survivors) - len(self.unexplained)

    def plus(self, other: Figure) -> Figure:
        """Return both together."""
        return Figure(
            self.all + other.all,
            self.by_check + other.by_check,
            self.by_command + other.by_command,
            self.by_later_step + other.by_later_step,
            self.untried + other.untried,
            self.survivors + other.survivors,
            self.idle + other.idle,
            max(self.started, other.started),
            tuple(dict.fromkeys((*self.made_of, *other.made_of))),
        )


def figure_of(
    step: Step, platform: str, known: Mutation, keys: MutationKeys, explained: Sequence[Explanation]
) -> Figure:
    """Return the figure of one step on a platform; what is known of an earlier form is left out."""
    if step.platforms and not fits(platform, step.platforms):
        return Figure()
    possible = {one.id: one for one in mutants(step)}
    record = next((r for r in known.steps if (r.step, r.platform) == (step.id, platform)), None)
    if record is None or not record.holds(keys):
        return Figure(len(possible))
    tried = [one for one in record.mutants if one.id in possible]
    fates = [one.fate for one in tried]
    survivors = tuple(
        Survivor(step.id, one.id, possible[one.id].told, reason_of(one.id, explained))
        for one in tried
        if one.fate is Fate.SURVIVED
    )
    whole = len(tried) == len(possible) and Fate.UNTRIED not in fates
    return Figure(
        all=len(possible),
        by_check=fates.count(Fate.BY_CHECK),
        by_command=fates.count(Fate.BY_COMMAND),
        by_later_step=fates.count(Fate.BY_LATER_STEP),
        untried=fates.count(Fate.UNTRIED),
        survivors=survivors,
        idle=tuple((step.id, sentence) for sentence in record.idle()) if whole else (),
        started=record.started,
        made_of=(record.made_of,) if record.made_of else (),
    )


def by_chapter(
    runbook: Runbook,
    platform: str,
    known: Mutation,
    keys: MutationKeys,
    explained: Sequence[Explanation],
) -> tuple[tuple[str, Figure], ...]:
    """Return the figures of the chapters that have mutants, by the chapter's document."""
    found = []
    for chapter in runbook.chapters:
        total = Figure()
        for step in chapter.steps:
            total = total.plus(figure_of(step, platform, known, keys, explained))
        if total.all:
            found.append((chapter.document, total))
    return tuple(found)


def platforms(known: Mutation) -> tuple[str, ...]:
    """Return the platforms on which mutants were tried."""
    return tuple(dict.fromkeys(one.platform for one in known.steps))


def stale(
    runbook: Runbook, known: Iterable[MutatedStep], explained: Iterable[Explanation]
) -> tuple[tuple[Explanation, str], ...]:
    """Return the explanations that are not needed, each with the reason.

    One is not if no mutant has such a name, or if all those that were tried are killed now.
    """
    ids = [one.id for step in runbook.steps() for one in mutants(step)]
    fates = {one.id: one.fate for step in known for one in step.mutants}
    found = []
    for one in explained:
        meant = [id_ for id_ in ids if one.fits(id_)]
        tried = [fates[id_] for id_ in meant if id_ in fates]
        if not meant:
            found.append((one, "there is no such mutant"))
        elif len(tried) == len(meant) and Fate.SURVIVED not in tried and Fate.UNTRIED not in tried:
            found.append((one, "it is killed now"))
    return tuple(found)
