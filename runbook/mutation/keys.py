"""What is known of a step's mutants stands on: the key under which they were tried.

It is that of a proof with two differences. Checks of the steps before are no part of it, because
they only look. And of the steps before only those of its own chapter are, and those that it names
as its needs: what earlier chapters do decides whether the step works, which a run proves, and not
whether its checks look at the right thing. ADR 25 has the reasons.
"""

from __future__ import annotations

from collections.abc import Collection

from attrs import evolve, field, frozen

from runbook.model import Chapter, Cluster, Runbook
from runbook.model.content import digest_of
from runbook.model.shared_source import SharedSource
from runbook.results.basis import Basis, ProofKeys, StepBasis, basis_of


@frozen
class MutationKeys:
    """The keys of the steps of `runbook`, a whole guide, on `cluster`."""

    runbook: Runbook
    cluster: Cluster | None
    shared: SharedSource
    _whole: ProofKeys = field(init=False)
    _unchecked: ProofKeys = field(init=False)

    @_whole.default
    def _keys(self) -> ProofKeys:
        return ProofKeys(basis_of(self.runbook, self.cluster, self.shared))

    @_unchecked.default
    def _keys_without_checks(self) -> ProofKeys:
        chapters = tuple(map(_without_checks, self.runbook.chapters))
        guide = evolve(self.runbook, chapters=chapters)
        return ProofKeys(_by_chapter(basis_of(guide, self.cluster, self.shared)))

    def key(self, step: str, platform: str, left_out: Collection[str] = ()) -> str:
        """Return the key of `step` on `platform`, or an empty text if it is no step of the guide.

        `left_out` is what `missing` has said of the steps that had run there.
        """
        if step not in self._whole:
            return ""
        alone, done = self._whole.key(step, ""), self._unchecked.key(step, platform, left_out)
        return digest_of([alone, done])

    def missing(self, step: str, platform: str, ran: Collection[str]) -> tuple[str, ...]:
        """Return what steps do that `step` depends on and that are not in `ran`, as digests."""
        return self._unchecked.missing(step, platform, ran)


def _by_chapter(basis: Basis) -> Basis:
    """Return `basis` with steps that depend on their own chapter, if they do not say on what."""
    found: list[StepBasis] = []
    chapters: dict[str, list[int]] = {}
    for number, one in enumerate(basis.steps):
        before = chapters.setdefault(one.document, [])
        found.append(one if one.needs is not None else evolve(one, needs=tuple(before)))
        if not one.undo:
            before.append(number)
    return evolve(basis, steps=tuple(found))


def _without_checks(chapter: Chapter) -> Chapter:
    return evolve(chapter, steps=tuple(evolve(step, checks=()) for step in chapter.steps))
