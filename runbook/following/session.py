"""A session of somebody who follows a guide: what each operation does, and that it is recorded.

Whatever front end calls it, the rules are the same: a step runs only when all that it depends on is
settled, one that may do damage only with the names of its hosts typed, and everything is on the
disk with who did it before anyone is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from runbook.execution.actions.act import Attend
from runbook.execution.sessions.session import Session
from runbook.following.demands import ConfirmationNeeded
from runbook.following.errors import Busy, FollowError, SecretsNeeded
from runbook.following.marking import Marking
from runbook.following.position import AGAIN, StepPosition
from runbook.following.running import Running, broken_end_state
from runbook.following.setting import Setting
from runbook.model import Manual, Step
from runbook.results import EndCheck, Event, Outcome
from runbook.results.log import Deed


class FollowSession(Marking):
    """A guide that somebody follows on a lab; made by `open_following`.

    Any thread may call anything; a second operation that acts while one does gets `Busy`. `who` of
    an operation is by default the one for whom the session was opened.
    """

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._running = Running(setting)

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

    def lend(self, step: str, host: str, *, who: str = "") -> Session:
        """Return the shell in which a step types on `host`, for a person to use; it is recorded.

        It has the directory and variables of the chapter. What they type there is not recorded.

        Raises:
            FollowError: the host is none of this lab.
            RunbookError: it cannot be reached.

        """
        if host not in self._set.hosts:
            raise FollowError(f"there is no host {host!r}; there are {', '.join(self._set.hosts)}")
        position = self.position(step)
        self._tell(Deed.SHELL, step, (host,), who=who)
        return self._running.session(self._way(step), position.step, host)

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
            edited = {host: self.edited(position.step, host) for host in steps}
            for event in self._running.run(
                self._way(step), steps, again=again, attend=attended, edited=edited
            ):
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
