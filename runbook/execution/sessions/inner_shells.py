"""The shells that a step opens within another one: each begins anew, and is left at its exit."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from runbook.errors import RunbookError
from runbook.execution.sessions.session import Session
from runbook.model import Action, Command, Dialogue


class InnerShells:
    """The inner shells that the present step of a host has open, by their numbers.

    What a step changes in one is gone when it is left, as it is for the guide's reader.
    """

    def __init__(self) -> None:
        self._open: dict[int, Session] = {}

    def get(self, number: int) -> Session | None:
        """Return the session of the inner shell of that number, if it is open."""
        session = self._open.get(number)
        return session if session is not None and session.alive else None

    def add(self, number: int, session: Session) -> None:
        """Remember that `session` is the inner shell of that number."""
        self._open[number] = session

    def last(self) -> Session | None:
        """Return the session of the innermost shell that is open, if there is one."""
        numbers = sorted(self._open, reverse=True)
        return next((one for number in numbers if (one := self.get(number)) is not None), None)

    def leave(self, left: Iterable[Action] = ()) -> None:
        """Leave every shell in which none of the actions that are `left` to do is typed."""
        needed = {
            shell.number
            for action in left
            if isinstance(action, Command | Dialogue) and action.place is not None
            for shell in action.place.shells
        }
        for number in sorted(self._open.keys() - needed, reverse=True):
            _leave(self._open.pop(number))


def _leave(session: Session) -> None:
    """End a session, but let jobs go on that its commands have started."""
    busy = session.jobs.started
    with contextlib.suppress(RunbookError):
        busy = busy or (session.alive and bool(session.jobs.printing()))
    if busy and session.alive:
        session.retire()
    else:
        session.close()
