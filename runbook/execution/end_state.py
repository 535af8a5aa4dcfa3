"""The end state: every check of a step that is done, evaluated once more after the last step.

A step may make false what an earlier one has proven. To name it, the checks of earlier steps that
speak of the same things are looked at again after each step; all others only at the end.
"""

from __future__ import annotations

import functools
import math
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from attrs import define, evolve, field, frozen

from runbook.errors import RunbookError
from runbook.execution.checks.check import LIMIT, await_, evaluate
from runbook.execution.checks.file_checks import checks_of, remaining
from runbook.execution.checks.shared_checks import SharedChecks
from runbook.execution.hosts.host import HostConnection, HostMap
from runbook.model import Check, Runbook, Step
from runbook.model.typed import typed
from runbook.results import CheckResult, EndCheck, Outcome

_T = TypeVar("_T")

_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{2,}")
_PATH: Final = re.compile(r"(?<![\w/~])[/~][^\s'\";|&<>()]+")
_COMMON: Final = 0.2
"""A word that more than this part of all steps use says nothing of what a step is about."""
_FEW: Final = 5
"""A word that no more steps than this use is never common."""
_MANY: Final = 30
"""A word that more steps than this use is always common: in long guides such as `dev` or `lib`."""
_STEM: Final = 5
"""Letters from which on the beginning of a word may be a word itself: `gluster`, `glusterfs`."""


@frozen
class _Promise:
    """A check of a step that is done on a host, as it was evaluated there.

    One that `was_red` when this run began was made false by a step of an earlier run.
    """

    step: Step
    host: str
    check: Check
    words: frozenset[str]
    was_red: bool = False

    @property
    def at(self) -> tuple[str, str, Check]:
        """What there is one promise of."""
        return self.step.id, self.host, self.check


