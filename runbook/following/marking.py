"""What somebody writes into the record of a guide that they follow, without touching a host."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from runbook.following.errors import Busy, FollowError
from runbook.following.overview import Overview
from runbook.following.position import StepPosition, StepState
from runbook.following.setting import Setting
from runbook.results import CheckResult, Outcome, Verdict
from runbook.results.clock import now
from runbook.results.log import Deed, HostCheck, LogEntry
from runbook.results.redacted import redacted_entry


class Marking(Overview):
    """What somebody says of the steps: checked, done by hand, left out, noted, edited.

    One thing that changes where the guide stands is done at a time; a second one gets `Busy`.
    """

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._acting = threading.Lock()

    def opened(self) -> None:
        """Record that the guide was opened, by whom, and where that is."""
        present = self.present()
        self._tell(Deed.OPENED, text=present.step.id if present else "all steps are settled")

    def check(
        self, step: str, hosts: Sequence[str] = (), *, who: str = ""
    ) -> dict[str, tuple[CheckResult, ...]]:
        """Evaluate a step's checks as `evaluate` does, and record what came of it."""
        found = self.evaluate(step, hosts)
        flat = tuple(HostCheck(host, one) for host, results in found.items() for one in results)
        self._tell(Deed.CHECKED, step, tuple(found), who=who, checks=flat)
        return found

    def by_hand(self, step: str, why: str, hosts: Sequence[str] = (), *, who: str = "") -> None:
        """Mark a step as done by hand, with a word why; its checks must hold.

        Raises:
            FollowError: there is no word, a check does not hold, or another step comes first.

        """
        position = self.position(step)
        chosen = self._hosts(position, hosts)
        with self._changes(step, chosen, why):
            found = self.check(step, chosen, who=who)
            for host, results in found.items():
                for one in results:
                    if not one.held:
                        state = "is not true" if one.evaluated else "could not be checked"
                        raise FollowError(
                            f"{step}: on {host} it {state} that {one.sentence}; a step that is "
                            "done has checks that hold. Skip it with a reason if you are sure"
                        )
            way = self._way(step)
            keyed = way.keyed(step)
            for host in chosen:
                self._set.record(way, Outcome(
                    step, host, Verdict.SATISFIED, "", now(), reason=f"done by hand: {why.strip()}",
                    platform=dict(keyed.hosts)[host], before=found[host], key=keyed.key,
                    content=keyed.content,
                ))  # fmt: skip
            self._tell(Deed.BY_HAND, step, chosen, who=who, text=why.strip())
            self._at = ""

    def skip(self, step: str, why: str, hosts: Sequence[str] = (), *, who: str = "") -> None:
        """Leave a step out, with a reason; it counts as settled, and not as done.

        Raises:
            FollowError: there is no reason, or it is settled already.

        """
        chosen = self._hosts(self.position(step), hosts)
        with self._changes(step, chosen, why):
            self._tell(Deed.SKIPPED, step, chosen, who=who, text=why.strip())
            self._at = ""

    def note(self, text: str, step: str = "", *, who: str = "") -> None:
        """Write something down, about a step or about nothing in particular."""
        if not text.strip():
            raise FollowError("a note needs some words")
        self._tell(Deed.NOTED, step, who=who, text=text.strip())

    def called(self, text: str, step: str = "", *, who: str = "") -> None:
        """Record that a program asked for something on behalf of `who`."""
        self._tell(Deed.CALLED, step, who=who, text=text)

    def edit(self, step: str, name: str, text: str, *, who: str = "") -> None:
        """Give the value `name` of a step (see `StepView.values`) another text.

        Raises:
            FollowError: the step has no such value, or the text is a secret.

        """
        known = [one.name for one in self.values_of(step)]
        if name not in known:
            names = ", ".join(known) or "none"
            raise FollowError(f"{step}: there is no value {name!r} to edit; there are: {names}")
        if self._set.known.redact(text) != text:
            raise FollowError(f"{step}: a secret must not be written into the value {name!r}")
        self._tell(Deed.EDITED, step, who=who, text=text, name=name)

    def go(self, step: str, *, who: str = "") -> StepPosition:
        """Make another step the present one: one before it, or none (an empty id) for the next.

        Nothing is undone by that, and the rules of order stay.
        """
        if step and step != self._at:
            found = self.position(step)
            self._at = step
            self._tell(Deed.BACK, step, who=who)
            return found
        self._at = step
        present = self.present()
        if present is None:
            raise FollowError("all steps are settled")
        return present

    def pause(self, why: str = "", *, who: str = "") -> None:
        """Record that somebody leaves, for themselves or another to go on later."""
        self._tell(Deed.PAUSED, who=who, text=why.strip())

    @contextmanager
    def _changes(self, step: str, hosts: Sequence[str], why: str) -> Iterator[None]:
        """Hold the session for a change of a step's position that needs a reason."""
        if not why.strip():
            raise FollowError(f"{step}: say why")
        self._refuse(step)
        for one in self.position(step).hosts:
            if one.host in hosts and one.settled and one.state is not StepState.SKIPPED:
                raise FollowError(f"{step}: it is {one.state.value} on {one.host} already")
        if not self._acting.acquire(blocking=False):
            raise Busy
        try:
            yield
        finally:
            self._acting.release()

    def _refuse(self, step: str) -> None:
        if why := self.refusal(step):
            raise FollowError(f"{step}: {why}")

    def _tell(
        self,
        deed: Deed,
        step: str = "",
        hosts: Sequence[str] = (),
        *,
        who: str = "",
        text: str = "",
        name: str = "",
        checks: tuple[HostCheck, ...] = (),
    ) -> None:
        """Record what somebody did."""
        way = self._way(step) if step else self._set.forth
        key = way.keyed(step).key if step else ""
        entry = LogEntry(now(), who or self.who, deed, step, key, tuple(hosts), text, name, checks)
        self._set.record(way, redacted_entry(entry, self._set.known))
