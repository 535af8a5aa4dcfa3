"""What the one who follows a guide sees: where they stand, and what a step will do."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from attrs import evolve

from runbook.errors import RunbookError
from runbook.execution.actions.values import ValueMissingError, answers_for
from runbook.execution.checks.check import evaluate
from runbook.execution.checks.file_checks import checks_of
from runbook.execution.hosts.host import HostMap
from runbook.following import demands, undo, view
from runbook.following.demands import Demand
from runbook.following.errors import FollowError
from runbook.following.filling import Filling
from runbook.following.position import StepPosition
from runbook.following.purpose import purpose
from runbook.following.setting import Setting
from runbook.following.undo import UndoOffer
from runbook.following.view import HostView, StepView
from runbook.model import Check, Step
from runbook.results import CheckResult
from runbook.results.redacted import redacted_check


class Overview(Filling):
    """Where somebody stands who follows a guide; any thread may look at any time."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._at = ""
        self._looking = ThreadPoolExecutor(max_workers=max(1, 2 * len(setting.lab.cluster.hosts)))
        self._seen: dict[tuple[str, str], tuple[CheckResult, ...]] = {}
        self._dangers: dict[str, tuple[str, ...]] | None = None
        self._finding = threading.Lock()

    @property
    def who(self) -> str:
        """The person for whom the session was opened."""
        return self._set.who

    @property
    def setting(self) -> Setting:
        """The guide, its lab, their hosts, and the journals."""
        return self._set

    @property
    def may_act(self) -> bool:
        """Whether anything may be done, and not only looked at."""
        return self._set.may_act

    def refresh(self) -> None:
        """Read the journals again: of what others did since, if this session may only look."""
        self._set.refresh()

    def positions(self) -> tuple[StepPosition, ...]:
        """Return all steps that are for some host, in order, with how far each came."""
        return self._set.forth.positions()

    def undo_positions(self) -> tuple[StepPosition, ...]:
        """Return all undo steps in the order in which they run, with how far each came."""
        return self._set.back.positions()

    def present(self) -> StepPosition | None:
        """Return the step that is next: the one gone to, or the first that is not settled."""
        if self._at:
            return self.position(self._at)
        return next((one for one in self.positions() if not one.settled), None)

    def view(self, step: str, *, files: bool = True) -> StepView:
        """Return what the step of that id will do, as things are now.

        With `files` those that it writes are read on its hosts, to show what changes.

        Raises:
            FollowError: there is no such step here.

        """
        position = self.position(step)
        setting = self._set
        platforms = dict(self._way(step).keyed(step).hosts)
        futures = [
            self._looking.submit(self._host_view, position.step, host, platform, files=files)
            for host, platform in platforms.items()
        ]
        proved = setting.proofs.of(position.step, platforms.values())
        return StepView(
            position,
            purpose(setting.guide, position.step, setting.lab.cluster.values),
            tuple(future.result() for future in futures),
            tuple(check.sentence for check in checks_of(position.step)),
            self.demand(step),
            {h: self._seen[step, h] for h in platforms if (step, h) in self._seen},
            self._secrets_needed(position.step),
            self.values_of(step),
            proved,
            setting.proofs.seconds(position.step, proved),
            undo.offer(step, setting.forth, setting.back),
        )  # fmt: skip

    def demand(self, step: str, hosts: Sequence[str] = ()) -> Demand:
        """Return what must be typed before a step runs on `hosts`, by default where it is left."""
        position = self.position(step)
        chosen = self._hosts(position, hosts)
        filled = []
        for host in chosen:
            with suppress(ValueMissingError):
                filled.append(self._filled(position.step, host))
        found = demands.demand(position, chosen, self._all_dangers(), filled)
        if position.step.undo:
            done = undo.built_on(self._set.back.document(step), self._set.forth)
            why = tuple(f"{one} was done after what this undoes" for one in done)
            found = evolve(found, reasons=(*found.reasons, *why))
        return found

    def undo_offer(self, step: str) -> UndoOffer | None:
        """Return what undoes the chapter of a step; `None` if the guide does not say."""
        self.position(step)
        return undo.offer(step, self._set.forth, self._set.back)

    def refusal(self, step: str) -> str:
        """Return why a step must not be done now, whoever asks: another one comes first."""
        way = self._way(step)
        for one in way.before(way.keyed(step)):
            position = way.position(one)
            if not position.settled:
                return (
                    f"first comes {one.step.id}, which is {position.state.value} on "
                    f"{', '.join(position.left)}; run it, or skip it with a reason"
                )
        found = self.undo_offer(step) if way.undo else None
        return found.refused if found is not None else ""

    def evaluate(self, step: str, hosts: Sequence[str] = ()) -> dict[str, tuple[CheckResult, ...]]:
        """Return the present results of a step's checks by host; nothing is recorded.

        What could not be asked is not `evaluated`, and nothing is known of it.
        """
        position = self.position(step)
        own = tuple(one.host for one in position.hosts)
        chosen = self._hosts(position, hosts) if hosts else own
        futures = {h: self._looking.submit(self._evaluate, position.step, h) for h in chosen}
        found = {host: future.result() for host, future in futures.items()}
        self._seen.update({(step, host): results for host, results in found.items()})
        return found

    def _hosts(self, position: StepPosition, hosts: Sequence[str]) -> tuple[str, ...]:
        """Return the hosts that are meant: `hosts`, or where the step is left, or all of them."""
        own = tuple(one.host for one in position.hosts)
        for host in hosts:
            if host not in own:
                raise FollowError(
                    f"{position.step.id}: it is not for {host!r}; it is for {', '.join(own)}"
                )
        return tuple(dict.fromkeys(hosts)) or position.left or own

    def _host_view(self, step: Step, host: str, platform: str, *, files: bool) -> HostView:
        try:
            filled = self._filled(step, host)
        except ValueMissingError as error:
            return HostView(host, platform, (), str(error))
        connection = self._set.hosts.get(host)
        if connection is None:
            return HostView(host, platform, (), f"{host} is not a host of this lab")
        (noun,) = self._set.lab.cluster.select((host,))
        filled = answers_for(filled, noun, platform)
        redact = self._set.known.redact
        actions = tuple(view.actions_on(filled, connection, redact, read=files))
        return HostView(host, platform, actions)

    def _evaluate(self, step: Step, host: str) -> tuple[CheckResult, ...]:
        try:
            checks, why = checks_of(self._filled(step, host)), ""
        except ValueMissingError as error:
            checks, why = checks_of(step), str(error)
        reached = HostMap(self._set.hosts)
        return tuple(self._result(check, reached, host, why) for check in checks)

    def _result(self, check: Check, reached: HostMap, host: str, why: str) -> CheckResult:
        if not why:
            try:
                result = evaluate(check, reached, host, self._set.shared)
            except RunbookError as error:
                why = str(error)
            except KeyError as error:
                why = f"{error} is not a host of this lab"
            else:
                return redacted_check(result, self._set.known)
        result = CheckResult(check.sentence, False, check.location, why, evaluated=False)
        return redacted_check(result, self._set.known)

    def _secrets_needed(self, step: Step) -> tuple[str, ...]:
        """Return the names of the secrets of `step` that nobody has given."""
        captured = [one.capture.name for one in self._set.whole.steps() if one.capture is not None]
        return view.secrets_needed(step, self._set.known.typed, captured)

    def _all_dangers(self) -> dict[str, tuple[str, ...]]:
        with self._finding:
            if self._dangers is None:
                both = (*self._set.forth.runbook.steps(), *self._set.back.runbook.steps())
                self._dangers = demands.dangers_of(both)
            return self._dangers
