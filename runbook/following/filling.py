"""The steps of a guide as they are for one host: with captured and edited values in them."""

from __future__ import annotations

from contextlib import suppress

from runbook.execution.actions.values import Captures, ValueMissingError
from runbook.following import values
from runbook.following.errors import FollowError
from runbook.following.position import StepPosition, Way
from runbook.following.setting import Setting
from runbook.model import Step
from runbook.results.log import LogEntry


class Filling:
    """What the journals know of the values of steps; any thread may ask."""

    def __init__(self, setting: Setting) -> None:
        self._set = setting

    def position(self, step: str) -> StepPosition:
        """Return how far the step of that id came.

        Raises:
            FollowError: there is no such step here.

        """
        way = self._way(step)
        return way.position(way.keyed(step))

    def log(self) -> tuple[LogEntry, ...]:
        """Return what was done on these hosts by all who followed the guide here, in order."""
        found = (
            told
            for reader in (self._set.forth.reader, self._set.back.reader)
            for run in reader.runs.values()
            if run.run.instance == self._set.forth.instance
            for told in run.told
            if isinstance(told, LogEntry)
        )
        return tuple(sorted(found, key=lambda entry: entry.at))

    def values_of(self, step: str) -> tuple[values.Value, ...]:
        """Return the values that a step uses and that may be edited."""
        noun = self.position(step).step
        captures = self._captures(self._way(step), noun)
        cluster = self._set.lab.cluster.values
        return tuple(values.values_in(noun, cluster, captures, self._edits()))

    def filled(self, step: Step, host: str) -> Step:
        """Return `step` as it is for `host`, with all values in it.

        Raises:
            FollowError: one of them is not there.

        """
        try:
            return self._filled(step, host)
        except ValueMissingError as error:
            raise FollowError(f"{step.location}: {error}; give it with an edit") from None

    def edited(self, step: Step, host: str) -> tuple[str, ...]:
        """Return the names of the values that are others on `host` than the guide's `step` has."""
        edits = self._edits()
        names = sorted({name for at, name in edits if at in ("", step.id)})
        if not names:
            return ()
        with suppress(ValueMissingError):
            captures = self._captures(self._way(step.id), step, {})
            if captures.fill_in(step, host) == self._filled(step, host):
                return ()
        return tuple(names)

    def _way(self, step: str) -> Way:
        for way in (self._set.forth, self._set.back):
            if step in way:
                return way
        refused = self._set.forth.schedule.skipped
        why = next((why for (id_, _), why in refused.items() if id_ == step), "")
        raise FollowError(
            f"the step {step} is for no host of this lab: {why}" if why
            else f"there is no step {step!r} in this guide"
        )  # fmt: skip

    def _edits(self) -> values.Edits:
        asked = (
            (step.id, turn.prompt)
            for step in self._set.whole.steps()
            for turn in values.questions(step)
        )
        return values.edits_of(self.log(), asked)

    def _captures(self, way: Way, step: Step, edits: values.Edits | None = None) -> Captures:
        """Return the values that the steps before `step` have captured on these hosts.

        Those of `edits` take their place; by default all that were made.
        """
        captures = Captures()
        history = way.reader.history(way.instance)
        for one in way.steps:
            if one.step.id == step.id:
                break
            captures.declare(one.step)
            for host, _ in one.hosts:
                outcome = history.outcomes.get((one.key, host))
                if outcome is not None and history.done(one.key, host):
                    captures.take(host, outcome.captured)
        hosts = [host.name for host in self._set.lab.cluster.hosts]
        for (at, name), text in (self._edits() if edits is None else edits).items():
            if not at and name in captures.sources:
                captures.values[name] = dict.fromkeys(hosts, text)
        return captures

    def _filled(self, step: Step, host: str) -> Step:
        """Return `step` as it is for `host`, with all values in it.

        Raises:
            ValueMissingError: one of them is not there.

        """
        filled = self._captures(self._way(step.id), step).fill_in(step, host)
        return values.edited(filled, self._set.lab.cluster.values, self._edits())
