"""One step that runs on some hosts, in a session that goes on afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from attrs import evolve

from runbook.errors import RunbookError
from runbook.execution.actions import values
from runbook.execution.actions.act import Attend
from runbook.execution.end_state import EndState
from runbook.execution.options import Options
from runbook.execution.phases import Phases
from runbook.execution.sessions.session import Session
from runbook.execution.trial import Trial
from runbook.following.position import Way
from runbook.following.setting import Setting
from runbook.model import Step
from runbook.model.codec import digest
from runbook.results import Begun, EndCheck, Event, Outcome, ShellState
from runbook.results.redacted import redacted


class Running:
    """Runs steps one after the other on the hosts of a session.

    Within a chapter the shells of the hosts live on from step to step. One that is interrupted
    loses them, and the next step gets new ones, in the state that the last step left theirs.
    """

    def __init__(self, setting: Setting) -> None:
        self._set = setting
        self._pool = ThreadPoolExecutor(max_workers=max(1, len(setting.lab.cluster.hosts)))
        self._chapter = ("", False)
        self._interrupted = threading.Event()
        self.step = ""

    def run(
        self,
        way: Way,
        steps: Mapping[str, Step],
        *,
        again: bool,
        attend: Attend | None,
        edited: Mapping[str, tuple[str, ...]],
    ) -> Iterator[Event]:
        """Run a step, given as it is for each host, and yield what happens, without secrets.

        With `again` it is typed although it was done, or its checks hold. `edited` says by host
        which of its values are not the guide's.
        """
        step = next(iter(steps.values()))
        self._interrupted.clear()
        self.step = step.id
        finished = False
        try:
            self._shells(way, step.id)
            keyed = way.keyed(step.id)
            options = Options(self._set.converging, frozenset({step.id} if again else ()), attend)
            phases = Phases(
                self._set.lab.cluster, self._set.hosts,
                frozenset({keyed.key} if again else ()), options, self._set.shared, self._pool,
            )  # fmt: skip
            original = digest(keyed.step)
            for group in [[name] for name in steps] if step.serial else [list(steps)]:
                trials = {h: Trial.begin(steps[h], h, original, keyed) for h in group}
                for event in phases.run(trials):
                    told = redacted(event, self._set.known)
                    if isinstance(told, Outcome):
                        told = evolve(told, edited=edited[told.host])
                    if isinstance(told, Begun | Outcome):
                        self._set.record(way, told)
                    yield told
                if self._interrupted.is_set():
                    break
            finished = True
        finally:
            self.step = ""
            if not finished or self._interrupted.is_set():
                self._set.reconnect()
                self._chapter = ("", False)

    def warm(self, way: Way, step: Step, hosts: Iterable[str]) -> None:
        """Open the shells that a step needs; one that cannot be opened is the step's own matter."""

        def opened(host: str) -> None:
            with suppress(RunbookError):
                self._set.hosts[host].session(step.user)

        self._shells(way, step.id)
        list(self._pool.map(opened, (host for host in hosts if host in self._set.hosts)))

    def session(self, way: Way, step: Step, host: str) -> Session:
        """Return the session in which `step` types on `host`."""
        self._shells(way, step.id)
        return self._set.hosts[host].session(step.user)

    def interrupt(self) -> None:
        """End what is running by letting its hosts go."""
        self._interrupted.set()
        for host in self._set.hosts.values():
            host.close()

    def close(self) -> None:
        """End what is running, and let the hosts go."""
        self.interrupt()
        self._pool.shutdown(wait=True)

    def _shells(self, way: Way, step: str) -> None:
        """Give the hosts new login shells for another chapter, in the state its steps left them."""
        chapter = (way.document(step), way.undo)
        if chapter == self._chapter:
            return
        states: dict[str, dict[str, ShellState]] = {}
        history = way.reader.history(way.instance)
        for one in way.steps:
            if way.document(one.step.id) != chapter[0]:
                continue
            for host, _ in one.hosts:
                outcome = history.outcomes.get((one.key, host))
                if outcome is not None and history.done(one.key, host):
                    states.setdefault(host, {}).update(outcome.shells)
        for name, connection in self._set.hosts.items():
            connection.new_shells(states.get(name, {}))
        self._chapter = chapter


def broken_end_state(setting: Setting) -> Iterator[EndCheck]:
    """Evaluate the checks of all steps that are done once more, and yield them without secrets."""
    forth = setting.forth
    history = forth.reader.history(forth.instance)
    captures = values.Captures()
    with ThreadPoolExecutor(max_workers=max(1, len(setting.hosts))) as pool:
        state = EndState(forth.runbook, setting.hosts, setting.shared, pool, history.broken_by)
        for one in forth.steps:
            captures.declare(one.step)
            for host, _ in one.hosts:
                outcome = history.outcomes.get((one.key, host))
                if outcome is None or not history.done(one.key, host):
                    continue
                captures.take(host, outcome.captured)
                step = one.step
                with suppress(values.ValueMissingError):
                    step = captures.fill_in(step, host)
                state.done([(step, evolve(outcome, step=step.id, resumed=True))])
        for end in state.final():
            told = redacted(end, setting.known)
            if isinstance(told, EndCheck):
                yield told
