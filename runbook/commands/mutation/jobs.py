"""Mutants tried one after the other in a lab, and in several labs side by side."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from attrs import define, evolve, field, frozen

from runbook.commands.mutation.lab import MutantLab
from runbook.errors import RunbookError
from runbook.model import Step
from runbook.mutation.judge import (
    hurried,
    judged,
    judged_before,
    outcomes_of,
    tells_already,
    why_untried,
)
from runbook.mutation.keys import MutationKeys
from runbook.mutation.mutants import Mutant
from runbook.mutation.record import Fate, Tried
from runbook.mutation.sample import Batch
from runbook.results import Outcome
from runbook.results.position import DONE

_FOLLOWED: Final = 20.0
"""Seconds that later steps may take together, to see whether they notice a mutant."""
_WORTH: Final = 5
"""Mutants of a step for which it is worth while to run it once more, to make each quicker."""
_BACK: Final = 3
"""Steps before it with which a step is tried that does not hold on hosts that have just started."""


@frozen
class Judged:
    """What came of some mutants of a step, with what is common to them."""

    step: Step
    platform: str
    left_out: tuple[str, ...]
    usual: tuple[Outcome, ...]
    mutants: tuple[Tried, ...]


@define
class Jobs:
    """Tries mutants in several labs at once; `tell` is given a line about each.

    The first lab is up already, and the others come up when they begin. A share is tried in one lab
    after the other: what a step leaves is where the next one begins. After the `deadline`, a time
    of `time.monotonic`, no mutant is begun.
    """

    benches: Sequence[MutantLab]
    keys: MutationKeys
    deadline: float | None
    tell: Callable[[str], None]
    _left: queue.SimpleQueue[tuple[Batch, ...]] = field(factory=queue.SimpleQueue)
    _found: queue.SimpleQueue[Judged | None] = field(factory=queue.SimpleQueue)
    _ended: threading.Event = field(factory=threading.Event)

    def run(self, shares: Iterable[tuple[Batch, ...]]) -> Generator[Judged, None, None]:
        """Yield what came of each mutant, as it comes.

        If the iterator is given up, what is being tried is ended.

        Raises:
            RunbookError: no lab is left, and not everything was tried.

        """
        for share in shares:
            self._left.put(share)
        with ThreadPoolExecutor(len(self.benches)) as pool:
            working = [
                pool.submit(self._work, bench, bench.up() if number else nullcontext())
                for number, bench in enumerate(self.benches)
            ]
            try:
                left = len(working)
                while left:
                    found = self._found.get()
                    if found is None:
                        left -= 1
                    else:
                        yield found
            except BaseException:
                self._ended.set()
                for bench in self.benches:
                    bench.give_up()
                raise
        errors = [error for one in working if (error := one.exception()) is not None]
        for error in errors:
            if len(errors) == len(working) or not isinstance(error, RunbookError):
                raise error

    def _work(self, bench: MutantLab, up: AbstractContextManager[None]) -> None:
        try:
            with up:
                while not self._over():
                    try:
                        share = self._left.get_nowait()
                    except queue.Empty:
                        return
                    for batch in share:
                        self._try(bench, batch)
        except Exception as error:
            if not self._ended.is_set():
                self.tell(f"{bench.worker}: one lab less: {error}")
            raise
        finally:
            self._found.put(None)

    def _over(self) -> bool:
        late = self.deadline is not None and time.monotonic() >= self.deadline
        return late or self._ended.is_set()

    def _try(self, bench: MutantLab, batch: Batch) -> None:
        if self._over():
            return
        here = bench.scheduled()
        keyed = here[batch.step]
        step, platforms = keyed.step, {platform for _, platform in keyed.hosts}
        ran = {one.step.id for one in here.values()}
        found: tuple[Outcome, ...] = ()
        usual: tuple[Outcome, ...] = ()
        why = ""

        def tell(*tried: Tried) -> None:
            for platform in sorted(platforms):
                left_out = self.keys.missing(step.id, platform, ran)
                self._found.put(Judged(step, platform, left_out, usual, tried))

        # What a step needs may be in no checkpoint, as a program that an earlier step has started.
        for back in range(_BACK + 1):
            try:
                if not bench.go_before(step.id, back):
                    break
                found = _usual(bench, step, len(batch.mutants) // _WORTH)
                usual = outcomes_of(step, found)
                why = why_untried(usual)
            except RunbookError as error:
                # Of a lab in trouble the others may still be tried.
                why = str(error)
            if self._ended.is_set():
                return
            if not why:
                break
        if why:
            self.tell(f"{step.id}: its mutants cannot be tried: {why}")
            why = bench.known.redact(why)
            tell(*(Tried(one.id, Fate.UNTRIED, why=why) for one in batch.mutants))
            return
        later = _noticing(bench.later(step), found)
        for mutant in batch.mutants:
            if self._over():
                return
            tried = _tried(bench, mutant, step, usual, later)
            if self._ended.is_set():
                # It says that the hosts were lost, and nothing of the mutant.
                return
            self.tell(_line(tried, mutant))
            # At once: whoever ends the command keeps what it has found.
            tell(tried)


def _usual(bench: MutantLab, step: Step, tries: int) -> tuple[Outcome, ...]:
    """Return the outcomes of a step as it is, and of later ones, as its mutants then find the lab.

    If it holds while all hosts are off that it does not speak of, they stay off: to bring them back
    takes most of the time. Otherwise it may need them. The same goes for units of systemd that
    hosts start slowly, or in vain.

    Raises:
        RunbookError: the hosts cannot be brought to where it begins.

    """
    if bench.leave_off(step.id) and (found := _as_before(bench, step)):
        return _with_less(bench, step, found, tries)
    bench.hosts.have_on()
    found = bench.attempt(step, *bench.later(step), seconds=_FOLLOWED)
    if why_untried(outcomes_of(step, found)):
        return found
    return _with_less(bench, step, found, tries)


def _as_before(bench: MutantLab, step: Step) -> tuple[Outcome, ...]:
    """Return the outcomes of a step, without the units that the step before could do without.

    To find them out takes longer than the step. If it needs one of them, all are started again.
    """
    found = _holding(bench, step)
    held_back, bench.hosts.held_back = bench.hosts.held_back, frozenset()
    if held_back and (not found or why_untried(found)):
        whole = _holding(bench, step)
        if _count_done(whole) > _count_done(found):
            return whole
    bench.hosts.held_back = held_back
    return found


def _with_less(
    bench: MutantLab, step: Step, found: tuple[Outcome, ...], tries: int
) -> tuple[Outcome, ...]:
    """Return the outcomes of a step when its hosts start as little as it and later steps need.

    What all of them can do without is held back from then on: all at once, or one unit, on all
    hosts that have it, after the other. It is run so many times at most to find that out.
    """
    known: frozenset[tuple[str, str]] = frozenset()
    while tries and (new := bench.hosts.slow_units() - known):
        known |= new
        units = {unit for _, unit in new}
        sets = (new, *(_of_unit(new, one) for one in sorted(units) if len(units) > 1))
        for some in sets:
            if not tries:
                return found
            tries -= 1
            before = bench.hosts.held_back
            bench.hosts.held_back = before | some
            quicker = _holding(bench, step)
            if _count_done(quicker) < _count_done(found):
                bench.hosts.held_back = before
                continue
            found = quicker
            if some == new:
                break
    return found


def _of_unit(units: frozenset[tuple[str, str]], name: str) -> frozenset[tuple[str, str]]:
    return frozenset((host, unit) for host, unit in units if unit == name)


def _holding(bench: MutantLab, step: Step) -> tuple[Outcome, ...]:
    """Return the outcomes of a step and of later ones; none if the step does not hold."""
    with contextlib.suppress(RunbookError):
        found = bench.attempt(step, *bench.later(step), seconds=_FOLLOWED)
        if not why_untried(outcomes_of(step, found)):
            return found
    return ()


def _count_done(found: Iterable[Outcome]) -> int:
    return sum(one.verdict in DONE for one in found)


def _noticing(later: Sequence[Step], found: Sequence[Outcome]) -> list[Step]:
    """Return those `later` steps that are run after mutants: they hold without, and soon enough."""
    noticing, spent = [], 0.0
    for one in later:
        outcomes = outcomes_of(one, found)
        spent += max((o.seconds for o in outcomes), default=0.0)
        if why_untried(outcomes) or spent > _FOLLOWED:
            break
        noticing.append(hurried(one, outcomes))
    return noticing


def _tried(
    bench: MutantLab,
    mutant: Mutant,
    step: Step,
    usual: tuple[Outcome, ...],
    later: Sequence[Step],
) -> Tried:
    if tells_already(mutant, step):
        return judged_before(mutant, usual)
    try:
        found = judged(mutant, bench.attempt(hurried(mutant.step, usual), *later))
    except RunbookError as error:
        return Tried(mutant.id, Fate.UNTRIED, why=bench.known.redact(str(error)))
    return evolve(found, why=bench.known.redact(found.why))


def _line(tried: Tried, mutant: Mutant) -> str:
    by = f" ({'; '.join(tried.by)})" if tried.by else f" ({tried.why})" if tried.why else ""
    return f"{tried.fate.value:18} {mutant.step.id}: {mutant.told}{by}"
