"""A session of somebody who follows a guide: what each operation does, and that it is recorded.

Whatever front end calls it, the rules are the same: a step runs only when all that it depends on is
settled, one that may do damage only with the names of its hosts typed, and everything is on the
disk with who did it before anyone is told.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from runbook.execution.act import Attend
from runbook.following.demands import ConfirmationNeeded
from runbook.following.errors import Busy, FollowError, SecretsNeeded
from runbook.following.overview import Overview
from runbook.following.position import AGAIN, StepPosition, StepState
from runbook.following.running import Running, broken_end_state
from runbook.following.setting import Setting
from runbook.model import Manual, Step
from runbook.results import CheckResult, EndCheck, Event, Outcome, Verdict
from runbook.results.clock import now
from runbook.results.log import Deed, HostCheck, LogEntry
from runbook.results.redacted import redacted_entry


class FollowSession(Overview):
    """A guide that somebody follows on a lab; made by `open_following`.

    Any thread may call anything; a second operation that acts while one does gets `Busy`. `who` of
    an operation is by default the one for whom the session was opened.
    """

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._acting = threading.Lock()
        self._running = Running(setting)

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

    def run(
        self,
        step: str,
        hosts: Sequence[str] = (),
        *,
        typed: str = "",
        attend: Attend | None = None,
        who: str = "",
    ) -> Iterator[Event]:
        """Run a step on `hosts`, by default on those where it is not settled; yield what happens.

        It is refused at once, before anything is yielded, unless all that it depends on is settled.
        `typed` are the names of the hosts, if `demand` asks for them. `attend` asks a person to do
        a manual task; without it none is done. Every event is recorded before it is yielded. An
        iterator that is given up in the middle ends what was running.

        Raises:
            ConfirmationNeeded: the names of the hosts must be typed.
            SecretsNeeded: `give_secret` must be called first.
            Busy: another step is running.
            FollowError: it must not run now.

        """
        position = self.position(step)
        chosen = self._hosts(position, hosts)
        self._refuse(step)
        demanded = self.demand(step, chosen)
        if demanded and not typed.strip():
            raise ConfirmationNeeded(step, demanded)
        if not demanded.is_met_by(typed):
            self._tell(Deed.REFUSED, step, chosen, who=who, text=f"typed {typed.strip()!r}")
            raise ConfirmationNeeded(step, demanded)
        steps = {host: self.filled(position.step, host) for host in chosen}
        if needed := self._secrets_needed(position.step):
            raise SecretsNeeded(step, needed)
        if self._acting.locked():
            raise Busy
        if demanded:
            why = "; ".join(demanded.reasons)
            self._tell(Deed.CONFIRMED, step, chosen, who=who, text=f"{' '.join(chosen)} ({why})")
        return self._run(position, steps, attend, who or self.who)

    def interrupt(self, *, who: str = "") -> bool:
        """End what is running; false if nothing is. What it was doing counts as begun."""
        step = self._running.step
        if not step:
            return False
        self._tell(Deed.INTERRUPTED, step, who=who)
        self._running.interrupt()
        return True

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

    def shell(self, step: str, host: str, *, who: str = "") -> list[str]:
        """Return the program and its arguments that open a login shell on `host`; it is recorded.

        What is typed there is not.
        """
        connections = self._set.lab.connections()
        if host not in connections:
            raise FollowError(f"there is no host {host!r}; there are {', '.join(connections)}")
        self._tell(Deed.SHELL, step, (host,), who=who)
        user = self.position(step).step.user if step else "root"
        return connections[host].login(user, interactive=True)

    def give_secret(self, name: str, value: str) -> None:
        """Take the value of a secret that somebody has typed; it is kept in memory only."""
        if not value:
            raise FollowError(f"the secret {name!r} must not be empty")
        self._set.known.take(name, value)

    def end_state(self) -> Iterator[EndCheck]:
        """Evaluate the checks of all steps that are done once more, record and yield them.

        Where all steps are settled, this ends the run.
        """
        for end in broken_end_state(self._set):
            self._set.record(self._set.forth, end)
            yield end
        if all(one.settled for one in self.positions()):
            self._set.finish()

    def pause(self, why: str = "", *, who: str = "") -> None:
        """Record that somebody leaves, for themselves or another to go on later."""
        self._tell(Deed.PAUSED, who=who, text=why.strip())

    def warm(self) -> None:
        """Open the shells of the present step ahead of time, unless something runs."""
        present = self.present()
        if present is not None and self._acting.acquire(blocking=False):
            try:
                self._running.warm(self._way(present.step.id), present.step, present.left)
            finally:
                self._acting.release()

    def close(self) -> None:
        """End what is running, and let the hosts go."""
        self._running.close()
        self._looking.shutdown(wait=True, cancel_futures=True)

    def _run(
        self, position: StepPosition, steps: Mapping[str, Step], attend: Attend | None, who: str
    ) -> Iterator[Event]:
        if not self._acting.acquire(blocking=False):
            raise Busy
        try:
            step = position.step.id
            self._tell(Deed.RAN, step, tuple(steps), who=who)
            again = any(one.state in AGAIN for one in position.hosts if one.host in steps)
            attended = None if attend is None else self._attested(attend, who)
            for event in self._running.run(self._way(step), steps, again=again, attend=attended):
                if isinstance(event, Outcome):
                    self._seen[step, event.host] = event.after or event.before
                yield event
            if self.position(step).settled:
                self._at = ""
        finally:
            self._acting.release()

    def _attested(self, attend: Attend, who: str) -> Attend:
        """Return what asks a person as `attend` does, and records what they say."""

        def asked(step: Step, host: str, task: Manual) -> bool:
            if not attend(step, host, task):
                return False
            self._tell(Deed.ATTESTED, step.id, (host,), who=who, text=task.text)
            return True

        return asked

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
