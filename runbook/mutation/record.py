"""What became of mutants, in a file that is committed with the guide, as its evidence is.

For each step and platform it has the mutants that were tried, under a key of the step:
once that changes, or what is done before it, they say nothing any more.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from attrs import evolve, field, frozen

from runbook.model import codec
from runbook.mutation.keys import MutationKeys
from runbook.results import artefact

PLACE: Final = Path("lab/mutation.json")
"""Where a guide keeps it, relative to the directory of its conf.py."""


class Fate(enum.Enum):
    """What became of a mutant."""

    BY_CHECK = "killed by check"
    """A check of the step did not hold after it."""
    BY_COMMAND = "killed by command"
    """A command of the step went wrong, by its exit status, its questions or its output."""
    BY_LATER_STEP = "killed by a later step"
    """All its checks held, but a later step of its chapter did not."""
    SURVIVED = "survived"
    """The step went well, and all its checks held, as did the later steps that were run."""
    UNTRIED = "could not be tried"
    """Nothing is known: a host was lost, or the step does not hold even without a change."""


@frozen
class Tried:
    """What became of the mutant `id`. `by` are the sentences of the checks that did not hold.

    `why` says more in words, and `seconds` is how long it took on the slowest host, without the
    later steps.
    """

    id: str
    fate: Fate
    by: tuple[str, ...] = ()
    why: str = ""
    seconds: float = 0.0


@frozen
class KnownCheck:
    """A check of a step: its sentence, and whether it was red before the step."""

    sentence: str
    red: bool = False


@frozen
class MutatedStep:
    """The mutants of a step that were tried on the hosts of one platform.

    `key` and `left_out` are those of the step then, as `MutationKeys` say them. `started` is UTC in
    ISO 8601, that of the last time. `made_of` says what the hosts are.
    """

    step: str
    platform: str
    key: str
    started: str
    left_out: tuple[str, ...] = ()
    made_of: str = ""
    versions: dict[str, str] = field(factory=dict)
    checks: tuple[KnownCheck, ...] = ()
    mutants: tuple[Tried, ...] = ()

    def holds(self, keys: MutationKeys) -> bool:
        """Return whether it was tried with the guide as `keys` have it."""
        return bool(self.key) and self.key == keys.key(self.step, self.platform, self.left_out)

    def idle(self) -> tuple[str, ...]:
        """Return the sentences of checks that no mutant was killed by.

        One check alone is always needed: it is what the step is proven by.
        """
        if len(self.checks) < 2:
            return ()
        needed = {sentence for one in self.mutants for sentence in one.by}
        return tuple(c.sentence for c in self.checks if c.sentence not in needed)


@frozen
class Mutation:
    """What is known of the mutants of a guide."""

    steps: tuple[MutatedStep, ...] = ()
    schema: int = 1


def merged(known: Mutation, news: MutatedStep, order: Iterable[str]) -> Mutation:
    """Return what is known after `news` of a step, in the `order` of the guide's steps.

    Mutants that were tried earlier stay, if they were of the very same step.
    """
    found = {(one.step, one.platform): one for one in known.steps}
    before = found.get((news.step, news.platform))
    if before is not None and before.key == news.key:
        tried = {one.id: one for one in (*before.mutants, *news.mutants)}
        news = evolve(news, mutants=tuple(tried.values()))
    found[news.step, news.platform] = news
    numbers = {step: number for number, step in enumerate(order)}
    kept = [one for one in found.values() if one.step in numbers]
    kept.sort(key=lambda one: (numbers[one.step], one.platform))
    return Mutation(tuple(kept))


def load(guide: Path) -> Mutation:
    """Return what is known of the guide's mutants.

    Raises:
        RunbookError: the file cannot be read, or is something else.

    """
    path = guide / PLACE
    if not path.exists():
        return Mutation()
    try:
        return codec.loads(artefact.read(path), Mutation)
    except codec.CodecError as error:
        raise codec.CodecError(f"{path}: {error}") from error


def save(guide: Path, mutation: Mutation) -> None:
    """Write what is known of the guide's mutants.

    Raises:
        ArtefactError: the file cannot be written.

    """
    path = guide / PLACE
    schema = artefact.schema_address(guide, "mutation", path)
    artefact.write(path, codec.dumps(mutation, schema=schema) + "\n", public=True)