@define
class EndState:
    """The checks of all steps that are done, which a later step may make false.

    `known` says by step, host and sentence which step an earlier run saw make a check false.
    `grace` is how many seconds every check may at least take to become true, and `limit` how many
    the checks of one host may take together; of those that are late nothing is known.
    """

    runbook: Runbook
    hosts: Mapping[str, HostConnection]
    shared: SharedChecks
    pool: ThreadPoolExecutor
    known: Mapping[tuple[str, str, str], str] = field(factory=dict)
    grace: float = 0.0
    limit: float = math.inf
    _promises: dict[tuple[str, str, Check], _Promise] = field(factory=dict)
    _broken_by: dict[tuple[str, str, Check], str] = field(factory=dict)
    _rare: frozenset[str] | None = None

    def done(self, done: Sequence[tuple[Step, Outcome]]) -> None:
        """Take in that a step is done on some hosts: as it is for each, and what came of it there.

        Of the promises of earlier steps, those that speak of the same things are looked at.
        """
        for step, outcome in done:
            self._promises = dict(self._kept(step, outcome.host))
        if changed := [s for s, outcome in done if not outcome.resumed and not s.readonly]:
            self._look(changed)
        for step, outcome in done:
            self._promise(step, outcome)

    def _promise(self, step: Step, outcome: Outcome) -> None:
        host = outcome.host
        if not step.marked or (step.background is not None and outcome.resumed):
            # A block that nobody marked cannot say `:until:`, and what an earlier run kept
            # running has ended with it.
            return
        for check in checks_of(step):
            words = self._words(f"{check.sentence}\n{check.source}")
            was_red = outcome.resumed and (step.id, host, check.sentence) in self.known
            found = _Promise(step, host, check, words, was_red)
            self._promises[found.at] = found

    def _kept(self, step: Step, host: str) -> Iterator[tuple[tuple[str, str, Check], _Promise]]:
        """Yield what is left of the promises when `step` is done on `host`."""
        for at, promise in self._promises.items():
            left = _left(promise, step, here=promise.host == host)
            if left == promise.check:
                yield at, promise
            elif left is not None:
                changed = evolve(promise, check=left)
                yield changed.at, changed

    def final(self, *, first: bool = False) -> Iterator[EndCheck]:
        """Evaluate all checks that must hold now, host by host side by side, and yield them.

        With `first` only those of a host up to the first that does not hold.
        """
        deadline = time.monotonic() + self.limit

        def evaluated(promise: _Promise, reached: HostMap) -> EndCheck:
            return self._end_check(promise, reached, deadline)

        yield from self._side_by_side(
            self._promises.values(), evaluated, lambda found: first and not found.check.held
        )

    def _side_by_side(
        self,
        promises: Iterable[_Promise],
        act: Callable[[_Promise, HostMap], _T],
        last: Callable[[_T], bool] = lambda _: False,
    ) -> Iterator[_T]:
        """Yield what `act` finds of the promises, host by host; of a host up to the `last` one.

        The hosts are worked on side by side. If that is interrupted, no other promise is begun.
        """
        by_host: dict[str, list[_Promise]] = {}
        for promise in promises:
            by_host.setdefault(promise.host, []).append(promise)
        interrupted = threading.Event()

        def work(some: list[_Promise]) -> list[_T]:
            reached = HostMap(self.hosts)
            found: list[_T] = []
            for promise in some:
                if interrupted.is_set():
                    break
                found.append(act(promise, reached))
                if last(found[-1]):
                    break
            return found

        futures = [self.pool.submit(work, some) for some in by_host.values()]
        try:
            for future in futures:
                yield from future.result()
        except BaseException:
            interrupted.set()
            raise

    def _end_check(self, promise: _Promise, reached: HostMap, deadline: float) -> EndCheck:
        if (left := deadline - time.monotonic()) <= 0:
            return EndCheck(promise.step.id, promise.host, self._late(promise.check))
        within = min(max(promise.check.within, self.grace), left)
        patient = evolve(promise, check=evolve(promise.check, within=within))
        result = self._result(patient, reached, functools.partial(await_, limit=min(left, LIMIT)))
        if not result.held and time.monotonic() >= deadline:
            # With more time it might have held.
            return EndCheck(promise.step.id, promise.host, self._late(promise.check))
        known = self.known.get((promise.step.id, promise.host, promise.check.sentence), "")
        broken_by = "" if result.held else self._broken_by.get(promise.at, known)
        return EndCheck(promise.step.id, promise.host, result, broken_by)

    def _late(self, check: Check) -> CheckResult:
        why = f"it was not evaluated within the {self.limit:g} s that its host may take"
        return CheckResult(check.sentence, held=False, location=check.location,
                           detail=why, evaluated=False)  # fmt: skip

    def _result(
        self, promise: _Promise, reached: HostMap, how: Callable[..., CheckResult]
    ) -> CheckResult:
        check = promise.check
        try:
            return how(check, reached, promise.host, self.shared)
        except RunbookError as error:
            return CheckResult(check.sentence, held=False, location=check.location,
                               detail=str(error), evaluated=False)  # fmt: skip

    def _look(self, changed: Sequence[Step]) -> None:
        """Find out which promises about the same things a step has just broken, on any host.

        `changed` is the step as it was for each host.
        """
        texts = {typed(step): None for step in changed}
        words = frozenset().union(*map(self._words, texts))
        paths = frozenset(path.rstrip("/*") for text in texts for path in _PATH.findall(text))
        by = changed[0].id
        concerned = [
            promise
            for at, promise in self._promises.items()
            if not (at in self._broken_by or promise.was_red or promise.step.id == by)
            and (_share(promise.words, words) or _is_below(promise.check, paths))
        ]

        def broken(promise: _Promise, reached: HostMap) -> _Promise | None:
            held = self._result(promise, reached, evaluate).held
            return None if held else promise

        found = self._side_by_side(concerned, broken)
        self._broken_by |= {promise.at: by for promise in found if promise is not None}

    def _words(self, text: str) -> frozenset[str]:
        """Return the words of `text` that say what it is about."""
        if self._rare is None:
            self._rare = rare_words(self.runbook)
        return frozenset(_WORD.findall(text)) & self._rare


def _left(promise: _Promise, step: Step, *, here: bool) -> Check | None:
    """Return what is left of a promise after `step`, as the author says or its file blocks show.

    A step ends what it is meant to end on every host; a file is written over only `here`.
    """
    if step.id in promise.check.until:
        return None
    if not here or promise.step.id == step.id:
        return promise.check
    return remaining(promise.check, step)


def _share(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two sets have a word in common, or one that the other one's word begins with."""
    if one & other:
        return True
    pairs = ((a, b) for a in one for b in other if min(len(a), len(b)) >= _STEM)
    return any(a.startswith(b) or b.startswith(a) for a, b in pairs)


def _is_below(check: Check, paths: frozenset[str]) -> bool:
    """Tell whether a check speaks of a file that is at one of `paths`, or below it."""
    if check.file is None:
        return False
    own = check.file.path
    return any(path and (own == path or own.startswith(f"{path}/")) for path in paths)


def rare_words(runbook: Runbook) -> frozenset[str]:
    """Return the words that only some steps use: names of files, services, packages, users."""
    used: Counter[str] = Counter()
    count = 0
    for step in runbook.steps():
        count += 1
        text = "\n".join([typed(step), *(check.source for check in step.checks)])
        used.update(set(_WORD.findall(text)))
    most = max(_FEW, min(_COMMON * count, _MANY))
    return frozenset(word for word, times in used.items() if times <= most)
