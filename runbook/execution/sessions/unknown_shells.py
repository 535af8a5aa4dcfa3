"""Shells in an unknown state: a step that would have changed them was not typed.

A step whose checks hold on a machine that is somebody's is left alone. What it does to the
machine is there, but not what it does to the shell: its directory, variables and functions.
"""

from __future__ import annotations

from attrs import define, field

from runbook.model import Action, Command, Dialogue, Step
from runbook.results import Outcome, Verdict
from runbook.shelltext.shell_changes import shell_change

_Shell = tuple[str, str]
"""A host and a user of it; `$` is its ordinary one."""


@define
class UnknownShells:
    """Which step of a chapter left a shell unknown, and what in it would have changed the shell."""

    _by_shell: dict[_Shell, tuple[str, str]] = field(factory=dict)

    def take_in(self, step: Step, outcome: Outcome) -> None:
        """Take in what became of `step`; shells whose state was kept are known."""
        for user in outcome.shells:
            self._by_shell.pop((outcome.host, user), None)
        if outcome.verdict is not Verdict.SATISFIED or outcome.shells:
            return
        for action in step.actions:
            if isinstance(action, Command) and (change := shell_change(action.text)):
                self._by_shell[_shell_of(action, step, outcome.host)] = step.id, change

    def needed_by(self, step: Step, host: str) -> str:
        """Return why `step` must not be typed on `host`, or an empty text."""
        for action in step.actions:
            if not isinstance(action, Command | Dialogue):
                continue
            if found := self._by_shell.get(_shell_of(action, step, host)):
                other, change = found
                return (
                    f"{other} is satisfied and was not typed, so the shell is without what its "
                    f"{change!r} does; let it be typed as well, with --repeat {other}"
                )
        return ""


def _shell_of(action: Action, step: Step, host: str) -> _Shell:
    place = action.place if isinstance(action, Command | Dialogue) else None
    if place is None:
        return host, step.user
    return place.host or host, "$" if place.ordinary else place.user or step.user
